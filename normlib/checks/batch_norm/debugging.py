"""Two training runs with a bug: find it, mend it, measure the cure."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ..answers import Answer, Aside, Blank, Unusable
from ..exercise import Exercise
from . import mistakes_training, wrong_training
from .solutions import training as solved

Mode = {True: "training", False: "evaluation"}


def blobs(seed: int, n: int) -> tuple[Tensor, Tensor]:
    """Draw n points of 3 classes in 4 dimensions, far from zero."""
    draw = torch.Generator().manual_seed(seed)
    y = torch.arange(n) % 3
    centres = torch.tensor([[3.0, 1, 2, 4], [4, 3, 1, 2], [1, 4, 3, 3]])
    return 3 * centres[y] + 2 * torch.randn(n, 4, generator=draw), y


def net(seed: int) -> nn.Module:
    """Make a small net with two batch norms; the global seed stays."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers: list[nn.Module] = []
        for inputs in (4, 16):
            layers += [nn.Linear(inputs, 16), nn.BatchNorm1d(16), nn.ReLU()]
        return nn.Sequential(*layers, nn.Linear(16, 3))


@cache
def trained(seed: int) -> nn.Module:
    """Train the small net for 60 steps."""
    model, (x, y) = net(seed), blobs(seed, 120)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for step in range(60):
        rows = slice(20 * (step % 6), 20 * (step % 6) + 20)
        optimizer.zero_grad()
        cross_entropy(model(x[rows]), y[rows]).backward()
        optimizer.step()
    return model


def use_predict(f: Callable, case: tuple[int, bool]) -> Answer:
    """Predict all rows at once, then pairs of one class."""
    seed, training = case
    model = deepcopy(trained(seed)).train(training)
    x, y = blobs(seed + 100, 60)
    order = y.argsort(stable=True)
    x, y = x[order], y[order]
    whole = _classes(f(model, x.clone()), 60)
    pairs = [_classes(f(model, x[i : i + 2]), 2) for i in range(0, 60, 2)]
    parts = torch.cat(pairs)
    return {
        "classes, all rows at once": whole.numpy(),
        "classes, two rows at a time": parts.numpy(),
        "share correct, all rows at once": _share(whole, y),
        "share correct, two rows at a time": _share(parts, y),
        "running_mean afterwards": model[1].running_mean.numpy().copy(),
        "mode afterwards": Mode[model.training],
        "modes of its layers": [Mode[m.training] for m in model],
        "momentum afterwards": float(model[1].momentum or 0),
        "tracking afterwards": model[1].track_running_stats,
        "batches the norm counted": str(int(model[1].num_batches_tracked)),
        "parameters that get gradients": str(
            sum(p.requires_grad for p in model.parameters())
        ),
    }


def _classes(value: object, n: int) -> Tensor:
    if value is None:
        raise Blank("Your function returns None.")
    if not isinstance(value, Tensor) or value.shape != (n,):
        kind, shape = type(value).__name__, getattr(value, "shape", None)
        kind = {"ndarray": "NumPy array"}.get(kind, kind)
        of = "" if shape is None else f" of shape {tuple(shape)}"
        raise Unusable(
            f"predict must return a tensor of {n} classes; it returned a "
            f"{kind}{of}."
        )
    return value


def _share(classes: Tensor, y: Tensor) -> float:
    return (classes == y).double().mean().item()


def tell_predict(answers: list[Answer]) -> str:
    """Say how accurate the predictions were."""
    whole, parts = (
        answers[0][f"share correct, {how}"]
        for how in ("all rows at once", "two rows at a time")
    )
    return (
        f"Measured: {whole:.0%} correct with all rows at once, "
        f"{parts:.0%} with two rows at a time."
    )


def use_train(f: Callable, seed: int) -> Answer:
    """Train a fresh net that arrives in evaluation mode."""
    model, (x, y) = net(seed).eval(), blobs(seed, 120)
    test_x, test_y = blobs(seed + 100, 90)
    batches = list(zip(x.split(20), y.split(20), strict=True))
    modes: list[str] = []
    biases: list[Tensor] = []
    scores: list[float] = []
    looking = [False]

    def note(model: nn.Module, _: object) -> None:
        if not looking[0]:
            modes.append(Mode[model.training])
            biases.append(model[-1].bias.detach().clone())

    def validate(model: nn.Module) -> float:
        model.eval()
        looking[0] = True
        with torch.no_grad():
            scores.append(_share(model(test_x).argmax(1), test_y))
        looking[0] = False
        return scores[-1]

    model.register_forward_pre_hook(note)
    returned = f(model, 3, batches, validate)
    if returned is None and not modes:
        raise Blank("Your function returns None and trained nothing.")
    if not biases:
        raise Unusable("Your train called the model on no batch.")
    return {
        "mode of the training steps": modes,
        "validations": str(len(scores)),
        "batches the norm counted": float(model[1].num_batches_tracked),
        "a bias after two steps": torch.stack(biases)[2:3].numpy(),
        "last validation above 90 %": scores[-1:] > [0.9],
        "returns the model": returned is model,
        "last score": Aside(scores[-1] if scores else float("nan")),
    }


def tell_train(answers: list[Answer]) -> str:
    """Say what the norm saw and how well the net does."""
    counted = answers[0]["batches the norm counted"]
    score = answers[0]["last score"]
    found = "no validation" if score != score else f"{score:.0%} correct"
    return (
        f"Measured: the norm saw {counted:.0f} of 18 batches; last "
        f"validation: {found}."
    )


debug_predict = Exercise(
    id="batch_norm.debug_predict",
    act=use_predict,
    cases=lambda: [(0, True), (1, False)],
    right=solved.predict,
    wrong=wrong_training.predicting,
    mistakes=mistakes_training.PREDICTING,
    hints=(
        "Which statistics does the layer use here: whose mode is it in?",
        "no_grad stops the graph; eval() changes the function. Afterwards "
        "the model should be as you found it: what must you note first?",
        "was_training = model.training; model.eval(); and at the end "
        "model.train(was_training)",
    ),
    then="Worth knowing next: a test set in one shuffled batch hides this "
    "bug. Predict a few rows of one class to see it.",
    answer=solved.predict,
    may_borrow=True,
    measured=tell_predict,
    tol=1e-4,
    replay_tol=1e-5,
)

debug_train = Exercise(
    id="batch_norm.debug_train",
    act=use_train,
    cases=lambda: [0, 1],
    right=solved.train,
    wrong=wrong_training.training,
    mistakes=mistakes_training.TRAINING,
    hints=(
        "In which mode is the model when the second epoch starts?",
        "validate calls model.eval() and does not undo it. Which line "
        "should run before each epoch, and runs once?",
        "model.train() as the first line inside the loop over epochs",
    ),
    then="Worth knowing next: num_batches_tracked counts the batches the "
    "norm saw. When it lags behind your steps, the mode was lost.",
    answer=solved.train,
    may_borrow=True,
    measured=tell_train,
    tol=1e-5,  # a rate off by a thousandth shows
    replay_tol=1e-6,
)
