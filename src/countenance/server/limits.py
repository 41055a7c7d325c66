"""Refuses a body that is larger than its path allows, while it arrives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from countenance.api import UploadTooLarge, problem_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["ANSWERS_BODY", "SMALL_BODY", "BodyLimit"]

SMALL_BODY: Final = 64 * 1024
"""Bytes that a request without pictures may have; the largest, a receipt to check, has about 2 kB."""

ANSWERS_BODY: Final = 256 * 1024
"""Bytes that the answers of a set-up may have (every record of one place, drafted and filled in), a notice or
a sign's file."""


class BodyLimit:
    """Counts the bytes of each request's body.

    A stated length above the limit is answered with 413 before anything is read; a body that turns out
    longer than its limit ends the reading with 413.

    Args:
        app: what answers.
        largest: bytes that a body may have.
        by_path: the paths that take more, with their limits in bytes.
    """

    def __init__(self, app: ASGIApp, *, largest: int = SMALL_BODY, by_path: Mapping[str, int]) -> None:
        self._app = app
        self._largest = largest
        self._by_path = by_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._by_path.get(scope["path"], self._largest)
        stated = Headers(scope=scope).get("content-length", "0")
        if not stated.isascii() or not stated.isdigit() or int(stated) > limit:
            error = UploadTooLarge(f"The request is larger than {limit} bytes.")
            await problem_response(error)(scope, receive, send)
            return
        read = 0

        async def receive_counted() -> Message:
            nonlocal read
            message = await receive()
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                if read > limit:
                    # An HTTPException, because readers of bodies pass it on unchanged.
                    raise HTTPException(413)
            return message

        await self._app(scope, receive_counted, send)
