"""Wrong answers, written by hand, are caught and named.

Nothing here is taken from the catalogue.
"""

import numpy as np
import pytest
import right_numpy as by_hand
import right_torch as in_torch
from torch import nn

from normlib.checks import batch_norm as ex


@pytest.fixture(autouse=True)
def own_file(tmp_path, monkeypatch):
    monkeypatch.setenv("NORMLIB_PROGRESS", str(tmp_path / "progress.json"))


def sample_std(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0, ddof=1) + eps) + beta


def eps_on_std(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(0)) / (x.std(0) + eps) + beta


def layer_norm(x, gamma, beta, eps=1e-5):
    d = x - x.mean(-1, keepdims=True)
    s = np.sqrt(x.var(-1, keepdims=True) + eps)
    return gamma * d / s + beta


def softmax_like(x, gamma, beta, eps=1e-5):
    e = np.exp(x - x.max(0))
    return gamma * e / e.sum(0) + beta


def max_scaled(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(0)) / np.abs(x).max(0) + beta


def first_row(x, gamma, beta, eps=1e-5):
    return (
        by_hand.by_einsum(x - x[0], gamma, beta, eps)
        + (x[0] - x[0])
        + x[:1] * 0.01
    )


def instance(x, gamma, beta, eps=1e-5):
    d = x - x.mean((2, 3), keepdims=True)
    s = np.sqrt(x.var((2, 3), keepdims=True) + eps)
    return gamma[:, None, None] * d / s + beta[:, None, None]


def last_axis(x, gamma, beta, eps=1e-5):
    d = x - x.mean((0, 2, 3), keepdims=True)
    s = np.sqrt(x.var((0, 2, 3), keepdims=True) + eps)
    return gamma * d / s + beta


def no_keepdims(x, gamma, beta, eps=1e-5):
    axes = (0, 2, 3)
    x_hat = (x - x.mean(axes)) / np.sqrt(x.var(axes) + eps)
    return gamma[:, None, None] * x_hat + beta[:, None, None]


def no_shapes_at_all(x, gamma, beta, eps=1e-5):
    axes = (0, 2, 3)
    return gamma * (x - x.mean(axes)) / np.sqrt(x.var(axes) + eps) + beta


def by_position(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + eps) + beta


def keras(
    x,
    gamma,
    beta,
    *,
    running_mean,
    running_var,
    training=True,
    momentum=0.9,
    eps=1e-3,
):
    if training:
        m, v = x.mean(0), x.var(0, ddof=0)
        running_mean[:] = momentum * running_mean + (1 - momentum) * m
        running_var[:] = momentum * running_var + (1 - momentum) * v
    else:
        m, v = running_mean, running_var
    return gamma * (x - m) / np.sqrt(v + eps) + beta


def rebinding(
    x, gamma, beta, *, running_mean, running_var, training, momentum, eps
):
    if training:
        m, v = x.mean(0), x.var(0)
        running_mean = (1 - momentum) * running_mean + momentum * m
        running_var = (1 - momentum) * running_var + momentum * v
    else:
        m, v = running_mean, running_var
    return gamma * (x - m) / np.sqrt(v + eps) + beta


def detached(dy, x_hat, gamma, sigma):
    return dy * gamma / sigma, (dy * x_hat).sum(0), dy.sum(0)


def no_gamma(dy, x_hat, gamma, sigma):
    dgamma, dbeta, m = (dy * x_hat).sum(0), dy.sum(0), len(dy)
    return (dy - dbeta / m - x_hat * dgamma / m) / sigma, dgamma, dbeta


def gauss(dy, x_hat, gamma, sigma):
    return np.tanh(dy), (dy * x_hat).sum(0), dy.sum(0)


def staged_three_halves(dy, x, mu, var, gamma, eps):
    out = by_hand.staged_by_loops(dy, x, mu, var, gamma, eps)
    out["dvar"] = out["dvar"] * 3
    return out


class Plain(in_torch.Folded):
    """D2L's way: buffers lost, mode by gradient."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps=eps, momentum=momentum)
        for name in ("running_mean", "running_var"):
            value = getattr(self, name)
            delattr(self, name)
            setattr(self, name, value)


class Leaky(in_torch.Rebinding):
    def forward(self, x):
        before = self.running_mean
        y = super().forward(x)
        if self.training:
            mu = x.mean((0, 2, 3))
            a = self.momentum
            self.running_mean = (1 - a) * before + a * mu
        return y


class Subclass(nn.BatchNorm2d):
    pass


def predict_twice(model, x):
    model(x)
    return in_torch.predict_by_try(model, x)


def train_no_validation(model, epochs, batches, validate):
    return in_torch.train_each_step(model, epochs, batches, print)


WRONG = {  # a name where there is one
    ("forward", sample_std): {"unbiased-variance"},
    ("forward", eps_on_std): {"eps-outside-root"},
    ("forward", layer_norm): {"over-features"},
    ("forward", softmax_like): set(),
    ("forward", max_scaled): set(),
    ("forward", first_row): set(),
    ("images", instance): {"space-only"},
    ("images", last_axis): {"on-last-axis"},
    ("images", no_keepdims): {"keepdims-missing"},
    ("images", no_shapes_at_all): {"keepdims-missing", "on-last-axis"},
    ("images", by_position): {"batch-only", "on-last-axis"},
    ("inference", keras): {"momentum-inverted", "running-var-biased"},
    ("inference", rebinding): {"running-not-in-place"},
    ("backward", detached): {"mu-constant", "sigma-constant"},
    ("backward", no_gamma): {"gamma-missing"},
    ("backward", gauss): set(),
    ("staged_backward", staged_three_halves): set(),
    ("module", Plain): {"running-as-attributes"},
    ("module", Leaky): {"graph-kept"},
    ("module", Subclass): {"borrowed"},
    ("debug_predict", predict_twice): set(),
    ("debug_train", train_no_validation): {"validation-dropped"},
}


@pytest.mark.parametrize(
    ("case", "names"),
    WRONG.items(),
    ids=[f"{id}-{f.__name__}" for id, f in WRONG],
)
def test_a_wrong_answer_is_caught_and_named_if_it_has_one(case, names):
    id, answer = case
    outcome = getattr(ex, id).check(answer)
    assert outcome.status == "incorrect"
    assert {*outcome.mistakes} == names, outcome.message
    if not names:
        assert "expected" in outcome.message or "off" in outcome.message
