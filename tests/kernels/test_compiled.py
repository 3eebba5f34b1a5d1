"""What the compiler makes of the kernels for a Hopper GPU: no GPU needed.

In a process of its own, since here they are in the interpreter.
"""

import json
import os
import subprocess
import sys

import pytest

PROGRAM = """
import json
from dataclasses import asdict
from normlib.kernels.report import compile_all, compile_one
found = [*compile_all((1024, 4096, 16384, 65536))]
for kernel in ("forward", "backward"):
    for norm in ("rms", "layer"):
        compile_one(kernel, norm, 512, "bf16", False, affine=False)
print(json.dumps([asdict(r) | {"resident": r.resident} for r in found]))
"""


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    env = dict(
        os.environ, TRITON_CACHE_DIR=str(tmp_path_factory.mktemp("t"))
    )
    env.pop("TRITON_INTERPRET", None)
    out = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True, text=True, check=True, env=env,
    ).stdout  # fmt: skip
    return json.loads(out)


def test_nothing_spills(reports):
    spilled = [r for r in reports if r["spilled"] and r["N"] <= 16384]
    assert len(reports) == 80 and not spilled


def test_loads_are_of_sixteen_bytes(reports):
    assert all(r["wide"] for r in reports)


def test_programs_fit_a_processor(reports):
    """227 KiB of shared memory and 65536 registers, for a program."""
    for r in reports:
        threads = 32 * r["plan"]["warps"]
        assert r["shared"] <= 227 * 1024
        assert threads <= 1024 and threads * r["registers"] <= 65536


def test_programs_that_share_the_rows_run_at_once(reports):
    for r in reports:
        side = r["plan"]["programs"] / 132
        if r["kernel"] == "backward" and not r["plan"]["loops"]:
            assert 1 <= side <= r["resident"]


def test_short_rows_are_whole(reports):
    looped = {
        (r["kernel"], r["norm"], r["dtype"], r["N"])
        for r in reports
        if r["plan"]["loops"] and r["N"] <= 16384
    }
    assert looped == {
        ("backward", "rms", "fp32", 16384),
        ("backward", "layer", "bf16", 16384),
        ("backward", "layer", "fp32", 16384),
    }
