"""The reference of the code: a page of each package, whose modules mkdocstrings reads without importing them."""

from collections.abc import Iterator
from pathlib import Path

from website.markdown import stacked

SOURCE = Path("src")
LATER = "---\nsearch:\n  boost: 0.2\n---\n\n"
"""Search shows these pages after those that are written for readers."""
ALONE = "    options: { show_root_heading: false, show_root_toc_entry: false, show_submodules: false }"
"""A package's own text, under the heading that its page has."""


def packages() -> Iterator[tuple[str, list[str]]]:
    """Give each package by its whole name, with its public modules."""
    for init in sorted(SOURCE.rglob("__init__.py")):
        package = ".".join(init.parent.relative_to(SOURCE).parts)
        names = sorted(path.stem for path in init.parent.glob("*.py"))
        yield package, [f"{package}.{name}" for name in names if not name.startswith("_")]


def page(package: str, modules: list[str]) -> str:
    """Write the page of a package."""
    return "\n\n".join([f"{LATER}# {package}", f"::: {package}\n{ALONE}", *(f"::: {module}" for module in modules)])


def index() -> str:
    """Write the list of all packages."""
    rows = [
        (f"[`{package}`]({package}.md)", ", ".join(f"`{one.rpartition('.')[2]}`" for one in modules))
        for package, modules in packages()
    ]
    text = "Read from the docstrings. For use from Python, begin with `adapt` and `DomainAdapter` in "
    estimator = "[`mnistm_da.adaptation.estimator`](mnistm_da.adaptation.md#mnistm_da.adaptation.estimator)."
    return f"# The code\n\n{text}{estimator}\n\n" + stacked(("package", "modules"), rows)
