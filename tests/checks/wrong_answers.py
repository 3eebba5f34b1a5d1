"""Wrong answers, written by hand; nothing from the catalogue."""

import numpy as np
import right_numpy as by_hand
import right_torch as in_torch
import torch
from register import wrong
from torch import nn


@wrong("forward", "unbiased-variance")
def sample_std(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0, ddof=1) + eps) + beta


@wrong("forward", "eps-outside-root")
def eps_on_std(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(0)) / (x.std(0) + eps) + beta


@wrong("forward", "over-features")
def layer_norm(x, gamma, beta, eps=1e-5):
    d = x - x.mean(-1, keepdims=True)
    s = np.sqrt(x.var(-1, keepdims=True) + eps)
    return gamma * d / s + beta


@wrong("forward")
def softmax_like(x, gamma, beta, eps=1e-5):
    e = np.exp(x - x.max(0))
    return gamma * e / e.sum(0) + beta


@wrong("forward")
def max_scaled(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(0)) / np.abs(x).max(0) + beta


@wrong("forward")
def first_row(x, gamma, beta, eps=1e-5):
    return (
        by_hand.by_einsum(x - x[0], gamma, beta, eps)
        + (x[0] - x[0])
        + x[:1] * 0.01
    )


@wrong("images", "space-only")
def instance(x, gamma, beta, eps=1e-5):
    d = x - x.mean((2, 3), keepdims=True)
    s = np.sqrt(x.var((2, 3), keepdims=True) + eps)
    return gamma[:, None, None] * d / s + beta[:, None, None]


@wrong("images", "on-last-axis")
def last_axis(x, gamma, beta, eps=1e-5):
    d = x - x.mean((0, 2, 3), keepdims=True)
    s = np.sqrt(x.var((0, 2, 3), keepdims=True) + eps)
    return gamma * d / s + beta


@wrong("images", "keepdims-missing")
def no_keepdims(x, gamma, beta, eps=1e-5):
    axes = (0, 2, 3)
    x_hat = (x - x.mean(axes)) / np.sqrt(x.var(axes) + eps)
    return gamma[:, None, None] * x_hat + beta[:, None, None]


@wrong("images", "keepdims-missing", "on-last-axis")
def no_shapes_at_all(x, gamma, beta, eps=1e-5):
    axes = (0, 2, 3)
    return gamma * (x - x.mean(axes)) / np.sqrt(x.var(axes) + eps) + beta


@wrong("images", "batch-only", "on-last-axis")
def by_position(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + eps) + beta


@wrong("forward", "brackets-missing")
def unbracketed(x, gamma, beta, eps=1e-5):
    x_hat = x - x.mean(0) / np.sqrt(x.var(0) + eps)
    return gamma * x_hat + beta


@wrong("forward", "mean-not-divided")
def sum_for_mean(x, gamma, beta, eps=1e-5):
    d = x - x.sum(0)
    return gamma * d / np.sqrt((d**2).mean(0) + eps) + beta


@wrong("forward", "squared-after-mean")
def mean_then_square(x, gamma, beta, eps=1e-5):
    d = x - x.mean(0)
    return gamma * d / np.sqrt(d.mean(0) ** 2 + eps) + beta


@wrong("images", "flattened-across-channels")
def flat(x, gamma, beta, eps=1e-5):
    rows = x.reshape(-1, x.shape[1])
    return by_hand.by_einsum(rows, gamma, beta, eps).reshape(x.shape)


@wrong("images", "cut-into-c-pieces")
def channel_rows(x, gamma, beta, eps=1e-5):
    rows = x.reshape(x.shape[1], -1)
    d = rows - rows.mean(1, keepdims=True)
    y = d / np.sqrt(rows.var(1, keepdims=True) + eps)
    gamma, beta = gamma[:, None, None], beta[:, None, None]
    return gamma * y.reshape(x.shape) + beta


def moved(x):
    return np.moveaxis(x, 1, -1)


@wrong("images", "reshaped-back")
def flat_and_not_back(x, gamma, beta, eps=1e-5):
    rows = moved(x).reshape(-1, x.shape[1])
    return by_hand.by_einsum(rows, gamma, beta, eps).reshape(x.shape)


@wrong("images", "left-channel-last")
def stays_last(x, gamma, beta, eps=1e-5):
    rows = moved(x).reshape(-1, x.shape[1])
    y = by_hand.by_einsum(rows, gamma, beta, eps)
    return y.reshape(moved(x).shape)


@wrong("images", "height-left-out")
def rows_of_pixels(x, gamma, beta, eps=1e-5):
    d = x - x.mean((0, 3), keepdims=True)
    s = np.sqrt(x.var((0, 3), keepdims=True) + eps)
    return gamma[:, None, None] * d / s + beta[:, None, None]


@wrong("inference", "momentum-inverted", "running-var-biased")
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


@wrong("inference", "running-not-in-place")
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


@wrong("backward", "mu-constant", "sigma-constant")
def detached(dy, x_hat, gamma, sigma):
    return dy * gamma / sigma, (dy * x_hat).sum(0), dy.sum(0)


@wrong("backward", "gamma-missing")
def no_gamma(dy, x_hat, gamma, sigma):
    dgamma, dbeta, m = (dy * x_hat).sum(0), dy.sum(0), len(dy)
    return (dy - dbeta / m - x_hat * dgamma / m) / sigma, dgamma, dbeta


@wrong("backward")
def gauss(dy, x_hat, gamma, sigma):
    return np.tanh(dy), (dy * x_hat).sum(0), dy.sum(0)


@wrong("staged_backward")
def staged_three_halves(dy, x, mu, var, gamma, eps):
    out = by_hand.staged_by_loops(dy, x, mu, var, gamma, eps)
    out["dvar"] = out["dvar"] * 3
    return out


@wrong("staged_backward", "dvar-without-eps")
def dvar_of_bare_variance(dy, x, mu, var, gamma, eps):
    out = by_hand.staged_by_loops(dy, x, mu, var, gamma, eps)
    out["dvar"] = -0.5 * (gamma * dy * (x - mu)).sum(0) * var**-1.5
    s, m = (var + eps) ** -0.5, len(x)
    out["dx"] = gamma * dy * s + 2 * (x - mu) * out["dvar"] / m
    out["dx"] += out["dmu"] / m
    return out


@wrong("backward", "dx-last")
def parameters_first(dy, x_hat, gamma, sigma):
    dx, dgamma, dbeta = by_hand.closed_cs231n(dy, x_hat, gamma, sigma)
    return dgamma, dbeta, dx


@wrong("backward", "order-reversed")
def backwards_order(*args):
    return by_hand.closed_cs231n(*args)[::-1]


@wrong("backward", "exact-projection")
def true_projection(dy, x_hat, gamma, sigma):
    g = gamma * dy
    length = (x_hat**2).sum(0)
    dx = g - g.mean(0) - x_hat * (g * x_hat).sum(0) / length
    return dx / sigma, (dy * x_hat).sum(0), dy.sum(0)


@wrong("backward", "eps-twice")
def sigma_once_more(dy, x_hat, gamma, sigma):
    return by_hand.closed_cs231n(dy, x_hat, gamma, (sigma**2 + 1e-5) ** 0.5)


@wrong("backward", "sigma-on-last-term")
def last_term_only(dy, x_hat, gamma, sigma):
    g = gamma * dy
    dx = g - g.mean(0) - x_hat * (g * x_hat).mean(0) / sigma
    return dx, (dy * x_hat).sum(0), dy.sum(0)


@wrong("module", "mode-inverted")
class Inverted(in_torch.Folded):
    def forward(self, x):
        self.training = not self.training
        y = super().forward(x)
        self.training = not self.training
        return y


@wrong("module", "running-as-attributes")
class Plain(in_torch.Folded):
    """D2L's way: buffers lost, mode by gradient."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps=eps, momentum=momentum)
        for name in ("running_mean", "running_var"):
            value = getattr(self, name)
            delattr(self, name)
            setattr(self, name, value)


@wrong("module", "graph-kept")
class Leaky(in_torch.Rebinding):
    def forward(self, x):
        before = self.running_mean
        y = super().forward(x)
        if self.training:
            mu = x.mean((0, 2, 3))
            a = self.momentum
            self.running_mean = (1 - a) * before + a * mu
        return y


@wrong("module", "borrowed")
class Subclass(nn.BatchNorm2d):
    pass


@wrong("module", "running-as-attributes", "counter-as-attribute")
class AllPlain(Plain):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps=eps, momentum=momentum)
        count = self.num_batches_tracked
        del self.num_batches_tracked
        self.num_batches_tracked = count


@wrong("module", "evaluates-without-graph")
class NoGradInEval(in_torch.Folded):
    def forward(self, x):
        with torch.set_grad_enabled(self.training):
            return super().forward(x)


@wrong("module", "counter-with-an-axis")
class CounterOfOne(in_torch.Folded):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps=eps, momentum=momentum)
        self.num_batches_tracked = torch.zeros(1, dtype=torch.long)


class WithAxes(in_torch.Folded):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps=eps, momentum=momentum)
        self.weight = nn.Parameter(torch.ones(1, num_features, 1, 1))

    def forward(self, x):
        d = x - x.mean((0, 2, 3), keepdims=True)
        sigma = (
            d.square().mean((0, 2, 3), keepdims=True) + self.eps
        ).sqrt()
        return self.weight * d / sigma + self.bias[:, None, None]


@wrong("images", "divided-by-images")
def by_images(x, gamma, beta, eps=1e-5):
    total, n = x.sum((0, 2, 3), keepdims=True), x.shape[0]
    d = x - total / n
    var = (d**2).sum((0, 2, 3), keepdims=True) / n
    column = (1, -1, 1, 1)
    return gamma.reshape(column) * d / np.sqrt(var + eps) + beta.reshape(
        column
    )


@wrong("images", "variance-divided-by-images")
def spread_by_images(x, gamma, beta, eps=1e-5):
    d = x - x.mean((0, 2, 3), keepdims=True)
    var = (d**2).sum((0, 2, 3), keepdims=True) / len(x)
    g, b = (v[:, None, None] for v in (gamma, beta))
    return g * d / np.sqrt(var + eps) + b


@wrong("forward")
def transposed(x, gamma, beta, eps=1e-5):
    return by_hand.by_einsum(x, gamma, beta, eps).T


@wrong("debug_predict", "statistics-put-back")
def predict_and_restore(model, x):
    kept = {k: v.clone() for k, v in model.state_dict().items()}
    with torch.no_grad():
        classes = model(x).argmax(1)
    model.load_state_dict(kept)
    return classes


@wrong("debug_predict", "tracking-off")
def predict_untracked(model, x):
    for part in model.modules():
        if isinstance(part, nn.BatchNorm1d):
            part.track_running_stats = False
    with torch.no_grad():
        return model(x).argmax(1)


wrong("debug_predict", "norms-thawed")(in_torch.predict_by_try)


@wrong("debug_predict", "parameters-frozen", "norms-thawed")
def predict_frozen(model, x):
    for p in model.parameters():
        p.requires_grad_(False)
    return in_torch.predict_by_try(model, x)


@wrong("debug_train", "nothing-returned")
def train_returns_none(model, epochs, batches, validate):
    in_torch.train_by_hand(model, epochs, batches, validate)


@wrong("debug_predict")
def predict_twice(model, x):
    model(x)
    return in_torch.predict_by_try(model, x)


@wrong("debug_predict", "norms-left")
def predict_norms_only(model, x):
    for layer in model:
        if isinstance(layer, nn.BatchNorm1d):
            layer.eval()
    return model(x).argmax(1)


@wrong("debug_train", "train-after")
def train_from_the_second_epoch(model, epochs, batches, validate):
    def then_train(model):
        validate(model)
        model.train()

    in_torch.train_by_hand(
        _Deaf(model), epochs, batches, lambda _: then_train(model)
    )
    return model


class _Deaf:
    """A model whose train() does nothing."""

    def __init__(self, model):
        self.model, self.parameters = model, model.parameters

    def __call__(self, x):
        return self.model(x)

    def train(self):
        return self


@wrong("debug_train", "validation-dropped")
def train_no_validation(model, epochs, batches, validate):
    return in_torch.train_each_step(model, epochs, batches, print)
