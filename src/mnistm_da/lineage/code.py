"""Which code of a package a function reaches, found without running it, and a fingerprint of it.

A symbol is a function, class or assignment at the top level of a module, named ``package.module:name``. What it
mentions are names: other symbols of the module, or what the module or the symbol itself imports from the package. What
is reached in other ways (by a name in a string) is not seen; attributes of the function, ``instead`` and ``also``, can
say it.
"""

import ast
import hashlib
import importlib.util
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

BODY = "(body)"
"""The name of a module's statements that define nothing; every symbol of the module depends on them."""


def fingerprint(function: Callable[..., Any], package: str) -> dict[str, str]:
    """Give a hash per file of the package of what a function reaches there; comments and docstrings do not count.

    Args:
        function: at the top level of a module of the package, or a ``partial`` of one. Its attribute ``instead``, a
            mapping of symbols to symbols, says what is reached in the place of a symbol that chooses by name; its
            attribute ``also``, symbols, what is reached besides what the source names.
        package: whose code counts; what else is imported is left to the versions of libraries.

    Returns:
        Hexadecimal hashes by the file's path relative to the package's folder: of modules, and of the data files beside
        a module of which the reached source names one, such as a template (which may read the others).
    """
    instead: Mapping[str, str] = getattr(function, "instead", {})
    also: tuple[str, ...] = getattr(function, "also", ())
    while isinstance(function, partial):
        function = function.func
    found: set[str] = set()
    open_ends = [f"{function.__module__}:{function.__name__}", *also]
    while open_ends:
        symbol = open_ends.pop()
        symbol = instead.get(symbol, symbol)
        if symbol not in found:
            found.add(symbol)
            open_ends += _mentions(symbol, package)
    by_file: dict[str, list[str]] = {}
    for symbol in sorted(found):
        module, _, name = symbol.partition(":")
        source = _module(module, package)
        if source is not None and name in source.symbols:
            by_file.setdefault(source.path, []).append(f"{name} {_hash(symbol, package)}")
            by_file |= {
                path.relative_to(_folder(package)).as_posix(): [_content(path)] for path in _data(symbol, package)
            }
    return {path: hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16] for path, parts in by_file.items()}


class _Module:
    """The symbols of a module's source, and what its names are imported from."""

    def __init__(self, name: str, path: Path, package: str) -> None:
        is_package = path.name == "__init__.py"
        self.name, self.context = name, name if is_package else name.rpartition(".")[0]
        self.folder, self.path = path.parent, path.relative_to(_folder(package)).as_posix()
        tree = _Plain().visit(ast.parse(path.read_text(encoding="utf-8")))
        self.symbols: dict[str, list[ast.stmt]] = {BODY: []}
        self.imports: dict[str, str] = {}
        for statement in tree.body:
            names = _defined(statement)
            for defined in names or [BODY]:
                if isinstance(statement, ast.Import | ast.ImportFrom):
                    continue
                self.symbols.setdefault(defined, []).append(statement)
            self.imports |= self.imported(statement)

    def imported(self, *nodes: ast.AST) -> dict[str, str]:
        """Give what the import statements among nodes bind: ``module`` or ``module:name`` by local name."""
        bound = {}
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    bound[alias.asname or alias.name.partition(".")[0]] = alias.name
            elif isinstance(node, ast.ImportFrom):
                base = importlib.util.resolve_name("." * node.level + (node.module or ""), self.context)
                for alias in node.names:
                    bound[alias.asname or alias.name] = f"{base}:{alias.name}"
        return bound


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


def _defined(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return [node.id for target in targets if target for node in ast.walk(target) if isinstance(node, ast.Name)]


@cache
def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else Path(package)


@cache
def _module(name: str, package: str) -> _Module | None:
    """Read a module of the package, found by its path: Python's own search would import all the modules above it."""
    first, *rest = name.split(".")
    if first != package:
        return None
    path = _folder(package).joinpath(*rest)
    for file in (path / "__init__.py", path.with_suffix(".py")):
        if file.is_file():
            return _Module(name, file, package)
    return None


@cache
def _hash(symbol: str, package: str) -> str:
    module, _, name = symbol.partition(":")
    source = _module(module, package)
    statements = source.symbols[name] if source else []
    return hashlib.sha256("\n".join(ast.dump(statement) for statement in statements).encode()).hexdigest()


@cache
def _data(symbol: str, package: str) -> list[Path]:
    """Give the data files beside the module of a symbol, if the symbol's source names one of them."""
    module, _, name = symbol.partition(":")
    source = _module(module, package)
    beside = _beside(source.folder) if source else {}
    if not source or not beside:
        return []
    nodes = (node for statement in source.symbols[name] for node in ast.walk(statement))
    named = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return list(beside.values()) if named & beside.keys() else []


@cache
def _beside(folder: Path) -> dict[str, Path]:
    return {path.name: path for path in folder.iterdir() if path.is_file() and path.suffix not in (".py", ".pyc")}


@cache
def _content(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def _mentions(symbol: str, package: str) -> list[str]:
    """Give the symbols of the package that a symbol's source names."""
    module, _, name = symbol.partition(":")
    source = _module(module, package)
    if source is None:
        return []
    if name not in source.symbols:  # imported into the module from elsewhere, or a module of a package
        target = source.imports.get(name, f"{module}.{name}")
        return _targets(target, (), package)
    nodes = [node for statement in source.symbols[name] for node in ast.walk(statement)]
    bound = source.imports | source.imported(*nodes)
    attributes: dict[str, set[str]] = {}
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            attributes.setdefault(node.value.id, set()).add(node.attr)
    found = [f"{module}:{BODY}"] if name != BODY else []
    for used in {node.id for node in nodes if isinstance(node, ast.Name)}:
        if used in source.symbols:
            found.append(f"{module}:{used}")
        elif used in bound:
            found += _targets(bound[used], tuple(attributes.get(used, ())), package)
    return found


def _targets(target: str, attributes: tuple[str, ...], package: str) -> list[str]:
    """Give the symbols behind an imported name: itself, or what is taken from it if it is a module."""
    module, _, name = target.partition(":")
    if name and _module(f"{module}.{name}", package):
        module, name = f"{module}.{name}", ""
    if name:
        return [f"{module}:{name}"]
    return [f"{module}:{attribute}" for attribute in attributes]
