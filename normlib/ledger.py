"""The ledger: joins the claims with their rules and records.

`verdict("intro.vanishing")` computes a card from the committed record;
`table()` prints every claim with its verdict. Nothing is typed in: a
claim without a record is untried.
"""

from __future__ import annotations

from . import records
from .card_tables import CardTable
from .cards import Card
from .claims import all_claims, claim
from .experiments import trial
from .experiments.cited import Cited
from .experiments.decisions import Decision
from .experiments.other_techniques import who_uses_it as others
from .experiments.protocol import Trial
from .experiments.rms_norm import who_uses_it as rms
from .records import Record


def trial_of(claim_id: str) -> Trial | None:
    """Return the trial whose rule decides a claim, if there is one."""
    name = claim(claim_id).trial
    return trial(name) if name else None


def evidence(claim_id: str) -> Cited | None:
    """Return what decides a cited claim, None where none was looked up."""
    return rms.evidence(claim_id) or others.evidence(claim_id)


def committed(trial: Trial, preset: str) -> Record | None:
    """Return the committed record, if there is one."""
    if not records.exists(trial.name, preset):
        return None
    return records.load(trial.name, preset)


def decide(claim_id: str, record: Record) -> Decision:
    """Apply the claim's rule to a record, of the reader's if they like."""
    trial = trial_of(claim_id)
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
    claimed, trial = claim(claim_id), trial_of(claim_id)
    if trial is None:
        found = evidence(claim_id)
        return Card(claimed, decision=found and found.decision, cited=found)
    shown = record or committed(trial, "cpu")
    beside: dict[str, Decision | None] = {}
    if record is None or record.preset != "gpu":
        gpu = committed(trial, "gpu")
        beside["gpu"] = decide(claim_id, gpu) if gpu else None
    decision = decide(claim_id, shown) if shown else None
    return Card(claimed, trial, decision, shown, beside)


def table(prefix: str | tuple[str, ...] = "", root: str = "") -> CardTable:
    """Return the ledger, or the claims whose id starts with `prefix`.

    Several prefixes come as a tuple. With `root`, the path to the
    chapters, it is the ledger's own page, and links to the evidence.
    """
    chosen = [c for c in all_claims().values() if c.id.startswith(prefix)]
    if not chosen:
        raise ValueError(f"prefix: got {prefix!r}, and no claim begins so")
    return CardTable([verdict(c.id) for c in chosen], root)
