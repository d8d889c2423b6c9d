"""Parameters that a command names, and that would change nothing in its run."""

from collections.abc import Collection, Iterable
from typing import Any

import click
from kedro.framework.project import pipelines
from kedro.io import DataCatalog

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.datasets.raw.no_photos import NoPhotos
from mnistm_da.parameters import OF_HOOKS, PredictParams

OF_DOMAINS = frozenset({"source", "target", "target_test", "pictures"})
"""Parameters that choose the data, in an environment that asks for them."""

OF_ONE = frozenset({"benchmark", "tune"})
"""Parameters that no unit reads: a node that reads all parameters for its units reads these by themselves."""

DOMAINS = frozenset({"raw_source", "raw_target_images", "raw_target_labels"})

OF_PROXY = frozenset({"raw_proxy_photos", "proxy_photos"})
"""Photos that a search may lay behind the source's images, whatever the target is."""


def check_read(said: Iterable[str], chosen: list[str]) -> None:
    """Refuse a parameter that other pipelines read, but none of the chosen algorithms' pipelines.

    Pipelines that use a trained model are left out: they compare parameters with those that the model was made with.
    """
    if not all(name in ALGORITHMS for name in chosen):
        return
    names = dict.fromkeys(one.split(".")[0] for one in said)
    for name in (one for one in names if one not in OF_DOMAINS | OF_HOOKS):
        readers = _readers(name)
        if chosen and readers and not {*chosen} & {*readers}:
            there = " or ".join(readers[:3]) + (" or …" if readers[3:] else "")
            raise click.UsageError(
                f"parameter '{name}' changes nothing in {' or '.join(chosen)}, but in --pipelines={there}"
            )


def _readers(name: str) -> list[str]:
    """Give the pipelines that read a parameter.

    ``few_labels`` is a special case: every pipeline picks the few labelled images, since it makes all splits. But only
    some train on them.
    """
    if name == "few_labels":
        return [of for of, entry in ALGORITHMS.items() if entry.target_labels == "few"] + ["all", "benchmark"]
    wanted = {f"params:{name}", "user_pictures" if name == "images" else "parameters"}
    if name in OF_ONE:
        wanted = {f"params:{name}"}
    readers = {of: pipeline.inputs() for of, pipeline in pipelines.items() if of != "__default__"}
    return [of for of, inputs in readers.items() if wanted & {key.split(".")[0] for key in inputs}]


def check_photos(said: Collection[str], used: Collection[str], catalog: DataCatalog) -> None:
    """Refuse parameters of photos and pictures whose readers do nothing with them here.

    Args:
        said: the parameters that the command names.
        used: the inputs of the pipeline.
        catalog: of the environment.
    """
    if "synthesis" in said and not OF_PROXY & {*used} and isinstance(catalog.get("raw_photos"), NoPhotos):
        raise click.UsageError(
            "parameter 'synthesis' changes nothing in this environment: no photos are laid behind the target's images"
        )
    if "pictures" in said and "user_pictures" in used and not DOMAINS & {*used}:
        dataset: Any = catalog.get("params:predict")
        crop = PredictParams.model_validate(dataset.load()).crop
        if crop != "own":
            raise click.UsageError(
                f"parameter 'pictures' changes nothing with predict.crop={crop}: it is for models that --env=pictures "
                "trained"
            )


def check_domains(said: Collection[str], used: Collection[str], catalog: DataCatalog) -> None:
    """Refuse the name of a domain that no node reads, in an environment whose domains are fixed; see `check_photos`."""
    domains = [catalog.get(name) for name in ("raw_source", *sorted(DOMAINS & {*used}))]
    read = set().union(*(getattr(domain, "named_by", ()) for domain in domains))
    for name in {name for name in said if f"params:{name}" not in used} & OF_DOMAINS - read:
        raise click.UsageError(
            f"parameter '{name}' changes nothing in this environment, whose domains are given: it is for --env=digits "
            "(sets of digits by name) and --env=pictures (your own folders)"
        )
