"""A guess, from the metadata of its cell to what the page needs of it.

A field is one thing to answer: a choice, several of many, a number, or
words that the reader judges. A guess has one, or one a row.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from guess_truth import (
    Cells,
    GuessError,
    Measured,
    card,
    matches,
    measured,
    text,
)

KINDS = ("choice", "several", "number", "self")
GUESS = {
    "question", "kind", "options", "unit", "right", "near", "scale",
    "truth", "rows", "from", "until",
}  # fmt: skip
Field = dict[str, Any]


@dataclass(frozen=True)
class Guess:
    """A question, its fields with their truths, and its evidence.

    `first` and `last` are the cells, by index, between which the evidence
    stands. `index` is the cell of the guess.
    """

    id: str
    index: int
    question: str
    fields: list[Field]
    first: int
    last: int

    @property
    def digest(self) -> str:
        """Name this edition: another question or truth, another name."""
        told = json.dumps([self.question, self.fields], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:12]


def _options(given: list[Any]) -> list[dict[str, Any]]:
    return [o if isinstance(o, dict) else {"says": o} for o in given]


def _nearest(options: list[dict[str, Any]], found: Measured) -> list[bool]:
    """Mark the option that is the value, or the one nearest to it."""
    at = [o.get("at", o["says"]) for o in options]
    if found.shown in at:
        return [a == found.shown for a in at]
    if found.number is None or any(isinstance(a, str) for a in at):
        raise GuessError(f"{found.shown!r} is none of {at}")
    gaps = [abs(a - found.number) for a in at]
    return [gap == min(gaps) for gap in gaps]


def _choice(field: Field, truth: dict[str, Any], cells: Cells) -> Field:
    """One option is right: by its `when`, or nearest to the value."""
    options = _options(field["options"])
    says = [o["says"] for o in options]
    if "pattern" in truth:
        found = measured(truth, cells)
        right = _nearest(options, found)
    else:
        said, found = text(truth, cells), None
        right = ["when" in o and matches(o["when"], said) for o in options]
    if sum(right) != 1:
        raise GuessError(f"{sum(right)} of {says} are right, want one")
    shown = says[right.index(True)]
    if found and "take" not in truth and found.shown not in shown:
        shown += f" ({found.shown})"
    return {"options": says, "right": right, "shown": shown}


def _several(field: Field, truth: dict[str, Any], cells: Cells) -> Field:
    """Each option is right, wrong, or (null) not to be told."""
    options, right = _options(field["options"]), []
    for option in options:
        said = text(truth | option.get("truth", {}), cells)
        yes, no = (matches(option[key], said) for key in ("when", "unless"))
        if yes and no:
            raise GuessError(f"{option['says']!r} is right and wrong")
        right.append(True if yes else False if no else None)
    says = [o["says"] for o in options]
    if None not in right:
        shown = _listed(says, right, True) or "none of them"
    else:
        shown = f"{_listed(says, right, True)}; not to be told: "
        shown += _listed(says, right, None)
    return {"options": says, "right": right, "shown": shown}


def _listed(says: list[str], right: list[Any], which: Any) -> str:
    return ", ".join(
        s for s, r in zip(says, right, strict=True) if r is which
    )


def _number(field: Field, truth: dict[str, Any], cells: Cells) -> Field:
    found = measured(truth, cells)
    if found.number is None:
        raise GuessError(f"{found.shown!r} is no number")
    if not field["right"] <= field["near"]:
        raise GuessError("near is closer than right")
    return {
        "truth": found.number, "low": found.low, "high": found.high,
        "shown": found.shown, "unit": field.get("unit", ""),
        "within": [field["right"], field["near"]],
        "scale": field.get("scale", ""),
    }  # fmt: skip


RESOLVE = {"choice": _choice, "several": _several, "number": _number}


def _field(given: Field, label: str, cells: Cells) -> Field:
    kind = given.get("kind")
    if kind not in KINDS:
        raise GuessError(f"kind is {kind!r}, want one of {KINDS}")
    found = {"kind": kind, "label": label}
    if kind == "self":
        return found
    found |= RESOLVE[kind](given, given["truth"], cells)
    told = card(given["truth"])
    return found | ({"card": told} if told else {})


def read(cells: Cells, index: int) -> Guess:
    """Return the guess of a cell; GuessError says what is off."""
    cell = cells[index]
    given = cell["metadata"]["guess"]
    if unknown := set(given) - GUESS:
        raise GuessError(f"{cell['id']}: unknown {sorted(unknown)}")
    places = {c.get("id"): i for i, c in enumerate(cells)}
    try:
        rows = given.get("rows", [{}])
        fields = []
        for row in rows:
            truth = given.get("truth", {}) | row.get("truth", {})
            whole = given | row | {"truth": truth}
            fields.append(_field(whole, row.get("label", ""), cells))
        # A question in Markdown holds its answer itself.
        here = index + (cell["cell_type"] == "code")
        first = places[given["from"]] if "from" in given else here
        guess = Guess(
            cell["id"], index, given["question"], fields,
            first, places[given["until"]],
        )  # fmt: skip
    except (GuessError, KeyError) as error:
        raise GuessError(f"{cell['id']}: {error!r}") from error
    if not here <= guess.first <= guess.last:
        raise GuessError(
            f"{cell['id']}: the evidence ends before it begins"
        )
    return guess


def all_guesses(cells: Cells) -> list[Guess]:
    """Return the guesses of a notebook, in its order."""
    return [
        read(cells, i)
        for i, cell in enumerate(cells)
        if "guess" in cell["metadata"]
    ]
