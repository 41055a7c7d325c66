"""The page that walks a person through a liveness session, and what its script asks.

The script sends frames from the browser's camera and shows what it is told. Nothing of a frame is kept, here
or in the browser, and the way without a face stands on the page from the first moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anyio import CapacityLimiter, to_thread
from starlette.responses import JSONResponse

from countenance.authority import Author, Role
from countenance.kernel import CallerError, CountenanceError, DeviceId, OperatorError, PlaceId
from countenance.scenes import AgeBand, GuestStatement
from countenance.scenes.liveness_values import LivenessOrder
from countenance.web.origin import require_own_origin

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from countenance.liveness import Prompt
    from countenance.runtime import LivenessRoom, Services
    from countenance.web.ports import Form, FormSource, StatusTable
    from countenance.web.rendering import Renderer
    from countenance.web.sessions import Session

__all__ = ["LIVENESS", "LIVENESS_ASKED", "LIVENESS_FRAMES", "LivenessPage"]

LIVENESS: Final = "/liveness"
LIVENESS_OPEN: Final = "/liveness/open"
LIVENESS_FRAMES: Final = "/liveness/frames"
LIVENESS_END: Final = "/liveness/end"
LIVENESS_ASKED: Final = (LIVENESS_OPEN, LIVENESS_FRAMES, LIVENESS_END)

_SCENE: Final = "hotel-checkin"
_WATCHED_AT_ONCE: Final = 2


class SessionQuestionOpen(CallerError):
    """A question of the liveness page isn't answered."""

    code = "session-question-open"
    default_remedy = "Answer every question of the page; none is answered beforehand."


class SessionsNotHeld(OperatorError):
    """This installation holds no liveness sessions for its page."""

    code = "sessions-not-held"
    default_remedy = "Use the way without a face."


class LivenessPage:
    """Shows the page, and answers what its script asks.

    Args:
        services: what may be used.
        renderer: makes the page.
        forms: reads frames into memory.
        status_of: the HTTP status of an error.
    """

    def __init__(
        self, *, services: Services, renderer: Renderer, forms: FormSource, status_of: StatusTable
    ) -> None:
        self._services = services
        self._renderer = renderer
        self._forms = forms
        self._status_of = status_of
        self._watching = CapacityLimiter(_WATCHED_AT_ONCE)

    def show(self, request: Request, session: Session) -> Response:
        """Answer with the page."""
        return self._renderer.page(
            request,
            "liveness.html",
            session=session,
            places=self._services.directory.places(),
            devices=self._services.directory.devices(),
            age_bands=tuple(band.value for band in AgeBand),
            alternative=self._services.attended[_SCENE].profile.alternative,
        )

    async def ask(self, request: Request, session: Session) -> Response:
        """Answer one question of the script, as JSON; an error too."""
        doing = {LIVENESS_OPEN: self._open, LIVENESS_FRAMES: self._take, LIVENESS_END: self._end}
        try:
            require_own_origin(request.headers)
            form = await self._forms.read(request)
            said = await to_thread.run_sync(doing[request.url.path], form, session, limiter=self._watching)
        except CountenanceError as error:
            headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
            said = {"code": error.code, "detail": error.message, "remedy": error.remedy}
            return JSONResponse(said, self._status_of(error), headers=headers)
        return JSONResponse(said)

    def _room(self) -> LivenessRoom:
        if self._services.liveness is None:
            raise SessionsNotHeld("This installation holds no liveness sessions.")
        return self._services.liveness

    def _open(self, form: Form, session: Session) -> dict[str, object]:
        told = form.fields
        consents = {"yes": True, "no": False}.get(told.get("consents", ""))
        age_band = {band.value: band for band in AgeBand}.get(told.get("age_band", ""))
        if consents is None or age_band is None or not told.get("place") or not told.get("device"):
            raise SessionQuestionOpen("The page doesn't say where this is and what the person answered.")
        author = Author(Role.CLERK, session.key_prefix)
        order = LivenessOrder(
            scene=_SCENE,
            place=PlaceId(told["place"]),
            device=DeviceId(told["device"]),
            person=GuestStatement(
                consents=consents,
                age_band=age_band,
                language=told.get("notice_language", ""),
                stated_by=str(author),
            ),
            opened_by=session.key_prefix,
        )
        opened = self._room().open(order, author=author)
        return {"session": opened.session, "prompt": _prompt(opened.prompt)}

    def _take(self, form: Form, session: Session) -> dict[str, object]:
        told = form.fields
        try:
            number, taken = int(told.get("number", "")), float(told.get("taken", ""))
        except ValueError as error:
            raise SessionQuestionOpen("The frame has no number or no time.") from error
        done = self._room().take(
            told.get("session", ""),
            form.file("frame"),
            number=number,
            taken=taken,
            opened_by=session.key_prefix,
        )
        return {
            "prompt": _prompt(done.prompt),
            "faces": done.faces,
            "reach": done.reach,
            "ended": done.ended,
        }

    def _end(self, form: Form, session: Session) -> dict[str, object]:
        done = self._room().end(form.fields.get("session", ""), opened_by=session.key_prefix)
        return {
            "outcome": done.statement.outcome.name.lower(),
            "level": int(done.assurance),
            "advice": [advice.name.lower().replace("_", "-") for advice in done.advice],
            "not_withstood": list(done.not_withstood),
            "result": done.statement.result_id,
            "log": done.log.index,
        }


def _prompt(prompt: Prompt) -> dict[str, object]:
    return {
        "number": prompt.number,
        "action": None if prompt.task is None else prompt.task.action.value,
        "level": None if prompt.task is None else prompt.task.level,
        "coming_back": prompt.coming_back,
    }
