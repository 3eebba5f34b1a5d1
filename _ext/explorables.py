"""Put an explorable where a notebook marks a place for one.

A Markdown cell holds `<div data-explore="NAME">`, a blank line, words for
those who read the notebook elsewhere, a blank line and `</div>`. On the
site `explore/NAME.py` says what stands there instead: a picture for
readers without JavaScript, the data, and `explore/NAME.js` to move it.
"""

import html
import importlib
import json
import re
from pathlib import Path

from docutils import nodes

from normlib.figures import STYLES

HERE = Path(__file__).parent / "explore"
DASHES = {"-": "", "--": "7 5", "-.": "9 4 2 4", ":": "2 3"}
OPENS = re.compile(r'<div data-explore="(\w+)">\s*$')
FIGURE = """\
<figure class="nl-explore" id="explore-{name}" data-explore="{name}"
  style="{colours}" aria-labelledby="explore-{name}-ask">
<p class="nl-ask" id="explore-{name}-ask">{question}</p>
<div class="nl-stage">{picture}</div>
<figcaption>{caption}</figcaption>
<script type="application/json">{data}</script>
</figure>
"""


def figure(name):
    """Return the HTML of an explorable, with its picture and its data."""
    page = importlib.import_module(f"explore.{name}")
    data = page.data()
    techniques = {
        key: {"name": label, "marker": marker, "dash": DASHES[dash]}
        for key, (label, _, marker, dash) in STYLES.items()
    }
    text = json.dumps(data | {"techniques": techniques}, ensure_ascii=False)
    return FIGURE.format(
        name=name,
        question=html.escape(page.QUESTION),
        caption=page.CAPTION,
        picture=page.picture(data),
        # A stylesheet cannot know the palette: it stands in normlib.
        colours="".join(f"--nl-{k}:{v[1]};" for k, v in STYLES.items()),
        data=text.replace("</", "<\\/"),
    )


def places(doctree):
    """Yield each mark of a page: the node that opens it, and its name."""
    for node in list(doctree.findall(nodes.raw)):
        if found := OPENS.match(node.astext()):
            yield node, found.group(1)


def note(app, doctree):
    """Remember which explorables a page has."""
    names = " ".join(name for _, name in places(doctree))
    if names:
        app.env.metadata[app.env.docname]["explore"] = names


def place(app, doctree, docname):
    """Put each explorable between its marks, instead of the words."""
    if app.builder.format != "html":
        return
    for node, name in places(doctree):
        parent, first = node.parent, node.parent.index(node)
        last = first
        while parent[last].astext().strip() != "</div>":
            last += 1  # an IndexError: the mark of this page is not closed
        parent[first : last + 1] = [
            nodes.raw("", figure(name), format="html")
        ]


def load(app, pagename, templatename, context, doctree):
    """Load scripts and styles on the pages that need them, and no other."""
    for name in app.env.metadata[pagename].get("explore", "").split():
        app.add_js_file(f"explore/{name}.js", loading_method="defer")
        app.add_css_file("explore/explore.css")


def again(app, env):
    """Write these pages anew: code or a record may have changed."""
    return [
        name for name, about in env.metadata.items() if "explore" in about
    ]


def copy(app):
    """Place the stylesheet, and each script with the library before it.

    They do not lie in `_static`: Jupyter Book loads what is there on
    every page.
    """
    if app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "explore"
    target.mkdir(parents=True, exist_ok=True)
    library = (HERE / "explore.js").read_text(encoding="utf-8")
    for file in HERE.glob("*.js"):
        if file.name != "explore.js":
            text = library + file.read_text(encoding="utf-8")
            (target / file.name).write_text(text, encoding="utf-8")
    css = (HERE / "explore.css").read_text(encoding="utf-8")
    (target / "explore.css").write_text(css, encoding="utf-8")


def setup(app):
    app.connect("builder-inited", copy)
    app.connect("doctree-read", note)
    app.connect("env-updated", again)
    app.connect("doctree-resolved", place)
    app.connect("html-page-context", load)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
