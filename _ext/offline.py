"""Make the built site self-contained.

MathJax is copied from an installed package, and the scripts of a live
kernel service, which Jupyter Book loads on every page, are dropped.
"""

import importlib.util
import shutil
from pathlib import Path

# The combined component, its fonts, and macros it loads on first use.
MATHJAX = (
    "tex-mml-chtml.js",
    "output/chtml/fonts/woff-v2/*.woff",
    "input/tex/extensions/*.js",
)


def copy_mathjax(app):
    """Place MathJax at the site's root, where `mathjax_path` points."""
    if app.builder.format != "html":
        return
    # The package's name is no identifier: it is found, never imported.
    spec = importlib.util.find_spec("sphinx-mathjax-offline")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("install requirements.txt: no MathJax here")
    source = Path(spec.origin).parent / "static" / "mathjax"
    target = Path(app.outdir) / "mathjax"
    for pattern in MATHJAX:
        found = sorted(source.glob(pattern))
        if not found:
            raise FileNotFoundError(f"MathJax package lacks {pattern}")
        for file in found:
            copy = target / file.relative_to(source)
            if not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)


def _is_thebe(asset):
    text = f"{asset.filename} {asset.attributes.get('body', '')}".lower()
    return "thebe" in text


def drop_thebe(app, pagename, templatename, context, doctree):
    """Leave no trace of sphinx-thebe, which would fetch from elsewhere."""
    for key in ("script_files", "css_files"):
        context[key] = [a for a in context.get(key, []) if not _is_thebe(a)]


def setup(app):
    app.connect("builder-inited", copy_mathjax)
    app.connect("html-page-context", drop_thebe, priority=999)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
