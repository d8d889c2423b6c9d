"""A run of two nodes, with the hooks of lineage and tracking."""

import json

import numpy as np
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog, MemoryDataset, Version
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner

from mnistm_da.datasets.artifacts import JSONDataset
from mnistm_da.lineage.trace import TraceRun

METRICS = {"algorithm": "dann", "seed": 3, "epochs": 2, "target_test": {"accuracy": 0.75, "confusion_matrix": [[3, 1]]}}
RESULT = METRICS | {
    "parameters": {"dann": {"weight": 1.0}},
    "code": {"registry.py": "0"},
    "data": {"source": 1},
    "made_with": {"commit": "abc", "libraries": {"torch": "2"}, "processor": {"machine": "abacus"}},
    "judged": {"epoch": [1, 2], "im": [0.5, None], "target_test_accuracy": [0.5, 0.75]},
    "timing": {"epochs": [2.0, 1.0]},
}

TRIAL = {key: RESULT[key] for key in ("algorithm", "seed", "code", "data")} | {
    "study": "dann.study.x",
    "number": 1,
    "parameters": {"dann": {"weight": 2.0}},
    "made_with": {"commit": "abc", "libraries": {"torch": "2"}},
    "state": "pruned",
    "curve": {"1": 0.5, "2": 0.25},
    "score": None,
    "guard": None,
    "epoch": None,
    "seconds": 9.0,
}


def state(*losses):
    """A training's state after so many epochs, as far as it is told of."""
    rows = [{"epoch": epoch, "seconds": 1.0, "loss/domain": loss} for epoch, loss in enumerate(losses, start=1)]
    return {"history": np.frombuffer(json.dumps(rows).encode(), dtype=np.uint8)}


def train(params):
    yield state(0.7)
    yield state(0.7, 0.6)


def evaluate(training_state, break_off):
    if break_off:
        raise ValueError("broken off")
    return METRICS


def catalog(folder, uri, *, name="mlflow", break_off=False):
    made = DataCatalog({"dann.training_state": MemoryDataset(copy_mode="assign")})
    made["dann.metrics"] = JSONDataset(filepath=str(folder / "dann.metrics.json"), version=Version(None, "v1"))
    tracking = {"name": name, "uri": uri, "experiment": "digits"}
    for key, value in {"dann": {"weight": 1.0}, "tracking": tracking, "break_off": break_off}.items():
        made[f"params:{key}"] = MemoryDataset(value)
    return made


PIPELINE = Pipeline(
    [
        node(train, "params:dann", "dann.training_state", name="train", namespace="dann"),
        node(evaluate, ["dann.training_state", "params:break_off"], "dann.metrics", name="score", namespace="dann"),
    ]
)
ABOUT = {"run_id": "v1", "env": "sample", "pipeline_names": ["dann"]}


def run(hook, of, between=lambda: None):
    """Run the pipeline with the hooks of lineage and tracking, as Kedro's session does."""
    trace, hooks = TraceRun("mnistm_da"), _create_hook_manager()
    hook.before_pipeline_run(ABOUT, PIPELINE, of)
    between()
    for one in (trace, hook):
        hooks.register(one)
    try:
        SequentialRunner().run(PIPELINE, of, hooks)
    except ValueError:
        hook.on_pipeline_error(PIPELINE, of)
        raise
    hook.after_pipeline_run(PIPELINE, of)
