"""Typed parameters of the pipelines: what `conf/*/parameters_*.yml` and `--params` may say.

A model as the type hint of a ``params:`` input is checked by Kedro before any node runs. Free of torch and
Kedro, so that the command line starts quickly and the library can use it. The parameters of one algorithm
live in that algorithm's file.
"""

from typing import Any

from .base import Params, Seed
from .data import CardParams, FewLabelsParams, PicturesParams, SplittingParams, SynthesisParams, TitleParams
from .models import (
    EXTRACTOR,
    LAST,
    AlgorithmParams,
    ArchitectureName,
    AugmentationParams,
    EmbeddingParams,
    NetworkParams,
    PredictParams,
    SelectionParams,
    TrainingParams,
    Views,
)
from .runs import PROXY, BenchmarkParams, LauncherParams, TrackingParams, TuneParams

__all__ = [
    "AS_TYPED",
    "EXTRACTOR",
    "LAST",
    "OF_CLIENT",
    "OF_ENVIRONMENT",
    "OF_HOOKS",
    "PATHS",
    "PROXY",
    "SWITCHED_ON",
    "TYPED",
    "AlgorithmParams",
    "ArchitectureName",
    "AugmentationParams",
    "BenchmarkParams",
    "CardParams",
    "EmbeddingParams",
    "FewLabelsParams",
    "LauncherParams",
    "NetworkParams",
    "Params",
    "PicturesParams",
    "PredictParams",
    "Seed",
    "SelectionParams",
    "SplittingParams",
    "SynthesisParams",
    "TitleParams",
    "TrackingParams",
    "TrainingParams",
    "TuneParams",
    "Views",
    "dotted",
]

OF_ENVIRONMENT = frozenset({"labelled_target"})
"""Parameters that no node reads: they say which pipelines an environment has."""

OF_CLIENT = frozenset({"launcher", "tracking"})
"""Parameters of the process in which a run begins. Its workers are not given them: files and addresses, perhaps with a
password, are its own."""

OF_HOOKS = frozenset({"tracking"})
"""Parameters that no node reads either: they change no output of any pipeline."""

SWITCHED_ON = {"launcher": "dask", "tracking": "mlflow"}
"""Parameters that are off by default, each with the name without which its other values change nothing."""

PATHS = frozenset({"images", "source", "target", "target_test"})
"""Parameters that are paths, or names of domains."""

AS_TYPED = PATHS | {"target_classes", "benchmark.merge"}
"""Parameters whose values in ``--params`` are taken as typed, not read as YAML: paths, and names of classes."""

TYPED: dict[str, type[Params]] = {
    "synthesis": SynthesisParams,
    "splitting": SplittingParams,
    "network": NetworkParams,
    "training": TrainingParams,
    "few_labels": FewLabelsParams,
    "selection": SelectionParams,
    "embedding": EmbeddingParams,
    "benchmark": BenchmarkParams,
    "launcher": LauncherParams,
    "tracking": TrackingParams,
    "tune": TuneParams,
    "pictures": PicturesParams,
    "predict": PredictParams,
    "titles": TitleParams,
    "card": CardParams,
}
"""The model of every top-level parameter that has one; an algorithm's own is at its class."""


def dotted(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Give all values of nested dictionaries by the names that they have on the command line, ``training.epochs``."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= dotted(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return found
