"""Texts without the machine that they were made on: no path, no user, no host."""

import json
import os
import re
import socket
import sys
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

SEPARATOR = r"(?:\\{0,4}/|\\{1,4}|%2F|%5C)"
"""Between the folders of a path: of POSIX and of Windows, in JSON, in JSON within JSON, in addresses."""
INNER = r"""[^\s"'`<>|*?,;()\[\]{}\\/%]+"""
"""A folder's name, as far as can be seen where its path is not quoted."""

ROOTS = (
    "home|Users|root|tmp|private|var|mnt|media|opt|usr|srv|Volumes|scratch|nfs|work|workspace|builds|content|kaggle"
    "|lustre|gpfs|cluster|storage|app"
)
"""Where absolute paths begin; in quotes, anywhere."""
USERS = rf"""(?:home|Users){SEPARATOR}[^"'<>\n/\\%]{{1,40}}(?={SEPARATOR})"""
FOREIGN = re.compile(
    rf"(?:file:/{{2}}|(?<![\w.~/\\%-]))(?:/|%2F)(?:{USERS}|{ROOTS})(?:{SEPARATOR}{INNER})+"
    rf"|(?<![A-Za-z])[A-Za-z]:{SEPARATOR}{{1,2}}(?:{USERS}|{INNER})(?:{SEPARATOR}{INNER})+"
    rf"|(?<![\w./\\])(?:\.\.{SEPARATOR})+{INNER}(?:{SEPARATOR}{INNER})+"  # out of the project, by its own way
    r"|(?<![\w\\])\\{2,4}[\w.-]{2,}(?:\\{1,2}[\w .$-]{2,}){2,}"  # a folder that Windows shares
)
HOST = re.compile(
    r"(?<=://)[^/\s@\"']+@"  # user and password
    r"|(?<=host=)'[^']+'|(?<=resolve )'[^']+'"  # as failed requests tell them
    r"|(?<![\d.])(?<!-\d\dT)(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d{1,3}\.\d{1,3}(?![\d.])"
)
"""What a message can say of other machines and accounts. A version of ten o'clock is no address."""
QUOTED = re.compile(r"""(\\*["'])(/[^/"'\n\\]+/[^"'\n]*?|[A-Za-z]:[\\/][^"'\n]*?)\1""")
PICTURE = re.compile(r"[A-Za-z0-9+/=]{120,}")
"""Base64, in which anything can look like a path."""
KNOWN_TAILS = ("site-packages", "dist-packages", "src")


def roots(project: Path, outside: Mapping[Path, str]) -> dict[str, str]:
    """Give the folders that texts may name, the longest first, and the text that replaces each.

    Args:
        project: its folder, which is left out.
        outside: other folders, and their replacements.
    """
    named = [(Path.home(), "~"), (Path(sys.base_prefix), "python"), (Path(sys.prefix), ".venv"), (project, "")]
    here = Path(os.environ.get("PWD", "/"))  # by the links that a user came through, perhaps to a folder below
    if here.resolve().is_relative_to(project.resolve()):
        below = len(here.resolve().relative_to(project.resolve()).parts)
        named.append(([here, *here.parents][below], ""))
    named += [(folder, name.rstrip("/")) for folder, name in outside.items()]
    found = {str(path): name for folder, name in named for path in (folder.resolve(), folder.absolute())}
    found |= {f"/private{path}": name for path, name in found.items() if path.startswith(("/tmp/", "/var/"))}  # macOS
    shared = {"/", "/usr", "/usr/local"}  # the home of some containers, and where systems keep their own Python
    return {path: found[path] for path in sorted(found, key=len, reverse=True) if path not in shared}


@cache
def _forms(path: str) -> set[str]:
    """Give the last folder's name of a path as it is written in text, in addresses, in JSON and in Python."""
    part = path.rpartition("/")[2]
    return {part, quote(part), json.dumps(part)[1:-1], part.replace("'", "\\'")}


@cache
def _pattern(root: str) -> re.Pattern[str]:
    """Match a folder in all the ways in which a path is written, with the separator after it."""
    parts = [part for part in root.split("/") if part]
    written = SEPARATOR.join(f"(?:{'|'.join(re.escape(form) for form in sorted(_forms(part)))})" for part in parts)
    begins = r"(?:file:/{2}|(?<![\w.~-])|(?<=%2F)|(?<=%3A)|(?<=%3D))"
    return re.compile(rf"{begins}{SEPARATOR}{written}(?![\w-])({SEPARATOR})?")


def _names(text: str, root: str) -> bool:
    """Whether a text names a folder; most do not, which is seen quickly."""
    return any(form in text for form in _forms(root)) and bool(_pattern(root).search(text))


@cache
def hosts() -> list[str]:
    """Give the names of this machine and its proxies that are no common word."""
    proxies = (os.environ.get(name, "") for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"))
    names = {socket.gethostname(), *(urlsplit(proxy).hostname or "" for proxy in proxies)}
    return sorted(name for name in names if re.search(r"[-.\d]", name) and name != "127.0.0.1")


def hide(text: str, project: Path, outside: Mapping[Path, str]) -> str:
    """Make paths relative to the project, and others to where they begin; in JSON, within each of its texts."""

    def plain(text: str) -> str:
        return "".join(
            part if PICTURE.fullmatch(part) else _hide(part, known) for part in re.split(f"({PICTURE.pattern})", text)
        )

    known = roots(project, outside)
    above = f"{project.name}/src/"  # kedro-viz begins a code's path above the project

    def each(value: str) -> str:
        return plain(value.removeprefix(f"{project.name}/") if value.startswith(above) else value)

    try:
        content = json.loads(text)
    except ValueError:
        return plain(text)
    return json.dumps(_mapped(content, each), ensure_ascii=False, separators=(",", ":"))


def _mapped(content: Any, change: Callable[[str], str]) -> Any:
    if isinstance(content, str):
        return change(content)
    if isinstance(content, list):
        return [_mapped(value, change) for value in content]
    if isinstance(content, dict):
        return {change(name): _mapped(value, change) for name, value in content.items()}
    return content


def _hide(text: str, known: Mapping[str, str]) -> str:
    if any(sign in text for sign in ("/", "\\", "%2F", "%5C")):
        for root, name in known.items():
            if _names(text, root):
                text = _pattern(root).sub(partial(_joined, name), text)
        text = QUOTED.sub(lambda found: f"{found[1]}{_tail(found[2])}{found[1]}", text)
        text = FOREIGN.sub(lambda found: _tail(found[0]), text)
    text = HOST.sub(lambda found: "" if found[0].endswith("@") else "host", text)
    for host in hosts():
        if host in text:
            text = re.sub(rf"(?<![\w-]){re.escape(host)}(?![\w-])", "host", text)
    return text


def _joined(name: str, found: re.Match[str]) -> str:
    if not found[1]:
        return name or "."
    return f"{name}/" if name else ""


def _tail(path: str) -> str:
    """Give the end of a path of another place: the name of the file, or code from its package on."""
    parts = [part for part in re.split(SEPARATOR, path) if part]
    for known in KNOWN_TAILS:
        if known in parts[:-1]:
            return "/".join(parts[parts.index(known) :])
    is_user = any(part in ("home", "Users") for part in parts[-2:])
    return "…" if len(parts) < 3 or is_user else f"…/{parts[-1]}"


def traces(text: str, project: Path, outside: Mapping[Path, str]) -> list[str]:
    """Give the names of the machine and its user that a text still has."""
    text = PICTURE.sub("", text)
    found = []
    for root in dict.fromkeys([*map(str, outside), *roots(project, outside)]):
        if _names(text, root):
            found.append(root)
            text = _pattern(root).sub("", text)
    found += [match[0] for pattern in (FOREIGN, HOST) for match in pattern.finditer(text)]
    return found + [host for host in hosts() if re.search(rf"(?<![\w-]){re.escape(host)}(?![\w-])", text)]
