"""What the compiler makes of the kernels for a Hopper GPU, without one.

`python -m normlib.kernels.report` prints a line a kernel: registers of a
thread, bytes spilled, shared memory of a program, how many programs fit a
processor at once, and whether x and dy come in loads of 16 bytes.
"""

from __future__ import annotations

import math
import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from . import backward, forward, plan
from .plan import Plan

TARGET = GPUTarget("cuda", 90, 32)
PROCESSORS = 132  # of an H100 or H200
ROWS = 8192
NUMBERS = ("M", "P", "stride", "r_stride", "dy_stride", "ds_stride")
FLOAT32 = ("MU", "RSTD", "DW", "DB")  # whatever x is
REGISTERS, SHARED, WARPS = 65536, 227 * 1024, 64  # of a processor
RESERVED = 1024  # bytes of shared memory that a program takes beside


@dataclass(frozen=True)
class Report:
    """One kernel for one shape and dtype."""

    kernel: str
    norm: str
    N: int
    dtype: str  # Triton's name: bf16, fp16, fp32
    residual: bool
    plan: Plan
    registers: int
    spilled: int  # bytes
    shared: int  # bytes
    wide: bool  # some loads are of 16 bytes

    @property
    def resident(self) -> int:
        """How many programs a processor runs at once."""
        registers = -(-self.registers // 8) * 8 * 32 * self.plan.warps
        return min(
            REGISTERS // registers,
            SHARED // (self.shared + RESERVED),
            WARPS // self.plan.warps,
        )


def compile_one(
    kernel: str,
    norm: str,
    N: int,
    dtype: str,
    residual: bool,
    affine: bool = True,
) -> Report:
    """Compile a kernel of "layer" or "rms" for sm_90.

    "forward", "backward" and "columns", the weight gradients of long
    rows; not `affine` is without γ and β.
    """
    size = 4 if dtype == "fp32" else 2
    centre = norm == "layer"
    absent = set() if centre else {"MU", "B", "DB"}
    if not residual:
        absent |= {"R", "S", "DS"}
    if not affine:
        absent |= {"W", "B", "DW", "DB"}
    if kernel == "columns":
        tile = plan.column_sums(ROWS, N, PROCESSORS)
        function = backward.column_sums
    elif kernel == "forward":
        tile = plan.forward(ROWS, N, size, processors=PROCESSORS)
        function = forward.looped_row if tile.loops else forward.whole_rows
    else:
        tile = plan.backward(
            ROWS, N, size,
            centre=centre, residual=residual, processors=PROCESSORS,
        )  # fmt: skip
        loops = tile.loops
        function = backward.looped_row if loops else backward.whole_rows
    fixed = {"ROWS": tile.rows, "COLS": tile.cols, "STAGES": tile.stages}
    fixed |= {"CENTRE": centre, "N": N, "UNIT": math.gcd(16, N)}
    fixed |= {"HOLD": tile.hold} | dict.fromkeys(absent)
    ptx, shared = _compile(function, dtype, fixed, tile.warps)
    registers, spilled = _assemble(ptx)
    wide = "ld.global.v4.b32" in ptx or "shared.global [" in ptx
    return Report(
        kernel, norm, N, dtype, residual, tile, registers, spilled, shared,
        wide,
    )  # fmt: skip


def _compile(
    function: Any, dtype: str, fixed: dict[str, Any], warps: int
) -> tuple[str, int]:
    """Return PTX, and bytes of shared memory; addresses divide by 16."""
    signature, constants, aligned = {}, {}, {}
    for i, name in enumerate(function.arg_names):
        if name in fixed:
            signature[name], constants[(i,)] = "constexpr", fixed[name]
            continue
        number = "fp32" if name == "eps" else "i32"
        pointer = "*fp32" if name in FLOAT32 else f"*{dtype}"
        plain = name == "eps" or name in NUMBERS
        signature[name] = number if plain else pointer
        if not plain:
            aligned[(i,)] = [["tt.divisibility", 16]]
    source = ASTSource(function, signature, constants, aligned)
    made = triton.compile(source, TARGET, {"num_warps": warps})
    return made.asm["ptx"], made.metadata.shared


def _assemble(ptx: str) -> tuple[int, int]:
    """Return registers a thread and bytes spilled, as ptxas says."""
    tool = triton.knobs.nvidia.ptxas.path
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "kernel.ptx")
        file.write_text(ptx)
        said = subprocess.run(
            [tool, "-v", "--gpu-name", "sm_90a", file, "-o", "/dev/null"],
            capture_output=True, text=True, check=True,
        ).stderr  # fmt: skip
    registers = re.search(r"Used (\d+) registers", said)
    spilled = re.findall(r"(\d+) bytes spill", said)
    return int(registers[1]), sum(map(int, spilled))


def compile_all(lengths: tuple[int, ...]) -> Iterator[Report]:
    """Compile the kernels of both norms in two dtypes."""
    for kernel, norm, N, dtype, residual in product(
        ("forward", "backward", "columns"),
        ("rms", "layer"),
        lengths,
        ("bf16", "fp32"),
        (False, True),
    ):
        if kernel != "columns" or not residual:
            yield compile_one(kernel, norm, N, dtype, residual)


def main() -> None:
    """Print the table."""
    print(
        "kernel   norm      N dtype residual "
        "warps regs spill shared resident wide"
    )
    for r in compile_all((256, 1024, 4096, 8192, 16384, 65536)):
        print(
            f"{r.kernel:8} {r.norm:5} {r.N:6} {r.dtype} {r.residual!s:8} "
            f"{r.plan.warps:5} {r.registers:4} {r.spilled:5} {r.shared:6} "
            f"{r.resident:8} {r.wide}"
        )


if __name__ == "__main__":
    main()
