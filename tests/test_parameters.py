"""The parameters of every environment: a change changes one value, and each value has one home."""

import copy
import shutil

import pytest
import yaml
from omegaconf import OmegaConf
from pydantic import BaseModel

from conftest import ROOT, conf_without_local
from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class
from mnistm_da.configuration import Configuration
from mnistm_da.parameters import TYPED
from mnistm_da.settings import CONFIG_LOADER_ARGS

OTHERS = sorted({path.parent.name for path in ROOT.glob("conf/*/globals.yml")} - {"base", "local"})
"""All environments that are not the base."""
MODELS = TYPED | {name: algorithm_class(name).Params for name in ALGORITHMS}
CHANGED = "changed"
CARDS = ("base/parameters_export.yml", "sample/parameters.yml")


def read(conf, env, params=None):
    return Configuration(str(conf), env=env, runtime_params=params, **CONFIG_LOADER_ARGS)["parameters"]


def written(conf, env):
    """The same without Kedro: base, then the environment, whose values replace single ones."""
    found = {name: {} for name in ALGORITHMS}  # one that no file names has its defaults
    for folder in ("base", env):
        for path in sorted((conf / folder).glob("parameters*.yml")):
            for name, value in yaml.safe_load(path.read_text(encoding="utf-8")).items():
                is_section = isinstance(value, dict)
                found[name] = found.get(name, {}) | value if is_section else value
    for name, function in CONFIG_LOADER_ARGS["custom_resolvers"].items():
        OmegaConf.register_new_resolver(name, function, replace=True)
    return OmegaConf.to_container(OmegaConf.create(found), resolve=True)


def changes(parameters):
    """One parameter of every section at a time, also those that only the class names; and one of a section within."""
    keys = {name: list(model.model_fields) for name, model in MODELS.items()}
    assert keys.keys() == {name for name, value in parameters.items() if isinstance(value, dict)}
    for turn in range(max(map(len, keys.values()))):
        yield {name: {own[turn]: CHANGED} for name, own in keys.items() if turn < len(own)}
    yield {"training": {"augmentation": {"shift": CHANGED}}}


def with_changes(parameters, params):
    expected = copy.deepcopy(parameters)
    for name, change in params.items():
        is_nested = isinstance(change, dict) and isinstance(expected.get(name), dict)
        expected[name] = with_changes(expected[name], change) if is_nested else change
    return expected


@pytest.fixture(scope="module")
def conf(tmp_path_factory):
    return conf_without_local(tmp_path_factory.mktemp("project"))


@pytest.fixture(params=["local", *OTHERS])
def env(request):
    return request.param


def test_an_environment_is_base_with_what_it_changes(conf, env):
    assert read(conf, env) == written(conf, env)


def test_a_parameter_of_a_run_leaves_its_siblings_as_they_are(conf, env):
    before = read(conf, env)
    for params in changes(before):
        assert read(conf, env, params) == with_changes(before, params)


def test_a_parameter_in_a_file_leaves_its_siblings_as_they_are(env, tmp_path):
    conf = conf_without_local(tmp_path)
    shutil.copytree(conf / env, conf / "mine")
    before = read(conf, "mine")
    assert before == read(conf, env)
    files = [yaml.safe_load(path.read_text()) for path in (conf / "mine").glob("parameters*")]
    sections = [(name, found) for file in files for name, found in file.items() if isinstance(found, dict)]
    own = {(name, key) for name, section in sections for key in section}
    for params in changes(before):
        mine = {name: change for name, change in params.items() if (name, *change) not in own}  # no file names it twice
        (conf / "mine/parameters_mine.yml").write_text(yaml.safe_dump(mine))
        assert read(conf, "mine") == with_changes(before, mine)


def test_what_was_lost_is_kept(conf):
    assert read(conf, "sample", {"mmd": {"epochs_factor": 2}})["mmd"] == {"weight": 10.0, "epochs_factor": 2}
    assert read(conf, None, {"benchmark": {"algorithms": "adabn"}})["benchmark"]["seeds"] == [0]


def test_a_list_is_replaced_as_a_whole(conf):
    base, sample = (yaml.safe_load((conf / path).read_text())["card"]["licences"] for path in CARDS)
    assert base != sample
    assert read(conf, "sample")["card"]["licences"] == sample


@pytest.mark.parametrize("name", MODELS)
def test_a_default_of_a_class_is_the_value_in_the_base_environment(name, conf):
    section, fields = read(conf, "base")[name], MODELS[name].model_fields
    defaults = {key: fields[key].default for key in section if not fields[key].is_required()}
    assert {key: plain.model_dump() if isinstance(plain, BaseModel) else plain for key, plain in defaults.items()} == {
        key: value for key, value in section.items() if not fields[key].is_required()
    }


@pytest.mark.parametrize("env", OTHERS)
def test_an_environment_repeats_no_value_of_the_base(conf, env):
    base = written(conf, "base")
    for path in (conf / env).glob("parameters*.yml"):
        for name, value in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            own = value if isinstance(value, dict) else {name: value}
            same = base[name] if isinstance(value, dict) else base
            assert not [key for key in own if key in same and same[key] == own[key]], (path, name)
