"""Train a small net under DDP on two processes, with our norms or torch's.

Prints, from process 0, the largest deviation of any weight, gradient or
running array for each norm. Started by test_layers_places.py.
"""

import copy

import torch
import torch.distributed as dist
from layer_pairs import jitter
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.nn.utils import parametrizations

from normlib import layers

NORMS = {
    "BatchNorm2d": lambda of: of.BatchNorm2d(4),
    "InstanceNorm2d": lambda of: of.InstanceNorm2d(
        4, affine=True, track_running_stats=True
    ),
    "GroupNorm": lambda of: of.GroupNorm(2, 4),
    "LayerNorm": lambda of: of.LayerNorm((4, 5, 5)),
    "RMSNorm": lambda of: of.RMSNorm((4, 5, 5)),
}


def net(name, of):
    conv = nn.Conv2d(2, 4, 3, padding=1)
    if name == "weight_norm":
        wrap = parametrizations if of is nn else layers
        return nn.Sequential(wrap.weight_norm(conv), nn.ReLU())
    return nn.Sequential(conv, NORMS[name](of), nn.ReLU())


def train(module):
    """Take three steps; each process sees its own half of the batch."""
    ddp = DistributedDataParallel(module)
    adam = torch.optim.SGD(ddp.parameters(), lr=0.1)
    half = slice(dist.get_rank(), None, 2)
    for step in range(3):
        g = torch.Generator().manual_seed(step)
        x = torch.randn(6, 2, 5, 5, generator=g, dtype=torch.float64)[half]
        adam.zero_grad()
        ddp(x).pow(2).mean().backward()
        adam.step()
    grads = [p.grad for p in module.parameters()]
    return [*grads, *(t.detach() for t in module.state_dict().values())]


def main():
    dist.init_process_group("gloo")
    for name in [*NORMS, "weight_norm"]:
        theirs = net(name, nn).double()
        jitter(theirs)
        ours = net(name, layers).double()
        ours.load_state_dict(copy.deepcopy(theirs.state_dict()))
        worst = max(
            (a.double() - b.double()).abs().max()
            for a, b in zip(train(ours), train(theirs), strict=True)
        )
        dist.all_reduce(worst, dist.ReduceOp.MAX)
        if dist.get_rank() == 0:
            print(name, worst.item())
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
