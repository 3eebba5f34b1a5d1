"""Activations that the page does not treat: φ and φ'."""

# ruff: noqa: ANN001, ANN201 (shown to learners, written as theirs)

import numpy as np


def sigmoid(z):
    """Return 1/(1 + e⁻ᶻ)."""
    return 1 / (1 + np.exp(-z))


def gelu(z):
    """Return GELU in its sigmoid form (Hendrycks & Gimpel, 2016)."""
    return z * sigmoid(1.702 * z)


def gelu_slope(z):
    """Return its derivative."""
    s = sigmoid(1.702 * z)
    return s + 1.702 * z * s * (1 - s)


def softplus(z):
    """Return log(1 + eᶻ); its derivative is sigmoid."""
    return np.logaddexp(0, z)
