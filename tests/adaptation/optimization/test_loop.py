import logging
import math

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from conftest import make_split
from mnistm_da.adaptation.algorithms.bounds import SourceOnly
from mnistm_da.adaptation.models import checkpoints, inference, loading
from mnistm_da.adaptation.optimization import loop, state
from mnistm_da.adaptation.optimization.batches import Batches, TrainingData
from mnistm_da.adaptation.registry import algorithm_class
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import NetworkParams, TrainingParams
from training_data import CPU, DATA, PARAMS, SMALL, no_bar, run


def test_the_state_of_another_network_is_refused():
    first, *_ = loop.train(
        loading.build(SourceOnly, {}, SMALL, DIGITS, 0), DATA, PARAMS, seed=0, device=CPU, progress_bar=no_bar
    )
    other = loading.build(algorithm_class("dann"), {}, SMALL, DIGITS, 0)
    with pytest.raises(ValueError, match="the stopped training was of another network"):
        list(loop.train(other, DATA, PARAMS, seed=0, device=CPU, progress_bar=no_bar, stopped=first))


def test_training_learns_and_says_so(caplog):
    caplog.set_level(logging.INFO, logger="mnistm_da")
    algorithm, history = run(SourceOnly, TrainingParams(epochs=12, batch_size=16), network=NetworkParams())
    # Ten runs in float32, ten in bfloat16, seeds 0–4, one thread and two: the loss falls to 0.49 ± 0.01 of the first,
    # and accuracy is 1 in each.
    assert history[-1]["loss/classification"] < 0.75 * history[0]["loss/classification"]
    assert inference.accuracy(algorithm, make_split(100, channels=1, seed=9), CPU) > 0.9
    assert "epoch 12/12" in caplog.text
    assert "images/s" in caplog.text


def test_saved_weights_restore_the_same_predictions():
    trained, _ = run(SourceOnly)
    images = make_split(30, channels=3, seed=5)["images"]
    fresh = loading.build(SourceOnly, {}, SMALL, DIGITS, seed=99)
    restored = loading.restore(fresh, loading.weights(trained))
    for expected, found in zip(
        inference.predict(trained, images, CPU), inference.predict(restored, images, CPU), strict=True
    ):
        np.testing.assert_array_equal(expected, found)


def test_predictions_do_not_depend_on_the_batch():
    trained, _ = run(SourceOnly)
    images = make_split(30, channels=1, seed=5)["images"]
    whole, _ = inference.predict(trained, images, CPU)
    pieces, _ = inference.predict(trained, images, CPU, batch_size=7)
    np.testing.assert_allclose(whole, pieces, atol=1e-5)


def test_kept_epochs_are_evenly_spaced_and_hold_the_last():
    assert checkpoints.kept_epochs(60, 10) == [6, 12, 18, 24, 30, 36, 42, 48, 54, 60]
    assert checkpoints.kept_epochs(3, 10) == [1, 2, 3]
    assert checkpoints.kept_epochs(7, 1) == [7]


def test_checkpoints_are_the_weights_of_their_epochs():
    """The first of two epochs differs from the last, and the last is the trained model."""
    algorithm = loading.build(SourceOnly, {}, SMALL, DIGITS, 0)
    split = make_split(64, channels=1, seed=0)
    data = TrainingData(split, split, split)
    *_, end = loop.train(algorithm, data, PARAMS, seed=0, device=CPU, progress_bar=no_bar, checkpoints=5)
    kept = state.kept(end)
    assert checkpoints.checkpoint_epochs(kept) == [1, 2]
    first, last = (checkpoints.checkpoint(kept, epoch) for epoch in (1, 2))
    final = loading.weights(algorithm)
    assert all(np.array_equal(last[name], final[name]) for name in final)
    assert not np.array_equal(first["classifier.hidden.0.weight"], last["classifier.hidden.0.weight"])


def test_another_networks_weights_are_refused():
    arrays = loading.weights(run(SourceOnly)[0])
    arrays.popitem()
    with pytest.raises(ValueError, match="of another network: train it again"):
        loading.restore(loading.build(SourceOnly, {}, SMALL, DIGITS, 0), arrays)


def test_learning_rate_warms_up_and_falls_to_zero():
    algorithm = loading.build(SourceOnly, {}, SMALL, DIGITS, 0)
    algorithm.prepare(PARAMS)
    params = TrainingParams(learning_rate=0.1, warmup=0.2, decay="cosine")
    rates = [loop._set_learning_rate(algorithm, params, done) for done in (0, 0.1, 0.2, 0.6, 1)]
    assert rates == pytest.approx([0, 0.05, 0.1, 0.05, 0])
    linear = TrainingParams(learning_rate=0.1, warmup=0, decay="linear")
    assert loop._set_learning_rate(algorithm, linear, 0.25) == pytest.approx(0.075)
    assert algorithm.optimizers[0].param_groups[0]["lr"] == pytest.approx(1e-3 * 0.75)


def test_every_source_image_is_seen_once_an_epoch():
    source = make_split(64, channels=1, seed=0)
    source["labels"] = np.arange(64)
    data = TrainingData(source, source, {"images": make_split(40, channels=3, seed=1)["images"]})
    batches = Batches(data, TrainingParams(batch_size=16), True, 0, CPU, 3)
    for _ in range(2):
        seen = torch.cat([batch.source_labels for batch in batches])
        assert sorted(seen.tolist()) == list(range(64))


def test_a_loss_term_is_the_mean_over_the_steps_that_have_it():
    class TwoStages(SourceOnly):
        def step(self, batch, progress):
            return {"late": torch.tensor(3.0)} if progress >= 0.75 else {"early": torch.tensor(5.0)}

    _, history = run(TwoStages, TrainingParams(epochs=1, batch_size=16))  # of four steps, one is late
    assert (history[0]["loss/early"], history[0]["loss/late"]) == (5, 3)


def test_divergence_stops_the_run_and_names_the_term():
    with pytest.raises(FloatingPointError, match=r"loss term classification is not finite.*learning_rate"):
        run(SourceOnly, TrainingParams(epochs=2, batch_size=16, learning_rate=1e30, warmup=0))


def test_divergence_names_the_step_and_comes_after_what_was_good():
    class Diverging(SourceOnly):
        def step(self, batch, progress):
            return {"slipping": torch.tensor(math.nan if progress >= 0.75 else 1.0)}

    algorithm = loading.build(Diverging, {}, SMALL, DIGITS, 0)
    training_run = loop.train(
        algorithm, DATA, TrainingParams(epochs=2, batch_size=16), seed=0, device=CPU, progress_bar=no_bar
    )
    assert len(state.history(next(training_run))) == 1
    with pytest.raises(FloatingPointError, match=r"step 3 of epoch 2: loss term slipping .* up to epoch 1 is kept"):
        next(training_run)


def test_a_split_smaller_than_a_batch_is_refused():
    with pytest.raises(ValueError, match=r"fewer than a batch of 512: lower training\.batch_size"):
        run(SourceOnly, TrainingParams(batch_size=512))


def test_an_unknown_algorithm_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"no algorithm 'dan'. Did you mean 'dann'\? Known: .*dann, "):
        algorithm_class("dan")


def test_an_unknown_parameter_of_an_algorithm_is_named():
    with pytest.raises(ValidationError, match="wieght"):
        run(algorithm_class("dann"), own={"wieght": 1})
