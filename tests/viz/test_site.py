"""What is taken out of the static site, on texts as kedro-viz writes them."""

import json
import sys
from pathlib import Path

from mnistm_da.viz import page, site

PROJECT = Path("/srv/someone's/mnistm")


def test_paths_are_those_in_the_project():
    written = {
        "filepath": f"{PROJECT}/data/sample/08_reporting/dann.metrics.json",
        "traceback": f'File "{PROJECT}/src/mnistm_da/cli.py"\nFile "{Path(sys.prefix).resolve()}/lib/kedro/io.py"',
        "cache": f"{Path.home()}/.cache/x",
    }
    assert site.traces(json.dumps(written), PROJECT)
    left = site.anonymous(json.dumps(written), PROJECT)
    assert not site.traces(left, PROJECT)
    assert json.loads(left) == {
        "filepath": "data/sample/08_reporting/dann.metrics.json",
        "traceback": 'File "src/mnistm_da/cli.py"\nFile ".venv/lib/kedro/io.py"',
        "cache": "~/.cache/x",
    }
    assert (
        site.anonymous('{"filepath":"mnistm/src/mnistm_da/cli.py"}', PROJECT) == '{"filepath":"src/mnistm_da/cli.py"}'
    )


def test_the_page_of_kedro_viz_asks_no_other_host():
    import kedro_viz

    before = (Path(kedro_viz.__file__).parent / "html/index.html").read_text()
    after = page.local(before)
    assert "https://fonts" in before, "else there is nothing left to take out"
    assert "https://" not in after
    assert "?pid=dann" in after
    assert "safe center" in after
