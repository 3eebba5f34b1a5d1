"""Every rule reads made-up records that lead to each of its verdicts."""

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


def test_higher_rates():
    def nets(top, steps, noise=0.0):
        def value(cell):
            factor = 10 ** spread(cell | {"rate": 0}, noise)
            works = cell["rate"] <= top(cell) * factor * 1.001
            at = max(1, round(steps(cell) * factor))
            return {
                "val_error": 3.0 if works else 90.0,
                "trained_at": at if works else None,
            }

        return made_up("batch_norm.learning_rates", value)

    def better(batch, none):
        return lambda cell: batch if cell["norm"] == "batch" else none

    def sigmoid(cell):
        both = (cell["act"], cell["norm"]) == ("sigmoid", "batch")
        return 10.0 if both else 0.1

    one = nets(sigmoid, better(50, 50))
    check(
        "bn.higher-lr", nets(better(10.0, 0.1), better(20, 200)), one,
        nets(better(0.1, 0.1), better(50, 50)),
        nets(better(0.3, 0.1), better(80, 100), noise=0.25),
    )  # fmt: skip
    assert decide("bn.higher-lr", one).when == (
        "it means a higher rate with sigmoid"
    )


def test_insensitive_to_the_initial_scale():
    def nets(works):
        return sweep("batch_norm.init_scale", lambda c: (
            3.0 if c["gain"] == 1.0 or works(c) else 90.0))  # fmt: skip

    def batch(cell):
        return cell["norm"] == "batch"

    small = nets(lambda c: batch(c) and c["gain"] < 1)
    check(
        "bn.init-insensitive", nets(batch), small, nets(lambda c: False),
        # Half of the seeds gain four, half none: 2 ± much.
        nets(lambda c: batch(c) and c["seed"] % 2),
    )  # fmt: skip
    assert decide("bn.init-insensitive", small).when == (
        "the weights start too small (hidden layers only) or too small "
        "(output layer too)"
    )


def test_recurrent_nets():
    shared = ("shared, 1", "shared, 0.1")

    def nets(bad, noise=0.0):
        def error(cell):
            return 40.0 * (cell["arm"] in bad) + 4

        return sweep("batch_norm.recurrent", error, noise)

    check("bn.rnn", nets((*shared, "by step, 1", "by step, 0.1")),
          nets(shared), nets(()), nets((), noise=3.0))  # fmt: skip
