"""A trial: a question, a way to measure, and rules fixed beforehand."""

from __future__ import annotations

import ast
import hashlib
import inspect
import io
import json
import textwrap
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from matplotlib.figure import Figure

from ..records import Record
from .provenance import describe_machine

VERDICTS = ("holds", "holds when", "does not hold", "open")
MIN_SEEDS = 5

Config = dict[str, Any]
Unit = dict[str, Any]
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Decision:
    """A verdict, the condition after "holds when", and the numbers."""

    verdict: str
    because: str
    when: str = ""

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise ValueError(
                f"verdict: got {self.verdict!r}, want one of {VERDICTS}"
            )
        if (self.verdict == "holds when") != bool(self.when):
            raise ValueError(
                f"when: got {self.when!r} with verdict {self.verdict!r}, "
                "want a condition with 'holds when' and none otherwise"
            )


@dataclass(frozen=True)
class Rule:
    """What will be concluded from which numbers.

    `says` is the sentence a reader sees: metric, threshold, interval.
    `decide` turns a record into a `Decision`.
    """

    says: str
    decide: Callable[[Record], Decision]

    @property
    def hash(self) -> str:
        """Change whenever the sentence or the deciding code changes."""
        parts = [self.says, *_code(self.decide, set())]
        return _digest("\n".join(parts))

    def __call__(self, record: Record) -> Decision:
        """Decide; a record of fewer than five seeds leaves it open."""
        seeds = {row["seed"] for row in record.rows}
        if len(seeds) < MIN_SEEDS:
            return Decision(
                "open",
                f"{len(seeds)} seed{'s' * (len(seeds) != 1)}; "
                f"a verdict needs {MIN_SEEDS}.",
            )
        return self.decide(record)


@dataclass(frozen=True)
class Trial:
    """One question, run under the presets live, cpu and gpu.

    `units(config)` lists the pieces of work; `measure(config, unit,
    device)` returns the rows of one piece, each with its "seed".
    """

    name: str
    question: str
    source: tuple[str, ...]  # keys of references.bib
    scope: str
    presets: dict[str, Config]
    units: Callable[[Config], list[Unit]]
    measure: Callable[[Config, Unit, str], Rows]
    rules: dict[str, Rule]
    plot: Callable[..., Figure]
    order: int = field(default=50)  # gpu presets run in this order

    def config(self, preset: str, **changes: Any) -> Config:
        """Return a preset with changes; unknown names raise."""
        if preset not in self.presets:
            raise ValueError(
                f"preset: got {preset!r}, want one of "
                f"{', '.join(self.presets)}"
            )
        unknown = set(changes) - set(self.presets[preset])
        if unknown:
            raise ValueError(
                f"config: got {', '.join(sorted(unknown))}, want one of "
                f"{', '.join(self.presets[preset])}"
            )
        return self.presets[preset] | changes

    def run(
        self, preset: str = "live", *, device: str = "", **changes: Any
    ) -> Record:
        """Measure every unit and return the record, kept in memory."""
        config = self.config(preset, **changes)
        start = describe_machine(device or default_device(preset))
        rows: Rows = []
        for _, new in self.steps(config, device or default_device(preset)):
            rows += new
        return self.record(preset, config, rows, start)

    def steps(
        self, config: Config, device: str, skip: int = 0
    ) -> Iterator[tuple[Unit, Rows]]:
        """Yield each unit with its rows, after the first `skip`."""
        for unit in self.units(config)[skip:]:
            yield unit, self.measure(config, unit, device)

    def record(
        self, preset: str, config: Config, rows: Rows, machine: dict
    ) -> Record:
        """Join rows with the rules in force and the machine."""
        rules = {claim: rule.hash for claim, rule in self.rules.items()}
        return Record(self.name, preset, config, rules, machine, rows)

    def why_stale(self, record: Record) -> str:
        """Say what changed since the record was made; "" when nothing."""
        config = self.presets.get(record.preset)
        if config is None or config_hash(config) != config_hash(
            record.config
        ):
            return "its configuration changed"
        rules = {claim: rule.hash for claim, rule in self.rules.items()}
        if rules != record.rules:
            changed = set(rules.items()) ^ set(record.rules.items())
            return f"the rule of {sorted(changed)[0][0]} changed"
        return ""


def default_device(preset: str) -> str:
    """Return "cuda" for the gpu preset and "cpu" for the others."""
    return "cuda" if preset == "gpu" else "cpu"


def config_hash(config: Config) -> str:
    """Hash a configuration, whatever the order of its keys."""
    return _digest(json.dumps(config, sort_keys=True))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _code(function: Callable, seen: set[Any]) -> list[str]:
    """Return the text of a function and of all of ours that it uses.

    Comments, layout and docstrings don't count; constants do. Text and
    not a syntax tree: Python's versions print trees differently.
    """
    seen.add(function)
    source = textwrap.dedent(inspect.getsource(function))
    tree = ast.parse(source)
    parts = [_bare(source, tree)]
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    for name in sorted(names & function.__globals__.keys()):
        value = function.__globals__[name]
        ours = getattr(value, "__module__", "") or ""
        if isinstance(value, FunctionType) and ours.startswith("normlib"):
            if value not in seen:
                parts += _code(value, seen)
        elif isinstance(value, int | float | str | tuple | dict):
            parts.append(f"{name} = {value!r}")
    return parts


def _bare(source: str, tree: ast.Module) -> str:
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
            text = node.body[0]
            for row in range(text.lineno - 1, text.end_lineno or 0):
                lines[row] = ""
    return "".join("".join(lines).split())
