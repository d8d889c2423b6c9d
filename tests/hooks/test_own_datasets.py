"""Entries of a user's own catalog, and outputs without one, in everything that looks at all datasets of a run."""

import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import AbstractDataset, CachedDataset, DataCatalog, MemoryDataset, Version
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner
from kedro_datasets.json import JSONDataset

from mnistm_da.datasets import artifacts
from mnistm_da.hooks.summary import SummariseRun
from mnistm_da.lineage import records, versions
from mnistm_da.lineage.status import status
from mnistm_da.lineage.trace import TraceRun


class Bare(AbstractDataset):
    """As short as Kedro lets a dataset be: no ``metadata``."""

    def load(self):
        return 1

    def save(self, data):
        pass

    def _describe(self):
        return {}


def versioned(kind, folder, **more):
    return kind(filepath=str(folder / "x.json"), version=Version(None, "v1"), **more)


SHAPES = {
    "no attribute": lambda folder: Bare(),
    "no metadata": lambda folder: JSONDataset(filepath=str(folder / "x.json")),
    "versioned": lambda folder: versioned(JSONDataset, folder),
    "ours": lambda folder: versioned(artifacts.JSONDataset, folder),
    "empty metadata": lambda folder: versioned(artifacts.JSONDataset, folder, metadata={}),
    "other metadata": lambda folder: versioned(artifacts.JSONDataset, folder, metadata={"owner": "ann"}),
    "empty layer": lambda folder: versioned(artifacts.JSONDataset, folder, metadata={"kedro-viz": None}),
    "text": lambda folder: versioned(artifacts.JSONDataset, folder, metadata={"kedro-viz": "reporting"}),
    "not versioned": lambda folder: JSONDataset(
        filepath=str(folder / "x.json"), metadata={"kedro-viz": {"layer": "reporting"}}
    ),
    "memory": lambda folder: MemoryDataset(),
    "cached": lambda folder: CachedDataset(versioned(JSONDataset, folder)),
    "no entry": lambda folder: None,
}


def make():
    return {"a": 1}


def use(own):
    return own


PIPELINE = Pipeline([node(make, None, "own", name="make"), node(use, "own", "other", name="use")])


@pytest.mark.parametrize("shape", SHAPES)
def test_no_dataset_of_a_user_breaks_what_looks_at_all_of_them(shape, tmp_path):
    own = SHAPES[shape](tmp_path)
    catalog = DataCatalog({"own": own} if own is not None else {})
    trace, hooks = TraceRun("mnistm_da"), _create_hook_manager()
    hooks.register(trace)
    status(PIPELINE, catalog, "mnistm_da")
    trace.before_pipeline_run(PIPELINE, catalog)
    SequentialRunner().run(PIPELINE, catalog, hooks)
    SummariseRun().after_pipeline_run({}, PIPELINE, catalog)
    trace.after_pipeline_run()
    trace.before_pipeline_run(PIPELINE.filter(node_names=["use"]), catalog)
    names = ["own", "other"]
    assert [one.node for one in status(PIPELINE, catalog, "mnistm_da")] == ["make", "use"]
    assert versions.superseded(names, 1, [catalog]) == versions.abandoned(names, catalog) == []
    versions.used(names, catalog)


def test_a_failed_run_leaves_no_maker_behind():
    """What a notebook saves afterwards is not by the node that failed."""

    def fails():
        raise ZeroDivisionError

    pipeline, catalog, hooks = Pipeline([node(fails, None, "own")]), DataCatalog({}), _create_hook_manager()
    hooks.register(TraceRun("mnistm_da"))
    with pytest.raises(ZeroDivisionError):
        SequentialRunner().run(pipeline, catalog, hooks)
    assert records.making.get()["node"]
    hooks.hook.on_pipeline_error(error=ZeroDivisionError(), run_params={}, pipeline=pipeline, catalog=catalog)
    assert records.making.get() is None
