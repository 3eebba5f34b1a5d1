"""Verdict cards: what the picture shows is what was decided."""

import re
from html import unescape

import pytest

from normlib import ledger
from normlib.claims import all_claims
from normlib.experiments.decisions import Decision, Estimate, State
from normlib.experiments.intervals import Interval
from normlib.forest import PAD, picture, thresholds

DECIDED = [c for c in all_claims() if ledger.trial_of(c)]


def one(low, high, state=State.CLEAR, arm="arm"):
    return Estimate(arm, Interval((low + high) / 2, low, high), state)


def decision(*seen, margin=2.0):
    return Decision("open", "Numbers.", estimates=seen, margin=margin)


@pytest.mark.parametrize("claim", DECIDED)
def test_a_measured_claim_has_its_picture(claim):
    """And what a measured claim rests on says in which unit it is."""
    card = ledger.verdict(claim)
    html = card._repr_html_()
    assert f'id="verdict-{claim.replace(".", "-")}"' in html
    rows = html.count('<tr><th scope="row">')
    if card.claim.kind == "exact":
        assert rows == 0 and card.decision.because in unescape(html)
    else:
        assert card.claim.axis
        assert rows == len(card.decision.estimates) > 0
    told = re.sub(r"\s+", " ", unescape(re.sub("<[^>]+>", " ", html)))
    for text in (card.claim.says, card.headline, card.decision.because):
        assert " ".join(text.split()) in told


def test_places_are_the_numbers():
    """From 0 to 10, with a free edge at both sides."""
    html = picture(decision(one(4.0, 10.0)), "points")
    left, width, mark = (
        float(re.search(pattern, html)[1])
        for pattern in (
            r'left:([\d.]+)%;width', r'width:([\d.]+)%',
            r'left:([\d.]+)%;transform',
        )
    )  # fmt: skip
    full = 10.0 * (1 + 2 * PAD)
    assert left == pytest.approx(100 * (4 + 10 * PAD) / full, abs=0.01)
    assert width == pytest.approx(100 * 6 / full, abs=0.01)
    assert mark == pytest.approx(100 * (7 + 10 * PAD) / full, abs=0.01)
    limit = float(
        re.search(r'nl-limit" style="[^"]*;left:([\d.]+)%;top', html)[1]
    )
    assert limit == pytest.approx(100 * (2 + 10 * PAD) / full, abs=0.01)


def test_an_open_end_reaches_the_edge():
    html = picture(decision(one(4.0, float("inf"))), "points")
    left, width = (
        float(re.search(rf"{what}:([\d.]+)%", html.split("<i ")[2])[1])
        for what in ("left", "width")
    )
    assert left + width == pytest.approx(100, abs=0.02)
    assert "∞" in html


def test_factors_are_told_as_factors():
    html = picture(
        decision(one(1.0, 2.0), margin=0.30103), "×", decades=True
    )
    assert "dashed: 2 " in html and "32 [10, 100]" in html


@pytest.mark.parametrize(
    ("seen", "sides"),
    [
        ([one(3, 4), one(0, 1, State.REFUTED)], 1),  # above
        ([one(3, 4), one(-9, -3)], 2),  # apart
        ([one(-1, 1), one(-9, -3, State.REFUTED)], 2),  # within
        ([one(-9, -3), one(-1, 1), one(3, 4, State.REFUTED)], 1),  # below
    ],
)
def test_thresholds_follow_the_states(seen, sides):
    assert len(thresholds(tuple(seen), 2.0)) == sides


def test_no_picture_of_nothing():
    assert picture(decision(one(1, 2)), "") == ""
    assert picture(decision(), "points") == ""
    nowhere = Estimate("arm", Interval(*[float("nan")] * 3), State.UNCLEAR)
    assert picture(decision(nowhere), "points") == ""


def test_what_stands_in_a_card_is_escaped():
    found = decision(one(1, 2, arm="<b>&"))
    assert "&lt;b&gt;&amp;" in picture(found, "a < b")
    assert "a &lt; b" in picture(found, "a < b")
