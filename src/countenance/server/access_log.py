"""One line for each request: method, known path, status, milliseconds. Nothing about who asked."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Protocol

import structlog

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["AccessLog"]

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class Answered(Protocol):
    """Is told of each answer, in the same few words as the log."""

    def __call__(self, *, method: str, path: str, status: int, seconds: float) -> None:
        """Count one answer."""
        ...


class AccessLog:
    """Writes the access log.

    A path that isn't one of the known ones is logged as ``other``: what a caller writes into a path
    may be a name. Queries, addresses and user agents aren't logged at all.

    Args:
        app: what answers.
        paths: the paths that may stand in the log; one that ends with a slash stands for all below it.
        answered: counts and measures the answers; nobody if left out.
    """

    def __init__(self, app: ASGIApp, *, paths: Collection[str], answered: Answered | None = None) -> None:
        self._app = app
        self._answered = answered
        self._exact = frozenset(path for path in paths if path == "/" or not path.endswith("/"))
        self._below = tuple(sorted(path for path in paths if path != "/" and path.endswith("/")))
        self._log = structlog.get_logger("countenance.access")

    def _known(self, path: str) -> str:
        if path in self._exact:
            return path
        return next((below for below in self._below if path.startswith(below)), "other")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and log it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.monotonic()
        status = 500

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            path, seconds = self._known(scope["path"]), time.monotonic() - begun
            if self._answered is not None:
                self._answered(method=method, path=path, status=status, seconds=seconds)
            self._log.info(
                "request", method=method, path=path, status=status, milliseconds=round(seconds * 1000)
            )
