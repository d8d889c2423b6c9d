"""Which errors become one message, and which keep their traceback."""

import logging

import click
import pytest
from kedro.framework.cli.utils import KedroCliError
from kedro.io import DatasetError

from mnistm_da.errors import UserError
from mnistm_da.mistakes import one_message
from mnistm_da.parameters import Params


def raise_in(action):
    with one_message():
        action()


def a_user_error():
    raise UserError("lower it")


def a_fault():
    raise ValueError("an inner matter")


def a_wrapped(error):
    def action():
        try:
            raise error
        except Exception as cause:
            raise DatasetError("Failed while loading data from dataset Some(filepath=somewhere)") from cause

    return action


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (a_user_error, "lower it"),
        (a_wrapped(UserError("lower it")), "lower it"),
        (a_wrapped(PermissionError(13, "Permission denied", "some.file")), "some.file"),
        (lambda: Params.model_validate({"some": 1}), "no parameter 'some'"),
    ],
)
def test_a_mistake_within_a_node_is_one_message_too(action, message):
    with pytest.raises(click.ClickException, match=message):
        raise_in(action)


@pytest.mark.parametrize(
    ("action", "error"), [(a_fault, ValueError), (a_wrapped(TypeError("an inner matter")), DatasetError)]
)
def test_a_fault_of_the_program_keeps_its_traceback(action, error):
    with pytest.raises(error):
        raise_in(action)


def test_kedro_does_not_tell_of_a_mistake_before_it_is_told(caplog):
    """Also after one use within another has ended."""
    logger = logging.getLogger("kedro.pipeline.node")

    def as_kedro_does(error):
        try:
            raise error
        except ValueError:
            logger.error("Node failed with error: %s", error)

    with one_message():
        with one_message():
            pass
        as_kedro_does(UserError("a mistake"))
        as_kedro_does(ValueError("a fault"))
    assert [record.args[0].args[0] for record in caplog.records] == ["a fault"]


LONG = "\n".join(map(str, range(20)))


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (UserError(LONG), "0\n1\n2\n3\n… and 16 more"),
        (click.ClickException(LONG), "0\n1\n2\n3\n… and 16 more"),
        (click.UsageError(LONG), "0\n1\n… and 18 more"),  # below two lines of usage
        (KedroCliError(LONG), "0\n1\n… and 18 more"),  # as such a one
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_message_has_an_end(error, message):
    def action():
        raise error

    with pytest.raises(click.ClickException) as raised:
        raise_in(action)
    assert raised.value.message == message
