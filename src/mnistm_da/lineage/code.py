"""Which files of a package a node is made from, found without running it, and a hash of each.

The rule: a node is made from the module of its function and from every file of the package that this imports.

- Imports count however deep, and within functions too.
- The readers of raw data that the node reads count in the same way: the modules of their classes, and all imports.
- A module named ``registry`` counts as the class that it names for the node's namespace. If it does not know the
  namespace, all classes that it names count.
- A module or a folder named ``parameters`` does not count, since the values are recorded.

So a new default makes nothing stale, and a new algorithm does not make the others' trainings stale. Comments and
docstrings do not count. A package's ``__init__.py`` counts only where something is imported from the package itself.
"""

import ast
import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec, resolve_name
from pathlib import Path
from typing import Any, NamedTuple

REGISTRY, PARAMETERS = "registry", "parameters"
"""The names of modules that count in another way. A registry has a function ``classes``, which gives
``package.module:Class`` by the name that parameters use."""


def fingerprint(function: Callable[..., Any], package: str, namespace: str | None = None) -> dict[str, str]:
    """Give the hash of every file that a node is made from, by the rule above.

    Args:
        function: of the node, or a ``partial`` of one.
        package: whose files count; what else is imported is left to the versions of libraries.
        namespace: of the node, if it has one.

    Returns:
        Hexadecimal hashes by the file's path relative to the package's folder. A module that names a data file beside
        it, such as a template, brings all data files of its folder, since the named one may read the others.
    """
    while isinstance(function, partial):
        function = function.func
    return fingerprint_of_modules([function.__module__], package, namespace)


def fingerprint_of_modules(names: Iterable[str], package: str, namespace: str | None = None) -> dict[str, str]:
    """Give the same of modules by their full names: of readers of raw data, which no node's function imports."""
    found: dict[str, str] = {}
    for name, path in _reached(tuple(names), package, namespace):
        if _kind(name) == REGISTRY:
            found[_relative(path, package)] = _short("\n".join(_chosen(name, namespace)).encode())
        else:
            module = _read(path, name, package)
            found[_relative(path, package)] = module.content
            found |= {_relative(data, package): _content(data) for data in module.data}
    return dict(sorted(found.items()))


@cache
def _reached(names: tuple[str, ...], package: str, namespace: str | None) -> list[tuple[str, Path]]:
    """Give name and file of every module that counts: these, and all that they import. No file changes in a run."""
    open_ends, seen, found = [*names], set(), []
    while open_ends:
        name = open_ends.pop()
        path = _file(name, package)
        if name in seen or path is None or _kind(name) == PARAMETERS:
            continue
        seen.add(name)
        found.append((name, path))
        if _kind(name) == REGISTRY:
            open_ends += [one.partition(":")[0] for one in _chosen(name, namespace)]
        else:
            open_ends += _read(path, name, package).imports
    return found


def _kind(name: str) -> str:
    parts = name.split(".")
    return PARAMETERS if PARAMETERS in parts else parts[-1]


class _Module(NamedTuple):
    """The facts about a module: its hash, full names of what it imports from the package, data files that it reads."""

    content: str
    imports: list[str]
    data: list[Path]


@cache
def _read(path: Path, name: str, package: str) -> _Module:
    tree = _Plain().visit(ast.parse(path.read_text(encoding="utf-8")))
    context = name if path.name == "__init__.py" else name.rpartition(".")[0]
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    beside = [file for file in path.parent.iterdir() if file.is_file() and file.suffix not in (".py", ".pyc")]
    data = beside if texts & {file.name for file in beside} else []
    return _Module(_short(ast.dump(tree).encode()), list(_imports(tree, context, package)), data)


def _imports(tree: ast.AST, context: str, package: str) -> Iterator[str]:
    """Give the full names of the modules that import statements anywhere in a module name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), context)
            for alias in node.names:
                below = f"{base}.{alias.name}"
                yield below if _file(below, package) else base


def _chosen(registry: str, namespace: str | None) -> list[str]:
    """Give the classes that a registry stands for in a namespace."""
    classes: dict[str, str] = getattr(import_module(registry), "classes", dict)()
    return [classes[namespace]] if namespace in classes else sorted(classes.values())


class _Plain(ast.NodeTransformer):
    """Takes docstrings away."""

    def visit(self, node: ast.AST) -> Any:
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [s for s in body if not _is_text(s)] or [ast.Pass()]  # type: ignore[attr-defined]
        return self.generic_visit(node)


def _is_text(statement: ast.AST) -> bool:
    value = getattr(statement, "value", None)
    return isinstance(statement, ast.Expr) and isinstance(value, ast.Constant) and isinstance(value.value, str)


@cache
def _folder(package: str) -> Path:
    spec = find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else Path(package)


@cache
def _file(name: str, package: str) -> Path | None:
    """Find a module of the package by its path: Python's own search would import all the modules above it."""
    first, *rest = name.split(".")
    if first != package:
        return None
    path = _folder(package).joinpath(*rest)
    return next((file for file in (path / "__init__.py", path.with_suffix(".py")) if file.is_file()), None)


@cache
def _relative(path: Path, package: str) -> str:
    return path.relative_to(_folder(package)).as_posix()


@cache
def _content(path: Path) -> str:
    return _short(path.read_bytes())


def _short(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
