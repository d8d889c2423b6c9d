"""Project settings; https://docs.kedro.org/en/stable/configure/configuration_basics/."""

import warnings
from typing import Any

from upath import UPath

from mnistm_da import terminal
from mnistm_da.configuration import ARGUMENTS, Configuration
from mnistm_da.cores import threads
from mnistm_da.hooks.checks import CheckBeforeRun
from mnistm_da.hooks.labelled_target import ChoosePipelines
from mnistm_da.hooks.predictions import ShowPredictions
from mnistm_da.hooks.progress import TellProgress
from mnistm_da.hooks.refuse_threads import RefuseThreads
from mnistm_da.hooks.saved_datasets import BindSavedDatasets
from mnistm_da.hooks.saved_models import CheckSavedModels
from mnistm_da.hooks.share_cores import ShareCores
from mnistm_da.hooks.store import CheckStore
from mnistm_da.hooks.summary import SummariseRun
from mnistm_da.kedro_private import place
from mnistm_da.lineage.elsewhere import SaveElsewhere
from mnistm_da.lineage.leases import HoldLease
from mnistm_da.lineage.trace import TraceRun
from mnistm_da.viz.workflow import TellWorkflow

terminal.survive_any_encoding()  # here, since every command and every worker of a parallel run reads its settings

# Of Kedro's own making, on every run: its use of omegaconf, its namespaces' dots, its look at Pydantic models,
# and that it may still change how nodes are previewed.
warnings.filterwarnings("ignore", message=r"register_new_resolver\(\) is deprecated")
warnings.filterwarnings("ignore", message=r"One or more dataset names contain '\.'")
warnings.filterwarnings("ignore", message=r"Accessing the 'model_fields' attribute on the instance")
warnings.filterwarnings("ignore", message=r"The 'preview_fn' feature is experimental")

PACKAGE = "mnistm_da"
UNTRACED = frozenset({"params:resume"})
"""Parameters that do not change what is made."""


def facts(parameters: dict[str, Any]) -> dict[str, Any]:
    """Note on which device a node computed; of a processor, with how many threads and which vector instructions.

    The precision that ``training.precision=auto`` means there, the model itself says.
    """
    if "device" not in parameters:
        return {}
    import torch

    from mnistm_da.adaptation.optimization.device import describe, resolve_device

    device = resolve_device(parameters["device"])
    found: dict[str, Any] = {"device": describe(device)}
    if device.type == "cpu":
        found |= {"threads": threads(), "vector instructions": torch.backends.cpu.get_cpu_capability()}
    return found


def data_root(catalog: Any) -> UPath:
    """Give the folder of all layers, as the catalog resolves it."""
    return place(catalog.get("source")).parents[1]


def register(labelled_target: bool) -> dict[str, Any]:
    """Give the pipelines of an environment; not imported above, since listing commands needs none."""
    from mnistm_da.pipeline_registry import register_pipelines

    return register_pipelines(labelled_target=labelled_target)


PROGRESS = TellProgress()
HOOKS = (
    ChoosePipelines(register),
    BindSavedDatasets(),
    CheckStore(data_root),
    CheckBeforeRun(),
    CheckSavedModels(),
    RefuseThreads(),
    ShareCores(),
    PROGRESS,
    TraceRun(PACKAGE, UNTRACED, facts),
    HoldLease(data_root),
    SaveElsewhere(),
    SummariseRun(),
    ShowPredictions(),
    TellWorkflow(),
)

terminal.prepare()

CONFIG_LOADER_CLASS = Configuration
CONFIG_LOADER_ARGS = ARGUMENTS
