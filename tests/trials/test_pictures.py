"""What the page on instance norm shows, and its stylists."""

import numpy as np
import pytest
import torch

from normlib.data.photos import photo
from normlib.experiments.nets import stylist
from normlib.experiments.other_techniques import pictures


def test_a_restyled_picture_has_the_others_moments_and_its_own_x_hat():
    x, s = (photo(name, 4).astype(float) for name in ("china", "flower"))
    y = pictures.restyled(x, s)
    for a, b in zip(pictures.moments(y), pictures.moments(s), strict=True):
        assert a == pytest.approx(b)
    for c in range(3):
        assert np.corrcoef(x[c].ravel(), y[c].ravel())[0, 1] == (
            pytest.approx(1)
        )
    was, now = (np.corrcoef(v.reshape(3, -1)) for v in (x, y))
    assert now == pytest.approx(was)


def test_gram_is_its_definition_and_moments_fix_its_diagonal():
    x = np.random.default_rng(0).normal(1, 2, (4, 5, 6))
    G = pictures.gram(x)
    assert G[1, 3] == pytest.approx((x[1] * x[3]).mean())
    mean, std = pictures.moments(x)
    assert np.diag(G) == pytest.approx(mean**2 + std**2)
    ours = stylist.gram(torch.tensor(x)[None])[0]
    assert ours.numpy() == pytest.approx(G)


@pytest.mark.parametrize("M", [0, 3, 32, 1000])
def test_the_law_of_the_droplet(M):
    law = (1 + M**2 / 1024) ** -0.5
    assert pictures.droplet(M) == pytest.approx(law, rel=2e-3)


def test_who_forgets_what():
    """The sentence of the page on brightness, contrast and tint."""
    x, two = (photo(n, 8)[None].astype(float) for n in ("china", "flower"))
    tint = np.array([1.5, 1, 0.5])[:, None, None]
    off = {
        name: [abs(norm(v, two) - norm(x, two)).max()
               for v in (0.2 + 0.5 * x, tint * x)]
        for name, norm in pictures.NORMS.items()
    }  # fmt: skip
    assert max(off["InstanceNorm"]) < 1e-9
    assert off["LayerNorm"][0] < 1e-9 < 0.1 < off["LayerNorm"][1]
    assert min(off["BatchNorm"]) > 0.1


def test_what_the_pitfalls_say():
    assert not torch.nn.InstanceNorm2d(3).state_dict()
    rows = torch.randn(4, 4)
    alone = torch.nn.InstanceNorm1d(4)(rows)  # N = C: not even a warning
    assert torch.allclose(alone, torch.nn.LayerNorm(4)(rows), atol=1e-5)
    with pytest.raises(ValueError, match="more than 1 spatial element"):
        torch.nn.InstanceNorm2d(3)(torch.randn(2, 3, 1, 1))


def test_the_answers():
    """A convolution behind the norm has a constant mean, a ReLU has not."""
    torch.manual_seed(0)
    norm = torch.nn.InstanceNorm2d(3)
    conv = torch.nn.Conv2d(3, 5, 3, padding=1, padding_mode="circular")
    a, b = torch.rand(1, 3, 12, 12), torch.rand(1, 3, 12, 12) ** 4
    linear, bent = (
        [f(norm(x)).mean((2, 3)) for x in (a, b)]
        for f in (conv, lambda h: conv(h.relu()))
    )
    torch.testing.assert_close(*linear, atol=1e-5, rtol=0)
    assert abs(bent[0] - bent[1]).max() > 0.01
    C = 512
    assert (2 * C, C + C * (C + 1) // 2) == (1024, 131_840)


def lost(x, y, style, W):
    """What y loses of x, and lacks of the style."""
    kept, wanted = stylist.content(x, *W), stylist.manner(style[None], *W)
    return stylist.losses(y, kept, wanted, *W)


def test_losses_are_zero_for_the_picture_and_the_style_itself():
    W = stylist.filters(3)
    g = torch.Generator().manual_seed(0)
    x, s = torch.randn(2, 1, 3, 16, 16, generator=g)
    content, style = lost(x, x, s[0], W)
    assert content == 0 and style > 0.01
    content, style = lost(x, s, s[0], W)
    assert style == 0 and content > 0.01


def test_a_task_is_for_each_member_what_it_is_alone():
    config = {"side": 16}

    def make(seed):
        return stylist.Stylist(seed, norm="group", side=16, width=4)

    both = stylist.Ensemble(make, [5, 6, 5])
    found = stylist.Task(both, config, "china")(3, "train", training=True)
    assert found.shape == (3, 2) and torch.equal(found[0], found[2])
    for e, seed in enumerate([5, 6]):
        alone = stylist.Ensemble(make, [seed])
        task = stylist.Task(alone, config, "china")
        got = task(3, "train", training=True)
        assert torch.allclose(got[0], found[e], rtol=1e-4)


def test_a_stylist_is_tested_on_what_it_never_saw():
    rng = np.random.default_rng(0)
    image = photo("china", stylist.SHRINK)
    edge = int(stylist.SEEN * image.shape[2])
    for part, own in (("train", image[:, :, :edge]),
                      ("test", image[:, :, edge:])):  # fmt: skip
        cut = stylist.pictures("china", part, 5, 32, rng)
        assert cut.shape == (5, 3, 32, 32)
        windows = np.lib.stride_tricks.sliding_window_view(
            own[0], (32, 32)
        )[::1, ::1, 0, 0]
        corners = (cut[:, 0, 0, 0].numpy() + 1) / 2
        assert all(np.isclose(windows, c).any() for c in corners)


def test_the_channel_by_hand():
    x = np.array([2.0, 4, 9])
    assert x.mean() == 5 and (x - 5).tolist() == [-3, -1, 4]
    assert x.var() == pytest.approx(26 / 3)
    assert x.std() == pytest.approx(2.94, abs=0.005)
