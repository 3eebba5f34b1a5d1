"""What every notebook keeps to. Each rule returns its complaints."""

import re

LIVE_SHARE = 0.15
WIDTH, LINES, STUB = 76, 12, 16
MACHINE_PATH = re.compile(r"/(?:home|root|Users|work|tmp)/\w|[A-Z]:\\\\")


def code(notebook):
    return [c for c in notebook["cells"] if c["cell_type"] == "code"]


def source(cell):
    return "".join(cell["source"])


def tags(cell):
    return cell.get("metadata", {}).get("tags", [])


def pictures(cell):
    return [o for o in cell["outputs"] if "image/png" in o.get("data", {})]


def executed(nb):
    """All code cells ran, once, from top to bottom."""
    counts = [c["execution_count"] for c in code(nb)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts are {counts}"


def without_error(nb):
    for cell in code(nb):
        for out in cell["outputs"]:
            if out["output_type"] == "error":
                yield f"stored error {out['ename']}"
            if out.get("name") == "stderr":
                yield f"stored stderr: {''.join(out['text'])[:60]}"


def figures_told(nb):
    """A figure has alt text, a caption and a name."""
    for cell in code(nb):
        if not pictures(cell):
            continue
        about = cell["metadata"].get("mystnb", {})
        figure = about.get("figure", {})
        if len(about.get("image", {}).get("alt", "")) < 40:
            yield f"no alt text: {source(cell)[:40]!r}"
        if not figure.get("caption") or not figure.get("name"):
            yield f"no caption or name: {source(cell)[:40]!r}"
        if len(pictures(cell)) > 1:
            yield f"two figures in one cell: {source(cell)[:40]!r}"


def images_told(nb):
    """An image in Markdown or HTML has alt text."""
    for cell in nb["cells"]:
        for image in re.findall(r"<img\b[^>]*>", source(cell)):
            if not re.search(r'alt="[^"]+"', image):
                yield f"no alt: {image}"
        if cell["cell_type"] == "markdown" and re.search(
            r"!\[\s*\]\(", source(cell)
        ):
            yield "an image without alt text in Markdown"


def no_escape(nb):
    """Nothing escapes nbval, and few cells ignore their output."""
    ignoring = 0
    for cell in code(nb):
        for tag in ("nbval-skip", "raises-exception"):
            if tag in tags(cell) or tag.upper().replace("-", "_") in source(
                cell
            ):
                yield f"{tag}: {source(cell)[:40]!r}"
        if "nbval-ignore-output" in tags(
            cell
        ) or "NBVAL_IGNORE_OUTPUT" in source(cell):
            ignoring += 1
            shown = str(cell["outputs"])
            if "verdict" in source(cell) or "nl-verdict" in shown:
                yield f"a verdict is ignored: {source(cell)[:40]!r}"
    if ignoring > LIVE_SHARE * len(code(nb)):
        yield f"{ignoring} of {len(code(nb))} cells ignore their output"


def narrow(nb):
    for cell in code(nb):
        lines = source(cell).splitlines()
        for line in lines:
            if len(line) > WIDTH:
                yield f"{len(line)} columns: {line[:40]!r}"
        # A stub has one argument a line.
        limit = STUB if "exercise" in cell["metadata"] else LINES
        if len(lines) > limit and "remove-cell" not in tags(cell):
            yield f"{len(lines)} lines: {lines[0]!r}"


def kernel(nb):
    spec = nb["metadata"].get("kernelspec", {})
    if (spec.get("name"), spec.get("display_name")) != (
        "python3",
        "Python 3",
    ):
        yield f"kernel is {spec}"


def no_machine(nb):
    """No absolute path of somebody's machine, in source or output."""
    for cell in nb["cells"]:
        text = source(cell) + str(
            [
                {
                    k: v
                    for k, v in o.get("data", {}).items()
                    if "png" not in k
                }
                | {"text": o.get("text", "")}
                for o in cell.get("outputs", [])
            ]
        )
        if found := MACHINE_PATH.search(text):
            yield f"a machine's path: {found.group()!r}"


def install_first(nb, cell_text):
    """The first code cell installs normlib where it is missing."""
    first = code(nb)[0]
    if source(first).rstrip() != cell_text.rstrip():
        yield "the first code cell is not the install cell"
    elif "remove-cell" not in tags(first):
        yield "the install cell shows on the site"


RULES = (
    executed,
    without_error,
    figures_told,
    images_told,
    no_escape,
    narrow,
    kernel,
    no_machine,
)
