"""Natural wrong answers on through time, in a style of their own."""

import numpy as np
import torch
from register import wrong
from right_later import REACH
from scipy import stats


def cell(**o):
    """Make an LSTM step of torch functions, one thing of it other."""

    def ln(z, g=1.0):
        return (
            g
            * (z - z.mean(-1, keepdim=True))
            / torch.sqrt(z.var(-1, correction=0, keepdim=True) + 1e-5)
        )

    def step(*given):
        x, h, c, Wx, Wh, b, gx, gh, gc, bc = map(torch.tensor, given)
        sums = o.get(
            "sums", lambda p, q, b, gx, gh: ln(p, gx) + ln(q, gh) + b
        )
        z = sums(x @ Wx, h @ Wh, b, gx, gh)
        cut = o.get("cut", lambda z: z.chunk(4, -1))(z)
        f, i, out, g = (cut[k] for k in o.get("order", (0, 1, 2, 3)))
        write = o.get(
            "write",
            lambda c, f, i, g: f.sigmoid() * c + i.sigmoid() * g.tanh(),
        )
        new = write(c, f, i, g)
        show = o.get(
            "show",
            lambda c, out, gc, bc, ln: (
                out.sigmoid() * torch.tanh(ln(c, gc) + bc)
            ),
        )
        h = show(new, out, gc, bc, ln)
        return h.numpy(), new.numpy()

    step.ln = ln
    return step


LN = cell().ln
for name, options in (
    ("order-of-torch", {"order": (1, 0, 3, 2)}),
    ("exchanged", {"order": (0, 1, 3, 2)}),
    ("gates-exchanged", {"order": (2, 0, 3, 1)}),
    ("exchanged", {"order": (0, 2, 1, 3)}),
    ("gates-exchanged", {"order": (1, 2, 3, 0)}),
    ("gates-exchanged", {"cut": lambda z: [z[:, k::4] for k in range(4)]}),
    (
        "one-norm-for-both",
        {"sums": lambda p, q, b, gx, gh: LN(p + q, gx) + b},
    ),
    (
        "one-norm-for-both",
        {"sums": lambda p, q, b, gx, gh: LN(p + q + b, gx)},
    ),
    (
        "bias-before-the-norm",
        {"sums": lambda p, q, b, gx, gh: LN(p + b, gx) + LN(q, gh)},
    ),
    (
        "bias-before-the-norm",
        {"sums": lambda p, q, b, gx, gh: LN(p, gx) + LN(q + b, gh)},
    ),
    (
        "bias-before-the-norm",
        {"sums": lambda p, q, b, gx, gh: LN(p + b, gx) + LN(q + b, gh)},
    ),
    ("left-out", {"sums": lambda p, q, b, gx, gh: LN(p, gx) + LN(q, gh)}),
    ("", {"sums": lambda p, q, b, gx, gh: LN(p, gx) + b + LN(q, gh) + b}),
    (
        "exchanged",
        {"sums": lambda p, q, b, gx, gh: LN(p, gh) + LN(q, gx) + b},
    ),
    ("", {"sums": lambda p, q, b, gx, gh: LN(LN(p, gx) + LN(q, gh) + b)}),
    ("left-out", {"sums": lambda p, q, b, gx, gh: LN(p, gx) + q + b}),
    (
        "norm-behind-tanh",
        {
            "show": lambda c, out, gc, bc, ln: (
                out.sigmoid() * (ln(c.tanh(), gc) + bc)
            )
        },
    ),
    (
        "norm-behind-tanh",
        {
            "show": lambda c, out, gc, bc, ln: (
                ln(out.sigmoid() * c.tanh(), gc) + bc
            )
        },
    ),
    (
        "left-out",
        {
            "show": lambda c, out, gc, bc, ln: (
                out.sigmoid() * (ln(c, gc) + bc)
            )
        },
    ),
    (
        "left-out",
        {
            "show": lambda c, out, gc, bc, ln: (
                out.sigmoid() * ln(c, gc).tanh()
            )
        },
    ),
    (
        "norm-behind-tanh",
        {
            "show": lambda c, out, gc, bc, ln: (
                out.sigmoid() * (ln(c, gc).tanh() + bc)
            )
        },
    ),
    (
        "cell-not-normed",
        {"show": lambda c, out, gc, bc, ln: out.sigmoid() * c.tanh()},
    ),
    (
        "cell-not-normed",
        {
            "show": lambda c, out, gc, bc, ln: (
                out.sigmoid() * (gc * c + bc).tanh()
            )
        },
    ),
    (
        "candidate-not-squashed",
        {
            "write": lambda c, f, i, g: torch.addcmul(
                f.sigmoid() * c, i.sigmoid(), g
            )
        },
    ),
    ("left-out", {"write": lambda c, f, i, g: f.sigmoid() * c + g.tanh()}),
    ("left-out", {"write": lambda c, f, i, g: c + i.sigmoid() * g.tanh()}),
    (
        "left-out",
        {"show": lambda c, out, gc, bc, ln: (ln(c, gc) + bc).tanh()},
    ),
    (
        "coupled-gates",
        {
            "write": lambda c, f, i, g: (
                f.sigmoid() * c + (-f).sigmoid() * g.tanh()
            )
        },
    ),
    (
        "coupled-gates",
        {
            "write": lambda c, f, i, g: (
                (1 - i.sigmoid()) * c + i.sigmoid() * g.tanh()
            )
        },
    ),
):
    wrong("layer_norm.lstm", *name.split())(cell(**options))


def race(**o):
    """Count looks as a list of numbers, one thing of it other."""

    def first(curve, target):
        looks = np.flatnonzero(curve <= target)
        return looks[0] + 1 if looks.size else None

    first = o.get("first", first)

    def arm(curves, target):
        best = []
        for rate in curves:
            at = [first(curve, target) for curve in rate]
            done = [k is not None for k in at]
            at = [
                o.get("floor", len)(c) if k is None else k
                for k, c in zip(at, rate, strict=True)
            ]
            best.append(
                (
                    o.get("mean", stats.gmean)(at),
                    not o.get("done", all)(done),
                    at,
                )
            )
        chosen = o.get("choose", min)(best)
        return (
            chosen[0],
            o.get("open", lambda chosen, best: chosen[1])(chosen, best),
            chosen[2],
        )

    def answer(plain, normed, target):
        (a, lost, p), (b, missed, n) = (
            arm(plain, target),
            arm(normed, target),
        )
        factor = o.get("ratio", lambda a, b, p, n: a / b)(a, b, p, n)
        ends = o.get(
            "ends",
            lambda factor, lost, missed: (
                0.0 if missed else factor,
                np.inf if lost else factor,
            ),
        )
        return ends(factor, lost, missed)

    return answer


def last_above(curve, target):
    above = np.flatnonzero(curve > target)
    k = above[-1] + 2 if above.size else 1
    return k if k <= len(curve) else None


def how_many_above(curve, target):
    n = (curve > target).sum() + 1
    return n if n <= len(curve) else None


for name, options in (
    (
        "counted-from-zero",
        {
            "first": lambda c, t: next(
                (k for k, v in enumerate(c) if v <= t), None
            ),
            "mean": lambda at: stats.gmean(np.maximum(at, 0)),
        },
    ),
    ("later-looks-count", {"first": last_above}),
    ("later-looks-count", {"first": how_many_above}),
    ("never-is-one-more", {"floor": lambda c: len(c) + 1}),
    ("never-is-one-more", {"floor": lambda c: 2 * len(c)}),
    ("median", {"mean": np.median}),
    ("arithmetic-mean", {"mean": np.mean}),
    (
        "arithmetic-mean",
        {"ratio": lambda a, b, p, n: np.mean(np.divide(p, n))},
    ),
    (
        "arithmetic-mean",
        {"ratio": lambda a, b, p, n: np.mean(p) / np.mean(n)},
    ),
    ("", {"mean": stats.hmean}),
    ("another-there", {"mean": min}),
    ("another-there", {"choose": max}),
    ("left-out", {"open": lambda chosen, best: any(b[1] for b in best)}),
    ("bound-kept-closed", {"done": any}),
    ("upside-down", {"ratio": lambda a, b, p, n: b / a}),
    ("logarithm-returned", {"ratio": lambda a, b, p, n: np.log10(a / b)}),
    ("logarithm-returned", {"ratio": lambda a, b, p, n: np.log(a / b)}),
    ("", {"ratio": lambda a, b, p, n: a - b}),
    ("another-there", {"ratio": lambda a, b, p, n: 10 ** np.log(a / b)}),
    ("", {"ratio": lambda a, b, p, n: np.exp(np.log10(a / b))}),
    (
        "bounds-swapped",
        {
            "ends": lambda f, lost, missed: (
                0 if lost else f,
                np.inf if missed else f,
            )
        },
    ),
    (
        "bound-kept-closed",
        {"ends": lambda f, lost, missed: (0 if missed else f, f)},
    ),
    (
        "bound-kept-closed",
        {"ends": lambda f, lost, missed: (f, np.inf if lost else f)},
    ),
    ("bound-kept-closed", {"ends": lambda f, lost, missed: (f, f)}),
    (
        "",
        {
            "ends": lambda f, lost, missed: (
                (0, np.inf) if lost or missed else (f, f)
            )
        },
    ),
    (
        "",
        {
            "ends": lambda f, lost, missed: (
                1 if missed else f,
                np.inf if lost else f,
            )
        },
    ),
    (
        "order-swapped",
        {
            "ends": lambda f, lost, missed: (
                np.inf if lost else f,
                0 if missed else f,
            )
        },
    ),
):
    wrong("layer_norm.race", *name.split())(race(**options))


ALONE = {k[0]: k for k in REACH if k[1] == "alone"}
LSTMS = [k for k in REACH if k[1] == "LSTM"]
for name, entries in (
    ("time-forgotten", {ALONE["BN"]: 5}),
    ("bn-over-features", {ALONE["BN"]: 240, ALONE["BN by step"]: 40}),
    ("bn-over-features", {ALONE["BN by step"]: 40}),
    ("bn-over-features", {ALONE["BN"]: 240}),
    ("itself-not-counted", {k: REACH[k] - 1 for k in ALONE.values()}),
    ("itself-not-counted", {ALONE["LN"]: 7}),
    ("sequence-as-token", {ALONE["LN(T, D)"]: 8}),
    ("ln-moves-itself", {ALONE["LN(T, D)"]: 6}),
    ("token-as-sequence", {ALONE["LN"]: 48}),
    ("every-step", {("LN", "LSTM"): 48}),
    ("mates-moved-too", {ALONE["LN(T, D)"]: 240}),
    ("mates-moved-too", {ALONE["LN"]: 40}),
    ("mates-forgotten", {ALONE["BN"]: 6}),
    ("mates-forgotten", {ALONE["BN by step"]: 1, LSTMS[2]: 32}),
    ("state-forgotten", {LSTMS[0]: 8}),
    ("one-unit", {LSTMS[0]: 4}),
    ("own-step-left-out", {LSTMS[0]: 24}),
    ("every-step", {LSTMS[0]: 48}),
    ("state-forgotten", {LSTMS[2]: 40}),
    ("every-step", {LSTMS[2]: 240}),
    ("direction-ignored", {("LN", "backwards"): 32}),
    ("state-forgotten", {("LN", "backwards"): 8}),
    ("every-step", {("LN", "backwards"): 48}),
    ("one-unit", {k: REACH[k] // 8 for k in [*LSTMS, ("LN", "backwards")]}),
    ("one-unit", {("LN", "backwards"): 3}),
    ("mates-moved-too", {LSTMS[1]: 160}),
    ("mates-moved-too", {LSTMS[0]: 160, LSTMS[1]: 160}),
    ("one-unit", {LSTMS[2]: 20}),
):
    wrong("layer_norm.reach", *name.split())(REACH | entries)
