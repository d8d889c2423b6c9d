"""Domain adaptation on MNIST → MNIST-M."""

import os

# Threads that wait for work by spinning slow two trainings on the same cores down tenfold and more, and gain nothing
# where a training has its cores alone. Read when torch is loaded, hence here.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# What Apple's devices cannot compute yet, the processor does. Read when torch is loaded, too.
os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")

__version__ = "0.1.0"
