"""Project settings; https://docs.kedro.org/en/stable/configure/configuration_basics/."""

import warnings
from importlib.util import find_spec

from mnistm_da import terminal
from mnistm_da.configuration import ARGUMENTS, Configuration
from mnistm_da.hooks.check_parameters import CheckParameters
from mnistm_da.hooks.checks import CheckBeforeRun
from mnistm_da.hooks.choose_pipelines import ChoosePipelines
from mnistm_da.hooks.predictions import ShowPredictions
from mnistm_da.hooks.progress import TellProgress
from mnistm_da.hooks.project import PACKAGE, UNTRACED, data_root, facts
from mnistm_da.hooks.refuse_threads import RefuseThreads
from mnistm_da.hooks.saved_datasets import BindSavedDatasets
from mnistm_da.hooks.saved_models import CheckSavedModels
from mnistm_da.hooks.share_cores import ShareCores
from mnistm_da.hooks.store import CheckStore
from mnistm_da.hooks.summary import SummariseRun
from mnistm_da.hooks.surveys import ShareSurveys
from mnistm_da.hooks.tracking import TrackRun
from mnistm_da.lineage.elsewhere import SaveElsewhere
from mnistm_da.lineage.leases import HoldLease, running
from mnistm_da.lineage.trace import TraceRun
from mnistm_da.viz.workflow import TellWorkflow

terminal.survive_any_encoding()  # here, since every command and every worker of a parallel run reads its settings

# Of Kedro's own making, on every run: its use of omegaconf, its namespaces' dots, its look at Pydantic models,
# and that it may still change how nodes are previewed.
warnings.filterwarnings("ignore", message=r"register_new_resolver\(\) is deprecated")
warnings.filterwarnings("ignore", message=r"One or more dataset names contain '\.'")
warnings.filterwarnings("ignore", message=r"Accessing the 'model_fields' attribute on the instance")
warnings.filterwarnings("ignore", message=r"The 'preview_fn' feature is experimental")

PROGRESS = TellProgress()
HOOKS = (
    ChoosePipelines(),
    BindSavedDatasets(),
    ShareSurveys(),
    CheckStore(data_root),
    CheckParameters(),
    CheckBeforeRun(),
    CheckSavedModels(),
    RefuseThreads(),
    ShareCores(),
    PROGRESS,
    TraceRun(PACKAGE, UNTRACED, facts, lambda catalog: running(data_root(catalog))),
    SaveElsewhere(),
    TrackRun(),
    HoldLease(data_root),  # after all that may refuse the run: else its lease would last as long as a notebook
    SummariseRun(),
    ShowPredictions(),
    *([TellWorkflow()] if find_spec("kedro_viz") else []),
)

terminal.prepare()

CONFIG_LOADER_CLASS = Configuration
CONFIG_LOADER_ARGS = ARGUMENTS
