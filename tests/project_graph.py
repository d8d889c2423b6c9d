"""Shared by the tests of the project's graph: its pipelines, and what lies upstream and downstream of a dataset."""

from kedro.pipeline import Pipeline

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.pipeline_registry import register_pipelines

PIPELINES = register_pipelines()

UNLABELLED = register_pipelines(labelled_target=False)
"""The pipelines of an environment whose target has no labels to train on."""

UNSUPERVISED = [name for name, entry in ALGORITHMS.items() if entry.target_labels == "none"]

KNOWN_WITHOUT_LABELS = {"raw_source", "raw_target_images", "raw_photos"}
"""What an unsupervised model may be made of. The labels in ``raw_source`` are the source's: every model reads them.

In the standard protocol both domains have the same digits, and therefore the same labels. They must not come to a model
as labels of target images: a test keeps the source from every node that makes target images.
"""

MEMORY_OF_SEARCH = {"finished_trials", "stopped_trials", "trial_models", "studies", "tuning_workplace"}
"""What a search remembers of earlier ones, and where other processes find that."""

FOLDERS = {"benchmark_runs", "failed_runs", "merged_runs", "hindsight_runs", "hindsight_failures", "tuning_trials"}
"""Outputs that are no versions: in these folders, finished runs and their failures are remembered."""


def ancestors(pipeline: Pipeline, dataset: str) -> set[str]:
    """Every dataset that the making of this one can depend on."""
    made_by = {output: node for node in pipeline.nodes for output in node.outputs}
    found, open_ends = set(), [dataset]
    while open_ends:
        node = made_by.get(open_ends.pop())
        new = set(node.inputs if node else ()) - found
        found |= new
        open_ends += new
    return found


def made_of(pipeline: Pipeline, datasets: set[str] | frozenset[str]) -> set[str]:
    """Every dataset of a pipeline that one of these can have gone into."""
    made: set[str] = set()
    for node in pipeline.nodes:  # in the order in which they run
        if (made | datasets) & set(node.inputs):
            made |= set(node.outputs)
    return made
