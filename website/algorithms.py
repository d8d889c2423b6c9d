"""A page of each algorithm, and one that helps to choose among them."""

import io
import json
import sys

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mnistm_da.adaptation.figures.diagram import draw
from mnistm_da.adaptation.figures.style import DOMAIN_COLOURS
from mnistm_da.adaptation.figures.text import text_is_text
from mnistm_da.adaptation.models.loading import build
from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class
from mnistm_da.domains.format import DIGITS
from mnistm_da.parameters import AlgorithmParams, NetworkParams
from mnistm_da.pipelines.benchmark.table import write_markdown
from mnistm_da.viz.previews import STYLE
from website import docstrings, parameters, results
from website.markdown import linked, table, with_pages

FEW = "few target labels"


def families() -> dict[str, list[str]]:
    """Give the names of the algorithms by family; those with a few target labels are a separate group."""
    groups: dict[str, list[str]] = {}
    for name, entry in ALGORITHMS.items():
        family = "bounds" if entry.family == "bound" else entry.family
        groups.setdefault(FEW if entry.target_labels == "few" else family, []).append(name)
    return groups


def index() -> str:
    """Write the page that helps to choose."""
    parts = [
        "# Which algorithm?",
        "Target test accuracy on MNIST-M in %, mean ± standard deviation of the seeds, last epoch. "
        "[Algorithms and their results](../algorithms.md) says what the families have in common and has the whole "
        "table, [Behind the table of results](../results.md) what stands behind it.",
    ]
    for family, names in families().items():
        rows = [(f"[`{name}`]({name}.md)", when_to_use(name), results.in_short(name)) for name in names]
        parts += [f"## {family.capitalize()}", table(("algorithm", "when to use it", "target test"), rows)]
    return "\n\n".join(parts)


def when_to_use(name: str) -> str:
    """Say when an algorithm is the right one: by its class and, for the variants of a class, by the registry."""
    entry, said = ALGORITHMS[name], docstrings.read(algorithm_class(name)).when_to_use
    links = {other: f"{other}.md" for other in ALGORITHMS}
    twin = next(other for other, one in ALGORITHMS.items() if one.path == entry.path)
    if twin != name:
        said = f"As `{twin}`"
        said += ", where a few target images of each class have labels." if entry.target_labels == "few" else "."
    said += f" It starts from a trained `{entry.starts_from}`." if entry.starts_from else ""
    return linked(with_pages(said), links)


def page(name: str) -> str:
    """Write the page of an algorithm."""
    make = algorithm_class(name)
    module = make.__module__
    values = parameters.configured().get(name, {})
    about = [docstrings.read(thing).text for thing in (sys.modules[module], make)]
    package = module.rpartition(".")[0]
    return "\n\n".join(
        [
            f"# {name}",
            *map(with_pages, about),
            f"    kedro run --pipelines={name}",
            f"## When to use it\n\n{when_to_use(name)}",
            f"## Results\n\n{_results(name)}",
            f"## Networks\n\n```mermaid\n{diagram(name)}\n```",
            "## Parameters",
            with_pages(docstrings.read(make.Params).text),
            _parameters(make.Params, values, name),
            f"The code: [`{module}`](../reference/{package}.md#{module}). What all algorithms share: "
            "[parameters](../parameters.md#training).",
        ]
    )


def _parameters(model: type[AlgorithmParams], values: dict[str, object], name: str) -> str:
    return parameters.of(model, values, f"{name}.")


def diagram(name: str) -> str:
    """Draw its networks on digits, as the parameters of conf/base make them."""
    values = parameters.configured()
    network = NetworkParams.model_validate(values["network"])
    built = build(algorithm_class(name), values.get(name, {}), network, DIGITS, seed=0)
    kind, *lines = draw(built, ALGORITHMS[name].target_labels).splitlines()
    drawn = [line for line in lines if not line.startswith("  about[")]  # what the page says already
    style = json.dumps({"flowchart": STYLE["flowchart"]})
    return "\n".join([f"%%{{init: {style}}}%%", kind, f"  accTitle: the networks of {name}", *drawn])


def _results(name: str) -> str:
    found = results.runs(name)
    if not found:
        return "Not measured yet."
    rows = results.results()
    parts = [
        "On the real data, target test accuracy in %, mean ± standard deviation of the seeds. Single runs: "
        + ", ".join(f"[seed {one['seed']}](../benchmark_runs/{file}.json)" for file, one in found.items())
        + ".",
        _upright(write_markdown(rows[rows["algorithm"] == name])),
    ]
    if curves(name):
        parts.append(f"![Target test accuracy of {name} by epoch]({name}.curves.svg)")
    parts += [
        "What each [validator](../validators.md) would have picked. The oracle saw the test labels, so its pick is no "
        "result.",
        results.picks(list(found.values())),
    ]
    return "\n\n".join(parts)


def _upright(text: str) -> str:
    """Turn a table of one row, which is wider than a phone, into one of two columns without the algorithm's name."""
    names, _, values = ([cell.strip() for cell in line.strip("| ").split(" | ")] for line in text.splitlines())
    return table(("what", "mean of the seeds"), zip(names[1:], values[1:], strict=True))


def curves(name: str) -> str:
    """Draw the target test accuracy of each epoch as SVG, if a result holds it."""
    found = {one["seed"]: one["judged"] for one in results.runs(name).values() if "judged" in one}
    return _svg(_curves(found)) if found else ""


@text_is_text
def _curves(judged: dict[int, dict[str, list[float]]]) -> Figure:
    figure = Figure(figsize=(5.2, 2.8), layout="constrained")
    axes = figure.subplots()
    for (seed, one), style in zip(judged.items(), ("-", "--", ":", "-.") * len(judged), strict=False):
        values = [100 * accuracy for accuracy in one["target_test_accuracy"]]
        axes.plot(one["epoch"], values, style, color=DOMAIN_COLOURS["target"], marker="o", label=f"seed {seed}")
    axes.set(xlabel="epoch", ylabel="target test, % right")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    return figure


def _svg(figure: Figure) -> str:
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()
