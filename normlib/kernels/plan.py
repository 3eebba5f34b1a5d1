"""How a kernel is cut to a shape: everything that was chosen, in one place.

A tile is ROWS × COLS values that one program holds in registers. The
numbers come from a sweep on an H200 in bfloat16 and, for the backward,
float32 (`tools.sweep`), among what the compiler's report for sm_90 lets
through: loads of 16 bytes, programs that fit a processor side by side, no
spills at the usual lengths and few elsewhere. Another choice changes the
speed, and of the weight gradients the last digits.
"""

from dataclasses import dataclass
from math import log2

LONGEST_FORWARD = 16384  # values; longer rows are looped over
LONGEST_BACKWARD = 16384  # in half precision without dβ; else WIDE
BACKWARD_STEP = 16384  # columns that a step of the backward's loop takes
MIN_TILE = 2048  # values of a program, at least, where rows are short
HOLD = 1024  # γ of rows from here on is kept in registers,
WIDE = 8192  # and up to here; one program then fills a processor
SUM_COLS = 1024  # columns of a program that sums weight gradients alone
MIN_ROWS = 32  # rows a program takes at least, to write one of partial sums
WARP_SIZE = 32  # threads
WARPS = 16  # of a processor, with up to 128 registers a thread


@dataclass(frozen=True)
class Plan:
    """Rows and columns of a tile, warps of a program, and how it goes on.

    `loops`: a row is taken in steps of `cols`. `programs`: how many work
    side by side, each on many tiles; 0 is one a tile. `stages`: of three,
    two tiles are on their way while one is in work; 1 is none. `hold`:
    γ is kept in registers, and not loaded for every tile.
    """

    rows: int
    cols: int
    warps: int
    loops: bool = False
    programs: int = 0
    stages: int = 1
    hold: bool = False


def forward(M: int, N: int, itemsize: int, *, processors: int) -> Plan:
    """Plan the forward of M rows of N values: 64 bytes of x a thread.

    Longer rows were quicker in a loop, by so few programs that their rows
    fit in the cache together (in float32 not beyond 65536 values).
    """
    if N <= LONGEST_FORWARD:
        cols = _next_power_of_two(N)
        rows = max(1, MIN_TILE // cols)
        return Plan(rows, cols, _warps(rows * N * itemsize / 64))
    steps = (65536, 8192, 16, 4), (131072, 8192, 32, 1)
    cols, warps, side = next(
        (step for most, *step in steps if N * itemsize <= most),
        (16384, 32, 2),
    )
    programs = min(M, processors * side)
    return Plan(1, cols, warps, loops=True, programs=programs)


def backward(
    M: int,
    N: int,
    itemsize: int,
    *,
    centre: bool,
    residual: bool,
    processors: int,
) -> Plan:
    """Plan the backward of M rows of N values.

    In registers are x, dy and the sums of dγ, for LayerNorm also those of
    dβ, and γ where `hold` says so: rows are held up to 8192 values, and up
    to 16384 in half precision without dβ. A program sums its rows' weight
    gradients and writes them once, in float32. All programs run at once.
    """
    half = itemsize < 4
    longest = LONGEST_BACKWARD if half and not centre else WIDE
    if longest < N:
        return Plan(1, BACKWARD_STEP, 32, loops=True)
    cols = _next_power_of_two(N)
    rows = 1 if cols >= HOLD else max(1, MIN_TILE // cols)
    if cols < HOLD:
        warps, side, stages = 2 if half and centre else 4, 4, 3
    elif cols < WIDE:  # 32 bytes of x a thread
        warps = _warps(cols * itemsize / 32)
        side, stages = WARPS // warps, 3
    elif cols == WIDE:
        warps, side, stages = (8, 1, 4) if half else (16, 1, 1)
    else:
        warps, side, stages = (32, 1, 1) if residual else (16, 1, 3)
    programs = min(processors * side, -(-M // max(MIN_ROWS, rows)))
    hold = HOLD <= cols <= WIDE
    return Plan(rows, cols, warps, False, max(1, programs), stages, hold)


def column_sums(M: int, N: int, processors: int) -> Plan:
    """Plan the weight gradients of long rows: a program takes columns."""
    across = -(-N // SUM_COLS)
    down = max(1, min(4 * processors // across, -(-M // MIN_ROWS)))
    return Plan(4, SUM_COLS, 4, programs=down, stages=3)


def finish() -> Plan:
    """Plan the sum of the partial sums: 64 bytes of many rows a program."""
    return Plan(128, 16, 8, stages=3)


def _next_power_of_two(n: int) -> int:
    """The least power of two that is not below n."""
    return 1 << (n - 1).bit_length()


def _warps(threads: float) -> int:
    """Warps for about so many threads: 1 to 32, a power of two."""
    warps = max(1.0, threads / WARP_SIZE)
    return min(32, 2 ** round(log2(warps)))
