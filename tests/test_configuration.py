"""Where things lie: places in the configuration, and a project in a folder of any name."""

import os
from pathlib import Path

import click
import pytest
import yaml

from conftest import clone, conf_without_local
from mnistm_da.configuration import Configuration, folder_name
from mnistm_da.settings import CONFIG_LOADER_ARGS


def data_root(conf, env="local"):
    return Configuration(str(conf), env=env, **CONFIG_LOADER_ARGS)["globals"]["data_root"]


@pytest.fixture
def conf(tmp_path, monkeypatch):
    """Give a function that writes a configuration of one value, in the user's own environment."""
    monkeypatch.setenv("HOME", "/srv/someone")

    def write(value):
        for env, text in (("base", "data_root: data"), ("local", yaml.safe_dump({"data_root": value}))):
            (tmp_path / env).mkdir(exist_ok=True)
            (tmp_path / env / "globals.yml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("~/runs", "/srv/someone/runs"),
        ("~", "/srv/someone"),
        ("$HOME/runs", "/srv/someone/runs"),
        ("file:///srv/my%20runs", "/srv/my runs"),
        ("file://localhost/srv/runs", "/srv/runs"),
        ("s3://bucket/runs", "s3://bucket/runs"),
        ("runs~1/[a]", "runs~1/[a]"),
        ("../runs", "../runs"),
        (2026, "2026"),
    ],
)
def test_a_place_is_read_as_a_shell_reads_it(written, meant, conf):
    assert data_root(conf(written)) == meant


@pytest.mark.parametrize(
    ("written", "message"),
    [("~nobody-of-this-name/x", "no user of this machine"), ("", "empty"), (None, "empty"), ("/srv/{x}", "pattern")],
)
def test_a_place_that_cannot_be_is_named(written, message, conf):
    with pytest.raises(click.UsageError, match=f"'data_root' in globals.yml .*{message}"):
        data_root(conf(written))


def test_the_environment_variable_moves_every_environment_to_a_folder_of_its_own(tmp_path, monkeypatch):
    conf = conf_without_local(tmp_path)
    environments = sorted(path.parent.name for path in conf.glob("*/globals.yml"))
    monkeypatch.delenv("MNISTM_DATA_ROOT", raising=False)
    before = {env: Path(data_root(conf, env)) for env in environments}
    monkeypatch.setenv("MNISTM_DATA_ROOT", "~/runs")
    monkeypatch.setenv("HOME", "/srv/someone")
    after = {env: Path(data_root(conf, env)) for env in environments}
    assert len(set(after.values())) == len(after) >= 3
    for env, folder in after.items():
        assert folder == Path("/srv/someone/runs") / before[env].relative_to("data")
    monkeypatch.setenv("MNISTM_DATA_ROOT", "")
    assert {env: Path(data_root(conf, env)) for env in environments} == before


@pytest.mark.parametrize("name", ["work[1]", "work*", "what?", "a b ü"])
def test_a_project_lies_in_a_folder_of_any_name(name, tmp_path, kedro_here, monkeypatch):
    monkeypatch.delenv("MNISTM_DATA_ROOT", raising=False)
    folder = clone(tmp_path / name)
    done = kedro_here("run", "--env=sample", "--pipelines=dann", "--nodes=ingest_source", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list((folder / "data/sample/03_primary/source.safetensors").glob("*/source.safetensors"))
    done = kedro_here("lineage", "source", "--env=sample", cwd=folder)
    assert any(line.startswith("source@") for line in done.stdout.splitlines()), done.stdout + done.stderr
    assert os.listdir(tmp_path) == [name]  # noqa: PTH208 - nothing beside the project


@pytest.mark.parametrize(
    ("written", "typed", "meant"),
    [({}, {}, "champion"), ({"model": "mmd"}, {}, "mmd"), ({"model": "mmd"}, {"model": "vada"}, "vada")],
)
def test_predict_and_export_take_the_model_that_the_parameter_names(written, typed, meant, tmp_path):
    conf = conf_without_local(tmp_path)
    (conf / "local/parameters_mine.yml").write_text(yaml.safe_dump(written | {"images": "my scans"}))
    loader = Configuration(str(conf), env="local", runtime_params=typed, **CONFIG_LOADER_ARGS)
    catalog = loader["catalog"]
    assert loader["parameters"]["model"] == meant
    assert catalog["chosen_model"]["filepath"].endswith(f"/{meant}.model.safetensors")
    assert catalog["chosen_metrics"]["metadata"]["reads"] == [f"{meant}.metrics"]
    assert catalog["exported_onnx"]["filepath"].endswith(f"/{meant}.onnx")
    assert catalog["user_pictures"]["folder"] == "my scans"


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("scans/digits.train", "digits.train"),
        ("a b/", "a b"),
        ("labels.csv", "labels"),
        ("", "unnamed"),
        (None, "unnamed"),
    ],
)
def test_a_folder_gives_a_domain_its_title(path, title):
    assert folder_name(path, "unnamed") == title


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A configuration of artifacts in a bucket, with credentials in conf/local, which git never sees."""
    monkeypatch.setenv("MNISTM_DATA_ROOT", "s3://bucket/my runs, all[1]")
    root = "${variable:MNISTM_DATA_ROOT,data}"
    written = {
        "base/globals.yml": {"data_root": root},
        "sample/globals.yml": {"data_root": f"{root}/sample"},
        "base/parameters.yml": {"seed": 0},
        "base/catalog.yml": {
            "{name}.model": {"type": "A", "filepath": "${globals:data_root}/{name}.model"},
            "records": {"type": "B", "path": "${globals:data_root}/records"},
            "own": {"type": "A", "filepath": "${globals:data_root}/own", "credentials": "own"},
            "elsewhere": {"type": "A", "filepath": "s3://bucket/my runs, all[1]/sample2/x"},
            "raw": {"type": "C", "path": "${on_disk:${globals:data_root},data}/01_raw"},
        },
        "local/credentials.yml": {"data_root": {"key": "local", "secret": "s"}, "own": {"key": "own"}},
    }
    for name, content in written.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(yaml.safe_dump(content), encoding="utf-8")
    return tmp_path


def test_what_lies_in_the_bucket_has_the_credentials_of_conf_local_in_every_environment(store):
    conf = Configuration(str(store), env="sample", **CONFIG_LOADER_ARGS)
    assert conf["credentials"]["data_root"] == {"key": "local", "secret": "s"}
    catalog = conf["catalog"]
    assert {name: entry.get("credentials") for name, entry in catalog.items()} == {
        "{name}.model": "data_root",
        "records": "data_root",
        "own": "own",
        "elsewhere": None,
        "raw": None,
    }
    assert catalog["records"]["path"] == "s3://bucket/my runs, all[1]/sample/records"
    assert catalog["raw"]["path"] == "data/01_raw", "raw files are read from a disk"
    (store / "sample/credentials.yml").write_text(yaml.safe_dump({"data_root": {"key": "sample"}}))
    again = Configuration(str(store), env="sample", **CONFIG_LOADER_ARGS)["credentials"]
    assert again == {"data_root": {"key": "sample"}, "own": {"key": "own"}}


def test_nothing_is_asked_for_credentials_where_there_are_none_or_on_a_disk(store, monkeypatch):
    (store / "local/credentials.yml").unlink()
    conf = Configuration(str(store), env="sample", **CONFIG_LOADER_ARGS)
    assert conf["credentials"] == {}
    assert "credentials" not in conf["catalog"]["records"]
    monkeypatch.setenv("MNISTM_DATA_ROOT", "/srv/runs")
    on_disk = Configuration(str(store), env="sample", **CONFIG_LOADER_ARGS)["catalog"]
    assert on_disk["raw"]["path"] == "/srv/runs/sample/01_raw"
    assert "credentials" not in on_disk["records"]


def test_files_are_read_once_and_what_is_given_is_the_callers_own(conf, monkeypatch):
    loader = Configuration(str(conf("runs")), env="local", **CONFIG_LOADER_ARGS)
    loader["globals"]["data_root"] = "changed"
    (Path(loader.conf_source) / "local/globals.yml").unlink()
    assert loader["globals"]["data_root"] == "runs"
    loader["globals"] = {"data_root": "elsewhere"}
    assert loader["globals"]["data_root"] == "elsewhere"
