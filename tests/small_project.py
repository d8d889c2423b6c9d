"""A small pipeline of JSON datasets without any torch, for the tests of lineage."""

from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog, MemoryDataset, Version
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner

from mnistm_da.datasets.artifacts import JSONDataset
from mnistm_da.lineage.status import status
from mnistm_da.lineage.trace import TraceRun
from mnistm_da.storage import files
from object_store import address

NAMES = ("cut", "left", "right", "both", "picture")
PARAMETERS = {"size": {"width": 3, "height": 1}, "left": 1, "colour": "red", "resume": False}
PACKAGE, UNTRACED = "mnistm_da", {"params:resume"}


def cut(size, resume):
    return list(range(size["width"]))


def scale(data, by):
    return [value * by for value in data]


def turn(data):
    return data[::-1]


def join(left, right):
    return left + right


def draw(both, colour):
    return f"{both} in {colour}"


PIPELINE = Pipeline(
    [
        node(cut, ["params:size", "params:resume"], "cut", name="cut"),
        node(scale, ["cut", "params:left"], "left", name="scale"),
        node(turn, "cut", "right", name="turn"),
        node(join, ["left", "right"], "both", name="join"),
        node(draw, ["both", "params:colour"], "picture", name="draw"),
    ]
)


class SmallProject:
    """Runs of the pipeline in a folder, on a disk or in a store, each as a version with its own stamp."""

    def __init__(self, folder):
        self.folder = folder

    def catalog(self, stamp="now", load=None, **parameters):
        catalog = DataCatalog()
        for name in NAMES:
            version = Version((load or {}).get(name), stamp)
            credentials = dict(getattr(self.folder, "storage_options", {}))
            catalog[name] = JSONDataset(filepath=self.address(name), version=version, credentials=credentials)
        for name, value in (PARAMETERS | parameters).items():
            catalog[f"params:{name}"] = MemoryDataset(value)
        return catalog

    def address(self, name):
        path = self.folder / f"{name}.json"
        return str(path) if files.is_local(path) else address(path)

    def run(self, stamp, *nodes, load=None, **parameters):
        hooks = _create_hook_manager()
        trace = TraceRun(PACKAGE, UNTRACED)
        hooks.register(trace)
        chosen = PIPELINE.filter(node_names=nodes) if nodes else PIPELINE
        catalog = self.catalog(stamp, load, **parameters)
        trace.before_pipeline_run(chosen, catalog)
        SequentialRunner().run(chosen, catalog, hooks)
        trace.after_pipeline_run()

    def stale(self, **parameters):
        found = status(PIPELINE, self.catalog(**parameters), PACKAGE, UNTRACED)
        return {one.node: one.why for one in found if one.state != "fresh"}

    def path(self, name, stamp):
        return self.folder / f"{name}.json" / stamp / f"{name}.json"
