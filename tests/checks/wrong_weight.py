"""Wrong answers to the exercises of right_weight; by hand."""

import numpy as np
import torch
from register import wrong
from right_weight import (
    REST,
    fault_by_loops,
    fault_by_pythagoras,
    spectral_by_parts,
    spectral_by_torch,
)


def taken_out(part, divisor=None):
    """Subtract what `part` gives of dw, w, v, u and x; divide."""

    def back(dw, v, u, x):
        sigma = u @ v @ x
        whole = dw - part(dw, v / sigma, v, u, x)
        return whole / (sigma if divisor is None else divisor(v, sigma))

    return back


def outer(dw, w, v, u, x):
    return (dw * w).sum() * np.outer(u, x)


def length(v):
    return np.sqrt((v**2).sum())


for names, answer in (
    ("sigma-constant", lambda dw, v, u, x: dw / np.linalg.norm(v, 2)),
    ("", lambda dw, v, u, x: dw),
    ("w-for-u-x", taken_out(lambda dw, w, v, u, x: np.vdot(dw, w) * w)),
    ("w-for-u-x", taken_out(
        lambda dw, w, v, u, x: w * np.trace(dw @ w.T))),
    ("w-for-u-x v-for-w", taken_out(
        lambda dw, w, v, u, x: np.vdot(dw, w) * v)),
    ("w-for-u-x frobenius", lambda dw, v, u, x: (
        dw - np.vdot(dw, v) * v / length(v) ** 2) / length(v)),
    ("frobenius-projector", taken_out(
        lambda dw, w, v, u, x: np.vdot(dw, v) / np.vdot(v, v) * v)),
    ("rows-projector", taken_out(
        lambda dw, w, v, u, x: v * ((dw * v).sum(1) / (v * v).sum(1))[
            :, None])),
    ("weight-norm", lambda dw, v, u, x: (dw - v * (
        (dw * v).sum(1) / (v * v).sum(1))[:, None]) / np.sqrt(
            (v**2).sum(1))[:, None]),
    ("u-and-x-counted", taken_out(
        lambda dw, w, v, u, x: 3 * outer(dw, w, v, u, x))),
    ("u-and-x-counted", taken_out(
        lambda dw, w, v, u, x: outer(dw, w, v, u, x) * 2)),
    ("dw-summed", taken_out(
        lambda dw, w, v, u, x: np.outer(u, x) * np.sum(dw))),
    ("both-sides", lambda dw, v, u, x: (
        np.eye(len(u)) - np.outer(u, u)) @ dw @ (
            np.eye(len(x)) - np.outer(x, x)) / (u @ v @ x)),
    ("second-term-alone", lambda dw, v, u, x: -np.vdot(dw, v) * np.outer(
        u, x) / (u @ v @ x) ** 2),
    ("turned", taken_out(
        lambda dw, w, v, u, x: np.vdot(dw, w) * u * x[:, None])),
    ("u-dw-x", taken_out(
        lambda dw, w, v, u, x: np.outer(u, u) @ dw @ np.outer(x, x))),
    ("one-side-alone", taken_out(
        lambda dw, w, v, u, x: np.outer(u, u) @ dw)),
    ("one-side-alone", taken_out(
        lambda dw, w, v, u, x: dw @ np.outer(x, x))),
    ("v-for-w", taken_out(
        lambda dw, w, v, u, x: np.vdot(dw, v) * np.outer(u, x))),
    ("v-for-w", lambda dw, v, u, x: dw / (u @ v @ x)
        - np.vdot(dw, v) / (u @ v @ x) * np.outer(u, x)),
    ("not-summed", taken_out(
        lambda dw, w, v, u, x: dw * w * np.outer(u, x))),
    ("summed-by-row", taken_out(
        lambda dw, w, v, u, x: ((dw * w).sum(1) * u)[:, None] * x)),
    ("summed-by-row", taken_out(
        lambda dw, w, v, u, x: (dw * w).sum(0) * np.outer(u, x))),
    ("mean-taken", taken_out(
        lambda dw, w, v, u, x: np.mean(dw * w) * np.outer(u, x))),
    ("added", taken_out(lambda *given: -outer(*given))),
    ("not-divided", taken_out(outer, lambda v, sigma: 1)),
    ("divided-twice", taken_out(outer, lambda v, sigma: sigma**2)),
    ("dw-not-divided", lambda dw, v, u, x: dw
        - np.vdot(dw, v) / (u @ v @ x) ** 2 * np.outer(u, x)),
    ("part-divided-twice", lambda dw, v, u, x: dw / (u @ v @ x)
        - np.vdot(dw, v) / (u @ v @ x) ** 3 * np.outer(u, x)),
    ("frobenius", lambda dw, v, u, x: (
        dw - np.vdot(dw, v) / length(v) * np.outer(u, x)) / length(v)),
    ("another-there", taken_out(outer, lambda v, sigma: 1 / sigma)),
    ("", taken_out(outer, lambda v, sigma: sigma**0.5)),
    ("", taken_out(lambda *given: outer(*given) / 2)),
    ("", lambda dw, v, u, x: v),
    ("", lambda dw, v, u, x: 3.0),
    ("", lambda dw, v, u, x: np.ones(3)),
):  # fmt: skip
    wrong("other_techniques.spectral", *names.split())(answer)


@wrong("other_techniques.spectral", "u-dw-x")
def spectral_at_a_right_angle_to_the_wrong(dw, v, u, x):
    one = torch.tensor(np.outer(u, x))
    dw = torch.tensor(dw)
    return ((dw - (dw * one).sum() * one) / (u @ v @ x)).numpy()


@wrong("other_techniques.spectral", "sigma-constant")
def spectral_detached(dw, v, u, x):
    rows = torch.tensor(v, requires_grad=True)
    w = rows / torch.linalg.matrix_norm(rows, 2).detach()
    (w * torch.tensor(dw)).sum().backward()
    return rows.grad.numpy()


@wrong("other_techniques.spectral")
def spectral_of_u_and_v_of_the_svd(dw, v, u, x):
    """Take rows of U, and columns of what is Vᵀ already."""
    left, _, right = np.linalg.svd(v)
    return spectral_by_parts(dw, v, left[0], right[:, 0])


@wrong("other_techniques.spectral", "input-changed")
def spectral_in_place(dw, v, u, x):
    dv = spectral_by_torch(dw, v, u, x)
    v /= u @ v @ x
    return dv


def each(angle, length):
    """Return what rules give for (η, λ, loss, g, start)."""
    return {
        key: (angle(*change), length(*change))
        for key, change in (
            ("decay", (1, 4, 1, 1, 1)),
            ("rate", (4, 1, 1, 1, 1)),
            ("rate up, decay down", (4, 0.25, 1, 1, 1)),
            ("loss", (1, 1, 4, 1, 1)),
            ("loss and decay", (1, 4, 4, 1, 1)),
            ("rate up, loss down", (4, 1, 0.25, 1, 1)),
            ("g", (1, 1, 1, 4, 1)),
            ("start", (1, 1, 1, 1, 4)),
        )
    }


def turn(e, d, c, g, s):
    return (e * d) ** 0.5


def long(e, d, c, g, s):
    return (e * (c * g) ** 2 / d) ** 0.25


for names, found in (
    ("angle-not-rooted", each(lambda e, d, c, g, s: e * d, long)),
    ("length-held", each(lambda e, d, c, g, s: e * c * g, long)),
    ("decay-slows", each(lambda e, d, c, g, s: (e / d) ** 0.5, long)),
    ("c-turns", each(lambda e, d, c, g, s: c * g * (e * d) ** 0.5, long)),
    ("not-the-fourth-root", each(
        turn, lambda e, d, c, g, s: c * g * (e / d) ** 0.5)),
    ("not-the-fourth-root", each(
        turn, lambda e, d, c, g, s: e * (c * g) ** 2 / d)),
    ("upside-down", each(turn, lambda *given: 1 / long(*given))),
    ("rate-misplaced", each(
        turn, lambda e, d, c, g, s: ((c * g) ** 2 / d) ** 0.25)),
    ("rate-misplaced", each(
        turn, lambda e, d, c, g, s: ((c * g) ** 2 / d / e) ** 0.25)),
    ("c-not-squared", each(
        turn, lambda e, d, c, g, s: (e * c * g / d) ** 0.25)),
    ("c-left-out", each(turn, lambda e, d, c, g, s: (e / d) ** 0.25)),
    ("start-stays", each(turn, lambda *given: given[4] * long(*given))),
    ("start-turns start-stays", each(
        lambda *given: turn(*given) / given[4],
        lambda *given: given[4] * long(*given))),
    ("length-held not-the-fourth-root", each(
        lambda e, d, c, g, s: e * c * g,
        lambda e, d, c, g, s: c * g * (e / d) ** 0.5)),
    ("angle-not-rooted upside-down", each(
        lambda e, d, c, g, s: e * d, lambda *given: 1 / long(*given))),
    ("length-first", each(long, turn)),
    ("angle-not-rooted", REST | {"decay": (4, 0.71)}),
    ("decay-slows", REST | {"decay": (0.5, 0.7)}),
    ("length-held", REST | {"rate up, decay down": (4, 2)}),
    ("not-the-fourth-root", REST | {"decay": (2, 0.25)}),
    ("not-the-fourth-root", REST | {"rate": (2, 4)}),
    ("upside-down", REST | {"decay": (2, 1.4)}),
    ("rate-misplaced", REST | {"rate": (2, 1)}),
    ("upside-down", REST | {"rate": (2, 0.71)}),
    ("length-held", REST | {"loss": (4, 2)}),
    ("c-turns", REST | {"g": (2, 2)}),
    ("c-left-out", REST | {"loss": (1, 1)}),
    ("c-left-out", REST | {"loss and decay": (2, 0.7)}),
    ("c-left-out", REST | {"g": (1, 1)}),
    ("not-the-fourth-root", REST | {"loss": (1, 4)}),
    ("g-by-itself", REST | {"g": (1, 4)}),
    ("g-by-itself", REST | {"g": (1, 0.5)}),
    ("not-the-fourth-root", REST | {"g": (1, 4), "loss": (1, 4)}),
    ("equal-run", REST | {"rate up, decay down": (1, 1)}),
    ("start-turns", REST | {"start": (0.25, 1)}),
    ("start-turns", REST | {"start": (0.06, 1)}),
    ("start-stays", REST | {"start": (1, 4)}),
    ("rate-times-loss", REST | {"rate up, loss down": (1, 1)}),
    ("", REST | {"loss": (1, 3)}),
    ("", REST | {"loss": (1, 0)}),
    ("", REST | {"loss": (1, -2)}),
    ("", REST | {"loss": (1, float("nan"))}),
    ("", REST | {"loss": 2}),
    ("", REST | {"loss": "twice"}),
    ("", REST | {"loss": (1, 2, 3)}),
    ("", REST | {"loss": (1, None)}),
):  # fmt: skip
    wrong("other_techniques.rest", *names.split())(found)


def first(*tests):
    """Return the name of the first test that finds something."""

    def fault(v, g, w, dw, rate, decay):
        before, unit = v[:-1], v / np.linalg.norm(v, axis=2)[..., None]
        step = v[1:] - (1 - rate * decay) * before
        seen = {
            "v": v, "g": g, "w": w, "dw": dw, "step": step, "unit": unit,
            "rate": rate, "decay": decay, "long": np.linalg.norm(v, axis=2),
            "wide": np.linalg.norm(w, axis=2),
        }  # fmt: skip
        for name, test in tests:
            if np.any(test(seen)):
                return name
        return "healthy"

    return fault


def slope(s):
    return (s["dw"] * s["unit"][:-1]).sum(2)


TESTS = {
    "a length an input": lambda s: s["wide"].shape != s["g"].shape
    or not np.allclose(s["wide"], abs(s["g"])),
    "not in the optimizer": lambda s: (s["v"] == s["v"][0]).all(),
    "norm behind": lambda s: np.allclose(s["g"], s["g"][0], atol=1e-9),
    "length held constant": lambda s: abs(
        (s["step"] * s["v"][:-1]).sum(2)) > 1e-9,
    "decay on g": lambda s: abs(
        np.diff(s["g"], axis=0) + s["rate"] * slope(s)) > 1e-9,
}  # fmt: skip


CALLED = dict(zip(TESTS, reversed(TESTS), strict=True))
CALLED |= {"healthy": "healthy"}


def with_test(name, test):
    """Return an answer with one test that is another."""
    return first(*(TESTS | {name: test}).items())


for names, answer in (
    ("shapes-alone", with_test(
        "a length an input", lambda s: s["g"].shape[1] != s["v"].shape[1])),
    ("sign-of-g", with_test(
        "a length an input", lambda s: s["wide"].shape != s["g"].shape
        or not np.allclose(s["wide"], s["g"]))),
    ("one-row-stands", with_test(
        "not in the optimizer",
        lambda s: (s["v"][0] == s["v"][-1]).all(1))),
    ("one-g-stands", with_test(
        "norm behind", lambda s: abs(s["g"] - s["g"][0]).max(0) < 1e-9)),
    ("to-the-last-digit", with_test(
        "norm behind", lambda s: (s["g"][1:] == s["g"][:-1]).all())),
    ("decay-left-in", with_test(
        "length held constant", lambda s: abs(
            (np.diff(s["v"], axis=0) * s["v"][:-1]).sum(2)) > 1e-9)),
    ("decay-left-in", with_test(
        "length held constant", lambda s: s["long"][1:] < s["long"][:-1])),
    ("decay-left-in", with_test(
        "length held constant", lambda s: abs((s["v"][:-1] * (
            s["v"][1:] - (1 - s["decay"]) * s["v"][:-1])).sum(2)) > 1e-9)),
    ("every-g-accused", with_test(
        "decay on g", lambda s: abs(np.diff(s["g"], axis=0) + s["rate"]
            * (s["dw"] * s["v"][:-1]).sum(2)) > 1e-9)),
    ("every-g-accused", with_test(
        "decay on g", lambda s: abs(
            np.diff(s["g"], axis=0) - s["rate"] * slope(s)) > 1e-9)),
    ("decay-expected", with_test(
        "decay on g", lambda s: abs(np.diff(s["g"], axis=0) + s["rate"]
            * (slope(s) + s["decay"] * s["g"][:-1])) > 1e-9)),
    ("decayed-without-decay", with_test(
        "decay on g", lambda s: np.allclose(
            s["g"][1:], (1 - s["rate"] * s["decay"]) * s["g"][:-1]
            - s["rate"] * slope(s), rtol=0, atol=1e-9))),
    ("g-shrinks", with_test(
        "decay on g", lambda s: (abs(s["g"][-1]) < abs(s["g"][0])).all())),
    ("", lambda *given: "healthy"),
    ("", lambda *given: CALLED[fault_by_loops(*given)]
        if given[5] else None),
    ("", lambda *given: "sick"),
    ("", lambda *given: 3),
    ("", lambda *given: CALLED[fault_by_loops(*given)]),
    ("decay-on-g-not-sought", with_test("decay on g", lambda s: False)),
    ("length-held-constant-not-sought", with_test(
        "length held constant", lambda s: False)),
    ("not-in-the-optimizer-not-sought", with_test(
        "not in the optimizer", lambda s: False)),
    ("norm-behind-not-sought", with_test("norm behind", lambda s: False)),
    ("length-an-input-not-sought", with_test(
        "a length an input", lambda s: False)),
    ("first-step-alone", with_test(
        "norm behind", lambda s: np.allclose(s["g"][0], s["g"][1]))),
    ("first-step-alone", with_test(
        "not in the optimizer", lambda s: np.array_equal(*s["v"][:2]))),
    ("first-step-alone", lambda v, g, w, dw, *rest: fault_by_loops(
        v[:2], g[:2], w[:2], dw[:1], *rest)),
):  # fmt: skip
    wrong("other_techniques.culprit", *names.split())(answer)


@wrong("other_techniques.culprit", "decay-left-in")
def fault_of_a_layer_without_decay(v, g, w, dw, rate, decay):
    return fault_by_pythagoras(v, g, w, dw, rate, 0)
