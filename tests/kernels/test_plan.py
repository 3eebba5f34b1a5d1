"""A plan covers every row and column, for every shape."""

import pytest

from normlib.kernels import plan

LENGTHS = [1, 2, 3, 17, 255, 256, 257, 4095, 8192, 8193, 16384, 65536]


@pytest.mark.parametrize("N", LENGTHS)
def test_a_held_row_fits(N):
    for size in (2, 4):
        for cut in (
            plan.forward(N, size),
            *(
                plan.backward(
                    1000, N, size, centre=c, residual=r, processors=8
                )
                for c in (True, False)
                for r in (True, False)
            ),
        ):
            assert cut.walks or N <= cut.cols < max(2, 2 * N)
            assert cut.rows * cut.cols <= plan.LONGEST
            assert 1 <= cut.warps <= 32
            assert cut.cols & (cut.cols - 1) == 0


@pytest.mark.parametrize("M", [1, 31, 32, 33, 1000, 65536])
def test_programs_take_many_rows_each(M):
    cut = plan.backward(
        M, 1024, 2, centre=True, residual=False, processors=132
    )
    assert 1 <= cut.programs <= max(1, -(-M // plan.LEAST))
    apart = plan.columns(M, 65536, 132)
    assert 1 <= apart.programs <= max(1, -(-M // plan.LEAST))
