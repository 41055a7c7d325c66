"""The desk at which incidents are opened, told of and closed.

Rules kept here:

* Opening one files a duty for everybody who has to be told, at every place, with its deadline; an overdue
  one blocks permits at its place like any other duty.
* Opening one states the fact to the rules, closing it states that it is over. No earlier statement says
  otherwise any longer.
* The words of a notice are drafted; who sends it fills in what only people know, and answers for it.
* It isn't closed while somebody has to be told. That somebody needn't be told is said with the reason, and
  stands in the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from countenance.authority import Act, Author, AuthorityDesk, RoleTable, UnknownPlace
from countenance.authority.notices import LANGUAGES, DocumentAltered, Part, SignedNotice, notice_of
from countenance.cases.breach_notices import DraftedNotice, KnownFacts, draft_notices
from countenance.cases.clocks import NOTICE_KEY, Addressee, Clocks, IncidentKind
from countenance.cases.errors import IncidentNotPossible, NoticesOwed
from countenance.cases.incidents import CLOSED, INCIDENT_PREFIX, Incident, incident_of
from countenance.cases.jurisdictions import with_those_above
from countenance.kernel import CaseId, Clock, DutyId, PlaceId, canonical_sha256, new_id, require_utc
from countenance.policy import RuleSet
from countenance.store import DutyRecord, EvidenceScope, Issuer, Store

__all__ = ["IncidentDesk"]

_OPENED, _NOTED, _NOTIFIED = "opened", "noted", "notified"
_LONGEST_WORDS: Final = 4000


class IncidentDesk:
    """Opens incidents, notes what is done, tells whoever is owed a notice, closes.

    Args:
        store: where they are on record.
        authority: states facts to the rules and closes duties.
        rules: the rules in use.
        clocks: who has to be told until when.
        roles: who may.
        clock: says what time it is.
    """

    __slots__ = ("_authority", "_clock", "_clocks", "_roles", "_rules", "_store")

    def __init__(
        self,
        *,
        store: Store,
        authority: AuthorityDesk,
        rules: RuleSet,
        clocks: Clocks,
        roles: RoleTable,
        clock: Clock,
    ) -> None:
        self._store = store
        self._authority = authority
        self._rules = rules
        self._clocks = clocks
        self._roles = roles
        self._clock = clock

    def open(
        self,
        kind: IncidentKind,
        *,
        words: str,
        author: Author,
        aware_at: datetime | None = None,
        places: Sequence[PlaceId] = (),
    ) -> Incident:
        """Open an incident: start its clocks, and tell the rules.

        Args:
            kind: what happened.
            words: what is known of it; no names.
            author: who opens it.
            aware_at: when it became known, aware; now if left out.
            places: where; every registered place if left out.

        Raises:
            RoleMayNot: if the author's role may not.
            IncidentNotPossible: if nothing is said, it became known in the future, or no place is registered.
            UnknownPlace: if a place isn't registered.
        """
        self._roles.require(author.role, Act.HANDLE_INCIDENT)
        now = self._clock.now()
        aware = now if aware_at is None else require_utc(aware_at)
        if aware > now:
            raise IncidentNotPossible("An incident becomes known before it is written down.")
        said, here = _said(words), self._places(places)
        incident_id = CaseId(new_id(INCIDENT_PREFIX.removesuffix("_")))
        duties = self._duties(incident_id, kind, here, aware)
        body: dict[str, Any] = {
            "kind": kind.value,
            "places": list(here),
            "aware_at": aware.isoformat(),
            "words": said,
            "owed": [told for _, told in duties],
        }
        with self._store.together():
            for duty, _ in duties:
                self._store.duties.add(duty)
            self._state(kind, here, value=True, author=author)
            self._add(incident_id, _OPENED, body, author)
        return incident_of(self._store, incident_id)

    def note(self, incident_id: CaseId, *, words: str, author: Author) -> Incident:
        """Write down what was found or done.

        Raises:
            RoleMayNot: if the author's role may not.
            RecordUnknown: if there is no such incident.
            IncidentNotPossible: if nothing is said, or it is closed.
        """
        self._roles.require(author.role, Act.HANDLE_INCIDENT)
        self._require_open(incident_id)
        self._add(incident_id, _NOTED, {"words": _said(words)}, author)
        return incident_of(self._store, incident_id)

    def draft(
        self, incident_id: CaseId, *, author: Author, to: Addressee | None = None
    ) -> tuple[DraftedNotice, ...]:
        """Return the words of every notice that is owed, in each language, gaps marked; keep nothing.

        Args:
            incident_id: which incident.
            author: who asks.
            to: for whom alone; for everybody if left out.

        Raises:
            RoleMayNot: if the author's role may not.
            RecordUnknown: if there is no such incident.
        """
        self._roles.require(author.role, Act.HANDLE_INCIDENT)
        incident = incident_of(self._store, incident_id)
        places = {place.place_id: place for place in self._store.places.all()}
        notice = self._notice_in_force(incident)
        told = {} if notice is None else dict.fromkeys(LANGUAGES, notice)
        facts = KnownFacts(
            places=tuple((places[one].title, places[one].jurisdictions) for one in incident.places),
            people=self._store.population.people(),
            keeper={language: one.text(Part.KEEPER, language) for language, one in told.items()},
            contact={language: one.text(Part.CONTACT, language) for language, one in told.items()},
            now=self._clock.now(),
            demo=self._store.deployment.demo,
        )
        return draft_notices(incident, facts, to=to)

    def _notice_in_force(self, incident: Incident) -> SignedNotice | None:
        """Return a notice in force at a place of the incident: it names keeper and contact."""
        for record in self._store.evidence.at(self._clock.now(), keys=("notice",), about_nobody=True):
            statement = record.content.get("statement")
            if record.scope.place in (None, *incident.places) and isinstance(statement, str):
                try:
                    return notice_of(self._store.signer, statement)
                except DocumentAltered:
                    # Filed by hand, with a statement that this installation never signed.
                    continue
        return None

    def notify(
        self,
        incident_id: CaseId,
        to: Addressee,
        *,
        words: str,
        author: Author,
        sent_at: datetime | None = None,
        needed: bool = True,
    ) -> Incident:
        """Write down that somebody was told, or needn't be, and close the duties to tell them.

        Args:
            incident_id: which incident.
            to: whom.
            words: how they were told and of what, or why they needn't be; no names.
            author: who says so.
            sent_at: when the notice was sent, aware; now if left out.
            needed: whether they had to be told.

        Raises:
            RoleMayNot: if the author's role may not.
            RecordUnknown: if there is no such incident.
            IncidentNotPossible: if nothing is said, it is closed, nothing is owed to them, or the notice was
                sent before the incident was known, or in the future.
        """
        self._roles.require(author.role, Act.HANDLE_INCIDENT)
        incident, now, said = self._require_open(incident_id), self._clock.now(), _said(words)
        sent = now if sent_at is None else require_utc(sent_at)
        if not incident.aware_at <= sent <= now:
            raise IncidentNotPossible("A notice is sent after the incident became known, and before now.")
        owed = [notice for notice in incident.owed if notice.to is to]
        if not owed:
            msg = f"No notice to {to.words} is owed."
            raise IncidentNotPossible(msg)
        late = any(notice.due < sent for notice in owed)
        body: dict[str, Any] = {
            "to": to.value,
            "sent_at": sent.isoformat(),
            "needed": needed,
            "words": said,
            "late": late,
            "duties": [notice.duty_id for notice in owed],
        }
        content = {"incident": incident_id, "to": to.value, "sent_at": sent.isoformat(), "said": said}
        with self._store.together():
            for notice in owed:
                self._authority.discharge(
                    notice.duty_id,
                    content={**content, "needed": needed},
                    author=str(author),
                    issuer=Issuer.PERSON,
                )
            self._add(incident_id, _NOTIFIED, body, author)
        return incident_of(self._store, incident_id)

    def close(self, incident_id: CaseId, *, words: str, author: Author) -> Incident:
        """Close an incident, and tell the rules that it is over.

        Raises:
            RoleMayNot: if the author's role may not.
            RecordUnknown: if there is no such incident.
            IncidentNotPossible: if nothing is said, or it is closed.
            NoticesOwed: if somebody has yet to be told.
        """
        self._roles.require(author.role, Act.HANDLE_INCIDENT)
        incident, said = self._require_open(incident_id), _said(words)
        if incident.owed:
            owed = ", ".join(sorted({notice.to.words for notice in incident.owed}))
            msg = f"The incident can't be closed: a notice is owed to {owed}."
            raise NoticesOwed(msg)
        others = {
            place
            for other in self._all()
            if other.incident_id != incident_id and other.closed_at is None and other.kind is incident.kind
            for place in other.places
        }
        over = [place for place in incident.places if place not in others]
        with self._store.together():
            self._state(incident.kind, over, value=False, author=author)
            self._add(incident_id, CLOSED, {"words": said}, author)
        return incident_of(self._store, incident_id)

    def all(self, *, author: Author, closed: bool = False) -> tuple[Incident, ...]:
        """Return the open incidents, or all of them, the oldest first.

        Raises:
            RoleMayNot: if the author's role may neither handle incidents nor read records.
        """
        if not self._roles.may(author.role, Act.READ_RECORDS):
            self._roles.require(author.role, Act.HANDLE_INCIDENT)
        return tuple(one for one in self._all() if closed or one.closed_at is None)

    def _all(self) -> tuple[Incident, ...]:
        return tuple(incident_of(self._store, one) for one in self._store.cases.all_ids(INCIDENT_PREFIX))

    def _require_open(self, incident_id: CaseId) -> Incident:
        incident = incident_of(self._store, incident_id)
        if incident.closed_at is not None:
            raise IncidentNotPossible("The incident was closed.")
        return incident

    def _places(self, wanted: Sequence[PlaceId]) -> tuple[PlaceId, ...]:
        registered = {place.place_id for place in self._store.places.all()}
        if not registered:
            raise IncidentNotPossible("No place is registered, so no rule says who has to be told.")
        if not registered.issuperset(wanted):
            raise UnknownPlace("A place isn't registered.")
        return tuple(sorted(set(wanted) or registered))

    def _duties(
        self, incident_id: CaseId, kind: IncidentKind, places: Sequence[PlaceId], aware: datetime
    ) -> list[tuple[DutyRecord, dict[str, Any]]]:
        """Return the duties, each with what the incident's first step says of it."""
        found = []
        for place in places:
            above = with_those_above(self._store.places.get(place).jurisdictions)
            on = self._clock.now().date()
            for each in self._clocks.for_incident(kind, jurisdictions=above, rules=self._rules, on=on):
                duty = DutyRecord(
                    duty_id=DutyId(new_id("dty")),
                    key=NOTICE_KEY,
                    rule=each.rule,
                    permit_id=None,
                    place=place,
                    purpose=None,
                    due=each.time.after(aware),
                    case_id=incident_id,
                )
                told = {
                    "duty": duty.duty_id,
                    "place": place,
                    "to": each.to.value,
                    "rule": each.rule,
                    "due": duty.due.isoformat(),
                    "within": each.time.words,
                    "source": each.source,
                    "house": each.house,
                }
                found.append((duty, told))
        return found

    def _state(self, kind: IncidentKind, places: Sequence[PlaceId], *, value: bool, author: Author) -> None:
        """Say at places whether it is so, and see to it that no other statement says otherwise there."""
        now = self._clock.now()
        elsewhere = [one.place_id for one in self._store.places.all() if one.place_id not in places]
        said = "an incident was opened" if value else "the incident was closed"
        for place in places:
            stated = self._store.evidence.at(now, scope=EvidenceScope(place=place), keys={kind.trigger})
            for record in stated:
                if record.content.get("value") is not value:
                    self._authority.withdraw_evidence(record.evidence_id, by=author, reason=said)
                    # What was said of every place goes on holding at the others.
                    for other in elsewhere if record.scope.place is None else ():
                        scope = replace(record.scope, place=other)
                        self._say(kind, scope, value=not value, author=author)
            if not any(record.content.get("value") is value for record in stated):
                self._say(kind, EvidenceScope(place=place), value=value, author=author)

    def _say(self, kind: IncidentKind, scope: EvidenceScope, *, value: bool, author: Author) -> None:
        self._authority.record_evidence(
            key=kind.trigger, content={"value": value}, author=author, scope=scope
        )

    def _add(self, incident_id: CaseId, kind: str, body: Mapping[str, Any], author: Author) -> None:
        step = self._store.cases.add(
            incident_id, kind, at=self._clock.now(), author=str(author), body=dict(body)
        )
        told = {name: value for name, value in body.items() if name not in ("words", "owed")}
        content = canonical_sha256(dict(body))
        entry = {"incident": incident_id, "step": step.number, "content": content, **told}
        if kind == _OPENED:
            entry["duties"] = [[one["duty"], one["to"], one["rule"], one["due"]] for one in body["owed"]]
        self._store.log.append(f"incident-{kind}", entry)


def _said(words: str) -> str:
    said = words.strip()
    if not said or len(said) > _LONGEST_WORDS:
        raise IncidentNotPossible("Say in words what happened or was done.")
    return said
