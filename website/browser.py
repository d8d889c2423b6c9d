"""A real browser, and kedro-viz served for it: for the screenshots in the documentation and for the tests."""

import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WAIT = 300_000
"""How many milliseconds anything in a page may take: a busy machine needs minutes for the work of a second."""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NO_HINTS = "localStorage.setItem('KedroViz', JSON.stringify({showFeatureHints: false}))"
"""A script for pages of kedro-viz, which would begin with hints at its features."""


def find() -> str | None:
    """Give the path of an installed Chromium; nothing without one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


def free_port() -> int:
    """Give a port to serve at.

    It is none of those that the system gives away by itself: another process could get it before the server does.
    """
    for port in random.sample(range(20_000, 32_000), 1_000):
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("there is no free port from 20,000 to 32,000")


@contextmanager
def opened(path: str) -> Iterator["Browser"]:
    """Start a Chromium without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def page_in(browser: "Browser", **options: Any) -> "Page":
    """Open a page in a separate browser context with these ``options``; it may take its time."""
    context = browser.new_context(**options)
    context.set_default_timeout(WAIT)
    return context.new_page()


@contextmanager
def kedro_viz(project: Path, env: str, log: Path) -> Iterator[str]:
    """Serve a project's graph as `make viz` does, and give its address, which ends with a slash.

    Args:
        project: its folder.
        env: of its configuration.
        log: where the server's output goes.

    Raises:
        RuntimeError: the server ended; has what it printed.
        TimeoutError: it does not answer within five minutes; likewise.
    """
    port = free_port()
    command = [sys.executable, "-m", "mnistm_da.viz.serve", "--no-browser", f"--port={port}", f"--env={env}"]
    with log.open("w") as out, subprocess.Popen(command, cwd=project, stdout=out, stderr=out) as server:
        try:
            yield _when_up(f"http://127.0.0.1:{port}/", server, log)
        finally:
            server.terminate()


def _when_up(address: str, server: subprocess.Popen[bytes], log: Path) -> str:
    began = time.monotonic()
    while time.monotonic() - began < 300:
        if server.poll() is not None:
            raise RuntimeError(log.read_text())
        try:
            urllib.request.urlopen(f"{address}api/version", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return address
    raise TimeoutError(log.read_text())
