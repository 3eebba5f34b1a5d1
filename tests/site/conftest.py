"""The built site, served on localhost, and a Chromium to open it."""

import os
from pathlib import Path

import pytest

from tools.browser import FLAGS, find_chromium, pages, serve

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def site():
    assert (SITE / "index.html").exists(), "build the site first: make book"
    return SITE


@pytest.fixture(scope="session")
def base(site):
    with serve(site) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    path = find_chromium()
    if path is None:
        assert not os.environ.get("CI"), "CI needs a Chromium"
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def tab(browser):
    """A page of its own, with nothing stored."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def pytest_generate_tests(metafunc):
    if "page" in metafunc.fixturenames:
        metafunc.parametrize("page", pages(SITE) or ["(not built)"])
