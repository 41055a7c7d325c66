"""``/v1/subjects``: erasing a person, exporting what is held, holding it back; ``/v1/certificates``.

Whose it is stands in the body, never in an address: addresses end up in logs, where no erasure reaches.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from countenance.api.access import Caller, Installed, acting
from countenance.api.documentation import problems
from countenance.authority import Act
from countenance.cases import SubjectExport, certificate_page, check_certificate, export_page
from countenance.kernel import PurposeId, SubjectId
from countenance.store import LegalHold

__all__ = ["SUBJECT_REQUESTS", "router"]

router = APIRouter(tags=["subjects"])

Subject = Annotated[str, Field(min_length=1, max_length=128, description="Whose, by pseudonym.")]


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SubjectRequest(_Request):
    """About whom."""

    subject: Subject


class ErasureRequest(SubjectRequest):
    """Who is to be erased, and for which purpose."""

    purpose: str | None = Field(
        default=None, min_length=1, max_length=128, description="For this purpose alone; all if left out."
    )


class HoldRequest(SubjectRequest):
    """Whose records are to be held back, why and until when."""

    ground: str = Field(min_length=1, max_length=1000, description="Why. Kept sealed.")
    until: date = Field(description="The last day, UTC.")


class CertificateRequest(_Request):
    """A deletion certificate as it was handed out."""

    certificate: dict[str, JsonValue]


SUBJECT_REQUESTS: Final[tuple[type[BaseModel], ...]] = (
    SubjectRequest,
    ErasureRequest,
    HoldRequest,
    CertificateRequest,
)


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True)


class ErasureAnswer(_Document):
    """An erasure with its certificate, which the installation doesn't keep."""

    finished: bool = Field(
        description="Whether nothing was found afterwards. If not (202), another reader holds an old copy; "
        "a later sweep takes it away."
    )
    certificate: dict[str, Any] = Field(description="To be handed out as it is.")
    page: str = Field(description="The same to read: HTML without scripts or links.")


class ExportAnswer(_Document):
    """Everything that is held about a person."""

    export: SubjectExport
    page: str = Field(description="The same to read: HTML without scripts or links.")


class HoldDocument(_Document):
    """That a person's records are held back."""

    hold: str
    subject: str
    ground: str
    placed_at: datetime
    until: datetime = Field(description="From when on it no longer counts.")
    lifted_at: datetime | None


class HoldsAnswer(_Document):
    """Holds."""

    holds: tuple[HoldDocument, ...]


class CertificateAnswer(_Document):
    """What a genuine certificate states."""

    key_id: str = Field(description="The thumbprint of this installation's key (RFC 7638).")
    claims: dict[str, Any]


@router.post(
    "/v1/subjects/erasures",
    summary="Erase a person",
    responses={202: {"model": ErasureAnswer}, **problems(401, 403, 404, 409, 413, 422, 503)},
)
def erase(told: ErasureRequest, caller: Caller, services: Installed, response: Response) -> ErasureAnswer:
    """Keys, rows and log statements, certified. Asked again: 404, since nothing is held any more."""
    done = services.people.erasures.erase(
        SubjectId(told.subject),
        None if told.purpose is None else PurposeId(told.purpose),
        author=acting(caller, Act.ERASE_SUBJECT),
    )
    if not done.finished:
        response.status_code = HTTPStatus.ACCEPTED
    return ErasureAnswer(
        finished=done.finished,
        certificate=dict(done.document),
        page=certificate_page(done.document["certificate"]),
    )


@router.post(
    "/v1/subjects/exports",
    summary="Export what is held about a person",
    responses=problems(401, 403, 404, 413, 422, 503),
)
def export(told: SubjectRequest, caller: Caller, services: Installed) -> ExportAnswer:
    """For that person. That it was handed out is logged."""
    author = acting(caller, Act.EXPORT_SUBJECT)
    done = services.people.exporter.export(SubjectId(told.subject), author=author)
    return ExportAnswer(export=done, page=export_page(done))


@router.get("/v1/subjects/holds", summary="List the holds that count now", responses=problems(401, 403, 503))
def list_holds(caller: Caller, services: Installed) -> HoldsAnswer:
    """The one that ends first in front."""
    return _holds(services.people.holds.all(author=acting(caller, Act.HOLD_RECORDS)))


@router.post(
    "/v1/subjects/holds",
    summary="Hold a person's records back from erasure",
    status_code=201,
    responses={200: {"model": HoldsAnswer}, **problems(401, 403, 404, 413, 422, 503)},
)
def place_hold(told: HoldRequest, caller: Caller, services: Installed, response: Response) -> HoldsAnswer:
    """Until a day is over. The same hold asked for again is the one that counts already (200)."""
    author, desk = acting(caller, Act.HOLD_RECORDS), services.people.holds
    subject, until = SubjectId(told.subject), _end_of(told.until)
    same = tuple(
        hold
        for hold in desk.all(author=author)
        if (hold.subject, hold.ground, hold.until) == (subject, told.ground.strip(), until)
    )
    if same:
        response.status_code = HTTPStatus.OK
        return _holds(same)
    return _holds((desk.place(subject, ground=told.ground, until=until, author=author),))


@router.post(
    "/v1/subjects/holds/lifting",
    summary="Lift every hold on a person",
    responses=problems(401, 403, 404, 413, 422, 503),
)
def lift_holds(told: SubjectRequest, caller: Caller, services: Installed) -> HoldsAnswer:
    """Those that count; 404 if none does."""
    author = acting(caller, Act.HOLD_RECORDS)
    return _holds(services.people.holds.lift(SubjectId(told.subject), author=author))


@router.post(
    "/v1/certificates/check",
    summary="Check a deletion certificate",
    responses=problems(401, 413, 422, 503),
)
def check(told: CertificateRequest, _: Caller, services: Installed) -> CertificateAnswer:
    """Under this installation's own key: signature, and the way into the log."""
    checked = check_certificate(told.certificate, jwk=services.receipts.public_jwk())
    return CertificateAnswer(key_id=checked.key_id, claims=dict(checked.claims))


def _end_of(day: date) -> datetime:
    """Return the moment at which a day is over, UTC; of the last day of all, at which it begins."""
    last = min(day, date.max - timedelta(days=1))
    return datetime.combine(last + timedelta(days=1), time.min, UTC)


def _holds(holds: tuple[LegalHold, ...]) -> HoldsAnswer:
    return HoldsAnswer(
        holds=tuple(
            HoldDocument(
                hold=hold.hold_id,
                subject=hold.subject,
                ground=hold.ground,
                placed_at=hold.placed_at,
                until=hold.until,
                lifted_at=hold.lifted_at,
            )
            for hold in holds
        )
    )
