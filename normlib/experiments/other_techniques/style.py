"""Is instance norm the norm for style transfer?

Nets learn to redraw one photograph in the manner of another, in one pass,
with each norm at its own best learning rate. Their loss is what they lose
of the one and lack of the other, on a part of the photograph that they
never saw.

Scope: two photographs, squares of 32×32 pixels, four convolutions of 12
channels, 100 steps of Adam with four squares each, content and style read
behind fixed random filters, not behind a trained net.
"""

from typing import Any

from matplotlib.figure import Figure

from ... import figures
from ...records import Record
from ..arms import Contrast, read
from ..batch_norm.spans import weakest
from ..decisions import Decision, Estimate, above, settle, within
from ..nets import stylist
from ..protocol import Config, Pilot, Rows, Trial, Unit

MARGIN = 5.0  # per cent more loss
PEERS = ("none", "batch", "layer", "group")
MANNERS = ("china", "flower")  # of the pavilion, of the flower
WEIGHTS = {1: "style counts once", 10: "style counts ten times"}
CONTROLS = {
    "other weights": {"add": 50_000},
    "half the steps": {"share": 2},
}
NETS = ("as it is", *CONTROLS)

trial = Trial(
    __name__, __doc__,
    source=("ulyanov2016", "huang2017adain", "johnson2016"),
    grid={"net": list(NETS), "to": list(MANNERS), "weight": list(WEIGHTS),
          "norm": [*PEERS, "instance"]},
    keep=lambda unit: unit["net"] == NETS[0] or (
        unit["norm"] == "instance" and unit["to"] == MANNERS[0]
    ),
    config={
        "rates": [0.001, 0.003, 0.01, 0.03], "side": 32, "width": 12,
        "batch": 4, "steps": 100, "tested": 64,
        "first_seed": 1000, "seeds": 8,
    },
    live={"net": ["as it is"], "to": ["china"], "norm": ["instance"],
          "weight": [1], "rates": [0.01], "steps": 30, "tested": 8,
          "seeds": 2},
    gpu={"side": 64, "width": 64, "steps": 2000, "seeds": 20},
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

    changed = {"steps": steps, "style": unit["weight"]}
    return stylist.sweep(config | changed, make, device, unit["to"])


def more(
    record: Record, norm: str, net: str = NETS[0], **place: Any
) -> Contrast:
    """Compare the loss with instance norm's, in per cent of its mean."""
    own, peer = (
        read(record, "test_loss", by="val_loss", **arm, **place)
        for arm in (
            {"net": net, "norm": norm},
            {"net": NETS[0], "norm": "instance"},
        )
    )
    return Contrast(own, peer, unit=peer.at_best.mean() / 100)


@trial.null
def other_weights(record: Record) -> Estimate:
    """Instance norm once more, from other initial weights: the same."""
    found = {
        f"% more loss, other weights, {label}": more(
            record, "instance", "other weights", to=MANNERS[0], weight=w
        )
        for w, label in WEIGHTS.items()
    }
    return weakest(found, within, MARGIN)


@trial.positive
def half_the_steps(record: Record) -> Estimate:
    """Instance norm after half the steps has to lose more."""
    found = {
        f"% more loss, half the steps, {label}": more(
            record, "instance", "half the steps", to=MANNERS[0], weight=w
        )
        for w, label in WEIGHTS.items()
    }
    return weakest(found, above, MARGIN)


@trial.rule("in.style")
def best_of_all(record: Record) -> Decision:
    """Loss, content and so many times style, on unseen squares with each
    other norm, and with none, beyond instance norm's, in per cent of
    instance norm's, each at its best learning rate, paired by seed, in the
    manner of either photograph; 95 % intervals for all together, the choice
    of the rate inside. Best at a weight of style: every peer loses over
    {MARGIN:.0f} % more in both manners. Not best: some peer does not in
    one, by all of its interval. Best at both weights, 1 and 10: holds; at
    one, and not at the other: holds when; at neither: does not hold.
    Otherwise open.
    """
    arms = {
        label: [
            more(record, peer, to=to, weight=w)
            for peer in PEERS
            for to in MANNERS
        ]
        for w, label in WEIGHTS.items()
    }
    peers = ", ".join(f"{figures.name(p)} twice" for p in PEERS)
    return settle(
        arms, above, MARGIN,
        because="Per cent more loss than with instance "
        f"norm, of {peers}, in the manner of the pavilion and of the "
        "flower: {arms}.",
        says={
            "holds": "A small stylist redraws best with instance norm.",
            "holds when": "A small stylist: instance norm is best where "
            "{clear}.",
            "does not hold": "A small stylist redraws as well with another "
            "norm.",
        },
    )  # fmt: skip


@trial.reading
def plot(record: Record) -> Figure:
    """Draw what each norm loses of content against what it lacks of style,
    from the lower to the higher weight of style.
    """
    places = record.distinct("to")
    fig, axes = figures.panels(len(places), height=3.1, sharex=False)
    for ax, to in zip(axes, places, strict=True):
        for norm in record.distinct("norm", to=to):
            label, color, marker, dash = figures.STYLES[norm]
            arms = [
                {"net": NETS[0], "to": to, "norm": norm, "weight": w}
                for w in record.distinct("weight")
            ]
            lost, lacks = (
                [read(record, column, by="val_loss", **arm).at_best.mean()
                 for arm in arms]
                for column in ("content", "style")
            )  # fmt: skip
            ax.plot(lost, lacks, color=color, marker=marker, ls=dash,
                    label=label)  # fmt: skip
        manner = {"china": "pavilion", "flower": "flower"}[to]
        ax.set(yscale="log", title=f"in the manner of the {manner}",
               xlabel="content lost", ylabel="style lacking")  # fmt: skip
        ax.set_yticks([0.03, 0.1, 0.3], ["0.03", "0.1", "0.3"])
        ax.minorticks_off()
    return figures.finish(fig, record)
