"""How a verdict looks: HTML in a notebook, plain words in a terminal."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from html import escape

from .chapters import place
from .claims import Claim, earlier_verdicts
from .experiments.cited import Cited, Fact
from .experiments.decisions import Decision
from .experiments.protocol import Trial
from .forest import picture
from .records import Record, describe

MANY = 10  # intervals: more are not read in a row
MARKS = {
    "holds": "✓",
    "holds when": "◐",
    "does not hold": "✗",
    "open": "?",
    "untried": "·",
}

# From a page of a chapter.
_METHOD = (
    f'<a href="../{place("introduction/how_tried")}.html">How a claim is '
    "tried</a> tells what the words mean."
)


@dataclass(frozen=True)
class Card:
    """A claim, what decides it, and what came out."""

    claim: Claim
    trial: Trial | None = None
    decision: Decision | None = None
    record: Record | None = None
    beside: dict[str, Decision | None] = field(default_factory=dict)
    cited: Cited | None = None

    @property
    def verdict(self) -> str:
        """Return "holds", "holds when", …, or "untried"."""
        return self.decision.verdict if self.decision else "untried"

    @property
    def headline(self) -> str:
        """Return what to do with it, in a sentence."""
        if self.decision and self.decision.headline:
            return self.decision.headline
        if self.decision and self.decision.when:
            return f"Holds when {self.decision.when}."
        return f"{self.verdict.capitalize()}."

    @property
    def because(self) -> str:
        """Return verdict and numbers, or what is still missing."""
        if self.decision:
            full = f"{self.verdict} {self.decision.when}".strip()
            full = f"{full[0].upper()}{full[1:]}"
            if self.headline.startswith((full, "Open")):
                return self.decision.because
            return f"{full}. {self.decision.because}"
        if self.trial:
            return f"No record yet: {record_command(self.trial, 'cpu')}"
        return f"To come: {self.claim.test}"

    def facts(self) -> list[str]:
        """Return scope, provenance, and what the GPU says."""
        if not (self.trial and self.record):
            return []
        facts = [*self.robustness(), f"Scope: {self.trial.scope}"]
        facts.append(describe(self.record))
        changed = self.trial.differences(self.record, self.claim.id)
        if changed:
            facts.append(earlier(changed))
        if "gpu" in self.beside:
            gpu = self.beside["gpu"]
            facts.append(
                f"On a GPU: {gpu.verdict} {gpu.when}".strip() + "."
                if gpu
                else f"No GPU record yet: {record_command(self.trial)}"
            )
        facts.append(f"Try it: python -m normlib try {self.claim.id}")
        return facts

    def history(self) -> list[str]:
        """Return what was run and decided before."""
        told = [e.told() for e in earlier_verdicts(self.claim.id)]
        if self.cited:
            return told
        if not (self.trial and self.record):
            return []
        return [
            f"Pilot, seeds {seeds[0]}–{seeds[-1]}: {found.rstrip('.')}."
            for seeds, found in self.trial.pilots
        ] + told

    def robustness(self) -> list[str]:
        """Say what the controls came to, and how firm the verdict is."""
        rule = self.trial.rules[self.claim.id]
        if not rule.controls:
            return []
        found = rule.decide(self.record, **rule.given)
        flips = rule.flips(self.record, found)
        firm = [f"{what}: {verdict}" for what, verdict in flips.items()]
        return [
            f"Control, {kind}: {e.arm} {e}."
            for kind, e in rule.control(self.record).items()
        ] + [
            f"Fragile: {'; '.join(firm[:3])}."
            if firm
            else "Firm: no margin a fifth smaller or larger, and no seed "
            "left out, changes the verdict."
        ] * (found.verdict != "open")

    def __repr__(self) -> str:
        lines = [
            f"{self.claim.id}: “{self.claim.says}”",
            f"{MARKS[self.verdict]} {self.headline} {self.because}",
        ]
        if self.trial and self.decision:
            lines.append(f"Rule: {self.trial.rules[self.claim.id].says}")
        if self.cited:
            lines += [f"Rule: {self.cited.rule}", _sample(self.cited)]
            lines += _quoted(self.cited.facts)
        lines += self.facts() + self.history()
        return "\n".join(textwrap.fill(line, 76) for line in lines)

    def _repr_html_(self) -> str:
        name, row = self.claim.id, self.claim.id.replace(".", "-")
        return (
            f'<div class="nl-verdict" id="verdict-{row}" '
            f'data-verdict="{slug(self.verdict)}" '
            'style="border-left:0.3em solid;padding:0.2em 1em">'
            f'<blockquote class="nl-claim">{escape(self.claim.says)}'
            f'</blockquote><p class="nl-by">The guide · <a href="../ledger'
            f'.html#{row}"><code>{name}</code></a></p>'
            f'<p class="nl-stamp"><span aria-hidden="true">'
            f"{MARKS[self.verdict]}</span> {self.verdict}</p>"
            f'<p class="nl-headline"><strong>{escape(self.headline)}'
            f"</strong></p>{self._evidence()}{self._footer()}</div>"
        )

    def _evidence(self) -> str:
        """Return the condition, the intervals, and the numbers in words."""
        if not self.decision:
            return f"<p>{_code(self.because)}</p>"
        when = self.decision.when
        told = f'<p class="nl-when">Holds when {escape(when)}.</p>'
        about = self.claim
        seen = picture(self.decision, about.axis, about.decades, about.rows)
        numbers = f"<p>{escape(self.decision.because)}</p>"
        return f"{told * bool(when)}{seen or numbers * (not self._folds)}"

    @property
    def _folds(self) -> bool:
        """Tell whether a picture, or their number, folds the numbers."""
        many = self.decision and len(self.decision.estimates) > MANY
        return bool(self.claim.axis or many)

    def _footer(self) -> str:
        """Return rule, scope, firmness, provenance and what came before."""
        if self.cited:
            return _sources(self.cited, self.history())
        if not (self.trial and self.decision):
            return ""
        says = escape(self.trial.rules[self.claim.id].says)
        *facts, command = self.facts() or [""]
        before = "".join(f"<p>{escape(b)}</p>" for b in self.history())
        numbers = f"<p>{escape(self.decision.because)}</p>"
        parts = [
            ("Numbers in words", numbers * self._folds),
            ("Rule, fixed before the run", f"<p>{says} {_METHOD}</p>"),
            (
                "Controls, scope, record",
                "".join(f"<p>{_code(fact)}</p>" for fact in facts),
            ),
            ("Pilots and earlier verdicts", before),
        ]
        folds = "".join(_fold(title, text) for title, text in parts if text)
        return (
            f'<div class="nl-facts">{folds}<p class="nl-try">'
            f"{_code(command)}</p></div>"
        )


def _sample(cited: Cited) -> str:
    """Say what was looked up, and when."""
    return f"Sample: {cited.sample}. Looked up {cited.looked_up}."


def _quoted(facts: tuple[Fact, ...]) -> list[str]:
    """Return each source and its words; of many, the norms alone."""
    if _many(facts):
        return [f"{_who(f)}: {f.norm}." for f in facts]
    return [
        f"{f.model}: {f.norm}. “{f.quote}” {f.source}, {f.at}. {f.note}"
        for f in facts
    ]


def _who(fact: Fact) -> str:
    """Return the model, and which part of it is meant, if it has two."""
    device = fact.part == "device"
    return fact.model if device else f"{fact.model}, {fact.part} part"


def _many(facts: tuple[Fact, ...]) -> bool:
    """Tell whether quotes are too many to stand unfolded."""
    return len({f.model for f in facts}) > 3


def _sources(cited: Cited, before: list[str]) -> str:
    """Return rule, sample, quotes, and what came before, folded."""
    rows = ""
    for f in cited.facts:
        place = escape(f"{f.source}, {f.at}")
        link = f"<code>{place}</code>"
        if "/" not in f.source:
            link = f'<a href="../bibliography.html">{place}</a>'
        rows += (
            f"<li>{escape(_who(f))}, {f.norm}: "
            f"“{escape(f.quote)}” {link} {escape(f.note)}</li>"
        )
    few = not _many(cited.facts)
    quotes = f'<ul class="nl-quotes">{rows}</ul>' if rows else ""
    folds = [
        ("Rule", f"<p>{escape(cited.rule)}</p>"),
        ("Sample", f"<p>{escape(_sample(cited))}</p>"),
    ]
    if quotes and not few:
        folds.append(("Sources, in their words", quotes))
    if before:
        past = "".join(f"<p>{escape(b)}</p>" for b in before)
        folds.append(("Earlier verdicts", past))
    told = "".join(_fold(title, text) for title, text in folds)
    return f'{quotes * few}<div class="nl-facts">{told}</div>'


def _fold(title: str, text: str) -> str:
    """Fold a text away under its title."""
    return f"<details><summary>{title}</summary>{text}</details>"


def _code(sentence: str) -> str:
    """Escape a sentence and set the command it ends with as code."""
    words, command, rest = sentence.partition("python -m normlib")
    if not command:
        return escape(words)
    return f"{escape(words)}<code>{escape(command + rest)}</code>"


def slug(verdict: str) -> str:
    """Return a verdict as an attribute's value: "does-not-hold"."""
    return verdict.replace(" ", "-")


def record_command(trial: Trial, preset: str = "gpu") -> str:
    """Return the command that makes a record."""
    return f"python -m normlib record {trial.name} --preset {preset}"


def earlier(changed: list[str]) -> str:
    """Say that a record is of an earlier version, and what changed."""
    shown = ", ".join(changed[:3]) + ", …" * (len(changed) > 3)
    return f"Measured by an earlier version; changed since: {shown}."
