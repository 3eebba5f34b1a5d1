"""The directives of the front door; each is computed when it is built."""

from pathlib import Path

import front_guess
import front_map
import front_sets
from docutils import nodes
from facts import facts
from sphinx.util.docutils import SphinxDirective

from normlib.card_tables import bar


def _bar(app):
    return bar(front_map.counts(facts(app)["rows"]), "ledger.html")


def _map(app):
    parts = front_map.chapters(Path(app.srcdir))
    return front_map.html(parts, facts(app)["rows"])


PARTS = {
    "front-guess": lambda app: front_guess.html(facts(app)["guess"]),
    "front-bar": _bar,
    "front-sets": lambda app: front_sets.html(),
    "front-map": _map,
}


class Front(SphinxDirective):
    """Insert one part, by the directive's name."""

    def run(self):
        html = PARTS[self.name](self.env.app)
        return [nodes.raw("", html, format="html")]


def read_again(app, env, added, changed, removed):
    """Read the front door in every build: it tells of all the others."""
    return ["chapters/index"]


def setup(app):
    for name in PARTS:
        app.add_directive(name, Front)
    app.connect("env-get-outdated", read_again)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
