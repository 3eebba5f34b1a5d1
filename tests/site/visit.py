"""Open a page and write down everything that is wrong with it."""

from dataclasses import dataclass, field
from urllib.parse import urldefrag, urljoin, urlparse

# The theme's own faults; everything else counts.
# What axe finds that cannot be mended from outside, and why.
THEME_FAULTS = {
    # Best practice, not A or AA: the theme's sidebar, with the logo in it,
    # is no landmark, and its layout gives no place to make it one.
    "region",
}


@dataclass
class Visit:
    """What a browser saw on one page."""

    outside: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    facts: dict = field(default_factory=dict)


FACTS = """() => ({
  title: document.title,
  h1: document.querySelectorAll('article h1').length,
  words: document.querySelector('article').innerText.split(/\\s+/).length,
  text: document.querySelector('article').innerText,
  overflow: document.documentElement.scrollWidth - window.innerWidth,
  images: [...document.querySelectorAll('article img')].map(i => ({
    src: i.getAttribute('src'), alt: i.alt, width: i.naturalWidth})),
  figures: document.querySelectorAll('article figure, article .cell_output img').length,
  math: document.querySelectorAll('article .math').length,
  typeset: document.querySelectorAll('article mjx-container').length,
  merror: document.querySelectorAll('mjx-merror, [data-mjx-error]').length,
  verdicts: document.querySelectorAll('.nl-verdict').length,
  links: [...document.querySelectorAll('a[href]')].map(a => a.href),
  colab: [...document.querySelectorAll('a[href*="colab.research"]')]
    .map(a => a.href),
})"""  # noqa: E501


def visit(browser, base, page, width=1280, scheme="light"):
    """Open base + page; return the visit and the open tab."""
    seen = Visit()
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    tab = context.new_page()
    tab.set_default_timeout(60_000)  # other tests run beside this one

    def route(route):
        if route.request.url.startswith((base, "data:", "blob:")):
            route.continue_()
        else:
            seen.outside.append(route.request.url)
            route.abort()

    tab.route("**/*", route)
    tab.on(
        "response",
        lambda r: r.status >= 400 and seen.missing.append(r.url),
    )
    tab.on(
        "console",
        lambda m: m.type == "error" and seen.console.append(m.text),
    )
    tab.on("pageerror", lambda e: seen.console.append(str(e)))
    tab.goto(base + page)  # to the load event: scripts are deferred
    if tab.query_selector("article .math"):
        tab.wait_for_selector("mjx-container", state="attached")
        tab.evaluate("MathJax.startup.promise")
    tab.evaluate(
        "document.querySelectorAll('details').forEach(d => d.open = true)"
    )
    # Pictures wait for a reader who comes near: here all are wanted.
    tab.evaluate("""() => Promise.all([...document.images].map(image => {
      image.loading = 'eager';
      return image.decode().catch(() => null);
    }))""")
    seen.facts = tab.evaluate(FACTS)
    return seen, tab


def complaints(seen, *, figures=0, words=50):
    """Return what is wrong with a page, in words."""
    f = seen.facts
    wrong = [f"a request leaves the site: {u}" for u in seen.outside]
    wrong += [f"not found: {u}" for u in seen.missing]
    wrong += [f"console error: {t}" for t in seen.console]
    if not f["title"]:
        wrong.append("no title")
    if f["h1"] != 1:
        wrong.append(f"{f['h1']} h1 headings")
    if f["words"] < words:
        wrong.append(f"{f['words']} words, want {words}")
    if f["overflow"] > 0:
        wrong.append(f"scrolls sideways by {f['overflow']} px")
    if f["figures"] < figures:
        wrong.append(f"{f['figures']} figures, want {figures}")
    for image in f["images"]:
        if not image["width"]:
            wrong.append(f"an image is not there: {image['src']}")
        if not image["alt"] or "/" in image["alt"]:
            wrong.append(f"no alt text: {image['src']}")
    if f["merror"] or (f["math"] and not f["typeset"]):
        wrong.append(f"mathematics: {f['merror']} errors")
    for raw in ("{cite", "{ref}", "{numref", "{eq}"):
        if raw in f["text"]:
            wrong.append(f"unresolved {raw}")
    return wrong


def broken_links(seen, site, base):
    """Return links into the site that lead nowhere."""
    broken = []
    for link in set(seen.facts["links"]):
        url, anchor = urldefrag(urljoin(base, link))
        if not url.startswith(base) or urlparse(url).query:
            continue
        file = site / urlparse(url).path.lstrip("/")
        if file.is_dir():
            file = file / "index.html"
        if not file.exists():
            broken.append(link)
        elif anchor and file.suffix == ".html":
            text = file.read_text()
            if (
                f'id="{anchor}"' not in text
                and f'name="{anchor}"' not in text
            ):
                broken.append(link)
    return broken
