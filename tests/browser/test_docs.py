"""The built documentation in a real browser; `make docs` builds it and runs this."""

import functools
import http.server
import os
import re
import threading
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from mnistm_da.registry import ALGORITHMS
from website.browser import page_in

BUILT = os.environ.get("BUILT_DOCS")
pytestmark = pytest.mark.skipif(not BUILT, reason="the documentation is built and looked at by `make docs`")
GOES_ON = re.compile(r"\bgoes-on\b")
PAGES = sorted(path.stem for path in Path(BUILT or "nowhere").glob("*.html") if path.stem != "404")
PAGES += ["algorithms/index", "algorithms/dann", "reference/index", "reference/mnistm_da.adaptation"]


@pytest.fixture(scope="module")
def address():
    """Where the documentation is served, below the root as on GitHub Pages."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def translate_path(self, path):
            return super().translate_path(path.removeprefix("/project"))

    handler = functools.partial(Quiet, directory=BUILT)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/project/"
        server.shutdown()


@pytest.fixture
def look(browser):
    """Open a page; what it complains of, and what it asks other places for, is in its ``heard``."""
    contexts = []

    def open_page(address, start, width=1280, scheme="light"):
        page = page_in(browser, viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(page.context)
        page.heard = []
        page.on("console", lambda message: page.heard.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.heard.append(str(error)))
        page.on("request", lambda request: page.heard.append(request.url))
        page.goto(address)
        page.wait_for_load_state("networkidle")
        page.heard = [one for one in page.heard if not one.startswith((start, "data:", "blob:"))]
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everybody_and_asks_nobody(look, address, name, width, scheme):
    page = look(f"{address}{name}.html", address, width, scheme)
    assert page.heard == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert not serious, [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in serious]


@pytest.mark.parametrize("name", ["lineage", *(f"algorithms/{name}" for name in ALGORITHMS)])
def test_a_diagram_is_drawn_and_named(look, address, name):
    page = look(f"{address}{name}.html", address)
    drawn = page.locator("pre.diagram svg[aria-roledescription^=flowchart]")
    drawn.wait_for()
    assert drawn.locator("title").first.text_content()
    assert drawn.locator(".node").count() > 3


def test_a_phone_shows_a_meaning_below_its_name_and_that_code_goes_on(look, address):
    page = look(f"{address}parameters.html", address, 390)
    name, meaning = (page.locator(".stacked td").nth(place).bounding_box() for place in (0, 1))
    assert meaning["y"] >= name["y"] + name["height"] - 1
    code = page.locator("pre > code").first
    expect(code).to_have_class(GOES_ON)
    code.evaluate("box => { box.scrollLeft = box.scrollWidth; }")
    expect(code).not_to_have_class(GOES_ON)
    assert look(f"{address}index.html", address).locator(".md-sidebar--primary").is_hidden()


@pytest.mark.parametrize("place", ["served", "on a disk"])
def test_search_finds_an_algorithm(look, address, place):
    start = address if place == "served" else Path(BUILT).absolute().as_uri()
    page = look(f"{start.rstrip('/')}/index.html", start)
    page.locator("input.md-search__input").click()
    page.locator("input.md-search__input").press_sequentially("discriminator features")
    page.locator(".md-search-result__link[href*='algorithms/dann.html']").first.wait_for(state="attached")
    assert page.heard == []
