"""The cores of the machine, shared by the workers of a parallel run."""

import os
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.pipeline import Pipeline

from mnistm_da.cores import usable


class ShareCores:
    """Give each of the ParallelRunner's workers its share of the cores: together they would slow each other down."""

    def __init__(self) -> None:
        self.is_set = False

    @hook_impl(trylast=True)  # after the checks that may refuse the run
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline) -> None:
        """Set ``OMP_NUM_THREADS`` for the workers, unless the user has, by how many trainings run at the same time."""
        self.after_pipeline_run()  # what an interrupted run left
        if "ParallelRunner" not in str(run_params.get("runner")) or "OMP_NUM_THREADS" in os.environ:
            return
        # Trainings alone: of all that computes, they take the time.
        at_once = max(sum("params:training" in node.inputs for node in level) for level in pipeline.grouped_nodes)
        os.environ["OMP_NUM_THREADS"] = str(max(1, usable() // max(1, at_once)))
        self.is_set = True

    @hook_impl
    def after_pipeline_run(self) -> None:
        """Let later runs of this process have all cores again."""
        if self.is_set:
            del os.environ["OMP_NUM_THREADS"]
        self.is_set = False

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Do the same after a run that failed."""
        self.after_pipeline_run()
