"""The exercise on a torch module: what it computes, keeps and saves."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ...layers import BatchNorm2d
from ..answers import Answer, Blank, Unusable
from ..exercise import Exercise
from . import mistakes_module, wrong_module
from .solutions.layer import BatchNorm

SAVED = ("running_mean", "running_var")


def live(cls: type[nn.Module], seed: int) -> Answer:
    """Build, train two steps, evaluate with gradients on, save, load."""
    draw = torch.Generator().manual_seed(seed)

    def images(n: int) -> Tensor:
        return 2 + 1.5 * torch.randn(n, 3, 2, 2, generator=draw)

    layer = cls(3, eps=0.3, momentum=0.2)
    if not isinstance(layer, nn.Module):
        raise Unusable("Your class is not a torch.nn.Module.")
    x = images(4).requires_grad_()
    fresh = _tensor(layer(x), "the output").detach()
    layer = cls(3, eps=0.3, momentum=0.2)
    seen: Answer = {
        "parameters": sorted(n for n, _ in layer.named_parameters()),
        "buffers": sorted(n for n, _ in layer.named_buffers()),
        "state_dict": sorted(layer.state_dict()),
        "y of a fresh layer": fresh.numpy(),
    }
    for name in SAVED:
        start = _attribute(layer, name)
        seen[f"{name} at the start"] = start.detach().numpy().copy()
    for name in ("weight", "bias", *SAVED):
        shape = tuple(_attribute(layer, name).shape)
        if shape != (3,):
            raise Unusable(
                f"{name} has the shape {shape}; it must be (3,), one value "
                "a channel, or no state_dict fits. Give it the axes of x "
                "where you use it: v.reshape(1, -1, 1, 1)."
            )
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([0.7, 1.6, 0.5]))
        layer.bias.copy_(torch.tensor([0.4, -0.3, 0.6]))
    y = layer(x)
    y.backward(torch.randn(y.shape, generator=draw))
    seen["y in training"] = y.detach().numpy()
    seen["dx"] = x.grad.numpy()
    keeps = any(_attribute(layer, n).grad_fn is not None for n in SAVED)
    seen["running statistics keep a graph"] = keeps
    with torch.no_grad():
        layer(images(5))
    _note(seen, layer, "after two steps")
    layer.eval()
    x = images(2).requires_grad_()
    y = layer(x)
    seen["y in evaluation"] = y.detach().numpy()
    dy = torch.randn(y.shape, generator=draw)
    if y.requires_grad:
        y.backward(dy)
    none = torch.zeros_like(x)
    seen["dx in evaluation"] = (none if x.grad is None else x.grad).numpy()
    _note(seen, layer, "after evaluation")
    other = cls(3, eps=0.3, momentum=0.2)
    other.load_state_dict(layer.state_dict())
    y = other.eval()(images(2))
    seen["y after loading the state"] = y.detach().numpy()
    return seen


def _note(seen: Answer, layer: nn.Module, when: str) -> None:
    for name in SAVED:
        value = _attribute(layer, name).detach().numpy().copy()
        seen[f"{name} {when}"] = value
    count = getattr(layer, "num_batches_tracked", None)
    if count is None:
        count = "none"
    elif count.shape:
        count = f"of shape {tuple(count.shape)}, not ()"
    else:
        count = str(int(count))
    seen[f"num_batches_tracked {when}"] = count


def _attribute(layer: nn.Module, name: str) -> Tensor:
    if not hasattr(layer, name):
        raise Unusable(f"Your layer has no attribute {name}.")
    return _tensor(getattr(layer, name), name)


def _tensor(value: Any, name: str) -> Tensor:
    if value is None:
        raise Blank(f"{name} is still None.")
    if not isinstance(value, torch.Tensor):
        kind = type(value).__name__
        raise Unusable(f"{name} is a {kind}; it must be a tensor.")
    return value


module = Exercise(
    id="batch_norm.module",
    act=live,
    cases=lambda: [0, 1],
    right=BatchNorm2d,
    wrong=wrong_module.batch_norm,
    mistakes=mistakes_module.MODULE,
    hints=(
        "What must be saved with the model, and what must the optimizer "
        "never see?",
        "weight, bias: nn.Parameter. running_mean, running_var, "
        "num_batches_tracked: register_buffer. The mode is self.training. "
        "The gradient goes through mu and var, but not into the buffers: "
        "how do you write into them without a graph?",
        "self.running_mean.lerp_(mu.detach(), self.momentum)",
    ),
    then="Worth knowing next: model.eval() and torch.no_grad() are two "
    "switches. The first changes what the layer computes, the second "
    "what autograd keeps.",
    answer=BatchNorm,
    takes="class",
    tol=1e-4,
    replay_tol=1e-5,
)
