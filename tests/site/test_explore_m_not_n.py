"""*m, not N* shows the rank of P, the ceiling, and the record's points."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from explorable import Explorable
from explore.m_not_n import LARGEST, START, bent

from normlib import reference as ref
from normlib.experiments import trial
from normlib.experiments.batch_norm.sets_seen import NETS

pytestmark = pytest.mark.browser


def rank_and_ceiling(m):
    """Ask the reference: the rank of its P, and its largest x̂."""
    x = np.random.default_rng(m).normal(size=(1, m))
    _, cache = ref.standardize(x, (1,), eps=0.0)
    P = [ref.standardize_backward(g[None], cache)[0] for g in np.eye(m)]
    P = np.array(P) * cache.sigma
    one = np.zeros((1, m))
    one[0, 0] = 1.0
    largest = ref.standardize(one, (1,), eps=0.0)[0].max()
    return np.linalg.matrix_rank(P, tol=1e-9), largest


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_what_m_values_let_through(hand, browser, base):
    sizes = trial("batch_norm.statistics_size")
    with Explorable(browser, base, "m_not_n") as it:
        for m in (START + 1, 4, 2, 16, LARGEST)[:: 1 + (hand != "mouse")]:
            m = int(it.slide("m", m, hand))
            rank, ceiling = rank_and_ceiling(m)
            assert it.number("left") == rank
            assert it.figure.locator(".nl-left").count() == rank
            assert it.figure.locator(".nl-struck").count() == 2
            assert it.number("ceiling") == pytest.approx(ceiling, abs=0.006)
            assert it.number("share") == pytest.approx(
                100 * rank / m, abs=0.6
            )
            said = it.figure.locator("[data-read=told]").first.inner_text()
            if m in (4, 16):
                over = sizes.over_full(sizes.record(), "CNN, dealt out", m)
                assert (
                    f"CNN, dealt out with N = {m}, {over.mean:.1f}" in said
                )


@pytest.fixture(scope="module")
def measured():
    """(net, N) → its m, its effective m, and its points of error."""
    sizes = trial("batch_norm.statistics_size")
    record, found = sizes.record(), {}
    for net, (_, _, k) in NETS.items():
        for N in (2, 4, 8, 16, 32):
            over = sizes.over_full(record, net, N)
            worth = sizes.error(record, net, N, "effective").mean
            found[net, N] = {"N": N, "m": N * k, "effective": worth}, over
    return found


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_the_measured_points(hand, browser, base, measured):
    with Explorable(browser, base, "m_not_n") as it:
        for count in ("m", "effective", "N"):
            it.choose("count", count, hand)
            places, wanted = [], []
            for (net, N), (counts, over) in measured.items():
                mark = it.figure.locator(
                    f"[data-net='{net}'][data-n='{N}']"
                )
                move = mark.get_attribute("transform")
                places.append(
                    [
                        float(v)
                        for v in move[10:-1].replace(",", " ").split()
                    ]
                )
                wanted.append((np.log2(counts[count]), bent(over.mean)))
                assert said(net, counts, over) in mark.get_attribute(
                    "aria-label"
                )
            # The axes are straight in the logarithm and the bent scale.
            for seen, true in zip(
                np.transpose(places), np.transpose(wanted), strict=True
            ):
                line = np.polyfit(true, seen, 1)
                assert np.polyval(line, true) == pytest.approx(
                    seen, abs=0.1
                )


def said(net, counts, over):
    m, N = counts["m"], counts["N"]
    low, high = (
        f"{v:.1f}".replace("-0.0", "0.0") for v in (over.low, over.high)
    )
    mean = f"{over.mean:.1f}".replace("-0.0", "0.0")
    text = f"{net}, N = {N}, m = {m}: {mean} points, {low} to {high}"
    return text.replace(": -", ": −").replace(", -", ", −")


def test_a_point_is_picked(browser, base, measured):
    with Explorable(browser, base, "m_not_n") as it:
        mark = it.figure.locator("[data-net='CNN'][data-n='8']")
        mark.scroll_into_view_if_needed()
        box = mark.locator(".nl-grip").bounding_box()
        it.tab.mouse.move(box["x"] + 12, box["y"] + 12)
        assert (it.read("net"), it.read("N")) == ("CNN", "8")
        it.figure.locator(".nl-picked").focus()
        it.tab.keyboard.press("ArrowLeft")
        it.tab.keyboard.press("ArrowUp")
        assert (it.read("net"), it.read("N")) == ("MLP, offsets", "4")
        over = measured["MLP, offsets", 4][1]
        assert it.read("points").startswith(f"{over.mean:.1f} [")


def test_with_motion_it_arrives_as_well(browser, base):
    with (
        Explorable(browser, base, "m_not_n") as calm,
        Explorable(
            browser, base, "m_not_n", reduced_motion="no-preference"
        ) as it,
    ):
        last = "[data-net='CNN'][data-n='32']"
        begun = it.figure.locator(last).get_attribute("transform")
        for one in (calm, it):
            one.choose("count", "m", "mouse")
        ended = calm.figure.locator(last).get_attribute("transform")
        assert ended != begun
        it.tab.wait_for_selector(f"{last}[transform='{ended}']")
