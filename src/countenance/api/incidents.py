"""``/v1/incidents``: what happened, who has to be told until when, and what was done about it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from countenance.api.access import Caller, CallerKey, Installed, RoleMissing, acting
from countenance.api.documentation import INCIDENT_EXAMPLES, problems
from countenance.authority import Act, Author
from countenance.cases import Addressee, Incident, IncidentKind
from countenance.kernel import CaseId, PlaceId

__all__ = ["INCIDENT_REQUESTS", "router"]

router = APIRouter(tags=["incidents"])

Words = Annotated[str, Field(min_length=1, max_length=4000, description="In words; no names.")]


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class IncidentRequest(_Request):
    """An incident to open."""

    kind: IncidentKind = Field(default=IncidentKind.LEAK, description="What happened.")
    words: Words
    aware_at: AwareDatetime | None = Field(default=None, description="When it became known; now if left out.")
    places: tuple[Annotated[str, Field(max_length=128)], ...] = Field(
        default=(), max_length=1000, description="Where; every registered place if left out."
    )


class IncidentWordsRequest(_Request):
    """What was found or done."""

    words: Words


class NotificationRequest(_Request):
    """Who was told, or needn't be."""

    to: Addressee = Field(description="Whom.")
    words: Words
    sent_at: AwareDatetime | None = Field(default=None, description="When it was sent; now if left out.")
    needed: bool = Field(default=True, description="Whether they had to be told; if not, the words say why.")


INCIDENT_REQUESTS: Final[tuple[type[BaseModel], ...]] = (
    IncidentRequest,
    IncidentWordsRequest,
    NotificationRequest,
)


class OwedNoticeDocument(BaseModel):
    """Somebody who has to be told, or was."""

    model_config = ConfigDict(frozen=True)

    duty: str
    to: Addressee
    place: str
    rule: str = Field(description="The rule that asks for it; house for the house's own.")
    within: str = Field(description="Within what time of becoming known.")
    house: bool = Field(description="Whether the number is the house's own.")
    source: str = Field(description="Where the time stands.")
    due: datetime
    done_at: datetime | None
    overdue: bool


class IncidentStepDocument(BaseModel):
    """What was done, and when."""

    model_config = ConfigDict(frozen=True)

    kind: str = Field(description="opened, noted, notified or closed.")
    at: datetime
    by: str
    words: str
    to: Addressee | None
    sent_at: datetime | None
    needed: bool


class IncidentDocument(BaseModel):
    """An incident as it stands."""

    model_config = ConfigDict(frozen=True)

    incident: str
    kind: IncidentKind
    places: tuple[str, ...]
    aware_at: datetime
    closed_at: datetime | None
    notices: tuple[OwedNoticeDocument, ...] = Field(description="The one due first in front.")
    steps: tuple[IncidentStepDocument, ...]


class IncidentsAnswer(BaseModel):
    """Incidents, the oldest first."""

    model_config = ConfigDict(frozen=True)

    incidents: tuple[IncidentDocument, ...]


class DraftedNoticeDocument(BaseModel):
    """The words of one notice in one language."""

    model_config = ConfigDict(frozen=True)

    to: Addressee
    rule: str = Field(description="The rule that asks for it; house for the house's own.")
    law: str = Field(description="The law whose contents it has; house where none lists any.")
    language: str = Field(description="en or zh.")
    due: datetime
    gaps: tuple[str, ...] = Field(description="What a person has to write, in reading order.")
    text: str = Field(description="The whole notice, plain text; gaps are marked.")


class DraftsAnswer(BaseModel):
    """A draft for each rule and addressee to whom a notice is owed, in each language."""

    model_config = ConfigDict(frozen=True)

    drafts: tuple[DraftedNoticeDocument, ...]


@router.get("/v1/incidents", summary="List the open incidents", responses=problems(401, 403, 422, 503))
def list_incidents(
    caller: Caller,
    services: Installed,
    *,
    closed: Annotated[bool, Query(description="Closed ones too.")] = False,
) -> IncidentsAnswer:
    """With who has to be told until when, and what was done."""
    found = services.incidents.all(author=_reading(caller), closed=closed)
    now = services.clock.now()
    return IncidentsAnswer(incidents=tuple(_document(one, now) for one in found))


@router.post(
    "/v1/incidents",
    summary="Open an incident",
    status_code=201,
    responses=problems(401, 403, 404, 413, 422, 503),
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": INCIDENT_EXAMPLES}}}},
)
def open_incident(told: IncidentRequest, caller: Caller, services: Installed) -> IncidentDocument:
    """Its clocks run from the moment at which it became known."""
    incident = services.incidents.open(
        told.kind,
        words=told.words,
        author=acting(caller, Act.HANDLE_INCIDENT),
        aware_at=told.aware_at,
        places=[PlaceId(one) for one in told.places],
    )
    return _document(incident, services.clock.now())


@router.post(
    "/v1/incidents/{incident_id}/notes",
    summary="Write down what was found or done",
    responses=problems(401, 403, 404, 413, 422, 503),
)
def note(
    incident_id: str, told: IncidentWordsRequest, caller: Caller, services: Installed
) -> IncidentDocument:
    """Nothing that was written is written over."""
    author = acting(caller, Act.HANDLE_INCIDENT)
    incident = services.incidents.note(CaseId(incident_id), words=told.words, author=author)
    return _document(incident, services.clock.now())


@router.get(
    "/v1/incidents/{incident_id}/drafts",
    summary="Draft the notices that are owed",
    responses=problems(401, 403, 404, 422, 503),
)
def draft(
    incident_id: str,
    caller: Caller,
    services: Installed,
    to: Annotated[Addressee | None, Query(description="For whom alone.")] = None,
) -> DraftsAnswer:
    """What is known is filled in, what only people know is marked. Nothing is sent, and no draft is kept."""
    drafts = services.incidents.draft(CaseId(incident_id), author=acting(caller, Act.HANDLE_INCIDENT), to=to)
    return DraftsAnswer(
        drafts=tuple(
            DraftedNoticeDocument(
                to=one.to,
                rule=one.rule,
                law=one.law,
                language=one.language,
                due=one.due,
                gaps=one.gaps,
                text=one.text,
            )
            for one in drafts
        )
    )


@router.post(
    "/v1/incidents/{incident_id}/notifications",
    summary="Write down that somebody was told",
    responses=problems(401, 403, 404, 413, 422, 503),
)
def notify(
    incident_id: str, told: NotificationRequest, caller: Caller, services: Installed
) -> IncidentDocument:
    """Closes the duties to tell them."""
    incident = services.incidents.notify(
        CaseId(incident_id),
        told.to,
        words=told.words,
        author=acting(caller, Act.HANDLE_INCIDENT),
        sent_at=told.sent_at,
        needed=told.needed,
    )
    return _document(incident, services.clock.now())


@router.post(
    "/v1/incidents/{incident_id}/closing",
    summary="Close an incident",
    responses=problems(401, 403, 404, 409, 413, 422, 503),
)
def close(
    incident_id: str, told: IncidentWordsRequest, caller: Caller, services: Installed
) -> IncidentDocument:
    """409 while somebody has to be told."""
    author = acting(caller, Act.HANDLE_INCIDENT)
    incident = services.incidents.close(CaseId(incident_id), words=told.words, author=author)
    return _document(incident, services.clock.now())


def _reading(caller: CallerKey) -> Author:
    try:
        return acting(caller, Act.READ_RECORDS)
    except RoleMissing:
        return acting(caller, Act.HANDLE_INCIDENT)


def _document(incident: Incident, now: datetime) -> IncidentDocument:
    return IncidentDocument(
        incident=incident.incident_id,
        kind=incident.kind,
        places=incident.places,
        aware_at=incident.aware_at,
        closed_at=incident.closed_at,
        notices=tuple(
            OwedNoticeDocument(
                duty=one.duty_id,
                to=one.to,
                place=one.place,
                rule=one.rule,
                within=one.within,
                house=one.house,
                source=one.source,
                due=one.due,
                done_at=one.done_at,
                overdue=one.overdue_at(now),
            )
            for one in incident.notices
        ),
        steps=tuple(
            IncidentStepDocument(
                kind=step.kind,
                at=step.at,
                by=step.author,
                words=step.words,
                to=step.to,
                sent_at=step.sent_at,
                needed=step.needed,
            )
            for step in incident.steps
        ),
    )
