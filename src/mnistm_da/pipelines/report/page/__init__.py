"""The page around the numbers: template, style sheet and script, put together into one file."""

from typing import Any

from mnistm_da.adaptation.figures.style import NO_LABEL, class_colours


def render(**content: Any) -> str:
    """Fill the template.

    Args:
        content: what the sections show, by the names that ``report.html.jinja`` has for it.

    Returns:
        HTML with style sheet, scripts, plotly.js and images inside.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from plotly.offline import get_plotlyjs

    environment = Environment(
        loader=PackageLoader(__package__.rpartition(".")[0], "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {}  # as they come, not sorted by key
    environment.filters |= {"percent": percent, "shade": shade, "unbroken": unbroken}
    count = len(content["classes"])
    colours = {"classes": (*class_colours(count), NO_LABEL)}
    colours["classes_on_dark"] = (*class_colours(count, on_dark=True), NO_LABEL)
    return environment.get_template("report.html.jinja").render(**content, plotlyjs=get_plotlyjs(), colours=colours)


def percent(share: float | None, digits: int = 2) -> str:
    """Write a fraction 0–1 in %, and a dash for nothing."""
    return "–" if share is None else f"{100 * share:.{digits}f}"


def shade(share: float) -> str:
    """Give the style sheet's class for a fraction 0–1, ``s0`` to ``s9``."""
    return f"s{min(int(10 * share), 9)}"


def unbroken(text: str) -> str:
    """Keep a number and its unit in one line."""
    return text.replace(" %", "\u00a0%")
