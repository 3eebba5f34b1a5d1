"""A plan covers every row and column, for every shape."""

import pytest

from normlib.kernels import plan

LENGTHS = [1, 2, 3, 17, 255, 256, 257, 4095, 8192, 8193, 16384, 65536]


@pytest.mark.parametrize("N", LENGTHS)
def test_a_whole_row_fits(N):
    for size in (2, 4):
        for tile in (
            plan.forward(1000, N, size, processors=8),
            *(
                plan.backward(
                    1000, N, size, centre=c, residual=r, processors=8
                )
                for c in (True, False)
                for r in (True, False)
            ),
        ):
            assert tile.loops or N <= tile.cols < max(2, 2 * N)
            assert tile.rows * tile.cols <= plan.LONGEST_FORWARD
            assert 1 <= tile.warps <= 32
            assert tile.cols & (tile.cols - 1) == 0


@pytest.mark.parametrize("M", [1, 31, 32, 33, 1000, 65536])
def test_programs_take_many_rows_each(M):
    tile = plan.backward(
        M, 1024, 2, centre=True, residual=False, processors=132
    )
    assert 1 <= tile.programs <= max(1, -(-M // plan.MIN_ROWS))
    sums = plan.column_sums(M, 65536, 132)
    assert 1 <= sums.programs <= max(1, -(-M // plan.MIN_ROWS))
