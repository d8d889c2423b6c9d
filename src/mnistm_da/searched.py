"""What a search of an algorithm's parameters may try: a range beside each parameter, where the parameter is declared.

    weight: Annotated[float, Searched(0.1, 100, log=True)] = Field(default=10.0, ge=0)

A parameter without a range is never searched. It imports nothing of the project.
"""

from dataclasses import dataclass

from pydantic import BaseModel


@dataclass(frozen=True)
class Searched:
    """The range of a parameter in a search, both ends included; of whole numbers where the parameter is one.

    Attributes:
        low: the least value.
        high: the greatest.
        log: whether factors are equally likely, not differences.
    """

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high or (self.log and self.low <= 0):
            raise ValueError(f"{self} is no range")

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}{', by factors' if self.log else ''}"


def search_space(params: type[BaseModel]) -> dict[str, Searched]:
    """Give the range of every parameter of a model that has one, by name."""
    found = {
        name: [one for one in field.metadata if isinstance(one, Searched)]
        for name, field in params.model_fields.items()
    }
    return {name: ranges[-1] for name, ranges in found.items() if ranges}


def is_whole(params: type[BaseModel], name: str) -> bool:
    """Say whether a parameter is a whole number."""
    return params.model_fields[name].annotation is int
