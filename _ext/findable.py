"""What the search finds, and how it reads there.

Sphinx strips tags and joins what they kept apart: of `<p>when</p><p>Cures`
the index keeps the word "whenCures", and results show it. So a line break
follows each closing tag. And a chapter's table of claims repeats the
ledger: it is shown and not indexed, or each claim would be found on every
page that has one.
"""

import re

from docutils import nodes

KEPT_APART = re.compile(
    r"(</(?:p|div|td|th|tr|li|dt|dd|h\d|blockquote|figcaption|summary|text"
    r"|title|label|legend|button|option)>)(?=[^\s<]|<(?!/))"
)
REPEATED = '<div class="nl-compact">'


class unindexed(nodes.Element):
    """HTML that is shown; a node of this kind has no words to index."""


def _visit(writer, node):
    writer.body.append(node["html"])
    raise nodes.SkipNode


def _skip(writer, node):
    raise nodes.SkipNode


def mend(app, doctree, docname):
    """Break lines within HTML; take what repeats out of the index."""
    if app.builder.format != "html":
        return
    for node in list(doctree.findall(nodes.raw)):
        if "html" not in node.get("format", ""):
            continue
        html = KEPT_APART.sub(r"\1\n", node.astext())
        if REPEATED in html:
            node.replace_self(unindexed("", html=html))
        else:
            node[:] = [nodes.Text(html)]


def setup(app):
    app.add_node(
        unindexed, html=(_visit, None),
        **dict.fromkeys(("latex", "text", "man", "texinfo"), (_skip, None)),
    )  # fmt: skip
    app.connect("doctree-resolved", mend, priority=900)  # after the others
    return {"parallel_read_safe": True, "parallel_write_safe": True}
