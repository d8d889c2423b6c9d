"""A path on the command line is the path that was typed, whatever YAML would make of it."""

from pathlib import Path

import click
import pytest
from kedro.framework.cli.project import run as kedro_run
from kedro.io import AbstractDataset

from mnistm_da.cli.common import PARAMS, own_params, parse_params
from mnistm_da.configuration import Configuration
from mnistm_da.settings import CONFIG_LOADER_ARGS


def parsed(text):
    [option] = click.command()(PARAMS(lambda: None)).params
    return parse_params(click.Context(click.Command("run")), option, text)


TYPED = [
    "my/scans #2",
    "a: b",
    "7",
    "0",
    "1e3",
    "null",
    "${x}",
    "${oc.env:HOME}",
    "[a]",
    "{a}",
    "'a'",
    "a=b",
    "a,b",
    "~/é",
]


@pytest.mark.parametrize("path", TYPED)
def test_a_path_reaches_the_catalog_as_it_was_typed(path, root):
    params = parsed(f"seed=3,images={path},model=dann")
    assert params["seed"] == 3
    assert params["model"] == "dann"
    loader = Configuration(str(root / "conf"), env="sample", runtime_params=params, **CONFIG_LOADER_ARGS)
    assert loader["parameters"]["images"] == path
    pictures = AbstractDataset.from_config("user_pictures", loader["catalog"]["user_pictures"])
    assert pictures.load() == Path(path).expanduser()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("images=", {"images": ""}),
        ("images= my scans ,", {"images": "my scans"}),
        ("images=a,b,seed=1,", {"images": "a,b", "seed": 1}),
        ("training.epochs=3,training.warmup=1e-2", {"training": {"epochs": 3, "warmup": 0.01}}),
        ("images=a,b,seed=1,training.epochs=2,images=c", {"images": "c", "seed": 1, "training": {"epochs": 2}}),
        ("benchmark.seeds=0 1 2", {"benchmark": {"seeds": "0 1 2"}}),
    ],
)
def test_all_other_values_are_read_as_kedro_does(text, expected):
    assert parsed(text) == expected


@pytest.mark.parametrize("text", ["seed", "seed=1,epochs", "=3", "seed={", "seed=[1", "benchmark.seeds=0,1"])
def test_what_cannot_be_read_is_refused(text):
    with pytest.raises(click.UsageError):
        parsed(text)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["--params=seed=1"], {"seed": 1}),
        (["--params=seed=1", "--params=training.epochs=2"], {"seed": 1, "training": {"epochs": 2}}),
        (["--params", "images=a,b", "--params=model=mmd"], {"images": "a,b", "model": "mmd"}),
        ([], {}),
    ],
)
def test_params_that_are_given_twice_add_up(typed, meant):
    command = click.command()(PARAMS(lambda params: params))
    assert command.main(typed, standalone_mode=False) == meant


def test_options_of_kedro_run_add_up_or_are_read_from_a_file(tmp_path):
    def found(*typed):
        run = click.Command("run", params=own_params(kedro_run.params), callback=lambda **options: options)
        return run.main([*typed], prog_name="run", standalone_mode=False)

    options = found("--nodes=a", "--nodes", "b,c", "--tags=x", "--tags=y", "--load-versions=d:1", "--load-versions=e:2")
    assert options["node_names"] == ["a", "b", "c"]
    assert options["tags"] == ["x", "y"]
    assert options["load_versions"] == {"d": "1", "e": "2"}
    (tmp_path / "run.yml").write_text("run: {pipelines: dann, tags: x, params: {seed: 3}}")
    options = found(f"--config={tmp_path / 'run.yml'}", "--tags=y")
    assert (options["pipelines"], options["tags"], options["params"]) == (["dann"], ["y"], {"seed": 3})
