"""`python -m website.screenshots`, which is `make screenshots`: the pictures of report and graph in docs/.

They are made in a real browser of the newest artifacts of an environment, so that they show what a reader will see.
"""

import json
import tempfile
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import click

import mnistm_da.settings  # noqa: F401 - it silences warnings of other libraries
from mnistm_da.viz.site import data_root
from website import browser

if TYPE_CHECKING:
    from playwright.sync_api import Page

DOCS = Path("docs")
COLOURS = 128
"""Of a saved picture: flat drawings need no more, and take a third of the space."""


@click.command()
@click.option("--env", "-e", default="sample", show_default=True, help="Kedro environment.")
def main(env: str) -> None:
    """Make the pictures anew."""
    found = browser.find()
    if not found:
        raise click.ClickException("no Chromium is installed: apt-get install chromium")
    project = Path.cwd()
    report = newest_report(project / data_root(project, env))
    with browser.opened(found) as chromium:
        page = browser.page_in(chromium, viewport={"width": 1280, "height": 900}, color_scheme="light")
        shoot_report(page, report)
        page = browser.page_in(chromium, viewport={"width": 1400, "height": 900}, device_scale_factor=1)
        page.add_init_script(browser.NO_HINTS)
        with tempfile.TemporaryDirectory() as folder, browser.kedro_viz(project, env, Path(folder, "log")) as address:
            shoot_viz(page, address)


def newest_report(root: Path) -> Path:
    """Give the newest report in a folder of artifacts.

    Raises:
        click.ClickException: there is none.
    """
    found = sorted(root.glob("08_reporting/report.html/*/report.html"))
    if not found:
        raise click.ClickException(f"{root} has no report: kedro run --pipelines=report")
    return found[-1]


def shoot_report(page: "Page", report: Path) -> None:
    """Picture the report's head, and its maps with the pointer on a mark."""
    page.goto(report.as_uri())
    page.wait_for_selector("html[data-drawn]", state="attached")
    _save(page.locator("header").screenshot(), "report")
    maps = page.locator("#map-pair")
    maps.scroll_into_view_if_needed()
    place = page.locator("figure.map").first.evaluate(
        "(figure) => { const box = figure.querySelector('.traceclass3target path.point').getBoundingClientRect();"
        " return [box.x + box.width / 2, box.y + box.height / 2]; }"
    )
    page.mouse.move(place[0] - 3, place[1])
    page.mouse.move(*place, steps=4)
    page.locator(".peek:visible").wait_for()
    _save(maps.screenshot(), "report_maps")


def shoot_viz(page: "Page", address: str) -> None:
    """Picture kedro-viz as it opens, and what a click on a training shows."""
    page.goto(address)
    page.wait_for_selector("body[data-zoomed]", state="attached")
    page.wait_for_timeout(2000)  # what moves comes to its place
    _save(page.screenshot(), "viz_flowchart")
    with urllib.request.urlopen(f"{address}api/pipelines/dann", timeout=60) as answer:
        nodes = json.load(answer)["nodes"]
    [training] = [node["id"] for node in nodes if node.get("full_name") == "dann.train"]
    page.goto(f"{address}?pid=dann&sid={training}")
    page.get_by_text("Expand preview").click()
    drawn = page.locator(".pipeline-mermaid-renderer--modal svg")
    drawn.wait_for()
    page.wait_for_timeout(1000)
    _save(drawn.screenshot(), "viz_network")


def _save(png: bytes, name: str) -> None:
    import io

    from PIL import Image

    path = DOCS / f"{name}.png"
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    click.echo(f"{path}: {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
