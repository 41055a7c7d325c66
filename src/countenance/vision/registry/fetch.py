"""The one adapter that fetches an address, and only one that the operator named: ``https:`` and ``file:``.

Rules kept here:

* No plain ``http:``, also not after a redirect; certificates are checked; no user name in an address.
* A limit of bytes and of time; the bytes stream to the disk, and whoever called compares the hash.
* The proxy settings of the environment hold, as they do for pip and npm.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable
from http.client import HTTPException, HTTPMessage  # noqa: TID251 - the named adapter for outbound fetches
from io import BufferedIOBase
from pathlib import Path
from typing import IO, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import (  # noqa: TID251 - the named adapter for outbound fetches
    HTTPRedirectHandler,
    HTTPSHandler,
    Request,
    build_opener,
)

from countenance.vision.registry.errors import FetchFailed, FetchRefused

__all__ = ["AddressFetcher", "Fetcher", "checked_address", "recorded_address"]

_CHUNK_BYTES = 1 << 18
_LARGEST_BYTES = 1 << 29
_ANSWER_SECONDS = 30.0
_LIMIT_SECONDS = 1800.0
_VISIBLE = re.compile(r"[^\x00-\x20\x7f]+")
_AGENT = "countenance-model-registry"


class Fetcher(Protocol):
    """Fetches the file at an address."""

    def fetch(self, address: str, *, into: Path, watch: Callable[[int], None]) -> Path:
        """Bring the file into a folder and return its path. What it holds isn't verified yet.

        Args:
            address: an ``https:`` or ``file:`` address.
            into: a folder private to this call.
            watch: told how many bytes have arrived.

        Raises:
            FetchRefused: if the address isn't one to fetch from.
            FetchFailed: if it didn't give the file within the limits.
        """
        ...


class AddressFetcher:
    """Fetches with the standard library.

    Args:
        context: TLS settings; the system's trusted certificates if left out.
        largest_bytes: more is refused.
        answer_seconds: how long the other side may be silent.
        limit_seconds: how long the whole may take.
    """

    def __init__(
        self,
        *,
        context: ssl.SSLContext | None = None,
        largest_bytes: int = _LARGEST_BYTES,
        answer_seconds: float = _ANSWER_SECONDS,
        limit_seconds: float = _LIMIT_SECONDS,
    ) -> None:
        self._context = context
        self._largest_bytes = largest_bytes
        self._answer_seconds = answer_seconds
        self._limit_seconds = limit_seconds

    def fetch(self, address: str, *, into: Path, watch: Callable[[int], None]) -> Path:
        """Bring the file at an address; see :class:`Fetcher`."""
        address = checked_address(address)
        target = into / "fetched"
        try:
            with self._opened(address) as stream, target.open("wb") as sink:
                self._copy(stream, sink, watch)
        except (OSError, HTTPException) as error:
            msg = f"The address didn't give the file ({_reason(error)})."
            raise FetchFailed(msg) from error
        return target

    def _opened(self, address: str) -> BufferedIOBase:
        parts = urlsplit(address)
        if parts.scheme == "file":
            return Path(unquote(parts.path)).open("rb")
        context = self._context if self._context is not None else ssl.create_default_context()
        opener = build_opener(HTTPSHandler(context=context), _HttpsRedirects())
        request = Request(  # noqa: S310 - the scheme was checked
            address, headers={"User-Agent": _AGENT, "Accept-Encoding": "identity"}
        )
        stream: BufferedIOBase = opener.open(request, timeout=self._answer_seconds)
        return stream

    def _copy(self, stream: BufferedIOBase, sink: IO[bytes], watch: Callable[[int], None]) -> None:
        deadline = time.monotonic() + self._limit_seconds
        done = 0
        while chunk := stream.read1(_CHUNK_BYTES):  # whatever has come, so that the deadline is looked at
            done += len(chunk)
            if done > self._largest_bytes:
                msg = f"The address gives more than {self._largest_bytes} bytes."
                raise FetchFailed(msg)
            if time.monotonic() > deadline:
                msg = f"The address didn't give the file within {self._limit_seconds:g} seconds."
                raise FetchFailed(msg)
            sink.write(chunk)
            watch(done)


class _HttpsRedirects(HTTPRedirectHandler):
    """Follows redirects to ``https:`` alone."""

    def redirect_request(  # noqa: PLR0917 - the base class has these positional arguments
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> Request | None:
        """Return the request for the next address, or refuse it."""
        if urlsplit(newurl).scheme != "https":
            fp.close()
            raise FetchRefused("The address leads on to one that isn't https.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def checked_address(address: str) -> str:
    """Return the address if it may be fetched.

    Raises:
        FetchRefused: if it is neither ``https:`` with a host nor ``file:`` with an absolute local path,
            or holds a user name, a password or characters that don't belong into an address.
    """
    if not _VISIBLE.fullmatch(address):
        raise FetchRefused("The address holds spaces or control characters.")
    try:
        parts = urlsplit(address)
        local = parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path.startswith("/")
        remote = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise FetchRefused("The address can't be read.") from error
    if not (local or remote):
        raise FetchRefused("The address is neither https: with a host nor file: with an absolute path.")
    if parts.username is not None or parts.password is not None:
        raise FetchRefused("The address holds a user name; it would end up in a file.")
    return address


def recorded_address(address: str) -> str:
    """Return the address as it may be written down: without query and fragment, which can hold a token."""
    parts = urlsplit(checked_address(address))
    host = parts.netloc if parts.scheme == "https" else ""
    return urlunsplit((parts.scheme, host, parts.path or "/", "", ""))


def _reason(error: Exception) -> str:
    if isinstance(error, HTTPError):
        error.close()
        return f"HTTP status {error.code}"
    inner = error.reason if isinstance(error, URLError) else error
    return type(inner).__name__
