"""Every notebook keeps the rules, and every rule can fail."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import notebook_rules as rules

ROOT = Path(__file__).parents[2]
ADDRESS = next(
    line.split("github.com/")[1].strip()
    for line in (ROOT / "_config.yml").read_text().splitlines()
    if "url: https://github.com/" in line
)
INSTALL = f"""\
# On Colab this installs the course's package, once.
import importlib.util

if importlib.util.find_spec("normlib") is None:
    %pip install -q git+https://github.com/{ADDRESS}
"""


def notebooks():
    listed = subprocess.run(
        ["git", "ls-files", "chapters/*.ipynb", "exercises/*.ipynb"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return listed.stdout.split()


@pytest.mark.parametrize("name", notebooks())
def test_a_notebook_keeps_the_rules(name):
    nb = json.loads((ROOT / name).read_text())
    found = [
        f"{rule.__name__}: {text}"
        for rule in rules.RULES
        for text in rule(nb)
    ]
    found += rules.install_first(nb, INSTALL)
    assert not found


def pages():
    return [name for name in notebooks() if name.startswith("chapters/0")]


@pytest.mark.parametrize("name", pages())
def test_a_page_takes_the_minutes_that_it_states(name):
    assert not list(
        rules.minutes_true(json.loads((ROOT / name).read_text()))
    )


def page(docket, *cells):
    first = {"cell_type": "markdown", "source": [docket], "metadata": {}}
    return {"cells": [first, *cells]}


def test_how_minutes_are_counted():
    long = "> **A · page 1 of 2 · 3 minutes.** " + "word " * 392
    assert rules.minutes(page(long)) == pytest.approx(2, abs=0.01)
    card = {"data": {"text/html": "<div class='nl-verdict'>"}}
    shown = {"data": {"text/markdown": "```python\na\n\nb\n```"}}
    parts = {
        60: cell("1\n" * 20),
        20.9: cell("# One or two?\nmy_guess = None"),
        33: cell("verdict()", outputs=[card]),
        9: cell("show()", outputs=[shown]),
        48: cell("plot()", outputs=[{"data": {"image/png": "x"}}]),
        13: cell("print(1)", outputs=[stream("stdout", "1")]),
        0: cell("import a", metadata={"tags": ["remove-cell"]}),
    }
    for seconds, part in parts.items():
        more = rules.minutes(page(long, part)) - rules.minutes(page(long))
        assert 60 * more == pytest.approx(seconds, abs=1)
    prose = "$$x$$ Why?\n<details>\n\nA long answer.\n\n</details>"
    part = {"cell_type": "markdown", "source": [prose], "metadata": {}}
    more = rules.minutes(page(long, part)) - rules.minutes(page(long))
    assert 60 * more == pytest.approx(30.3 + 60)


@pytest.mark.parametrize(
    ("docket", "says"),
    [
        ("> **A · 2 minutes.** " + "word " * 500, "2.5 counted"),
        ("> **A · 21 minutes.** ", "21 minutes stated"),
        ("> **A.** ten minutes", "no minutes"),
    ],
)
def test_minutes_that_are_not_true(docket, says):
    (complaint,) = rules.minutes_true(page(docket))
    assert says in complaint


def test_there_are_notebooks():
    assert len(notebooks()) >= 4
    assert len(pages()) >= 4


def good():
    """A notebook that keeps every rule."""
    picture = {"output_type": "display_data", "data": {"image/png": "x"}}
    about = {
        "image": {
            "alt": "A line that rises from left to right, then falls."
        },
        "figure": {"name": "fig-a", "caption": "A line."},
    }
    return {
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3"}
        },
        "cells": [
            cell(INSTALL, metadata={"tags": ["remove-cell"]}),
            cell("plot()", 2, [picture], {"mystnb": about}),
            *(cell(f"print({i})", i) for i in range(3, 9)),
            {"cell_type": "markdown", "source": ["text"], "metadata": {}},
        ],
    }


def cell(source, count=1, outputs=(), metadata=None):
    return {
        "cell_type": "code",
        "source": [source],
        "execution_count": count,
        "outputs": list(outputs),
        "metadata": metadata or {},
    }


def complaints(nb):
    found = {rule.__name__ for rule in rules.RULES if list(rule(nb))}
    if list(rules.install_first(nb, INSTALL)):
        found.add("install_first")
    return found


def test_a_good_notebook_passes():
    assert complaints(good()) == set()


def stream(name, text):
    return {"output_type": "stream", "name": name, "text": text}


PLACE = """<div data-explore="{}">

**On the site you can move this:** choose a norm and see what it does.
Here, run the next cell.

</div>"""


def test_a_place_for_an_explorable_passes():
    nb = good()
    nb["cells"][-1]["source"] = [PLACE.format("one_operator")]
    assert complaints(nb) == set()


DOCTORED = {
    "never executed": (
        "executed",
        lambda c: c[3].update(execution_count=None),
    ),
    "out of order": ("executed", lambda c: c[3].update(execution_count=9)),
    "stored error": (
        "without_error",
        lambda c: c[3]["outputs"].append(
            {"output_type": "error", "ename": "ValueError"}
        ),
    ),
    "stderr": (
        "without_error",
        lambda c: c[3]["outputs"].append(stream("stderr", "warning")),
    ),
    "no alt": (
        "figures_told",
        lambda c: c[1]["metadata"]["mystnb"]["image"].clear(),
    ),
    "no caption": (
        "figures_told",
        lambda c: c[1]["metadata"]["mystnb"]["figure"].pop("caption"),
    ),
    "raw image": (
        "images_told",
        lambda c: c[-1].update(source=['<img src="a.png">']),
    ),
    "markdown image": (
        "images_told",
        lambda c: c[-1].update(source=["![](a.png)"]),
    ),
    "skip": (
        "no_escape",
        lambda c: c[3].update(metadata={"tags": ["nbval-skip"]}),
    ),
    "skip by comment": (
        "no_escape",
        lambda c: c[3].update(source=["# NBVAL_SKIP\n1"]),
    ),
    "raises": (
        "no_escape",
        lambda c: c[3].update(metadata={"tags": ["raises-exception"]}),
    ),
    "two of eight ignore": (
        "no_escape",
        lambda c: [
            x.update(metadata={"tags": ["nbval-ignore-output"]})
            for x in c[3:5]
        ],
    ),
    "ignored verdict": (
        "no_escape",
        lambda c: c[3].update(
            source=['verdict("a.b")'],
            metadata={"tags": ["nbval-ignore-output"]},
        ),
    ),
    "wide": ("narrow", lambda c: c[3].update(source=["x" * 77])),
    "long": ("narrow", lambda c: c[3].update(source=["x\n" * 13])),
    "a guess without its form": (
        "guesses_told",
        lambda c: c[3].update(source=["# 1 or 2?\nmy_guess = None"]),
    ),
    "machine path": (
        "no_machine",
        lambda c: c[3]["outputs"].append(stream("stdout", "/home/me/a.py")),
    ),
    "explorable that is not there": (
        "explorables_told",
        lambda c: c[-1].update(source=[PLACE.format("nothing")]),
    ),
    "explorable without words": (
        "explorables_told",
        lambda c: c[-1].update(
            source=['<div data-explore="one_operator"></div>']
        ),
    ),
    "no install cell": (
        "install_first",
        lambda c: c[0].update(source=["1"]),
    ),
    "shown install cell": (
        "install_first",
        lambda c: c[0].update(metadata={}),
    ),
}


@pytest.mark.parametrize("case", DOCTORED)
def test_every_rule_can_fail(case):
    rule, doctor = DOCTORED[case]
    nb = good()
    doctor(nb["cells"])
    assert complaints(nb) == {rule}


def test_the_kernel_rule_can_fail():
    nb = good()
    nb["metadata"]["kernelspec"]["name"] = "my-env"
    assert complaints(nb) == {"kernel"}
