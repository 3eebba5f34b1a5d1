"""Natural wrong answers on LayerNorm, in a style of their own."""

import numpy as np
import torch
from register import wrong
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
