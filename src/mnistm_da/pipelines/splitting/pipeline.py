"""Splitting: source, target_images, target_labels → source_*, target_*."""

from kedro.pipeline import Node, Pipeline, node

from .nodes import label_few, label_target_test, label_target_train, split_source, split_target

HOW = ["params:splitting", "params:seed"]


def create_pipeline(*, labelled_target: bool = True) -> Pipeline:
    """Cut both domains into splits; target training labels, if there are any, are a separate dataset."""
    return Pipeline(
        [
            node(
                split_source,
                ["source", *HOW],
                ["source_train", "source_validation", "source_test"],
                name="split_source",
            ),
            node(split_target, ["target_images", *HOW], ["target_train", "target_validation"], name="split_target"),
            *(_label_training() if labelled_target else ()),
            node(label_target_test, ["target_images", "target_labels"], "target_test", name="label_target_test"),
        ],
        tags="splitting",
    )


def _label_training() -> list[Node]:
    return [
        node(label_target_train, ["target_labels", *HOW], "target_train_labels", name="label_target_train"),
        node(
            label_few,
            ["target_train", "target_train_labels", "format", "params:few_labels", "params:seed"],
            "target_few_labelled",
            name="label_few",
        ),
    ]
