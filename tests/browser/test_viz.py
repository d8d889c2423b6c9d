"""kedro-viz in a real browser: served as `make viz` does, and as the static site of `make site`."""

import functools
import http.server
import json
import os
import shlex
import shutil
import subprocess
import sys
import threading
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import expect
from safetensors import numpy as safetensors

from conftest import newest
from website import screenshots
from website.browser import NO_HINTS, WAIT, kedro_viz, page_in

LAYERS = ["raw", "intermediate", "primary", "model_input", "models", "model_output", "reporting"]
ZOOMED = ".pipeline-flowchart__graph #zoom-wrapper"
ZOOM = rf"Number(/scale\(([\d.]+)/.exec(document.querySelector('{ZOOMED}').getAttribute('transform'))[1])"
"""A script that gives how large the graph is drawn."""
expect.set_options(timeout=WAIT)


@dataclass(frozen=True)
class Viz:
    """kedro-viz of a finished run.

    Attributes:
        address: ends with a slash.
        folder: of the project.
        log: what the server prints.
    """

    address: str
    folder: Path
    log: Path | None = None

    def get(self, path: str) -> dict:
        with urllib.request.urlopen(self.address + path, timeout=60) as answer:
            return json.load(answer)

    @functools.cached_property
    def ids(self) -> dict[str, str]:
        """Of nodes and datasets, by their whole names."""
        return {node.get("full_name") or node["name"]: node["id"] for node in self.get("api/pipelines/dann")["nodes"]}


@pytest.fixture(scope="module")
def viz(sample_run):
    log = sample_run.folder / "viz.log"
    with kedro_viz(sample_run.folder, "sample", log) as address:
        yield Viz(address, sample_run.folder, log)


@pytest.fixture(scope="module")
def site(sample_run, tmp_path_factory):
    """What `make site` builds, at an address below the root, as on GitHub Pages."""
    folder = shutil.copytree(sample_run.folder, tmp_path_factory.mktemp("site") / "somebodys-folder")
    command = [sys.executable, "-m", "mnistm_da.viz.site", "--env=sample"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "pages").mkdir()
    (folder / "build").rename(folder / "pages/project")
    with _files(folder / "pages") as address:
        yield Viz(f"{address}project/", folder)


@contextmanager
def _files(folder: Path):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def page(browser):
    """A page that notes what goes wrong, and which hosts are asked."""
    page = page_in(browser, viewport={"width": 1400, "height": 900})
    page.add_init_script(NO_HINTS)
    page.hosts, page.errors = set(), []
    page.on("request", lambda request: page.hosts.add(urlsplit(request.url).hostname or "127.0.0.1"))  # data: has none
    page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    page.context.close()


def shot(page, viz, name):
    page.screenshot(path=viz.folder / f"data/08_reporting/viz_{name}.png")


def select(page, viz, name):
    """Open the panel of a node or dataset, and give it when it has its preview."""
    page.goto(f"{viz.address}?pid=dann&sid={viz.ids[name]}")
    page.get_by_text("Expand preview").wait_for()
    return page.locator(".pipeline-metadata")


def test_the_flowchart_shows_layers_and_namespaces(page, viz):
    page.goto(viz.address)
    namespace = page.locator(".pipeline-node[data-id=dann]")
    namespace.wait_for()
    expect(page.locator(".pipeline-layer-name")).to_have_text(LAYERS)  # waits; they are drawn after the nodes
    namespaces = page.locator(".pipeline-node--modularPipeline")
    assert sorted(namespaces.all_text_contents()) == ["dann", "source_only", "target_only"]
    source = page.locator("[data-node-fullname=source_train] rect.pipeline-node__bg")
    assert source.evaluate("box => getComputedStyle(box).fill") == "rgb(0, 114, 178)"  # the source's blue
    page.wait_for_selector("body[data-zoomed]", state="attached")
    page.wait_for_function(f"{ZOOM} >= 0.6")  # where letters are 8 pixels high
    raw = page.locator("[data-node-fullname=raw_source]").bounding_box()
    assert 0 < raw["y"] < 450, "where the data begin"
    shot(page, viz, "flowchart")
    names = [pipeline["name"] for pipeline in viz.get("api/main")["pipelines"]]
    assert names[:2] == ["dann", "data"]
    assert "adversarial" in names
    assert len(names) < 20
    assert "Warning" not in viz.log.read_text()
    inside = page.locator(f".pipeline-node[data-id='{viz.ids['dann.train']}']")
    assert not inside.count()
    namespace.dispatch_event("click")  # where the graph opens, it is out of sight
    inside.wait_for()
    expect(page.locator(".pipeline-layer-name")).to_have_text(LAYERS)  # waits; they are drawn after the nodes
    shot(page, viz, "expanded")
    assert page.hosts == {"127.0.0.1"}
    assert not page.errors


def test_a_click_shows_the_picture_the_numbers_and_the_rows(page, viz):
    picture = select(page, viz, "dann.overview").locator("img").first
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 500
    shot(page, viz, "figure")
    assert select(page, viz, "target_images").locator("img").first.evaluate("image => image.naturalWidth") == 2 * 9 * 28
    panel = page.locator(".pipeline-metadata").inner_text()
    images = newest(viz.folder, "target_images.safetensors")
    rows = sum(len(array) for array in safetensors.load_file(images).values())
    told = viz.get(f"api/nodes/{viz.ids['target_images']}")["stats"]
    assert told == {"rows": rows, "columns": 3 * 28 * 28, "file_size": images.stat().st_size}
    assert f"{rows:,}\nrows\n2,352\ncolumns" in panel
    shot(page, viz, "images")
    page.goto(f"{viz.address}?pid=dann&sid={viz.ids['dann.training_curves']}")
    page.locator(".pipeline-metadata .js-plotly-plot .main-svg").first.wait_for()
    shot(page, viz, "curves")

    scores = json.loads(newest(viz.folder, "dann.metrics.json").read_text())
    panel = select(page, viz, "dann.metrics").inner_text()
    first, second = (str(scores[f"{domain}_test"]["accuracy"]) for domain in ("target", "source"))
    assert panel.index("target test accuracy") < panel.index(first) < panel.index("source test accuracy")
    assert panel.index("source test accuracy") < panel.index(second) < panel.index("algorithm")
    shot(page, viz, "metrics")

    table = pd.read_csv(newest(viz.folder, "dann.comparison.csv"))
    panel = select(page, viz, "dann.comparison").inner_text()
    assert all(name in panel for name in table["algorithm"])
    assert str(table["target_test_accuracy"][0]) in panel
    shot(page, viz, "table")
    assert not page.errors


def test_a_training_shows_its_network_and_another_node_what_it_does(page, viz):
    select(page, viz, "dann.train")
    page.get_by_text("Expand preview").click()
    drawn = page.locator(".pipeline-mermaid-renderer--modal svg")
    drawn.wait_for()
    weights = viz.get(f"api/nodes/{viz.ids['dann.model']}")["preview"]
    assert "discriminator.0.weight" in weights
    for text in ("DANN: domain-adversarial training", "source images", "discriminator · 80,401 parameters"):
        assert text in drawn.text_content()
    shot(page, viz, "network")
    panel = select(page, viz, "dann.predict").inner_text()
    assert "Forward the test images of both domains" in panel
    assert "— titles —" in select(page, viz, "dann.select").inner_text(), "the parameters are explained too"
    assert "λ at the end of training" in select(page, viz, "dann.collect").inner_text(), "and those of the training"
    shot(page, viz, "node")
    assert not page.errors


def test_the_workflow_view_shows_the_last_run(page, viz):
    page.goto(f"{viz.address}workflow")
    page.get_by_text("Run execution completed successfully").wait_for()
    node = page.locator(f".pipeline-node[data-id='{viz.ids['dann.train']}'], [id*='{viz.ids['dann.train']}']").first
    node.wait_for()
    page.wait_for_selector("body[data-zoomed]", state="attached")
    page.wait_for_function(f"{ZOOM} >= 0.6")
    shot(page, viz, "workflow")
    status = viz.get("api/run-status")
    ran = status["nodes"]
    assert {viz.ids[name] for name in ("split_source", "dann.train", "dann.evaluate")} <= set(ran)
    assert all(node["status"] == "success" for node in ran.values())
    trained = sum(ran[viz.ids[f"{name}.train"]]["duration"] for name in ("dann", "source_only", "target_only"))
    assert trained > status["pipeline"]["duration"] / 10, "a training is more than the tenth of a second of its start"
    file = newest(viz.folder, "dann.model.safetensors")
    assert status["datasets"][viz.ids["dann.model"]]["size"] == file.stat().st_size
    assert not page.errors


def test_the_pictures_of_the_documentation_are_made(page, viz, tmp_path, monkeypatch):
    monkeypatch.setattr(screenshots, "DOCS", tmp_path)
    screenshots.shoot_viz(page, viz.address)
    for name in ("viz_flowchart", "viz_network"):
        assert np.asarray(Image.open(tmp_path / f"{name}.png").convert("L")).std() > 5, "something is on it"


def test_a_copied_command_runs(viz, sample_copy):
    [_, *command] = shlex.split(viz.get(f"api/nodes/{viz.ids['label_target_test']}")["run_command"])
    assert command == ["run", "--env=sample", "--to-nodes=label_target_test"]
    before = newest(sample_copy, "target_test.safetensors")
    run = [sys.executable, "-m", "kedro", *command]
    done = subprocess.run(run, cwd=sample_copy, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert newest(sample_copy, "target_test.safetensors") != before


def test_the_static_site_works_and_names_no_machine(page, site):
    page.goto(site.address)
    page.locator(".pipeline-node[data-id=dann]").wait_for()
    expect(page.locator(".pipeline-layer-name")).to_have_text(LAYERS)  # waits; they are drawn after the nodes
    picture = select(page, site, "dann.overview").locator("img").first
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 500
    assert "data/sample/08_reporting/dann.overview.png" in page.locator(".pipeline-metadata").inner_text()
    shot(page, site, "site")
    page.get_by_role("button", name="View your workflow").click()
    page.get_by_text("Run execution completed successfully").wait_for()
    assert page.hosts == {"127.0.0.1"}
    assert not page.errors
    words = [str(site.folder), site.folder.name, str(Path.home()) + os.sep, sys.prefix + os.sep]
    for path in (site.folder / "pages").rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not [word for word in words if word in text], path


def test_every_training_has_its_network_in_the_site(site):
    from mnistm_da.adaptation.registry import ALGORITHMS

    families = [pipeline["id"] for pipeline in site.get("api/main")["pipelines"]]
    found = [node for family in families for node in site.get(f"api/pipelines/{family}")["nodes"]]
    nodes = {node["full_name"]: node for node in found if node["type"] == "task"}
    for name in ALGORITHMS:
        preview = site.get(f"api/nodes/{nodes[f'{name}.train']['id']}")["preview"]
        assert preview["kind"] == "mermaid", name
        assert 'subgraph g0["' in preview["content"], name
