"""Selection: {algorithm}.checkpoints, *_validation → {algorithm}.validation, {algorithm}.model."""

from kedro.pipeline import Pipeline, node

from ..template import for_algorithm, instantiate
from .nodes import select, validate


def create_pipeline(algorithm: str) -> Pipeline:
    """Pick one algorithm's model among its checkpoints; no target label is connected."""
    parameters = [f"params:{name}" for name in ("algorithm", "network", "training", "selection", "device")]
    return instantiate(
        [
            node(
                for_algorithm(validate, algorithm),
                ["checkpoints", "source_validation", "target_validation", *parameters],
                "validation",
                name="validate",
            ),
            node(select, ["checkpoints", "validation", "params:selection"], "model", name="select"),
        ],
        algorithm,
        tags=["selection"],
    )
