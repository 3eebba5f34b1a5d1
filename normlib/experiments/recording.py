"""Make records that survive an interruption.

Rows go to TRIAL.PRESET.partial.jsonl as each unit finishes. Its first
line holds the configuration, the rules, and the commit that registered
them; a later run goes on where it stopped if they, the GPU and its kernels
are still the same.
The record itself appears in one step, when all is measured.
"""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from tqdm import tqdm

from .. import records
from . import trial as find_trial
from .protocol import Config, Rows, Trial, Unit, default_device
from .provenance import describe_machine, registration


class OutOfTime(Exception):
    """The time budget ended; what was measured is kept."""


def make_record(
    trial: Trial,
    preset: str,
    folder: Path = records.FOLDER,
    *,
    device: str = "",
    deadline: float = float("inf"),
    processes: int = 1,
    quiet: bool = False,
) -> Path:
    """Measure a trial and write its record; return the file's path.

    So many `processes` measure a unit each, on one thread, until all have
    done so. Starts no unit after `deadline` (of time.monotonic) and raises
    `OutOfTime` instead. A record that is there and damaged raises
    `RecordError`: it is never overwritten.
    """
    if records.exists(trial.name, preset, folder):
        records.load(trial.name, preset, folder)  # damaged: raises
    device = device or default_device(preset)
    config = trial.config(preset)
    units = trial.work(config)
    part = records.path(trial.name, preset, folder)
    part = part.with_suffix(".partial.jsonl")
    machine = describe_machine(device)
    key = {"config": config, "device": device}
    key |= {k: machine.get(k, "") for k in ("accelerator", "kernels")}
    key |= {"rules": trial.rule_hashes(), "measure": trial.fingerprint()}
    origin, done, seconds = _resume(part, key)
    if not origin:
        origin = {"machine": machine}
        origin["registered"] = registration(strict=folder == records.FOLDER)
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(key | origin) + "\n")
    bar = tqdm(
        total=len(units),
        initial=len(done),
        desc=trial.name,
        unit="unit",
        disable=quiet,
    )
    rows = [row for new in done for row in new]
    with part.open("a") as file, bar:
        for took, new in _measured(
            trial, config, units[len(done) :], device, processes, deadline
        ):
            file.write(json.dumps({"seconds": took, "rows": new}) + "\n")
            file.flush()
            seconds += took
            rows += new
            bar.update()
    machine = origin["machine"] | {"seconds": round(seconds)}
    sealed = trial.seal(preset, config, rows, machine, origin["registered"])
    target = records.write(sealed, folder)
    part.unlink()
    return target


def _measured(
    trial: Trial,
    config: Config,
    units: list[Unit],
    device: str,
    processes: int,
    deadline: float,
) -> Iterator[tuple[float, Rows]]:
    """Yield the seconds and the rows of each unit, in order."""
    timed = partial(_timed, trial, config, device)
    with ExitStack() as stack:
        apply: Callable = map
        if processes > 1:
            fresh = multiprocessing.get_context("spawn")
            pool = ProcessPoolExecutor(processes, fresh)
            apply = stack.enter_context(pool).map
            timed = partial(_timed, trial.name, config, device)
        # Without a deadline all are handed out at once, and none waits.
        few = processes if deadline < float("inf") else len(units)
        for first in range(0, len(units), few):
            if time.monotonic() > deadline:
                raise OutOfTime(trial.name)
            yield from apply(timed, units[first : first + few])


def _timed(
    trial: Trial | str, config: Config, device: str, unit: Unit
) -> tuple[float, Rows]:
    """Measure one unit; another process knows a trial by its name."""
    if isinstance(trial, str):
        trial = find_trial(trial)
    start = time.monotonic()
    rows = trial.rows(config, unit, device)
    return round(time.monotonic() - start, 3), rows


def _resume(part: Path, key: dict) -> tuple[dict, list, float]:
    """Read what an interrupted run left, if its key is the same.

    A last line cut short by the interruption is dropped from the file.
    """
    try:
        lines = part.read_text().split("\n")
        head = json.loads(lines[0])
        origin = {k: head.pop(k) for k in ("machine", "registered")}
        if head != json.loads(json.dumps(key)):
            return {}, [], 0.0
    except (OSError, ValueError, KeyError, AttributeError):
        return {}, [], 0.0
    done, seconds = [], 0.0
    kept = lines[:1]
    for line in lines[1:-1]:
        entry = json.loads(line)
        done.append(entry["rows"])
        seconds += entry["seconds"]
        kept.append(line)
    part.write_text("\n".join(kept) + "\n")
    return origin, done, seconds
