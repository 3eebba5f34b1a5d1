"""The ledger on the site: files to download, and links both ways.

`ledger.json` and `ledger.csv` lie beside the page. A link from the ledger
leads to `#verdict-bn-mean` on the page of a claim. Where a page has no
card for it, its row in the page's list gets that name.
"""

import csv
import json
import re
from pathlib import Path

from facts import facts
from sphinx.util import logging

PAGE = "chapters/ledger"
# Scripts and style sheets that one page needs, and no other.
ASSETS = {
    "ledger.js": PAGE,
    "front.js": "chapters/index",
    "front.css": "chapters/index",
}
OPENS = '<div class="nl-ledger">'
DOWNLOADS = (
    '<p class="nl-downloads">Download: '
    '<a href="ledger.json" download>JSON</a> '
    '<a href="ledger.csv" download>CSV</a></p>'
)
ROW = re.compile(r'<li id="([a-z0-9-]+)" data-verdict="[^>]*>')
logger = logging.getLogger(__name__)


def write(rows, folder):
    """Write the ledger's rows as JSON and as CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(rows, ensure_ascii=False, indent=1)
    (folder / "ledger.json").write_text(text + "\n", "utf-8")
    with open(
        folder / "ledger.csv", "w", encoding="utf-8", newline=""
    ) as file:
        sheet = csv.DictWriter(file, list(rows[0]))
        sheet.writeheader()
        sheet.writerows(rows)


def with_anchors(body):
    """Name each row "verdict-…" that no card on the page is named so."""

    def named(found):
        name = f'id="verdict-{found[1]}"'
        return found[0] + ("" if name in body else f"<span {name}></span>")

    return ROW.sub(named, body)


def finish_page(app, pagename, templatename, context, doctree):
    """Add links and anchors; drop what the page does not need."""
    for key in ("script_files", "css_files"):
        context[key] = [
            asset
            for asset in context.get(key, [])
            if ASSETS.get(Path(str(asset.filename)).name, pagename)
            == pagename
        ]
    body = context.get("body", "")
    if pagename == PAGE:
        if OPENS not in body:
            logger.warning("%s: the page holds no ledger", pagename)
        context["body"] = body.replace(OPENS, OPENS + DOWNLOADS, 1)
    elif '<ul class="nl-claims">' in body:
        context["body"] = with_anchors(body)


def write_files(app, exception):
    """Write the files when the pages are built."""
    if exception is None and app.builder.format == "html":
        write(facts(app)["rows"], Path(app.outdir) / "chapters")


def setup(app):
    app.connect("html-page-context", finish_page, priority=998)
    app.connect("build-finished", write_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
