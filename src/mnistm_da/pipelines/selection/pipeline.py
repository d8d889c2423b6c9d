"""Selection: {algorithm}.checkpoints, *_validation → {algorithm}.validation, {algorithm}.model."""

from kedro.pipeline import Pipeline, node

from mnistm_da.adaptation.registry import ALGORITHMS

from ..template import instantiate
from .nodes import select, validate


def create_pipeline(algorithm: str) -> Pipeline:
    """Pick one algorithm's model; no target label is connected, nor the source of an algorithm that may not read it."""
    inputs = {name: name for name in ("checkpoints", "target_validation")}
    inputs |= {name: f"params:{name}" for name in ("selection", "device")}
    if not ALGORITHMS[algorithm].source_free:
        inputs["source_validation"] = "source_validation"
    return instantiate(
        [
            node(validate, inputs, "validation", name="validate"),
            node(select, ["checkpoints", "validation", "params:selection", "params:titles"], "model", name="select"),
        ],
        algorithm,
        tags=["selection"],
    )
