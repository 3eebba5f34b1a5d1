"""Named mistakes, read from YAML: edits of an answer, and their words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ..source import show
from . import edits
from .outcome import Part, say

WORDS = ("did", "symptom", "fix", "read")
FIELDS = {"id", "swap", *WORDS}
SHARED = Path(__file__).parent / "shared"


@dataclass(frozen=True)
class Mistake:
    """What you did, how training shows it, the cure, where to read.

    `spans` are the places of our answer that it edits.
    """

    id: str
    did: str
    symptom: str
    fix: str
    read: str  # "02_batch_normalization/two_functions#The forgotten eval"
    spans: tuple[edits.Span, ...]

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

    Those of its own `file` go first. Of the files of `shared` come those
    whose old text the answer holds, but for the ids `without`. An entry
    of the file with an id of these stands for it, and takes from it what
    it does not say itself. `places` maps what `read` says to a page and
    a heading. Raises ValueError naming file and entry when one is off.
    """
    source = show(answer).text
    own, common = entries(file), {}
    for name in shared:
        common |= entries(SHARED / f"{name}.yaml")
    for id in without:
        if id not in common:
            raise ValueError(f"{file.name}: no shared mistake is {id}")
    wanted = {id: common.get(id, {}) | entry for id, entry in own.items()}
    for id, entry in common.items():
        if id not in (*own, *without) and _applies(entry, source):
            wanted[id] = entry
    found = [
        _mistake(file.name, entry, source, places)
        for entry in wanted.values()
    ]
    for mistake in found:
        try:
            edits.compiled(answer, edits.edited(source, mistake.spans))
        except SyntaxError as error:
            raise ValueError(
                f"{file.name}: {mistake.id}: {error}"
            ) from None
    return tuple(found)


@cache
def entries(file: Path) -> dict[str, dict[str, Any]]:
    """Read a file; raise ValueError naming file and entry."""
    found: dict[str, dict[str, Any]] = {}
    for entry in yaml.safe_load(file.read_text("utf-8")):
        id = entry.get("id")
        unknown = entry.keys() - FIELDS
        if not id or unknown:
            raise ValueError(f"{file.name}: {entry}: id, or {unknown}")
        if id in found:
            raise ValueError(f"{file.name}: {id} stands twice")
        found[id] = entry
        if "swap" in entry:
            entry["swap"] = _swaps(file, entry)
    return found


def _swaps(file: Path, entry: dict[str, Any]) -> list[list[str]]:
    """Return a list of swaps, where one may stand alone."""
    swaps = entry["swap"]
    if isinstance(swaps[0], str):
        swaps = [swaps]
    for swap in swaps:
        texts = all(isinstance(text, str) for text in swap)
        marked = len(swap) < 3 or swap[2:] == ["everywhere"]
        if not (texts and len(swap) in (2, 3) and marked) or (
            swap[0] == swap[1]
        ):
            raise ValueError(
                f"{file.name}: {entry['id']}: swap is {swap}, want "
                "[old, new] or [old, new, everywhere]"
            )
    return swaps


def _applies(entry: dict[str, Any], source: str) -> bool:
    swaps = entry.get("swap", [])
    return swaps != [] and all(old in source for old, *_ in swaps)


def _mistake(
    file: str, entry: dict[str, Any], source: str, places: dict[str, str]
) -> Mistake:
    """Bind an entry to an answer's source."""
    id = entry["id"]
    lacking = [name for name in ("swap", *WORDS) if not entry.get(name)]
    if lacking:
        raise ValueError(f"{file}: {id} lacks {', '.join(lacking)}")
    if entry["read"] not in places:
        raise ValueError(
            f"{file}: {id}: read is {entry['read']!r}, want one of "
            f"{', '.join(places)}"
        )
    try:
        spans = edits.spans(source, entry["swap"])
    except ValueError as error:
        raise ValueError(f"{file}: {id}: {error}") from None
    words = {name: entry[name] for name in WORDS}
    words["read"] = places[entry["read"]]
    return Mistake(id=id, spans=spans, **words)
