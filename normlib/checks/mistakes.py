"""Named mistakes, read from YAML: edits of an answer, and their words.

A file is a list of entries: `id`, `swap` ([old, new], or a list of such
pairs), `did`, `symptom`, `fix` and `read`. `also` lists further swaps that
are the same mistake in another form. An entry with `mistakes` is a
group: it holds entries, and what they have in common. With `whole: true` a
mistake is named where all of the answer equals it, and not for a part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ..source import show
from . import edits
from .outcome import Part, say

WORDS = ("did", "symptom", "fix", "read")
FIELDS = {"id", "swap", "also", "whole", *WORDS}
SHARED = Path(__file__).parent / "shared"

Entry = dict[str, Any]


@dataclass(frozen=True)
class Mistake:
    """What you did, how training shows it, the cure, where to read.

    `spans` are the places of our answer that it edits. A part of an
    answer does not tell a mistake that is `whole`.
    """

    id: str
    did: str
    symptom: str
    fix: str
    read: str  # "02_batch_normalization/two_functions#The forgotten eval"
    spans: tuple[edits.Span, ...]
    whole: bool = False

    def parts(self) -> tuple[Part, ...]:
        """Return the words for an outcome."""
        return (
            say(self.did),
            say(f"What follows: {self.symptom}"),
            say(f"To mend it: {self.fix}"),
            Part("link", self.read),
        )


def load(
    file: Path,
    answer: Any,
    places: dict[str, str],
    shared: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
) -> tuple[Mistake, ...]:
    """Return the mistakes of an exercise whose answer is ours.

    Those of its own `file`, if it has one, go first. Of the files of
    `shared` come those whose old text the answer holds, but for the ids
    `without`. An own entry with an id of these stands for it, and takes
    from it what it does not say itself. `places` maps what `read` says
    to a page and a heading. Raises ValueError naming file and entry.
    """
    source = show(answer).text
    own = entries(file) if file.exists() else {}
    common: dict[str, Entry] = {}
    for name in shared:
        common |= entries(SHARED / f"{name}.yaml")
    for id in without:
        if id not in common:
            raise ValueError(f"{file.name}: no shared mistake is {id}")
    wanted = {id: common.get(id, {}) | entry for id, entry in own.items()}
    for id, entry in common.items():
        if id not in (*own, *without) and _applies(entry, source):
            wanted[id] = entry
    try:
        return tuple(
            _bound(entry | {"swap": swap}, answer, source, places)
            for entry in wanted.values()
            for swap in (entry.get("swap"), *entry.get("also", []))
        )
    except ValueError as error:
        raise ValueError(f"{file.name}: {error}") from None


@cache
def entries(file: Path) -> dict[str, Entry]:
    """Read a file; raise ValueError naming file and entry."""
    found: dict[str, Entry] = {}
    for entry in _flat(yaml.safe_load(file.read_text("utf-8"))):
        id = entry.get("id")
        if not id or entry.keys() - FIELDS:
            wanted = ", ".join(sorted(FIELDS))
            raise ValueError(f"{file.name}: {entry}: want {wanted}")
        if id in found:
            raise ValueError(f"{file.name}: {id} stands twice")
        if "swap" in entry:
            name, also = f"{file.name}: {id}", entry.get("also", [])
            entry["swap"] = _swaps(name, entry["swap"])
            entry["also"] = [_swaps(name, swap) for swap in also]
        found[id] = entry
    return found


def _flat(items: list[Entry]) -> Iterator[Entry]:
    """Give the members of a group what they have in common."""
    for item in items:
        members = item.pop("mistakes", [{}])
        yield from (item | member for member in members)


def _swaps(name: str, swaps: list) -> list[list[str]]:
    """Return a list of swaps, where one may stand alone."""
    if isinstance(swaps[0], str):
        swaps = [swaps]
    for old, *rest in swaps:
        texts = all(isinstance(text, str) for text in (old, *rest))
        fits = len(rest) == 1 or rest[1:] == ["everywhere"]
        if not (texts and fits and old != rest[0]):
            raise ValueError(
                f"{name}: swap is {[old, *rest]}, want [old, new] or "
                "[old, new, everywhere]"
            )
    return swaps


def _applies(entry: Entry, source: str) -> bool:
    olds = [old for old, *_ in entry.get("swap", [])]
    return olds != [] and all(edits.find(source, old) for old in olds)


def _bound(
    entry: Entry, answer: Any, source: str, places: dict[str, str]
) -> Mistake:
    """Bind an entry to an answer; raise ValueError naming the entry."""
    id = entry["id"]
    lacking = [name for name in ("swap", *WORDS) if not entry.get(name)]
    if lacking:
        raise ValueError(f"{id} lacks {', '.join(lacking)}")
    if entry["read"] not in places:
        raise ValueError(
            f"{id}: read is {entry['read']!r}, want one of "
            f"{', '.join(places)}"
        )
    try:
        spans = edits.spans(source, entry["swap"])
        edits.compiled(answer, edits.edited(source, spans))
    except (ValueError, SyntaxError) as error:
        raise ValueError(f"{id}: {error}") from None
    words = {name: entry[name] for name in WORDS}
    words["read"] = places[entry["read"]]
    whole = entry.get("whole", False)
    return Mistake(id=id, spans=spans, whole=whole, **words)
