"""Pydantic's errors in the project's words: the whole name of the parameter, its value, and the nearest known name."""

import re
from typing import Any

from pydantic import BaseModel, ValidationError

from mnistm_da.errors import UserError, nearest, unknown

QUOTED = r"'([^']*)'"


def check(name: str, model: type[BaseModel], value: Any) -> None:
    """Refuse a section of parameters that is not as its model says.

    Args:
        name: of the section.
        model: of the section.
        value: as read from the configuration, or the model made of it already.

    Raises:
        UserError: a line for each parameter that is wrong.
    """
    try:
        model.model_validate(value)
    except ValidationError as error:
        raise UserError("\n".join(told(error, name, model))) from error


def told(error: ValidationError, name: str = "", model: type[BaseModel] | None = None) -> list[str]:
    """Give a line for each parameter that an error is about."""
    fields = [f"{name}.{field}" for field in model.model_fields] if model else []
    return [
        _line(one, ".".join(str(part) for part in (name, *one["loc"]) if part != ""), fields) for one in error.errors()
    ]


def _line(error: Any, key: str, fields: list[str]) -> str:
    kind, message, found = error["type"], error["msg"], _shown(error["input"])
    if kind == "extra_forbidden":
        return unknown("parameter", key, fields)
    if kind == "missing":
        return f"parameter '{key}' is missing"
    if kind in ("model_type", "dict_type"):
        is_free = kind == "dict_type"  # its keys are any names
        example = f"{key}.NAME=1" if is_free or not fields else fields[0]
        return f"parameter '{key}' is a section and cannot be {found}: set one of its parameters, such as {example}"
    if kind == "literal_error":
        known = error["ctx"]["expected"]
        return (
            f"parameter '{key}' must be {known}, not {found}.{nearest(str(error['input']), re.findall(QUOTED, known))}"
        )
    if message.startswith("Input should "):
        return f"parameter '{key}' must {message.removeprefix('Input should ').partition(', ')[0]}, not {found}"
    return f"parameter '{key}': {message.removeprefix('Value error, ')}"


def _shown(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
