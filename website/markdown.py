"""Markdown as the site's renderer reads it: links between its pages, and lists as deep as it asks for."""

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

LINK = re.compile(r"\]\((?![a-z]+:|#)([^)#\s]+)(#[^)\s]*)?\)")
ARXIV = re.compile(r"\barXiv (\d{4}\.\d{5})")
ITEM = re.compile(r"( *)([-*+]|\d+[.)])( +)")
FENCE = re.compile(r" *(```+|~~~+)")
NAME = re.compile(r"(?<!\[)`(\w+)`(?!\])")
PAGE = re.compile(r"`docs/(\w+)\.md`")


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table; a bar or a line break in a cell does not end it."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def stacked(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table of names and meanings, which a phone shows below each other."""
    return f'<div class="stacked" markdown>\n\n{table(header, rows)}\n</div>\n'


def _cell(content: object) -> str:
    return " ".join(str(content).split()).replace("|", "\\|")


def with_papers(text: str) -> str:
    """Make each number of arXiv a link."""
    return ARXIV.sub(r"[arXiv \1](https://arxiv.org/abs/\1)", text)


def with_pages(text: str) -> str:
    """Make each page that a docstring names a link, for a page in a folder of the site."""
    return PAGE.sub(r"[\1](../\1.md)", text)


def relinked(text: str, source: str, page: str, pages: Mapping[str, str]) -> str:
    """Point the links of a file of the repository at the pages of the site.

    Args:
        text: of the file.
        source: path of the file in the repository.
        page: address of its page in the site.
        pages: the address of every page by the path of its file. Others are in `docs/`, and so at the top of the site.
    """

    def link(found: re.Match[str]) -> str:
        file = posixpath.normpath(posixpath.join(posixpath.dirname(source), found[1]))
        target = pages.get(file, file.removeprefix("docs/"))
        return f"]({posixpath.relpath(target, posixpath.dirname(page) or '.')}{found[2] or ''})"

    return LINK.sub(link, text)


def linked(text: str, links: Mapping[str, str]) -> str:
    """Make each name that stands as code a link, if it has one.

    Args:
        text: Markdown without code blocks.
        links: address by name.
    """

    def link(found: re.Match[str]) -> str:
        return f"[{found[0]}]({links[found[1]]})" if found[1] in links else found[0]

    return NAME.sub(link, text)


def linked_in_tables(text: str, links: Mapping[str, str]) -> str:
    """Do the same in the rows of tables and the items of lists alone; code blocks stay as they are."""
    lines, in_code = [], False
    for line in text.splitlines():
        in_code ^= bool(FENCE.match(line))
        is_listed = not in_code and line.lstrip().startswith(("| ", "- "))
        lines.append(linked(line, links) if is_listed else line)
    return "\n".join(lines)


def indented(text: str) -> str:
    """Indent the content of a list by four spaces a level: Python-Markdown asks for it, GitHub takes fewer."""
    lines: list[str] = []
    offsets: list[int] = []  # of the content of each open item
    fence, after_blank = "", True
    for line in text.splitlines():
        item, depth = ITEM.match(line), len(line) - len(line.lstrip())
        if not line.strip():
            lines.append("")
            after_blank = True
            continue
        if not fence:
            is_code = after_blank and depth >= (offsets[-1] if offsets else 0) + 4
            item = None if is_code else item
            while offsets and depth < offsets[-1] and (item or after_blank or line.lstrip().startswith("#")):
                offsets.pop()
            if item and not offsets and not after_blank and not _is_in_list(lines):
                lines.append("")
        lines.append(f"{'    ' * len(offsets)}{line[min(depth, offsets[-1] if offsets else 0) :]}")
        if item and not fence:
            lines[-1] = f"{'    ' * len(offsets)}{line.lstrip()}"
            offsets.append(item.end())
        if found := FENCE.match(line):
            fence = "" if fence == found[1] else fence or found[1]
        after_blank = False
    return "\n".join(lines) + "\n"


def _is_in_list(lines: Sequence[str]) -> bool:
    """Whether the last paragraph is a list's."""
    for line in reversed(lines):
        if not line.strip():
            return False
        if ITEM.match(line):
            return True
    return False
