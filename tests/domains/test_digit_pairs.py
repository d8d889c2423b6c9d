"""Two digit sets are a pair by their names, on the command line too; pairs that would prove nothing are refused."""

import json
import sys
from itertools import permutations
from types import ModuleType

import numpy as np
import pytest
from safetensors.numpy import load_file

from conftest import clone
from mnistm_da.datasets.digit_sets import NamedDigits
from mnistm_da.domains.sizes import Sizes
from mnistm_da.errors import UserError
from mnistm_da.hooks.sizes import _check_disjoint
from mnistm_da.parameters import SplittingParams
from mnistm_da.registry import DIGIT_SETS, DigitSet


def newest(folder, name):
    return max(folder.glob(f"*/{name}/*/{name}"))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return clone(tmp_path_factory.mktemp("project"))


def test_two_names_are_a_pair(project, kedro_here):
    done = kedro_here(
        "run", "--pipelines=data", "--env=digits", "--params=source=optdigits,target=mnist_sample", cwd=project
    )
    assert done.returncode == 0, done.stdout + done.stderr
    here = project / "data/digits/optdigits-mnist_sample"
    for domain, size in (("source", 1437), ("target", 4000)):
        held = round(0.1 * size)
        assert len(load_file(newest(here, f"{domain}_validation.safetensors"))["images"]) == held
        assert len(load_file(newest(here, f"{domain}_train.safetensors"))["images"]) == size - held
    assert set(load_file(newest(here, "target_train.safetensors"))) == {"images"}


def pair(source, target):
    return [NamedDigits(name=name, other=other, path="raw") for name, other in ((source, target), (target, source))]


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("mnits", "usps", "there is no digit set 'mnits'. Did you mean 'mnist'. Known: mnist, mnist_m,"),
        ("3", "usps", "there is no digit set '3'"),
        ("", "usps", "there is no digit set ''"),
        ("usps", "usps", "source and target are both 'usps'"),
    ],
)
def test_names_that_are_no_pair_are_told_before_anything_is_read(source, target, message):
    with pytest.raises(UserError, match=message):
        pair(source, target)[0].check()


def test_no_test_digit_of_one_set_is_a_training_digit_of_the_other():
    """The 5,000 digits of the sample are training digits of MNIST; MNIST-M has MNIST's own split."""
    refused = set()
    for source, target in permutations(DIGIT_SETS, 2):
        try:
            for domain in pair(source, target):
                domain.check()
        except UserError as error:
            assert "are training digits of" in str(error)
            refused.add(frozenset((source, target)))
    large, small = ("mnist", "mnist_m"), ("mnist_sample", "synthetic_photos")
    assert refused == {frozenset((one, other)) for one in large for other in small}


def test_digits_of_one_origin_can_be_disjoint_halves_and_others_cannot():
    _check_disjoint(SplittingParams(digits="disjoint"), *pair("mnist_sample", "synthetic_photos"))
    _check_disjoint(SplittingParams(digits="disjoint"), *pair("mnist_m", "mnist"))
    with pytest.raises(UserError, match="source and target are made of different ones"):
        _check_disjoint(SplittingParams(digits="disjoint"), *pair("mnist", "usps"))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ("source=mnits", "there is no digit set 'mnits'."),
        ("target_test=usps", "'target_test' changes nothing in this environment"),
    ],
)
def test_the_command_line_tells_mistakes(params, message, project, kedro_here):
    done = kedro_here("run", "--pipelines=data", "--env=digits", f"--params={params}", cwd=project)
    assert done.returncode != 0
    assert message in done.stdout
    assert "Traceback" not in done.stdout


def test_a_new_set_is_a_module_and_a_line_of_the_registry(project, kedro_here, monkeypatch):
    """The two files that adding a domain touches."""
    module = ModuleType("mnistm_da.domains.digit_sets.stripes")
    images = np.zeros((40, 28, 28), np.uint8)
    images[np.arange(40), 4 + np.arange(40) % 10 * 2] = 255
    arrays = {f"{part}_images": images for part in ("train", "test")}
    arrays |= {f"{part}_labels": np.arange(40) % 10 for part in ("train", "test")}
    module.load, module.content, module.SIZES = (lambda raw: arrays), (lambda: "stripes"), Sizes(40, 4, 40)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(DIGIT_SETS, "stripes", DigitSet("stripes", "Stripes", "Ten stripes.", "None."))
    pair = "--params=source=stripes,target=optdigits,training.batch_size=8"
    done = kedro_here("run", "--pipelines=data", "--env=digits", pair, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    here = project / "data/digits/stripes-optdigits"
    assert load_file(newest(here, "source_test.safetensors"))["images"].shape == (40, 1, 28, 28)
    assert json.loads(newest(here, "format.json").read_text())["side"] == 28
