"""Nets with noise after their norms, looked at around chosen steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ...data import Split
from ..protocol import Config, Rows, Unit, part, seeds
from .ensemble import Ensemble, State
from .mlp import MLP
from .noise import generators, noisy, redraw
from .probes import Moments, moments
from .training import Column, sweep

IMAGES = 256  # of the training images, that every look uses


class Look(NamedTuple):
    """Nets at one moment: what their layers hand on, their weights."""

    moments: Moments
    parameters: State


Probe = Callable[[Ensemble, Look, Look, Tensor, Tensor], dict[str, Tensor]]


def sweep_shaken(
    config: Config,
    unit: Unit,
    device: str,
    probe: Probe,
    names: Sequence[str],
    *,
    each: float = 0.0,
    more: int = 0,
    **options: Any,
) -> Rows:
    """Sweep MLPs of a unit's init, norm and noise, by plain SGD.

    `probe(nets, before, after, x, y)` is asked around each step of
    "looks", with the noise of that step before it and of the next one
    after it; the columns `names` are means over the looks. With `each`
    every sample has noise of its own. `more` is added to the seeds of
    the weights.
    """
    rows = config["batch"] if each else 1
    norm = partial(noisy, unit["norm"], rows=rows)
    draw = generators(seeds(config))
    before: dict[int, Look] = {}
    found: dict[str, list[Tensor]] = {name: [] for name in names}

    def make(seed: int) -> MLP:
        size = part(config, "depth", "width")
        return MLP(seed + more, norm=norm, init=unit["init"], **size)

    def look(step: int, nets: Ensemble, data: Split) -> None:
        redraw(nets, unit["noise"], draw, each=each)
        if not {step, step + 1} & {*config["looks"]}:
            return
        x, y = data.train_x[:, :IMAGES], data.train_y[:, :IMAGES]
        here = {k: p.detach().clone() for k, p in nets.parameters.items()}
        before[step + 1] = Look(moments(nets, x), here)
        if step in config["looks"]:
            pair = before[step], before[step + 1]
            y = nets.spread(y)
            for name, value in probe(nets, *pair, x, y).items():
                found[name].append(value)

    def mean(name: str) -> Column:
        def column(nets: Ensemble, data: Split) -> Tensor:
            return (
                torch.stack(found[name]).mean(0).nan_to_num(9.0, 9.0, -9.0)
            )

        column.__name__ = name
        return column

    return sweep(
        config, make, device, columns=[mean(name) for name in names],
        watch=look, momentum=0.0, every=config["every"], **options,
    )  # fmt: skip
