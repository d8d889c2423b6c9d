"""The parameters of every environment: a change changes one value, and each value has one home."""

import copy
import shutil

import pytest
import yaml
from pydantic import BaseModel

from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class
from mnistm_da.configuration import Configuration
from mnistm_da.parameters import TYPED
from mnistm_da.settings import CONFIG_LOADER_ARGS

ENVIRONMENTS = ["local", "sample", "full_length"]
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
    return found


def changes(parameters):
    """One parameter of every section at a time, also those that only the class names."""
    keys = {name: list(model.model_fields) for name, model in MODELS.items()}
    assert keys.keys() == {name for name, value in parameters.items() if isinstance(value, dict)}
    for turn in range(max(map(len, keys.values()))):
        yield {name: {own[turn]: CHANGED} for name, own in keys.items() if turn < len(own)}


def with_changes(parameters, params):
    expected = copy.deepcopy(parameters)
    for name, change in params.items():
        expected[name] |= change
    return expected


@pytest.fixture(params=ENVIRONMENTS)
def env(request):
    return request.param


def test_an_environment_is_base_with_what_it_changes(root, env):
    assert read(root / "conf", env) == written(root / "conf", env)


def test_a_parameter_of_a_run_leaves_its_siblings_as_they_are(root, env):
    before = read(root / "conf", env)
    for params in changes(before):
        assert read(root / "conf", env, params) == with_changes(before, params)


def test_a_parameter_in_a_file_leaves_its_siblings_as_they_are(root, env, tmp_path):
    conf = shutil.copytree(root / "conf", tmp_path / "conf", ignore=shutil.ignore_patterns("local"))
    shutil.copytree(conf / env, conf / "mine", dirs_exist_ok=True) if env != "local" else (conf / "mine").mkdir()
    before = read(conf, "mine")
    assert before == read(root / "conf", env if env != "local" else "base")
    files = [yaml.safe_load(path.read_text()) for path in (conf / "mine").glob("parameters*")]
    own = {(name, key) for file in files for name, section in file.items() for key in section}
    for params in changes(before):
        mine = {name: change for name, change in params.items() if (name, *change) not in own}  # no file names it twice
        (conf / "mine/parameters_mine.yml").write_text(yaml.safe_dump(mine))
        assert read(conf, "mine") == with_changes(before, mine)


def test_what_was_lost_is_kept(root):
    assert read(root / "conf", "sample", {"mmd": {"epochs_factor": 2}})["mmd"] == {"weight": 10.0, "epochs_factor": 2}
    assert read(root / "conf", None, {"benchmark": {"algorithms": "adabn"}})["benchmark"]["seeds"] == [0]


def test_a_list_is_replaced_as_a_whole(root):
    base, sample = (yaml.safe_load((root / "conf" / path).read_text())["card"]["licences"] for path in CARDS)
    assert base != sample
    assert read(root / "conf", "sample")["card"]["licences"] == sample


@pytest.mark.parametrize("name", MODELS)
def test_a_default_of_a_class_is_the_value_in_the_base_environment(name, root):
    section, fields = read(root / "conf", "base")[name], MODELS[name].model_fields
    defaults = {key: fields[key].default for key in section if not fields[key].is_required()}
    assert {key: plain.model_dump() if isinstance(plain, BaseModel) else plain for key, plain in defaults.items()} == {
        key: value for key, value in section.items() if not fields[key].is_required()
    }


@pytest.mark.parametrize("env", ["sample", "full_length"])
def test_an_environment_repeats_no_value_of_the_base(root, env):
    base = written(root / "conf", "base")
    for path in (root / "conf" / env).glob("parameters*.yml"):
        for name, value in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            own = value if isinstance(value, dict) else {name: value}
            same = base[name] if isinstance(value, dict) else base
            assert not [key for key in own if key in same and same[key] == own[key]], (path, name)
