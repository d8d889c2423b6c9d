"""A path on the command line is the path that was typed, whatever YAML would make of it."""

from pathlib import Path

import click
import pytest
from kedro.config import OmegaConfigLoader
from kedro.io import AbstractDataset

from mnistm_da.cli.common import PARAMS, parse_params
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
    loader = OmegaConfigLoader(str(root / "conf"), env="sample", runtime_params=params, **CONFIG_LOADER_ARGS)
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
        ("benchmark.seeds=0 1 2", {"benchmark": {"seeds": "0 1 2"}}),
    ],
)
def test_all_other_values_are_read_as_kedro_does(text, expected):
    assert parsed(text) == expected


@pytest.mark.parametrize("text", ["seed", "seed=1,epochs", "=3", "seed={", "seed=[1"])
def test_what_cannot_be_read_is_refused(text):
    with pytest.raises(click.UsageError):
        parsed(text)
