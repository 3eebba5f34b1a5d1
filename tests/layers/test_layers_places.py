"""The layers where users put modules, each beside torch.nn in that place.

A place takes a module and an input and returns what came out: values,
gradients, running arrays. Both modules start from one state.
"""

import copy
import functools
import io
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from layer_pairs import MODULES, close, close_states, jitter, pair, run
from torch import nn
from torch.func import functional_call, stack_module_state

from normlib import layers

CASES = [*MODULES, ("weight_norm", (3, 4), (5, 3))]
each = pytest.mark.parametrize("name, args, shape", CASES)
PLACES = {}
ROUNDED = {}  # place: rounding inside it, where coarser than outside


def place(function):
    PLACES[function.__name__] = function
    return function


def larger(x, more):
    """Return a batch with `more` samples more, none of them seen yet."""
    g = torch.Generator().manual_seed(more)
    shape = (len(x) + more, *x.shape[1:])
    return torch.randn(shape, generator=g, dtype=x.dtype) + 1


def tensors(module):
    """Return everything a module holds, as it is now."""
    return [t.detach().clone() for t in module.state_dict().values()]


# Compilers


@place
def alone(module, x, call=None):
    """Batches of several sizes, one after the other."""
    found = []
    for more in (0, 2, 5):
        found += run(module, larger(x, more), call=call)
    return [*found, *tensors(module)]


@place
def compiled(module, x):
    torch._dynamo.reset()
    compile = functools.partial(torch.compile, backend="aot_eager")
    return alone(module, x, call=compile(module, fullgraph=True))


@place
def compiled_for_every_size(module, x):
    torch._dynamo.reset()
    counter = torch._dynamo.testing.CompileCounterWithBackend("aot_eager")
    call = torch.compile(
        module, fullgraph=True, dynamic=True, backend=counter
    )
    found = alone_after_one(module, x, call)
    assert counter.frame_count <= 2  # torch.nn wraps one in another
    return found


def alone_after_one(module, x, call=None):
    run(module, larger(x, 1), 1, call)
    return alone(module, x, call)


@place
def exported(module, x):
    sizes = ({0: torch.export.Dim("batch")},)
    program = torch.export.export(module.eval(), (x,), dynamic_shapes=sizes)
    return forwards(program.module(), x)


@place
def exported_for_training(module, x):
    sizes = ({0: torch.export.Dim("batch")},)
    program = torch.export.export(module, (x,), dynamic_shapes=sizes)
    return forwards(program.module(), x)


def forwards(call, x):
    """Return what a module or its graph gives, and how it moved."""
    return [call(larger(x, 0)), call(larger(x, 3)), *tensors(call)]


# torch.func


def ensemble(module, count=3):
    """Return one module's copies, stacked, each with its own values."""
    members = [copy.deepcopy(module) for _ in range(count)]
    for i, member in enumerate(members):
        for t in member.state_dict().values():
            if t.is_floating_point():
                t.mul_(1 + i / 4)
    return stack_module_state(members)


def loss(module, params, buffers, x):
    y = functional_call(module, (params, buffers), (x,))
    return y.pow(3).sum(), (y, buffers)


@place
def an_ensemble(module, x):
    """How the course trains many nets at once, running arrays included."""
    params, buffers = ensemble(module)
    step = torch.func.grad_and_value(
        functools.partial(loss, module), (0, 2), has_aux=True
    )
    batches = torch.stack([larger(x, more)[: len(x)] for more in (0, 1, 2)])
    found = []
    for _ in range(2):
        (dp, dx), (_, (y, buffers)) = torch.func.vmap(step)(
            params, buffers, batches
        )
        now = [b.clone() for b in buffers.values()]  # updated in place
        found += [y, dx, *dp.values(), *now]
    return found


@place
def one_by_one(module, x):
    """The same without vmap."""
    params, buffers = ensemble(module)
    found = []
    for _ in range(2):
        rows, after = [], {k: [] for k in buffers}
        for i in range(3):
            p = {k: v[i].detach() for k, v in params.items()}
            b = {k: v[i].clone() for k, v in buffers.items()}
            leaf = larger(x, i)[: len(x)]
            for t in (leaf, *p.values()):
                t.requires_grad_()
            total, (y, b) = loss(module, p, b, leaf)
            grads = torch.autograd.grad(total, [leaf, *p.values()])
            rows.append([y, *grads])
            for k, v in b.items():
                after[k].append(v)
        buffers = {k: torch.stack(v) for k, v in after.items()}
        found += [torch.stack(r) for r in zip(*rows, strict=True)]
        found += buffers.values()
    return found


@place
def per_sample_gradients(module, x):
    module.eval()
    params = dict(module.named_parameters())
    buffers = dict(module.named_buffers())

    def one(params, sample):
        y = functional_call(module, (params, buffers), (sample[None],))
        return y.pow(3).sum()

    grads = torch.func.vmap(torch.func.grad(one), (None, 0))(params, x)
    return list(grads.values())


@place
def derivatives_of_higher_order(module, x):
    module.eval()

    def total(x):
        return module(x).pow(3).sum()

    return [
        torch.func.jacrev(module)(x),
        torch.func.jacfwd(module)(x),
        torch.func.hessian(total)(x),
    ]


# Copies


def through(buffer, value, **how):
    torch.save(value, buffer)
    buffer.seek(0)
    return torch.load(buffer, **how)


@place
def a_deep_copy(module, x):
    module(x)
    twin = copy.deepcopy(module)
    found = run(twin, x)
    return [*found, *tensors(twin), *tensors(module)]


@place
def a_pickle(module, x):
    module(x)
    twin = pickle.loads(pickle.dumps(module))
    return [*run(twin, x), *tensors(twin)]


@place
def a_saved_module(module, x):
    module(x)
    twin = through(io.BytesIO(), module, weights_only=False)
    return [*run(twin, x), *tensors(twin)]


@place
def a_checkpoint(module, x):
    module(x)
    state = through(io.BytesIO(), module.state_dict())
    for t in module.state_dict().values():
        t.zero_()
    module.load_state_dict(state, strict=True)
    return [*run(module, x), *tensors(module)]


@place
def recomputed_in_the_backward(module, x):
    check = torch.utils.checkpoint.checkpoint
    call = functools.partial(check, module, use_reentrant=False)
    # Else torch stops when it has what it needs: for torch.nn's running
    # arrays that is after the second update, for ours before it.
    with torch.utils.checkpoint.set_checkpoint_early_stop(False):
        return [*run(module, x, call=call), *tensors(module)]


# Numbers and memory


def in_dtype(dtype):
    def to(module, x):
        twin = module.to(dtype)
        found = run(twin, x.to(dtype), steps=1)
        return [*found, *tensors(twin)]

    to.__name__ = f"to_{dtype}"
    return place(to)


def autocast(dtype, first):
    def cast(module, x):
        layer, leaf = first(x.shape[-1]), x.clone().requires_grad_()
        with torch.autocast("cpu", dtype):
            y = module(layer(leaf))
        total = y.float().pow(2).sum()
        grads = torch.autograd.grad(total, [leaf, *module.parameters()])
        return [y, *grads, *tensors(module)]

    cast.__name__ = f"autocast_{first.__name__}_{dtype}"
    return place(cast)


def linear(n):
    """Autocast makes its output `dtype`; the weight changes nothing."""
    layer = nn.Linear(n, n, bias=False)
    nn.init.eye_(layer.weight)
    return layer


for _dtype in (torch.bfloat16, torch.float16):
    in_dtype(_dtype)
    autocast(_dtype, nn.Identity)
    # Gradients are float32, but what they were made of was not.
    ROUNDED[autocast(_dtype, linear).__name__] = torch.finfo(_dtype).eps
in_dtype(torch.float64)


@place
def channels_last(module, x):
    formats = {4: torch.channels_last, 5: torch.channels_last_3d}
    if x.ndim in formats:
        to = {"memory_format": formats[x.ndim]}
        module, x = module.to(**to), x.to(**to)
    y, dx, *rest = run(module, x)
    if x.ndim in formats and type(module).__module__.startswith("normlib"):
        assert y.is_contiguous(**to) and dx.is_contiguous(**to)
    return [y, dx, *rest]


# momentum=None, and torch.nn reads the count of batches as a number of
# Python: it fails there, ours does not, and is compared with torch alone.
TORCH_FAILS = {
    ("BatchNorm2d", "compiled"): alone,
    ("BatchNorm2d", "compiled_for_every_size"): alone_after_one,
    ("BatchNorm2d", "exported_for_training"): forwards,
    ("BatchNorm2d", "an_ensemble"): one_by_one,
}
# Not even torch pickles a parametrized module.
SKIPPED = {("weight_norm", "a_pickle"), ("weight_norm", "a_saved_module")}


@pytest.mark.filterwarnings("ignore")
@each
@pytest.mark.parametrize("where", PLACES)
def test_as_torch(name, args, shape, where):
    if (name, where) in SKIPPED:
        return
    ours, theirs = pair(name, *args)
    x = larger(torch.empty(shape), 0)
    found = PLACES[where](ours, x)
    instead = TORCH_FAILS.get((name, where), PLACES[where])
    wanted = instead(theirs, x)
    for a, b in zip(found, wanted, strict=True):
        eps = ROUNDED.get(where, 0) / torch.finfo(torch.float32).eps
        close(a, b, max(x.numel(), b.numel()), max(1, eps))


@pytest.mark.parametrize("name, where", TORCH_FAILS)
def test_torch_fails_there(name, where):
    ((args, shape),) = [(a, s) for n, a, s in CASES if n == name]
    with pytest.raises(Exception, match=r"data-dependent|\.item"):
        PLACES[where](pair(name, *args)[1], torch.ones(shape))


@pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler")
def test_the_code_that_torch_generates():
    def net(of):
        norms = of.BatchNorm2d(4), of.GroupNorm(2, 4)
        return nn.Sequential(*norms, nn.Flatten(), of.RMSNorm(100))

    ours, theirs = net(layers), net(nn)
    jitter(theirs)
    ours.load_state_dict(theirs.state_dict())
    x = larger(torch.empty(6, 4, 5, 5), 0)
    torch._dynamo.reset()
    call = torch.compile(ours, fullgraph=True)
    for a, b in zip(run(ours, x, call=call), run(theirs, x), strict=True):
        close(a, b, x.numel())
    close_states(ours, theirs, x.numel())


def test_two_processes_under_ddp():
    folder = Path(__file__).parent
    command = [
        sys.executable, "-m", "torch.distributed.run",
        "--nproc-per-node", "2", "--rdzv-backend", "c10d",
        "--rdzv-endpoint", "127.0.0.1:0", "--local-addr", "127.0.0.1",
        str(folder / "two_processes.py"),
    ]  # fmt: skip
    here = {"OMP_NUM_THREADS": "1"}
    if sys.platform == "linux":
        here["GLOO_SOCKET_IFNAME"] = "lo"  # needs no network
    done = subprocess.run(
        command, env=os.environ | here, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = dict(line.split() for line in done.stdout.splitlines())
    assert len(found) == 6
    # Three steps in float64, on values of size 1: some hundred roundings.
    assert all(float(worst) < 1e-13 for worst in found.values()), found
