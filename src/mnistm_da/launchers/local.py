"""How many workers a run starts on this machine, and which devices they have."""

import os
from typing import Any

from mnistm_da.cores import usable


def has_device(params: Any) -> bool:
    """Whether each unit asks for a GPU, by `LauncherParams`."""
    return "GPU" in (params.resources or {})


def devices() -> tuple[str, ...]:
    """Give the GPUs that this process may use, each as ``CUDA_VISIBLE_DEVICES`` names it."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        return tuple(one.strip() for one in named.split(",") if one.strip())
    from torch import cuda  # not above: nobody else needs it here

    return tuple(str(number) for number in range(cuda.device_count()))


def workers(params: Any) -> int:
    """Give the number of workers that `LauncherParams` asks for: by default, one for each GPU, or for each core."""
    return params.workers or (max(1, len(devices())) if has_device(params) else usable())
