"""Every guess of the book has a form, a truth, and a fold that holds."""

import json
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "_ext"))
import guess_fields
import guess_truth
from guess_truth import GuessError

from normlib.claims import claim

ROOT = Path(__file__).parents[2]
PAGES = sorted(ROOT.glob("chapters/*/*.ipynb"))
TRIAL = re.compile(r'\btrial\("([\w.]+)"\)')
VERDICT = re.compile(r'^\s*verdict\("([\w.-]+)"\)', re.M)


def cells_of(page):
    return json.loads(page.read_text("utf-8"))["cells"]


GUESSED = [
    p for p in PAGES if any("guess" in c["metadata"] for c in cells_of(p))
]


def source(cell):
    return "".join(cell["source"])


def trials_in(cell):
    """Return the trials that a code cell names, by trial or by claim."""
    text = source(cell) if cell["cell_type"] == "code" else ""
    named = {claim(c).trial for c in VERDICT.findall(text)}
    return named | set(TRIAL.findall(text))


def truths(given):
    """Yield every truth of a guess, of its rows and options too."""
    own = given.get("truth", {})
    for row in given.get("rows", [{}]):
        truth = own | row.get("truth", {})
        yield truth
        for option in row.get("options", given.get("options", [])):
            if isinstance(option, dict):
                yield truth | option.get("truth", {})


def asked(guess, cells):
    """Return the trials that a guess is about."""
    found = truths(cells[guess.index]["metadata"]["guess"])
    return set().union(*map(guess_truth.trials_of, found))


def at_issue(guess, cells, before=()):
    """Return the trials whose cards would give a guess away.

    Those it is about, and those that its evidence names, but for what a
    guess `before` it was about.
    """
    named = set().union(
        *map(trials_in, cells[guess.index : guess.last + 1])
    )
    told = set().union(*(asked(g, cells) for g in before))
    return asked(guess, cells) | (named - told)


def cards_in_sight(cells, guesses):
    """Return cards that stand open though a guess is at issue in them."""
    seen = []
    for n, guess in enumerate(guesses):
        folded = {
            i for g in guesses[n:] for i in range(g.first, g.last + 1)
        }
        for i in range(guess.index + 1, len(cells)):
            claims = VERDICT.findall(source(cells[i]))
            open_ = cells[i]["cell_type"] == "code" and i not in folded
            seen += [
                (guess.id, c)
                for c in claims
                if open_
                and claim(c).trial in at_issue(guess, cells, guesses[:n])
            ]
    return seen


@pytest.mark.parametrize("page", GUESSED, ids=lambda p: p.stem)
def test_a_guess_has_a_truth_and_its_card_is_folded(page):
    cells = cells_of(page)
    guesses = guess_fields.all_guesses(cells)  # raises where one is off
    assert cards_in_sight(cells, guesses) == []
    for one in guesses:
        for other in guesses:
            held = range(one.first, one.last + 1)
            if other is not one:
                assert other.index not in held, "a guess inside a fold"
                assert other.first not in held, "two folds overlap"


def test_the_book_guesses():
    """All cells with a guess, and every question of the self-test."""
    made = sum(
        "my_guess = " in source(c) for p in PAGES for c in cells_of(p)
    )
    told = {
        p.stem: sum("guess" in c["metadata"] for c in cells_of(p))
        for p in PAGES
    }
    assert made >= 21
    assert told.pop("self_test") == 8
    assert sum(told.values()) == made


def test_a_card_in_sight_is_seen():
    page = next(p for p in GUESSED if p.stem == "m_not_n")
    cells = cells_of(page)
    early = next(c for c in cells if c["id"] == "e9a8443c")
    early["metadata"]["guess"]["until"] = "8262938d"  # before the card
    guesses = guess_fields.all_guesses(cells)
    assert ("e9a8443c", "bn.batch-16") in cards_in_sight(cells, guesses)


def cell(name, text="", **guess):
    return {
        "id": name,
        "cell_type": "code",
        "source": ["my_guess = None"],
        "metadata": {"guess": guess} if guess else {},
        "outputs": [{"output_type": "stream", "text": [text]}],
    }


def read(text, **guess):
    guess = {
        "question": "?", "kind": "number", "right": 0, "near": 1,
        "until": "out",
    } | guess  # fmt: skip
    return guess_fields.read([cell("in", **guess), cell("out", text)], 0)


def test_a_number_brings_its_interval():
    truth = {"cell": "out", "pattern": r"is (\S+)"}
    field = read("it is −3.1 [−4, -2.5] now", truth=truth).fields[0]
    assert (field["truth"], field["low"], field["high"]) == (-3.1, -4, -2.5)
    assert field["shown"] == "−3.1 [−4, -2.5]"


@pytest.mark.parametrize(
    ("take", "pattern", "want"),
    [
        ("ratio", r"(?P<value>\d+) of (?P<over>\d+)", 0.75),
        ("per cent", r"(?P<value>\d+) of (?P<over>\d+)", 75),
        ("per cent", r"of (?P<over>\d+)(?P<value>\d*)", 100),
        ("distinct", r"(\d+)", 2),
    ],
)
def test_what_is_made_of_a_value(take, pattern, want):
    truth = {"cell": "out", "take": take, "pattern": pattern}
    assert read("3 of 4", truth=truth).fields[0]["truth"] == want


def test_a_choice_is_the_nearest_option():
    truth = {"cell": "out", "pattern": r"(\S+)"}
    options = [{"says": "few", "at": 2}, {"says": "many", "at": 20}]
    given = {"kind": "choice", "truth": truth, "options": options}
    field = read("14", **given).fields[0]
    assert field["right"] == [False, True]
    assert field["shown"] == "many (14)"


def test_several_are_right_wrong_or_not_to_be_told():
    options = [
        {"says": s, "when": f"clear {s}", "unless": f"refuted {s}"}
        for s in ("a", "b", "c")
    ]
    field = read(
        "clear a\nrefuted b\nunclear",
        kind="several",
        truth={"cell": "out"},
        options=options,
    ).fields[0]
    assert field["right"] == [True, False, None]


CHOICE = {"kind": "choice", "truth": {"cell": "out"}}
OFF = {
    "no such cell": {"truth": {"cell": "gone", "pattern": "1"}},
    "not found": {"truth": {"cell": "out", "pattern": "(seven)"}},
    "no number": {"truth": {"cell": "out", "pattern": "(one)"}},
    "no source": {"truth": {"pattern": "(1)"}},
    "no evidence": {"until": "gone"},
    "before itself": {"until": "in"},
    "unknown": {"answer": 3},
    "no kind": {"kind": "riddle"},
    "two right": CHOICE
    | {"options": [{"says": s, "when": "1"} for s in ("a", "b")]},
    "none right": CHOICE | {"options": ["a", "b"]},
    "close is far": {"right": 2},
}


@pytest.mark.parametrize("case", OFF)
def test_a_guess_that_is_off_is_told(case):
    good = {"truth": {"cell": "out", "pattern": "(1)"}}
    read("one is 1", **good)
    with pytest.raises(GuessError):
        read("one is 1", **(good | OFF[case]))


def test_another_truth_is_another_edition():
    truth = {"cell": "out", "pattern": r"(\S+)"}
    assert read("1", truth=truth).digest != read("2", truth=truth).digest
