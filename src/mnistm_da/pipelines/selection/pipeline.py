"""Selection: {algorithm}.checkpoints, *_validation → {algorithm}.validation, {algorithm}.model."""

from kedro.pipeline import Pipeline, node

from ..template import instantiate
from .nodes import select, validate


def create_pipeline(algorithm: str) -> Pipeline:
    """Pick one algorithm's model among its checkpoints; no target label is connected."""
    return instantiate(
        [
            node(
                validate,
                ["checkpoints", "source_validation", "target_validation", "params:selection", "params:device"],
                "validation",
                name="validate",
            ),
            node(select, ["checkpoints", "validation", "params:selection", "params:titles"], "model", name="select"),
        ],
        algorithm,
        tags=["selection"],
    )
