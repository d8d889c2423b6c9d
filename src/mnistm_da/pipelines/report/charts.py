"""The charts of one run, as Plotly figures in JSON; the page's style sheet colours their text and lines."""

import json
from collections.abc import Sequence
from typing import Any

import pandas as pd

from mnistm_da.adaptation.figures.style import DOMAIN_COLOURS

from .runs import Run

LINES = (("#0072B2", "solid"), ("#D55E00", "dash"), ("#009E73", "dot"), ("#CC79A7", "dashdot"), ("#8A8A8A", "longdash"))
"""Colour and dash of the loss terms, so that neither alone has to be told apart."""

NO_VALIDATOR = ("epoch", "target_test_accuracy")


def losses(history: pd.DataFrame) -> dict[str, Any]:
    """Draw every loss term by epoch.

    Args:
        history: see `training_curves`.
    """
    terms = [str(column) for column in history if str(column).startswith("loss/")]
    lines = [
        {
            "name": term.removeprefix("loss/").replace("_", " "),
            "x": history["epoch"].tolist(),
            "y": history[term].tolist(),
            "line": dict(zip(("color", "dash"), LINES[number % len(LINES)], strict=True)),
        }
        for number, term in enumerate(terms)
    ]
    return _figure(lines, x="epoch", y="loss")


def accuracies(history: pd.DataFrame, judged: pd.DataFrame | None) -> dict[str, Any] | None:
    """Draw the source validation accuracy by epoch, and the target test accuracy of the kept epochs, in %.

    Of those there are: source-free algorithms know nothing of the source, and a target may have no labels.
    """
    source, target = DOMAIN_COLOURS["source"], DOMAIN_COLOURS["target"]
    lines: list[dict[str, Any]] = []
    if "source_validation_accuracy" in history:
        lines.append(
            {
                "name": "source validation",
                "x": history["epoch"].tolist(),
                "y": (100 * history["source_validation_accuracy"]).tolist(),
                "line": {"color": source},
            }
        )
    if judged is not None:
        lines.append(
            {
                "name": "target test, in hindsight",
                "x": judged["epoch"].tolist(),
                "y": (100 * judged["target_test_accuracy"]).tolist(),
                "mode": "lines+markers",
                "line": {"color": target, "dash": "dot"},
                "marker": {"symbol": "triangle-up", "size": 8},
            }
        )
    return _figure(lines, x="epoch", y="% right") if lines else None


def validator_trust(judged: pd.DataFrame) -> dict[str, Any]:
    """Draw the target test accuracy of every kept epoch over its score, a panel for each validator.

    Args:
        judged: see `validator_trust`.
    """
    from plotly.subplots import make_subplots

    judged = judged.dropna(axis="columns", how="all")
    validators = [str(column) for column in judged if column not in NO_VALIDATOR]
    rows = -(-len(validators) // 2)
    titles = [name.replace("_", " ") for name in validators]
    figure = make_subplots(rows, 2, subplot_titles=titles, shared_yaxes=True, vertical_spacing=0.1)
    for number, name in enumerate(validators):
        figure.add_scatter(
            row=number // 2 + 1,
            col=number % 2 + 1,
            x=judged[name].tolist(),
            y=(100 * judged["target_test_accuracy"]).tolist(),
            text=[f"epoch {epoch}" for epoch in judged["epoch"]],
            hovertemplate="%{text}<br>score %{x:.4g}<br>%{y:.1f} % right<extra></extra>",
            mode="markers",
            name=name,
            marker={"color": DOMAIN_COLOURS["target"], "size": 8, "symbol": "triangle-up"},
        )
    figure.update_xaxes(nticks=4)
    figure.update_annotations(font_size=13)
    return _dressed(figure, height=150 * rows + 40, legend=False)


def validators(run: Run) -> list[dict[str, Any]]:
    """Give what each way to select an epoch picks: ``by``, ``epoch``, ``accuracy`` (0–1), ``correlation`` of ranks."""
    return [
        {
            "by": name,
            "epoch": pick["epoch"],
            "accuracy": pick["target_test_accuracy"],
            "correlation": pick["rank_correlation"],
        }
        for name, pick in run.metrics["picks"].items()
    ]


def _figure(lines: Sequence[dict[str, Any]], x: str, y: str) -> dict[str, Any]:
    from plotly.graph_objects import Figure, Scatter

    figure = Figure([Scatter(**({"mode": "lines"} | line)) for line in lines])
    last = max(max(line["x"]) for line in lines)
    figure.update_xaxes(title=x, tickformat="d", dtick=1 if last <= 10 else None)  # there is no half epoch
    figure.update_yaxes(title=y)
    figure.update_layout(hovermode="x unified")
    return _dressed(figure, height=300, legend=True)


def _dressed(figure: Any, *, height: int, legend: bool) -> dict[str, Any]:
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 48, "r": 12, "t": 28, "b": 44},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "inherit", "size": 12},
        showlegend=legend,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "bgcolor": "rgba(0,0,0,0)"},
        dragmode=False,
    )
    figure.update_xaxes(fixedrange=True, zeroline=False, automargin=True)
    figure.update_yaxes(fixedrange=True, zeroline=False, automargin=True)
    made: dict[str, Any] = json.loads(figure.to_json())
    return made
