"""Captions stand in the margin where there is one.

The theme's list of contents hides while a figure of this class is seen;
`reading.css` puts the caption there.
"""

from docutils import nodes


def to_margin(app, doctree):
    """Mark every figure that has a caption."""
    for figure in doctree.findall(nodes.figure):
        if any(isinstance(part, nodes.caption) for part in figure):
            figure["classes"].append("margin-caption")


def setup(app):
    app.connect("doctree-read", to_margin)
    return {
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
