"""The critical-difference diagram: which algorithms rank apart, and which a test cannot tell apart."""

import pandas as pd
from matplotlib.figure import Figure

from mnistm_da.adaptation.figures.text import text_is_text


@text_is_text
def critical_differences(scores: pd.DataFrame) -> Figure:
    """Draw the mean rank of each algorithm over the seeds, 1 the best, joined where Nemenyi's test does not part them.

    Demšar, Statistical comparisons of classifiers over multiple data sets, JMLR 7 (2006); here the seeds are what ranks
    are averaged over. Needs scikit-posthocs.

    Args:
        scores: ``(seeds, algorithms)``, the higher the better, without a gap; at least 2 × 3.
    """
    import scikit_posthocs
    from scipy import stats

    seeds, algorithms = scores.shape
    ranks = scores.rank(axis="columns", ascending=False).mean()
    alike = scikit_posthocs.posthoc_nemenyi_friedman(scores)
    everything = stats.friedmanchisquare(*(scores[name] for name in scores)).pvalue
    figure = Figure(figsize=(8, 1.8 + 0.2 * algorithms), layout="constrained")
    axes = figure.subplots()
    scikit_posthocs.critical_difference_diagram(
        ranks,
        alike,
        ax=axes,
        label_fmt_left="{label}  {rank:.1f} ",
        label_fmt_right=" {rank:.1f}  {label}",
        elbow_props={"color": "#333333"},
        crossbar_props={"color": "#0072B2", "linewidth": 3},
    )
    axes.set_title(
        f"mean rank over {seeds} seeds, 1 the best; a bar joins what cannot be told apart (Nemenyi)\n"
        f"that all are alike: p = {everything:.2g} (Friedman)",
        fontsize="medium",
    )
    return figure


@text_is_text
def only_words(text: str) -> Figure:
    """Say in the place of a figure why there is none."""
    figure = Figure(figsize=(8, 1), layout="constrained")
    figure.text(0.5, 0.5, text, ha="center", va="center")
    return figure
