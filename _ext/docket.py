"""Turn the block quote at the top of a page into a docket.

In the notebook it is plain Markdown: "**Chapter · page 2 of 5 · 14
minutes.** Needs: …. On trial: `bn.mean`." On the site the three facts
stand apart, and each claim becomes a chip. It links to the card on this
page, or else to the ledger; it shows no verdict, which would give the
page's guesses away.
"""

import re

from docutils import nodes

FACTS = re.compile(
    r"^(?P<chapter>.+?) · page (\d+) of (\d+) · (\d+) minutes"
)
CLAIM = re.compile(r"^[a-z]+\.[a-z0-9-]+$")


def _facts(title):
    """Split the bold line into chapter, page and minutes."""
    chapter, page, pages, minutes = FACTS.match(title).groups()
    parts = [chapter, f"page {page} of {pages}", f"{minutes} minutes"]
    line = nodes.paragraph(classes=["nl-docket-facts"])
    for part in parts:
        line += nodes.inline(part, part, classes=["nl-docket-fact"])
    return line


def _chip(claim, here):
    """Link a claim to its card, or to its row of the ledger."""
    row = claim.replace(".", "-")
    card = f"verdict-{row}"
    where = f"#{card}" if card in here else f"../ledger.html#{row}"
    link = nodes.reference(refuri=where, classes=["nl-docket-claim"])
    link += nodes.literal(claim, claim)
    return link


def make_docket(app, doctree):
    """Rewrite the first block quote that has the form of a docket."""
    if app.builder.format != "html":
        return
    for quote in doctree.findall(nodes.block_quote):
        strong = next(quote.findall(nodes.strong), None)
        if strong is None or not FACTS.match(strong.astext()):
            continue
        here = set(_cards(doctree))
        for literal in list(quote.findall(nodes.literal)):
            if CLAIM.match(literal.astext()):
                literal.replace_self(_chip(literal.astext(), here))
        strong.parent.remove(strong)
        quote.insert(0, _facts(strong.astext()))
        quote["classes"].append("nl-docket")
        return


def _cards(doctree):
    """Yield the ids of the verdict cards that stand on this page."""
    for raw in doctree.findall(nodes.raw):
        yield from re.findall(r'id="(verdict-[a-z0-9-]+)"', raw.astext())


def setup(app):
    app.connect("doctree-read", make_docket)
    return {
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
