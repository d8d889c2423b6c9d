"""Node functions that serve every algorithm, bound to one."""

from collections.abc import Callable
from functools import partial
from typing import Any


def for_algorithm(function: Callable[..., Any], algorithm: str) -> Callable[..., Any]:
    """Bind the keyword ``algorithm`` of a node function, keeping its name and type hints.

    Kedro reads a node's type hints to check its parameters, and a bare ``partial`` has none; a closure would
    have them, but cannot be sent to the workers of the ParallelRunner.
    """
    bound = partial(function, algorithm=algorithm)
    bound.__annotations__ = function.__annotations__
    bound.__name__ = function.__name__  # type: ignore[attr-defined]
    bound.__doc__ = function.__doc__
    return bound
