"""Wrong answers to the exercises of right_instance; by hand."""

import numpy as np
import torch
from register import wrong
from right_instance import (
    STAYS,
    fault_by_loops,
    fault_by_rounding,
    restyled_by_loops,
    restyled_by_torch,
)

from normlib.reference import instance_norm_forward

PLACE = (2, 3)


def mean(x, axis=PLACE):
    return np.mean(x, axis, keepdims=True)


def wide(x, axis=PLACE, ddof=0):
    return np.std(x, axis, ddof=ddof, keepdims=True)


def adain(h, s, over=PLACE, of=PLACE):
    x_hat = (h - mean(h, over)) / wide(h, over)
    return wide(s, of) * x_hat + mean(s, of)


def lerp(h, new, a):
    return h + a[:, None, None, None] * (new - h)


def styled(new=adain, blend=lerp):
    return lambda h, s, a: blend(h, new(h, s), a)


def unlike(h, s):
    """Divide by roots of sums, as if squares needed no mean."""
    d, e = h - mean(h), s - mean(s)
    root = np.sqrt((d**2).sum(PLACE, keepdims=True))
    return d / root * np.sqrt((e**2).sum(PLACE, keepdims=True)) + mean(s)


def as_published(h, s):
    """Take both deviations with m − 1, and an ε under both roots."""
    root_h, root_s = (np.sqrt(wide(x, ddof=1) ** 2 + 1e-5) for x in (h, s))
    return (h - mean(h)) / root_h * root_s + mean(s)


BATCH, SAMPLE = (0, 2, 3), (1, 2, 3)
for names, answer in (
    ("content-over-batch", styled(lambda h, s: adain(h, s, BATCH))),
    ("content-over-channels", styled(lambda h, s: adain(h, s, SAMPLE))),
    ("style-over-batch", styled(lambda h, s: adain(h, s, of=BATCH))),
    ("style-over-channels", styled(lambda h, s: adain(h, s, of=SAMPLE))),
    ("content-over-batch style-over-batch", styled(
        lambda h, s: adain(h, s, BATCH, BATCH))),
    ("content-over-channels style-over-channels", styled(
        lambda h, s: adain(h, s, SAMPLE, SAMPLE))),
    ("divided-by-variance", styled(lambda h, s:
        (h - mean(h)) / wide(h) ** 2 * wide(s) + mean(s))),
    ("variance-of-style", styled(lambda h, s:
        (h - mean(h)) / wide(h) * wide(s) ** 2 + mean(s))),
    ("divided-by-variance variance-of-style", styled(lambda h, s:
        (h - mean(h)) / wide(h) ** 2 * wide(s) ** 2 + mean(s))),
    ("unbiased", styled(lambda h, s: (h - mean(h)) / wide(h, ddof=1)
        * wide(s, ddof=1) + mean(s))),
    ("unbiased eps-added", styled(as_published)),
    ("", styled(unlike)),
    ("content-mean-left", styled(
        lambda h, s: wide(s) * h / wide(h) + mean(s))),
    ("style-mean-left-out", styled(
        lambda h, s: adain(h, s) - mean(s))),
    ("own-mean-kept", styled(
        lambda h, s: adain(h, s) - mean(s) + mean(h))),
    ("content-mean-left style-mean-left-out", styled(
        lambda h, s: wide(s) * h / wide(h))),
    ("left-out", styled(lambda h, s: (h - mean(h)) / wide(h) + mean(s))),
    ("", styled(lambda h, s: wide(s) * ((h - mean(h)) / wide(h)
        + mean(s)))),
    ("", styled(lambda h, s: h + mean(s))),
    ("ratio-inverted", styled(
        lambda h, s: (h - mean(h)) * wide(h) / wide(s) + mean(s))),
    ("blend-turned", styled(blend=lambda h, new, a: lerp(new, h, a))),
    ("on-top", styled(blend=lambda h, new, a: h + lerp(0, new, a))),
    ("rest-left-out", styled(blend=lambda h, new, a: lerp(0, new, a))),
    ("keepdims-forgotten", lambda h, s, a: lerp(
        h, s.std(PLACE) * (h - h.mean(PLACE)) / h.std(PLACE)
        + s.mean(PLACE), a)),
    ("style-mean-in-full", lambda h, s, a: mean(s) + lerp(
        h, adain(h, s) - mean(s), a)),
    ("strength-ignored", styled(blend=lambda h, new, a: new)),
    ("one-strength", styled(
        blend=lambda h, new, a: lerp(h, new, 0 * a + a.mean()))),
    ("one-strength", styled(
        blend=lambda h, new, a: lerp(h, new, 0 * a + a[0]))),
    ("strength-by-place", styled(
        blend=lambda h, new, a: h + a * (new - h))),
    ("strength-by-place", styled(
        blend=lambda h, new, a: h + a[:, None] * (new - h))),
):  # fmt: skip
    wrong("other_techniques.restyle", *names.split())(answer)


@wrong("other_techniques.restyle", "variances-blended")
def restyled_by_variances(h, s, a):
    a = a[:, None, None, None]
    var = a * s.var(PLACE, keepdims=True)
    var = var + (1 - a) * h.var(PLACE, keepdims=True)
    x_hat = (h - mean(h)) / h.std(PLACE, keepdims=True)
    return x_hat * var**0.5 + a * mean(s) + (1 - a) * mean(h)


@wrong("other_techniques.restyle", "strength-on-mean-alone")
def restyled_in_brightness(h, s, a):
    at = lerp(mean(h), mean(s), a)
    return (h - mean(h)) / wide(h) * wide(s) + at


@wrong("other_techniques.restyle", "strength-on-deviation-alone")
def restyled_in_contrast(h, s, a):
    return (h - mean(h)) / wide(h) * lerp(wide(h), wide(s), a) + mean(s)


@wrong("other_techniques.restyle", "borrowed")
def restyled_by_the_course(h, s, a):
    new = [
        instance_norm_forward(x[None], at.std((1, 2)), at.mean((1, 2)))[0]
        for x, at in zip(h, s, strict=True)
    ]
    return lerp(h, np.concatenate(new), a)


@wrong("other_techniques.restyle", "exchanged")
def restyled_the_other_way(h, s, a):
    return restyled_by_loops(s, h, a)


@wrong("other_techniques.restyle")
def restyled_as_a_tensor(h, s, a):
    return torch.tensor(restyled_by_torch(h, s, a))


@wrong("other_techniques.restyle", "input-changed")
def restyled_in_place(h, s, a):
    h[:] = restyled_by_torch(h, s, a)
    return h


for names, off in (
    ("ln-by-channel", {"pairs": "LN GN IN", "tinted": "LN IN"}),
    ("ln-by-channel", {"tinted": "LN IN"}),
    ("gn-by-channel", {"tinted": "GN IN", "both tinted": "BN GN IN"}),
    ("gn-one-group", {"pairs": "IN", "spike": "BN IN"}),
    ("in-over-channels", {
        "pairs": "GN", "tinted": "", "both tinted": "BN",
        "spike": "BN GN"}),
    ("bn-own", {
        "dimmed": "BN LN GN IN", "pairs": "BN GN IN", "tinted": "BN IN",
        "mate": "BN LN GN IN"}),
    ("bn-own", {"mate": "BN LN GN IN"}),
    ("tints-beside-a-mate", {"both tinted": "IN"}),
    ("nothing-by-one-group", {"dimmed": "GN IN"}),
    ("negative-forgotten", {"negative": "LN GN IN"}),
    ("nobody-own", {"mate": ""}),
    ("exchange-never-felt", {"exchanged": "BN LN GN IN"}),
    ("exchange-felt-in-ln", {"exchanged": "BN IN"}),
    ("spike-nowhere", {"spike": "BN LN GN IN"}),
    ("spike-in-both-groups", {"spike": "BN IN"}),
    ("spike-everywhere", {"spike": ""}),
    ("", {"spike": "LN"}),
    ("", {"dimmed": "BN"}),
    ("negative-forgotten spike-everywhere", {
        "negative": "LN GN IN", "spike": ""}),
    ("", {"dimmed": "LayerNorm"}),
    ("", {"dimmed": 3}),
):  # fmt: skip
    wrong("other_techniques.forgets", *names.split())(STAYS | off)
changing = {
    key: [n for n in ("BN", "LN", "GN", "IN") if n not in names]
    for key, names in STAYS.items()
}
wrong("other_techniques.forgets", "asked-the-other-way")(changing)


def instead(**renamed):
    def fault(h, y, t):
        found = fault_by_loops(h, y, t)
        return renamed.get(found.split()[0], found)

    return fault


for names, answer in (
    ("averages-not-seen", instead(running="healthy")),
    ("normed-output-not-seen", instead(norm="healthy")),
    ("pooled-for-forgotten", instead(pooled="asks what it forgets")),
    ("classes-not-seen", instead(asks="healthy")),
    ("averages-not-seen normed-output-not-seen",
     instead(running="healthy", norm="healthy")),
    ("", instead(too="healthy")),
    ("", instead(pooled="healthy")),
    ("", lambda h, y, t: "healthy"),
    ("", lambda h, y, t: "sick"),
    ("", lambda h, y, t: 3),
):  # fmt: skip
    wrong("other_techniques.broken", *names.split())(answer)


@wrong("other_techniques.broken")
def fault_of_rows(h, y, t):
    if 1 in h.shape[2:3]:
        return "too few positions"
    found = fault_by_rounding(h, y, t)
    if found == "too few positions":  # two in a column
        return fault_by_rounding(h[..., [0, 0]], y, t)
    return found


@wrong("other_techniques.broken", "copies-accused")
def fault_by_copies(h, y, t):
    found = fault_by_rounding(h, y, t)
    return "asks what it forgets" if found == "healthy" else found


@wrong("other_techniques.broken")
def fault_by_shape_alone(h, y, t):
    return "too few positions" if h[0, 0].size < 3 else "healthy"


@wrong("other_techniques.broken", "means-alone")
def fault_by_sums(h, y, t):
    found = fault_by_rounding(h, y, t)
    unseen = found in ("too few positions", "running averages")
    if not unseen and np.allclose(y.sum(1), 0, atol=1e-3):
        return "norm behind the output"
    return found
