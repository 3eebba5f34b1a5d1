"""What the norms refuse, before anything is computed or updated."""

from collections.abc import Sequence

from torch import Tensor

from .core import working_dtype


def require_ndim(x: Tensor, ndims: Sequence[int]) -> None:
    """Raise ValueError unless `x` has one of the `ndims`."""
    if x.ndim not in ndims:
        wanted = " or ".join(f"{n}D" for n in ndims)
        raise ValueError(f"input must be {wanted}, got {_shape(x)}")


def require_params(
    x: Tensor,
    shape: Sequence[int],
    any_dtype: bool = False,
    **params: Tensor | None,
) -> None:
    """Raise ValueError unless `x` is real and `params` suit it.

    Each of them is None or has `shape` and, but for `any_dtype`, the
    dtype of `x` or the one that its statistics are kept in.
    """
    if not x.is_floating_point():
        raise ValueError(f"input must be floating point, got {x.dtype}")
    fits = (x.dtype, working_dtype(x.dtype))
    for name, p in params.items():
        if p is None:
            continue
        if tuple(p.shape) != tuple(shape):
            raise ValueError(
                f"{name} must have shape {tuple(shape)} to fit an input "
                f"of {_shape(x)}, got {_shape(p)}"
            )
        if p.dtype not in fits and not any_dtype:
            wanted = " or ".join(dict.fromkeys(map(str, fits)))
            raise ValueError(
                f"{name} must be {wanted} to fit an input of {x.dtype}, "
                f"got {p.dtype}"
            )


def require_normalized_shape(x: Tensor, shape: Sequence[int]) -> None:
    """Raise ValueError unless the last axes of `x` have `shape`."""
    if not shape:
        raise ValueError("normalized_shape must name a dimension, got ()")
    if tuple(x.shape[-len(shape) :]) != tuple(shape):
        raise ValueError(
            f"input must end in normalized_shape {tuple(shape)}, "
            f"got shape {tuple(x.shape)}"
        )


def refuse_single_value(x: Tensor, count: int) -> None:
    """Raise ValueError for one value: it would be its own mean."""
    if count == 1:
        raise ValueError(
            "input must hold more than 1 value per channel, "
            f"got {_shape(x)}"
        )


def _shape(x: Tensor) -> str:
    return f"shape {tuple(x.shape)}"
