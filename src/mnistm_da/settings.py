"""Project settings; https://docs.kedro.org/en/stable/configure/configuration_basics/."""

import warnings
from typing import Any

from mnistm_da.hooks.checks import CheckBeforeRun
from mnistm_da.hooks.saved_models import CheckSavedModels
from mnistm_da.hooks.share_cores import ShareCores
from mnistm_da.hooks.summary import SummariseRun
from mnistm_da.lineage.trace import TraceRun
from mnistm_da.viz.workflow import TellWorkflow

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
    """Note on which device a node computed, and with how many threads."""
    if "device" not in parameters:
        return {}
    from mnistm_da.adaptation.device import describe, resolve_device

    return {"device": describe(resolve_device(parameters["device"]))}


HOOKS = (
    CheckBeforeRun(),
    CheckSavedModels(),
    ShareCores(),
    TraceRun(PACKAGE, UNTRACED, facts),
    SummariseRun(),
    TellWorkflow(),
)

CONFIG_LOADER_ARGS: dict[str, Any] = {"base_env": "base", "default_run_env": "local"}
