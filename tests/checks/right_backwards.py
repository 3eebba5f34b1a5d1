"""Right backwards, written differently; nothing from the catalogue."""

import numpy as np
import torch
from register import right


@right("staged_backward")
def staged_tuple(dy, x, mu, var, gamma, eps):
    m, s = x.shape[0], 1 / np.sqrt(var + eps)
    g = dy * gamma
    dvar = -0.5 * s**3 * np.sum(g * (x - mu), 0)
    dmu = -s * g.sum(0)
    dx = g * s + (2 * (x - mu) * dvar + dmu) / m
    return dy.sum(0), (dy * (x - mu) * s).sum(0), g, dvar, dmu, dx


@right("staged_backward")
def staged_from_projection(dy, x, mu, var, gamma, eps):
    sigma = (var + eps) ** 0.5
    x_hat, g = (x - mu) / sigma, gamma * dy
    inner = (g * x_hat).mean(0)
    return {
        "dx": (g - g.mean(0) - x_hat * inner) / sigma,
        "dmu": -g.sum(0) / sigma,
        "dvar": -len(x) * inner / (2 * sigma**2),
        "dx_hat": g,
        "dgamma": np.einsum("ij,ij->j", dy, x_hat),
        "dbeta": np.ones(len(x)) @ dy,
    }


@right("staged_backward")
def staged_by_loops(dy, x, mu, var, gamma, eps):
    m, C = x.shape
    out = {k: np.zeros(C) for k in ("dbeta", "dgamma", "dvar", "dmu")}
    out["dx_hat"], out["dx"] = np.zeros((m, C)), np.zeros((m, C))
    for c in range(C):
        s = (var[c] + eps) ** 0.5
        for i in range(m):
            g = out["dx_hat"][i, c] = dy[i, c] * gamma[c]
            out["dbeta"][c] += dy[i, c]
            out["dgamma"][c] += dy[i, c] * (x[i, c] - mu[c]) / s
            out["dvar"][c] -= g * (x[i, c] - mu[c]) / (2 * s**3)
            out["dmu"][c] -= g / s
        through = 2 * (x[:, c] - mu[c]) * out["dvar"][c] + out["dmu"][c]
        out["dx"][:, c] = out["dx_hat"][:, c] / s + through / m
    return out


@right("backward")
def closed_cs231n(dy, x_hat, gamma, sigma):
    m, dbeta, dgamma = len(dy), dy.sum(0), (dy * x_hat).sum(0)
    return gamma / (m * sigma) * (m * dy - dbeta - x_hat * dgamma), (
        dgamma
    ), dbeta  # fmt: skip


@right("backward")
def closed_by_matrix(dy, x_hat, gamma, sigma):
    m, C = dy.shape
    dx = np.empty_like(dy)
    for c in range(C):
        h = x_hat[:, c : c + 1]
        P = np.eye(m) - np.ones((m, m)) / m - h @ h.T / m
        dx[:, c] = P @ dy[:, c] * gamma[c] / sigma[c]
    return {"dbeta": dy.sum(0), "dx": dx, "dgamma": (dy * x_hat).sum(0)}


@right("backward")
def closed_by_jacobian(dy, x_hat, gamma, sigma):
    m = len(dy)
    J = np.eye(m)[:, :, None] - 1 / m - x_hat[:, None] * x_hat[None] / m
    dx = np.einsum("ijc,ic->jc", J, dy * gamma) / sigma
    return [dx, np.vecdot(dy, x_hat, axis=0), dy.sum(0)]


@right("staged_backward")
def staged_by_autograd(dy, x, mu, var, gamma, eps):
    dy, x, mu, var, gamma = map(torch.tensor, (dy, x, mu, var, gamma))
    for tensor in (x, mu, var, gamma):
        tensor.requires_grad_()
    beta = torch.zeros_like(gamma, requires_grad=True)
    x_hat = (x - mu) / torch.sqrt(var + eps)
    grad = torch.autograd.grad
    asked = (beta, gamma, x_hat, var, mu)
    found = grad(gamma * x_hat + beta, asked, dy, retain_graph=True)
    batch = (x.mean(0), x.var(0, correction=0))
    dx = grad(gamma * x_hat, x, dy, retain_graph=True)[0]
    dx = dx + grad(batch, x, (found[4], found[3]))[0]
    names = ("dbeta", "dgamma", "dx_hat", "dvar", "dmu")
    out = {k: v.numpy() for k, v in zip(names, found, strict=True)}
    return out | {"dx": dx.numpy()}


@right("staged_backward")
def staged_with_idle_term(dy, x, mu, var, gamma, eps):
    m, ivar = len(x), 1.0 / np.sqrt(var + eps)
    out = {"dbeta": dy.sum(0), "dx_hat": dy * gamma}
    out["dgamma"] = (dy * (x - mu) * ivar).sum(0)
    out["dvar"] = (out["dx_hat"] * (x - mu) * -0.5 * ivar**3).sum(0)
    # μ also moves var, by −2 Σ(x − μ)/m: that is 0.
    idle = out["dvar"] * (-2.0 * (x - mu)).mean(0)
    out["dmu"] = (-out["dx_hat"] * ivar).sum(0) + idle
    out["dx"] = out["dx_hat"] * ivar + out["dvar"] * 2 * (x - mu) / m
    out["dx"] = out["dx"] + out["dmu"] / m
    out["x_mu"] = x - mu
    return out


@right("backward")
def closed_by_centring_twice(dy, x_hat, gamma, sigma):
    centred = dy - dy.mean(0)
    dx = gamma * (centred - x_hat * (centred * x_hat).mean(0)) / sigma
    return dx, (centred * x_hat).sum(0), dy.sum(0)


@right("backward")
def closed_gamma_at_the_end(dy, x_hat, gamma, sigma):
    grads = {"dgamma": np.sum(dy * x_hat, 0), "dbeta": np.sum(dy, 0)}
    m = dy.shape[0]
    rest = grads["dbeta"] + x_hat * grads["dgamma"]
    return grads | {"dx": (dy - rest / m) * (gamma / sigma)}


@right("backward")
def closed_by_columns(dy, x_hat, gamma, sigma):
    m, dx = len(dy), []
    for c, g in enumerate((dy * gamma).T):
        h = x_hat[:, c]
        dx.append((g - g.sum() / m - h * np.dot(g, h) / m) / sigma[c])
    return np.array(dx).T, np.diag(dy.T @ x_hat).copy(), dy.T.sum(1)
