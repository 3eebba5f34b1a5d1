"""An MLP that over-fits few images, and what may keep it from that."""

from __future__ import annotations

from functools import partial
from itertools import product

import torch

from ... import layers
from ...data import Split, glyphs, relabel
from ...records import Record
from ..arms import Contrast, read
from ..introduction.places import missing
from ..nets.dense import DenseNet
from ..nets.ensemble import Ensemble
from ..nets.ghost import GhostBatchNorm
from ..nets.training import Watch, sweep
from ..protocol import Config, Pilot, Rows

FULL = 64  # images of a step, and the largest m
LOST, DEAD = 90.0, "without a norm nothing is learnt"  # per cent error
DECAY, AGAIN = "none, weight decay", "none, other batches"
STRENGTH = 0.1  # of weight decay, times the learning rate
PILOT = Pilot(
    range(900, 902),
    "at full difficulty no norm erred by 54 %, and by 77 % with noisy "
    "labels: too much to tell arms apart, so the glyphs are half as "
    "difficult. Errors there, after 500 steps: no norm 14.6 %; BatchNorm "
    "15.0, 11.7 and 12.3 at m = 4, 16 and 64; LayerNorm 13.3; weight decay "
    "11.3. With noisy labels 48.8; 39.5, 47.9 and 48.4; 47.4; 42.9. Best "
    "rates 0.03 to 0.3. A margin of 2 points was planned; it became one "
    "error in twenty after this, as in batch_norm.best_norm.",
)


def fit(
    config: Config, device: str, *, noise: float, norm: str, m: int
) -> Rows:
    """Train |rates| × |seeds| MLPs at once; add the gap to each row.

    Batches are drawn by the seed: for others it moves by 500, and moves
    back for weights, images and labels.
    """
    kind, _, change = norm.partition(", ")
    chosen = kind
    if kind == "batch":
        chosen = partial(GhostBatchNorm, n=m, norm=layers.BatchNorm1d)
    moved = 500 * (change == "other batches")

    def make(seed: int) -> DenseNet:
        return DenseNet(seed - moved, norm=chosen, pixels=256, width=128)

    def source(seed: int) -> Split:
        return labelled(seed - moved, config, noise)

    rows = sweep(
        config | {"first_seed": config["first_seed"] + moved}, make,
        device, source=source, every=config["steps"], decay=True,
        watch=shrink(config) if change == "weight decay" else None,
    )  # fmt: skip
    for row in rows:
        row["seed"] -= moved
        row["gap"] = round(row["test_error"] - row["train_error"], 3)
    return rows


def labelled(seed: int, config: Config, noise: float) -> Split:
    """Return a seed's images, a share of the training labels drawn anew."""
    images = {k: config[k] for k in ("n", "val", "test", "difficulty")}
    data = glyphs(seed, side=16, **images)
    stacked = Split(*(part[None] for part in data))
    noisy = relabel(stacked, [seed], noise, classes=62)
    return Split(*(part[0] for part in noisy))


def shrink(config: Config) -> Watch:
    """Multiply W by 1 − λ·rate after each step; the rate falls to 0."""
    rates = [r for r, _ in product(config["rates"], range(config["seeds"]))]
    lr = torch.tensor(rates).view(-1, 1, 1)

    @torch.no_grad()
    def watch(step: int, nets: Ensemble, _: Split) -> None:
        left = 1 - (step - 1) / config["steps"]
        for p in nets.parameters.values() if step else ():
            if p.ndim == 3:  # a weight matrix a member
                p.mul_(1 - STRENGTH * left * lr.to(p))

    return watch


def saved(
    record: Record, noise: float, norm: str, m: int = FULL
) -> list[Contrast]:
    """Tell how much lower test error and gap are than without a norm.

    In per cent of the test error without.
    """
    places = [{"noise": noise, "norm": n, "m": size}
              for n, size in (("none", FULL), (norm, m))]  # fmt: skip
    if not all(record.where(**place) for place in places):
        return [missing(record)] * 2
    error = read(record, **places[0]).at_best.mean()
    return [
        Contrast(*(read(record, column, **place) for place in places),
                 unit=error / 100, dead=DEAD if error > LOST else "")
        for column in ("test_error", "gap")
    ]  # fmt: skip
