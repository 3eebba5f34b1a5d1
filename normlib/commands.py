"""The command line. Bad use gives one clear line and exit code 2."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from tqdm import tqdm

from . import ledger, records
from .cards import MARKS
from .claims import claim as find_claim
from .experiments import trial as find_trial
from .experiments import trials
from .experiments.decisions import Decision
from .experiments.protocol import Trial, default_device
from .experiments.recording import OutOfTime, make_record
from .records import RecordError, describe


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}", file=sys.stderr)
        raise SystemExit(2)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    args = _parser().parse_args(argv)
    try:
        return args.command(args)
    except (ValueError, RecordError) as error:
        print(f"normlib {args.name}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. A record goes on where it was.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="normlib", description="Normalization on Trial")
    commands = parser.add_subparsers(
        dest="name", required=True, parser_class=_Parser, metavar="COMMAND"
    )

    def add(name: str, function: object, text: str) -> _Parser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=function)
        return sub

    add("list", list_trials, "list the trials and their records")
    run = add("run", run_trial, "run one trial and print its verdicts")
    run.add_argument("trial")
    record = add(
        "record", record_trials, "make records, or what is missing"
    )
    record.add_argument("trial", nargs="*", help="default: all")
    record.add_argument(
        "--out", type=Path, default=records.place_for_new(), metavar="DIR"
    )
    record.add_argument(
        "--again", action="store_true", help="also where one is current"
    )
    record.add_argument(
        "--budget", type=float, default=None, metavar="MINUTES"
    )
    record.add_argument(
        "--processes", type=int, default=1, metavar="N",
        help="measure N units at once, each on one thread",
    )  # fmt: skip
    record.add_argument(
        "--bundle", type=Path, default=None, metavar="FILE.zip",
        help="also all current records of the preset in one file",
    )  # fmt: skip
    bench = add("bench", run_bench, "time every norm against a copy")
    bench.add_argument("--device", default="cpu", help="cpu or cuda")
    bench.add_argument("--quick", action="store_true", help="few shapes")
    bench.add_argument("--out", type=Path, default=None, metavar="FILE")
    again = add(
        "try", try_claim, "try a claim on this machine, by its rule"
    )
    again.add_argument("claim")
    for sub, preset in ((run, "live"), (record, "cpu"), (again, "cpu")):
        sub.add_argument("--preset", default=preset)
        sub.add_argument("--device", default="", help="cpu or cuda")
    claims = add("claims", show_claims, "print the ledger")
    claims.add_argument("prefix", nargs="?", default="")
    return parser


def list_trials(args: argparse.Namespace) -> int:
    """Print each trial: its question, its claims, its records."""
    for trial in trials():
        print(f"{trial.name}\n  {trial.question}")
        print(f"  decides {', '.join(trial.rules) or 'nothing: it times'}")
        for preset in trial.presets:
            if preset != "live":
                print(f"  {preset}: {_state(trial, preset)}")
    return 0


def _state(trial: Trial, preset: str) -> str:
    changed = _why_wanted(trial, preset, records.FOLDER)
    if changed:
        more = f" and {len(changed) - 1} more" * (len(changed) > 1)
        return f"{changed[0]}{more}"
    record = records.load(trial.name, preset)
    return f"current, took {record.provenance['seconds']} s"


def run_trial(args: argparse.Namespace) -> int:
    """Run a preset in memory and print what its rules conclude."""
    trial = find_trial(args.trial)
    _check_device(args.device or default_device(args.preset))
    print(trial.question)
    record = trial.run(args.preset, device=args.device)
    for claim_id, rule in trial.rules.items():
        decision = rule(record)
        print(
            f"{MARKS[decision.verdict]} {claim_id}: {_sentence(decision)}."
        )
        print(f"  {decision.because}")
    return 0


def record_trials(args: argparse.Namespace) -> int:
    """Make the records that are missing or stale, in order of value."""
    chosen = [find_trial(name) for name in args.trial] or trials()
    _check_device(args.device or default_device(args.preset))
    if args.processes < 1:
        raise ValueError(
            f"--processes: got {args.processes}, want 1 or more"
        )
    deadline = float("inf")
    if args.budget is not None:
        deadline = time.monotonic() + 60 * args.budget
    current: list[Path] = []
    # What only a GPU can tell comes first: its time is short.
    for trial in sorted(chosen, key=lambda t: not t.timed):
        trial.config(args.preset)  # an unknown preset raises first
        file = records.path(trial.name, args.preset, args.out)
        if args.again or _why_wanted(trial, args.preset, args.out):
            try:
                make_record(
                    trial,
                    args.preset,
                    args.out,
                    device=args.device,
                    deadline=deadline,
                    # What is timed has the machine to itself.
                    processes=1 if trial.timed else args.processes,
                )
            except OutOfTime:
                print(f"{trial.name}: out of time; goes on next time")
                return 0
            print(f"{trial.name}: wrote {file.name}")
        else:
            print(f"{trial.name}: current")
        current.append(file)
        if args.bundle:
            records.bundle(current, args.bundle)
    return 0


def _why_wanted(trial: Trial, preset: str, folder: Path) -> list[str]:
    """Say why a record is to be made; [] where it is current."""
    if not records.exists(trial.name, preset, folder):
        return ["no record"]
    found = trial.differences(records.load(trial.name, preset, folder))
    return [f"changed: {what}" for what in found]


def _sentence(decision: Decision) -> str:
    when = f" {decision.when}" if decision.when else ""
    return f"{decision.verdict}{when}"


def run_bench(args: argparse.Namespace) -> int:
    """Race every norm in every library on this machine."""
    _check_device(args.device)
    on_gpu = args.device.startswith("cuda")
    trial = find_trial("performance.benchmark")
    preset = "live" if args.quick else "gpu" if on_gpu else "cpu"
    config = trial.config(preset)
    if args.quick and on_gpu:
        config |= {"contenders": trial.presets["gpu"]["contenders"]}
    record = trial.run(preset, device=args.device, bar=tqdm, **config)
    print(trial.table(record))
    if args.out:
        records.save(record, args.out)
        print(f"wrote {args.out}")
    return 0


def try_claim(args: argparse.Namespace) -> int:
    """Run the claim's trial here; print both verdicts, ours and yours."""
    claim = find_claim(args.claim)
    trial = ledger.trial_of(claim.id)
    card = ledger.verdict(claim.id)
    if card.cited:
        print(card)
        return 0
    if trial is None:
        print(f"{claim.id} is untried. To come: {claim.test}")
        return 0
    device = args.device or default_device(args.preset)
    _check_device(device)
    ours = ledger.committed(trial, args.preset)
    took = f", about {ours.provenance['seconds']} s" if ours else ""
    print(f"“{claim.says}”\nRule: {trial.rules[claim.id].says}")
    print(f"Running {trial.name}, preset {args.preset}{took} …", flush=True)
    yours = trial.run(args.preset, device=device)
    for owner, record in (("ours", ours), ("yours", yours)):
        if record is None:
            print(f"{owner}: no record for this preset")
            continue
        decision = ledger.decide(claim.id, record)
        print(f"{owner}: {_sentence(decision)}. {decision.because}")
        print(f"  {describe(record)}")
    return 0


def show_claims(args: argparse.Namespace) -> int:
    """Print every claim with its verdict."""
    print(repr(ledger.table(args.prefix)))
    return 0


def _check_device(device: str) -> None:
    import torch

    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        first = str(error).splitlines()[0]
        raise ValueError(f"device: got {device!r}: {first}") from None
