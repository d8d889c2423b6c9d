"""The report as people see it: in a real browser, wide and on a phone, light and dark."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from report_page import page_of, saved_in
from website import screenshots
from website.browser import page_in


@pytest.fixture(scope="module")
def paths(sample_run, tmp_path_factory):
    """Where the page of a finished run is, and that of nothing."""
    folder = tmp_path_factory.mktemp("report")
    made = {"run": page_of(*saved_in(sample_run.folder)), "nothing": page_of({}, {})}
    for name, page in made.items():
        (folder / f"{name}.html").write_text(page.html, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


@pytest.fixture
def look(browser):
    """Open a page and wait until it is drawn; what it complains of and asks for is in its ``heard``."""
    contexts = []

    def open_page(path, width=1280, scheme="light"):
        size = {"width": width, "height": 900}
        page = page_in(browser, viewport=size, color_scheme=scheme, has_touch=width < 700)
        contexts.append(page.context)
        page.heard = []
        page.on("console", lambda message: page.heard.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: page.heard.append(f"error: {error}"))
        page.on("request", lambda request: page.heard.append(f"request: {request.url[:100]}"))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-drawn]", state="attached")
        page.heard = [one for one in page.heard if not one.startswith((f"request: {path.as_uri()}", "request: data:"))]
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_is_drawn_without_a_complaint_or_a_request_and_for_everybody(look, paths, width, scheme):
    page = look(paths["run"], width, scheme)
    assert page.heard == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator(".plot .main-svg").count() >= page.locator(".plot").count() > 5
    marks = page.evaluate("JSON.parse(document.getElementById('map-data').textContent).index.length")
    assert page.locator(".plot-map path.point").count() == 2 * marks
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert not serious, [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in serious]


MARK = (
    "(figure) => { const box = figure.querySelector('.traceclass3source path.point').getBoundingClientRect();"
    " return [box.x + box.width / 2, box.y + box.height / 2]; }"
)


def see_the_image(page):
    before, after = (page.locator("figure.map").nth(number) for number in (0, 1))
    before.locator(".peek").wait_for(state="visible")
    assert before.locator(".peek").inner_text().startswith("3, source test image ")
    assert "data:image/webp" in before.locator(".peek div").evaluate(
        "(picture) => getComputedStyle(picture).background"
    )
    assert after.locator(".ring").is_visible()


def test_a_mark_shows_its_image_and_its_place_in_the_other_map(look, paths):
    page = look(paths["run"])
    before = page.locator("figure.map").first
    before.scroll_into_view_if_needed()
    place = before.evaluate(MARK)
    page.mouse.move(place[0] - 3, place[1])
    page.mouse.move(*place, steps=4)
    see_the_image(page)


def test_on_a_phone_a_tap_shows_the_image_and_what_a_name_means_and_tables_say_that_they_scroll(look, paths):
    page = look(paths["run"], width=390)
    before = page.locator("figure.map").first
    before.scroll_into_view_if_needed()
    page.touchscreen.tap(*before.evaluate(MARK))
    see_the_image(page)
    corner = before.locator(".canvas").bounding_box()
    page.touchscreen.tap(corner["x"] + 3, corner["y"] + 3)
    before.locator(".peek").wait_for(state="hidden")

    page.locator("#results a[href='#term-im']").first.tap()
    assert page.locator("#tip").inner_text().startswith("IM Information maximisation")
    assert not page.url.endswith("#term-im"), "the reader stays where the name stands"

    said = "(table) => getComputedStyle(table, '::before').content"
    results = page.get_by_role("region", name="Table of results")
    assert results.evaluate("(table) => table.scrollWidth > table.clientWidth")
    assert "scroll it sideways" in results.evaluate(said)
    assert look(paths["run"]).get_by_role("region", name="Table of times").evaluate(said) == "none"


def test_another_map_and_other_colours_can_be_chosen(look, paths):
    page = look(paths["run"])
    page.select_option("#after", "target_only")
    page.wait_for_function("document.querySelectorAll('figure.map code')[1].textContent === 'target_only'")
    mark = page.locator(".traceclass3source path.point").first

    def colour():
        return mark.evaluate("(one) => getComputedStyle(one).fill")

    by_class = colour()
    page.check("input[value=domain]")
    assert colour() != by_class


def test_the_pictures_of_the_documentation_are_made(look, paths, tmp_path, monkeypatch):
    monkeypatch.setattr(screenshots, "DOCS", tmp_path)
    screenshots.shoot_report(look(paths["run"]), paths["run"])
    for name in ("report", "report_maps"):
        assert np.asarray(Image.open(tmp_path / f"{name}.png").convert("L")).std() > 5, "something is on it"


def test_a_page_of_nothing_is_whole(look, paths):
    page = look(paths["nothing"], width=390)
    assert page.heard == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator(".missing").count() > 6
