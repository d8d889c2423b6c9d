"""Many runs: which, where, and where they are told of."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from mnistm_da.errors import unknown
from mnistm_da.extras import check_extra
from mnistm_da.launchers import LAUNCHERS, NEEDS
from mnistm_da.registry import ALGORITHMS

from .base import Params, Seed, is_known, once, split_names, split_numbers


class BenchmarkParams(Params):
    """What the benchmark runs; on the command line with spaces: ``--params="benchmark.seeds=0 1 2"``.

    Attributes:
        algorithms: names in the registry, or ``all``; one that is named twice runs once.
        seeds: of every algorithm, 0 to 2³² − 1; one that is named twice runs once.
        merge: a folder of results of another machine, which are taken over before anything is run; see `merge.py`.
    """

    algorithms: Annotated[
        list[Annotated[str, AfterValidator(is_known)]], BeforeValidator(split_names), AfterValidator(once)
    ] = Field(min_length=1)
    seeds: Annotated[list[Seed], BeforeValidator(split_numbers), AfterValidator(once)] = Field(min_length=1)
    merge: str | None = None


def _is_tunable(name: str) -> str:
    if ALGORITHMS[is_known(name)].target_labels != "none" or ALGORITHMS[name].family == "bound":
        tunable = [one for one, entry in ALGORITHMS.items() if entry.target_labels == "none" and not entry.is_bound]
        raise ValueError(f"'{name}' is no unsupervised adaptation. Those are {', '.join(tunable)}")
    return name


PROXY = "proxy"
"""The score of a search that is the accuracy on a proxy target; all others are validators."""


class TuneParams(Params):
    """How an algorithm's own parameters are searched, without a target label.

    Attributes:
        algorithm: whose parameters; their ranges stand beside them, in the algorithm's file.
        trials: of the whole study; those that are recorded count, and are not run again. With one, the parameters to
            begin with are scored, and nothing is searched.
        score: name of the score that is to be high: a validator's, or ``proxy``. The proxy's score is the accuracy on a
            target made of the source's training digits over other photos, so that its labels are the source's. It lacks
            the classes that ``target_classes`` leaves out.
        guard: a second validator: parameters whose score of it is lower than that of the parameters to begin with are
            not picked. None: no guard. Of no use with ``proxy``, and not looked at.
        guard_slack: by how much lower it may be, in the guard's own units.
        sampler: of Optuna: ``tpe``, ``gp`` or ``random``.
        pruner: of Optuna: ``median`` ends a training whose score is below the median of the earlier ones at the same
            epoch; ``none`` trains all to the end.
        at_once: trials that are chosen together, and run at the same time where the launcher can; None: as many as it
            starts workers. With ``launcher.scheduler`` it must be named.
        fresh_seeds: with which the best parameters are run in the end, and those to begin with; not the seed of the
            search.
    """

    algorithm: Annotated[str, AfterValidator(_is_tunable)] = "mmd"
    trials: int = Field(default=20, ge=1, le=10_000)
    score: str = "im"
    guard: str | None = "source_accuracy"
    guard_slack: float = Field(default=0.01, ge=0)
    sampler: Literal["tpe", "gp", "random"] = "tpe"
    pruner: Literal["median", "none"] = "median"
    at_once: int | None = Field(default=None, ge=1, le=1024)
    fresh_seeds: Annotated[list[Seed], BeforeValidator(split_numbers), AfterValidator(once)] = Field(
        default=[1, 2, 3], min_length=1
    )


def _is_launcher(name: str) -> str:
    if name not in LAUNCHERS:
        raise ValueError(unknown("launcher", name, list(LAUNCHERS)))
    if name in NEEDS:
        check_extra(NEEDS[name], f"launcher '{name}'")
    return name


def _is_address(text: str) -> str:
    if not re.fullmatch(r"(tcp|tls|ws|wss)://\S+:\d+", text):
        raise ValueError(
            f"'{text}' is no address: one has a protocol, a host and a port, such as tcp://host:8786, as the scheduler "
            "prints it"
        )
    return text


class LauncherParams(Params):
    """Where units are run, and how many at a time; on the command line, ``launcher=dask`` is ``launcher.name=dask``.

    Attributes:
        name: ``here``: in this process, one after the other; ``dask``: in processes, one unit at a time in each. The
            others are for ``dask`` alone.
        workers: processes that are started on this machine; None: as many as it has cores, or GPUs where each unit asks
            for one. A running scheduler has its own.
        threads: of a unit; None: of processes on this machine, their share of the cores; of a running scheduler, what
            ``OMP_NUM_THREADS`` says at the worker.
        scheduler: the address of a running scheduler, such as ``tcp://host:8786``; None: one is started here.
        resources: that a worker must have for a unit, such as ``{"GPU": 1}``; they are Dask's names and numbers. None:
            one GPU if ``device`` is one, else nothing.
        tls_ca: file of the authority that signed the certificates of scheduler and workers.
        tls_cert: file of the certificate that is shown to them.
        tls_key: file of its key.
    """

    name: Annotated[str, AfterValidator(_is_launcher)] = "here"
    workers: int | None = Field(default=None, ge=1, le=1024)
    threads: int | None = Field(default=None, ge=1, le=1024)
    scheduler: Annotated[str, AfterValidator(_is_address)] | None = None
    resources: dict[str, Annotated[float, Field(gt=0)]] | None = None
    tls_ca: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None

    @model_validator(mode="after")
    def _has_whole_tls(self) -> "LauncherParams":
        files = {"tls_ca": self.tls_ca, "tls_cert": self.tls_cert, "tls_key": self.tls_key}
        missing = [name for name, path in files.items() if not path]
        if 0 < len(missing) < len(files):
            raise ValueError(f"{' and '.join(missing)} must be named too, or no tls_… at all")
        for name, path in files.items():
            if path and not Path(path).is_file():
                raise ValueError(f"{name}: there is no file '{path}'")
        return self

    @model_validator(mode="after")
    def _has_workers_of_one_kind(self) -> "LauncherParams":
        if self.scheduler and self.workers:
            raise ValueError("workers are started on this machine, and a scheduler has its own: name one of the two")
        return self


def _is_tracking(name: str) -> str:
    if name not in TRACKING:
        raise ValueError(unknown("tracking", name, TRACKING))
    if name != "none":
        check_extra("tracking", f"tracking={name}")
    return name


TRACKING = ("none", "mlflow")


class TrackingParams(Params):
    """Where runs are told of while they are made; on the command line, ``tracking=mlflow`` is ``tracking.name=mlflow``.

    Attributes:
        name: ``none``, or ``mlflow``.
        uri: of MLflow's server, such as ``http://127.0.0.1:5000``; None: what ``MLFLOW_TRACKING_URI`` says.
        experiment: whose runs they become; it is made if it is not there.
    """

    name: Annotated[str, AfterValidator(_is_tracking)] = "none"
    uri: str | None = None
    experiment: str = Field(default="mnistm-da", min_length=1)
