"""What has been solved, across notebooks, in a file you may delete."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from html import escape
from pathlib import Path

from .outcome import MARKS, Outcome


def place() -> Path:
    """Return the file: $NORMLIB_PROGRESS, or beside the notebook."""
    return Path(
        os.environ.get("NORMLIB_PROGRESS", ".normlib_progress.json")
    )


def load() -> dict[str, str]:
    """Return the status by exercise; nothing when unreadable."""
    try:
        found = json.loads(place().read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def save(outcome: Outcome) -> None:
    """Note an attempt; what was correct once stays so. Never fails."""
    known = load()
    if outcome.status == "not attempted":
        return
    if known.get(outcome.exercise) in ("correct", outcome.status):
        return
    known[outcome.exercise] = outcome.status
    try:
        place().write_text(json.dumps(known, indent=1, sort_keys=True))
    except OSError:
        return


@dataclass(frozen=True)
class Progress:
    """All exercises and how far you are."""

    status: dict[str, str]

    @property
    def headline(self) -> str:
        """Return "2 of 10 exercises correct"."""
        n = sum(s == "correct" for s in self.status.values())
        return f"{n} of {len(self.status)} exercises correct"

    def __repr__(self) -> str:
        lines = [f"{MARKS[s]} {id}" for id, s in self.status.items()]
        return "\n".join([self.headline, *lines])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<li>{MARKS[s]} <code>{escape(id)}</code> {s}</li>"
            for id, s in self.status.items()
        )
        return f"<p>{self.headline}</p><ul>{rows}</ul>"
