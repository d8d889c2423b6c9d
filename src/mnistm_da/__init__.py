"""Domain adaptation on MNIST → MNIST-M."""

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mnistm_da.adaptation.estimator import DomainAdapter, adapt

# Threads that wait for work by spinning slow two trainings on the same cores down tenfold and more, and gain nothing
# where a training has its cores alone. Read when torch is loaded, hence here.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# What Apple's devices cannot compute yet, the processor does. Read when torch is loaded, too.
os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")

__version__ = "0.1.0"

__all__ = ["DomainAdapter", "adapt"]


def __getattr__(name: str) -> Any:
    """Import what is used from Python when it is asked for: the command line starts without torch."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mnistm_da.adaptation import estimator

    return getattr(estimator, name)
