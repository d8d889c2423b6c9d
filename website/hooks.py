"""MkDocs calls these: the navigation, the pages that are made, and what the Markdown files of the repository need."""

import os
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

import mnistm_da.settings  # noqa: F401 - it silences warnings of other libraries
from mnistm_da.registry import ALGORITHMS
from website import algorithms, elsewhere, parameters, reference, results
from website.markdown import indented, linked_in_tables, relinked

ASSETS = Path("website/assets")
PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "conf/README.md": "configuration.md",
    "speed/README.md": "speed.md",
    "docs/benchmark_runs": "benchmark_runs/index.md",
}
"""Addresses of the pages that are not made of a file at the same place in `docs/`."""
FILES = ("LICENSE", "CITATION.cff")
"""Files of the repository that pages link to."""
OF_ALGORITHMS = ("index.md", "algorithms.md", "results.md", "defaults.md")
"""Pages in whose tables and lists a name means an algorithm."""
SECTIONS = {
    "Tutorials": ["first_run.md", "notebooks.md", "own_pictures.md", "own_algorithm.md", "cluster.md", "gpu.md"],
    "Guide": [
        "install.md",
        "work_with_it.md",
        "other_settings.md",
        "configuration.md",
        "parameters.md",
        "validators.md",
        "tuning.md",
        "estimates.md",
        "lineage.md",
        "statistics.md",
        "tracking.md",
        "object_store.md",
    ],
    "Results": [
        "algorithms.md",
        "results.md",
        "champion.md",
        "champion_settings.md",
        "defaults.md",
        "speed.md",
        "benchmark_runs/index.md",
    ],
    "Project": ["contributing.md", "changelog.md"],
}
"""The navigation beside the pages of algorithms and code. A page of `docs/` that is not named here is in the guide."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Make the navigation."""
    docs = [path.name for path in sorted(Path(config.docs_dir).glob("*.md"))]
    there, known = {*docs, *PAGES.values(), "parameters.md"}, {page for pages in SECTIONS.values() for page in pages}
    sections = {name: [page for page in pages if page in there] for name, pages in SECTIONS.items()}
    sections["Guide"] += [page for page in docs if page not in known]
    by_family = [
        {family.capitalize(): [f"algorithms/{name}.md" for name in names]}
        for family, names in algorithms.families().items()
    ]
    code = [f"reference/{package}.md" for package, _ in reference.packages()]
    config.nav = [
        {"Home": "index.md"},
        {"Tutorials": sections["Tutorials"]},
        {"Guide": sections["Guide"]},
        {"Algorithms": ["algorithms/index.md", *by_family]},
        {"Results": sections["Results"]},
        {"Code": ["reference/index.md", *code]},
        {"Project": sections["Project"]},
    ]
    if config.site_url and os.environ.get("WITH_GRAPH"):
        config.nav.append({"Graph": f"{config.site_url.rstrip('/')}/graph/index.html"})
    return config


def made() -> dict[str, str]:
    """Give all pages and pictures that are no file of `docs/`, by their addresses."""
    found = {page: _read(Path(file)) for file, page in PAGES.items() if Path(file).is_file()}
    found |= {"benchmark_runs/index.md": results.page(), "parameters.md": parameters.page()}
    found |= {"algorithms/index.md": algorithms.index()}
    for name in ALGORITHMS:
        found[f"algorithms/{name}.md"] = algorithms.page(name)
        if drawing := algorithms.curves(name):
            found[f"algorithms/{name}.curves.svg"] = drawing
    found |= {"reference/index.md": reference.index()}
    return found | {f"reference/{package}.md": reference.page(package, of) for package, of in reference.packages()}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made, and the files of the theme and of the repository."""
    for address, content in made().items():
        files.append(File.generated(config, address, content=content))
    for path in [*sorted(ASSETS.iterdir()), *(Path(name) for name in FILES)]:
        address = f"assets/{path.name}" if path.parent == ASSETS else path.name
        files.append(File.generated(config, address, abs_src_path=str(path.absolute())))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Bring a Markdown file of the repository into the site's form; the pages that are made have it already."""
    address = page.file.src_uri
    source = next((file for file, other in PAGES.items() if other == address), f"docs/{address}")
    if not Path(source).is_file():
        return markdown
    if address == "index.md":  # the one page of its section: a list of one takes the place of code
        page.meta["hide"] = ["navigation"]
    text = relinked(indented(markdown), source, address, PAGES)
    text = elsewhere.with_buttons(text)
    links = {name: f"algorithms/{name}.md" for name in ALGORITHMS}
    return linked_in_tables(text, links) if address in OF_ALGORITHMS else text


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
