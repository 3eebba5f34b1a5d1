"""Who uses instance norm and weight norm? The cited claims, decided."""

from __future__ import annotations

from functools import partial

from matplotlib.figure import Figure

from ...figures import STYLES, finish, panels
from ...table import Table
from ..cited import (
    HALF,
    Cited,
    Fact,
    Family,
    Say,
    conclude,
    firm,
    share,
    stored,
    wilson,
)
from ..decisions import Decision, State

FILE = "generators.yaml"
QUARTER = 25.0  # per cent
ONE_IMAGE = "BatchNorm of one image"  # as pix2pix has it
INSTANCE = ("InstanceNorm", "AdaIN", ONE_IMAGE)
WEIGHT = ("weight norm",)
NOT_FOUND = ("not found",)
TRANSLATION = "GANs from image to image"
DIFFUSION = "diffusion from image to image"
TWO_KINDS = "CycleGAN-Turbo"  # diffusion by its net, a GAN by its training
SOUND = "GANs of sound"
# What a reader calls the samples of the file.
GENERATORS = {
    "GANs from noise": "from noise",
    TRANSLATION: "translation",
    DIFFUSION: "diffusion",
}
WEIGHTS = {
    "image GANs": "image GANs",
    SOUND: "vocoder GANs",
    "WaveNet": "WaveNet",
    "WaveNets by others": "WaveNets by others",
}
BESIDE = "WaveNets by others"  # told, and deciding nothing
RULE = (
    "A net is decided by its authors' published default, else by its "
    "paper, else by a source that others published. {asked}; the 95 % "
    "interval (Wilson) must lie on one side, also with any one net left "
    "out, and with what was not found counted as having it. {more}"
)
SUITS = RULE.format(
    asked="“Suits” is a share with instance norm above one half",
    more="AdaIN is instance norm. So is pix2pix's BatchNorm, which meets "
    "one image a batch; it is counted again as BatchNorm. CycleGAN-Turbo, "
    "of diffusion and trained as a GAN, is counted again among the GANs.",
)
USED = RULE.format(
    asked="“Used in” is a share with weight norm above one quarter",
    more="Spectral norm and demodulated weights are not weight norm. "
    "WaveNet has what its authors' papers name; with one of them not found "
    "it is open.",
)


def facts(kind: str, arm: str) -> tuple[Fact, ...]:
    """Return what was looked up of one sample."""
    return tuple(Fact(**entry) for entry in stored(FILE)[kind][arm])


def sample(
    rows: tuple[Fact, ...], norms: tuple[str, ...]
) -> tuple[Family, ...]:
    """Return each net once: has it one of these norms?"""
    nets: dict[str, Family] = {}
    for f in rows:
        has = f.norm in norms or (f.model in nets and nets[f.model].has)
        nets[f.model] = Family(f.model, f.year, has)
    return tuple(nets.values())


def judged(
    rows: tuple[Fact, ...],
    norms: tuple[str, ...],
    margin: float,
    doubt: str = "",
) -> tuple[State, str]:
    """Judge a sample, again without each net, and again with its doubts.

    A net of which nothing was found has the norm in the second count,
    and the norm `doubt` is another one in the third.
    """
    count = partial(share, margin=margin)
    state, told = firm(count, sample(rows, norms))
    less = tuple(n for n in norms if n != doubt)
    for again in ((*norms, *NOT_FOUND), less):
        if count(sample(rows, again))[0] is not state:
            return State.UNCLEAR, f"{told}, another verdict counted again"
    return state, told


def _suits() -> tuple[Decision, tuple[Fact, ...], str]:
    rows = {
        arm: facts("activations", name) for arm, name in GENERATORS.items()
    }
    says = {
        "holds": "Start a generator of images with instance norm.",
        "holds when": "Instance norm suits GANs that translate images; "
        "StyleGAN2 dropped it, diffusion uses GroupNorm.",
        "does not hold": "Generators of images have other norms.",
        "open": "Open for {unclear}: look up the net that you port.",
    }
    arms = {
        arm: judged(found, INSTANCE, HALF, ONE_IMAGE)
        for arm, found in rows.items()
    }
    state, told = arms[TRANSLATION]
    more = tuple(f for f in rows[DIFFUSION] if f.model == TWO_KINDS)
    wide = sample(rows[TRANSLATION] + more, INSTANCE)
    again, wider = share(wide, HALF)
    arms[TRANSLATION] = (
        state if again is state else State.UNCLEAR,
        f"{told} ({wider} with {TWO_KINDS})",
    )
    every = sum(rows.values(), ())
    text = f"{len(sample(every, INSTANCE))} generators of images"
    return conclude(arms, says, "{arms} are meant"), every, text


def wavenet(rows: tuple[Fact, ...]) -> tuple[State, str]:
    """Judge WaveNet by what its authors' papers name.

    One of which no whole text was found might name it: then it is unclear.
    """
    norms = {f.norm for f in rows}
    missing = ", ".join(stored(FILE)["not_found"])
    if norms == {"none"} and missing:
        return State.UNCLEAR, f"not in its paper; {missing} was not found"
    if norms == {"none"}:
        return State.REFUTED, "in no line of its authors' papers"
    if norms == {*WEIGHT}:
        return State.CLEAR, "named in its paper"
    return State.UNCLEAR, "not told by its paper"


def _used() -> tuple[Decision, tuple[Fact, ...], str]:
    rows = {arm: facts("weights", name) for arm, name in WEIGHTS.items()}
    says: Say = {
        "holds": "Expect weight norm in GANs and in WaveNet.",
        "holds when": "Port GANs of sound with weight norm; image GANs and "
        "WaveNet's papers have none.",
        "does not hold": "Neither GANs nor WaveNet's paper have it.",
        "open": "Open for {unclear}. GANs of sound have it, GANs of images "
        "not.",
    }
    arms = {
        arm: judged(rows[arm], WEIGHT, QUARTER)
        for arm in ("image GANs", SOUND)
    }
    state, told = arms["image GANs"]
    wider = share(sample(rows["image GANs"], (*WEIGHT, "demodulated")))[1]
    arms["image GANs"] = state, f"{told} ({wider} with demodulated weights)"
    arms["WaveNet"] = wavenet(rows["WaveNet"])
    k, n = counted("weights", BESIDE, WEIGHT)
    text = (
        f"{len(sample(rows['image GANs'], WEIGHT))} GANs of images, "
        f"{len(sample(rows[SOUND], WEIGHT))} of sound, WaveNet; "
        f"beside them, deciding nothing, {n} WaveNets by others, of which "
        f"{k} have weight norm"
    )
    every = sum(rows.values(), ())
    return conclude(arms, says, "{arms} are meant"), every, text


def counted(kind: str, arm: str, norms: tuple[str, ...]) -> tuple[int, int]:
    """Return how many nets of a sample have a norm, and how many are."""
    nets = sample(facts(kind, arm), norms)
    return sum(f.has for f in nets), len(nets)


CLAIMS = {"in.gan": (_suits, SUITS), "wn.gan-wavenet": (_used, USED)}


def evidence(claim_id: str) -> Cited | None:
    """Return what decides a claim, None where nothing was looked up."""
    if claim_id not in CLAIMS:
        return None
    decide, rule = CLAIMS[claim_id]
    decision, found, text = decide()
    return Cited(decision, found, text, stored(FILE)["looked_up"], rule)


def table(kind: str, arm: str) -> Table:
    """Return a row for each net of a sample, the oldest first.

    `kind` is "activations" or "weights", `arm` a sample of the file, as
    "translation" or "vocoder GANs".
    """
    rows = {f.model: f for f in reversed(facts(kind, arm))}
    ordered = sorted(rows.values(), key=lambda f: (f.year, f.model.lower()))
    return Table(
        ("year", "net", "norm", "source"),
        [(str(f.year), f.model, f.norm, f.source) for f in ordered],
    )


def picture(claim_id: str) -> Figure:
    """Draw each sample's share with its interval, and what is asked."""
    instance = claim_id == "in.gan"
    arms, kind = (
        (GENERATORS, "activations") if instance else (WEIGHTS, "weights")
    )
    norms, margin = (INSTANCE, HALF) if instance else (WEIGHT, QUARTER)
    _, color, marker, _ = STYLES["instance" if instance else "weight"]
    shown = {
        f"{arm}\n{k} of {n}": wilson(k, n)
        for arm, name in arms.items()
        for k, n in [counted(kind, name, norms)]
        if n > 1
    }
    fig, (ax,) = panels(1, height=0.6 * len(shown) + 1.1)
    for y, found in zip(range(0, -3, -1), shown.values(), strict=True):
        ax.plot([found.low, found.high], [y, y], color=color)
        ax.plot(found.mean, y, marker, color=color, clip_on=False)
    ax.axvline(margin, color="#555555", ls=":")
    ax.set_yticks(range(0, -3, -1), shown)
    ax.set_ylim(-2.5, 0.5)
    ax.set_xlim(0, 100)
    ax.set_xlabel(f"with {'instance' if instance else 'weight'} norm, %")
    return finish(fig)
