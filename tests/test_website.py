"""The documentation site, without building it: its pages, its navigation, and what its renderer makes of our Markdown.

The whole is built with `make docs`, which also checks every link, and looks at it in a browser.
"""

import re
import types
from collections import Counter

import pytest
from markdown_it import MarkdownIt
from mkdocs.config import load_config

from mnistm_da.adaptation.measures.validators import VALIDATORS
from mnistm_da.adaptation.registry import ALGORITHMS, algorithm_class
from mnistm_da.parameters import TYPED, AlgorithmParams, TrainingParams
from training_data import run
from website import algorithms, hooks, parameters, reference, results
from website.markdown import indented, linked_in_tables, relinked, with_pages

BLOCKS = re.compile(r"<(h\d|li|ol|ul|table|td|pre|blockquote)\b")


@pytest.fixture(autouse=True)
def _in_the_project(root, monkeypatch):
    monkeypatch.chdir(root)


@pytest.fixture(scope="module")
def config(root):
    return load_config(str(root / "mkdocs.yml"))


@pytest.mark.parametrize("name", ALGORITHMS)
def test_every_algorithm_has_its_page(monkeypatch, name):
    if name != "dann":  # drawing is what takes long, and is tested of all elsewhere
        monkeypatch.setattr(algorithms, "diagram", "the diagram of {}".format)
    page = algorithms.page(name)
    assert page.startswith(f"# {name}\n")
    assert algorithms.when_to_use(name), "its class's docstring has no section `When to use:`, see CONTRIBUTING.md"
    assert f"```mermaid\n{algorithms.diagram(name)}\n```" in page
    for own in algorithm_class(name).Params.model_fields:
        assert f"`{name}.{own}" in page
    measured = results.results().query("algorithm == @name")
    assert ("Not measured yet." in page) == measured.empty
    for row in measured.to_dict("records"):
        assert f"| last epoch | {100 * row['last']:.2f}" in page
        assert len(re.findall(r"\[seed \d+\]", page)) == row["seeds"]


def test_a_diagram_is_that_of_the_figures_with_a_title_for_screen_readers():
    style, kind, title, *lines = algorithms.diagram("dann").splitlines()
    assert style.startswith("%%{init: {")
    assert (kind, title) == ("flowchart TB", "  accTitle: the networks of dann")
    assert not any(line.startswith("  about") for line in lines)
    assert '  subgraph g1["discriminator · 80,401 parameters"]' in lines


def test_a_meaning_is_told_of_every_parameter():
    for model in [*TYPED.values(), *(algorithm_class(name).Params for name in ALGORITHMS)]:
        if model is TYPED["titles"]:
            continue  # its two names are its meaning
        without = [row for row in parameters.of(model, {}, "").splitlines() if row.endswith("|  |")]
        assert not without, f"{model.__name__}: {without}"


def test_types_ranges_and_values_are_those_of_model_and_configuration():
    page = parameters.page()
    assert "`training.learning_rate`<br>number, > 0<br>default: `0.001`" in page
    assert "`training.augmentation.cutout`<br>whole number, ≥ 0, ≤ 1,000<br>default: `0`" in page
    assert "`splitting.digits`<br>`shared` or `disjoint`<br>default: `shared`" in page
    assert "`benchmark.seeds`<br>list of whole number" in page
    assert parameters.of(AlgorithmParams, {"epochs_factor": 2.5}, "x.").count("`x.epochs_factor`<br>") == 1
    assert "default: `2.5`" in parameters.of(AlgorithmParams, {"epochs_factor": 2.5}, "x.")
    assert f"default: `{TrainingParams().epochs}`" in parameters.of(TrainingParams, {}, "")


def test_every_validator_is_explained_and_has_been_judged(root):
    text = (root / "docs/validators.md").read_text(encoding="utf-8")
    assert [name for name in VALIDATORS if not re.search(rf"^## {name}\n\n[^`#]+", text, re.MULTILINE)] == []
    assert re.findall(r"^\| `(\w+)`", results.trust(), re.MULTILINE) == ["last", *VALIDATORS]


def test_the_validators_trust_is_that_of_the_records(monkeypatch):
    def record(picked, rank):
        one = {"target_test_accuracy": picked, "rank_correlation": rank}
        return {"algorithm": "dann", "picks": {"im": one, "oracle": one | {"target_test_accuracy": 0.9}}}

    labelled = record(0.1, -1.0) | {"algorithm": "dann_few_labels"}
    found = {"a": record(0.9, 1.0), "b": record(0.88, 0.5), "c": labelled}
    monkeypatch.setattr(results, "records", lambda: found)
    assert "| `im` | 2 | 0.75 ± 0.35 (0.50 to 1.00) | 1.00 | 2.00 |" in results.trust()


def test_a_curve_is_drawn_of_the_results_that_hold_one():
    judged = {name for name in ALGORITHMS if any("judged" in one for one in results.runs(name).values())}
    assert judged
    first = min(judged)
    assert algorithms.curves(first).count("<svg") == 1
    assert not algorithms.curves("mdan")


def test_the_navigation_has_every_page_once(root, config):
    def pages(entry):
        if isinstance(entry, str):
            return [entry]
        return [page for one in (entry.values() if isinstance(entry, dict) else entry) for page in pages(one)]

    found = Counter(pages(hooks.on_config(config).nav))
    made = {f"algorithms/{name}.md" for name in ("index", *ALGORITHMS)} | {"parameters.md", *hooks.PAGES.values()}
    made |= {f"reference/{package}.md" for package, _ in reference.packages()} | {"reference/index.md"}
    assert set(found) == made | {path.name for path in (root / "docs").glob("*.md")}
    assert set(found.values()) == {1}


def test_the_code_has_all_its_public_modules(root):
    texts = "\n".join(reference.page(*one) for one in reference.packages())
    for path in (root / "src").rglob("*.py"):
        module = ".".join(path.relative_to(root / "src").with_suffix("").parts)
        assert path.stem.startswith("_") or f"::: {module}\n" in f"{texts}\n", module


def test_no_other_host_is_asked(root, config):
    assert config.theme["font"] is False
    loaded = [*config.extra["polyfills"], *config.extra_css, *map(str, config.extra_javascript)]
    for name in loaded:
        assert name.startswith("assets/"), name
    for path in (root / "website/assets").glob("*"):
        addresses = re.findall(r"""(?:import|src|href|url|fetch)\W{1,3}https?://[\w./-]+""", path.read_text("utf-8"))
        assert not addresses, path


OF_FILES = [file for file in hooks.PAGES if file.endswith(".md")]  # of the folder of results a page is made
SOME = [*OF_FILES, *(f"docs/{name}.md" for name in ("defaults", "champion", "results"))]


@pytest.mark.parametrize("file", SOME)
def test_the_site_shows_lists_and_tables_as_github_does(root, config, file):
    import markdown

    text = (root / file).read_text(encoding="utf-8")
    extensions = [name for name in config.markdown_extensions if name != "toc"]
    ours = markdown.markdown(indented(text), extensions=extensions)
    theirs = MarkdownIt("commonmark").enable("table").render(text)
    assert Counter(BLOCKS.findall(ours)) == Counter(BLOCKS.findall(theirs))


def test_links_lead_to_the_pages_of_the_site():
    text = "[a](docs/results.md#x) [b](CONTRIBUTING.md) [c](https://d.e) [f](docs/benchmark_runs) ![g](docs/g.png)"
    linked = relinked(text, "README.md", "index.md", hooks.PAGES)
    assert linked == "[a](results.md#x) [b](contributing.md) [c](https://d.e) [f](benchmark_runs/index.md) ![g](g.png)"
    assert relinked("[a](../speed/README.md)", "docs/a.md", "b/a.md", hooks.PAGES) == "[a](../speed.md)"


def test_a_page_that_a_docstring_names_is_a_link():
    assert with_pages("see `docs/champion.md`, not `conf/a.md`") == "see [champion](../champion.md), not `conf/a.md`"
    assert "`docs/" not in algorithms.index()


def test_names_are_links_in_tables_and_lists_alone():
    text = "`dann`\n\n| `dann` | `other` |\n- [`dann`](x)\n\n```\n| `dann` |\n```"
    linked = linked_in_tables(text, {"dann": "d.md"})
    assert linked == text.replace("| `dann` | ", "| [`dann`](d.md) | ")


def test_the_algorithm_of_the_tutorial_trains(root):
    [code] = re.findall(r"```python\n(\"\"\".*?)```", (root / "docs/own_algorithm.md").read_text("utf-8"), re.DOTALL)
    module = types.ModuleType("mean_distance")
    exec(compile(code, "docs/own_algorithm.md", "exec"), vars(module))
    _, history = run(module.MeanDistance)
    assert {"loss/classification", "loss/mean_distance"} < set(history[0])
