"""The one table: which values share statistics, norm by norm."""

from dataclasses import dataclass
from math import prod


@dataclass(frozen=True)
class Set:
    """The m values of x that share μ and σ, in the notation's letters."""

    x: str  # its axes; the last letter stands for all that follow
    over: str  # those that the set spans
    centred: bool = True  # is μ taken out?
    remembers: bool = False  # does evaluation use running statistics?

    def axes(self, ndim: int, lead: int = 1) -> tuple[int, ...]:
        """Return those axes of an x with `ndim`, of which N is `lead`."""
        N, *rest = self.x.split()
        axes = [N] * lead + rest + rest[-1:] * ndim
        return tuple(i for i in range(ndim) if axes[i] in self.over.split())

    def m(self, shape: tuple[int, ...], groups: int = 1) -> int:
        """Return how many values of x (N, C, *spatial) share μ and σ."""
        N, C, *spatial = shape
        if "G" in self.x.split():
            shape = (N, groups, C // groups, *spatial)
        return prod([shape[i] for i in self.axes(len(shape))])


SETS = {
    "batch": Set("N C H W", over="N H W", remembers=True),
    "layer": Set("N C H W", over="C H W"),
    "rms": Set("N C H W", over="C H W", centred=False),
    "instance": Set("N C H W", over="H W"),  # remembers if asked to
    "group": Set("N G C/G H W", over="C/G H W"),
    "weight": Set("out in H W", over="in H W", centred=False),
}
