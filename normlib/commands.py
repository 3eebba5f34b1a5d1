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
from .cards import MARKS, describe
from .experiments import trial as find_trial
from .experiments import trials
from .experiments.provenance import describe_machine
from .experiments.recording import OutOfTime, make_record
from .experiments.trial import Trial, default_device
from .records import RecordError


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
        "--out", type=Path, default=records.FOLDER, metavar="DIR"
    )
    record.add_argument(
        "--again", action="store_true", help="also where one is current"
    )
    record.add_argument(
        "--budget", type=float, default=None, metavar="MINUTES"
    )
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
    why = _why_wanted(trial, preset, records.FOLDER)
    if why:
        return why if why == "no record" else f"stale, {why}"
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
        mark = MARKS[decision.verdict]
        when = f" {decision.when}" if decision.when else ""
        print(f"{mark} {claim_id}: {decision.verdict}{when}.")
        print(f"  {decision.because}")
    return 0


def record_trials(args: argparse.Namespace) -> int:
    """Make the records that are missing or stale, in order of value."""
    chosen = [find_trial(name) for name in args.trial] or trials()
    _check_device(args.device or default_device(args.preset))
    deadline = float("inf")
    if args.budget is not None:
        deadline = time.monotonic() + 60 * args.budget
    current: list[Path] = []
    for trial in sorted(chosen, key=lambda t: t.order):
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


def _why_wanted(trial: Trial, preset: str, folder: Path) -> str:
    """Say why a record is to be made; "" where it is current."""
    if not records.exists(trial.name, preset, folder):
        return "no record"
    return trial.why_stale(records.load(trial.name, preset, folder))


def run_bench(args: argparse.Namespace) -> int:
    """Race every norm in every library on this machine."""
    from .experiments.performance import benchmark, costs

    _check_device(args.device)
    on_gpu = args.device.startswith("cuda")
    preset = "live" if args.quick else "gpu" if on_gpu else "cpu"
    config = benchmark.trial.config(preset)
    if args.quick and on_gpu:
        config |= {"contenders": benchmark.PRESETS["gpu"]["contenders"]}
    work = benchmark.units(config)
    machine, rows = describe_machine(args.device), []
    for unit in tqdm(work, unit="race"):
        rows += benchmark.measure(config, unit, args.device)
    record = benchmark.trial.record(preset, config, rows, machine)
    print(costs.table(record))
    if args.out:
        records.save(record, args.out)
        print(f"wrote {args.out}")
    return 0


def try_claim(args: argparse.Namespace) -> int:
    """Run the claim's trial here; print both verdicts, ours and yours."""
    claim = ledger.claim(args.claim)
    trial = ledger.judge(claim.id)
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
            print(f"{owner}: no current record for this preset")
            continue
        decision = ledger.decide(claim.id, record)
        when = f" {decision.when}" if decision.when else ""
        print(f"{owner}: {decision.verdict}{when}. {decision.because}")
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
