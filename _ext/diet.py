"""Leave out of a page what it does not use.

The theme loads the same scripts everywhere: icons drawn by 1.5 MB of
code although a font draws them too, the whole search index, tabs,
foldable boxes. Pictures get their size, so that nothing moves when they
arrive, and wait until a reader comes near.
"""

import re
from html import unescape
from pathlib import Path
from urllib.parse import quote, unquote

# A script or stylesheet, and what a page must hold to need it.
RESULTS, CODE = re.compile('id="search-results"'), re.compile("highlight")
NEEDS = {
    "scripts/fontawesome.js": None,  # nobody: the font has the icons
    "searchtools.js": RESULTS,
    "language_data.js": RESULTS,
    "searchindex.js": RESULTS,
    "design-tabs.js": re.compile("sd-tab"),
    "sphinx-design": re.compile('class="(?:[^"]* )?sd-'),
    "togglebutton": re.compile(
        'class="(?:[^"]* )?toggle[ "]|class="[^"]*admonition[^"]* dropdown'
    ),
    "clipboard.min.js": CODE,
    "copybutton": CODE,
    "mathjax/": re.compile('class="math'),
}
TAG = re.compile(
    r"<script[^>]*\bsrc=\"([^\"]+)\"[^>]*>\s*</script>\n?"
    r"|<link[^>]*\bhref=\"([^\"]+)\"[^>]*>\n?"
)
THEBE = re.compile(r'<script type="text/x-thebe-config">.*?</script>', re.S)
IMAGE = re.compile(r"<img\b(?![^>]*\bloading=)[^>]*>")
DRAWING = re.compile(r'\b(href|src)="([^"]*_static/[^"/]+\.svg)"')
SMALL = 1000  # bytes
SOURCE = re.compile(r'src="([^"]+\.png)"')


def _needed(tag, body):
    """Whether the page's body needs what a tag loads."""
    address = unquote(tag[1] or tag[2])
    for name, mark in NEEDS.items():
        if name in address:
            return mark is not None and bool(mark.search(body))
    return True


def _sized(tag, folder):
    """Give a picture its size, and let it wait."""
    found = SOURCE.search(tag)
    if not found or 'width="' in tag:
        return tag
    file = folder / unescape(unquote(found[1]))
    if not file.is_file():
        return tag
    head = file.read_bytes()[16:24]  # of a PNG: width and height
    width, height = (int.from_bytes(head[i : i + 4]) for i in (0, 4))
    size = f' width="{width}" height="{height}" loading="lazy"'
    return f"{tag.rstrip('/>').rstrip()}{size}>"


def _inlined(address, folder):
    """Put a small drawing into the page: a request costs more."""
    file = folder / unquote(address[2])
    if not file.is_file() or file.stat().st_size > SMALL:
        return address[0]
    text = " ".join(file.read_text("utf-8").split())
    return f'{address[1]}="data:image/svg+xml,{quote(text, safe=" =:/")}"'


def slim(html, folder):
    """Return a page without what it does not need."""
    body = html.partition("<body")[2]  # the search page has no article
    html = TAG.sub(lambda t: t[0] if _needed(t, body) else "", html)
    html = THEBE.sub("", html)
    html = DRAWING.sub(lambda a: _inlined(a, folder), html)
    return IMAGE.sub(lambda t: _sized(t[0], folder), html)


def slim_all(app, error):
    """Rewrite every page in place; once done, nothing changes again."""
    if error or app.builder.format != "html":
        return
    for file in Path(app.outdir).rglob("*.html"):
        before = file.read_text("utf-8")
        after = slim(before, file.parent)
        if after != before:
            file.write_text(after, "utf-8")


def setup(app):
    app.connect("build-finished", slim_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
