"""Incidents: what happened, who has to be told until when, and what was done about it. Read from the steps.

Rules kept here:

* The clock runs from the moment at which the incident became known, whenever it is written down.
* Whether somebody was told is what the duty says, whichever way it was discharged.
* Nothing here names a person: words are about what happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from countenance.cases.clocks import HOUSE, Addressee, IncidentKind
from countenance.kernel import CaseId, DutyId, PlaceId
from countenance.store import CaseStep, RecordUnknown, Store

__all__ = ["CLOSED", "INCIDENT_PREFIX", "Incident", "IncidentStep", "OwedNotice", "incident_of"]

INCIDENT_PREFIX: Final = "inc_"
CLOSED: Final = "closed"


@dataclass(frozen=True, slots=True)
class OwedNotice:
    """Somebody who has to be told, or was.

    Attributes:
        duty_id: the duty.
        place: because of which place.
        to: whom.
        rule: the rule that asks for it; ``house`` for the house's own.
        due: until when, UTC.
        within: the time, in words.
        source: where the time stands.
        house: whether the number is the house's own.
        done_at: when it was discharged, UTC; ``None`` while it is owed.
    """

    duty_id: DutyId
    place: PlaceId
    to: Addressee
    rule: str
    due: datetime
    within: str
    source: str
    house: bool
    done_at: datetime | None = None

    def overdue_at(self, moment: datetime) -> bool:
        """Return whether it is owed and its time is over."""
        return self.done_at is None and self.due < moment


@dataclass(frozen=True, slots=True)
class IncidentStep:
    """What was done about an incident, and when.

    Attributes:
        kind: ``opened``, ``noted``, ``notified`` or ``closed``.
        at: when, UTC.
        author: the role and key.
        words: what was said.
        to: who was told; ``None`` for another kind of step.
        sent_at: when the notice was sent, UTC.
        needed: whether they had to be told at all.
    """

    kind: str
    at: datetime
    author: str
    words: str = field(repr=False)
    to: Addressee | None = None
    sent_at: datetime | None = None
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident as it stands.

    Attributes:
        incident_id: its identifier.
        kind: what happened.
        places: where; sorted.
        aware_at: when it became known, UTC.
        steps: what was done, the first in front.
        notices: who has to be told, or was; the one due first in front.
    """

    incident_id: CaseId
    kind: IncidentKind
    places: tuple[PlaceId, ...]
    aware_at: datetime
    steps: tuple[IncidentStep, ...]
    notices: tuple[OwedNotice, ...]

    @property
    def closed_at(self) -> datetime | None:
        """When it was closed, UTC; ``None`` while it is open."""
        return self.steps[-1].at if self.steps[-1].kind == CLOSED else None

    @property
    def owed(self) -> tuple[OwedNotice, ...]:
        """Who has yet to be told."""
        return tuple(notice for notice in self.notices if notice.done_at is None)

    def words_for(self, duty_id: DutyId) -> str:
        """Return what a duty of this incident asks for, in words."""
        notice = next((one for one in self.notices if one.duty_id == duty_id), None)
        if notice is None:
            return f"A notice of the {self.kind.words}"
        number = "the house's own time" if notice.house else "by law"
        known = f"known since {self.aware_at:%Y-%m-%d %H:%M} UTC"
        return f"Tell {notice.to.words} of the {self.kind.words} {known}: {notice.within}, {number}"


def incident_of(store: Store, incident_id: CaseId) -> Incident:
    """Return an incident.

    Raises:
        RecordUnknown: if there is none with this identifier.
        RecordTampered: if a row isn't as this deployment wrote it.
    """
    if not incident_id.startswith(INCIDENT_PREFIX):
        raise RecordUnknown("There is no incident with this identifier.")
    steps = store.cases.of(incident_id)
    first: Mapping[str, Any] = steps[0].body
    notices = [_notice(store, told) for told in first["owed"]]
    return Incident(
        incident_id=incident_id,
        kind=IncidentKind(first["kind"]),
        places=tuple(PlaceId(place) for place in first["places"]),
        aware_at=datetime.fromisoformat(first["aware_at"]),
        steps=tuple(_step(step) for step in steps),
        notices=tuple(sorted(notices, key=lambda one: (one.due, one.to, one.place, one.rule))),
    )


def _notice(store: Store, told: Mapping[str, Any]) -> OwedNotice:
    return OwedNotice(
        duty_id=DutyId(told["duty"]),
        place=PlaceId(told["place"]),
        to=Addressee(told["to"]),
        rule=told["rule"],
        due=datetime.fromisoformat(told["due"]),
        within=told["within"],
        source=told["source"],
        house=told["house"] or told["rule"] == HOUSE,
        done_at=store.duties.get(DutyId(told["duty"])).discharged_at,
    )


def _step(step: CaseStep) -> IncidentStep:
    body: Mapping[str, Any] = step.body
    sent = body.get("sent_at")
    return IncidentStep(
        kind=step.kind,
        at=step.at,
        author=step.author,
        words=body["words"],
        to=None if body.get("to") is None else Addressee(body["to"]),
        sent_at=None if sent is None else datetime.fromisoformat(sent),
        needed=body.get("needed", True),
    )
