"""Values that a training cannot use, or that leave a method half done, are told before it and not after."""

import logging
import warnings

import numpy as np
import pytest
import torch

from conftest import make_split
from mnistm_da.adaptation.algorithm import Algorithm, Splits
from mnistm_da.adaptation.algorithms.atdoc import ATDOC
from mnistm_da.adaptation.algorithms.cdd import CDD
from mnistm_da.adaptation.algorithms.dirt_t import DIRTT
from mnistm_da.adaptation.measures.validators import VALIDATORS, Outputs, unavailable, validate
from mnistm_da.adaptation.models import loading
from mnistm_da.adaptation.networks.forward import chunks
from mnistm_da.adaptation.optimization.loop import train
from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class
from mnistm_da.domains.format import DIGITS
from mnistm_da.errors import UserError
from mnistm_da.parameters import BenchmarkParams, NetworkParams, TrainingParams
from training_data import CPU, DATA, no_bar


def build(make, **own):
    made = loading.build(make, own, NetworkParams(dropout=0, width=4), DIGITS, seed=0)
    made.prepare(TrainingParams())
    return made


def splits(count):
    source, target = make_split(count, channels=1, seed=1), make_split(count, channels=3, seed=2)
    return Splits(*(torch.from_numpy(array) for array in (source["images"], source["labels"], target["images"])))


@pytest.mark.parametrize("count", [1, 2, 249, 250, 251, 499, 501, 1251])
def test_chunks_are_of_one_size(count):
    cut = chunks(torch.arange(count))
    assert torch.equal(torch.cat(cut), torch.arange(count))
    assert max(map(len, cut)) <= 250
    assert max(map(len, cut)) - min(map(len, cut)) <= 1


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_rest_of_one_image_spoils_no_statistics(name):
    """Of every algorithm that looks at a whole split, between epochs or for the weights that are kept."""
    algorithm = algorithm_class(name)
    if algorithm.at_checkpoint is Algorithm.at_checkpoint and algorithm.start_epoch is Algorithm.start_epoch:
        return
    made, data = build(algorithm), splits(251)
    made.networks.train()
    made.begin(data)
    made.start_epoch(data, 0.9)
    with made.at_checkpoint(data):
        kept = made.networks.state_dict()
    assert all(tensor.isfinite().all() for tensor in kept.values())


def test_what_only_runs_in_later_epochs_is_named_as_such():
    """What SHOT and the refinement do before an epoch, they do before the first one, too."""
    for name in ALGORITHMS.keys() - {"shot", "dirt_t_from_dann"}:
        algorithm = algorithm_class(name)
        has_epochs = algorithm.start_epoch is not Algorithm.start_epoch
        assert has_epochs == (build(algorithm).later_phase() is not None), name


@pytest.mark.parametrize(("make", "epochs"), [(CDD, 2), (DIRTT, 3)])
def test_too_few_epochs_for_the_method_are_told_before_them(make, epochs, caplog):
    for count in range(1, epochs + 1):
        caplog.clear()
        algorithm = build(make)
        params = TrainingParams(epochs=count, batch_size=16)
        with caplog.at_level(logging.WARNING):
            run = train(algorithm, DATA, params, seed=0, device=CPU, progress_bar=no_bar)
            next(run)
        told = [record.message for record in caplog.records if "too few epochs" in record.message]
        assert bool(told) == (count < epochs), count
        assert all(f"It needs at least {epochs}" in text for text in told)
        whole = splits(40)
        algorithm.networks.train()
        algorithm.start_epoch(whole, (count - 1) / count)  # as its last epoch begins
        begun = algorithm.is_refining if make is DIRTT else algorithm.assigned is not None
        assert begun == (not told)


def test_so_many_epochs_as_a_late_phase_needs_are_told(caplog):
    algorithm = build(DIRTT, vada_share=0.9995)
    params = TrainingParams(epochs=1, batch_size=16)
    with caplog.at_level(logging.WARNING):
        next(train(algorithm, DATA, params, seed=0, device=CPU, progress_bar=no_bar))
    assert "It needs at least 2000" in caplog.text


def test_more_neighbours_than_images_are_refused():
    with pytest.raises(UserError, match=r"atdoc\.neighbours is 40, but a target training image has 39 others"):
        build(ATDOC, neighbours=40).begin(splits(40))
    build(ATDOC, neighbours=39).begin(splits(40))


def outputs(count):
    rng = np.random.default_rng(count)
    features, logits = (torch.from_numpy(rng.normal(size=(count, of)).astype(np.float32)) for of in (20, 10))
    return Outputs(features, logits, torch.arange(count) % 10)


@pytest.mark.parametrize(("source", "target"), [(1, 1), (1, 20), (20, 1), (2, 2), (9, 9), (10, 10), (2, 10)])
def test_a_validator_is_computed_or_said_to_be_unavailable(source, target):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        scores = validate(outputs(source), outputs(target))
    without = unavailable(source, target, 10)
    assert {name for name, score in scores.items() if np.isnan(score)} == without.keys()
    assert ("dev" in without) == (source < 2)
    assert ("class_cluster" in without) == (target < 10)
    assert scores.keys() == VALIDATORS.keys()
    assert all("validation images, and there" in reason for reason in without.values())


def test_the_benchmark_runs_what_is_named_twice_once():
    params = BenchmarkParams(algorithms="source_only dann source_only", seeds="5 5 0")
    assert (params.algorithms, params.seeds) == (["source_only", "dann"], [5, 0])
    assert BenchmarkParams(algorithms=["dann"], seeds=7).seeds == [7]


@pytest.mark.parametrize("seeds", ["0 -1", "4294967296", "one", "1.5", True, [True], [0.5], "", []])
def test_a_seed_of_the_benchmark_is_one_for_a_run(seeds):
    with pytest.raises(ValueError, match="seeds"):
        BenchmarkParams(algorithms=["dann"], seeds=seeds)
