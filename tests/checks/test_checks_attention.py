"""What the exercises on attention's own norm rest on."""

import numpy as np
import pytest
import torch
from right_attention import heads_as_complex_numbers

from normlib.checks import layer_norm as ex
from normlib.reference import rms_norm_forward


def cases(exercise):
    """Return what a learner's function is called with, and our answer."""
    made = []

    def kept(*given):
        made.append((given, exercise.answer(*given)))
        return made[-1][1]

    for case in exercise.cases():
        exercise.use(kept, case)
    return made


def test_heads_are_those_of_torch_and_the_reference():
    for (q, k, v, gamma, _, angles, eps), _ in cases(ex.heads):
        still = ex.heads.answer(q, k, v, gamma, gamma, 0 * angles, eps)
        for name, x in (("queries", q), ("keys", k)):
            normed, _ = rms_norm_forward(x, gamma, eps=eps)
            np.testing.assert_allclose(still[name], normed)
        ours = ex.heads.answer(q, k, v, gamma, gamma, angles, eps)
        queries, keys = map(torch.tensor, (ours["queries"], ours["keys"]))
        y = torch.nn.functional.scaled_dot_product_attention(
            queries, keys, torch.tensor(v), is_causal=True
        )
        np.testing.assert_allclose(ours["y"], y)


def test_a_score_knows_the_distance_and_not_the_place():
    for (q, k, v, *gammas, angles, eps), right in cases(ex.heads):
        later = ex.heads.answer(
            q, k, v, *gammas, angles + 7 * angles[0], eps
        )
        np.testing.assert_allclose(later["scores"], right["scores"])


def test_scores_may_be_hidden_before_they_are_kept():
    def hidden(*given):
        found = heads_as_complex_numbers(*given)
        seen = np.tri(found["scores"].shape[1]) > 0
        return found | {"scores": np.where(seen, found["scores"], -np.inf)}

    assert ex.heads.check(hidden).status == "correct"


def scores(W_q, W_k, W_r, W_s, x):
    queries = np.concatenate([x @ W_q, x @ W_r], -1)
    shared = np.broadcast_to(x @ W_s, (len(W_q), len(x), W_s.shape[1]))
    keys = np.concatenate([x @ W_k, shared], -1)
    return queries @ keys.swapaxes(1, 2) / queries.shape[2] ** 0.5


def largest(S):
    return abs(np.tril(S)).max((1, 2))


def test_a_clip_brings_loud_heads_to_tau_and_leaves_the_rest():
    for (*W, x, tau), new in cases(ex.clip):
        before, after = scores(*W, x), scores(*new, x)
        loud = largest(before) > tau
        assert 0 < loud.sum() < len(loud)
        np.testing.assert_allclose(largest(after)[loud], tau)
        np.testing.assert_allclose(after[~loud], before[~loud])
        ratio = after[loud] / before[loud]
        np.testing.assert_allclose(ratio, ratio[:, :1, :1] + 0 * ratio)


def test_signs_hidden_scores_and_the_diagonal_matter_to_a_clip():
    for (*W, x, tau), _ in cases(ex.clip):
        S = scores(*W, x)
        loud = largest(S) > tau
        for other in (abs(S), np.tril(S), abs(np.triu(S))):
            assert (abs(other.max((1, 2)) / largest(S) - 1) > 0.1)[
                loud
            ].any()


def loss(q, k, c, dp):
    q_hat = q / np.sqrt((q**2).mean(1, keepdims=True))
    z = c * np.tanh(q_hat @ k.T / np.sqrt(q.shape[1]) / c)
    e = np.exp(z - z.max(1, keepdims=True))
    return (dp * e / e.sum(1, keepdims=True)).sum()


def test_the_way_back_is_that_of_differences():
    for (dp, _, _, k, q, c), grads in cases(ex.to_query):
        for place in np.ndindex(q.shape):
            h = np.zeros_like(q)
            h[place] = 1e-5 / max(1, abs(k).max())
            slope = loss(q + h, k, c, dp) - loss(q - h, k, c, dp)
            slope /= 2 * h[place]
            near = pytest.approx(slope, rel=1e-4, abs=1e-5)
            assert grads["dq"][place] == near


def test_scores_are_tiny_and_huge_and_something_comes_back():
    sizes = []
    for (_, _, S, _, _, c), grads in cases(ex.to_query):
        sizes.append(abs(S).max() / c)
        assert all(abs(grad).max() > 1e-5 for grad in grads.values())
    assert min(sizes) < 0.01 and max(sizes) > 20


def test_a_part_of_a_softmaxs_way_back_is_told():
    outcome = ex.to_query.check(
        lambda dp, p, *_: {"dcapped": p * (dp - (p * dp).sum(1)[:, None])}
    )
    assert "Right so far. Next comes dS." in outcome.message
    one = ex.heads.check(lambda q, *_: q)
    told = " ".join(one.message.split())
    assert "wanted is (queries, keys, scores, shares, y)" in told
