"""What a program counts is what moves, and what *The roof* says is so."""

import pytest
import torch
import torch.nn.functional as F

from normlib.experiments import trial
from normlib.experiments.performance import (
    contenders,
    counts,
    roof,
    rungs,
    under,
)
from normlib.layers import functional as ours


def total(function, *given):
    """Return copies of the first, to a tenth."""
    found = counts.counted(function, *given)
    return sum(found.moved.values()) / 2 / counts.stored(given[0])


def rms(x, w):
    return F.rms_norm(x, w.shape, w, 1e-6)


def layer(x, w):
    return F.layer_norm(x, w.shape, w)


def formula(x, w):
    return ours.rms_norm(x, w.shape, w, 1e-6)


def given(learns, dtype=torch.float32):
    return [
        torch.ones(size, dtype=dtype, requires_grad=learns)
        for size in ((256, 512), (512,))
    ]


X, Y = torch.ones(8, 16), torch.ones(8, 16)


@pytest.mark.parametrize(
    ("function", "copies"),
    [
        (lambda x: x + Y, 1.5),
        (lambda x: x.view(16, 8).T[1:], 0),
        (lambda x: torch.empty_like(x), 0),
        (lambda x: torch.zeros(8, 16), 0.5),
        (lambda x: x * torch.ones(1).expand(8, 16), 1 + 2 / 256),
        (lambda x: x.sum(), 0.5 + 1 / 256),
        (lambda x: x.clone().copy_(Y), 2),
        (lambda x: x.clone().add_(Y), 1 + 1.5),
        (lambda x: x @ Y.T, (128 + 128 + 64) / 256),
    ],
)
def test_each_array_counts_once_an_operation(function, copies):
    assert total(function, X) == pytest.approx(copies)


@pytest.mark.parametrize(
    ("step", "function", "dtype"),
    [
        ("eager", rms, torch.float32),
        ("autograd", formula, torch.float32),
        ("autograd", formula, torch.bfloat16),
    ],
)
def test_the_ladders_counts_are_the_programs(step, function, dtype):
    half = dtype != torch.float32
    known = rungs.HALF[step] if half else rungs.STEPS[step][1:]
    found = [
        total(function, *given(learns, dtype)) for learns in (False, True)
    ]
    assert tuple(round(n, 1) for n in found) == known


def test_the_compilers_count_is_the_ladders():
    x = contenders.tensors("rms", (512, 1024), "float32", "cpu")
    found = [roof.copies("eager compiled", phase, x) for phase in
             under.OPERATIONS]  # fmt: skip
    assert tuple(found) == rungs.STEPS["eager compiled"][1:]


def test_what_the_page_counts():
    table = counts.copies(rms, *given(True))
    assert table.rows[-1] == ("all", "", "15.0")
    assert table.rows[0][:2] == ("mul", 10)
    assert total(layer, *given(True)) == pytest.approx(2.5, abs=0.02)
    assert round(total(rms, *given(True, torch.bfloat16))) == 36
    x, h = torch.ones(2, 64, 64)
    assert total(lambda x, h: x + F.dropout(h, 0.1), x, h) == 4.5
    half = counts.copies(rms, *given(True, torch.bfloat16))
    assert ("_to_copy", 5, "6.0") in half.rows


def block(norm):
    def run(x, w, up, down):
        return x + F.gelu(norm(x, w) @ up) @ down

    return run


def test_the_share_of_a_norm():
    shapes = (2048, 512), (512,), (512, 2048), (2048, 512)
    tensors = [torch.ones(s, requires_grad=True) for s in shapes]
    norms = {"none": lambda x, w: x, "layer": layer, "rms": rms}
    table = counts.shares({k: block(f) for k, f in norms.items()}, *tensors)
    assert [row[2] for row in table.rows] == ["", "7 %", "33 %"]
    assert {row[3] for row in table.rows} == {24576}
    assert 24576 == 3 * 2 * 2 * 2048  # two products, there and twice back
    assert 24576 + under.OPERATIONS["both"] == 24589


@pytest.fixture(scope="module")
def record():
    return trial("performance.roof").record()


def beyond(record, step):
    found = under.measured(record, step)
    return found.mean / under.counted(record, step, "both")


def test_the_count_is_the_time_where_memory_is_waited_for(record):
    for step in ("naive", "lean", "autograd", "eager"):
        assert 0.9 < beyond(record, step) < 1.15
    for step in ("blocked", "custom", "compiled", "eager compiled"):
        assert 2 < beyond(record, step) < 3
    assert beyond(record, "loops") < 1.25
    assert len(under.raced(record)) == 9


def test_the_program_that_counted_then_says_the_same(record):
    for step in ("autograd", "eager", "eager compiled"):
        for n, phase in enumerate(under.OPERATIONS, 1):
            assert (
                under.counted(record, step, phase) == (rungs.STEPS[step][n])
            )


def test_a_norm_is_left_of_the_bend(record):
    flops, memory = under.roofs(record)
    assert f"{flops / memory:.1f}" == "4.2"
    for step in under.raced(record):
        assert under.intensity(record, step, "both") < 1
    assert under.intensity(record, "loops", "forward") == 0.5
    assert under.SIDE / 6 > 100  # operations a byte of a product
    products, traffic = under.in_time(record, 24576, 15).splitlines()
    ns = [float(line.split()[-2]) for line in (products, traffic)]
    assert round(100 * ns[1] / ns[0]) == 2


def test_how_many_operations_a_number_has():
    """4 forward: v·v, +, ·r, ·w. 9 back: see `under`."""
    assert under.OPERATIONS == {"forward": 4, "both": 4 + 9}


def test_with_fewer_rows_the_matrices_weigh_more():
    shapes = (256, 512), (512,), (512, 2048), (2048, 512)
    tensors = [torch.ones(s, requires_grad=True) for s in shapes]
    norms = {"none": lambda x, w: x, "rms": rms}
    table = counts.shares({k: block(f) for k, f in norms.items()}, *tensors)
    assert table.rows[1][2] == "22 %"


def test_on_page_one_the_formula_took_a_fifth_longer():
    ladder = trial("performance.ladder")
    found = rungs.copies(ladder.record(), "naive", "both").mean
    assert 1.15 < found / rungs.STEPS["naive"][2] < 1.25


def test_under_a_mode_a_compiled_function_runs_eagerly():
    run = contenders.compiled(rms)
    assert round(total(run, *given(True)), 1) == 15.0


def test_two_products_have_a_number_a_row():
    small = []

    class Watch(counts.Traffic):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            out = super().__torch_dispatch__(func, types, args, kwargs)
            name = func.overloadpacket.__name__
            if name == "mul" and out.shape != (256, 512):
                small.append(out.shape)
            return out

    x, w = given(True)
    with Watch():
        torch.autograd.grad(rms(x, w), (x, w), torch.ones_like(x))
    assert small == [(256, 1)] * 2
