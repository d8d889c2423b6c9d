"""Splitting: source, target_images, target_labels → source_*, target_*."""

from kedro.pipeline import Pipeline, node

from .nodes import label_few, label_target_test, label_target_train, split_source, split_target


def create_pipeline() -> Pipeline:
    """Cut both domains into splits; target training labels are a dataset of their own."""
    how = ["params:splitting", "params:seed"]
    return Pipeline(
        [
            node(
                split_source,
                ["source", *how],
                ["source_train", "source_validation", "source_test"],
                name="split_source",
            ),
            node(split_target, ["target_images", *how], ["target_train", "target_validation"], name="split_target"),
            node(label_target_train, ["target_labels", *how], "target_train_labels", name="label_target_train"),
            node(
                label_few,
                ["target_train", "target_train_labels", "format", "params:few_labels", "params:seed"],
                "target_few_labelled",
                name="label_few",
            ),
            node(label_target_test, ["target_images", "target_labels"], "target_test", name="label_target_test"),
        ],
        tags="splitting",
    )
