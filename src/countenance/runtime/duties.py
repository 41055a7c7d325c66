"""Duties that are still open, and a person's word that closes one.

The system discharges its own duties after each act. When it was stopped in between (a power cut), a duty is
left open, and once it is overdue it blocks the desk. Then somebody has to look and say what became of it.
The duties of incidents stand among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from countenance.authority import AuthorityDesk
from countenance.cases import incident_of
from countenance.kernel import CaseId, Clock, DutyId, PlaceId
from countenance.policy import Vocabulary
from countenance.runtime.opening import open_records
from countenance.runtime.settings import Settings
from countenance.store import DutyRecord, Issuer, Store

__all__ = ["DutyDesk", "OpenDuty", "open_duty_desk"]


@dataclass(frozen=True, slots=True)
class OpenDuty:
    """One duty that nobody has discharged.

    Attributes:
        duty_id: its identifier.
        key: the evidence key that discharges it.
        words: what is owed.
        rule: the rules that oblige to it.
        place: where the act or the event took place.
        due: until when, UTC.
        overdue: whether that has passed; then it blocks the next permit there.
        case: the incident that obliges to it; ``None`` if an act does.
    """

    duty_id: DutyId
    key: str
    words: str
    rule: str
    place: PlaceId
    due: datetime
    overdue: bool
    case: CaseId | None = None


class DutyDesk:
    """Lists open duties and takes a person's word for one.

    Args:
        store: where they are on record; never handed out.
        authority: closes and logs them.
        vocabulary: says what each one asks for.
        clock: says what time it is.
    """

    __slots__ = ("_authority", "_clock", "_store", "_vocabulary")

    def __init__(
        self, *, store: Store, authority: AuthorityDesk, vocabulary: Vocabulary, clock: Clock
    ) -> None:
        self._store = store
        self._authority = authority
        self._vocabulary = vocabulary
        self._clock = clock

    def open(self) -> tuple[OpenDuty, ...]:
        """Return what is owed, the one due first in front."""
        now = self._clock.now()
        return tuple(
            OpenDuty(
                duty_id=duty.duty_id,
                key=duty.key,
                words=self._words(duty),
                rule=duty.rule,
                place=duty.place,
                due=duty.due,
                overdue=duty.due < now,
                case=duty.case_id,
            )
            for duty in self._store.duties.open()
        )

    def owed_at(self, place: PlaceId) -> tuple[OpenDuty, ...]:
        """Return what somebody has to see to at a place: what is overdue, and what an incident obliges to."""
        return tuple(duty for duty in self.open() if duty.place == place and (duty.overdue or duty.case))

    def _words(self, duty: DutyRecord) -> str:
        if duty.case_id is None:
            return self._vocabulary.evidence[duty.key].words
        return incident_of(self._store, duty.case_id).words_for(duty.duty_id)

    def discharge(self, duty_id: DutyId, *, said: str, by: str) -> None:
        """Close a duty with a person's word. Record and log say that it is one.

        Args:
            duty_id: which duty.
            said: what was found or done; no name of a guest.
            by: the role of whoever says so, such as ``officer``.

        Raises:
            DutyNotOpen: if there is no such open duty.
            EvidenceNotAccepted: if a person may not vouch for it yet, or nothing is said.
        """
        self._authority.discharge(
            duty_id, content={"said": said} if said else {}, author=by, issuer=Issuer.PERSON
        )


@contextmanager
def open_duty_desk(settings: Settings, *, clock: Clock | None = None) -> Iterator[DutyDesk]:
    """Open the installation's records, without networks, and yield the desk.

    Raises:
        ErasuresNotReplayed: if somebody put an earlier state of the store back.
        OperatorError: if the store can't be opened.
    """
    with open_records(settings, clock=clock) as opened:
        yield DutyDesk(
            store=opened.store,
            authority=opened.authority,
            vocabulary=opened.vocabulary,
            clock=opened.clock,
        )
