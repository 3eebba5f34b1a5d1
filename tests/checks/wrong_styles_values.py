"""Natural wrong answers on values that run away, in another style."""

import numpy as np
import torch
from register import wrong


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
        "divided-by-moves",
        {"loss": lambda d, m, A: d.square().mean() / A / 2},
    ),
    (
        "twice-the-step divided-by-moves",
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
    ("sign-lost", {"rate": lambda a: 2 / abs(a).max()}),
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
