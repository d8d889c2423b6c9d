"""The reference of parameters: types and ranges of their models, meanings of the docstrings, values of conf."""

from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from mnistm_da.configuration import ARGUMENTS, Configuration
from mnistm_da.parameters import TYPED
from mnistm_da.searched import search_space
from website import docstrings
from website.markdown import stacked

CONF = Path("conf")
HEADER = ("parameter", "meaning")
RANGES = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
KINDS = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "boolean": "true or false",
    "array": "list",
    "object": "names and values",
}


@cache
def configured() -> dict[str, Any]:
    """Give the parameters of conf/base, which hold for the real data; they are read once, and not to be changed."""
    found: dict[str, Any] = Configuration(str(CONF), env="base", **ARGUMENTS)["parameters"]
    return found


def page() -> str:
    """Write the reference of all parameters but the algorithms' own."""
    values = configured()
    parts = [
        "# Parameters",
        "`--params=training.epochs=3,seed=1` sets parameters for one run; the files of `conf/`, for good. Defaults are "
        "those of the real data. An algorithm's own parameters are on its page.",
        "## seed, device, resume, model",
        f"```yaml\n{_read('base/parameters.yml')}```",
    ]
    for name, model in TYPED.items():
        parts += [f"## {name}", docstrings.read(model).text, of(model, values.get(name, {}), f"{name}.")]
    parts += ["## What the environments change", "An environment (`--env=NAME`) names only what it changes."]
    for path in sorted(CONF.glob("*/parameters.yml")):
        if path.parent.name != "base":
            parts += [f"### {path.parent.name}", f"```yaml\n{_read(f'{path.parent.name}/parameters.yml')}```"]
    return "\n\n".join(parts)


def _read(file: str) -> str:
    return (CONF / file).read_text(encoding="utf-8")


def of(model: type[BaseModel], values: dict[str, Any], prefix: str) -> str:
    """Write the table of a model's parameters.

    Args:
        model: whose bases may document some of them.
        values: that are configured; the others have their defaults.
        prefix: what their names begin with on the command line.
    """
    return stacked(HEADER, _rows(model, values, prefix))


def _rows(model: type[BaseModel], values: dict[str, Any], prefix: str) -> list[tuple[str, ...]]:
    schema = model.model_json_schema()
    meanings: dict[str, str] = {}
    for one in reversed(model.__mro__):
        meanings |= docstrings.read(one).attributes
    rows: list[tuple[str, ...]] = []
    searched = search_space(model)
    for name, field in model.model_fields.items():
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        value = values.get(name, default)
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            own = value.model_dump() if isinstance(value, BaseModel) else value
            rows += _rows(kind, own or {}, f"{prefix}{name}.")
            continue
        written = _written(value) if name in values or not field.is_required() else "–"
        about = f"`{prefix}{name}`<br>{_type(schema['properties'][name])}<br>default: {written}"
        if name in searched:
            about += f"<br>searched: {searched[name]}"
        rows.append((about, meanings.get(name, "")))
    return rows


def _type(schema: dict[str, Any]) -> str:
    """Say what a value may be, from its JSON schema."""
    if "anyOf" in schema:
        return ", or ".join("nothing" if one.get("type") == "null" else _type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f"`{one}`" for one in schema["enum"])
    of = f" of {_type(schema['items'])}" if "items" in schema else ""
    limits = [f"{sign} {schema[key]:,}" for key, sign in RANGES.items() if key in schema]
    return ", ".join([KINDS[schema["type"]] + of, *limits])


def _written(value: Any) -> str:
    """Write a value as in YAML; a long text is in conf alone."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list):
        value = " ".join(map(str, value))
    return f"`{value}`" if len(str(value)) <= 40 else "see `conf/base/`"
