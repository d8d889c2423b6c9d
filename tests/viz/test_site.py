"""What is taken out of the static site, on texts as kedro-viz writes them."""

import json
import sys
from pathlib import Path

from mnistm_da.viz import page, site

PROJECT = Path("/srv/someone's/mnistm")
OUTSIDE: dict[Path, str] = {}


def test_paths_are_those_in_the_project():
    written = {
        "filepath": f"{PROJECT}/data/sample/08_reporting/dann.metrics.json",
        "traceback": f'File "{PROJECT}/src/mnistm_da/cli.py"\nFile "{Path(sys.prefix).resolve()}/lib/kedro/io.py"',
        "cache": f"{Path.home()}/.cache/x",
    }
    assert site.traces(json.dumps(written), PROJECT, OUTSIDE)
    left = site.anonymous(json.dumps(written), PROJECT, OUTSIDE)
    assert not site.traces(left, PROJECT, OUTSIDE)
    assert json.loads(left) == {
        "filepath": "data/sample/08_reporting/dann.metrics.json",
        "traceback": 'File "src/mnistm_da/cli.py"\nFile ".venv/lib/kedro/io.py"',
        "cache": "~/.cache/x",
    }
    code = '{"filepath":"mnistm/src/mnistm_da/cli.py"}'
    assert site.anonymous(code, PROJECT, OUTSIDE) == '{"filepath":"src/mnistm_da/cli.py"}'


def test_folders_that_a_user_named_are_not_told(tmp_path, monkeypatch):
    for name, data_root in (("base", "data"), ("there", "/srv/someone/runs"), ("here", "data/here")):
        (tmp_path / "conf" / name).mkdir(parents=True)
        (tmp_path / "conf" / name / "globals.yml").write_text(f"data_root: {data_root}\n")
    monkeypatch.setenv("MNISTM_RAW_DIR", "/mnt/someone/raw")
    outside = site.folders_outside(tmp_path, "there")
    text = json.dumps(["/mnt/someone/raw/mnist/x.gz", "/srv/someone/runs/08_reporting/x.json"])
    assert site.traces(text, tmp_path, outside) == list(map(str, outside))
    left = site.anonymous(text, tmp_path, outside)
    assert json.loads(left) == ["$MNISTM_RAW_DIR/mnist/x.gz", "data_root/08_reporting/x.json"]
    assert not site.traces(left, tmp_path, outside)
    monkeypatch.delenv("MNISTM_RAW_DIR")
    assert site.folders_outside(tmp_path, "here") == {}


def test_the_page_of_kedro_viz_asks_no_other_host():
    import kedro_viz

    before = (Path(kedro_viz.__file__).parent / "html/index.html").read_text()
    after = page.local(before)
    assert "https://fonts" in before, "else there is nothing left to take out"
    assert "https://" not in after
    assert "?pid=dann" in after
    assert "safe center" in after
