"""Committed results: one JSON file a trial and preset, raw values inside.

A file is written whole or not at all. A file that cannot be read is
named, and never overwritten.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

FOLDER = Path(__file__).parent
SCHEMA = 1


class RecordError(ValueError):
    """A record is absent, damaged, or of another schema."""


@dataclass(frozen=True)
class Record:
    """What a run measured, and under which rules and conditions.

    `rows` holds one dictionary a measurement, with its seed. `rules`
    maps a claim to the hash of the rule that was fixed before the run.
    """

    trial: str
    preset: str
    config: dict[str, Any]
    rules: dict[str, str]
    provenance: dict[str, Any]
    rows: list[dict[str, Any]] = field(repr=False)

    def where(self, **equal: Any) -> list[dict[str, Any]]:
        """Return the rows whose columns equal the given values."""
        return [
            row
            for row in self.rows
            if all(row.get(k) == v for k, v in equal.items())
        ]

    @property
    def repeats(self) -> str:
        """How often it was measured: "10 seeds", "9 rounds" of a race."""
        count = len({row["seed"] for row in self.rows})
        word = "round" if "rounds" in self.config else "seed"
        return f"{count} {word}{'s' * (count != 1)}"

    def values(self, column: str, **equal: Any) -> list[Any]:
        """Return one column of `where(**equal)`, ordered by seed."""
        rows = sorted(self.where(**equal), key=lambda row: row["seed"])
        return [row[column] for row in rows]


def path(trial: str, preset: str, folder: Path = FOLDER) -> Path:
    """Return where the record of a trial lies: TRIAL.PRESET.json."""
    return folder / f"{trial}.{preset}.json"


def write(record: Record, folder: Path = FOLDER) -> Path:
    """Write a record to its folder; return the file's path."""
    return save(record, path(record.trial, record.preset, folder))


def save(record: Record, target: Path) -> Path:
    """Write a record in one step: readers see the old file or the new."""
    target.parent.mkdir(parents=True, exist_ok=True)
    columns = list(record.rows[0]) if record.rows else []
    head = {"schema": SCHEMA} | asdict(record) | {"columns": columns}
    del head["rows"]
    lines = [
        json.dumps([row[c] for c in columns], allow_nan=False)
        for row in record.rows
    ]
    text = json.dumps(head, indent=1, allow_nan=False)[:-2]
    text += ',\n "rows": [\n' + ",\n".join(lines) + "\n ]\n}\n"
    part = target.with_suffix(".tmp")
    part.write_text(text)
    os.replace(part, target)
    return target


def bundle(files: list[Path], target: Path) -> Path:
    """Zip records into one file, in one step, as `write` does."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".tmp")
    with ZipFile(part, "w", ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)
    os.replace(part, target)
    return target


def read(file: Path) -> Record:
    """Read one file; raise `RecordError` naming it when it is damaged."""
    if not file.exists():
        raise RecordError(f"no record at {file.name}")
    try:
        data = json.loads(file.read_text())
        if data["schema"] != SCHEMA:
            raise RecordError(
                f"{file.name}: schema {data['schema']}, want {SCHEMA}"
            )
        columns = data["columns"]
        rows = [
            dict(zip(columns, row, strict=True)) for row in data["rows"]
        ]
        keys = ("trial", "preset", "config", "rules", "provenance")
        return Record(**{k: data[k] for k in keys}, rows=rows)
    except RecordError:
        raise
    except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise RecordError(f"{file.name} is damaged: {error}") from None


def load(trial: str, preset: str = "cpu", folder: Path = FOLDER) -> Record:
    """Load a committed record, as `load("introduction.depth", "cpu")`."""
    return read(path(trial, preset, folder))


def exists(trial: str, preset: str, folder: Path = FOLDER) -> bool:
    """Say whether a record lies there, damaged or not."""
    return path(trial, preset, folder).exists()
