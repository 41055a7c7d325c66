"""Signing in with an API key, and out."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from anyio import to_thread
from starlette.responses import RedirectResponse

from countenance.authority import Act, shipped_roles
from countenance.kernel import CallerError, CountenanceError
from countenance.store import ApiKeyRefused
from countenance.web.origin import require_own_origin
from countenance.web.sessions import Session, SessionBook

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from countenance.runtime import Services
    from countenance.web.ports import Attempts, StatusTable
    from countenance.web.rendering import Renderer

__all__ = ["SIGN_IN", "KeyNotForThePage", "SignIn"]

SIGN_IN: Final = "/sign-in"


class KeyNotForThePage(CallerError):
    """The API key is good, but not for the clerk's page."""

    code = "key-not-for-the-page"
    default_remedy = "Sign in with a key that has the role clerk."


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Turns an API key into a session cookie. The key itself is neither kept nor put into the cookie.

    Attributes:
        services: checks keys.
        renderer: makes the page.
        sessions: who is signed in.
        attempts: how many sign-ins failed.
        status_of: the HTTP status of an error.
        encrypted: whether browsers come over TLS; then the cookie goes over TLS alone.
    """

    services: Services
    renderer: Renderer
    sessions: SessionBook
    attempts: Attempts
    status_of: StatusTable
    encrypted: bool

    @property
    def cookie(self) -> str:
        """The session cookie's name; ``__Host-`` binds it to this host where TLS allows that."""
        return "__Host-countenance" if self.encrypted else "countenance_session"

    def session(self, request: Request) -> Session | None:
        """Return who is signed in, if anybody."""
        if not self.services.settings.auth:
            now = self.services.clock.now()
            return Session(key_name="", key_prefix="none", opened_at=now, seen_at=now)
        token = request.cookies.get(self.cookie)
        return None if token is None else self.sessions.find(token)

    async def show(self, request: Request) -> Response:
        """Answer with the sign-in page, or with the desk's if somebody is signed in."""
        if self.session(request) is not None:
            return RedirectResponse("/", HTTPStatus.SEE_OTHER)
        return self.renderer.page(request, "sign_in.html", error=None)

    async def submit(self, request: Request) -> Response:
        """Check the key and open a session."""
        try:
            require_own_origin(request.headers)
            token = await self._open(request)
        except CountenanceError as error:
            return self.renderer.page(request, "sign_in.html", status=self.status_of(error), error=error)
        answer = RedirectResponse("/", HTTPStatus.SEE_OTHER)
        answer.set_cookie(
            self.cookie, token, path="/", httponly=True, samesite="strict", secure=self.encrypted
        )
        return answer

    async def _open(self, request: Request) -> str:
        address = request.client.host if request.client is not None else "unknown"
        self.attempts.require_room(address)
        async with request.form(max_files=0, max_fields=4, max_part_size=4096) as form:
            presented = str(form.get("key", "")).strip()
        try:
            record = await to_thread.run_sync(self.services.api_keys.check, presented)
        except ApiKeyRefused as error:
            self.attempts.failed(address)
            raise ApiKeyRefused("The key isn't one that is good here.") from error
        self.attempts.succeeded(address)
        if shipped_roles().acting(record.roles, Act.CARRY_OUT_SCENE) is None:
            raise KeyNotForThePage("The key is good, but not for this page.")
        return self.sessions.open(key_name=record.name, key_prefix=record.prefix)

    async def leave(self, request: Request) -> Response:
        """End the session."""
        require_own_origin(request.headers)
        token = request.cookies.get(self.cookie)
        if token is not None:
            self.sessions.close(token)
        answer = RedirectResponse(SIGN_IN, HTTPStatus.SEE_OTHER)
        answer.delete_cookie(self.cookie, path="/", httponly=True, samesite="strict", secure=self.encrypted)
        return answer
