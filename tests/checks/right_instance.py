"""Right answers on instance norm, written differently; and nearly so.

Nothing from the catalogue.
"""

import math

import numpy as np
import torch
from register import right


@right("other_techniques.restyle")
def restyled_by_loops(h, s, a):
    y = np.empty_like(h)
    for n in range(h.shape[0]):
        for c in range(h.shape[1]):
            one, style = h[n, c], s[n, c]
            mean = sum(one.flat) / one.size
            spread = math.sqrt(sum((one.flat - mean) ** 2) / one.size)
            wide = math.sqrt(((style - style.mean()) ** 2).mean())
            new = (one - mean) / spread * wide + style.mean()
            y[n, c] = one + a[n] * (new - one)
    return y


@right("other_techniques.restyle")
def restyled_by_moments(h, s, a):
    """Blend the moments: at ε = 0 that is the same."""
    a = a.reshape(-1, 1, 1, 1)

    def moments(x):
        mean = np.einsum("nchw->nc", x) / x[0, 0].size
        x = x - mean[:, :, None, None]
        var = np.einsum("nchw,nchw->nc", x, x) / x[0, 0].size
        return mean[:, :, None, None], var[:, :, None, None] ** 0.5

    (mean, wide), (of_style, to) = moments(h), moments(s)
    x_hat = (h - mean) / wide
    return (a * to + (1 - a) * wide) * x_hat + a * of_style + (1 - a) * mean


@right("other_techniques.restyle")
def restyled_by_torch(*given):
    h, s, a = map(torch.tensor, given)
    flat, style = h.flatten(2), s.flatten(2)
    var, mean = torch.var_mean(flat, 2, correction=0, keepdim=True)
    to, at = torch.std_mean(style, 2, correction=0, keepdim=True)
    new = (flat - mean) * var.rsqrt() * to + at
    return torch.lerp(flat, new, a[:, None, None]).view_as(h).numpy()


@right("other_techniques.restyle")
def restyled_by_transposing(h, s, a):
    h, s = h.transpose(2, 3, 0, 1), s.transpose(2, 3, 0, 1)
    at = (0, 1)
    line = s.std(at) / h.std(at)
    new = line * h + s.mean(at) - line * h.mean(at)
    return (h + a[:, None] * (new - h)).transpose(2, 3, 0, 1)


STAYS = {
    "dimmed": "LN GN IN",
    "pairs": "GN, IN",
    "tinted": "IN",
    "both tinted": "IN BN",
    "mate": "IN GN LN",
    "exchanged": "BN LN IN",
    "spike": "BN GN IN",
    "negative": "",
}
right("other_techniques.forgets")(STAYS)
right("other_techniques.forgets")(
    {
        key: {*names.replace(",", " ").split()}
        for key, names in STAYS.items()
    }
)
right("other_techniques.forgets")(
    {key: tuple(STAYS[key].replace(",", "").split()) for key in STAYS}
)


@right("other_techniques.broken")
def fault_by_loops(h, y, t):
    if h.shape[2] * h.shape[3] in (1, 2):
        return "too few positions"
    for picture in h:
        for channel in picture:
            if not 0.98 < ((channel**2).mean()) < 1.02:
                return "running averages"
    if all(abs(sum(row)) < 1e-6 < abs(row[0]) for row in y):
        return "norm behind the output"
    if all(abs(row - y[0]).max() < 1e-9 for row in y):
        return "pooled at once"
    for a, b in ((0, 3), (1, 4), (2, 5)):
        if t[a] != t[b]:
            return "asks what it forgets"
    return "healthy"


@right("other_techniques.broken")
def fault_by_torch(*given):
    h, y, t = map(torch.tensor, given)
    apart = torch.cdist(y, y)
    unlike = t[:, None] != t
    long = y.norm(dim=1) / y.size(1) ** 0.5
    off = h.flatten(2).var(2, correction=0) - 1
    kinds = (
        (h.flatten(2).size(2) <= 2, "too few positions"),
        (off.abs().max() > 1e-2, "running averages"),
        ((long - 1).abs().max() < 1e-2, "norm behind the output"),
        (apart.max() < 1e-6, "pooled at once"),
        ((apart[unlike] < 0.01).any(), "asks what it forgets"),
    )
    return next((name for found, name in kinds if found), "healthy")


@right("other_techniques.broken")
def fault_by_rounding(h, y, t):
    """Write y to two decimals, and look who shares a line."""
    if h[0, 0].size <= 2:
        return "too few positions"
    if not np.allclose(h.var((2, 3)), 1, atol=0.01):
        return "running averages"
    if np.allclose((y**2).mean(1), 1, atol=0.01):
        return "norm behind the output"
    if np.allclose(y, y[:1]):
        return "pooled at once"
    lines = {}
    for row, label in zip(y, t, strict=True):
        lines.setdefault(str(row.round(1) + 0.0), set()).add(int(label))
    if max(map(len, lines.values())) > 1:
        return "asks what it forgets"
    return "healthy"


def off(f):
    return lambda *given: 1.001 * f(*given)


def one_run_off(h, y, t):
    return "healthy" if y.shape[1] == 4 else fault_by_loops(h, y, t)


OFF = {
    "other_techniques.restyle": [off(restyled_by_torch)],
    "other_techniques.forgets": [STAYS | {"negative": ["BN"]}],
    "other_techniques.broken": [one_run_off],
}
