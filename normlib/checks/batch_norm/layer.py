"""batch_norm.module: a torch layer: what it computes, keeps and saves."""

# ruff: noqa: ANN001, ANN201, ANN204, D102 (the answer is a learner's)

import torch
from torch import Tensor, nn

from ...layers import BatchNorm2d
from ..answers import Answer, Blank, Unusable, not_too_large
from ..exercise import Exercise
from .places import PLACES


class BatchNorm(nn.Module):
    """Batch norm for images (N, C, H, W)."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        zeros, ones = torch.zeros(num_features), torch.ones(num_features)
        self.register_buffer("running_mean", zeros)
        self.register_buffer("running_var", ones)
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        axes, column = (0, 2, 3), (1, -1, 1, 1)
        if self.training:
            mu = x.mean(axes)
            var = x.var(axes, correction=0)
            self.remember(mu, var, x[:, 0].numel())
        else:
            mu, var = self.running_mean, self.running_var
        d = x - mu.view(column)
        x_hat = d / torch.sqrt(var + self.eps).view(column)
        gamma, beta = self.weight.view(column), self.bias.view(column)
        return gamma * x_hat + beta

    @torch.no_grad()
    def remember(self, mu, var, m):
        self.num_batches_tracked += 1
        self.running_mean.lerp_(mu, self.momentum)
        self.running_var.lerp_(var * m / (m - 1), self.momentum)


SAVED = ("running_mean", "running_var")


def live(cls: type[nn.Module], case: dict) -> Answer:
    """Build, train two steps, evaluate with gradients on, save, load."""
    draw = torch.Generator().manual_seed(case["seed"])
    mean, scale = case.get("mean", 2.0), case.get("scale", 1.5)
    batches = iter(case["images"])

    def images() -> Tensor:
        shape = (next(batches), 3, 2, 3)
        return mean + scale * torch.randn(shape, generator=draw)

    layer = cls(3, eps=0.3, momentum=0.2)
    if not isinstance(layer, nn.Module):
        raise Unusable("Your class is not a torch.nn.Module.")
    x = images().requires_grad_()
    fresh = _tensor(layer(x), "the output").detach()
    layer = cls(3, eps=0.3, momentum=0.2)
    seen: Answer = {
        "parameters": sorted(n for n, _ in layer.named_parameters()),
        "buffers": sorted(n for n, _ in layer.named_buffers()),
        "state_dict": sorted(layer.state_dict()),
        "y of a fresh layer": fresh.numpy(),
    }
    for name in ("weight", "bias", *SAVED):
        _one_a_channel(layer, name)
    for name in SAVED:
        start = _attribute(layer, name)
        seen[f"{name} at the start"] = start.detach().numpy().copy()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([0.7, -1.6, 0.5]))
        layer.bias.copy_(torch.tensor([0.4, -0.3, 0.6]))
    y = layer(x)
    y.backward(torch.randn(y.shape, generator=draw))
    seen["y in training"] = y.detach().numpy()
    seen["dx"] = x.grad.numpy()
    keeps = any(_attribute(layer, n).grad_fn is not None for n in SAVED)
    seen["running statistics keep a graph"] = keeps
    with torch.no_grad():
        layer(images())
    seen |= _state(layer, "after two steps")
    x = images().requires_grad_()
    y = layer.eval()(x)
    seen["y in evaluation"] = y.detach().numpy()
    dy = torch.randn(y.shape, generator=draw)
    if y.requires_grad:
        y.backward(dy)
    none = torch.zeros_like(x)
    seen["dx in evaluation"] = (none if x.grad is None else x.grad).numpy()
    seen |= _state(layer, "after evaluation")
    other = cls(3, eps=0.3, momentum=0.2)
    other.load_state_dict(layer.state_dict())
    y = other.eval()(images())
    seen["y after loading the state"] = y.detach().numpy()
    return seen


def _state(layer: nn.Module, when: str) -> Answer:
    """Return the running statistics and the counter."""
    for name in SAVED:
        _one_a_channel(layer, name)
    kept = {n: getattr(layer, n).detach().numpy().copy() for n in SAVED}
    count = getattr(layer, "num_batches_tracked", "none")
    if isinstance(count, Tensor) and count.shape:
        count = f"of shape {tuple(count.shape)}, not ()"
    kept["num_batches_tracked"] = str(count).removeprefix("tensor")
    return {f"{name} {when}": value for name, value in kept.items()}


def _one_a_channel(layer: nn.Module, name: str) -> None:
    shape = tuple(_attribute(layer, name).shape)
    if shape != (3,):
        raise Unusable(
            f"{name} has the shape {shape}; it must be (3,), one value "
            "a channel, or no state_dict fits. Give it the axes of x "
            "where you use it: v.reshape(1, -1, 1, 1)."
        )


def _attribute(layer: nn.Module, name: str) -> Tensor:
    if not hasattr(layer, name):
        raise Unusable(f"Your layer has no attribute {name}.")
    return _tensor(getattr(layer, name), name)


def _tensor(value: object, name: str) -> Tensor:
    if value is None:
        raise Blank(f"{name} is still None.")
    if not isinstance(value, torch.Tensor):
        kind = type(value).__name__
        raise Unusable(f"{name} is a {kind}; it must be a tensor.")
    not_too_large(name, value.shape, value.nbytes)
    return value


module = Exercise(
    id="batch_norm.module",
    answer=BatchNorm,
    right=BatchNorm2d,
    file=__file__,
    shared=("running", "statistics", "sigma", "scale"),
    without=("median",),  # torch's is another function
    places=PLACES,
    use=live,
    cases=lambda: [
        {"seed": 0, "images": (4, 5, 2, 2)},
        {"seed": 1, "images": (2, 1, 1, 3), "mean": 0.1, "scale": 0.1},
    ],
    strained=lambda: [{"seed": 2, "images": (4, 5, 2, 2), "mean": 1e4}],
    takes="class",
    hints=(
        "What must be saved with the model, and what must the optimizer "
        "never see?",
        "weight, bias: nn.Parameter. running_mean, running_var, "
        "num_batches_tracked: register_buffer. The mode is self.training. "
        "The gradient goes through mu and var, but not into the buffers: "
        "how do you write into them without a graph?",
        "self.running_mean.lerp_(mu.detach(), self.momentum)",
    ),
    afterwards="Worth knowing next: model.eval() and torch.no_grad() are "
    "two switches. The first changes what the layer computes, the second "
    "what autograd keeps.",
)
