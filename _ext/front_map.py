"""The front door's map: what stands, and what is to come.

Pages are read from `_toc.yml` and their notebooks, verdicts from the
ledger; nothing is written by hand.
"""

import json
import re
from dataclasses import dataclass
from html import escape
from itertools import groupby

import yaml

from normlib.card_tables import anchor, many, mark, told
from normlib.cards import MARKS
from normlib.chapters import place

TITLE = re.compile(r"^# (.+)$", re.M)
MINUTES = re.compile(r"^> \*\*[^*]*?(\d+)\s+minutes", re.M)


@dataclass(frozen=True)
class Page:
    """A page that stands: where, its title, and the minutes it takes."""

    file: str
    title: str
    minutes: int


def chapters(root):
    """Return the pages of each part of the book that states minutes."""
    toc = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    parts = {
        part["caption"]: [
            page
            for entry in part["chapters"]
            if (page := read(root, entry["file"]))
        ]
        for part in toc["parts"]
    }
    return {caption: pages for caption, pages in parts.items() if pages}


def read(root, file):
    """Read a page's title and docket; None where it has no docket."""
    notebook = root / f"{file}.ipynb"
    if not notebook.exists():
        return None
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    text = "\n".join(
        "".join(cell["source"])
        for cell in cells
        if cell["cell_type"] == "markdown"
    )
    title, minutes = TITLE.search(text), MINUTES.search(text)
    if not (title and minutes):
        return None
    name = file.removeprefix("chapters/")
    return Page(name, title[1], int(minutes[1]))


def counts(rows):
    """Count rows a verdict, in the order of MARKS."""
    return {v: sum(r["verdict"] == v for r in rows) for v in MARKS}


def dots(rows):
    """Return a dot for each claim, and in words what they are."""
    if not rows:
        return ""
    ordered = sorted(rows, key=lambda r: list(MARKS).index(r["verdict"]))
    shown = " ".join(
        mark(row["verdict"]).partition("</span>")[0] + "</span>"
        for row in ordered
    )
    said = told(counts(rows))
    return (
        f'<span class="nl-dots" title="{said}">{shown} '
        f'<span class="nl-hidden">{said}</span></span>'
    )


def hours(minutes):
    """Say "45 min" or "4 h 32 min"."""
    whole, rest = divmod(minutes, 60)
    return f"{whole} h {rest} min" if whole else f"{rest} min"


def html(parts, rows):
    """Return the map: chapters that stand, then claims to come."""
    pages = [page for chapter in parts.values() for page in chapter]
    tried = [row for row in rows if row["verdict"] != "untried"]
    said = (
        f"{len(pages)} pages stand, "
        f"{hours(sum(page.minutes for page in pages))} in all; they try "
        f"{len(tried)} of {len(rows)} claims."
    )
    stands = "\n".join(_chapter(name, parts[name], rows) for name in parts)
    return (
        f'<div class="nl-map">\n<p>{said} A dot is a claim on trial.</p>\n'
        f"<ul>\n{_key(rows)}\n</ul>\n"
        f'<div class="nl-chapters">\n{stands}\n{_to_come(rows)}\n</div>\n'
        "</div>"
    )


def _key(rows):
    return "\n".join(
        f"<li>{mark(verdict)}</li>"
        for verdict, n in counts(rows).items()
        if n
    )


def _chapter(name, pages, rows):
    lines, own = [], []
    for page in pages:
        here = [row for row in rows if place(row["page"]) == page.file]
        own += here
        lines.append(
            f'<li><a href="{page.file}.html">{escape(page.title)}</a> '
            f"{dots(here)} <span>{page.minutes} min</span></li>"
        )
    whole = hours(sum(page.minutes for page in pages))
    said = f", {many(len(own))} on trial" if own else ""
    body = "\n".join(lines)
    return (
        f"<section>\n<h3>{escape(name)}</h3>\n"
        f"<p>{len(pages)} pages, {whole}{said}</p>\n<ol>\n{body}\n</ol>\n"
        "</section>"
    )


def _to_come(rows):
    """List the claims that no page has tried yet, by section."""
    rest = [row for row in rows if row["verdict"] == "untried"]
    lines = []
    for section, found in groupby(rest, lambda row: row["section"]):
        whole = many(len(list(found)))
        link = f"ledger.html?verdict=untried&amp;chapter={anchor(section)}"
        lines.append(
            f'<li><a href="{link}">{escape(section)}</a> '
            f"<span>{whole}</span></li>"
        )
    if not rest:
        return ""
    body, whole = "\n".join(lines), many(len(rest))
    return (
        f"<section>\n<h3>To come</h3>\n<p>{whole}, untried</p>\n"
        f"<ul>\n{body}\n</ul>\n</section>"
    )
