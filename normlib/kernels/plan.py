"""How a kernel is cut to a shape: everything that was chosen, in one place.

A tile is ROWS × COLS values that one program holds in registers. The
numbers come from a sweep on an H200 (`normlib.kernels.sweep`) among what
the compiler's report for sm_90 lets through: no spills, loads of 16
bytes, programs that fit a processor side by side. Another choice changes
the speed, and of the weight gradients the last digits.
"""

from dataclasses import dataclass

LONGEST_FORWARD = 32768  # longer rows are looped over, in steps so wide
LONGEST_BACKWARD = 16384  # without dβ and in half precision; else half
BACKWARD_STEP = 8192  # columns that a step of the backward's loop takes
MIN_TILE = 2048  # values of a program, at least, where rows are short
HOLD = 1024, 8192  # γ of rows between is kept in registers
SUM_COLS = 512  # columns of a program that sums weight gradients alone
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
    """Plan the forward of M rows of N values: 32 bytes of x a thread."""
    if N > LONGEST_FORWARD:
        programs = min(M, processors)
        return Plan(1, LONGEST_FORWARD, 32, loops=True, programs=programs)
    cols = _next_power_of_two(N)
    rows = max(1, MIN_TILE // cols)
    warps = _warps(rows * cols * itemsize // 32)
    if itemsize < 4 and cols == LONGEST_FORWARD // 2:
        warps = 8  # two programs a processor
    return Plan(rows, cols, warps)


def backward(
    M: int,
    N: int,
    itemsize: int,
    *,
    centre: bool,
    residual: bool,
    processors: int,
) -> Plan:
    """Plan the backward of M rows of N values: 32 bytes of x a thread.

    In registers are x, dy, γ and the sums of dγ, for LayerNorm also those
    of dβ: with them 8192 values fit a processor's registers, without and
    in half precision 16384. A program sums its rows' weight gradients
    and writes them once, in float32. All programs run at once.
    """
    fits = itemsize < 4 and not centre
    longest = LONGEST_BACKWARD if fits else LONGEST_BACKWARD // 2
    if longest < N:
        return Plan(1, BACKWARD_STEP, 16, loops=True)
    cols = _next_power_of_two(N)
    rows = 1 if cols >= HOLD[0] else max(1, MIN_TILE // cols)
    warps = _warps(rows * cols * itemsize // 32)
    side_by_side = processors * max(1, WARPS // warps)
    programs = max(1, min(side_by_side, -(-M // max(MIN_ROWS, rows))))
    stages = 1 if residual and cols == LONGEST_BACKWARD else 3
    hold = HOLD[0] <= cols <= HOLD[1]
    return Plan(rows, cols, warps, False, programs, stages, hold)


def column_sums(M: int, N: int, processors: int) -> Plan:
    """Plan the weight gradients of long rows: a program takes columns."""
    across = -(-N // SUM_COLS)
    down = max(1, min(8 * processors // across, -(-M // MIN_ROWS)))
    return Plan(8, SUM_COLS, 4, programs=down, stages=3)


def finish() -> Plan:
    """Plan the sum of the partial sums: 64 bytes of many rows a program."""
    return Plan(128, 16, 8, stages=3)


def _next_power_of_two(n: int) -> int:
    """The least power of two that is not below n."""
    return 1 << (n - 1).bit_length()


def _warps(threads: int) -> int:
    """Warps for so many threads: 1 to 32, a power of two."""
    return max(1, min(32, threads // WARP_SIZE))
