"""Send what every page loads in one file a kind.

A page of the theme asks for seven stylesheets and eight scripts, most of
them small. Those in its head are joined in their order: one stylesheet,
one script at the place of the first, and one script that is deferred.
Scripts that stand inline only set values, and come after.
"""

import hashlib
import posixpath
import re
from pathlib import Path

STYLE = re.compile(
    r'<link\b(?=[^>]*rel="stylesheet")[^>]*href="([^"]+)"[^>]*>\n?'
)
SCRIPT = re.compile(r'<script src="([^"]+)">\s*</script>\n?')
DEFERRED = re.compile(r'<script defer src="([^"]+)">\s*</script>\n?')
PRELOAD = re.compile(r'<link rel="preload" as="script"[^>]*>\n?')
IMPORT = re.compile(r'@import "([^"]+)";')
URL = re.compile(r"url\(\s*(['\"]?)(?!data:|#|https?:)([^'\")]+)\1\s*\)")
CHARSET = '@charset "UTF-8";'


def _style(file, static):
    """Read a stylesheet with what it imports; addresses from `static`."""
    text = file.read_text("utf-8").replace(CHARSET, "")
    text = IMPORT.sub(
        lambda m: _style((file.parent / m[1]).resolve(), static), text
    )
    folder = file.parent.relative_to(static).as_posix()

    def moved(match):
        path = posixpath.normpath(posixpath.join(folder, match[2]))
        return f'url("{path}")'

    return text if folder == "." else URL.sub(moved, text)


def _script(file, static):
    return file.read_text("utf-8") + "\n;"  # some end without one


def join(static, name):
    """Join the parts of a file, which are listed beside it."""
    parts = (static / f"{name}.parts").read_text("utf-8").split("\n")
    read = _style if name.endswith(".css") else _script
    joined = "\n".join(read(static / part, static) for part in parts)
    (static / name).write_text(joined, "utf-8")
    return joined


def _digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _replace(html, page, tags, ending, attributes):
    """Replace all tags of a kind by one, at the place of the first."""
    static = (page.parents[0] / _root(html) / "_static").resolve()
    files = []
    for address in tags.findall(html):
        file = (page.parent / address.partition("?")[0]).resolve()
        if file.is_relative_to(static):
            files.append(file)
    if len(files) < 2:
        return html
    parts = [file.relative_to(static).as_posix() for file in files]
    name = f"site-{_digest(' '.join(parts))}.{ending}"
    (static / f"{name}.parts").write_text("\n".join(parts), "utf-8")
    joined = join(static, name)
    address = f"{_root(html)}_static/{name}?v={_digest(joined)}"
    tag = attributes.format(address)
    left = iter([f"{tag}\n"])

    def once(match):
        file = (page.parent / match[1].partition("?")[0]).resolve()
        return next(left, "") if file in files else match[0]

    return tags.sub(once, html)


def _root(html):
    """Return the way from a page to the site's root: "../../"."""
    found = re.search(r'data-content_root="([^"]*)"', html)
    return found[1] if found else ""


def bundle(html, page):
    """Return a page that loads its styles and scripts joined."""
    html = PRELOAD.sub("", html)
    for tags, ending, form in (
        (STYLE, "css", '<link rel="stylesheet" href="{}">'),
        (SCRIPT, "js", '<script src="{}"></script>'),
        (DEFERRED, "js", '<script defer src="{}"></script>'),
    ):
        html = _replace(html, page, tags, ending, form)
    return html


def bundle_all(app, error):
    """Rewrite every page in place; once done, it stays as it is."""
    if error or app.builder.format != "html":
        return
    for file in Path(app.outdir).rglob("*.html"):
        before = file.read_text("utf-8")
        after = bundle(before, file)
        if after != before:
            file.write_text(after, "utf-8")
    # Pages that this build left as they were have their parts joined anew.
    static = Path(app.outdir) / "_static"
    for parts in static.glob("site-*.parts"):
        join(static, parts.stem)


def setup(app):
    # After the diet: what is left out is not joined either.
    app.connect("build-finished", bundle_all, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
