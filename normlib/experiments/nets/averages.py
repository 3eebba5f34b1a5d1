"""What nets say with other statistics than those of a batch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from ...data import Split
from .ensemble import Ensemble
from .training import predict

DEFAULT = "0.1"  # torch's momentum


@contextmanager
def forgetful(nets: Ensemble) -> Iterator[None]:
    """Give the running statistics their values of step 0, for a while."""
    with nets.remembering():
        for name, b in nets.buffers.items():
            if name.endswith(("running_mean", "running_var")):
                b.fill_(name.endswith("running_var"))
        yield


@torch.no_grad()
def classes(
    nets: Ensemble, data: Split, batch: int, momentum: str
) -> dict[str, Tensor]:
    """Return the predicted classes (E, n) with each kind of statistics.

    Those that no momentum changes are looked at with the default.
    """
    x = data.test_x
    logits = {"batch": predict(nets, x, batch=batch)}
    logits[momentum] = predict(nets, x)
    if momentum == DEFAULT:
        for seed, name in enumerate(("other", "third")):
            g = torch.Generator().manual_seed(seed)
            order = torch.randperm(x.shape[1], generator=g).to(x.device)
            found = predict(nets, x[:, order], batch=batch)
            logits[name] = found[:, order.argsort()]
        with nets.remembering(), nets.options(momentum=1.0):
            nets(data.train_x)  # one batch of all
            logits["precise"] = predict(nets, x)
        with forgetful(nets):
            logits["forgotten"] = predict(nets, x)
    return {name: z.argmax(-1) for name, z in logits.items()}
