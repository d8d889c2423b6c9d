"""A real S3 server in this process, on loopback, for the tests of artifacts in an object store."""

import logging
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

import fsspec
from upath import UPath

BUCKET = "bucket"


@dataclass(frozen=True)
class Server:
    """A server that is running.

    Attributes:
        address: of the server.
        credentials: as `credentials.yml` has them.
    """

    address: str
    credentials: dict[str, Any]

    def place(self, name: str) -> UPath:
        """Give a place in the bucket."""
        return UPath(f"s3://{BUCKET}/{name}", **self.credentials)

    def ask_for_credentials(self, asked: bool) -> None:
        """Let the server refuse credentials that it does not know, or take all."""
        known, plain = b"0" if asked else b"inf", {"Content-Type": "text/plain"}
        urlopen(Request(f"{self.address}/moto-api/reset-auth", known, plain)).close()


def address(path: UPath) -> str:
    """Write a path as the configuration does: of ``memory://a/b``, Kedro takes the first part for a host."""
    return f"{path.protocol}://{path.path}"


def start() -> tuple[Server, Any]:
    """Start a server with a bucket; give it, and a function that ends it."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # not a line per request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    # One attempt, or a test of a server that cannot be reached would wait.
    once = {"retries": {"max_attempts": 0}}
    credentials = {"key": "a", "secret": "b", "endpoint_url": address, "config_kwargs": once}
    fsspec.filesystem("s3", **credentials).mkdir(BUCKET)
    return Server(address, credentials), server.stop
