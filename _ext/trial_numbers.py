"""Number the trials through the book: "Trial 7 · must the data match?".

In a notebook the heading says "The trial: …" or "Second trial: …". The
number is its place among all such headings, in the order of the contents.
"""

import re
from itertools import count

from docutils import nodes

HEADING = re.compile(r"^(?:The|First|Second|Third) trial(?:: (.*))?$", re.S)


def _headings(doctree):
    """Return the section titles that announce a trial."""
    return [
        title
        for title in doctree.findall(nodes.title)
        if HEADING.match(title.astext())
    ]


def note(app, doctree):
    """Remember how many trials a page has."""
    app.env.metadata[app.env.docname]["trials"] = len(_headings(doctree))


def in_order(env, page):
    """Yield a page and all below it, as the contents list them."""
    yield page
    for child in env.toctree_includes.get(page, []):
        yield from in_order(env, child)


def count_all(app, env):
    """Give each page its first number; return the pages that changed."""
    changed, number = [], 1
    for page in in_order(env, env.config.root_doc):
        about = env.metadata[page]
        if about.get("trials") and about.get("first_trial") != number:
            about["first_trial"] = number
            changed.append(page)
        number += about.get("trials", 0)
    return changed


def numbered(text, number):
    """Return the heading with its number."""
    question = HEADING.match(text)[1]
    return f"Trial {number} · {question}" if question else f"Trial {number}"


def put_numbers(app, doctree, docname):
    """Write the numbers into the headings of a page."""
    number = count(app.env.metadata[docname].get("first_trial", 1))
    for title in _headings(doctree):
        title[:] = [nodes.Text(numbered(title.astext(), next(number)))]


def put_in_contents(app, pagename, templatename, context, doctree):
    """Write them into the contents of the page as well."""
    number = count(app.env.metadata[pagename].get("first_trial", 1))
    entry = re.compile(r"(?<=>)(?:The|First|Second|Third) trial[^<]*(?=<)")
    if "toc" in context:
        context["toc"] = entry.sub(
            lambda m: numbered(m[0], next(number)), context["toc"]
        )


def setup(app):
    app.connect("doctree-read", note)
    app.connect("env-updated", count_all)
    app.connect("doctree-resolved", put_numbers)
    app.connect("html-page-context", put_in_contents)
    return {
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
