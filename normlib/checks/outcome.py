"""What a check answers: the same words in a notebook and a terminal."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKS = {"correct": "✓", "incorrect": "✗", "not attempted": "·"}
MARKS["unfinished"] = "…"  # right so far
CHAPTERS = "../../chapters"  # from a folder of exercises


@dataclass(frozen=True)
class Part:
    """A paragraph ("say"), set text ("pre") or a place ("link")."""

    kind: str
    text: str

    def plain(self) -> str:
        """Return the words for a terminal."""
        if self.kind == "pre":
            return textwrap.indent(self.text, "    ")
        words = self.text
        if self.kind == "link":
            stem, _, heading = words.partition("#")
            words = f"Read: {stem}, “{heading}”"
        return textwrap.fill(words, 76, break_on_hyphens=False)

    def html(self) -> str:
        """Return the same words for a notebook."""
        text = escape(self.text)
        if self.kind == "pre":
            style = "white-space:pre;overflow-x:auto;background:none"
            return f'<pre style="{style}">{text}</pre>'
        if self.kind == "link":
            # JupyterLab's anchor: the heading with hyphens for spaces.
            stem, _, heading = self.text.partition("#")
            anchor = heading.replace(" ", "-")
            href = escape(f"{CHAPTERS}/{stem}.ipynb#{anchor}")
            text = escape(f"{stem}, “{heading}”")
            return f'<p>Read: <a href="{href}">{text}</a></p>'
        return f"<p>{text}</p>"


def say(text: str) -> Part:
    """Make a paragraph."""
    return Part("say", " ".join(text.split()))


def pre(text: str) -> Part:
    """Make a part whose lines are kept."""
    return Part("pre", text)


@dataclass(frozen=True)
class Compared:
    """One array of the learner's beside the one expected."""

    name: str
    yours: Any
    expected: Any


@dataclass(frozen=True)
class Outcome:
    """Status, the ids of the mistakes found, and what to say."""

    exercise: str
    status: str
    parts: tuple[Part, ...]
    mistakes: tuple[str, ...] = ()
    compared: Compared | None = None
    printed: str = ""

    @property
    def message(self) -> str:
        """Return all that is said, without marks and markup."""
        return "\n\n".join(part.plain() for part in self._all())

    def _all(self) -> tuple[Part, ...]:
        if not self.printed:
            return self.parts
        return (*self.parts, say("It printed:"), pre(self.printed))

    @property
    def headline(self) -> str:
        """Return "✓ Correct · batch_norm.forward"."""
        mark = f"{MARKS[self.status]} {self.status.capitalize()}"
        return f"{mark} · {self.exercise}"

    def __repr__(self) -> str:
        return f"{self.headline}\n\n{self.message}"

    def _repr_html_(self) -> str:
        return (
            f'<div class="nl-check" data-status="'
            f'{self.status.replace(" ", "-")}" '
            'style="border-left:0.3em solid;padding:0.2em 1em">'
            f"<p><strong>{escape(self.headline)}</strong></p>"
            f"{''.join(part.html() for part in self._all())}</div>"
        )

    def heatmap(self) -> Figure:
        """Draw yours, expected and their difference."""
        from .heatmaps import draw

        if self.compared is None:
            raise ValueError("no two arrays differ: nothing to draw")
        return draw(*vars(self.compared).values())
