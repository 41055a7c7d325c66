"""The security headers of every answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from starlette.datastructures import MutableHeaders

from countenance.web import LIVENESS

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["CONTENT_POLICY", "SECURITY_HEADERS", "SecurityHeaders"]

CONTENT_POLICY: Final = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data: blob:; "
    "connect-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""What a page may load: its own files, and pictures that it holds itself."""

SECURITY_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": CONTENT_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_WITH_CAMERA: Final = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
"""For the one page that opens the camera."""

_TRANSPORT_SECURITY: Final = "max-age=31536000"
_STATIC: Final = "/static/"


class SecurityHeaders:
    """Sets the headers, and forbids caching everywhere but under ``/static/``.

    Args:
        app: what answers.
        encrypted: whether browsers reach this server over TLS; then they are told to stay there.
    """

    def __init__(self, app: ASGIApp, *, encrypted: bool) -> None:
        self._app = app
        self._encrypted = encrypted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._set(MutableHeaders(scope=message), scope["path"], int(message["status"]))
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _set(self, headers: MutableHeaders, path: str, status: int) -> None:
        for name, value in SECURITY_HEADERS.items():
            headers[name] = value
        if path == LIVENESS:
            headers["Permissions-Policy"] = _WITH_CAMERA
        if self._encrypted:
            headers["Strict-Transport-Security"] = _TRANSPORT_SECURITY
        cached = path.startswith(_STATIC) and status < 400  # noqa: PLR2004
        headers["Cache-Control"] = "no-cache" if cached else "no-store"
