"""An environment whose target has no labels: its pipelines, and the messages about the others."""

from dataclasses import dataclass
from importlib import import_module

import pytest
from click import UsageError
from kedro.framework.project import pipelines
from kedro.framework.startup import bootstrap_project
from kedro.io import DataCatalog, MemoryDataset

from mnistm_da.datasets.raw import RawDomain
from mnistm_da.errors import UserError
from mnistm_da.hooks.checks import _check_benchmark
from mnistm_da.hooks.choose_pipelines import ChoosePipelines


@dataclass
class Context:
    config_loader: dict


def test_an_environment_whose_target_has_labels_has_all_pipelines_again(root):
    """The registry is one for all commands of a process."""
    bootstrap_project(root)
    choose = ChoosePipelines()
    for labelled, context in ((False, {"labelled_target": False}), (True, {}), (True, {"labelled_target": True})):
        choose.after_context_created(Context({"parameters": context}))
        assert ("target_only" in set(pipelines)) == labelled
        assert ("label_few" in {node.name for node in pipelines["data"].nodes}) == labelled
    with pytest.raises(UsageError, match="there is no pipeline 'danm'"):
        pipelines["danm"]


def test_a_benchmark_needs_labels_to_compare_by(root):
    bootstrap_project(root)
    ChoosePipelines().after_context_created(Context({"parameters": {"labelled_target": False}}))
    catalog = DataCatalog({"params:benchmark": MemoryDataset({"algorithms": "dann target_only", "seeds": 0})})
    for has_labels, message in ((False, "these have no labels: name some"), (True, "names target_only, which learn")):
        with pytest.raises(UserError, match=message):
            _check_benchmark(Domain(has_labels), pipelines["benchmark"], catalog)
    assert _check_benchmark(Domain(False), pipelines["data"], catalog) is None
    bootstrap_project(root)


class Domain(RawDomain):
    def __init__(self, has_labels):
        super().__init__()
        self.has_labels = has_labels

    def has_labelled_test(self):
        return self.has_labels

    def read(self):
        return {}

    def content(self):
        return ""


def test_a_node_that_an_environment_leaves_out_is_told_without_a_traceback(monkeypatch):
    def without_it(**options):
        raise ValueError("Pipeline does not contain nodes named ['target_only.train'].")

    run = import_module("mnistm_da.cli.run")  # the name in the package is the command
    monkeypatch.setattr(run.kedro_run, "callback", without_it)
    with pytest.raises(UsageError, match=r"'target_only\.train'.*the target of this environment has none"):
        run._run(None, (), {})
