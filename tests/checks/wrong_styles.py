"""Natural wrong answers on LayerNorm, in a style of their own."""

import numpy as np
import torch
from register import wrong
from right_later import REACH
from right_layer_norm import at_best, by_average, by_flat_rows, by_names
from scipy import stats


@wrong("layer_norm.trailing", "eps-fixed")
def eps_of_the_docs(x, shape, gamma, beta, *, eps=1e-5):
    return by_flat_rows(x, shape, gamma, beta, eps=1e-5)


@wrong("layer_norm.trailing", "eps-fixed")
def eps_of_habit(x, shape, gamma, beta, *, eps=1e-5):
    return by_flat_rows(x, shape, gamma, beta, eps=1e-8)


@wrong("layer_norm.shards", "order-swapped")
def var_and_mean(n, mean, var):
    return by_average(n, mean, var)[::-1]


wrong("layer_norm.alone", "always-false")(lambda norm, x: False)
wrong("layer_norm.alone", "always-true")(lambda norm, x: True)


def transformed(**options):
    """Convert by one pass over the names, as many would."""
    rows = options.get("rows", lambda t: t - t.mean(1, keepdim=True))
    columns = options.get("columns", lambda t: t - t.mean(0))
    beta = options.get("beta", lambda up, gamma, beta: up @ beta)
    logit = options.get("logit", lambda old, new, beta: old @ beta)
    skip = options.get("skip", ())

    def convert(state):
        old = {k: torch.tensor(v) for k, v in state.items()}
        out = dict(old)
        for name, t in old.items():
            if name in skip:
                continue
            if name in ("byte", "place"):
                out[name] = rows(t)
            if ".down." in name:
                out[name] = columns(t)
            if name.endswith("up.bias"):
                layer, k = name[:-4], name[0]
                of = (old[f"{k}.norm.{n}"] for n in ("weight", "bias"))
                out[name] = t + beta(old[layer + "weight"], *of)
        out["output.weight"] = old["byte"]
        out["output.bias"] = logit(
            old["byte"], out["byte"], old["last.bias"]
        )
        out |= options.get("last", lambda old: {})(old)
        return {k: v.numpy() for k, v in out.items()}

    return convert


def folded(old):
    new = {"output.weight": old["byte"] * old["last.weight"]}
    for k in "01":
        up, gamma = old[f"{k}.up.weight"], old[f"{k}.norm.weight"]
        new[f"{k}.up.weight"] = up * gamma
    return new


def all_biases(old):
    new = {}
    for k in "01":
        b = old[f"{k}.up.bias"]
        b = b + torch.mv(old[f"{k}.up.weight"], old[f"{k}.norm.bias"])
        new[f"{k}.up.bias"] = b - b.mean()
    return new


def both_ways(t):
    return t - t.mean(0) - (t.mean(1, keepdim=True) if t.ndim > 1 else 0)


for names, answer in (
    ("left-out", transformed(rows=lambda t: t)),
    (
        "weights-not-centred bias-not-centred",
        transformed(columns=lambda t: t),
    ),
    ("one-mean-for-all", transformed(rows=lambda t: t - t.mean())),
    ("one-mean-for-all", transformed(columns=lambda t: t - t.mean())),
    (
        "one-mean-for-all",
        transformed(
            rows=lambda t: t - t.mean(), columns=lambda t: t - t.mean()
        ),
    ),
    ("beta-through-gamma", transformed(beta=lambda up, g, b: up @ (g * b))),
    ("beta-through-gamma", transformed(beta=lambda up, g, b: (up * g) @ b)),
    ("another-there", transformed(beta=lambda up, g, b: -up @ b)),
    ("bias-of-the-centred", transformed(logit=lambda old, new, b: new @ b)),
    ("gamma-twice", transformed(last=folded)),
    ("", transformed(last=all_biases)),
    ("", transformed(columns=both_ways)),
    ("", transformed(logit=lambda old, new, b: b)),
    (
        "beta-dropped last-beta-dropped",
        transformed(
            beta=lambda up, *_: 0 * up[:, 0],
            logit=lambda old, *_: 0 * old[:, 0],
        ),
    ),
    (
        "last-block-forgotten",
        transformed(skip=("1.up.bias", "1.down.weight", "1.down.bias")),
    ),
    (
        "left-out",
        transformed(
            skip=[
                f"{k}.{n}"
                for k in "01"
                for n in ("up.bias", "down.weight", "down.bias")
            ]
        ),
    ),
    (
        "left-out",
        transformed(skip=("0.up.bias", "0.down.weight", "0.down.bias")),
    ),
):
    wrong("layer_norm.no_mean", *names.split())(answer)


@wrong("layer_norm.no_mean", "state-changed")
def written_into_the_state(state):
    for name, v in by_names(state).items():
        state[name] = v
    return state


@wrong("layer_norm.no_mean", "state-changed")
def copied_one_level(state):
    new = dict(state)
    new["output.weight"] = state["byte"].copy()
    new["output.bias"] = new["output.weight"] @ state["last.bias"]
    for name in ("byte", "place"):
        new[name] -= new[name].mean(1)[:, None]
    for k in "01":
        new[f"{k}.up.bias"] += (
            state[f"{k}.up.weight"] @ state[f"{k}.norm.bias"]
        )
        for name in (f"{k}.down.weight", f"{k}.down.bias"):
            new[name] -= new[name].mean(0)
    return new


@wrong("layer_norm.no_mean", "in-place")
def untied_by_name_alone(state):
    new = state.copy()
    new["output.weight"] = new["byte"]
    new["output.bias"] = new["byte"] @ new["last.bias"]
    for name in ("byte", "place"):
        new[name] -= new[name].mean(-1, keepdims=True)
    return (
        by_names(state)
        | new
        | {k: v for k, v in by_names(state).items() if k[0] in "01"}
    )


def verdict(low, high, margin):
    if high < margin:
        return "as good"
    return "worse" if low > margin else "open"


@wrong("layer_norm.decide", "of-each-seed")
def by_ratios(layer, rms, margin):
    more = 100 * (at_best(rms) / at_best(layer) - 1)
    n = len(more)
    t = stats.t.ppf(0.975, n - 1) * stats.sem(more)
    ends = more.mean() - t, more.mean() + t
    return *ends, verdict(*ends, margin)


def by_mean(tell):
    def compare(layer, rms, margin):
        a, b = at_best(layer), at_best(rms)
        d = (b - a) / a.mean() * 100
        low, high = stats.t.interval(
            0.95, len(d) - 1, loc=np.mean(d), scale=stats.sem(d)
        )
        return low, high, tell(low, high, d.mean(), margin)

    return compare


for name, tell in (
    (
        "mean-decides",
        lambda low, high, d, m: "worse" if d > m else "as good",
    ),
    (
        "mean-decides",
        lambda low, high, d, m: (
            "as good" if d < m else verdict(low, high, m)
        ),
    ),
    (
        "mean-decides",
        lambda low, high, d, m: "worse" if d > m else verdict(low, high, m),
    ),
    (
        "",
        lambda low, high, d, m: (
            "as good" if d < 0 else verdict(low, high, m)
        ),
    ),
    (
        "another-there",
        lambda low, high, d, m: "as good" if high < m else "worse",
    ),
    (
        "another-there",
        lambda low, high, d, m: "worse" if low > m else "as good",
    ),
    (
        "zero-for-margin",
        lambda low, high, d, m: (
            "open" if low < 0 < high else "worse" if d > 0 else "as good"
        ),
    ),
    ("zero-for-margin", lambda low, high, d, m: verdict(low, high, 0)),
):
    wrong("layer_norm.decide", *name.split())(by_mean(tell))


@wrong("layer_norm.decide", "bits-not-per-cent")
def in_bits(layer, rms, margin):
    d = at_best(rms) - at_best(layer)
    low, high = stats.t.interval(0.95, len(d) - 1, d.mean(), stats.sem(d))
    return low, high, verdict(low, high, margin)


def head(bound=None, row=None, order=1):
    def answer(w, b, gamma, beta):
        v = gamma * w
        v = v - np.mean(v)
        fixed = b + np.sum(w * beta)
        top = np.sqrt(v.size * np.sum(v * v)) + np.abs(fixed)
        z = np.copysign(1, fixed) * v
        found = {
            "v": v,
            "fixed": fixed,
            "w": w,
            "b": b,
            "g": gamma,
            "beta": beta,
        }
        if bound:
            top = bound(**found)
        if row:
            z = row(z=z, **found)
        return (top, z)[::order]

    return answer


def norm2(v):
    return np.sqrt(np.sum(v**2))


for name, answer in (
    ("order-swapped", head(order=-1)),
    ("left-out", head(lambda v, **_: v.size**0.5 * norm2(v))),
    ("length-d", head(lambda v, fixed, **_: norm2(v) + abs(fixed))),
    (
        "length-d",
        head(
            lambda v, fixed, **_: (
                (v.size - 1) ** 0.5 * norm2(v) + abs(fixed)
            )
        ),
    ),
    (
        "rest-with-its-sign",
        head(lambda v, fixed, **_: abs(v.size**0.5 * norm2(v) + fixed)),
    ),
    (
        "left-out",
        head(
            lambda v, fixed, **_: v.size**0.5 * np.sum(v * v) + abs(fixed)
        ),
    ),
    ("along-w", head(row=lambda z, g, **_: g * z)),
    ("along-w", head(row=lambda z, g, **_: z / g)),
    ("", head(row=lambda z, g, beta, **_: g * z / z.std() + beta)),
    ("", head(row=lambda z, **_: z * (abs(z) == abs(z).max()))),
    (
        "",
        head(
            lambda v, fixed, **_: (
                (v.size - 1) ** 0.5 * abs(v).max() + abs(fixed)
            )
        ),
    ),
    (
        "",
        head(
            lambda v, w, fixed, g, **_: (
                v.size**0.5 * max(abs(g)) * norm2(w - w.mean()) + abs(fixed)
            )
        ),
    ),
    (
        "another-there",
        head(lambda v, w, fixed, **_: v.size**0.5 * norm2(w) + abs(fixed)),
    ),
):
    wrong("layer_norm.largest", *name.split())(answer)


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
    ("another-there", {"done": any}),
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


def by_torch(**o):
    """Let torch take the gradient, with one thing other."""

    def answer(*given):
        W, f, moves, pays, after, ends, k, rate, decay = given
        W, f, pays, after, ends = map(
            torch.tensor, (W, f, pays, after, ends)
        )
        W.requires_grad_(True)
        moves = torch.as_tensor(moves)
        with torch.set_grad_enabled(o.get("through", False)):
            best = o.get("best", lambda nxt, now, made: nxt.amax(1))(
                after @ W, f @ W, moves
            )
            target = o.get(
                "target", lambda p, k, e, b: p + k * (1 - e) * b
            )(pays, k, ends, best)
        q = (f @ W)[torch.arange(len(f)), moves]
        loss = o.get("loss", lambda d, made, A: d.square().mean() / 2)(
            target - q, moves, W.shape[1]
        )
        loss.backward()
        new = o.get("new", lambda W, g, r, d: W - r * (g + d * W))(
            W.detach(), W.grad, rate, decay
        )
        return new.numpy()

    return answer


def by_move(d, moves, A):
    parts = [
        d[moves == a].square().mean() / 2
        for a in range(A)
        if (moves == a).any()
    ]
    return sum(parts)


for name, options in (
    ("twice-the-step", {"loss": lambda d, m, A: torch.mean(d**2)}),
    (
        "summed-over-the-batch",
        {"loss": lambda d, m, A: d.square().sum() / 2},
    ),
    (
        "summed-over-the-batch twice-the-step",
        {"loss": lambda d, m, A: d.square().sum()},
    ),
    ("mean-by-move", {"loss": by_move}),
    (
        "divided-by-choices",
        {"loss": lambda d, m, A: d.square().mean() / A / 2},
    ),
    (
        "twice-the-step divided-by-choices",
        {"loss": lambda d, m, A: d.square().mean() / A},
    ),
    (
        "",
        {
            "loss": lambda d, m, A: torch.nn.functional.smooth_l1_loss(
                d, 0 * d
            )
        },
    ),
    ("through-the-target", {"through": True}),
    ("goal-goes-on", {"target": lambda p, k, e, b: p + k * b}),
    ("left-out", {"target": lambda p, k, e, b: p + (1 - e) * b}),
    (
        "payment-lost-at-the-end",
        {"target": lambda p, k, e, b: (1 - e) * (p + k * b)},
    ),
    (
        "payment-discounted",
        {"target": lambda p, k, e, b: k * (p + (1 - e) * b)},
    ),
    ("left-out", {"target": lambda p, k, e, b: k * (1 - e) * b}),
    ("", {"target": lambda p, k, e, b: (1 - k) * p + k * (1 - e) * b}),
    ("left-out", {"best": lambda nxt, now, m: nxt.max()}),
    ("another-there", {"best": lambda nxt, now, m: nxt.amax(0)}),
    ("another-there", {"best": lambda nxt, now, m: now.amax(1)}),
    ("another-there", {"best": lambda nxt, now, m: nxt.amin(1)}),
    ("mean-of-moves", {"best": lambda nxt, now, m: nxt.mean(1)}),
    ("", {"best": lambda nxt, now, m: nxt.argmax(1)}),
    ("", {"best": lambda nxt, now, m: nxt[range(len(m)), now.argmax(1)]}),
    ("left-out", {"new": lambda W, g, r, d: W - r * g}),
    ("another-there", {"new": lambda W, g, r, d: W - r * g + r * d * W}),
    ("decay-without-rate", {"new": lambda W, g, r, d: (1 - d) * W - r * g}),
    (
        "decay-of-the-new",
        {"new": lambda W, g, r, d: (W - r * g) * (1 - r * d)},
    ),
    ("", {"new": lambda W, g, r, d: W - r * (g + d / 2 * W)}),
    ("", {"new": lambda W, g, r, d: W - r * (g + 2 * d * W)}),
    (
        "error-turned-round",
        {"new": lambda W, g, r, d: W + r * g - r * d * W},
    ),
    ("another-there", {"new": lambda W, g, r, d: W + r * (g + d * W)}),
    ("left-out", {"new": lambda W, g, r, d: -r * (g + d * W)}),
):
    wrong("layer_norm.q_step", *name.split())(by_torch(**options))


def limit(**o):
    def answer(f, seen, P, discount, decay):
        X, Y = f.astype(complex), discount * P.astype(complex)
        D = np.diag(seen)
        M = o.get("M", lambda X, D, Y, f: X.T @ D @ X - X.T @ D @ Y @ X)(
            X, D, Y, f
        )
        M = o.get("decay", lambda M, d: M + d * np.identity(len(M)))(
            M, decay
        )
        a = o.get("roots", np.linalg.eigvals)(M)
        if o.get("none", lambda a: min(a.real) <= 0)(a):
            return o.get("zero", lambda a: 0.0)(a)
        return o.get(
            "rate", lambda a: min(2 * a.real / (a.real**2 + a.imag**2))
        )(a)

    return answer


for name, options in (
    ("real-part-only", {"rate": lambda a: 2 / abs(a).max()}),
    ("real-part-only", {"rate": lambda a: 2 / max(a.real)}),
    ("one-not-two", {"rate": lambda a: min(a.real / abs(a) ** 2)}),
    ("left-out", {"rate": lambda a: min(2 * a.real / abs(a))}),
    ("another-there", {"rate": lambda a: max(2 * a.real / abs(a) ** 2)}),
    ("left-out", {"none": lambda a: False}),
    ("", {"zero": lambda a: np.inf}),
    ("sign-lost", {"roots": lambda M: np.linalg.svd(M)[1]}),
    (
        "symmetric-part",
        {"roots": lambda M: np.linalg.eigvalsh((M + M.T) / 2)},
    ),
    ("symmetric-part", {"roots": np.linalg.eigvalsh}),
    ("left-out", {"decay": lambda M, d: M + d}),
    ("another-there", {"decay": lambda M, d: M - d * np.identity(len(M))}),
    ("decay-forgotten", {"decay": lambda M, d: M}),
    (
        "moves-turned-round",
        {"M": lambda X, D, Y, f: X.T @ D @ X - X.T @ Y @ D @ X},
    ),
    ("left-out", {"M": lambda X, D, Y, f: X.T @ (X - Y @ X)}),
    (
        "all-seen-alike",
        {"M": lambda X, D, Y, f: X.T @ (X - Y @ X) / len(X)},
    ),
    ("", {"M": lambda X, D, Y, f: X.T @ D @ X - X.T @ Y @ X}),
    (
        "another-there",
        {"M": lambda X, D, Y, f: (X - Y @ X).T @ D @ (X - Y @ X)},
    ),
    (
        "features-forgotten",
        {"M": lambda X, D, Y, f: D @ (np.eye(len(X)) - Y)},
    ),
    ("", {"M": lambda X, D, Y, f: X.T @ D @ (Y @ X - X)}),
    (
        "moves-turned-round",
        {"M": lambda X, D, Y, f: X.T @ D @ (X - Y.T @ X)},
    ),
    ("all-must-fail", {"none": lambda a: max(a.real) <= 0}),
):
    wrong("layer_norm.safe_rate", *name.split())(limit(**options))

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
