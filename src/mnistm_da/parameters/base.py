"""What all parameter models are, and the kinds of values that several of them have."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mnistm_da.errors import unknown
from mnistm_da.registry import ALGORITHMS

Seed = Annotated[int, Field(strict=True, ge=0, lt=2**32)]
"""Of everything random: NumPy and scikit-learn take no other numbers."""


class Params(BaseModel):
    """Base of all parameter models: an unknown key is an error, and nothing changes them in a run."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _leave_siblings(cls, values: Any) -> Any:
        """Let one parameter of a group that is named leave the others of that group at their defaults here."""
        if not isinstance(values, dict):
            return values
        groups = {name: field.default for name, field in cls.model_fields.items() if isinstance(field.default, Params)}
        named = {name: values[name] for name in groups if isinstance(values.get(name), dict)}
        return values | {name: groups[name].model_dump() | of for name, of in named.items()}


def split(value: Any) -> Any:
    """Turn "dann mmd" into a list; a single number is one too."""
    return str(value).split() if isinstance(value, str | int) else value


def split_names(value: Any) -> Any:
    """Turn "dann mmd" into a list of algorithms, and "all" into that of all there are."""
    words = split(value)
    return list(ALGORITHMS) if words == ["all"] else words


def split_numbers(value: Any) -> Any:
    """Turn "0 1 2" into a list of numbers; a word that is no number stays as it is, to be refused by its name."""
    words = split(value)
    if not isinstance(words, list):
        return words
    return [int(word) if isinstance(word, str) and word.lstrip("-").isdecimal() else word for word in words]


def once(values: list[Any]) -> list[Any]:
    """Keep the first of equal values."""
    return list(dict.fromkeys(values))


def is_known(name: str) -> str:
    """Give the name of an algorithm, if it is one.

    Raises:
        ValueError: it is none; names the nearest.
    """
    if name not in ALGORITHMS:
        raise ValueError(unknown("algorithm", name, ALGORITHMS))
    return name
