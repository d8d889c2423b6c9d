"""Parameters that ask for more images than there are, told before any node runs."""

from dataclasses import dataclass, replace
from typing import Any

from kedro.io import DataCatalog
from kedro.pipeline import Pipeline

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.datasets.raw import RawDomain
from mnistm_da.domains.proxy import proxy_size
from mnistm_da.domains.sizes import Sizes
from mnistm_da.domains.splits import training_size, validation_size
from mnistm_da.errors import UserError
from mnistm_da.parameters import (
    LAST,
    PROXY,
    BenchmarkParams,
    EmbeddingParams,
    FewLabelsParams,
    SelectionParams,
    SplittingParams,
    TrainingParams,
    TuneParams,
)


@dataclass(frozen=True)
class Asked:
    """What a run is going to do.

    Attributes:
        splits: whether it cuts the domains into splits; otherwise it uses those of an earlier run.
        algorithms: which it trains.
        labels_few: whether it picks the few labelled images.
        selects: whether it picks a checkpoint.
        maps: whether it draws maps of the features.
        by_proxy: whether it trains on a proxy target first, and then on the real one.
    """

    splits: bool
    algorithms: list[str]
    labels_few: bool
    selects: bool
    maps: bool
    by_proxy: bool = False


def check_sizes(pipeline: Pipeline, catalog: DataCatalog) -> None:
    """Compare what a run is asked for with the size of its data, if the raw source tells that.

    Raises:
        UserError: names the parameter, its value and the bound.
    """
    raw: list[Any] = [catalog.get(name) for name in ("raw_source", "raw_target_images") if name in catalog]
    if len(raw) < 2:
        return
    asked, parameters = what_is_asked(pipeline, catalog), catalog["parameters"].load()
    if asked.splits:
        _check_disjoint(SplittingParams.model_validate(parameters["splitting"]), *raw)
    kept = raw[1].kept_classes() if isinstance(raw[1], RawDomain) else None
    if not all(hasattr(domain, "sizes") for domain in raw) or not (asked.splits or asked.maps):
        return
    source, target = (domain.sizes() for domain in raw)
    classes = len(raw[0].format.classes)
    dropped = classes - len(kept) if kept else 0
    if dropped:  # at most so many are left: how many a class has is not known
        target = replace(target, train=target.train - dropped * target.fewest)
    if asked.splits:
        _check_splits(asked, parameters, [source, target], classes, dropped)
    if asked.by_proxy:
        _check_proxy(asked, parameters, source, classes, dropped)
    if asked.maps:
        _check_map(EmbeddingParams.model_validate(parameters["embedding"]), [source, target])


def what_is_asked(pipeline: Pipeline, catalog: DataCatalog) -> Asked:
    """Read from the outputs of a run's nodes, and from the parameters of benchmark and search, what the run will do."""
    made = pipeline.all_outputs()
    if "tuning_trials" in made:
        tune = TuneParams.model_validate(catalog["params:tune"].load())
        by_proxy = tune.score == PROXY
        return Asked(
            splits=True, algorithms=[tune.algorithm], labels_few=False, selects=True, maps=False, by_proxy=by_proxy
        )
    if "benchmark_runs" in made:
        names = BenchmarkParams.model_validate(catalog["params:benchmark"].load()).algorithms
        few = any(ALGORITHMS[name].target_labels == "few" for name in names)
        return Asked(splits=True, algorithms=names, labels_few=few, selects=True, maps=False)
    return Asked(
        splits="source_train" in made or "target_train" in made,
        algorithms=[name for name in ALGORITHMS if f"{name}.training_state" in made],
        labels_few="target_few_labelled" in made,
        selects=any(f"{name}.model" in made for name in ALGORITHMS),
        maps=any(f"{name}.embedding" in made for name in ALGORITHMS),
    )


def _check_splits(asked: Asked, parameters: dict[str, Any], sizes: list[Sizes], classes: int, dropped: int) -> None:
    """Check the splits of a source and a target of these sizes, where `dropped` classes are not in the target."""
    splitting = SplittingParams.model_validate(parameters["splitting"])
    source = sum(training_size("source", count, splitting) for count in sizes[0].cut_apart)
    target = training_size("target", sizes[1].train, splitting)
    if asked.labels_few:
        _check_few_labels(FewLabelsParams.model_validate(parameters["few_labels"]), sizes[1], target, classes - dropped)
    for name in asked.algorithms:
        _check_batch(name, TrainingParams.model_validate(parameters["training"]), source, target)
    if asked.selects:
        held = (
            sum(validation_size("source", count, splitting) for count in sizes[0].cut_apart),
            validation_size("target", sizes[1].train, splitting),
        )
        _check_selection(SelectionParams.model_validate(parameters["selection"]), asked.algorithms, *held, classes)


def _check_proxy(asked: Asked, parameters: dict[str, Any], source: Sizes, classes: int, dropped: int) -> None:
    """Check the splits of the proxy pair: a part of the source, which it takes about equally of several sources."""
    of_sources = tuple(proxy_size(count) for count in source.train_of_sources)
    proxy = replace(source, train=proxy_size(source.train), train_of_sources=of_sources)
    target = replace(proxy, train=proxy.train - dropped * proxy_size(source.fewest))
    try:
        _check_splits(asked, parameters, [proxy, target], classes, dropped)
    except UserError as error:
        raise UserError(f"the proxy pair (tune.score=proxy) is a part of the source: {error}") from error


def _check_disjoint(params: SplittingParams, source: Any, target: Any) -> None:
    if params.digits == "disjoint" and source.origin() != target.origin():
        raise UserError(
            "splitting.digits=disjoint gives each domain its own half of the same images, but source and target are "
            "made of different ones here: leave splitting.digits at shared"
        )
    if params.digits == "disjoint" and target.kept_classes():
        raise UserError(
            "splitting.digits=disjoint gives each domain its own half of the same images, and target_classes leaves "
            "fewer of them in the target: use one of the two"
        )


def _check_few_labels(params: FewLabelsParams, sizes: Sizes, target: int, classes: int) -> None:
    most = min(sizes.fewest, target // classes)
    if params.per_class > most:
        raise UserError(
            f"few_labels.per_class is {params.per_class}, but the target training split has at most {most} images of "
            "some class: ask for fewer"
        )


def _check_batch(name: str, params: TrainingParams, source: int, target: int) -> None:
    few = ALGORITHMS[name].target_labels == "few"  # their target images may be these few, drawn with replacement
    for domain, images in (("source", source), ("target", source if few else target)):
        if params.batch_size > images:
            raise UserError(
                f"training.batch_size is {params.batch_size}, but the {domain} training split has only "
                f"{images} images: lower it"
            )


def _check_selection(params: SelectionParams, algorithms: list[str], source: int, target: int, classes: int) -> None:
    if params.by == LAST:  # without torch, which the others import
        return
    from mnistm_da.adaptation.measures.validators import READ_SOURCE, VALIDATORS, unavailable

    source_free = [name for name in algorithms if ALGORITHMS[name].source_free]
    if source_free and params.by in READ_SOURCE:
        raise UserError(
            f"selection.by={params.by} reads source images, and {source_free[0]} may not: select by "
            f"{' or '.join((LAST, *sorted(VALIDATORS.keys() - READ_SOURCE)))}"
        )
    without = unavailable(source, target, classes)
    if params.by in without:
        raise UserError(
            f"selection.by={params.by} is not available: {without[params.by]}. Raise splitting.source_validation or "
            "splitting.target_validation, or select by another validator"
        )


def _check_map(params: EmbeddingParams, sizes: list[Sizes]) -> None:
    images = sum(min(params.samples, domain.test) for domain in sizes)
    if params.method != "pca" and params.perplexity >= images:
        raise UserError(
            f"embedding.perplexity is {params.perplexity:g}, but the map has only {images} images "
            f"(embedding.samples is {params.samples}, of each domain): lower it below {images}, or ask for more samples"
        )
