"""What happened in a training, as Plotly figures: kedro-viz and the report show the same ones.

They are transparent, and their text has no colour: each page gives them its own.
"""

from typing import TYPE_CHECKING, Any

import pandas as pd

from mnistm_da.adaptation.figures.style import DOMAIN_COLOURS

if TYPE_CHECKING:
    from plotly.graph_objects import Figure
else:
    Figure = Any

LINES = (("#0072B2", "solid"), ("#D55E00", "dash"), ("#009E73", "dot"), ("#CC79A7", "dashdot"), ("#8A8A8A", "longdash"))
"""Colour and dash of the loss terms, so that neither alone has to be told apart."""

NO_VALIDATOR = ("epoch", "target_test_accuracy")

CLEAR = "rgba(0,0,0,0)"
PANEL, GAP = 210, 80
"""Height of a chart, and of the space between two, for the upper one's axis and the lower one's legend. In pixels."""


def training_curves(history: pd.DataFrame, judged: pd.DataFrame) -> Figure:
    """Draw every loss term by epoch; below, the source validation and target test accuracy, of those there are.

    Args:
        history: a row per epoch: ``epoch``, ``loss/<term>`` columns and, if the source was read,
            ``source_validation_accuracy`` (0–1).
        judged: a row per kept epoch: ``epoch`` and ``target_test_accuracy`` (0–1; NaN where the target has no labels).
    """
    from plotly.subplots import make_subplots

    panels = [("loss", _losses(history)), ("% right", _accuracies(history, judged))]
    panels = [(title, lines) for title, lines in panels if lines]
    figure = make_subplots(
        len(panels), 1, vertical_spacing=GAP / (PANEL * len(panels) + GAP * (len(panels) - 1)) if panels[1:] else 0
    )
    step = 1 if max(history["epoch"]) <= 10 else None
    mode = "lines" if len(history) > 1 else "markers"  # one epoch makes no line
    for row, (title, lines) in enumerate(panels, start=1):
        name = "legend" if row == 1 else f"legend{row}"
        for line in lines:
            figure.add_scatter(row=row, col=1, legend=name, **({"mode": mode} | line))
        figure.update_yaxes(title=title, row=row)
        top = figure.get_subplot(row, 1).yaxis.domain[1]
        figure.update_layout({name: {"orientation": "h", "yanchor": "bottom", "y": top, "x": 0, "bgcolor": CLEAR}})
    figure.update_xaxes(tickformat="d", dtick=step)  # there is no half epoch
    figure.update_xaxes(title="epoch", row=len(panels))
    figure.update_layout(hovermode="x unified")
    return _dressed(figure, height=PANEL * len(panels) + GAP * (len(panels) - 1) + 80, legend=True)


def _losses(history: pd.DataFrame) -> list[dict[str, Any]]:
    terms = [str(column) for column in history if str(column).startswith("loss/")]
    return [
        {
            "name": term.removeprefix("loss/").replace("_", " "),
            "x": history["epoch"].tolist(),
            "y": history[term].tolist(),
            "line": dict(zip(("color", "dash"), LINES[number % len(LINES)], strict=True)),
        }
        for number, term in enumerate(terms)
    ]


def _accuracies(history: pd.DataFrame, judged: pd.DataFrame) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    if "source_validation_accuracy" in history:
        lines.append(
            {
                "name": "source validation",
                "x": history["epoch"].tolist(),
                "y": (100 * history["source_validation_accuracy"]).tolist(),
                "line": {"color": DOMAIN_COLOURS["source"]},
            }
        )
    if judged["target_test_accuracy"].notna().all():
        lines.append(
            {
                "name": "target test, in hindsight",
                "x": judged["epoch"].tolist(),
                "y": (100 * judged["target_test_accuracy"]).tolist(),
                "mode": "lines+markers",
                "line": {"color": DOMAIN_COLOURS["target"], "dash": "dot"},
                "marker": {"symbol": "triangle-up", "size": 8},
            }
        )
    return lines


def validator_trust(judged: pd.DataFrame) -> Figure:
    """Draw, for each validator, the target test accuracy of every kept epoch over its score; else its score by epoch.

    Args:
        judged: ``epoch``, ``target_test_accuracy`` (0–1; NaN where the target has no labels) and a column per
            validator; one without scores is left out.
    """
    from plotly.subplots import make_subplots

    known = judged["target_test_accuracy"].notna().all()
    kept = judged.dropna(axis="columns", how="all")
    validators = [str(column) for column in kept if column not in NO_VALIDATOR]
    rows = -(-len(validators) // 2)
    titles = [name.replace("_", " ") for name in validators]
    figure = make_subplots(rows, 2, subplot_titles=titles, shared_yaxes=bool(known), vertical_spacing=0.1)
    told = "score %{x:.4g}<br>%{y:.1f} % right" if known else "score %{y:.4g}"
    right = (100 * judged["target_test_accuracy"]).tolist()
    for number, name in enumerate(validators):
        scores, epochs = kept[name].tolist(), kept["epoch"].tolist()
        figure.add_scatter(
            row=number // 2 + 1,
            col=number % 2 + 1,
            x=scores if known else epochs,
            y=right if known else scores,
            text=[f"epoch {epoch}" for epoch in epochs],
            hovertemplate=f"%{{text}}<br>{told}<extra></extra>",
            mode="markers" if known else "lines+markers",
            name=name,
            marker={"color": DOMAIN_COLOURS["target"], "size": 8, "symbol": "triangle-up"},
        )
    figure.update_xaxes(nticks=4, **({} if known else {"tickformat": "d"}))
    figure.update_annotations(font_size=13)
    return _dressed(figure, height=150 * rows + 40, legend=False)


def _dressed(figure: Figure, *, height: int, legend: bool) -> Figure:
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 48, "r": 12, "t": 28, "b": 44},
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        font={"family": "inherit", "size": 12},
        showlegend=legend,
        dragmode=False,
    )
    figure.update_xaxes(fixedrange=True, zeroline=False, automargin=True)
    figure.update_yaxes(fixedrange=True, zeroline=False, automargin=True)
    return figure
