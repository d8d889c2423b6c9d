"""Project settings; https://docs.kedro.org/en/stable/configure/configuration_basics/."""

import warnings

from mnistm_da.hooks import CheckBeforeRun, SummariseRun
from mnistm_da.lineage.trace import TraceRun

# Of Kedro's own making, on every run: its use of omegaconf, its namespaces' dots, its look at Pydantic models.
warnings.filterwarnings("ignore", message=r"register_new_resolver\(\) is deprecated")
warnings.filterwarnings("ignore", message=r"One or more dataset names contain '\.'")
warnings.filterwarnings("ignore", message=r"Accessing the 'model_fields' attribute on the instance")

PACKAGE = "mnistm_da"
UNTRACED = frozenset({"params:resume"})
"""Parameters that do not change what is made."""

HOOKS = (CheckBeforeRun(), TraceRun(PACKAGE, UNTRACED), SummariseRun())

CONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "local"}
