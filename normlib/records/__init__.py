"""Committed results: one JSON file a trial and preset, raw values inside.

A file is written whole or not at all. A file that cannot be read, or
whose rows are not those that were written, is named and left alone.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import defaultdict
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

FOLDER = Path(__file__).parent
SCHEMA = 2
Row = dict[str, Any]


class RecordError(ValueError):
    """A record is absent, damaged, or of another schema."""


def digest(text: str) -> str:
    """Hash a text to 16 characters."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def digest_of(value: Any) -> str:
    """Hash what JSON can hold, whatever the order of its keys."""
    return digest(json.dumps(value, sort_keys=True, ensure_ascii=False))


@dataclass(frozen=True)
class Record:
    """What a run measured, with which code and under which conditions.

    `rows` holds one dictionary a measurement, with its seed. `rules`
    maps a claim to the hash of its rule, `measure` each piece of code
    and data that the numbers depend on to its hash. `registered` holds
    the "commit" in which rules and code stood when it "started".
    """

    trial: str
    preset: str
    config: dict[str, Any]
    rules: dict[str, str]
    measure: dict[str, str]
    provenance: dict[str, Any]
    rows: list[Row] = field(repr=False)
    registered: dict[str, str] = field(default_factory=dict)
    left_out: frozenset[int] = frozenset()  # seeds, by `without`

    @cached_property
    def _index(self) -> dict[tuple[str, Any], set[int]]:
        index = defaultdict(set)
        for number, row in enumerate(self.rows):
            for item in row.items():
                index[item].add(number)
        return index

    def where(self, **equal: Any) -> list[Row]:
        """Return the rows whose columns equal the given values."""
        found = [self._index.get(item, set()) for item in equal.items()]
        left = [self._index[("seed", seed)] for seed in self.left_out]
        if not found and not left:
            return self.rows
        first, *others = found or [set(range(len(self.rows)))]
        kept = first.intersection(*others).difference(*left)
        return [self.rows[n] for n in sorted(kept)]

    def without(self, seed: int) -> Record:
        """Return the record as `where` would see it without a seed."""
        less = replace(self, left_out=self.left_out | {seed})
        less.__dict__["_index"] = self._index  # the rows are the same
        return less

    def values(self, column: str, **equal: Any) -> list[Any]:
        """Return one column of `where(**equal)`, ordered by seed."""
        rows = sorted(self.where(**equal), key=lambda row: row["seed"])
        return [row[column] for row in rows]

    def distinct(self, column: str, **equal: Any) -> list[Any]:
        """Return the different values of a column, in their order."""
        return list(
            dict.fromkeys(row[column] for row in self.where(**equal))
        )

    @property
    def repeats(self) -> str:
        """How often it was measured: "10 seeds", "9 rounds" of a race."""
        count = len(self.distinct("seed"))
        word = "round" if "rounds" in self.config else "seed"
        return f"{count} {word}{'s' * (count != 1)}"


def place_for_new() -> Path:
    """Return where new records go: here in a checkout, else ./records."""
    installed = {"site-packages", "dist-packages"} & {*FOLDER.parts}
    return Path("records") if installed else FOLDER


def path(trial: str, preset: str, folder: Path = FOLDER) -> Path:
    """Return where the record of a trial lies: TRIAL.PRESET.json."""
    return folder / f"{trial}.{preset}.json"


def write(record: Record, folder: Path = FOLDER) -> Path:
    """Write a record to its folder; return the file's path."""
    return save(record, path(record.trial, record.preset, folder))


def save(record: Record, target: Path) -> Path:
    """Write a record in one step: readers see the old file or the new.

    Raises RecordError where rows differ in their columns.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    columns = list(record.rows[0]) if record.rows else []
    for row in record.rows:
        if odd := set(row) ^ set(columns):
            raise RecordError(
                f"rows: got some without {', '.join(sorted(odd))}, want "
                "the same columns in all"
            )
    table = [[row[c] for c in columns] for row in record.rows]
    head = {"schema": SCHEMA} | asdict(record)
    del head["rows"], head["left_out"]
    head |= {"digest": digest_of(table), "columns": columns}
    lines = [json.dumps(row, allow_nan=False) for row in table]
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
        if data["digest"] != digest_of(data["rows"]):
            raise RecordError(
                f"{file.name}: its rows are not those that were measured"
            )
        columns = data["columns"]
        rows = [
            dict(zip(columns, row, strict=True)) for row in data["rows"]
        ]
        keys = ("trial", "preset", "config", "rules", "measure")
        keys += ("provenance",)
        return Record(
            **{k: data[k] for k in keys},
            rows=rows,
            registered=data.get("registered", {}),
        )
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


def describe(record: Record) -> str:
    """Say how, on what and when a record was made."""
    p = record.provenance
    where = p["accelerator"] or f"{p['processor']}, {p['cores']} cores"
    commit = record.registered.get("commit", "")[:7]
    return (
        f"Measured with {record.repeats} on {where}, torch {p['torch']}, "
        f"{p['date']} (preset {record.preset}"
        f"{f', registered in {commit}' if commit else ''})."
    )
