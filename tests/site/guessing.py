"""What the tests of guesses do on a page."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def guessed():
    """Return the pages with a guess, as paths below the site's root."""
    return [
        file.relative_to(ROOT).with_suffix(".html").as_posix()
        for file in sorted(ROOT.glob("chapters/*/*.ipynb"))
        if '"guess": {' in file.read_text("utf-8")
    ]


def of_every_kind(pages):
    """Return few of the pages, with a guess of each kind on one."""
    left, found = set(), []
    for page in pages:
        text = (ROOT / page).with_suffix(".ipynb").read_text("utf-8")
        kinds = set(re.findall(r'"kind": "(\w+)"', text))
        if kinds - left:
            left |= kinds
            found.append(page)
    return found


PAGES = guessed()
SOME = of_every_kind(PAGES)
MANY = "chapters/02_batch_normalization/running_statistics.html"
TEST = "chapters/01_introduction/self_test.html"
FIRST = "chapters/01_introduction/what_for.html"


def boxes(tab):
    found = tab.locator(".nl-guess").all()
    assert found
    return found


def fields(box):
    return json.loads(box.get_attribute("data-fields"))


def folds(tab, box):
    name = box.get_attribute("data-guess")
    return tab.locator(f'details.nl-evidence[data-guess="{name}"]').all()


def evidence_in_sight(tab, box):
    inner = [fold.locator("> div") for fold in folds(tab, box)]
    assert inner, "a guess without evidence"
    return [div.is_visible() for div in inner]


def inputs(box, i):
    return box.locator(f'[name="{box.get_attribute("data-guess")}-{i}"]')


def answer(box):
    """Fill in what is right, as a reader with a mouse would."""
    for i, field in enumerate(fields(box)):
        found = inputs(box, i)
        if field["kind"] == "choice":
            found.nth(field["right"].index(True)).check()
        elif field["kind"] == "several":
            for k, right in enumerate(field["right"]):
                if right:
                    found.nth(k).check()
        else:
            found.fill(str(field.get("truth", "it switches the layers")))


def told(box):
    return box.locator(".nl-guess-result").inner_text()


def submit(box):
    box.locator("button[type=submit]").click()
