"""normlib drives the course *Normalization on Trial*.

`normlib.reference` holds the norms in NumPy, forward and backward;
`normlib.layers` the same in PyTorch; `normlib.experiments` puts the
guide's claims on trial and `normlib.ledger` prints the verdicts. A page
imports what it needs from here:

    from normlib import ref, layers, trial, verdict, ledger, show

Importing `normlib` or `normlib.reference` does not load torch.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# What the door gives out: the module, and a name in it.
DOOR = {
    "ref": ("reference", ""),
    "layers": ("layers", ""),
    "figures": ("figures", ""),
    "ledger": ("ledger", ""),
    "trial": ("experiments", "trial"),
    "demo": ("experiments", "demo"),
    "verdict": ("ledger", "verdict"),
    "show": ("source", "show"),
}
__all__ = list(DOOR)


def __getattr__(name: str) -> Any:
    if name not in DOOR:
        raise AttributeError(f"normlib has no {name!r}")
    module, attribute = DOOR[name]
    found = import_module(f".{module}", __name__)
    return getattr(found, attribute) if attribute else found
