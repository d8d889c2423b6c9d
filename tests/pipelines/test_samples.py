"""Which test images' features are kept: a fixed sample for the domains' distance, as many as asked for pictures."""

import numpy as np

from conftest import make_split
from mnistm_da.adaptation.measures import scores
from mnistm_da.adaptation.models import checkpoints, inference, loading
from mnistm_da.adaptation.models.description import description
from mnistm_da.parameters import EXTRACTOR
from mnistm_da.pipelines.embedding.nodes import extract_features
from mnistm_da.pipelines.evaluation.nodes import predict
from mnistm_da.pipelines.training.nodes import collect
from training_data import CPU, states


def model_of_one_epoch():
    kept = collect(states("source_only")[-1])[0]
    return checkpoints.pick(kept, 1, selected_by="last")


def test_features_for_the_distance_are_of_the_same_images_in_both_domains(monkeypatch):
    monkeypatch.setattr(scores, "DOMAIN_SAMPLES", 12)
    model, split = model_of_one_epoch(), make_split(40, channels=1, seed=3)
    validation = make_split(30, channels=1, seed=4)
    probabilities, features = predict(model, validation, split, split, "cpu")
    counts = {name: len(of) for name, of in probabilities.items()}
    assert counts == {"source": 40, "target": 40, "source_validation": 30}
    assert features["source"].shape[0] == 12
    assert np.array_equal(features["source"], features["target"])


def test_features_for_pictures_are_of_the_images_that_are_named():
    model, source, target = model_of_one_epoch(), make_split(40, channels=1, seed=3), make_split(30, channels=3, seed=4)
    found = extract_features(model, source, target, 12, EXTRACTOR, "cpu")
    assert description(model).seed == 0
    for domain, split in (("source", source), ("target", target)):
        _, of_all = inference.predict(loading.load(model), split["images"], CPU)
        chosen = found[f"{domain}_index"]
        assert len(set(chosen)) == 12
        np.testing.assert_allclose(found[domain], of_all[chosen], rtol=1e-4, atol=1e-5)
    more = extract_features(model, source, target, 50, EXTRACTOR, "cpu")
    assert list(more["source_index"]) == list(range(40))
