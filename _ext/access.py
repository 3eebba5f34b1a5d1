"""A bibliography's entries are items of a list.

docutils marks them `doc-biblioentry`, a role that ARIA has given up.
"""

from docutils import nodes


def enter(self, node):
    """Open an entry, and the list before the first."""
    if not isinstance(node.previous_sibling(), nodes.citation):
        self.body.append('<div role="list" class="citation-list">\n')
    self.body.append(
        self.starttag(node, "div", classes=["citation"], role="listitem")
    )


def leave(self, node):
    """Close the entry, and the list after the last."""
    following = node.next_node(descend=False, siblings=True)
    last = not isinstance(following, nodes.citation)
    self.body.append("</div>\n</div>\n" if last else "</div>\n")


def setup(app):
    app.add_node(nodes.citation, override=True, html=(enter, leave))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
