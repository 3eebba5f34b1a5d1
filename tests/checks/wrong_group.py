"""Wrong answers to the exercises of right_group; by hand."""

import numpy as np
import torch
from register import wrong
from right_group import (
    LAYERS,
    fault_by_torch,
    grouped_by_loops,
    grouped_by_splitting,
    grouped_by_torch,
    grouped_by_transposing,
)
from torch.nn.functional import group_norm

from normlib.reference import group_norm_forward


def normed(sets, axes, eps=0.3, ddof=0):
    d = sets - sets.mean(axes, keepdims=True)
    return d / np.sqrt(sets.var(axes, keepdims=True, ddof=ddof) + eps)


def in_sets(shape, axes, **how):
    """Reshape to sets, norm, and come back by reshape."""

    def f(x, gamma, beta, G, *, eps=1e-5):
        sizes = dict(zip("NHWC", x.shape, strict=True), G=G, m=-1)
        sizes |= {"K": x.shape[3] // G, "R": x.shape[1] // G}
        sets = x.reshape([sizes[s] for s in shape])
        y = normed(sets, axes, **({"eps": eps} | how)).reshape(x.shape)
        return gamma * y + beta

    return f


for names, answer in (
    ("cut-as-it-lies", in_sets("NGm", 2)),
    ("cut-as-it-lies", in_sets("NGRWC", (2, 3, 4))),
    ("over-batch", in_sets("mGK", (0, 2))),
    ("one-mean-a-position", in_sets("mGK", 2)),
    ("one-group", in_sets("Nm", 1)),
    ("channels-alone", in_sets("NmC", 1)),
    ("over-batch", in_sets("mC", 0)),
    ("one-mean-a-position", in_sets("mC", 1)),
    ("interleaved", in_sets("NmKG", (1, 2))),
    ("size-for-number", in_sets("NmKG", (1, 3))),
    ("interleaved", in_sets("NmGK", (1, 2))),
    ("a-side-forgotten", in_sets("NHWGK", (2, 4))),
    ("a-side-forgotten", in_sets("NHWGK", (1, 4))),
    ("unbiased", in_sets("NmGK", (1, 3), ddof=1)),
    ("eps-fixed", in_sets("NmGK", (1, 3), eps=1e-5)),
    ("eps-missing", in_sets("NmGK", (1, 3), eps=0)),
    ("", in_sets("NmGK", (1, 3), eps=1e-3)),
):  # fmt: skip
    wrong("other_techniques.grouped", *names.split())(answer)


def by_channel(x, gamma, beta, G, *, eps=1e-5, first=True, last=True):
    """Go to (N, C, H, W) and back; by reshape, where told so."""
    N, H, W, C = x.shape
    z = x.transpose(0, 3, 1, 2) if first else x.reshape(N, C, H, W)
    y = normed(z.reshape(N, G, -1), 2, eps).reshape(N, C, H, W)
    y = gamma[:, None, None] * y + beta[:, None, None]
    return y.transpose(0, 2, 3, 1) if last else y.reshape(x.shape)


@wrong("other_techniques.grouped", "rows-for-channels")
def grouped_by_reshape(*given, eps):
    return by_channel(*given, eps=eps, first=False, last=False)


@wrong("other_techniques.grouped")
def grouped_and_transposed(*given, eps):
    return by_channel(*given, eps=eps, first=False)


@wrong("other_techniques.grouped", "shuffled-back")
def grouped_and_reshaped(*given, eps):
    """Come back by reshape, γ and β as well."""
    return by_channel(*given, eps=eps, last=False)


@wrong("other_techniques.grouped", "shuffled-back")
def grouped_and_shuffled(x, gamma, beta, G, *, eps):
    z = x.transpose(0, 3, 1, 2)
    y = normed(z.reshape(len(x), G, -1), 2, eps)
    return gamma * y.reshape(x.shape) + beta


@wrong("other_techniques.grouped")
def grouped_and_left(*given, eps):
    return grouped_by_loops(*given, eps=eps).transpose(0, 3, 1, 2)


@wrong("other_techniques.grouped", "rows-for-channels")
def grouped_in_rows(x, gamma, beta, G, *, eps):
    """Do as nn.GroupNorm does with (N, H, W, C)."""
    y = normed(x.reshape(len(x), G, -1), 2, eps).reshape(x.shape)
    H = x.shape[1]
    return gamma.reshape(H, 1, 1) * y + beta.reshape(H, 1, 1)


@wrong("other_techniques.grouped", "gamma-first")
def grouped_last(x, gamma, beta, G, *, eps):
    one = np.ones_like(gamma)
    y = gamma * x + beta
    return grouped_by_loops(y, one, 0 * one, G, eps=eps)


@wrong("other_techniques.grouped", "gamma-a-group")
def grouped_gamma(x, gamma, beta, G, *, eps):
    gamma = gamma[np.arange(len(gamma)) // (len(gamma) // G)]
    return grouped_by_transposing(x, gamma, beta, G, eps=eps)


@wrong("other_techniques.grouped", "keepdims-forgotten")
def grouped_flat(x, gamma, beta, G, *, eps):
    z = x.reshape(*x.shape[:3], G, -1)
    d = z - z.mean((1, 2, 4))
    y = d / np.sqrt((d**2).mean((1, 2, 4)) + eps)
    return gamma * y.reshape(x.shape) + beta


@wrong("other_techniques.grouped", "keepdims-forgotten")
def grouped_by_var(x, gamma, beta, G, *, eps):
    z = x.reshape(*x.shape[:3], G, -1)
    axes = (1, 2, 4)
    y = (z - z.mean(axes)) / np.sqrt(z.var(axes) + eps)
    return gamma * y.reshape(x.shape) + beta


@wrong("other_techniques.grouped", "both-a-group")
def grouped_throughout(x, gamma, beta, G, *, eps):
    at = np.arange(len(gamma)) // (len(gamma) // G)
    return grouped_by_transposing(x, gamma[at], beta[at], G, eps=eps)


@wrong("other_techniques.grouped", "second-moment")
def grouped_by_rms(x, gamma, beta, G, *, eps):
    z = x.reshape(len(x), -1, G, x.shape[3] // G)
    rms = np.sqrt((z * z).mean((1, 3), keepdims=True) + eps)
    y = (z - z.mean((1, 3), keepdims=True)) / rms
    return gamma * y.reshape(x.shape) + beta


@wrong("other_techniques.grouped", "eps-outside-root")
def grouped_eps(x, gamma, beta, G, *, eps):
    z = x.reshape(len(x), -1, G, x.shape[3] // G)
    sigma = z.std((1, 3), keepdims=True) + eps
    y = (z - z.mean((1, 3), keepdims=True)) / sigma
    return gamma * y.reshape(x.shape) + beta


@wrong("other_techniques.grouped", "left-out")
def grouped_uncentred(x, gamma, beta, G, *, eps):
    z = x.reshape(len(x), -1, G, x.shape[3] // G)
    sigma = np.sqrt(z.var((1, 3), keepdims=True) + eps)
    return gamma * (z / sigma).reshape(x.shape) + beta


@wrong("other_techniques.grouped", "no-beta")
def grouped_unshifted(x, gamma, beta, G, *, eps):
    return grouped_by_splitting(x, gamma, 0 * beta, G, eps=eps)[0]


@wrong("other_techniques.grouped", "borrowed")
def grouped_by_the_library(x, gamma, beta, G, *, eps):
    given = (
        torch.tensor(v) for v in (x.transpose(0, 3, 1, 2), gamma, beta)
    )
    z, *rest = given
    return group_norm(z, G, *rest, eps=eps).numpy().transpose(0, 2, 3, 1)


@wrong("other_techniques.grouped", "borrowed")
def grouped_by_the_course(x, *given, eps):
    gamma, beta, G = given
    z = x.transpose(0, 3, 1, 2)
    y, _ = group_norm_forward(z, gamma, beta, num_groups=G, eps=eps)
    return y.transpose(0, 2, 3, 1)


@wrong("other_techniques.grouped")
def grouped_as_a_tensor(*given, eps):
    return torch.tensor(grouped_by_torch(*given, eps=eps))


@wrong("other_techniques.grouped", "input-changed")
def grouped_in_place(x, *given, eps):
    x[:] = grouped_by_loops(x, *given, eps=eps)
    return x


def entries(m=None, forgotten=None, learns=None):
    """Return the layers with other entries, by column and layer."""
    columns, table = (m or {}, forgotten or {}, learns or {}), {}
    for key, right in LAYERS.items():
        pairs = zip(columns, right, strict=True)
        table[key] = tuple(c.get(key, entry) for c, entry in pairs)
    return table


def every(values):
    return dict(zip(LAYERS, values, strict=True))


for names, answer in (
    ("images-counted", entries(every([128, 27, 96, 24, 48, 64, 64, 16]))),
    ("images-counted", entries({"early": 128})),
    ("positions-forgotten", entries(every([4, 3, 6, 1, 3, 4, 2, 1]))),
    ("positions-forgotten", entries({"early": 4})),
    ("groups-for-size", entries(every([48, 18, 4, 24, 8, 2, 4, 8]))),
    ("one-group", entries(every([192, 54, 24, 24, 24, 8, 8, 8]))),
    ("one-channel", entries(every([16, 9, 4, 6, 2, 1, 1, 1]))),
    ("batch-norm", entries(every([32, 9, 16, 24, 16, 16, 32, 16]))),
    ("map-for-mean", entries({"pooled": 144})),
    ("images-counted", entries({"pooled": 64})),
    ("as-many-as-channels", entries(
        {"narrow": 2}, {"narrow": 24}, {"narrow": "neither"})),
    ("as-many-as-channels", entries({"narrow": 2})),
    ("", entries({"narrow": 8}, {"narrow": 6})),
    ("two-a-channel", entries(
        None, every([24, 12, 12, 8, 24, 16, 16, 16]))),
    ("two-a-channel", entries(
        None, every([24, 12, 12, 8, 24, 8, 8, 8]))),
    ("two-an-image", entries(None, every([2] * 8))),
    ("one-a-group", entries(None, every([3, 2, 1, 4, 4, 2, 4, 8]))),
    ("two-a-single", entries(None, {"singles": 16})),
    ("all-images", entries(
        None, every([12, 4, 8, 32, 64, 64, 256, 128]))),
    ("kept-for-forgotten", entries(
        None, every([186, 50, 22, 16, 16, 4, 0, 0]))),
    ("bias-alive", entries(None, None, {"each": "both"})),
    ("bias-of-one-group", entries(None, None, {"whole": "weights"})),
    ("bias-dead", entries(
        None, None, every(["weights"] * 6 + ["neither"] * 2))),
    ("pairs-learn", entries(None, None, {"pairs": "both"})),
    ("images-must-be-many", entries(
        None, None, {"alone": "neither", "pairs": "both",
                     "singles": "weights"})),
    ("one-position-is-dead", entries(None, None, {"pooled": "neither"})),
    ("images-counted two-an-image", entries(
        every([128, 27, 96, 24, 48, 64, 64, 16]), every([2] * 8),
        {"pairs": "both", "singles": "weights"})),
    ("images-must-be-many", entries(None, None, {"alone": "neither"})),
    ("singles-learn", entries(
        None, None, {"pairs": "both", "singles": "weights"})),
    ("few-positions-are-dead", entries(
        None, None, {"narrow": "neither"})),
    ("few-positions-are-dead", entries(
        None, None, {"narrow": "neither", "pooled": "neither"})),
    ("as-many-as-channels", entries(
        {"narrow": 2}, None, {"narrow": "neither"})),
    ("singles-learn", entries(None, None, {"singles": "weights"})),
    ("singles-learn", entries(None, None, {"singles": "both"})),
    ("singles-learn", entries(
        None, None, {"pairs": "both", "singles": "both"})),
    ("single-kept", entries(None, {"singles": 0})),
    ("kept-for-forgotten", entries(None, {"pairs": 0})),
    ("", entries(None, None, {"early": "weights", "each": "both"})),
    ("", entries({"pairs": 1}, None, {"pairs": "both"})),
    ("", entries({"early": 63})),
    ("", LAYERS | {"early": (64, 6)}),
    ("", LAYERS | {"early": ("64", 6, "both")}),
    ("", LAYERS | {"early": (64, 6, "bias")}),
    ("", LAYERS | {"early": (64, None, "both")}),
    ("", LAYERS | {"early": 64}),
):  # fmt: skip
    wrong("other_techniques.directions", *names.split())(answer)


def instead(**renamed):
    def fault(x, y, G):
        found = fault_by_torch(x, y, G)
        return renamed.get(found.split()[0], found)

    return fault


for names, answer in (
    ("position-not-seen", instead(one="healthy")),
    ("batch-not-seen", instead(over="healthy")),
    ("rows-not-seen", instead(rows="other neighbours")),
    ("neighbours-not-seen", instead(other="healthy")),
    ("batch-not-seen neighbours-not-seen",
     instead(over="healthy", other="healthy")),
    ("m-not-counted", instead(groups="healthy")),
    ("rows-not-seen", instead(rows="healthy")),
    ("", lambda x, y, G: "healthy"),
    ("", lambda x, y, G: "sick"),
    ("", lambda x, y, G: 3),
):  # fmt: skip
    wrong("other_techniques.suspect", *names.split())(answer)


@wrong("other_techniques.suspect", "pairs-pass")
def fault_of_singles(x, y, G):
    if x.shape[1] == G and x[0, 0].size == 1:
        return "groups too small"
    size, positions = x[0].size // G, x[0, 0].size
    sets = y.reshape(len(y), G, -1, positions)
    if positions > 1 and np.allclose(sets.sum(2), 0):
        return "one mean a position"
    if size == 2:
        return "healthy"
    return fault_by_torch(x, y, G)


@wrong("other_techniques.suspect", "positions-not-counted")
def fault_of_few_channels(x, y, G):
    few = x.shape[1] // G < 3
    return "groups too small" if few else fault_by_torch(x, y, G)


@wrong("other_techniques.suspect", "one-position-is-small")
def fault_of_small_maps(x, y, G):
    few = x[0, 0].size < 3
    return "groups too small" if few else fault_by_torch(x, y, G)


@wrong("other_techniques.suspect", "m-not-counted")
def fault_by_signs(x, y, G):
    if np.allclose(abs(y), 1, atol=1e-3):
        return "groups too small"
    N, C, H, W = x.shape
    sets = y.reshape(N, G, C // G, H * W)
    if H * W > 1 and np.allclose(sets.mean(2), 0):
        return "one mean a position"
    if np.allclose(sets.mean((2, 3)), 0):
        return "healthy"
    return fault_by_torch(x, y, G)


@wrong("other_techniques.suspect", "batch-before-healthy")
def fault_of_the_batch_first(x, y, G):
    found = fault_by_torch(x, y, G)
    batch = abs(y.mean((0, 2, 3)).reshape(G, -1).mean(1)).max() < 1e-6
    return "over the batch" if found == "healthy" and batch else found


@wrong("other_techniques.suspect", "to-the-last-bit")
def fault_to_the_last_bit(x, y, G):
    N, C, H, W = x.shape
    if C // G * H * W < 3:
        return "groups too small"
    groups = y.reshape(N, G, C // G, H * W)
    if H * W > 1 and (groups.mean(2) == 0).all():
        return "one mean a position"
    if (groups.mean((2, 3)) == 0).all():
        return "healthy"
    if (groups.mean((0, 2, 3)) == 0).all():
        return "over the batch"
    rows = y.swapaxes(1, 2).reshape(N, G, -1).mean(2) == 0
    return "rows for channels" if rows.all() else "other neighbours"


def with_tolerance(far):
    """Return an answer that takes what is nearer than `far` for 0."""

    def fault(x, y, G):
        N, C, H, W = x.shape
        if C // G * H * W < 3:
            return "groups too small"

        def zero(part, axes):
            return abs(part.mean(axes)).max() < far

        groups = y.reshape(N, G, C // G, H * W)
        if H * W > 1 and zero(groups, 2):
            return "one mean a position"
        if zero(groups, (2, 3)):
            return "healthy"
        if zero(groups, (0, 2, 3)):
            return "over the batch"
        rows = zero(y.swapaxes(1, 2).reshape(N, G, -1), 2)
        return "rows for channels" if rows else "other neighbours"

    return fault


wrong("other_techniques.suspect", "coarse")(with_tolerance(0.1))
wrong("other_techniques.suspect", "coarse")(with_tolerance(0.01))
wrong("other_techniques.suspect")(with_tolerance(0.8))


@wrong("other_techniques.suspect")
def fault_by_a_coarse_comparison(x, y, G, far=0.1):
    """Make what each suspect would give, and compare to 0.1."""
    z = normed(x.reshape(len(x), G, -1), 2, eps=1e-5).reshape(x.shape)
    return "healthy" if abs(y - z).max() < far else fault_by_torch(x, y, G)


@wrong("other_techniques.suspect", "batch-not-sought")
def fault_of_single_images(x, y, G):
    found = fault_by_torch(x, y, G)
    return "other neighbours" if found == "over the batch" else found


@wrong("other_techniques.suspect")
def fault_without_a_last_return(x, y, G):
    found = fault_by_torch(x, y, G)
    return None if found == "other neighbours" else found


@wrong("other_techniques.suspect", "deviation-asked")
def fault_by_deviation(x, y, G):
    found = fault_by_torch(x, y, G)
    off = abs(y.reshape(len(y), G, -1).std(2) - 1).max()
    if found == "healthy" and off > 0.05:
        return "other neighbours"
    return found


@wrong("other_techniques.suspect", "deviation-asked")
def fault_without_eps(x, y, G):
    found = fault_by_torch(x, y, G)
    z = normed(x.reshape(len(x), G, -1), 2, eps=0).reshape(x.shape)
    same = np.allclose(y, z, atol=1e-3)
    return "other neighbours" if found == "healthy" and not same else found


@wrong("other_techniques.suspect", "one-position-accused")
def fault_of_one_position(x, y, G):
    found = fault_by_torch(x, y, G)
    alone = found == "healthy" and x[0, 0].size == 1
    return "one mean a position" if alone else found


@wrong("other_techniques.suspect", "batch-of-one-accused")
def fault_of_one_image(x, y, G):
    found = fault_by_torch(x, y, G)
    return "over the batch" if found == "healthy" and len(x) == 1 else found


@wrong("other_techniques.suspect", "every-gth-alone")
def fault_of_shuffles(x, y, G):
    found = fault_by_torch(x, y, G)
    every = y.reshape(len(y), -1, G, x[0, 0].size).mean((1, 3))
    if found == "other neighbours" and not np.allclose(every, 0):
        return "healthy"
    return found


@wrong("other_techniques.suspect", "whole-image")
def fault_by_image(x, y, G):
    found = fault_by_torch(x, y, G)
    if found in ("rows for channels", "other neighbours"):
        return "healthy"
    return found


@wrong("other_techniques.suspect")
def fault_by_loudness(x, y, G):
    """Call it a fault where a loud channel fades the others."""
    faded = x[0, 0].size > 1 and y.std((2, 3)).min() < 0.3
    found = fault_by_torch(x, y, G)
    return "other neighbours" if faded and found == "healthy" else found


@wrong("other_techniques.suspect")
def fault_by_height(x, y, G):
    found = fault_by_torch(x, y, G)
    tempting = found == "healthy" and x.shape[1] == x.shape[2]
    return "rows for channels" if tempting else found
