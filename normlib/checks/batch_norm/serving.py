"""batch_norm.debug_predict: a score that depends on the order."""

# ruff: noqa: ANN001, ANN201 (the answer is written as a learner's)

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor, nn

from ..answers import Answer, Blank, Unusable
from ..exercise import Exercise
from .blobs import points, share_correct, trained_net
from .places import PLACES


def predict(model, x):
    """Return a class for each row of x."""
    modes = {part: part.training for part in model.modules()}
    model.eval()
    with torch.no_grad():
        classes = model(x).argmax(dim=1)
    for part, training in modes.items():
        part.training = training
    return classes


MODE = {True: "training", False: "evaluation"}
WHOLE, PAIRS = "all rows at once", "two rows at a time"


def serve(f: Callable, case: dict) -> Answer:
    """Predict all rows at once, then pairs of one class."""
    model = deepcopy(trained_net(case["seed"])).train(case["training"])
    if case["frozen"]:
        model[4].eval().requires_grad_(False)
    for p in model.parameters():
        p.grad = torch.full_like(p, 0.5)
    x, y = points(case["seed"] + 100, 60)
    order = y.argsort(stable=True)
    x, y = x[order], y[order]
    with torch.enable_grad():  # and back, whatever f switches
        whole = _classes(f(model, x), 60)
        rows = x.split(2)
        pairs = torch.cat([_classes(f(model, two), 2) for two in rows])
        autograd = torch.is_grad_enabled()
    norms, params = (model[1], model[4]), model.parameters()
    return {
        f"classes, {WHOLE}": whole.numpy(),
        f"classes, {PAIRS}": pairs.numpy(),
        f"share correct, {WHOLE}": share_correct(whole, y),
        f"share correct, {PAIRS}": share_correct(pairs, y),
        "running_mean afterwards": norms[0].running_mean.numpy().copy(),
        "mode afterwards": MODE[model.training],
        "modes of its layers": [MODE[m.training] for m in model],
        "momentum afterwards": [n.momentum for n in norms],
        "tracking afterwards": [n.track_running_stats for n in norms],
        "batches counted": [int(n.num_batches_tracked) for n in norms],
        "parameters that get gradients": sum(
            p.requires_grad for p in params
        ),
        "gradients afterwards": _gradients(model),
        "autograd afterwards": "on" if autograd else "off",
    }


def _gradients(model: nn.Module) -> str:
    """Say what became of gradients that were all 0.5."""
    grads = [p.grad for p in model.parameters()]
    if all(g is not None and (g == 0.5).all() for g in grads):
        return "as before"
    gone = all(g is None or not g.any() for g in grads)
    return "gone" if gone else "changed"


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
    return value.detach().clone()


def measured(answers: list[Answer]) -> str:
    """Say how accurate the predictions were."""
    shares = (answers[0][f"share correct, {how}"] for how in (WHOLE, PAIRS))
    whole, pairs = (f"{share:.0%}" for share in shares)
    return f"Measured: {whole} correct with {WHOLE}, {pairs} with {PAIRS}."


debug_predict = Exercise(
    id="batch_norm.debug_predict",
    answer=predict,
    file=__file__,
    places=PLACES,
    use=serve,
    cases=lambda: [
        {"seed": 0, "training": True, "frozen": False},
        {"seed": 1, "training": False, "frozen": False},
        {"seed": 0, "training": True, "frozen": True},
    ],
    may_borrow=True,
    measured=measured,
    hints=(
        "Which statistics does the layer use here: whose mode is it in?",
        "no_grad stops the graph; eval() changes the function. Afterwards "
        "each layer should be as you found it, one that was frozen too: "
        "what must you note first?",
        "modes = {part: part.training for part in model.modules()}; "
        "model.eval(); and at the end part.training = modes[part] for "
        "each part",
    ),
    afterwards="Worth knowing next: a test set in one shuffled batch hides "
    "this bug. Predict a few rows of one class to see it.",
)
