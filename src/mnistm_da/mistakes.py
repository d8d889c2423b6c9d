"""A mistake is one message: what Kedro, Pydantic and omegaconf raise for it, told in one way and without a traceback.

An error is a user's mistake, or a condition of the data, if it is a `UserError`, Kedro's `DatasetError`, or about the
configuration. All others are faults of the program and keep their traceback.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import click
from kedro.config import MissingConfigException
from kedro.framework.cli.utils import KedroCliError
from kedro.io import DatasetError
from kedro.validation import ParameterValidationError
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError
from yaml import YAMLError

from mnistm_da.errors import UserError
from mnistm_da.validation import told

MAX_LINES = 5
"""Of a message."""

USAGE_LINES = 2
"""Which click prints above the message of a `click.UsageError`; it has so many less."""

CONFIGURATION = (MissingConfigException, YAMLError, ParameterValidationError)

TELLS_TWICE = (
    "kedro.pipeline.node",
    "kedro.runner.sequential_runner",
    "kedro.runner.parallel_runner",
    "kedro.runner.thread_runner",
    "kedro.validation.parameter_validator",
)
"""Loggers that tell of an error before it is raised."""


@contextmanager
def one_message() -> Iterator[None]:
    """Turn a mistake within into click's error, which is one message and an exit code that is not 0.

    Raises:
        click.ClickException: for a mistake; anything else goes through.
    """
    loggers = [logging.getLogger(name) for name in TELLS_TWICE]
    quiet = partial(_is_no_mistake)  # another one for each use, which may be within another
    for logger in loggers:
        logger.addFilter(quiet)
    try:
        yield
    except Exception as error:
        message = explained(error)
        if message is None:
            raise
        if isinstance(error, KedroCliError):  # whose own way of showing itself loses the message
            raise click.UsageError(_short(error.message, MAX_LINES - USAGE_LINES)) from error
        if not isinstance(error, click.ClickException):
            raise click.ClickException(message) from error
        vars(error)["message"] = message  # which click calls final
        raise
    finally:
        for logger in loggers:
            logger.removeFilter(quiet)


def explained(error: BaseException) -> str | None:
    """Give the message of a mistake; nothing for a fault of the program."""
    if isinstance(error, click.ClickException):
        return _short(error.message, MAX_LINES - USAGE_LINES * isinstance(error, click.UsageError))
    if isinstance(error, ValidationError):
        return _short("\n".join(told(error)))
    if isinstance(error, UserError) or (isinstance(error, DatasetError) and not _hides_a_fault(error)):
        return _short(_innermost(error))
    return _of_configuration(error)


def _of_configuration(error: BaseException) -> str | None:
    if isinstance(error, OmegaConfBaseException):
        told_by_omegaconf = str(error).partition("\n")[0]
        return f"the configuration cannot be read: '{error.full_key}': {told_by_omegaconf}"
    # Kedro has no class for a key that is in two files.
    is_duplicate = isinstance(error, ValueError) and str(error).startswith("Duplicate keys found")
    if is_duplicate or isinstance(error, CONFIGURATION):
        return _short(f"the configuration cannot be read: {error}")
    return None


def _hides_a_fault(error: DatasetError) -> bool:
    """Whether Kedro wrapped the error of a load or a save that is none of a file or of the data."""
    is_wrapped = str(error).startswith(("Failed while loading data", "Failed while saving data"))
    return is_wrapped and _explained_cause(error) is None


def _explained_cause(error: BaseException) -> str | None:
    """Give the message of what an error was raised from, if that is a mistake or the operating system's refusal."""
    cause = error.__cause__
    if isinstance(cause, OSError):
        return str(cause)
    return explained(cause) if cause else None


def _innermost(error: BaseException) -> str:
    is_wrapped = str(error).startswith("Failed while ")
    return (is_wrapped and _explained_cause(error)) or str(error)


def _short(message: str, most: int = MAX_LINES) -> str:
    lines = [line for line in message.strip().splitlines() if line.strip() and "://errors.pydantic" not in line]
    more = len(lines) - most
    return "\n".join([*lines[: most - 1], f"… and {more + 1} more"] if more > 0 else lines)


def _is_no_mistake(record: logging.LogRecord) -> bool:
    """Keep a record unless it is written while a mistake is on its way to `one_message`."""
    error = sys.exc_info()[1]
    return error is None or explained(error) is None
