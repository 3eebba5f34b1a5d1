"""Every rule reads made-up records that lead to each of its verdicts."""

import pytest
from made_up import made_up, spread

from normlib.ledger import decide

VERDICTS = ("holds", "holds when", "does not hold", "open")


def sweep(name, error, noise=0.0, **columns):
    """`error(cell)` per cent; noise by seed, other in every arm."""

    def value(cell):
        e = error(cell) + spread(cell | {"rate": 0}, noise)
        row = {"val_error": e, "test_error": e, "train_error": e}
        row |= {"precise_error": e, "trained_at": 100 if e <= 10 else None}
        return row | {k: f(cell) for k, f in columns.items()}

    return made_up(name, value)


def check(claim, *records):
    """The records lead to the four verdicts, in their order."""
    found = tuple(decide(claim, record).verdict for record in records)
    assert found == VERDICTS


def size(error, noise=0.0):
    return sweep("batch_norm.statistics_size", error, noise)


def worse_below(limit, count):
    return lambda c: (
        20.0 if c["norm"] == "batch" and count(c) < limit else 3.0
    )


def by_m(cell):
    return cell["N"] * cell["side"] ** 2


def by_n(cell):
    return cell["N"]


@pytest.mark.parametrize(
    ("claim", "bound"),
    [
        ("bn.batch-16", 16), ("guide.small-batch-8", 8),
        ("pit.bn-below-4", 4), ("bn.small-batch", 16),
    ],
)  # fmt: skip
def test_a_number_counts_images_values_or_nothing(claim, bound):
    check(
        claim, size(worse_below(bound, by_n)), size(worse_below(4, by_m)),
        size(worse_below(0, by_m)), size(worse_below(0, by_m), noise=2.0),
    )  # fmt: skip


def test_sixteen_is_not_enough_where_larger_batches_fail():
    record = size(worse_below(100, by_n))
    assert decide("bn.batch-16", record).verdict == "does not hold"


def test_layer_norm_beside_the_full_batch():
    def but(*sides, noise=0.0):
        return size(lambda c: 9.0 if c["norm"] == "layer"
                    and c["side"] in sides else 3.0, noise)  # fmt: skip

    check("ln.small-batch", but(), but(1), but(1, 2, 4), but(noise=2.0))
