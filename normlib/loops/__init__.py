"""The norms on a CPU, a row, a set or a column at a time (Numba).

The layers of `normlib.layers` with the loop written out: same arguments,
same `state_dict`, same results to rounding. Statistics and dγ, dβ as
there in float32 at least, sums in float64. One backward, no second. The
first call of a dtype compiles for some seconds; the code is kept on disk.
"""

from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

if find_spec("numba") is None:
    raise ImportError("normlib.loops needs Numba: pip install numba")


def _forget_what_changed() -> None:
    """Delete the code that Numba keeps where any file here has changed.

    It looks at the file of a function alone, and not at those of the
    functions that this one calls.
    """
    here = Path(__file__).parent
    kept = here / "__pycache__" / "loops.sha256"
    files = b"".join(f.read_bytes() for f in sorted(here.glob("*.py")))
    now = sha256(files).hexdigest()
    if kept.is_file() and kept.read_text() == now:
        return
    try:
        for old in kept.parent.glob("*.nb[ic]"):
            old.unlink(missing_ok=True)
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(now)
    except OSError:  # not ours to write: nor has Numba written here
        return


_forget_what_changed()

from .channel_layers import (  # noqa: E402 (after what is old is gone)
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    GroupNorm,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
    batch_norm,
    group_norm,
    instance_norm,
)
from .layers import (  # noqa: E402
    LayerNorm,
    RMSNorm,
    layer_norm,
    rms_norm,
)

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LayerNorm",
    "RMSNorm",
    "batch_norm",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "rms_norm",
]
