"""Move an explorable as a reader does, and read what it shows."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "_ext"))
from visit import Visit, visit

SLOW = 120_000  # milliseconds: a busy machine is no fault of a page
PLAIN = str.maketrans("−\u00a0", "- ")
PAGES = {  # where each stands
    "one_operator": "chapters/01_introduction/one_operator.html",
    "what_for": "chapters/01_introduction/what_for.html",
    "one_backward": "chapters/02_batch_normalization/one_backward.html",
    "m_not_n": "chapters/02_batch_normalization/m_not_n.html",
    "running_statistics": (
        "chapters/02_batch_normalization/running_statistics.html"
    ),
    "on_the_sphere": "chapters/03_rmsnorm/on_the_sphere.html",
    "length_and_direction": "chapters/05_other_techniques/weight.html",
    "groups": "chapters/05_other_techniques/group.html",
    "placement": "chapters/04_layer_normalization/placement.html",
    "instance": "chapters/05_other_techniques/instance.html",
    "why_it_works": "chapters/02_batch_normalization/why_it_works.html",
}


def alone(browser, base, page, **device):
    """Open a page with no script but that of its explorable."""
    seen = Visit()
    device = {"reduced_motion": "reduce"} | device
    tab = browser.new_context(**device).new_page()
    tab.set_default_timeout(SLOW)

    def script(route):
        if "/_static/explore/" in route.request.url:
            route.continue_()
        else:
            route.fulfill(body="", content_type="text/javascript")

    tab.route("**/*.js*", script)

    def error(found):  # the theme misses its own scripts: not our fault
        if "/explore/" in (found.stack or ""):
            seen.console.append(str(found))

    tab.on("pageerror", error)
    tab.goto(base + page)
    return seen, tab


class Explorable:
    """An explorable on an open page."""

    def __init__(
        self, browser, base, name, width=1280, scheme="light", whole=False,
        **device,
    ):  # fmt: skip
        self.page = PAGES[name]
        if whole:
            self.seen, self.tab = visit(
                browser, base, self.page, width, scheme
            )
        else:
            self.seen, self.tab = alone(browser, base, self.page, **device)
        self.figure = self.tab.locator(f".nl-explore[data-explore={name}]")
        ready = f"[data-explore={name}][data-ready]"
        self.tab.wait_for_selector(ready, state="attached")
        # It may stand behind a guess, and draws itself when that opens.
        self.tab.locator("details").evaluate_all(
            "all => all.forEach(fold => { fold.open = true; })"
        )

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.tab.context.close()
        assert self.seen.console == [] and self.seen.outside == []

    def control(self, name):
        return self.figure.locator(f"[data-control='{name}']")

    def slide(self, name, value, hand):
        """Set a range, by a click on it or by arrow keys; return its value.

        A mouse hits no single value where there are more than pixels.
        """
        control = self.control(name)
        low, high, step, now = control.evaluate(
            "e => [e.min, e.max, e.step, e.value].map(Number)"
        )
        if hand == "mouse":
            box = control.bounding_box()
            share = (value - low) / (high - low) if high > low else 0
            x = 8 + share * (box["width"] - 16)  # half a thumb is 8 wide
            control.click(position={"x": x, "y": box["height"] / 2})
        else:
            control.focus()
            key = "ArrowRight" if value > now else "ArrowLeft"
            for _ in range(round(abs(value - now) / step)):
                self.tab.keyboard.press(key)
        got = float(control.input_value())
        if hand == "mouse":
            pixel = (high - low) / (box["width"] - 16)
            assert abs(got - value) <= max(pixel - step / 2, 0) + step / 99
        else:
            assert got == pytest.approx(value)
        return got

    def choose(self, name, value, hand):
        """Choose one of several, by its label or by arrow keys."""
        wanted = self.figure.locator(
            f"[data-control='{name}'][value='{value}']"
        )
        if hand == "mouse":
            wanted.locator("xpath=..").click()
        else:
            self.figure.locator(f"[data-control='{name}']:checked").focus()
            for _ in range(9):
                if wanted.is_checked():
                    break
                self.tab.keyboard.press("ArrowDown")
        assert wanted.is_checked()

    def read(self, name):
        text = self.figure.locator(f"[data-read='{name}']").inner_text()
        return text.translate(PLAIN)

    def number(self, name):
        return float(self.read(name).rstrip("%").strip())

    def heard(self):
        """What a screen reader is told once the hand rests."""
        self.tab.wait_for_timeout(700)
        return self.figure.locator("[aria-live]").inner_text()
