"""What the state of a training says it was made with."""

import pytest

from conftest import make_split
from mnistm_da.adaptation.training_record import recorded
from mnistm_da.parameters import FewLabelsParams, NetworkParams, SelectionParams, TrainingParams
from mnistm_da.pipelines.training.nodes import train

FEW_LABELS = FewLabelsParams(setting="supervised", per_class=2)


@pytest.mark.parametrize(("name", "few_labels"), [("source_few_labels", FEW_LABELS), ("source_only", None)])
def test_the_number_of_target_labels_is_recorded_where_there_are_any(name, few_labels, tiny_split):
    [state] = train(
        source_train=tiny_split,
        source_validation=tiny_split,
        target_train={"images": make_split(64, channels=3, seed=1)["images"]},
        params={},
        network=NetworkParams(),
        training=TrainingParams(epochs=1, batch_size=16),
        selection=SelectionParams(),
        seed=0,
        device="cpu",
        resume=False,
        earlier_state=lambda: None,
        target_few_labelled=make_split(20, channels=3, seed=2) if few_labels else None,
        few_labels=few_labels,
        algorithm=name,
    )
    labels = {key: value for key, value in recorded(state).items() if key.startswith("few_labels.")}
    assert labels == ({"few_labels.setting": "supervised", "few_labels.per_class": 2} if few_labels else {})
