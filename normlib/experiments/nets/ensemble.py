"""Many nets of one form, trained at once as one computation.

Member e of E has its own weights, batches and learning rate. Their
parameters and running statistics are stacked, (E, …), and torch.func
maps the net over them. A member that diverges turns into NaN and
disturbs no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap

Make = Callable[[int], nn.Module]
State = dict[str, Tensor]


class Ensemble:
    """E nets, `make(seed)` each; maps x (E, B, …) to logits (E, B, 10).

    `form` is one net without weights of its own: its options and its
    mode are those of all. Members of one seed may share their data: x
    may have a row a seed, in the order in which the seeds first appear,
    and `rows` (E,) says which is each member's.
    """

    def __init__(
        self, make: Make, seeds: Sequence[int], device: str = "cpu"
    ) -> None:
        nets = [make(seed).to(device) for seed in seeds]
        self.seeds, self.form = list(seeds), nets[0]
        place = {s: row for row, s in enumerate(dict.fromkeys(seeds))}
        self.rows = torch.tensor([place[seed] for seed in seeds])
        self.parameters, self.buffers = stack_module_state(nets)

    def __call__(
        self,
        x: Tensor,
        *,
        training: bool = True,
        parameters: State | None = None,
        **options: Any,
    ) -> Any:
        """Run all nets, with `parameters` in place of their own."""
        self.form.train(training)

        def one(parameters: State, buffers: State, x: Tensor) -> Any:
            state = (parameters, buffers)
            return functional_call(self.form, state, (x,), options)

        own = self.parameters if parameters is None else parameters
        return vmap(one)(own, self.buffers, self.spread(x))

    def spread(self, v: Tensor) -> Tensor:
        """Give each member its seed's row, unless v has a row a member."""
        return v if len(v) == len(self) else v[self.rows]

    def __len__(self) -> int:
        return len(self.seeds)

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Put the running statistics back in the end."""
        before = {name: b.clone() for name, b in self.buffers.items()}
        yield
        self.buffers = before

    @contextmanager
    def options(self, **options: Any) -> Iterator[None]:
        """Set options of all layers that have them, for a while."""
        layers = list(self.form.modules())
        found = [(m, k) for m in layers for k in options if hasattr(m, k)]
        before = [getattr(layer, name) for layer, name in found]
        for layer, name in found:
            setattr(layer, name, options[name])
        yield
        for (layer, name), value in zip(found, before, strict=True):
            setattr(layer, name, value)
