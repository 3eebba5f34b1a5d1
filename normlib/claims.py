"""The claims of the guide, read from claims.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from .chapters import place

KINDS = ("measured", "exact", "cited")


@dataclass(frozen=True)
class Claim:
    """One checkable sentence of the guide.

    `page` is where its evidence stands, as "batch_norm/m_not_n"; `trial`
    the name of the experiment that decides it, "" while it is untried.
    `axis` says what its numbers are; with `decades` they are log10 of
    factors. `rows` names the numbers of an arm that has several.
    """

    id: str
    section: str
    says: str
    kind: str
    test: str
    page: str
    trial: str = ""
    axis: str = ""
    decades: bool = False
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Earlier:
    """What was decided of a claim before, and why it was tried again."""

    date: str
    verdict: str
    found: str
    again: str

    def told(self) -> str:
        """Say it in a line."""
        return (
            f"Earlier, {self.date}: {self.verdict} ({self.found}). Tried "
            f"again because {self.again}."
        )


@cache
def _earlier() -> dict[str, list[dict[str, str]]]:
    text = files("normlib").joinpath("earlier.yaml").read_text("utf-8")
    return yaml.safe_load(text)


def earlier_verdicts(claim_id: str) -> list[Earlier]:
    """Return what was decided of a claim before, the oldest first."""
    return [Earlier(**entry) for entry in _earlier().get(claim_id, [])]


@cache
def all_claims() -> dict[str, Claim]:
    """Read claims.yaml; raise ValueError naming an entry that is off."""
    text = files("normlib").joinpath("claims.yaml").read_text("utf-8")
    found: dict[str, Claim] = {}
    for entry in yaml.safe_load(text):
        try:
            rows = tuple(entry.pop("rows", ()))
            claim = Claim(**entry, rows=rows)
            place(claim.page)
        except (TypeError, ValueError) as error:
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
    if claim_id not in all_claims():
        near = [c for c in all_claims() if c.split(".")[0] in claim_id]
        hint = f"; near it: {', '.join(near[:6])}" if near else ""
        raise ValueError(
            f"claim: got {claim_id!r}, not in the ledger{hint}"
        )
    return all_claims()[claim_id]
