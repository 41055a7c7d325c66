"""Builds the pages' application."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from countenance.kernel import CallerError, CountenanceError, OperatorError
from countenance.web.desk import DeskPage
from countenance.web.languages import LANGUAGE_COOKIE
from countenance.web.liveness import LIVENESS, LIVENESS_ASKED, LivenessPage
from countenance.web.notices import NOTICE, NOTICE_STYLE, WITHDRAW, PublicPages
from countenance.web.rendering import Renderer
from countenance.web.sessions import SessionBook
from countenance.web.signin import SIGN_IN, SignIn

if TYPE_CHECKING:
    from anyio import CapacityLimiter
    from starlette.requests import Request
    from starlette.responses import Response

    from countenance.runtime import Services
    from countenance.web.ports import Attempts, FormSource, StatusTable

__all__ = ["BUSY", "PAGE_PATHS", "build_web"]

BUSY: Final = "countenance.busy"
"""Member of a request's scope that holds the error of a server that has no room; the page says it."""

PAGE_PATHS: Final = (
    "/",
    SIGN_IN,
    "/sign-out",
    "/language/",
    "/static/",
    LIVENESS,
    *LIVENESS_ASKED,
    NOTICE,
    NOTICE_STYLE,
    WITHDRAW,
)
"""The paths that pages are answered at; one that ends with a slash stands for all below it."""

_YEAR: Final = 365 * 24 * 3600


class PageNotFound(CallerError):
    """There is no page at this address."""

    code = "page-not-found"
    default_remedy = "Go back to the desk's page."


class PageFailed(OperatorError):
    """A page couldn't be made. What failed stands in the server's log."""

    code = "page-failed"
    default_remedy = "Try again; if it happens again, tell whoever runs this installation."


def build_web(
    services: Services,
    *,
    forms: FormSource,
    status_of: StatusTable,
    attempts: Attempts,
    room: CapacityLimiter,
    encrypted: bool,
) -> Starlette:
    """Return the ASGI application of the pages.

    Args:
        services: what it may use.
        forms: reads the uploads into memory.
        status_of: the HTTP status of an error.
        attempts: bounds failed sign-ins.
        room: bounds the verifications that run at once.
        encrypted: whether browsers come over TLS.
    """
    renderer = Renderer(demo=services.demo)
    idle = timedelta(minutes=services.settings.session_minutes)
    sign_in = SignIn(
        services=services,
        renderer=renderer,
        sessions=SessionBook(clock=services.clock, idle=idle),
        attempts=attempts,
        status_of=status_of,
        encrypted=encrypted,
    )
    desk = DeskPage(services=services, renderer=renderer, forms=forms, status_of=status_of, room=room)

    live = LivenessPage(services=services, renderer=renderer, forms=forms, status_of=status_of)
    public = PublicPages(services=services)

    async def desk_page(request: Request) -> Response:
        session = sign_in.session(request)
        if session is None:
            return RedirectResponse(SIGN_IN, HTTPStatus.SEE_OTHER)
        if request.method == "POST":
            busy = request.scope.get(BUSY)
            if isinstance(busy, CountenanceError):
                return renderer.page(
                    request, "problem.html", status=status_of(busy), session=session, error=busy
                )
            return await desk.submit(request, session)
        return desk.show(request, session)

    async def sign_in_page(request: Request) -> Response:
        return await (sign_in.submit(request) if request.method == "POST" else sign_in.show(request))

    async def language(request: Request) -> Response:
        code = request.path_params["code"]
        answer = RedirectResponse("/", HTTPStatus.SEE_OTHER)
        if code in renderer.languages:
            answer.set_cookie(
                LANGUAGE_COOKIE,
                code,
                max_age=_YEAR,
                path="/",
                httponly=True,
                samesite="strict",
                secure=encrypted,
            )
        return answer

    async def answer_error(request: Request, error: Exception) -> Response:
        """Answer with a page that says what happened, in this package's words."""
        if isinstance(error, HTTPException):
            failed: CountenanceError = PageNotFound("There is no page here.")
            status = error.status_code
        else:
            failed = (
                error if isinstance(error, CountenanceError) else PageFailed("The page couldn't be made.")
            )
            status = status_of(failed)
        session = sign_in.session(request)
        return renderer.page(request, "problem.html", status=status, session=session, error=failed)

    static = files("countenance.web") / "static"
    return Starlette(
        routes=[
            Route("/", desk_page, methods=["GET", "POST"]),
            *_liveness_routes(live, sign_in),
            Route(SIGN_IN, sign_in_page, methods=["GET", "POST"]),
            Route("/sign-out", sign_in.leave, methods=["POST"]),
            Route("/language/{code}", language, methods=["GET"]),
            Route(NOTICE_STYLE, public.style, methods=["GET"]),
            Route(f"{NOTICE}{{notice}}", public.notice, methods=["GET"]),
            Route(f"{WITHDRAW}{{token}}", public.withdrawal, methods=["GET", "POST"]),
            Mount("/static", StaticFiles(directory=str(static))),
        ],
        exception_handlers={
            HTTPException: answer_error,
            CountenanceError: answer_error,
            Exception: answer_error,
        },
    )


def _liveness_routes(live: LivenessPage, sign_in: SignIn) -> tuple[Route, ...]:
    """Return the routes of the page that opens the camera; all of them for who is signed in."""

    async def answer(request: Request) -> Response:
        session = sign_in.session(request)
        if session is None:
            return RedirectResponse(SIGN_IN, HTTPStatus.SEE_OTHER)
        return await live.ask(request, session) if request.method == "POST" else live.show(request, session)

    asked = (Route(path, answer, methods=["POST"]) for path in LIVENESS_ASKED)
    return (Route(LIVENESS, answer, methods=["GET"]), *asked)
