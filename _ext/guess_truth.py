"""What a guess is compared with: read from outputs and records.

A truth names a source, whose text is read when the site is built, and a
pattern that finds the value in it. Sources are the stored output of cells
(`cell`), the numbers that a claim's rule comes to (`claim`), a reading of
a trial (`reading`), a paired difference in a record (`record`), and a file
of constants (`file`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
INTERVAL = re.compile(r"\s*(\[([^,\[\]]+), ([^\[\]]+)\])")
Cells = list[dict[str, Any]]


class GuessError(ValueError):
    """A guess whose metadata or truth is off."""


class Measured(NamedTuple):
    """A value as it is printed, as a number, and its interval."""

    shown: str
    number: float | None
    low: float | None = None
    high: float | None = None


def number(text: str) -> float | None:
    """Read a printed number; None where it is none."""
    try:
        return float(text.replace("−", "-").replace(",", ""))
    except ValueError:
        return None


def output(cell: dict[str, Any]) -> str:
    """Return the stored output of a cell, as text."""
    said = []
    for out in cell.get("outputs", []):
        text = out.get("text") or out.get("data", {}).get("text/plain", "")
        said.append("".join(text).rstrip("\n"))
    return "\n".join(said)


def _cells(truth: dict[str, Any], cells: Cells) -> str:
    wanted = truth["cell"]
    wanted = [wanted] if isinstance(wanted, str) else wanted
    by_id = {c.get("id"): c for c in cells}
    for name in wanted:
        if name not in by_id:
            raise GuessError(f"no cell {name!r}")
    return "\n".join(output(by_id[name]) for name in wanted)


@cache
def _claim_text(claim: str) -> str:
    from normlib import ledger  # late: it loads torch

    trial = ledger.trial_of(claim)
    if trial is None:
        raise GuessError(f"no trial decides {claim}")
    rule = trial.rules[claim]
    found = rule.decide(trial.record(), **rule.given)
    arms = [f"{e.state.value} {e.arm}: {e}" for e in found.estimates]
    return "\n".join([*arms, found.because])


def card(truth: dict[str, Any]) -> str:
    """Return the headline of the claim that a truth is read from."""
    if "claim" not in truth:
        return ""
    from normlib import ledger

    return ledger.verdict(truth["claim"]).headline


def _reading(truth: dict[str, Any], cells: Cells) -> str:
    from normlib import trial

    return str(
        getattr(trial(truth["trial"]), truth["reading"])(**truth["arm"])
    )


def _record(truth: dict[str, Any], cells: Cells) -> str:
    from normlib import records
    from normlib.experiments.intervals import paired_interval

    record = records.load(truth["record"], "cpu")
    arm = truth["arm"]
    pair = (
        record.values(truth["column"], **a)
        for a in (arm, arm | truth["minus"])
    )
    return str(paired_interval(*pair))


SOURCES: dict[str, Callable[[dict[str, Any], Cells], str]] = {
    "cell": _cells,
    "claim": lambda truth, cells: _claim_text(truth["claim"]),
    "reading": _reading,
    "record": _record,
    "file": lambda truth, cells: (ROOT / truth["file"]).read_text("utf-8"),
}


def text(truth: dict[str, Any], cells: Cells) -> str:
    """Return the text that a truth is read from."""
    for source, read in SOURCES.items():
        if source in truth:
            return read(truth, cells)
    raise GuessError(f"no source in {truth}, want {', '.join(SOURCES)}")


def trials_of(truth: dict[str, Any]) -> set[str]:
    """Return the trials that a truth is read from, by name."""
    if name := truth.get("record") or truth.get("trial"):
        return {name}
    if "claim" in truth:
        from normlib.claims import claim

        return {claim(truth["claim"]).trial}
    return set()


def matches(pattern: str, said: str) -> bool:
    """Say whether a pattern finds something; ^ is a line's start."""
    return bool(re.search(pattern, said, re.M))


def measured(truth: dict[str, Any], cells: Cells) -> Measured:
    """Find the value: group 1 or `value`, and an interval behind it.

    `take` says what to make of it: "ratio" divides the group `value` by
    the group `over`, "per cent" too, times a hundred (a group that is
    missing counts as the other); "distinct" counts the different values.
    """
    said, take = text(truth, cells), truth.get("take")
    found = re.search(truth["pattern"], said, re.M)
    if not found:
        raise GuessError(f"{truth['pattern']!r} is not in {said!r}")
    if take == "distinct":
        count = len(set(re.findall(truth["pattern"], said, re.M)))
        return Measured(str(count), count)
    if take in ("ratio", "per cent"):
        over = number(found["over"])
        part = number(found["value"] or found["over"])
        share = part / over * (100 if take == "per cent" else 1)
        return Measured(f"{share:.3g}".replace("-", "−"), share)
    group = "value" if "value" in found.groupdict() else 1
    shown, at = found[group].replace("-", "−"), number(found[group])
    if ends := INTERVAL.match(said, found.end(group)):
        return Measured(
            f"{shown} {ends[1]}", at, number(ends[2]), number(ends[3])
        )
    return Measured(shown, at)
