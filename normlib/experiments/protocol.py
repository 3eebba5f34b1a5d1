"""A trial: a question, a way to measure, and rules fixed beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import torch
from matplotlib.figure import Figure

from .. import claims, figures, records
from ..records import Record, digest_of
from . import fingerprint
from .decisions import Decision
from .provenance import describe_machine
from .rules import Control, Rule

Config = dict[str, Any]
Unit = dict[str, Any]
Rows = list[dict[str, Any]]
Measure = Callable[[Config, Unit, str], Rows]


class Pilot(NamedTuple):
    """A run that shaped the trial before it was registered."""

    seeds: range
    found: str  # what it showed, as "BatchNorm ahead at both depths"


class Trial:
    """One question, run under the presets live, cpu and gpu.

    `doc` is the docstring of the file: its first line the question, its
    last paragraph, after "Scope:", what the answer extends to. `grid`
    maps a name to the values that are crossed: a unit of work is one of
    each, where `keep` wants it. `config` is the rest of the cpu preset;
    `live` and `gpu` say what they change.

    `pilots` are the runs that it was planned by, on other seeds.
    `measure`, `rule`, `null`, `positive`, `units` and `reading` are
    decorators.
    """

    def __init__(
        self,
        module: str,
        doc: str,
        *,
        config: Config,
        grid: dict[str, list] | None = None,
        keep: Callable[[Unit], bool] | None = None,
        live: Config | None = None,
        gpu: Config | None = None,
        source: tuple[str, ...],  # keys of references.bib
        pilots: Sequence[Pilot] = (),
    ) -> None:
        self.name = module.partition("experiments.")[2]
        self.question = doc.partition("\n")[0]
        self.scope = " ".join(doc.partition("Scope:")[2].split())
        self.grid, self.source = list(grid or {}), source
        base = (grid or {}) | {"first_seed": 0} | config
        self.presets = {
            "live": base | (live or {}),
            "cpu": base,
            "gpu": base | (gpu or {}),
        }
        self.timed = self.name.startswith("performance.")
        self.keep, self.pilots = keep, tuple(pilots)
        self.rules, self.controls = dict[str, Rule](), dict[str, Control]()
        self._units: Callable[[Config], list[Unit]] = self._crossed
        self._measure: Measure

    def _crossed(self, config: Config) -> list[Unit]:
        units = crossed(config, *self.grid)
        return [*filter(self.keep, units)] if self.keep else units

    def units(self, function: Callable) -> Callable:
        """Take the pieces of work from a function of the config."""
        self._units = function
        return function

    def measure(self, function: Measure) -> Measure:
        """Take `function(config, unit, device)`: rows, each with "seed".

        The columns of the unit are added to them.
        """
        self._measure = function
        return function

    def rule(self, claim: str, **given: Any) -> Callable:
        """Take what decides a claim: `function(record, **given)`.

        Its docstring is the sentence that a reader sees: metric,
        threshold, interval, and when which verdict. {NAME} in it stands
        for the constant.
        """

        def register(function: Callable) -> Callable:
            text = (function.__doc__ or "").format_map(function.__globals__)
            says = " ".join(text.split())
            self.rules[claim] = Rule(says, function, given, self.controls)
            return function

        return register

    def null(self, function: Control) -> Control:
        """Take `function(record, **given)`: an arm where nothing differs.

        It returns an `Estimate`, clear when it sees no difference; else
        every verdict of the trial is open.
        """
        self.controls["null"] = function
        return function

    def positive(self, function: Control) -> Control:
        """Take `function(record, **given)`: where the effect must show.

        It returns an `Estimate`, clear when it does; else every verdict
        of the trial is open: the trial could not have seen it.
        """
        self.controls["positive"] = function
        return function

    def reading(self, function: Callable) -> Callable:
        """Make `function(record, …)` a method, as plot or table.

        Called without a record it reads the committed one.
        """

        def read(*args: Any, **kwargs: Any) -> Any:
            if not (args and isinstance(args[0], Record)):
                args = (self.record(), *args)
            return function(*args, **kwargs)

        setattr(self, function.__name__, read)
        return function

    def curves(
        self,
        point: Callable[..., Any],
        x: str,
        panels: dict[str, dict[Any, str]] | None = None,
        *,
        lines: Sequence[str | figures.Line] = (),
        decorate: Callable[..., None] | None = None,
        **options: Any,
    ) -> None:
        """Make the standard plot: an interval against one variable.

        `point(record, **arm)` is the interval of an arm, `x` a column. A
        panel a value: `panels` is {"side": {1: "MLP", 4: "CNN"}}. A line
        a norm, or `lines`. `decorate(ax, record, **panel)` adds to a
        panel; other `options` are those of `figures.curves`. The plot
        takes a reader's `guess`: see `figures.guesses`.
        """

        def plot(record: Record, guess: dict | None = None) -> Figure:
            at = sorted(record.distinct(x))
            columns, found = record.rows[0], {"": {}}
            for key, titles in (panels or {}).items():
                seen = record.distinct(key) if key in columns else titles
                found = {
                    t: {key: v} for v, t in titles.items() if v in seen
                }
            fig, axes = figures.curves(
                partial(point, record), {x: at},
                lines or record.config["norm"], found, **options,
            )  # fmt: skip
            for ax, panel in zip(axes, found.values(), strict=True):
                figures.guesses(ax, guess or {}, *panel.values(), x=at[0])
                if decorate:
                    decorate(ax, record, **panel)
            return figures.finish(fig, record)

        self.reading(plot)

    def record(self, preset: str = "cpu") -> Record:
        """Return the committed record; RecordError where there is none."""
        return records.load(self.name, preset)

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
        self,
        preset: str = "live",
        *,
        device: str = "",
        bar: Callable[[list[Unit]], Iterable[Unit]] = iter,
        **changes: Any,
    ) -> Record:
        """Measure every unit and return the record, kept in memory.

        `bar` shows how far it is, as tqdm does.
        """
        config = self.config(preset, **changes)
        device = device or default_device(preset)
        machine = describe_machine(device)
        rows = []
        for unit in bar(self.work(config)):
            rows += self.rows(config, unit, device)
        return self.seal(preset, config, rows, machine)

    def work(self, config: Config) -> list[Unit]:
        """Return the pieces of work, each of seconds."""
        return self._units(config)

    def rows(self, config: Config, unit: Unit, device: str) -> Rows:
        """Measure one piece of work, on one thread.

        Nets this small gain nothing from two; sums are then the same on
        every machine, and a busy one does not make threads wait.
        """
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            rows = self._measure(config, unit, device)
        finally:
            torch.set_num_threads(threads)
        return [unit | row for row in rows]

    def seal(
        self,
        preset: str,
        config: Config,
        rows: Rows,
        machine: dict,
        registered: dict[str, str] | None = None,
    ) -> Record:
        """Join rows with the rules and the code in force."""
        return Record(
            self.name, preset, config, self.rule_hashes(),
            self.fingerprint(), machine, rows, registered or {},
        )  # fmt: skip

    def rule_hashes(self) -> dict[str, str]:
        """Return, by claim, the hash of all that decides it.

        The claim's text, the rule's sentence and code with what it
        reaches, the controls, the scope, and the declared pilots.
        """
        return {
            claim: digest_of([
                getattr(claims.all_claims().get(claim), "says", ""),
                rule.says, rule.given, self.scope, repr(self.pilots),
                fingerprint.of(rule.decide, *self.controls.values(), Rule),
            ])
            for claim, rule in self.rules.items()
        }  # fmt: skip

    def fingerprint(self) -> dict[str, str]:
        """Return all code and data that the rows depend on, hashed."""
        return fingerprint.of(self._measure, self._units, self.keep)

    def differences(self, record: Record, claim: str = "") -> list[str]:
        """Say what changed since a record was made; [] when nothing.

        With `claim` the rules of other claims are left out.
        """
        now = self.presets.get(record.preset, {})
        found = []
        if digest_of(now) != digest_of(record.config):
            found += ["its configuration"]
        rules = fingerprint.changed(record.rules, self.rule_hashes())
        found += [f"the rule of {c}" for c in rules if claim in ("", c)]
        if not record.measure:
            return [*found, "its code, of which it kept no hash"]
        code = fingerprint.changed(record.measure, self.fingerprint())
        return found + code

    def decide(self, claim: str, record: Record) -> Decision:
        """Apply the rule of a claim to a record of this trial."""
        return self.rules[claim](record)


def default_device(preset: str) -> str:
    """Return "cuda" for the gpu preset and "cpu" for the others."""
    return "cuda" if preset == "gpu" else "cpu"


def crossed(config: Config, *names: str) -> list[Unit]:
    """Cross the values of some entries: a dictionary each."""
    values = product(*(config[name] for name in names))
    return [dict(zip(names, v, strict=True)) for v in values]


def part(config: Config, *names: str) -> Config:
    """Return some entries of a configuration or unit."""
    return {name: config[name] for name in names}


def seeds(config: Config) -> range:
    """Return the seeds of a configuration."""
    first = config["first_seed"]
    return range(first, first + config["seeds"])
