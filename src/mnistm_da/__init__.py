"""Domain adaptation on MNIST → MNIST-M."""

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mnistm_da.adaptation.estimator import DomainAdapter, adapt

# Idle threads that spin slow two trainings on the same cores down tenfold and more. A training that has its cores alone
# gains nothing by it. Torch reads this when it is loaded, hence here.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# The processor does the operations that Apple's devices do not have yet. Torch reads this when it is loaded, too.
os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")

__version__ = "0.1.0"

__all__ = ["DomainAdapter", "adapt"]


def __getattr__(name: str) -> Any:
    """Import the public names when they are asked for: so the command line starts without torch."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from mnistm_da.adaptation import estimator

    return getattr(estimator, name)
