"""Downloads that are verified, tried again, and taken up where they broke off."""

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pooch
import requests
from rich import get_console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from .raw_files import SAMPLE, RawDataError

logger = logging.getLogger(__name__)

ATTEMPTS = 3
"""Tries of each mirror when the connection breaks."""

PAUSE = 1.0
"""Seconds before the second try of a mirror; doubles with each further one."""

TIMEOUT = 30
"""Seconds a server may be silent."""


def fetch(urls: Sequence[str], folder: Path, name: str, known_hash: str | None) -> Path:
    """Download a file from the first mirror that gives the right one.

    Args:
        urls: mirrors, in the order in which they are tried.
        folder: where the file goes.
        name: its name there.
        known_hash: ``algorithm:digest``, or None where the content is verified by the caller.

    Returns:
        The path of the verified file.

    Raises:
        RawDataError: no mirror gave it; says what to put where by hand.
    """
    problems = []
    for url in urls:
        for attempt in range(ATTEMPTS):
            try:
                return Path(
                    pooch.retrieve(url, known_hash, name, folder, downloader=_resuming(folder / f"{name}.part"))
                )
            except ValueError as error:  # the digest is wrong: this mirror will not do better
                (folder / f"{name}.part").unlink(missing_ok=True)
                problems.append(f"{url}: {error}")
                break
            except (requests.RequestException, OSError) as error:
                problems.append(f"{url}: {error}")
                if isinstance(error, requests.HTTPError) or attempt + 1 == ATTEMPTS:
                    break
                time.sleep(PAUSE * 2**attempt)
    for problem in problems:
        logger.debug("download failed: %s", problem)
    raise RawDataError(
        f"could not download {name} (last: {problems[-1]}). Download it yourself from {' or '.join(urls)} and put "
        f"it in {folder}. Without any network, the embedded sample runs: {SAMPLE}"
    )


def _resuming(part: Path) -> Callable[[str, str, object], None]:
    """Give a pooch downloader that keeps what has arrived in ``part`` and asks the server for the rest."""

    def download(url: str, output_file: str, _: object) -> None:
        have = part.stat().st_size if part.exists() else 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
            if response.status_code == requests.codes.requested_range_not_satisfiable:
                part.unlink()
                raise requests.ConnectionError("the part that had arrived does not fit; starting over")
            response.raise_for_status()
            resumed = response.status_code == requests.codes.partial_content
            _write(response, part, have if resumed else 0)
        part.replace(output_file)

    return download


def _write(response: requests.Response, part: Path, have: int) -> None:
    rest = response.headers.get("Content-Length")
    total = have + int(rest) if rest else None
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
