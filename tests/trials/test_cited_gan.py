"""Who uses instance norm and weight norm: facts, counts, and verdicts."""

import re

import pytest
from test_cited import KEYS

from normlib.experiments.cited import Fact, stored, wilson
from normlib.experiments.decisions import State
from normlib.experiments.other_techniques import who_uses_it as who

STORED = stored(who.FILE)
ALL = [
    (kind, arm, fact)
    for kind in ("activations", "weights")
    for arm in STORED[kind]
    for fact in who.facts(kind, arm)
]
NORMS = {
    "activations": (
        *who.INSTANCE,
        "BatchNorm",
        "GroupNorm",
        "PixelNorm",
        "RMSNorm",
        "none",
        "not found",
    ),
    "weights": (
        *who.WEIGHT, "spectral norm", "demodulated", "none", "not found",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "arm", "fact"), ALL, ids=lambda x: getattr(x, "model", None)
)
def test_every_fact_has_a_source_and_a_quote(kind, arm, fact):
    if "/" in fact.source:
        assert re.fullmatch(r"[\w./-]+\.(py|lua)(, \w+)?", fact.at)
        assert re.fullmatch(r"[0-9a-f]{8}", STORED["commits"][fact.source])
    else:
        assert fact.source in KEYS and fact.at
    assert fact.quote.strip()
    assert fact.part in ("generator", "discriminator")
    assert fact.norm in NORMS[kind]
    assert 2014 <= fact.year <= 2026


def test_commits_are_those_of_the_sources():
    used = {fact.source for *_, fact in ALL if "/" in fact.source}
    assert used == set(STORED["commits"])


@pytest.mark.parametrize(
    ("kind", "arm", "count"),
    [
        ("activations", "from noise", 16),
        ("activations", "translation", 14),
        ("activations", "diffusion", 9),
        ("weights", "image GANs", 16),
        ("weights", "vocoder GANs", 12),
        ("weights", "WaveNets by others", 9),
    ],
)
def test_the_samples_are_whole(kind, arm, count):
    assert len(who.sample(who.facts(kind, arm), who.INSTANCE)) == count


def test_the_gans_of_images_are_the_same_in_both():
    noise = who.sample(who.facts("activations", "from noise"), ())
    images = who.sample(who.facts("weights", "image GANs"), ())
    assert noise == images


def test_what_two_sources_say_of_a_net_agrees():
    norms = {}
    for kind, arm, fact in ALL:
        norms.setdefault((kind, arm, fact.model), set()).add(fact.norm)
    assert all(len(found) == 1 for found in norms.values())


def test_what_must_be_told_is_quoted():
    told = " ".join(f"{f.quote} {f.note}" for *_, f in ALL)
    for words in (
        "droplet artifact",
        "water droplet-like artifacts",
        "instance normalization”",
        "performs the same calculation",
        "The letters “norm” stand four times",
    ):
        assert words in told


def nets(*norms):
    """Return one made-up net a norm."""
    return tuple(
        Fact(f"{i}", "generator", norm, 2020, "a/b", "c.py", "words")
        for i, norm in enumerate(norms)
    )


@pytest.mark.parametrize(
    ("norms", "state"),
    [
        (["AdaIN"] * 12 + ["none"] * 2, State.CLEAR),
        (["AdaIN"] * 7 + ["none"] * 7, State.UNCLEAR),
        (["none"] * 9, State.REFUTED),
        # Left out once, one of five leaves too few.
        (["none"] * 4, State.UNCLEAR),
        # What was not found is counted both ways.
        (["none"] * 9 + ["not found"] * 5, State.UNCLEAR),
        # And so is the BatchNorm of one image.
        (["AdaIN"] * 10 + [who.ONE_IMAGE] * 4 + ["none"], State.UNCLEAR),
    ],
)
def test_a_sample_is_judged_and_counted_again(norms, state):
    rows = nets(*norms)
    found, told = who.judged(rows, who.INSTANCE, who.HALF, who.ONE_IMAGE)
    assert found is state
    assert f" of {len(norms)}, " in told


@pytest.mark.parametrize(
    ("norms", "state"),
    [
        (["none"], State.REFUTED),
        (["weight norm"], State.CLEAR),
        (["none", "weight norm"], State.UNCLEAR),
        (["not found"], State.UNCLEAR),
        ([], State.UNCLEAR),
    ],
)
def test_wavenet_has_what_its_papers_name(norms, state, monkeypatch):
    whole = {"not_found": []}
    monkeypatch.setattr(who, "stored", lambda file: whole)
    assert who.wavenet(nets(*norms))[0] is state


def test_a_paper_of_wavenets_that_was_not_found_leaves_it_open():
    state, told = who.wavenet(nets("none"))
    assert state is State.UNCLEAR and "Parallel WaveNet" in told


def test_a_share_stays_between_0_and_100():
    assert wilson(0, 9).low == 0 and wilson(9, 9).high == 100


@pytest.mark.parametrize("name", who.CLAIMS)
def test_pictures_and_tables_show_what_was_counted(name):
    (ax,) = who.picture(name).axes
    labels = [label.get_text() for label in ax.get_yticklabels()]
    because = who.evidence(name).decision.because
    assert len(labels) == 3
    for label in labels[:2]:
        assert label.split("\n")[1] in because
    kind = "activations" if name == "in.gan" else "weights"
    for arm in STORED[kind]:
        html = who.table(kind, arm)._repr_html_()
        assert all(f.model in html for f in who.facts(kind, arm))


def test_the_numbers_that_pages_print():
    """None of 16, four with spectral norm, 10 of 12, all nine, five."""
    assert who.counted("weights", "image GANs", who.WEIGHT) == (0, 16)
    spectral = who.counted("weights", "image GANs", ("spectral norm",))
    assert spectral == (4, 16)
    assert who.counted("weights", "vocoder GANs", who.WEIGHT) == (10, 12)
    assert who.counted("weights", who.BESIDE, who.WEIGHT) == (3, 9)
    grouped = who.counted("activations", "diffusion", ("GroupNorm",))
    assert grouped == (9, 9)
    noise = who.counted("activations", "from noise", who.INSTANCE)
    none = who.counted("activations", "from noise", ("none",))
    assert (*noise, none[0]) == (1, 16, 5)
    assert "12 of 15" in who.evidence("in.gan").decision.because
    both = (*who.facts("activations", "translation"),
            *(f for f in who.facts("activations", "diffusion")
              if f.model == who.TWO_KINDS))  # fmt: skip
    less = tuple(n for n in who.INSTANCE if n != who.ONE_IMAGE)
    state, told = who.share(who.sample(both, less), who.HALF)
    assert state is State.UNCLEAR and "11 of 15" in told and "48.0" in told
    years = {f.year for f in who.facts("activations", "translation")}
    assert (min(years), max(years)) == (2016, 2020)
