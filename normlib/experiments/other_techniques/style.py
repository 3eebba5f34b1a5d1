"""Is instance norm the norm for style transfer?

Nets learn to redraw one photograph in the manner of another, in one pass,
with each norm at its own best learning rate. Their loss is what they lose
of the one and lack of the other, on a part of the photograph that they
never saw.

Scope: two photographs, squares of 32×32 pixels, four convolutions of 12
channels, 100 steps of Adam with four squares each, style counted ten times
as much as content, both read behind fixed random filters, not behind a
trained net.
"""

import math
from itertools import product
from typing import Any

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ..arms import Contrast, read
from ..decisions import Decision, Estimate, above, estimate, settle, within
from ..nets import stylist
from ..protocol import Config, Pilot, Rows, Trial, Unit

MORE = 25  # per cent more loss, about what half of the training is worth
MARGIN = math.log10(1 + MORE / 100)
RIVALS = {
    "BatchNorm and no norm": ("batch", "none"),
    "LayerNorm and GroupNorm": ("layer", "group"),
}
MANNERS = ("china", "flower")  # of the pavilion, of the flower
SHORT = "a quarter of the steps"
CONTROLS = {"other weights": {"add": 50_000}, SHORT: {"share": 4}}
NETS = ("as it is", *CONTROLS)

trial = Trial(
    __name__, __doc__,
    source=("ulyanov2016", "huang2017adain", "johnson2016"),
    grid={"net": list(NETS), "to": list(MANNERS),
          "norm": ["none", "batch", "layer", "group", "instance"]},
    keep=lambda unit: unit["net"] == NETS[0] or (
        unit["norm"] == "instance" and unit["to"] == MANNERS[0]
    ),
    config={
        "rates": [0.001, 0.003, 0.01, 0.03], "side": 32, "width": 12,
        "batch": 4, "steps": 100, "style": 10, "tested": 64,
        "first_seed": 5000, "seeds": 24,
    },
    live={"net": ["as it is"], "to": ["china"], "norm": ["instance"],
          "rates": [0.01], "steps": 30, "tested": 8, "seeds": 2},
    gpu={"side": 64, "width": 64, "steps": 2000, "seeds": 40},
    pilots=[Pilot(range(3), (
        "60 steps, style once, as the pavilion: GroupNorm 0.34, "
        "InstanceNorm 0.46, BatchNorm 0.61, no norm 1.09"
    )), Pilot(range(2), (
        "200 steps. Style once, as the pavilion: GroupNorm and LayerNorm "
        "0.33, InstanceNorm 0.34, BatchNorm 0.35; as the flower 0.90, "
        "0.95, 0.91, 1.09. InstanceNorm lost more content and lacked less "
        "style. So a second weight, ten: GroupNorm 1.04, InstanceNorm "
        "0.68, BatchNorm 1.24 as the pavilion; 1.83, 1.46, 2.27 as the "
        "flower"
    )), Pilot(range(1000, 1008), (
        "the first record, its margin 5 %: the null alone was uncertain by "
        "10 to 30 %. Style once: the others 8 % less to 31 % more, by "
        "geometric means. Ten times: as the pavilion 76 to 207 % more, as "
        "the flower BatchNorm and no norm 95 %, LayerNorm and GroupNorm "
        "within 5. Ratios spread less than differences. So style counts "
        "ten times, 24 seeds, ratios, and a wider margin"
    )), Pilot(range(900, 904), (
        "InstanceNorm, as the pavilion: a quarter of the steps ends at "
        "1.12, all of them at 0.69"
    ))],
)  # fmt: skip


@trial.measure
def measure(config: Config, unit: Unit, device: str) -> Rows:
    """Train |rates| × |seeds| nets at once."""
    changes = CONTROLS.get(unit["net"], {})
    steps = config["steps"] // changes.get("share", 1)

    def make(seed: int) -> stylist.Stylist:
        return stylist.Stylist(
            seed + changes.get("add", 0), norm=unit["norm"],
            side=config["side"], width=config["width"],
        )  # fmt: skip

    changed = config | {"steps": steps}
    return stylist.sweep(changed, make, device, unit["to"])


def more(
    record: Record, norm: str, net: str = NETS[0], **place: Any
) -> Contrast:
    """Compare log10 of the loss with instance norm's."""
    own, peer = (
        read(record, "test_loss", by="val_loss", log=True, **arm, **place)
        for arm in (
            {"net": net, "norm": norm},
            {"net": NETS[0], "norm": "instance"},
        )
    )
    return Contrast(own, peer)


@trial.null
def other_weights(record: Record) -> Estimate:
    """Instance norm once more, from other initial weights: the same."""
    found = more(record, "instance", "other weights", to=MANNERS[0])
    return estimate("decades more, other weights", found, within, MARGIN)


@trial.positive
def a_quarter_of_the_steps(record: Record) -> Estimate:
    """Instance norm after a quarter of the steps has to lose more."""
    found = more(record, "instance", SHORT, to=MANNERS[0])
    return estimate(f"decades more, {SHORT}", found, above, MARGIN)


@trial.rule("in.style")
def best_of_all(record: Record) -> Decision:
    """Loss, content and ten times style, on unseen squares with another
    norm over that with instance norm, each at its best learning rate,
    paired by seed, log10, in the manner of either photograph; 95 %
    intervals for all together, the choice of the rate inside. Instance norm
    beats two rivals when each loses over {MORE} % more in both manners, and
    does not when all of the interval of one lies below, in one manner. It
    beats BatchNorm and no norm, and LayerNorm and GroupNorm: holds. Two of
    these: holds when. None: does not hold. Otherwise open.
    """
    arms = {
        label: [
            more(record, peer, to=to) for peer in peers for to in MANNERS
        ]
        for label, peers in RIVALS.items()
    }
    return settle(
        arms, above, MARGIN, when="its rivals are {arms}",
        because="Decades more loss than with instance norm, of the one and "
        "the other, each in the manner of the pavilion and of the flower: "
        "{arms}.",
        says={
            "holds": "A small stylist redraws best with instance norm.",
            "holds when": "A small stylist: instance norm beats {clear}, "
            "not {refuted}.",
            "does not hold": "A small stylist redraws as well with another "
            "norm.",
        },
    )  # fmt: skip


@trial.reading
def plot(record: Record) -> Figure:
    """Draw how much content each norm loses, and style it lacks, in units
    of instance norm's: filled as the pavilion, open as the flower.
    """
    norms = record.distinct("norm")[:-1]  # without instance norm
    fig, axes = figures.panels(2, height=2.5)
    for ax, column in zip(axes, ("content", "style"), strict=True):
        for (y, norm), to in product(enumerate(norms), MANNERS):
            own, peer = (
                read(record, column, by="val_loss", log=True, net=NETS[0],
                     norm=n, to=to)
                for n in (norm, "instance")
            )  # fmt: skip
            at, *ends = Contrast(own, peer).interval().powers()
            _, color, marker, _ = figures.STYLES[norm]
            first = to == MANNERS[0]
            row = y - 0.15 if first else y + 0.15
            ax.plot(ends, [row, row], color=color)
            face = color if first else "none"
            ax.plot(at, row, marker, color=color, mfc=face)
        ax.axvline(1, color="#222222", lw=1)
        ax.set_yticks(range(len(norms)), [figures.name(n) for n in norms])
        ax.invert_yaxis()
        what = {"content": "content lost", "style": "style lacking"}[column]
        ax.set(title=what, xscale="log")
        ax.set_xticks([0.5, 1, 2, 5], ["0.5", "1", "2", "5"])
        ax.minorticks_off()
    axes[-1].set_xlabel("times that with InstanceNorm")
    return figures.finish(fig, record)
