"""Yours, expected and their difference, side by side, when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(name: str, yours: Any, expected: Any) -> Figure:
    """Draw three maps; ValueError when these are no arrays of one shape."""
    shape = np.shape(expected)
    if not shape or np.shape(yours) != shape:
        raise ValueError("there are no two arrays of one shape to draw")
    from matplotlib.figure import Figure

    yours, expected = np.asarray(yours, float), np.asarray(expected, float)
    figure = Figure(figsize=(7, 2.4), layout="constrained")
    axes = figure.subplots(1, 3)
    far = np.nanmax(np.abs([yours, expected])) or 1.0
    maps = {"yours": yours, "expected": expected}
    maps["difference"] = yours - expected
    for ax, (title, values) in zip(axes, maps.items(), strict=True):
        rows = values.reshape(len(values) if values.ndim > 1 else 1, -1)
        image = ax.imshow(rows, cmap="RdBu", vmin=-far, vmax=far)
        ax.set(title=f"{name}: {title}", xticks=[], yticks=[])
    figure.colorbar(image, ax=axes)
    return figure
