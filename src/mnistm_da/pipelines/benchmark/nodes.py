"""Run algorithms for several seeds with the same budget, remembering each finished run."""

import logging
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from mnistm_da.adaptation.registry import ALGORITHMS
from mnistm_da.datasets.folders import States
from mnistm_da.datasets.workplace import Workplace
from mnistm_da.errors import UserError, first_few
from mnistm_da.launchers import LAUNCHERS, Failure, Unit
from mnistm_da.parameters import BenchmarkParams, LauncherParams, TrainingParams

from .names import fingerprint_of, made_with, named, with_proposed
from .stopped import remove_left_over, remove_states
from .unit import check_unit, code_of, unit_pipeline
from .work import Storage, Work, changed_since, first_of, other_domains

logger = logging.getLogger(__name__)

Results = dict[str, Any]


class Wanted(NamedTuple):
    """A unit that is to have a result.

    Attributes:
        algorithm: name in the registry.
        seed: of everything random.
        proposed: see `Unit`.
    """

    algorithm: str
    seed: int
    proposed: tuple[tuple[str, float], ...] = ()


class UnitsFailedError(UserError):
    """Some units failed, and the others have their results.

    Args:
        message: which, and why.
        count: of those that failed.
    """

    def __init__(self, message: str, count: int) -> None:
        super().__init__(message)
        self.count = count


def run_missing(
    finished: Results,
    stopped: States,
    place: Workplace,
    parameters: dict[str, Any],
    benchmark: BenchmarkParams,
    launcher: LauncherParams,
    **data: Any,
) -> Iterator[tuple[Results, dict[str, str | None]]]:
    """Run every unit, an algorithm with a seed, that has no result with these parameters yet.

    Args:
        finished: results of earlier runs by name.
        stopped: states of trainings under way, see `state_name`: saved after every epoch, and removed when their unit
            has its result.
        place: by which other processes find data, states and results.
        parameters: all parameters of the run.
        benchmark: which algorithms and seeds.
        launcher: where they are run.
        data: what every unit begins with.

    Yields:
        When a unit is finished, its result by its name, see `Work`; and by the same name why it failed, or None.

    Raises:
        ValueError: a class has fewer images than are to be labelled; before anything is trained.
        UnitsFailedError: units failed; after the others are finished.
    """
    each = [Wanted(algorithm, seed) for seed in benchmark.seeds for algorithm in benchmark.algorithms]
    yield from run_each(finished, stopped, place, parameters, each, launcher, data, in_table=True)


def run_each(
    finished: Results,
    stopped: States,
    place: Workplace,
    parameters: dict[str, Any],
    each: Sequence[Wanted],
    launcher: LauncherParams,
    data: dict[str, Any],
    *,
    goes_on: bool = False,
    in_table: bool = False,
) -> Iterator[tuple[Results, dict[str, str | None]]]:
    """Run those units that have no result yet; `run_missing` describes arguments, chunks and errors.

    Of two units that are the same, one is run. Where ``goes_on``, a unit that raises leaves the others alone in this
    process too, as it does elsewhere. Where the results come ``in_table``, all with these parameters do.

    Raises:
        UserError: results are of other domains.
    """
    yield {}, {}  # or Kedro could not save the two outputs where nothing is missing
    launcher, parameters = with_device(launcher, parameters)
    work = Work.of(parameters, place, Storage(data, stopped, None))
    work.goes_on = goes_on
    units = _units(each, parameters)
    missing = [unit for name, unit in units.items() if name not in finished]
    there = {name: finished[name] for name in units if name in finished}
    _refuse_other_domains(made_with(finished, parameters) if in_table else there, work.checksums)
    _warn_of_other_origins([units[name] for name in there], finished, work)
    remove_left_over(stopped, finished)
    if len(missing) < len(units):
        logger.info("%d of %d units were finished before", len(units) - len(missing), len(units))
    few = {unit.seed: unit.algorithm for unit in missing if ALGORITHMS[unit.algorithm].target_labels == "few"}
    for seed, algorithm in few.items():
        check_unit(algorithm, seed, parameters, data)
    failed = {}
    for unit, outcome in LAUNCHERS[launcher.name](missing, work, launcher):
        if isinstance(outcome, Failure):
            failed[unit] = outcome
            yield {}, {unit.name: outcome.text}
        else:
            yield {unit.name: outcome}, {unit.name: None}
            remove_states(unit, stopped)
    if failed:
        _refuse(failed, len(missing))


def _units(each: Sequence[Wanted], parameters: dict[str, Any]) -> dict[str, Unit]:
    """Give the units by the names of their results."""
    found, fingerprints = {}, {}
    for algorithm, seed, proposed in each:
        key = algorithm, proposed
        if key not in fingerprints:
            fingerprints[key] = fingerprint_of(algorithm, with_proposed(parameters, algorithm, dict(proposed)))
        unit = Unit(named(algorithm, seed, fingerprints[key]), algorithm, seed, proposed)
        found[unit.name] = unit
    return found


def with_device(launcher: LauncherParams, parameters: dict[str, Any]) -> tuple[LauncherParams, dict[str, Any]]:
    """Give launcher and parameters for workers that each see no other device than their own.

    Raises:
        UserError: this machine has no such device, and is to decide by it in which precision the others train.
    """
    from mnistm_da.adaptation.optimization.device import resolve_device

    if launcher.name == "here":
        return launcher, parameters
    kind = str(parameters["device"]).partition(":")[0]
    if not (launcher.scheduler and kind == "cuda" and TrainingParams(**parameters["training"]).precision != "auto"):
        try:
            kind = resolve_device(parameters["device"]).type
        except UserError as error:
            raise UserError(
                f"{error}. If the workers of launcher.scheduler have it, name training.precision=bfloat16 or float32: "
                "what auto is there cannot be known here"
            ) from error
    resources = launcher.resources or ({"GPU": 1.0} if kind == "cuda" else {})
    return launcher.model_copy(update={"resources": resources}), parameters | {"device": kind}


def _refuse(failed: dict[Unit, Failure], all_of_them: int) -> None:
    each = first_few([f"{unit}: {failure.reason}" for unit, failure in failed.items()])
    first = (
        f"{len(failed)} of {all_of_them} units failed, the others have their results. Tracebacks are in the folder "
        "benchmark_failures; when the cause is mended, the same command runs what failed again:"
    )
    raise UnitsFailedError("\n  ".join([first, *each]), len(failed))


def _refuse_other_domains(finished: Results, data: dict[str, Any]) -> None:
    """A result is named by parameters alone, so that another pair of folders would be taken for the same."""
    found = {name: other for name, result in finished.items() if (other := other_domains(result, data))}
    if found:
        first, count = next(iter(found)), "1 result" if len(found) == 1 else f"{len(found)} results"
        raise UserError(
            f"benchmark_runs has {count} of other images or labels than these, such as {first} "
            f"({', '.join(found[first])}), and one table cannot hold both. Delete them, or give each pair of domains "
            "its own folder of artifacts: MNISTM_DATA_ROOT=path/to/folder"
        )


def _warn_of_other_origins(units: Sequence[Unit], finished: Results, work: Work) -> None:
    """A changed comment does not count, but any other change could matter: hours of training are the user's to drop."""
    algorithms = {unit.algorithm for unit in units}
    code = {algorithm: code_of(unit_pipeline(algorithm, work.checksums)) for algorithm in algorithms}
    for unit in units:
        now = {"code": code[unit.algorithm], "data": work.checksums}
        for what, changed in changed_since(finished[unit.name], now).items():
            told = "%s was made with other %s (%s): delete that result to run it again"
            logger.warning(told, unit.name, what, first_of(changed) if what == "code" else ", ".join(changed))
