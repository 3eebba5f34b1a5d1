"""Cited claims: facts have sources, and counts decide in code."""

import re
from html import unescape
from pathlib import Path

import pytest

from normlib import ledger
from normlib.claims import claim
from normlib.experiments.cited import (
    Fact,
    Family,
    all_facts,
    conclude,
    families,
    firm,
    named,
    newcombe,
    rise,
    share,
    wilson,
)
from normlib.experiments.decisions import WORDS, State
from normlib.experiments.other_techniques import who_uses_it as others
from normlib.experiments.rms_norm import who_uses_it as rms

CLAIMS = [*rms.CLAIMS, *others.CLAIMS]
BIB = Path(__file__).parents[2] / "chapters/references.bib"
KEYS = set(re.findall(r"^@\w+\{(\w+),", BIB.read_text("utf-8"), re.M))


@pytest.mark.parametrize("fact", all_facts(), ids=lambda f: f.model)
def test_every_fact_has_a_source_and_a_quote(fact):
    if "/" in fact.source:
        assert re.match(r"\w\S*\.py\b", fact.at)
    else:
        assert fact.source in KEYS and fact.at
    assert fact.quote.strip()
    assert fact.part in ("language", "vision", "device")
    norms = ("RMSNorm", "LayerNorm", "either", "NoNorm", "not found")
    assert fact.norm in norms
    assert 2019 <= fact.year <= 2026


def test_each_multimodal_model_has_two_parts():
    rows = ledger.evidence("rms.multimodal").facts
    models = {f.model for f in rows}
    assert len(rows) == 2 * len(models) == 36
    pairs = {(f.model, f.part) for f in rows}
    assert pairs == {(m, p) for m in models for p in ("language", "vision")}


@pytest.mark.parametrize("kind", ["language", "vision", "other"])
def test_a_family_is_counted_once(kind):
    names = [f.name for f in families(kind)]
    assert len(names) == len(set(names)) > 50


def test_known_intervals():
    """Newcombe 1998, method 10: 56/70 less 48/80 is [5.24, 33.39]."""
    assert wilson(81, 263)[1:] == pytest.approx((25.5, 36.6), abs=0.1)
    found = newcombe((56, 70), (48, 80))
    assert found == pytest.approx((20.0, 5.24, 33.39), abs=0.02)


def made(new, of_new, old, of_old):
    """Return so many families, of which so many have the norm."""
    return tuple(
        Family(f"{year}-{i}", year, i < k)
        for year, k, n in ((2025, new, of_new), (2021, old, of_old))
        for i in range(n)
    )


@pytest.mark.parametrize(
    ("judge", "sample", "state"),
    [
        (share, made(30, 40, 0, 0), State.CLEAR),
        (share, made(5, 40, 0, 0), State.REFUTED),
        (share, made(20, 40, 0, 0), State.UNCLEAR),
        (rise, made(20, 40, 2, 40), State.CLEAR),
        (rise, made(2, 40, 20, 40), State.REFUTED),
        (rise, made(9, 40, 8, 40), State.UNCLEAR),
    ],
)
def test_a_sample_is_judged_by_its_interval(judge, sample, state):
    assert judge(sample)[0] is state
    assert firm(judge, sample)[0] is state


def test_what_hangs_on_one_family_is_not_told():
    sample = made(3, 14, 1, 44)
    assert rise(sample)[0] is State.CLEAR
    state, told = firm(rise, sample)
    assert state is State.UNCLEAR and "without" in told


def source(norm):
    return Fact("Net", "language", norm, 2024, "a/b", "c.py", "words")


@pytest.mark.parametrize(
    ("norms", "state"),
    [
        (["RMSNorm", "RMSNorm"], State.CLEAR),
        (["LayerNorm"], State.REFUTED),
        (["RMSNorm", "LayerNorm"], State.UNCLEAR),
        (["either"], State.UNCLEAR),
        ([], State.UNCLEAR),
    ],
)
def test_a_named_model_has_what_its_sources_name(norms, state):
    assert named(tuple(map(source, norms)))[0] is state


@pytest.mark.parametrize(
    ("states", "verdict"),
    [
        ((State.CLEAR, State.CLEAR), "holds"),
        ((State.CLEAR, State.REFUTED), "holds when"),
        ((State.REFUTED, State.REFUTED), "does not hold"),
        ((State.CLEAR, State.UNCLEAR), "open"),
    ],
)
def test_all_four_verdicts(states, verdict):
    arms = {
        name: (s, "1 of 2") for name, s in zip("ab", states, strict=True)
    }
    found = conclude(arms, {verdict: "Do it."})
    assert (found.verdict, found.headline) == (verdict, "Do it.")
    assert found.when == ("a" if verdict == "holds when" else "")
    assert "a: 1 of 2; b: 1 of 2" in found.because


@pytest.mark.parametrize("name", CLAIMS)
def test_a_cited_claim_has_its_card(name):
    card = ledger.verdict(name)
    assert card.claim.kind == "cited" and card.verdict != "untried"
    assert 3 < len(card.headline.split()) <= WORDS
    html = unescape(card._repr_html_())
    text = "".join(repr(card).split())
    for said in (
        claim(name).says,
        card.headline,
        card.decision.because,
        card.cited.rule,
        card.cited.sample,
        card.cited.looked_up,
    ):
        assert said in html
        assert "".join(said.split()) in text
    for fact in card.cited.facts:
        assert fact.quote in html and fact.at in html
    assert "<table" not in html
    assert max(map(len, repr(card).splitlines())) <= 76


def test_the_ledger_shows_them():
    prefixes = ("rms.", "in.", "wn.")
    rows = {r["id"]: r for r in ledger.table(prefixes).rows()}
    for name in CLAIMS:
        assert rows[name]["verdict"] == ledger.verdict(name).verdict
        assert rows[name]["headline"]


def test_a_claim_that_nobody_looked_up_is_untried():
    assert ledger.evidence("guide.vit") is None
    assert ledger.verdict("guide.vit").verdict == "untried"
