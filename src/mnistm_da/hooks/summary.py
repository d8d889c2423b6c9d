"""The end of a run: its scores, and where they and the pictures are."""

from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline

from mnistm_da.adaptation.registry import ALGORITHMS

if TYPE_CHECKING:
    from rich.table import Table


class SummariseRun:
    """Say at the end what came out and where it is."""

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline, catalog: DataCatalog) -> None:
        """Print the scores of the algorithms this run evaluated, and the files it made for people."""
        from rich import get_console

        made = sorted(pipeline.all_outputs())
        metrics = [catalog.load(f"{name}.metrics") for name in ALGORITHMS if f"{name}.metrics" in made]
        seconds = {name: catalog.load(f"{name}.timing")["seconds"] for name in ALGORITHMS if f"{name}.timing" in made}
        console = get_console()
        if metrics:
            console.print(_score_table(metrics, seconds))
        for name in made:
            dataset: Any = catalog.get(name)
            is_for_people = dataset.metadata["kedro-viz"]["layer"] == "reporting"
            if is_for_people and hasattr(dataset, "_get_load_path"):
                console.print(f"{name}: {dataset._get_load_path()}", soft_wrap=True, highlight=False)


def _score_table(metrics: list[dict[str, Any]], seconds: dict[str, float]) -> "Table":
    from rich.table import Table

    picked = {"last": "of the last epoch"}.get(metrics[0]["selection"], f"at the pick of {metrics[0]['selection']}")
    table = Table("algorithm", title=f"Test accuracy {picked}, %")
    for column in ("source", "target", "target macro-F1", "target calibration error", "training seconds"):
        table.add_column(column, justify="right")
    for scores in metrics:
        source, target = scores["source_test"], scores["target_test"]
        shares = (
            source["accuracy"],
            target["accuracy"],
            target["macro_f1"],
            target["expected_calibration_error"],
        )
        name = scores["algorithm"]
        trained = f"{seconds[name]:.0f}" if name in seconds else "before"
        table.add_row(name, *(f"{100 * share:.2f}" for share in shares), trained)
    return table
