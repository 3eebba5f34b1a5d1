"""The small Transformer and its training, against torch.nn and optim."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from normlib.experiments.nets import language
from normlib.experiments.nets.ensemble import Ensemble
from normlib.experiments.nets.hybrid import hybrid
from normlib.experiments.nets.transformer import Transformer

T, D, HEADS = 12, 16, 4


def make(seed=0, **options):
    options = {"norm": "layer", "depth": 3, "width": D} | options
    return Transformer(seed, length=T, heads=HEADS, **options).double()


def twin(net, placement):
    """torch.nn's layers with the same weights."""
    blocks = []
    for attend, mlp in zip(
        net.sublayers[::2], net.sublayers[1::2], strict=True
    ):
        layer = nn.TransformerEncoderLayer(
            D, HEADS, 4 * D, 0.0, F.gelu, batch_first=True,
            norm_first=placement == "pre",
        ).double()  # fmt: skip
        own = layer.self_attn
        own.in_proj_weight, own.in_proj_bias = (
            attend.f.qkv.weight, attend.f.qkv.bias,
        )  # fmt: skip
        own.out_proj, layer.linear1 = attend.f.out, mlp.f.up
        layer.linear2 = mlp.f.down
        where = "before" if placement == "pre" else "outside"
        layer.norm1, layer.norm2 = (
            nn.LayerNorm(D).double() for _ in range(2)
        )
        for new, old in ((layer.norm1, attend), (layer.norm2, mlp)):
            new.load_state_dict(getattr(old, where).state_dict())
        blocks.append(layer)
    return blocks


@pytest.mark.parametrize("placement", ["pre", "post"])
def test_it_is_torchs(placement):
    net = make(placement=placement)
    for p in net.parameters():  # γ and β too
        p.data += 0.1 * torch.randn(p.shape, dtype=p.dtype)
    x = torch.randint(128, (5, T))
    h, mask = net.byte[x] + net.place, torch.ones(T, T).triu(1).bool()
    for layer in twin(net, placement):
        h = layer(h, src_mask=mask)
    torch.testing.assert_close(net(x), net.output(net.last(h)))


def test_peri_and_none_are_what_they_say():
    x = torch.randint(128, (2, T))
    for placement in ("peri", "none"):
        net = make(placement=placement, depth=1)
        h = net.byte[x] + net.place
        for part in net.sublayers:
            if placement == "none":
                h = h + part.f(h)
            else:
                h = h + part.after(part.f(part.before(h)))
        last = net.last(h) if placement == "peri" else h
        torch.testing.assert_close(net(x), net.output(last))
        norms = [
            m for m in net.modules() if type(m).__name__ == "LayerNorm"
        ]
        assert len(norms) == {"peri": 5, "none": 0}[placement]


def stream(net, x):
    return net(x, every=True)[1]


def test_output_scaled_and_mixed_norms_are_what_they_say():
    x, depth = torch.randint(128, (2, T)), 8
    for placement in ("output", "scaled", "mix"):
        net = make(placement=placement, depth=depth)
        h = net.byte[x] + net.place
        for k, part in enumerate(net.sublayers):
            block, f = 1 + k // 2, part.f
            norm = nn.LayerNorm(D).double()
            if placement == "output":
                h = h + norm(f(h))
            elif placement == "scaled":
                h = h + f(norm(h) / math.sqrt(block))
            else:
                h = norm(h + f(h)) if block <= 2 else h + f(norm(h))
        torch.testing.assert_close(net(x), net.output(norm(h)))


def test_hybridnorm_norms_inside_attention_and_before_the_mlp():
    """As in the paper's figure: x + A(x), then z + f(z), z normed."""
    net = hybrid(0, norm="layer", depth=3, width=D, length=T, heads=HEADS)
    plain = make(depth=3)  # the same weights
    net, x = net.double(), torch.randint(128, (2, T))

    def norm(z):
        return F.layer_norm(z, z.shape[-1:], eps=1e-5)

    h = plain.byte[x] + plain.place
    for attention, mlp in zip(*[iter(plain.sublayers)] * 2, strict=True):
        z = attention.f.qkv(h).view(2, T, 3, HEADS, D // HEADS)
        q, k, v = norm(z).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        h = norm(h + attention.f.out(y.transpose(1, 2).flatten(2)))
        h = h + mlp.f(h)
    torch.testing.assert_close(net(x), plain.output(norm(h)))
    grads = torch.autograd.grad(net(x).square().sum(), [*net.parameters()])
    assert all(g.abs().sum() > 0 for g in grads)


def test_deepnorm_keeps_more_of_the_stream_and_starts_smaller():
    """α = (2L)^¼ and β = (8L)^-¼; queries and keys stay as they were."""
    L, x = 8, torch.randint(128, (2, T))
    net, plain = (make(placement=p, depth=L) for p in ("deep", "post"))
    alpha, beta = (2 * L) ** 0.25, (8 * L) ** -0.25
    h = net.byte[x] + net.place
    for part in net.sublayers:
        h = nn.LayerNorm(D).double()(alpha * h + part.f(h))
    torch.testing.assert_close(net(x), net.output(h))
    for name, weight in plain.state_dict().items():
        factor = torch.ones(len(weight), dtype=weight.dtype)
        if name.endswith("qkv.weight"):
            factor[2 * D :] = beta
        elif name.endswith(("out.weight", "up.weight", "down.weight")):
            factor[:] = beta
        shape = (-1, *[1] * (weight.ndim - 1))
        expected = weight * factor.view(shape)
        torch.testing.assert_close(net.state_dict()[name], expected)


def test_the_largest_scores():
    net, x = make(depth=2), torch.randint(128, (2, T))
    for k, h in enumerate(stream(net, x)[:-1:2]):
        part = net.sublayers[2 * k]
        z = part.f.qkv(part.before(h)).view(2, T, 3, HEADS, D // HEADS)
        q, key = z[:, :, 0], z[:, :, 1]
        found = torch.einsum("bthd,bshd->bhts", q, key)
        found = found.abs().amax() / math.sqrt(D // HEADS)
        torch.testing.assert_close(net(x, scores=True)[k], found)


@pytest.mark.parametrize("qk", ["none", "layer", "rms"])
def test_nothing_looks_ahead(qk):
    net, x = make(qk=qk), torch.randint(128, (2, T))
    other = x.clone()
    other[:, 7] = (x[:, 7] + 1) % 128
    same = (net(x) == net(other)).all(-1)
    assert same[:, :7].all() and not same[:, 7:].any()


def test_with_normed_queries_their_length_does_not_matter():
    net, x = make(qk="rms", norm="rms"), torch.randint(128, (2, T))
    before = net(x)
    for part in net.sublayers[::2]:
        part.f.qkv.weight.data[: 2 * D] *= 100  # of q and k
    torch.testing.assert_close(net(x), before, rtol=1e-3, atol=1e-3)


def test_adam_is_torchs():
    p = torch.randn(3, 4)
    own = p.clone()
    leaf = nn.Parameter(p.clone())
    adam = torch.optim.Adam([leaf], lr=0.1, betas=language.BETAS)
    m, v = torch.zeros_like(p), torch.zeros_like(p)
    for step in range(1, 6):
        g = torch.randn(3, 4)
        leaf.grad = g
        adam.step()
        language.adam(own, m, v, g, torch.full((3,), 0.1), step)
    torch.testing.assert_close(own, leaf.detach())


def test_the_rate_rises_and_falls():
    shares = [language.schedule(t, 100, 0.1) for t in range(1, 101)]
    assert shares[0] == pytest.approx(0.1) and max(shares) == 1.0
    assert shares.index(1.0) == 9 and 0 < shares[-1] < 0.02
    assert language.schedule(1, 100, 0.0) == 1.0


def test_bits_of_one_who_knows_nothing():
    y = torch.randint(128, (2, 3, T))
    logits = torch.zeros(2, 3, T, 128)
    torch.testing.assert_close(
        language.bits(logits, y), torch.full((2,), language.CHANCE)
    )
    logits.scatter_(-1, y[..., None], math.log(127))  # p(y) = 1/2
    assert language.bits(logits, y).tolist() == pytest.approx([1, 1])


def test_training_helps_and_a_lost_net_counts_as_chance():
    config = {
        "batch": 4, "length": T, "steps": 30, "warmup": 0.1, "tested": 4,
    }  # fmt: skip
    nets = Ensemble(lambda s: make(s, depth=1).float(), [1, 1, 2])
    start = language.test(nets, "test", config)
    language.train(nets, config, [0.01, float("nan"), 0.01])
    end = language.test(nets, "test", config)
    assert (end[[0, 2]] < start[[0, 2]] - 1).all()
    assert end[1] == language.CHANCE
