"""The norm of a layer by the technique's name."""

from __future__ import annotations

from torch import nn

from ... import layers

GROUPS = 4  # of GroupNorm
EPS = 1e-5


def for_vectors(technique: str, C: int) -> nn.Module:
    """Return the norm of activations (N, C)."""
    return {
        "none": nn.Identity,
        "batch": lambda: layers.BatchNorm1d(C),
        "layer": lambda: layers.LayerNorm(C),
        "rms": lambda: layers.RMSNorm(C, eps=EPS),
        "group": lambda: layers.GroupNorm(GROUPS, C),
    }[technique]()


def for_images(technique: str, C: int, side: int) -> nn.Module:
    """Return the norm of activations (N, C, side, side).

    LayerNorm is GroupNorm of one group, with a γ and β for each channel,
    as in Wu and He (2018); RMSNorm has a γ for each value.
    """
    return {
        "none": nn.Identity,
        "batch": lambda: layers.BatchNorm2d(C),
        "layer": lambda: layers.GroupNorm(1, C),
        "rms": lambda: layers.RMSNorm((C, side, side), eps=EPS),
        "group": lambda: layers.GroupNorm(GROUPS, C),
        "instance": lambda: layers.InstanceNorm2d(C, affine=True),
    }[technique]()
