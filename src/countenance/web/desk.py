"""The clerk's page: the form, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anyio import to_thread

from countenance.authority import Author, RefusedByRule, Role
from countenance.decisions import AgeBandDisagrees
from countenance.kernel import CallerError, CountenanceError, DeviceId, Family, PlaceId
from countenance.policy import Status
from countenance.scenes import AgeBand, AttendedOrder, GuestStatement
from countenance.web.notices import WITHDRAW
from countenance.web.origin import require_own_origin
from countenance.web.presentation import one_in, photographs, receipt_code, rule_cards

if TYPE_CHECKING:
    from anyio import CapacityLimiter
    from starlette.requests import Request
    from starlette.responses import Response

    from countenance.runtime import IssuedReceipt, Services
    from countenance.scenes import AttendedResult
    from countenance.web.ports import Form, FormSource, StatusTable
    from countenance.web.rendering import Renderer
    from countenance.web.sessions import Session

__all__ = ["SCENE", "AnswerIncomplete", "DeskPage"]

SCENE: Final = "hotel-checkin"
_CONSENT: Final = {"yes": True, "no": False}
_REMEMBERED: Final = ("place", "device", "consents", "age_band", "notice_language")


class AnswerIncomplete(CallerError):
    """A question of the form isn't answered."""

    code = "answer-incomplete"
    default_remedy = "Answer every question of the form; none is answered beforehand."


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPage:
    """Shows the form, carries out the scene, shows the outcome. Keeps nothing.

    Attributes:
        services: what may be used.
        renderer: makes the pages.
        forms: reads the uploads into memory.
        status_of: the HTTP status of an error.
        room: bounds the verifications that run at once.
    """

    services: Services
    renderer: Renderer
    forms: FormSource
    status_of: StatusTable
    room: CapacityLimiter

    def show(self, request: Request, session: Session) -> Response:
        """Answer with the empty form."""
        return self._form(request, session, answers=dict.fromkeys(_REMEMBERED, ""), error=None)

    async def submit(self, request: Request, session: Session) -> Response:
        """Carry out the scene that the form asks for, and answer with what came of it."""
        answers = dict.fromkeys(_REMEMBERED, "")
        try:
            require_own_origin(request.headers)
            form = await self.forms.read(request)
            answers = {name: form.fields.get(name, "") for name in _REMEMBERED}
            order = self._order(form, session)
            result = await to_thread.run_sync(self.services.attended[SCENE].run, order, limiter=self.room)
        except RefusedByRule as refusal:
            return self._refusal(request, session, refusal)
        except CountenanceError as error:
            if error.family in {Family.CALLER, Family.SUBJECT} or isinstance(error, AgeBandDisagrees):
                return self._form(request, session, answers=answers, error=error)
            return self.renderer.page(
                request, "problem.html", status=self.status_of(error), session=session, error=error
            )
        issued = await to_thread.run_sync(self._consent_receipt, session, result)
        return self._decision(request, session, result, issued)

    def _order(self, form: Form, session: Session) -> AttendedOrder:
        """Return what the form asks for.

        Raises:
            AnswerIncomplete: if a question isn't answered.
            CallerError: if a photograph is missing.
        """
        fields = form.fields
        consents = _CONSENT.get(fields.get("consents", ""))
        bands = {band.value: band for band in AgeBand}
        age_band = bands.get(fields.get("age_band", ""))
        if consents is None or age_band is None:
            raise AnswerIncomplete("The form doesn't say what the guest answered.")
        if not fields.get("place") or not fields.get("device"):
            raise AnswerIncomplete("The form doesn't say where this is and with which camera.")
        return AttendedOrder(
            document=form.file("document"),
            live=form.file("live"),
            place=PlaceId(fields["place"]),
            device=DeviceId(fields["device"]),
            guest=GuestStatement(
                consents=consents,
                age_band=age_band,
                language=fields.get("notice_language", ""),
                stated_by=str(Author(Role.CLERK, session.key_prefix)),
            ),
        )

    def _form(
        self, request: Request, session: Session, *, answers: dict[str, str], error: CountenanceError | None
    ) -> Response:
        return self.renderer.page(
            request,
            "desk.html",
            status=200 if error is None else self.status_of(error),
            session=session,
            places=self.services.directory.places(),
            devices=self.services.directory.devices(),
            age_bands=tuple(band.value for band in AgeBand),
            answers=answers,
            error=error,
        )

    def _consent_receipt(self, session: Session, result: AttendedResult) -> IssuedReceipt | None:
        author = Author(Role.CLERK, session.key_prefix)
        return self.services.consents.receipt_of(result.subject, author=author)

    def _decision(
        self,
        request: Request,
        session: Session,
        result: AttendedResult,
        issued: IssuedReceipt | None,
    ) -> Response:
        stated = result.decision.stated_error
        return self.renderer.page(
            request,
            "decision.html",
            session=session,
            decision=result.decision,
            outcome=result.decision.outcome.name.lower(),
            asked_one_in=one_in(stated.asked),
            log=result.log,
            verdict=result.verdict,
            rules=rule_cards(result.verdict, result.verdict.findings),
            photographs=photographs(result),
            receipt=result.receipt,
            code=receipt_code(result.receipt),
            withdrawal=None if issued is None else f"{WITHDRAW}{issued.token}",
            withdrawal_code=None if issued is None else receipt_code(issued.link),
        )

    def _refusal(self, request: Request, session: Session, refusal: RefusedByRule) -> Response:
        return self.renderer.page(
            request,
            "refusal.html",
            status=self.status_of(refusal),
            session=session,
            verdict=refusal.verdict,
            refusing=rule_cards(refusal.verdict, refusal.verdict.refusing),
            banned=any(finding.status is Status.BANNED for finding in refusal.verdict.refusing),
            kept=rule_cards(refusal.verdict, (f for f in refusal.verdict.findings if not f.status.refuses)),
        )
