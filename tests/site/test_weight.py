"""What a page weighs, and what it asks for."""

import gzip
import re
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "_ext"))
import bundle
import diet

pytestmark = pytest.mark.browser
KB = 1000  # of bytes, as a host sends them: text compressed
HEAVIEST, REQUESTS = 1000 * KB, 15  # of a page before a reader scrolls
PACKED = (".png", ".woff", ".woff2")  # these are compressed already


def test_a_page_is_light(page, browser, base):
    """Everything that comes before the reader scrolls or touches."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab, sizes = context.new_page(), {}

    def weigh(response):
        name = response.url.partition("?")[0]
        body = response.body()
        packed = name.endswith(PACKED)
        sizes[name] = len(body if packed else gzip.compress(body))

    tab.on("response", weigh)
    tab.goto(base + page)
    tab.wait_for_load_state("networkidle")
    context.close()
    assert sum(sizes.values()) <= HEAVIEST, sizes
    pictures = [name for name in sizes if name.endswith(".png")]
    assert len(sizes) - len(pictures) <= REQUESTS, sizes
    assert len(pictures) <= 2, pictures


def test_a_page_asks_for_what_it_uses(page, site):
    """No icons drawn by code, no search, no mathematics where none is."""
    html = (site / page).read_text("utf-8")
    scripts = "".join(re.findall(r"<script[^>]*>", html))
    assert "fontawesome" not in html and "searchindex" not in scripts
    assert ("mathjax" in scripts) == ('class="math' in html)
    for image in re.findall(r"<img\b[^>]*\.png[^>]*>", html):
        for part in ("width=", "height=", 'loading="lazy"'):
            assert part in image


def test_what_stays_is_told_by_what_is_there(tmp_path):
    """The hook itself: it keeps what a page needs, and drops the rest."""
    head = (
        '<script src="_static/searchtools.js"></script>'
        '<script src="_static/scripts/fontawesome.js"></script>'
    )
    kept = diet.slim(f'{head}<body><div id="search-results">', tmp_path)
    assert "searchtools" in kept and "fontawesome" not in kept
    assert "searchtools" not in diet.slim(f"{head}<body>", tmp_path)


def test_pictures_are_measured(tmp_path):
    png = b"\x89PNG\r\n\x1a\n" + bytes(8) + bytes([0, 0, 1, 0, 0, 0, 0, 7])
    (tmp_path / "a.png").write_bytes(png)
    found = diet.slim('<body><img src="a.png" alt="x"/>', tmp_path)
    assert 'width="256" height="7" loading="lazy"' in found
    assert diet.slim(found, tmp_path) == found


def test_a_small_drawing_comes_with_the_page(tmp_path):
    drawing = '<svg xmlns="http://www.w3.org/2000/svg"/>'
    (tmp_path / "_static").mkdir()
    for name, text in (("a", drawing), ("b", drawing + " " * 2000)):
        (tmp_path / "_static" / f"{name}.svg").write_text(text)
    page = '<img src="_static/a.svg"><img src="_static/b.svg">'
    found = diet.slim(page, tmp_path)
    assert "b.svg" in found and "a.svg" not in found
    data = re.search(r'src="data:image/svg\+xml,([^"]*)"', found)
    assert unquote(data[1]) == drawing


def test_joined_styles_find_their_pictures(tmp_path):
    static = tmp_path / "_static"
    (static / "styles").mkdir(parents=True)
    (static / "styles" / "a.css").write_text(
        '@import "../b.css";a{background:url(../c.svg)}'
    )
    (static / "b.css").write_text("b{color:red}")
    (static / "d.css").write_text("d{background:url('data:,x')}")
    links = "".join(
        f'<link rel="stylesheet" href="_static/{name}?v=1">'
        for name in ("styles/a.css", "d.css")
    )
    html = bundle.bundle(
        f'<html data-content_root="">{links}', tmp_path / "page.html"
    )
    assert html.count("<link") == 1
    text = next(static.glob("site-*.css")).read_text()
    assert text.index("color:red") < text.index('url("c.svg")')
    assert "url('data:,x')" in text
    assert bundle.bundle(html, tmp_path / "page.html") == html
    # A part that changes is joined anew, under the same name.
    (static / "b.css").write_text("b{color:blue}")
    joined = next(static.glob("site-*.css"))
    assert "color:blue" in bundle.join(static, joined.name)
    assert "color:blue" in joined.read_text()
