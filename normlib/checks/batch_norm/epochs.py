"""batch_norm.debug_train: a net that fails in its second epoch."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from ..answers import Answer, Blank
from ..exercise import Exercise
from ..laws import Broken
from ..outcome import say
from .blobs import points, share_correct, small_net
from .places import PLACES


def train(model, epochs, batches, validate):
    """Train; validate after each epoch."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(epochs):
        model.train()
        for x, y in batches:
            optimizer.zero_grad()
            cross_entropy(model(x), y).backward()
            optimizer.step()
        validate(model)
    return model


EPOCHS, BATCHES = 3, 6
SCORE, LOSS = "score after each epoch", "loss after each epoch"
COUNTED = "batches the norm counted"


def trains(f: Callable, seed: int) -> Answer:
    """Train a fresh net; its weights and scores are what is judged."""
    return watched(f, seed)[0]


def watched(f: Callable, seed: int) -> tuple[Answer, int]:
    """Train a fresh net that arrives in evaluation mode, in float64.

    Returns the answer, and how many batches met a norm in evaluation
    mode with gradients on; that is told, not judged.
    """
    model, (x, y) = small_net(seed).double().eval(), points(seed, 120)
    test_x, test_y = points(seed + 100, 90)
    before = _weights(model)
    batches = list(zip(x.double().split(20), y.split(20), strict=True))
    scores: list[float] = []
    losses: list[float] = []
    lost: list[bool] = []

    def look(norm: nn.Module, _: object) -> None:
        if torch.is_grad_enabled():
            lost.append(not norm.training)

    def validate(model: nn.Module) -> float:
        model.eval()
        with torch.no_grad():
            logits = model(test_x.double())
        losses.append(cross_entropy(logits, test_y).item())
        scores.append(share_correct(logits.argmax(1), test_y))
        return scores[-1]

    model[1].register_forward_pre_hook(look)
    returned = f(model, EPOCHS, batches, validate)
    after = _weights(model)
    if returned is None and not scores and np.array_equal(before, after):
        raise Blank("Your function returns None and trained nothing.")
    answer: Answer = {
        SCORE: np.array(scores),
        COUNTED: float(model[1].num_batches_tracked),
        LOSS: np.array(losses),
        "weights at the end": after,
        "running_var at the end": model[1].running_var.numpy().copy(),
        "returns the model": returned is model,
    }
    return answer, sum(lost)


def _weights(model: nn.Module) -> np.ndarray:
    flat = [p.detach().ravel() for p in model.parameters()]
    return torch.cat(flat).numpy().copy()


def measured(answers: list[Answer]) -> str:
    """Say what the norm saw and how well the net does."""
    counted, scores = answers[0][COUNTED], answers[0][SCORE]
    last = f"{scores[-1]:.0%} correct" if len(scores) else "none"
    return (
        f"Measured: the norm saw {counted:.0f} of {EPOCHS * BATCHES} "
        f"batches; last validation: {last}."
    )


def symptom_treated(f: Callable) -> Broken | None:
    """Tell whether the mode is still lost, whatever else changed."""
    _, lost = watched(f, 0)
    if not lost:
        return None
    return "symptom-treated", [
        say(
            "You treat the symptom; the bug is still there. With "
            f"{lost} of {EPOCHS * BATCHES} batches the net trains in "
            "evaluation mode. A lower rate or clipped gradients keep the "
            "loss finite and leave that as it is: the running statistics "
            "stand still while the weights move on, so the layer no "
            "longer normalizes."
        ),
        say(
            "Put the rate back, and ask of each line of the loop: in which "
            "mode does it leave the model? validate(model) is one."
        ),
    ]


def changed_too_much(f: Callable) -> Broken | None:
    """Tell whether the first epoch, which was right, differs already."""
    right, got = (trains(g, 0)[LOSS][0] for g in (train, f))
    if np.isclose(got, right, rtol=1e-6):
        return None
    return "changed-too-much", [
        say(
            "You mended the mode and changed something else. The first "
            "epoch of the program you were given was right; yours differs "
            f"there already: loss {got:.3f}, not {right:.3f}."
        ),
        say(
            "Put back the rate, the optimizer, the order of the batches, "
            "and when gradients are cleared. One line is wrong."
        ),
    ]


debug_train = Exercise(
    id="batch_norm.debug_train",
    answer=train,
    file=__file__,
    places=PLACES,
    use=trains,
    cases=lambda: [0, 1],
    laws=(symptom_treated, changed_too_much),
    may_borrow=True,
    measured=measured,
    hints=(
        "In which mode is the model when the second epoch starts?",
        "validate calls model.eval() and does not undo it. Which line "
        "should run before each epoch, and runs once?",
        "model.train() as the first line inside the loop over epochs",
    ),
    afterwards="Worth knowing next: num_batches_tracked counts the batches "
    "the norm saw. When it lags behind your steps, the mode was lost.",
)
