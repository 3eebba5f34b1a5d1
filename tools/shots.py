"""Screenshots of the built pages, for people who review them.

Each page at desktop and phone width, light and dark, answers unfolded,
into _build/shots.
"""

from pathlib import Path

from playwright.sync_api import sync_playwright

from tools.browser import FLAGS, find_chromium, pages, serve

ROOT = Path(__file__).parent.parent
SITE = ROOT / "_build" / "html"


def main() -> None:
    """Take every picture."""
    out = ROOT / "_build" / "shots"
    out.mkdir(parents=True, exist_ok=True)
    with serve(SITE) as base, sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=find_chromium(), args=FLAGS
        )
        for page in pages(SITE):
            for width in (1280, 390):
                for scheme in ("light", "dark"):
                    tab = browser.new_page(
                        viewport={"width": width, "height": 900},
                        color_scheme=scheme,
                        reduced_motion="reduce",
                    )
                    tab.goto(base + page)
                    tab.wait_for_timeout(1000)
                    tab.evaluate(
                        "document.querySelectorAll('details')"
                        ".forEach(d => d.open = true)"
                    )
                    name = page.removesuffix(".html").replace("/", "_")
                    file = out / f"{name}-{width}-{scheme}.png"
                    tab.screenshot(path=file, full_page=True)
                    tab.close()
        browser.close()
    print(f"pictures in {out.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
