"""The errors of a store that cannot be used, each as one message with its cure."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import fsspec
from fsspec.utils import get_protocol
from upath import UPath

from mnistm_da.errors import UserError
from mnistm_da.extras import install

READ_ONLY = ("http", "https")
"""Protocols that nothing can be saved by."""

FAULTS = (TypeError, AttributeError, LookupError, AssertionError, UserError)
"""Of the program, or told already: no store answers with them."""

CREDENTIALS = "Credentials are read from conf/local/credentials.yml, under data_root (docs/object_store.md)"


class StoreError(UserError):
    """An object store that cannot be reached, refuses, or is not there; names which, and the cure."""


def check_protocol(key: str, text: str) -> None:
    """Refuse a place whose protocol cannot be used here.

    Args:
        key: of the configuration, for the message.
        text: a folder, or an address such as ``s3://bucket/runs``.

    Raises:
        StoreError: there is no such protocol, nothing can be saved by it, or its library is not installed.
    """
    protocol = get_protocol(text)
    if protocol in READ_ONLY:
        raise StoreError(f"'{key}' is '{text}', but nothing can be saved by {protocol}://. Name a folder or a store.")
    try:
        fsspec.get_filesystem_class(protocol)
    except ImportError as error:
        library = install("s3") if protocol in ("s3", "s3a") else "install it with pip"
        raise StoreError(f"'{key}' is '{text}', whose library is missing ({error}): {library}.") from error
    except ValueError as error:
        raise StoreError(f"'{key}' is '{text}', but nothing is known of the protocol '{protocol}://'.") from error


@contextmanager
def told(path: UPath, absent: type[Exception] | tuple[()] = ()) -> Iterator[None]:
    """Turn whatever a store answers within into one message.

    Args:
        path: that is read or written.
        absent: the error that means that there is no such object: it goes through.

    Raises:
        StoreError: names the place, the cause and the cure.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, (absent, *FAULTS) if absent else FAULTS):
            raise
        raise StoreError(f"{path} cannot be used: {_explained(error, path)}. Nothing that was saved is lost") from error


def _explained(error: Exception, path: UPath) -> str:
    said, kind = _short(error), type(error).__name__
    if isinstance(error, PermissionError):
        return f"the store refuses the credentials, or they do not allow this ({said}). {CREDENTIALS}"
    if "Credential" in kind or "Token" in kind:
        return f"the store wants credentials ({said}). {CREDENTIALS}"
    if isinstance(error, FileNotFoundError):
        bucket = path.path.strip("/").split("/")[0]
        return f"there is no bucket '{bucket}' ({said}). Make it, or name another in data_root"
    if isinstance(error, ConnectionError | TimeoutError) or any(one in kind for one in ("Connect", "Timeout", "HTTP")):
        return f"the store cannot be reached ({said}). Check the network and its endpoint_url"
    return said


def _short(error: Any) -> str:
    """Give the first line of an error's message, without the query of an address."""
    return (str(error).strip() or type(error).__name__).splitlines()[0].partition("?")[0].rstrip('". ')
