"""MLflow's side of the tracking: an experiment, and its runs by their names."""

import os
import re
import time
from collections.abc import Iterable, Mapping
from typing import Any

from mnistm_da.errors import UserError
from mnistm_da.parameters import TrackingParams

QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",  # it would tell its makers of every use
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    # A server that went away is not to be waited for: by itself, MLflow tries for minutes.
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0",
}
"""Set where the environment does not say otherwise, before MLflow is imported."""

MOST = 100
"""Parameters, metrics or tags that MLflow takes in one request."""

LONGEST, LONGEST_NAME = 5000, 250
"""Letters of the value of a parameter or tag, and of any name."""


class MlflowRuns:
    """Writes runs of one experiment; every method may raise whatever MLflow raises.

    Args:
        params: where.

    Raises:
        UserError: no address is named, or nobody answers there.
    """

    def __init__(self, params: TrackingParams) -> None:
        for name, value in QUIET.items():
            os.environ.setdefault(name, value)
        from mlflow.tracking import MlflowClient

        self.uri = params.uri or os.environ.get("MLFLOW_TRACKING_URI", "")
        if not self.uri:
            raise UserError("tracking=mlflow needs the address of a server: tracking.uri=http://127.0.0.1:5000")
        if "://" not in self.uri:  # MLflow would take it for a folder
            raise UserError(f"tracking.uri: '{self.uri}' is no address: one has a protocol, such as http://{self.uri}")
        try:
            self._client = MlflowClient(self.uri)
            found = self._client.get_experiment_by_name(params.experiment)
            self._experiment = found.experiment_id if found else self._client.create_experiment(params.experiment)
        except Exception as error:  # of whatever kind of store
            raise UserError(
                f"tracking.uri: MLflow does not answer at {without_password(self.uri)} ({first_line(error)}). Start "
                "it, name another address, or run without tracking=mlflow"
            ) from error
        self._runs: dict[str, str] = {}

    @property
    def names(self) -> list[str]:
        """The runs that were begun and not ended."""
        return list(self._runs)

    def begin(self, name: str, parameters: Mapping[str, Any], tags: Mapping[str, Any]) -> None:
        """Begin a run; parameters and tags as text."""
        from mlflow.entities import Param

        run = self._client.create_run(self._experiment, run_name=name, tags=_texts(tags))
        self._runs[name] = run.info.run_id
        for some in _portions([Param(key, text) for key, text in _texts(parameters).items()]):
            self._client.log_batch(run.info.run_id, params=some)

    def measure(self, name: str, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
        """Add metrics, each with its epoch; values that are no numbers are left out."""
        from mlflow.entities import Metric

        now = int(1000 * time.time())
        found = [
            Metric(_key(key), float(value), now, epoch)
            for epoch, values in rows
            for key, value in values.items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        ]
        for some in _portions(found):
            self._client.log_batch(self._runs[name], metrics=some)

    def tag(self, name: str, tags: Mapping[str, Any]) -> None:
        """Add tags."""
        from mlflow.entities import RunTag

        for some in _portions([RunTag(key, text) for key, text in _texts(tags).items()]):
            self._client.log_batch(self._runs[name], tags=some)

    def end(self, name: str, status: str) -> None:
        """End a run as ``FINISHED``, ``FAILED`` or ``KILLED``."""
        self._client.set_terminated(self._runs.pop(name), status)


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {_key(key): str(value)[:LONGEST] for key, value in values.items()}


def _key(name: str) -> str:
    """Give a name that MLflow takes: a class may have any."""
    return re.sub(r"[^\w./ :-]", "_", name)[:LONGEST_NAME]


def _portions(values: list[Any]) -> list[list[Any]]:
    return [values[first : first + MOST] for first in range(0, len(values), MOST)]


def first_line(error: BaseException) -> str:
    """Give the first line of a message, without the password of an address in it."""
    lines = str(error).splitlines() or [type(error).__name__]
    return without_password(lines[0])[:300]


def without_password(text: str) -> str:
    """Give a text in which addresses have no name and password."""
    return re.sub(r"(?<=://)[^/\s]+@", "", text)
