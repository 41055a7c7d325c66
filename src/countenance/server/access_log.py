"""One line for each request: method, known path, status, milliseconds. Nothing about who asked."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["AccessLog"]

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


class AccessLog:
    """Writes the access log.

    A path that isn't one of the known ones is logged as ``other``: what a caller writes into a path
    may be a name. Queries, addresses and user agents aren't logged at all.

    Args:
        app: what answers.
        paths: the paths that may stand in the log; one that ends with a slash stands for all below it.
    """

    def __init__(self, app: ASGIApp, *, paths: Collection[str]) -> None:
        self._app = app
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
            method = scope["method"]
            self._log.info(
                "request",
                method=method if method in _METHODS else "other",
                path=self._known(scope["path"]),
                status=status,
                milliseconds=round((time.monotonic() - begun) * 1000),
            )
