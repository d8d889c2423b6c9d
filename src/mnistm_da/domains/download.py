"""Downloads that are verified, tried again, and taken up where they broke off."""

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pooch
import requests
from rich import get_console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from .raw_files import SAMPLE, RawDataError, make_writable, not_written

logger = logging.getLogger(__name__)

ATTEMPTS = 3
"""Tries of each mirror when the connection breaks."""

PAUSE = 1.0
"""Seconds before the second try of a mirror; doubles with each further one."""

TIMEOUT = 30
"""Seconds a server may be silent."""


WEB_PAGE = (b"<!doctype", b"<html", b"<head", b"<?xml")
"""How the answer of a login page, or of a server's error, begins."""


def fetch(
    urls: Sequence[str],
    folder: Path,
    name: str,
    known_hash: str | None,
    accept: Callable[[Path], None] = lambda path: None,
) -> Path:
    """Download a file from the first mirror that gives the right one; nothing else is kept.

    Args:
        urls: mirrors, in the order in which they are tried.
        folder: where the file goes.
        name: its name there.
        known_hash: ``algorithm:digest``, or None where ``accept`` verifies the content.
        accept: called with the path of the file; a RawDataError there means that it is not the right one.

    Returns:
        The path of the verified file.

    Raises:
        RawDataError: the folder is not writable, or no mirror gave the file; says what to put where by hand.
    """
    make_writable(folder)
    part = folder / f"{name}.part"
    problems = []
    for url in urls:
        for attempt in range(ATTEMPTS):
            goes_on = part.exists()
            try:
                path = Path(pooch.retrieve(url, known_hash, name, folder, downloader=_resuming(part, known_hash)))
                _check(path, accept)
                return path
            except ValueError as error:
                problems.append(f"{url}: {error}")
                part.unlink(missing_ok=True)
                if not goes_on:  # else it was put together of two downloads
                    break
            except requests.RequestException as error:
                problems.append(f"{url}: {error}")
                if _is_final(error) or attempt + 1 == ATTEMPTS:
                    break
                time.sleep(PAUSE * 2**attempt)
            except OSError as error:
                raise not_written(folder / name, error) from error
    for problem in problems:
        logger.debug("download failed: %s", problem)
    raise RawDataError(
        f"could not download {name} (last: {problems[-1]}). Download it yourself from {' or '.join(urls)} and put "
        f"it in {folder}. Without any network, the embedded sample runs: {SAMPLE}"
    )


def _check(path: Path, accept: Callable[[Path], None]) -> None:
    try:
        accept(path)
    except RawDataError as error:
        path.unlink()
        raise ValueError(f"it sent something else ({error})") from error


def _is_final(error: requests.RequestException) -> bool:
    """Whether the same request would fail again, because of the address and not of the connection."""
    if isinstance(error, requests.HTTPError):
        return error.response.status_code < 500 and error.response.status_code not in (408, 429)
    return isinstance(error, requests.exceptions.SSLError | requests.TooManyRedirects)


def _resuming(part: Path, known_hash: str | None) -> Callable[[str, str, object], None]:
    """Give a pooch downloader that keeps what has arrived in ``part`` and asks the server for the rest."""

    def download(url: str, output_file: str, _: object) -> None:
        have = part.stat().st_size if part.exists() else 0
        # The bytes as they lie there: a server that calls a .gz "encoded" would have it unpacked on the way.
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
            if response.status_code != requests.codes.requested_range_not_satisfiable:  # else all of it is here
                response.raise_for_status()
                resumed = response.status_code == requests.codes.partial_content
                rest = f"bytes {have}-"
                if resumed and not response.headers.get("Content-Range", rest).startswith(rest):
                    part.unlink()
                    raise requests.ConnectionError("it sent another part than the one asked for; starting over")
                try:
                    _write(response, part, have if resumed else 0)
                except requests.RequestException:
                    if not _is_whole(part, known_hash):  # a server can be wrong about the length
                        raise
        with part.open("rb") as file:
            if file.read(512).lstrip().lower().startswith(WEB_PAGE):
                raise ValueError("it sent a web page and not the file")
        part.replace(output_file)

    return download


def _is_whole(part: Path, known_hash: str | None) -> bool:
    algorithm, _, digest = (known_hash or "").partition(":")
    return bool(digest) and part.exists() and pooch.file_hash(str(part), algorithm) == digest


def _write(response: requests.Response, part: Path, have: int) -> None:
    rest = response.headers.get("Content-Length", "")
    total = have + int(rest) if rest.isdigit() else None
    response.raw.headers.pop("Content-Encoding", None)
    response.raw.enforce_content_length = False  # what has arrived of the last chunk would be lost; see below
    console = get_console()
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with (
        Progress(*columns, console=console, disable=not console.is_terminal) as progress,
        part.open("ab" if have else "wb") as file,
    ):
        task = progress.add_task(part.stem, total=total, completed=have)
        for chunk in response.iter_content(1 << 16):
            file.write(chunk)
            progress.update(task, advance=len(chunk))
    if total is not None and part.stat().st_size < total:
        raise requests.ConnectionError(f"the connection broke after {part.stat().st_size:,} of {total:,} bytes")
