"""What every notebook keeps to. Each rule returns its complaints."""

import re
from pathlib import Path

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


def guesses_told(nb):
    """A guess has metadata, which make a form of it on the site."""
    for cell in code(nb):
        if re.search(r"^my_guess\b", source(cell), re.M):
            told = cell["metadata"].get("guess", {})
            if not told.get("question") or not told.get("until"):
                yield f"a guess without metadata: {source(cell)[:40]!r}"


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


# What a reader takes, in seconds. A word is one of 200 a minute; a formula
# in a line counts as a word, one on display is worked through; a line of
# code is read whether it stands in a cell or is shown by one; a figure is
# looked at with its caption; a guess is made; a card is read without its
# folded rule; an exercise is thought about for a minute and its answer
# looked up; any other output is a table of a few lines.
SECONDS = {
    "words": 60 / 200, "formulas": 30, "lines": 3, "figures": 45,
    "guesses": 20, "cards": 30, "exercises": 60, "outputs": 10,
}  # fmt: skip
LONGEST = 20  # minutes a page may take
STATED = re.compile(r"\*\*[^*]*?(\d+)\s+minutes[^*]*\*\*")


def read_prose(text, found):
    """Count a Markdown cell into `found`."""
    text, answers = re.subn(
        r"<details>.*?</details>", " ", text, flags=re.S
    )
    text, formulas = re.subn(r"\$\$.*?\$\$", " ", text, flags=re.S)
    text = re.sub(
        r"```.*?```|\]\([^)]*\)|\{cite:.\}", " ", text, flags=re.S
    )
    text = re.sub(r"\$[^$]+\$|`[^`]*`", " formula ", text)
    found["exercises"] += answers
    found["formulas"] += formulas
    found["words"] += len(re.findall(r"[^\W_][\w’'.-]*", text))


def read_code(cell, found):
    """Count a code cell and what it shows into `found`."""
    text = source(cell)
    if "my_guess = " in text:
        found["guesses"] += 1
        found["words"] += len(re.findall(r"\w+", text))
        return
    found["lines"] += sum(map(bool, text.split("\n")))
    for out in cell["outputs"]:
        data = out.get("data", {})
        if "image/png" in data:
            found["figures"] += 1
        elif "nl-verdict" in str(data):
            found["cards"] += 1
        elif "text/markdown" in data:  # source, by show()
            shown = "".join(data["text/markdown"]).splitlines()
            found["lines"] += sum(map(bool, shown)) - 2  # the fences
        else:
            found["outputs"] += 1


def minutes(nb):
    """Return how long a page takes, by the count above."""
    found = dict.fromkeys(SECONDS, 0)
    for cell in nb["cells"]:
        if cell["cell_type"] == "markdown":
            read_prose(source(cell), found)
        elif "remove-cell" not in tags(cell):
            read_code(cell, found)
    return sum(SECONDS[kind] * n for kind, n in found.items()) / 60


def stated(nb):
    """Return the minutes that a page's docket states, or None."""
    said = STATED.search(source(nb["cells"][0]))
    return int(said.group(1)) if said else None


def minutes_true(nb):
    """A page says how long it takes: no less, and never over twenty."""
    said, counted = stated(nb), minutes(nb)
    if said is None:
        yield "no minutes in the docket"
    elif not counted <= said <= LONGEST:
        yield f"{said} minutes stated, {counted:.1f} counted"


def install_first(nb, cell_text):
    """The first code cell installs normlib where it is missing."""
    first = code(nb)[0]
    if source(first).rstrip() != cell_text.rstrip():
        yield "the first code cell is not the install cell"
    elif "remove-cell" not in tags(first):
        yield "the install cell shows on the site"


# The one form of a place for an explorable: Jupyter shows its words.
EXPLORABLE = re.compile(
    r'<div data-explore="(\w+)">\n\n\*\*On the site you can move this:\*\*'
    r".{20,}\bHere,\s.+\n\n</div>",
    re.S,
)
EXPLORE = Path(__file__).parents[2] / "_ext" / "explore"


def explorables_told(nb):
    """A place for an explorable is a cell of its own, with words."""
    for cell in nb["cells"]:
        text = source(cell).strip()
        if "data-explore" not in text:
            continue
        found = EXPLORABLE.fullmatch(text)
        if cell["cell_type"] != "markdown" or not found:
            yield f"not a place for an explorable: {text[:40]!r}"
        elif not (EXPLORE / f"{found.group(1)}.py").exists():
            yield f"no explorable {found.group(1)}"


RULES = (
    explorables_told,
    executed,
    without_error,
    figures_told,
    images_told,
    no_escape,
    narrow,
    guesses_told,
    kernel,
    no_machine,
)
