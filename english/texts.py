"""The texts of a file that people read, a paragraph at a time, each with the line where it begins."""

import ast
import inspect
import io
import json
import re
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

from markdown_it import MarkdownIt

CODE = "Name"
"""Put in place of a piece of code, which counts as one word."""

IN_CODE = re.compile(r"``[^`]+``|`[^`]+`")
HASH = re.compile(r"(?:^|\s)#+ ?(?=\s|\w|`|\()(.*)$")
SLASHES = re.compile(r"/\*+(.*?)\*+/|(?:^|\s)//(.*?)$", re.MULTILINE | re.DOTALL)
VALUE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
INLINE = re.compile(r"</?(?:a|abbr|b|code|em|i|small|span|strong|sub|sup|time)\b[^>]*>")
BETWEEN_TAGS = re.compile(r"(?<=>)[^<>]*\w[^<>]*(?=<)")
ENTRY = re.compile(r"\*{0,2}`{0,2}\w[\w ,.*`]{0,40}(\([^)]*\))?:( |$)|[-*] |\d+\. |>>> |\|")
"""The beginning of a paragraph in a docstring, without an empty line before it."""

MESSAGE_WORDS = 5
"""A string of fewer words is a key, a title or a piece of code."""

MARKDOWN = MarkdownIt("commonmark").enable("table")
WITH_HASHES = {".yml", ".toml", "Makefile", "run", "try_wheel"}
WITH_SLASHES = {".js", ".mjs", ".css"}

Text = tuple[int, str]


def texts(path: Path) -> list[Text]:
    """Read the paragraphs of one file; nothing of a kind of file that has none."""
    kind = path.suffix or path.name
    if kind in {".md", ".j2"}:
        found = _markdown(_content(path))
    elif kind == ".jinja":
        found = _page(_content(path))
    elif kind == ".ipynb":
        found = _notebook(_content(path))
    elif kind == ".py":
        found = _python(_content(path), with_messages="tests" not in path.parts)
    elif kind in WITH_SLASHES:
        found = _slashes(_content(path))
    elif kind in WITH_HASHES:
        found = _hashes(_content(path))
    else:
        found = iter(())
    return [(line, " ".join(IN_CODE.sub(CODE, text).split())) for line, text in found]


def _content(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _markdown(content: str) -> Iterator[Text]:
    for token in MARKDOWN.parse(content):
        if token.type == "inline":
            pieces = [CODE if child.type == "code_inline" else child.content or " " for child in token.children or ()]
            yield (token.map or [0])[0] + 1, "".join(pieces)


def _page(content: str) -> Iterator[Text]:
    """Give the texts between the tags of a template for HTML; its values are names."""

    def blank(found: re.Match[str]) -> str:
        return "\n" * found[0].count("\n") + (CODE if found[0].startswith("{{") else "")

    plain = INLINE.sub(blank, VALUE.sub(blank, content))
    for found in BETWEEN_TAGS.finditer(plain):
        before = plain[: found.start() + len(found[0]) - len(found[0].lstrip())]
        yield before.count("\n") + 1, found[0]


def _notebook(content: str) -> Iterator[Text]:
    """Give the texts of Markdown cells, and the comments of code cells."""
    for cell in json.loads(content)["cells"]:
        # In JSON, each line of a cell has its own line.
        before = content[: content.find(json.dumps(cell["source"][0], ensure_ascii=False))].count("\n")
        read = _markdown if cell["cell_type"] == "markdown" else _hashes
        yield from ((before + line, text) for line, text in read("".join(cell["source"])))


def _python(content: str, with_messages: bool) -> Iterator[Text]:
    """Give comments, docstrings and, if asked for, messages. Those of tests are programs and quotations."""
    tokens = tokenize.generate_tokens(io.StringIO(content).readline)
    comments = [token for token in tokens if token.type == tokenize.COMMENT]
    yield from _joined((one.start[0], one.line.lstrip().startswith("#"), one.string) for one in comments)
    nodes = list(ast.walk(ast.parse(content)))
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else CODE for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            text = node.value
        else:
            continue
        if id(node) in docstrings:
            yield from _docstring(node.lineno, inspect.cleandoc(text))
        elif with_messages and len(re.findall(r"[A-Za-z]{2,} ", text)) >= MESSAGE_WORDS - 1:
            yield node.lineno, text


def _docstring(first: int, text: str) -> Iterator[Text]:
    """Give paragraphs, and each entry of a list or of Google's sections. Examples and tables are left out."""
    block: list[str] = []
    begin = first
    for number, line in enumerate([*map(str.strip, text.splitlines()), ""], start=first):
        if not line or ENTRY.match(line):
            if block:
                yield begin, " ".join(block)
            block, begin = [], number
        if line and not line.startswith((">>>", "|")):
            block.append(line)


def _hashes(content: str) -> Iterator[Text]:
    lines = enumerate(content.splitlines(), start=1)
    return _joined(
        (number, line.lstrip().startswith("#"), found[1]) for number, line in lines if (found := HASH.search(line))
    )


def _joined(comments: Iterable[tuple[int, bool, str]]) -> Iterator[Text]:
    """Join the comments of lines that follow each other; a comment behind code is its own paragraph."""
    block: list[str] = []
    begin = last = 0
    for number, is_alone, text in comments:
        if block and (not is_alone or number != last + 1):
            yield begin, " ".join(block)
            block = []
        begin = begin if block else number
        block.append(text.lstrip("#! ").strip())
        last = number if is_alone else -1
    if block:
        yield begin, " ".join(block)


def _slashes(content: str) -> Iterator[Text]:
    for found in SLASHES.finditer(content):
        yield content[: found.start()].count("\n") + 1, found[1] or found[2] or ""
