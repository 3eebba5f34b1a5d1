"""Many verdicts at once: a bar of them, a list, the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import groupby

from .cards import MARKS, Card, slug
from .chapters import place

# From a page of a chapter.
LEDGER = "../ledger.html"


@dataclass(frozen=True)
class CardTable:
    """Many cards as a compact list, or as the ledger.

    With `root`, the path from here to the folder of the chapters, it is
    the ledger: a bar, the sections of the guide, what is untried folded
    away, and links to the pages with the evidence. Without, its claims
    link to the ledger.
    """

    cards: list[Card]
    root: str = ""

    def counts(self) -> dict[str, int]:
        """Count the cards a verdict, in the order of MARKS."""
        return {v: sum(c.verdict == v for c in self.cards) for v in MARKS}

    def summary(self) -> str:
        """Say "86 claims: 3 holds when, 83 untried"."""
        return told(self.counts())

    def rows(self) -> list[dict[str, str]]:
        """Return what the ledger says of each claim, as plain data."""
        return [
            {
                "id": card.claim.id,
                "section": card.claim.section,
                "says": card.claim.says,
                "kind": card.claim.kind,
                "verdict": card.verdict,
                "when": card.decision.when if card.decision else "",
                "headline": card.headline if card.decision else "",
                "page": card.claim.page,
                "trial": card.claim.trial,
            }
            for card in self.cards
        ]

    def __repr__(self) -> str:
        wide = max(len(c.claim.id) for c in self.cards)
        lines = [self.summary()]
        for card in self.cards:
            mark = f"{MARKS[card.verdict]} {card.claim.id:{wide}}"
            said = card.headline if card.decision else "Untried."
            lines.append(f"{mark}  {said}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        if not self.root:
            return (
                f'<div class="nl-compact">\n<p>{self.summary()}.</p>\n'
                f"{self._list(self.cards)}\n</div>"
            )
        sections = groupby(self.cards, lambda card: card.claim.section)
        body = "\n".join(
            self._section(name, list(cards)) for name, cards in sections
        )
        return (
            f'<div class="nl-ledger">\n<p class="nl-sum">{self.summary()}.'
            f"</p>\n{bar(self.counts())}\n{body}\n</div>"
        )

    def _section(self, name: str, cards: list[Card]) -> str:
        tried = [card for card in cards if card.decision]
        rest = [card for card in cards if not card.decision]
        body = self._list(tried) if tried else ""
        if rest:
            body += (
                '\n<details class="nl-untried"><summary>'
                f"<b>{len(rest)}</b> untried, and how each will be tried"
                "</summary>\n"
                f"{self._list(rest)}\n</details>"
            )
        return (
            f'<section data-chapter="{anchor(name)}">\n'
            f"<h2>{escape(name)}</h2>\n{body}\n</section>"
        )

    def _list(self, cards: list[Card]) -> str:
        rows = "\n".join(self._row(card) for card in cards)
        return f'<ul class="nl-claims">\n{rows}\n</ul>'

    def _row(self, card: Card) -> str:
        claim, name = card.claim, anchor(card.claim.id)
        link = f"<code>{claim.id}</code>"
        if not self.root:
            link = f'<a href="{LEDGER}#{name}">{link}</a>'
        elif card.decision:
            page = f"{self.root}/{place(claim.page)}.html#verdict-{name}"
            link = f'<a href="{page}">{link}</a>'
        found = f'<p class="nl-found">{escape(card.because)}</p>'
        if card.decision:
            found = (
                f'<p class="nl-found"><strong>{escape(card.headline)}'
                f"</strong></p>\n<details><summary>Numbers</summary>\n"
                f"<p>{escape(card.because)}</p></details>"
            )
        return (
            f'<li id="{name}" data-verdict="{slug(card.verdict)}" '
            f'data-kind="{claim.kind}" '
            f'data-chapter="{anchor(claim.section)}">\n'
            f'<p class="nl-stamp">{mark(card.verdict)}</p>\n'
            f'<div class="nl-said"><p>{escape(claim.says)}</p>\n'
            f'<p class="nl-name">{link} <small>{claim.kind}</small></p>'
            "</div>\n"
            f'<div class="nl-told">{found}</div>\n</li>'
        )


def anchor(name: str) -> str:
    """Return a name as an id: "bn-mean", "batch-normalization"."""
    words = name.lower().replace(",", "").replace(".", "-")
    return "-".join(words.split())


def mark(verdict: str, count: str = "") -> str:
    """Return a verdict as HTML: its mark, how many, its word."""
    number = f"<b>{count}</b> " if count else ""
    return (
        f'<span class="nl-mark" data-verdict="{slug(verdict)}" '
        f'aria-hidden="true">{MARKS[verdict]}</span> {number}{verdict}'
    )


def told(counts: dict[str, int]) -> str:
    """Say "86 claims: 3 holds when, 83 untried"."""
    parts = [f"{n} {verdict}" for verdict, n in counts.items() if n]
    return f"{many(sum(counts.values()))}: {', '.join(parts)}"


def many(n: int) -> str:
    """Say "1 claim", "86 claims"."""
    return f"{n} claim{'s' * (n != 1)}"


def bar(counts: dict[str, int], ledger: str = "") -> str:
    """Return a stacked bar of verdicts as HTML, with its legend.

    With `ledger`, the path to its page, each entry of the legend links to
    the claims with that verdict. Widths stand in the element, so that a
    notebook without our style sheet shows a bar as well.
    """
    parts, legend = "", ""
    for verdict, n in counts.items():
        name = mark(verdict, str(n))
        if ledger:
            name = f'<a href="{ledger}?verdict={slug(verdict)}">{name}</a>'
        legend += f"<li>{name}</li>\n"
        if n:
            parts += (
                f'<span data-verdict="{slug(verdict)}" style="flex:{n} 1 0;'
                'min-width:1.4em;border:1px solid;text-align:center">'
                f"{MARKS[verdict]}</span>"
            )
    return (
        f'<div class="nl-bar" role="img" aria-label="{told(counts)}" '
        f'style="display:flex">{parts}</div>\n'
        f'<ul class="nl-legend">\n{legend}</ul>'
    )
