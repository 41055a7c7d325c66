"""Joins REST and pages behind the headers and limits that both need."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from anyio import CapacityLimiter
from starlette.middleware.trustedhost import TrustedHostMiddleware

from countenance.api import API_PATHS, FRAME_PATH, AttemptBook, FormReader, build_api, status_of
from countenance.runtime import FRAME_BYTES
from countenance.server.access_log import AccessLog
from countenance.server.admission import Admission
from countenance.server.headers import SecurityHeaders
from countenance.server.limits import ANSWERS_BODY, SMALL_BODY, BodyLimit
from countenance.web import LIVENESS_FRAMES, PAGE_PATHS, build_web

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from countenance.runtime import Services, Settings

__all__ = ["build_app", "host_names", "is_encrypted"]

_REST_ALONE: Final = frozenset({"/healthz", "/metrics"})
_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
_MOST_AT_ONCE: Final = 2
"""Verifications that run at once; more wait their turn. Each holds its decoded pictures in memory."""
_MOST_INSIDE: Final = 7
"""Verifications at work or waiting; more are told when to come again. Each holds its encoded pictures."""


class _Fork:
    """Sends ``/healthz``, ``/metrics`` and what is under ``/v1`` to REST, everything else to the pages."""

    def __init__(self, *, api: ASGIApp, web: ASGIApp) -> None:
        self._api = api
        self._web = web

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        to_api = scope["type"] != "http" or path in _REST_ALONE or path.startswith("/v1/") or path == "/v1"
        await (self._api if to_api else self._web)(scope, receive, send)


def is_encrypted(settings: Settings) -> bool:
    """Return whether browsers reach the server over TLS, its own or a proxy's."""
    return settings.behind_tls_proxy or settings.tls_certificate is not None


def host_names(settings: Settings) -> tuple[str, ...]:
    """Return the host names that a request may name."""
    own = f"[{settings.host}]" if ":" in settings.host else settings.host
    names = {*_LOOPBACK, own, *settings.allowed_hosts} - {"0.0.0.0", "[::]", "*"}  # noqa: S104
    return tuple(sorted(names))


def build_app(services: Services) -> ASGIApp:
    """Return the whole ASGI application.

    Args:
        services: what it may use; stays open as long as the application is used.
    """
    settings = services.settings
    encrypted = is_encrypted(settings)
    forms = FormReader(largest_file=settings.largest_upload_bytes)
    room = CapacityLimiter(_MOST_AT_ONCE)
    api = build_api(services, forms=forms, attempts=AttemptBook(clock=services.clock, most=60), room=room)
    web = build_web(
        services,
        forms=forms,
        status_of=status_of,
        attempts=AttemptBook(clock=services.clock),
        room=room,
        encrypted=encrypted,
    )
    app: ASGIApp = _Fork(api=api, web=web)
    pictures = (
        "/",
        "/v1/document-readings",
        "/v1/enrolments",
        "/v1/identifications",
        "/v1/passes",
        "/v1/passes/checks",
        "/v1/verifications",
    )
    heavy = dict.fromkeys(pictures, forms.largest_form)
    answers = dict.fromkeys(("/v1/notices", "/v1/places", "/v1/signs/postings"), ANSWERS_BODY)
    frames = dict.fromkeys((FRAME_PATH, LIVENESS_FRAMES), FRAME_BYTES + SMALL_BODY)
    app = BodyLimit(app, by_path={**heavy, **answers, **frames})
    app = admission = Admission(
        app, clock=time.monotonic, paths=heavy, pages=("/",), most=_MOST_INSIDE, at_once=_MOST_AT_ONCE
    )
    services.metrics.watch_queue(lambda: admission.inside)
    app = TrustedHostMiddleware(app, allowed_hosts=host_names(settings), www_redirect=False)
    app = AccessLog(app, paths=(*API_PATHS, *PAGE_PATHS), answered=services.metrics.answered)
    return SecurityHeaders(app, encrypted=encrypted)
