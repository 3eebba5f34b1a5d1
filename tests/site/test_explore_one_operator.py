"""*One operator* shows the sets and numbers of normlib.reference."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from explorable import Explorable
from explore.one_operator import EPS, START, array

from normlib import reference as ref

pytestmark = pytest.mark.browser
CASES = [  # norm, N, C, side, the divisor of C, the value
    ("batch", 4, 6, 2, 2, (3, 4, 1, 0)),
    ("batch", 1, 8, 1, 2, (0, 5, 0, 0)),
    ("batch", 2, 3, 1, 1, (0, 1, 0, 0)),
    ("layer", 2, 5, 3, 1, (1, 4, 2, 1)),
    ("rms", 3, 8, 2, 2, (2, 0, 0, 1)),
    ("instance", 4, 7, 3, 1, (2, 6, 2, 2)),
    ("group", 3, 6, 2, 3, (1, 3, 0, 1)),
    ("group", 4, 8, 1, 4, (3, 7, 0, 0)),
]


def forward(norm, x, G):
    """The reference; where it refuses one value, as torch does, LayerNorm
    of that one value."""
    if norm == "group":
        return ref.group_norm_forward(x, None, None, num_groups=G, eps=EPS)
    if norm == "rms":
        return ref.rms_norm_forward(x, None, axis=1, eps=EPS)
    if norm == "layer":
        return ref.layer_norm_forward(x, None, None, axis=1, eps=EPS)
    of = {
        "batch": ref.batch_norm_forward,
        "instance": ref.instance_norm_forward,
    }
    return of[norm](x, None, None, eps=EPS)


def go_to(it, at, hand):
    def cell(at):
        return it.figure.locator(f"[data-at='{','.join(map(str, at))}']")

    if hand == "mouse":
        cell(at).hover()
        return
    it.figure.locator(".nl-own").focus()
    now = it.figure.locator(".nl-own").get_attribute("data-at")
    n, c, h, w = map(int, now.split(","))
    side = int(it.control("side").input_value())
    down = (at[0] - n) * side + at[2] - h
    right = (at[1] - c) * side + at[3] - w
    for steps, keys in (
        (down, ("ArrowDown", "ArrowUp")),
        (right, ("ArrowRight", "ArrowLeft")),
    ):
        for _ in range(abs(steps)):
            it.tab.keyboard.press(keys[steps < 0])


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_it_shows_what_python_computes(hand, browser, base):
    with Explorable(browser, base, "one_operator") as it:
        for norm, N, C, side, G, at in CASES[:: 1 + (hand == "keyboard")]:
            it.choose("norm", norm, hand)
            for name, value in (("N", N), ("C", C), ("side", side)):
                it.slide(name, value, hand)
            if norm == "group":
                divisors = [g for g in range(1, C + 1) if C % g == 0]
                it.slide("G", divisors.index(G), hand)
            go_to(it, at, hand)
            check(it, norm, array()[:N, :C, :side, :side] * 1.0, G, at)
        assert it.heard() == it.read("told").replace("-", "−")


def check(it, norm, x, G, at):
    lit = it.figure.locator(".nl-lit").evaluate_all(
        "all => all.map(e => e.dataset.at)"
    )
    seen = {tuple(map(int, place.split(","))) for place in lit}
    own = it.figure.locator(".nl-own").get_attribute("data-at")
    assert own == ",".join(map(str, at))
    try:
        x_hat, cache = forward(norm, x, G)
    except ValueError:  # one value: no framework trains on it
        assert seen == {at} and it.number("m") == 1
        assert it.number("xhat") == 0
        assert "its own mean" in it.read("told")
        return
    bumped = {
        place for place in np.ndindex(x.shape)
        if moves(norm, x, G, at, place)
    }  # fmt: skip
    assert seen == bumped
    m = len(bumped)
    assert it.number("m") == m == cache.m
    assert it.number("sets") == x.size / m
    assert it.read("told").endswith((f"= {m}.", "+1 and -1."))
    assert it.number("x") == x[at]
    assert it.number("xhat") == pytest.approx(x_hat[at], abs=6e-4)
    mine = np.array([x[p] for p in sorted(bumped)])
    mu = mine.mean() if norm != "rms" else 0.0
    if norm == "rms":
        assert it.read("mu") == "–"
    else:
        assert it.number("mu") == pytest.approx(mu, abs=6e-4)
    sigma = np.sqrt(np.square(mine - mu).mean() + EPS)
    assert it.number("sigma") == pytest.approx(sigma, abs=6e-4)


def moves(norm, x, G, at, place):
    """Does the output at one place move with the input at another?"""
    more = x + np.random.default_rng(1).normal(size=x.shape)
    less = more.copy()
    less[place] += 0.5
    return forward(norm, more, G)[0][at] != forward(norm, less, G)[0][at]


def test_a_finger_is_enough(browser, base):
    with Explorable(browser, base, "one_operator", has_touch=True) as it:
        it.figure.locator("[data-at='2,3,1,0']").tap()
        check(it, "batch", array()[:4, :6, :2, :2] * 1.0, 2, (2, 3, 1, 0))


def test_the_picture_is_the_first_state(browser, base, site):
    with Explorable(browser, base, "one_operator") as it:
        lit = it.figure.locator(".nl-lit").count()
        assert lit == START["N"] * START["side"] ** 2
    html = (site / it.page).read_text(encoding="utf-8")
    assert html.count('class="nl-cell nl-lit"') == lit
