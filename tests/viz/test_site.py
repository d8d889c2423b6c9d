"""The static site without paths and names, on texts as kedro-viz writes them."""

import json
import os
import socket
import subprocess
import sys
import traceback
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from yaml.parser import ParserError

from mnistm_da.viz import anonymous, page, serve, site
from one_message import check

PROJECT = Path("/srv/someone's/mnistm")
OUTSIDE: dict[Path, str] = {}
ANOTHER = "/" + "home/ann"  # in two parts: no file of the project names a home


def test_paths_are_those_in_the_project():
    written = {
        "filepath": f"{PROJECT}/data/sample/08_reporting/dann.metrics.json",
        "traceback": f'File "{PROJECT}/src/mnistm_da/cli.py"\nFile "{Path(sys.prefix).resolve()}/lib/kedro/io.py"',
        "cache": f"{Path.home()}/.cache/x",
    }
    assert anonymous.traces(json.dumps(written), PROJECT, OUTSIDE)
    left = anonymous.hide(json.dumps(written), PROJECT, OUTSIDE)
    assert not anonymous.traces(left, PROJECT, OUTSIDE)
    assert json.loads(left) == {
        "filepath": "data/sample/08_reporting/dann.metrics.json",
        "traceback": 'File "src/mnistm_da/cli.py"\nFile ".venv/lib/kedro/io.py"',
        "cache": "~/.cache/x",
    }
    code = '{"filepath":"mnistm/src/mnistm_da/cli.py"}'
    assert anonymous.hide(code, PROJECT, OUTSIDE) == '{"filepath":"src/mnistm_da/cli.py"}'


def test_folders_that_a_user_named_are_not_told(tmp_path, monkeypatch):
    for name, data_root in (("base", "data"), ("there", "/srv/someone/runs"), ("here", "data/here")):
        (tmp_path / "conf" / name).mkdir(parents=True)
        (tmp_path / "conf" / name / "globals.yml").write_text(f"data_root: {data_root}\n")
    monkeypatch.setenv("MNISTM_RAW_DIR", "/mnt/someone/raw")
    outside = site.folders_outside(tmp_path, "there")
    text = json.dumps(["/mnt/someone/raw/mnist/x.gz", "/srv/someone/runs/08_reporting/x.json"])
    assert anonymous.traces(text, tmp_path, outside) == list(map(str, outside))
    left = anonymous.hide(text, tmp_path, outside)
    assert json.loads(left) == ["$MNISTM_RAW_DIR/mnist/x.gz", "data_root/08_reporting/x.json"]
    assert not anonymous.traces(left, tmp_path, outside)
    monkeypatch.delenv("MNISTM_RAW_DIR")
    assert site.folders_outside(tmp_path, "here") == {}


def test_the_bucket_that_a_user_named_is_not_told(tmp_path, monkeypatch):
    monkeypatch.delenv("MNISTM_RAW_DIR", raising=False)
    (tmp_path / "conf/base").mkdir(parents=True)
    (tmp_path / "conf/base/globals.yml").write_text("data_root: s3://someones-bucket/runs/")
    kept = site.data_root(tmp_path, "base")
    text = '["someones-bucket/runs/08_reporting/x.json", "s3://someones-bucket/runs", "a/someones-bucket/runs2"]'
    left = '["data_root/08_reporting/x.json", "data_root", "a/someones-bucket/runs2"]'
    assert site.without_address(text, kept) == left
    assert site.without_address(text, "data") == text
    assert site.folders_outside(tmp_path, "base") == {}


def test_the_page_of_kedro_viz_asks_no_other_host():
    import kedro_viz

    before = (Path(kedro_viz.__file__).parent / "html/index.html").read_text()
    after = page.local(before)
    assert "https://fonts" in before, "else there is nothing left to take out"
    assert "https://" not in after
    assert "?pid=dann" in after
    assert "safe center" in after


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A user's home with a project in it, which the user came to by a link."""
    home = tmp_path / "ann's home"
    project = home / "my work" / "mnistm"
    project.mkdir(parents=True)
    (tmp_path / "link").symlink_to(home)
    monkeypatch.setenv("HOME", str(home))
    (project / "notebooks").mkdir()
    monkeypatch.setenv("PWD", str(tmp_path / "link" / "my work" / "mnistm" / "notebooks"))
    monkeypatch.setattr(socket, "gethostname", lambda: "anns-laptop")
    anonymous.hosts.cache_clear()
    yield project
    anonymous.hosts.cache_clear()


def told(text, project):
    """The rest of a text that lies in JSON and in JSON within JSON."""
    once, twice = (anonymous.hide(json.dumps(value), project, {}) for value in (text, json.dumps(text)))
    assert json.loads(json.loads(twice)) == json.loads(once)
    return json.loads(once)


def test_a_path_is_seen_however_it_is_written(machine):
    for folder in (machine, Path(os.environ["PWD"]).parent):
        for path in (str(folder), str(folder).replace("/", "\\"), quote(str(folder)), quote(str(folder), safe="")):
            assert anonymous.traces(path, machine, {}), path
            for text in (path, f"'{path}'", f"file://{path}", f"in {path}.", f"{path}:12", f"a={path}, b"):
                left = told(text, machine)
                assert not anonymous.traces(left, machine, {}), (text, left)
                assert "ann" not in left, (text, left)
    assert told(f"{machine}/data/x.json is damaged", machine) == "data/x.json is damaged"
    assert told(f"could not save '{machine.parent}-2/x'", machine) == "could not save '~/my work-2/x'"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('File "/Users/ann/old place/src/mnistm_da/cli/run.py", line 3', 'File "src/mnistm_da/cli/run.py", line 3'),
        ('File "/opt/env/lib/python3.12/site-packages/kedro/io/core.py"', 'File "site-packages/kedro/io/core.py"'),
        ("C:\\Users\\ann\\mnistm\\src\\mnistm_da\\cli.py", "src/mnistm_da/cli.py"),
        ("no file 'C:/Users/ann lee/raw.gz'", "no file '…/raw.gz'"),
        ("MNISTM_RAW_DIR is '/scratch/ann/raw', but", "MNISTM_RAW_DIR is '…/raw', but"),
        ("missing in /mnt/ann/raw/mnist: train.gz", "missing in …/mnist: train.gz"),
        ("written to /tmp/pytest-of-ann/x.json.", "written to …/x.json."),
        (f"file://{ANOTHER}/x.json", "…/x.json"),
        ("no C:\\Users\\ann there", "no … there"),
        (f"see {ANOTHER} lee/x.json", "see …/x.json"),
        ("at %2Fhome%2Fann%2Fx.json", "at …/x.json"),
        ("in ../../ann/private/x.json", "in …/x.json"),
        ("in \\\\nas\\ann\\raw\\x.gz", "in …/x.gz"),
        ("by http://ann:secret@proxy:3128/", "by http://proxy:3128/"),
        ("HTTPSConnectionPool(host='proxy.corp', port=3128)", "HTTPSConnectionPool(host=host, port=3128)"),
        ("no answer from 10.1.2.3 in 1.2.3", "no answer from host in 1.2.3"),
        ("the disk of anns-laptop is full", "the disk of host is full"),
        ("accuracy/loss, 1/2, https://kedro.org/tmp/x, </main>, [0/10]", None),
        ("data/sample/08_reporting/dann.metrics.json", None),
        ("version 2026-11-27T10.06.42.680Z, of ten o'clock", None),
        ("iVBOR" + "ab/tmp/cd+" * 40, None),
    ],
)
def test_a_path_of_another_place_is_no_more_than_its_end(text, left, machine):
    assert told(text, machine) == (left or text)
    assert bool(anonymous.traces(text, machine, {})) == bool(left)


def failed_run(project):
    """What kedro-viz keeps of a run that failed: in the project, in a library, and for want of another's file."""

    def fail():
        subprocess.run([f"{project}/nowhere"], check=True)

    try:
        fail()
    except OSError as error:
        text = "".join(traceback.format_exception(error))
        return {"pipeline": {"status": "failed", "error": {"message": str(error), "traceback": text}}}


@pytest.fixture
def building(machine, monkeypatch):
    """Let kedro-viz's own part of the build be done: a page, a node's code and the answer about a failed run."""
    monkeypatch.chdir(machine)
    (machine / "conf/base").mkdir(parents=True)
    (machine / "conf/sample").mkdir(parents=True)
    (machine / "conf/base/globals.yml").write_text("data_root: data")
    (machine / "pyproject.toml").write_text('[tool.kedro]\npackage_name = "mnistm_da"\n')
    made = {"run-status": failed_run(machine), "nodes/1": {"filepath": "mnistm/src/mnistm_da/viz/site.py"}}

    def build(command, **_):
        for name, content in (made | {"deploy-viz-metadata": {}}).items():
            path = site.BUILD / "api" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content), encoding="utf-8")
        for page_name in ("index.html", "404.html"):
            (site.BUILD / page_name).write_text("<head></head>")
        return subprocess.CompletedProcess(command, 0, "", "")

    with monkeypatch.context() as patched:
        patched.setattr(site.subprocess, "run", build)
        yield made


def test_the_site_of_a_failed_run_names_no_path_user_or_host(building, machine):
    assert "ann's home" in json.dumps(building)
    done = CliRunner().invoke(site.main, ["--env=sample"])
    assert done.exit_code == 0, done.output
    published = "".join(path.read_text() for path in site.texts(site.BUILD))
    for name in ("ann", "my work", str(machine.parents[1]), sys.prefix, sys.base_prefix):
        assert name not in published, name
    status = json.loads((site.BUILD / "api/run-status").read_text())
    assert status["pipeline"]["error"]["message"] == '[Errno 2] No such file or directory: "nowhere"'
    assert "subprocess.py" in status["pipeline"]["error"]["traceback"]
    assert json.loads((site.BUILD / "api/nodes/1").read_text()) == {"filepath": "src/mnistm_da/viz/site.py"}


def test_a_site_that_would_name_the_machine_is_not_left_to_be_published(building, monkeypatch):
    monkeypatch.setattr(site, "hide", lambda text, *_: text)
    done = CliRunner().invoke(site.main, ["--env=sample"])
    assert done.exit_code == 1
    assert "the site would name this machine: build/api/run-status:" in done.output
    assert not site.BUILD.exists()


@pytest.mark.parametrize(
    ("errors", "message"),
    [
        (
            "a warning\nUsage: …\n\nError: the configuration cannot be read: a\n  of b\n",
            "cannot be read: a of b All that it says:",
        ),
        ('Traceback …\n  File "a.py"\nValueError: a fault\n', "did not finish the site: ValueError: a fault All"),
        ("", "did not finish the site: All that it says: KEDRO_ENV=sample python -m mnistm_da.viz.collect"),
    ],
)
def test_of_a_build_that_failed_no_more_than_its_message_is_told(errors, message, building, monkeypatch):
    def fail(command, **_):
        return subprocess.CompletedProcess(command, 1, "much\n" * 99, errors)

    with monkeypatch.context() as failing:  # or what the fixture put in its place would stay there
        failing.setattr(site.subprocess, "run", fail)
        done = CliRunner().invoke(site.main, ["--env=sample"])
    check(done.output, done.exit_code, message)


def test_a_mistake_in_the_configuration_is_one_message_of_the_server(building, monkeypatch):
    def read(*_):
        raise ParserError("Invalid YAML in parameters.yml")

    monkeypatch.setattr(serve, "make_app", read)
    monkeypatch.setattr(serve, "_check_port", lambda port: None)
    done = CliRunner().invoke(serve.main, ["--no-browser"])
    check(done.output, done.exit_code, "the configuration cannot be read: Invalid YAML in parameters.yml")
