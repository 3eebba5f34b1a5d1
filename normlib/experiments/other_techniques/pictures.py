"""Pictures whose channels change their mean and deviation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from ... import figures, reference
from ...data.photos import NAMES, photo

SHRINK = 2  # the page shows photographs of 213×320


def moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and deviation of each channel of (3, H, W): (3,) each."""
    return x.mean((1, 2)), x.std((1, 2))


def restyled(x: np.ndarray, style: np.ndarray) -> np.ndarray:
    """Give x (3, H, W) the mean and deviation of each channel of `style`:
    instance norm whose β and γ are another picture's (AdaIN).
    """
    beta, gamma = moments(style)
    y, _ = reference.instance_norm_forward(x[None], gamma, beta, eps=0)
    return y[0]


def gram(x: np.ndarray) -> np.ndarray:
    """Return Σ x xᵀ/m over the m positions: (C, C) of (C, H, W)."""
    flat = x.reshape(len(x), -1)
    return flat @ flat.T / flat.shape[1]


def beside() -> Figure:
    """Draw both photographs, and each with the other's moments."""
    one, two = (photo(name, SHRINK) for name in NAMES)
    shown = {
        "pavilion": one, "flower": two,
        "pavilion as flower": restyled(one, two),
        "flower as pavilion": restyled(two, one),
    }  # fmt: skip
    fig, axes = figures.grid(2, 2, height=2.15, sharex=False)
    fig.set_dpi(110)  # photographs are large in a notebook
    fig.patch.set_alpha(0)  # and stand on a light page and on a dark one
    for ax, (name, x) in zip(axes.flat, shown.items(), strict=True):
        ax.imshow(x.transpose(1, 2, 0).clip(0, 1))
        ax.set_title(name, color="#767676")
        ax.axis("off")
    return figures.finish(fig)


def droplet(M: float, m: int = 1024) -> float:
    """Return the deviation of m − 1 numbers behind instance norm, beside
    one that is M, where theirs was 1 before.
    """
    rest = np.random.default_rng(0).normal(size=m - 1)
    rest = (rest - rest.mean()) / rest.std()
    x = np.concatenate([[M], rest]).reshape(1, 1, m)
    y = reference.instance_norm_forward(x, None, None, eps=0)[0]
    return y[0, 0, 1:].std()


def _in_a_batch(x: np.ndarray, other: np.ndarray) -> np.ndarray:
    both = np.concatenate([x, other])
    return reference.batch_norm_forward(both, None, None, eps=0)[0][:1]


# Each maps a picture (1, C, H, W), beside another, to what is made of it.
NORMS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "BatchNorm": _in_a_batch,
    "LayerNorm": lambda x, _: reference.layer_norm_forward(
        x, None, None, axis=1, eps=0
    )[0],
    "InstanceNorm": lambda x, _: reference.instance_norm_forward(
        x, None, None, eps=0
    )[0],
}
