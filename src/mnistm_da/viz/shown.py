"""Which pipelines kedro-viz lists: few enough to choose from, and none too large to draw."""

from collections.abc import Mapping

from kedro.pipeline import Pipeline

from mnistm_da.pipelines import DEFAULT_PIPELINE
from mnistm_da.registry import ALGORITHMS, Entry

FEW_LABELS = "few_target_labels"


def shown(pipelines: Mapping[str, Pipeline]) -> dict[str, Pipeline]:
    """Give the pipelines to list: the default one, the data, one for each family of algorithms, then the others.

    kedro-viz lists the registered pipelines one below the other, without groups: fifty, of which most differ by one
    algorithm, and two hold all algorithms, too many to draw. In a family's pipeline, each algorithm is one box, which
    opens at a click.

    Args:
        pipelines: every registered one by name.
    """
    chosen = (DEFAULT_PIPELINE, "data")
    found = {name: pipelines[name] for name in chosen}
    for name, entry in ALGORITHMS.items():
        if name in pipelines and not entry.is_bound:
            group = _group(entry)
            found[group] = found.get(group, Pipeline([])) + pipelines[name]
    others = [name for name in pipelines if name not in ALGORITHMS and name not in (*found, "all")]
    return found | {name: pipelines[name] for name in others}  # the Workflow view asks for __default__ by its name


def _group(entry: Entry) -> str:
    return FEW_LABELS if entry.target_labels == "few" else entry.family
