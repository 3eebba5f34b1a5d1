"""Make records that survive an interruption.

Rows go to TRIAL.PRESET.partial.jsonl as each unit finishes. Its first
line holds the configuration, the rules, and the commit that registered
them; a later run goes on where it stopped if they, the GPU and its kernels
are still the same.
The record itself appears in one step, when all is measured.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from tqdm import tqdm

from .. import records
from .protocol import Trial, default_device
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
    quiet: bool = False,
) -> Path:
    """Measure a trial and write its record; return the file's path.

    Starts no unit after `deadline` (of time.monotonic) and raises
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
        for unit in units[len(done) :]:
            if time.monotonic() > deadline:
                raise OutOfTime(trial.name)
            start = time.monotonic()
            new = trial.rows(config, unit, device)
            took = round(time.monotonic() - start, 3)
            file.write(json.dumps({"seconds": took, "rows": new}) + "\n")
            file.flush()
            seconds += took
            done.append(new)
            rows += new
            bar.update()
    machine = origin["machine"] | {"seconds": round(seconds)}
    sealed = trial.seal(preset, config, rows, machine, origin["registered"])
    target = records.write(sealed, folder)
    part.unlink()
    return target


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
