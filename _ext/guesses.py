"""Guesses on the site: a form, and evidence that is folded until then.

A cell whose metadata has `guess` becomes a form; what follows, up to the
cell `until`, is folded, section by section, so that headings stay where
the contents find them. `until` ends before a heading inside that cell.
In a notebook nothing changes. CONTRIBUTING.md tells how to write one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from docutils import nodes
from guess_fields import Guess, all_guesses
from guess_form import TALLY, form

LINES = 10000  # myst-nb counts so many lines a cell
UNSEEN = (nodes.title, nodes.target, nodes.comment, nodes.Invisible)


class fold(nodes.General, nodes.Element):
    """A `<details>` around what it holds."""


def visit_fold(writer: Any, node: fold) -> None:
    """Open the details."""
    guess = f' data-guess="{node["guess"]}"' if "guess" in node else ""
    writer.body.append(
        f'<details class="{node["kind"]}"{guess}>'
        f"<summary>{node['summary']}</summary>\n<div>\n"
    )


def depart_fold(writer: Any, node: fold) -> None:
    """Close them."""
    writer.body.append("</div></details>\n")


def passed(writer: Any, node: fold) -> None:
    """Print what is folded as it is: a builder that is not HTML."""


def blocks(node: nodes.Element) -> Iterator[nodes.Node]:
    """Yield what stands on a page, in order, through its sections."""
    for child in list(node.children):
        if isinstance(child, nodes.section):
            yield from blocks(child)
        else:
            yield child


def cell_of(node: nodes.Node) -> int | None:
    """Return the index of the cell a node comes from."""
    lines = (n.line for n in node.findall() if getattr(n, "line", None))
    line = next(lines, None)
    return None if line is None else line // LINES - 1


def heading_above(node: nodes.Node, cell: int) -> nodes.Node | None:
    """Return the section that a cell itself opens above a node, or None."""
    while (node := node.parent) is not None:
        if isinstance(node, nodes.section) and cell_of(node[0]) == cell:
            return node
    return None


def placed(doctree: nodes.document) -> list[tuple[nodes.Node, int]]:
    """Pair each block with its cell; one without a line is the last's."""
    found, last = [], 0
    for block in blocks(doctree):
        last = cell if (cell := cell_of(block)) is not None else last
        found.append((block, last))
    return found


def is_raw(block: nodes.Node, tag: str) -> bool:
    """Say whether a block is HTML with a tag."""
    return isinstance(block, nodes.raw) and tag in block.astext()


def put_form(guess: Guess, page: list, name: str) -> nodes.Node:
    """Put the form in its place; return the last node before evidence."""
    own = [block for block, cell in page if cell == guess.index]
    told = nodes.raw("", form(guess, name), format="html")
    if answer := next((b for b in own if is_raw(b, "<details")), None):
        answer.replace_self(told)
        for block in own:
            if is_raw(block, "</details"):
                block.parent.remove(block)
        return told
    code = own[0]
    kept = fold(kind="nl-guess-code", summary="In a notebook")
    code.replace_self([told, kept])
    kept.append(code)
    return kept


def evidence_of(guess: Guess, page: list) -> list[nodes.Node]:
    """Return what is evidence, without headings, up to one in `until`."""
    page = [(b, c) for b, c in page if b in b.parent.children]
    heads = [heading_above(b, c) for b, c in page if c == guess.last]
    return [
        block
        for block, cell in page
        if guess.first <= cell <= guess.last
        and not isinstance(block, UNSEEN)
        and (cell < guess.last or heading_above(block, cell) is heads[0])
    ]


def fold_evidence(guess: Guess, page: list, after: nodes.Node) -> None:
    """Wrap what is evidence, a fold for each section that it touches."""
    seen = after.parent.index(after)
    evidence = [
        block
        for block in evidence_of(guess, page)
        # In Markdown the question stands in the cell of its answer.
        if block.parent is not after.parent
        or block.parent.index(block) > seen
    ]
    for parent, run in groupby(evidence, key=lambda b: b.parent):
        run = list(run)
        kept = fold(
            kind="nl-evidence", summary="Show the evidence", guess=guess.id
        )
        parent.insert(parent.index(run[0]), kept)
        for block in run:
            parent.remove(block)
            kept.append(block)
            # Its guess is made: an output need not be unfolded again.
            block.attributes.pop("hide_mode", None)


def fold_summary(doctree: nodes.document) -> None:
    """Fold "In short": it answers all guesses of the page."""
    for section in doctree.findall(nodes.section):
        if section[0].astext() == "In short":
            told = section.children[1:]
            kept = fold("", kind="nl-evidence nl-short", summary="Show it")
            section[1:] = [kept]
            kept.extend(told)


def last_section(doctree: nodes.document) -> nodes.Element:
    """Return where a page ends."""
    inner = [c for c in doctree.children if isinstance(c, nodes.section)]
    return inner[-1] if inner else doctree


def work_in(app: Any, doctree: nodes.document) -> None:
    """Turn the guesses of a notebook into forms and folds."""
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix != ".ipynb":
        return
    cells = json.loads(path.read_text("utf-8"))["cells"]
    guesses = all_guesses(cells)
    page = placed(doctree)
    for guess in guesses:
        after = put_form(guess, page, app.env.docname)
        fold_evidence(guess, page, after)
    if guesses:
        fold_summary(doctree)
        tally = nodes.raw("", TALLY, format="html")
        last_section(doctree).append(tally)


def setup(app: Any) -> dict[str, int]:
    """Register the fold and the hook."""
    app.add_node(
        fold,
        html=(visit_fold, depart_fold),
        latex=(passed, passed),
        text=(passed, passed),
    )
    app.connect("doctree-read", work_in)
    return {
        "env_version": 2,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
