"""The ledger: joins the claims with their rules and records.

`verdict("intro.vanishing")` computes a card from the committed record;
`table()` prints every claim with its verdict. Nothing is typed in: a
claim without a current record is untried.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from . import records
from .cards import Card, Table
from .experiments import trials
from .experiments.trial import Decision, Trial
from .records import Record

KINDS = ("measured", "exact", "cited")


@dataclass(frozen=True)
class Claim:
    """One checkable sentence of the guide.

    `page` is the chapter whose evidence decides it, without "chapters/".
    """

    id: str
    section: str
    says: str
    kind: str
    test: str
    page: str


@cache
def claims() -> dict[str, Claim]:
    """Read claims.yaml; raise ValueError naming an entry that is off."""
    text = files("normlib").joinpath("claims.yaml").read_text("utf-8")
    found: dict[str, Claim] = {}
    for entry in yaml.safe_load(text):
        try:
            claim = Claim(**entry)
        except TypeError as error:
            raise ValueError(f"claims.yaml: {entry}: {error}") from None
        if claim.kind not in KINDS:
            raise ValueError(
                f"claims.yaml: {claim.id}: kind is {claim.kind!r}, want "
                f"one of {', '.join(KINDS)}"
            )
        if claim.id in found:
            raise ValueError(f"claims.yaml: {claim.id} stands twice")
        found[claim.id] = claim
    return found


def claim(claim_id: str) -> Claim:
    """Return one claim; raise ValueError when there is none."""
    if claim_id not in claims():
        near = [c for c in claims() if c.split(".")[0] in claim_id]
        hint = f"; near it: {', '.join(near[:6])}" if near else ""
        raise ValueError(
            f"claim: got {claim_id!r}, not in the ledger{hint}"
        )
    return claims()[claim_id]


@cache
def judge(claim_id: str) -> Trial | None:
    """Return the trial whose rule decides a claim, if there is one."""
    for trial in trials():
        if claim_id in trial.rules:
            return trial
    return None


def committed(trial: Trial, preset: str) -> Record | None:
    """Return the committed record if it is there and current."""
    if not records.exists(trial.name, preset):
        return None
    record = records.load(trial.name, preset)
    return None if trial.why_stale(record) else record


def decide(claim_id: str, record: Record) -> Decision:
    """Apply the claim's rule to a record, of the reader's if they like."""
    trial = judge(claim(claim_id).id)
    if trial is None or record.trial != trial.name:
        wanted = trial.name if trial else "a trial that has a rule for it"
        raise ValueError(
            f"record: got one of {record.trial}, and {claim_id} is "
            f"decided by {wanted}"
        )
    return trial.rules[claim_id](record)


def verdict(claim_id: str, record: Record | None = None) -> Card:
    """Return the verdict card of a claim.

    Without `record` the committed cpu record decides, and the gpu record
    is named beside it when there is one.
    """
    claimed, trial = claim(claim_id), judge(claim_id)
    if trial is None:
        return Card(claimed, None, None, None, {})
    shown = record or committed(trial, "cpu")
    beside: dict[str, Decision | None] = {}
    if record is None or record.preset != "gpu":
        gpu = committed(trial, "gpu")
        beside["gpu"] = decide(claim_id, gpu) if gpu else None
    decision = decide(claim_id, shown) if shown else None
    return Card(claimed, trial, decision, shown, beside)


def table(prefix: str | tuple[str, ...] = "", root: str = "") -> Table:
    """Return the ledger, or the claims whose id starts with `prefix`.

    Several prefixes come as a tuple. `root` is the path to the chapters,
    for links to the evidence.
    """
    chosen = [c for c in claims().values() if c.id.startswith(prefix)]
    if not chosen:
        raise ValueError(f"prefix: got {prefix!r}, and no claim begins so")
    return Table([verdict(c.id) for c in chosen], root)
