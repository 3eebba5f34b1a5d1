"""How a kernel is cut to a shape: everything that was chosen, in one place.

A tile is ROWS × COLS values that one program holds in registers. The
numbers come from the compiler's report for sm_90 (registers, spills, width
of loads, shared memory), which needs no GPU. Another choice would change
the speed, and of the weight gradients the last digits.
"""

from dataclasses import dataclass

MAX_WHOLE_ROW = 16384  # longer rows are looped over
LOOP_COLS = 8192  # columns that a step of the loop takes
MIN_TILE = 2048  # values of a program, at least, where rows are short
SUM_COLS = 512  # columns of a program that sums weight gradients alone
MIN_ROWS = 32  # rows a program takes at least, to write one of partial sums
WARP_SIZE = 32  # threads


@dataclass(frozen=True)
class Plan:
    """Rows and columns of a tile, warps of a program, and how it goes on.

    `loops`: a row is taken in steps of `cols`. `programs`: how many work
    side by side, each on many tiles; 0 is one a tile. `stages`: tiles on
    the way at once, one in work and the next being loaded.
    """

    rows: int
    cols: int
    warps: int
    loops: bool = False
    programs: int = 0
    stages: int = 1


def forward(N: int, itemsize: int) -> Plan:
    """Plan the forward of rows of N values: two 16-byte loads a thread."""
    if N > MAX_WHOLE_ROW:
        return Plan(1, LOOP_COLS, 16, loops=True)
    cols = _next_power_of_two(N)
    rows = max(1, MIN_TILE // cols)
    return Plan(rows, cols, _warps(rows * cols * itemsize // 32))


def backward(
    M: int,
    N: int,
    itemsize: int,
    *,
    centre: bool,
    residual: bool,
    processors: int,
) -> Plan:
    """Plan the backward of M rows of N values: one 16-byte load a thread.

    In registers are x, dy, γ and the sums of dγ, for LayerNorm also those
    of dβ: with them 8192 values fit a processor's registers, without and
    in half precision 16384. A program sums its rows' weight gradients
    and writes them once, in float32. While it works on a tile the next
    is on its way, but for the longest rows with a residual: no room.
    """
    fits = itemsize < 4 and not centre
    longest = MAX_WHOLE_ROW if fits else MAX_WHOLE_ROW // 2
    if longest < N:
        return Plan(1, LOOP_COLS, 16, loops=True)
    cols = _next_power_of_two(N)
    rows = max(1, MIN_TILE // cols)
    warps = _warps(rows * cols * itemsize // 16)
    side_by_side = processors * (32 // warps)
    programs = max(1, min(side_by_side, -(-M // max(MIN_ROWS, rows))))
    stages = 1 if residual and cols == MAX_WHOLE_ROW else 2
    return Plan(rows, cols, warps, programs=programs, stages=stages)


def column_sums(M: int, N: int, processors: int) -> Plan:
    """Plan the weight gradients of long rows: a program takes columns."""
    across = -(-N // SUM_COLS)
    down = max(1, min(8 * processors // across, -(-M // MIN_ROWS)))
    return Plan(8, SUM_COLS, 4, programs=down)


def _next_power_of_two(n: int) -> int:
    """The least power of two that is not below n."""
    return 1 << (n - 1).bit_length()


def _warps(threads: int) -> int:
    """Warps for so many threads: 1 to 32, a power of two."""
    return max(1, min(32, threads // WARP_SIZE))
