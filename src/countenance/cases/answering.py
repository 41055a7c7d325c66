"""The desk at which people's requests arrive, are extended and answered.

Rules kept here:

* Access is answered with the export of everything, and the answer carries its hash; erasure with the
  erasure itself, and the answer carries the certificate's. Neither can be answered in words alone, unless
  it is refused, and a refusal says why.
* A legal hold refuses the erasure; the request stays open, and its clock runs.
* A time is extended once, while it runs, with a reason, and never beyond what the strictest rule allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from countenance.authority import Act, Author, RoleTable, UnknownPlace
from countenance.cases.clocks import Clocks, Right, answer_by, extended_by
from countenance.cases.erasing import Certified, ErasureDesk
from countenance.cases.errors import RequestNotPossible
from countenance.cases.export import SubjectExport, SubjectExporter, export_sha256
from countenance.cases.jurisdictions import registered_jurisdictions, with_those_above
from countenance.cases.requests import (
    ANSWERED,
    EXTENDED,
    OPENED,
    REQUEST_PREFIX,
    AnswerKind,
    RightsRequest,
    open_requests,
    request_of,
)
from countenance.kernel import CaseId, Clock, PlaceId, SubjectId, canonical_sha256, new_id, require_utc
from countenance.policy import RuleSet
from countenance.store import Store

__all__ = ["Answered", "RequestDesk"]

_LONGEST_WORDS: Final = 4000


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that was answered, and what is handed out with the answer.

    Attributes:
        request: as it stands now.
        export: everything about the person, if that was the answer.
        certified: the erasure and its certificate, if that was the answer; no copy is kept.
    """

    request: RightsRequest
    export: SubjectExport | None = field(default=None, repr=False)
    certified: Certified | None = field(default=None, repr=False)


class RequestDesk:
    """Takes people's requests, and answers them.

    Args:
        store: where they are on record.
        erasures: erases people.
        exporter: gathers what is held about people.
        rules: the rules in use.
        clocks: until when they are answered.
        roles: who may.
        clock: says what time it is.
    """

    __slots__ = ("_clock", "_clocks", "_erasures", "_exporter", "_roles", "_rules", "_store")

    def __init__(
        self,
        *,
        store: Store,
        erasures: ErasureDesk,
        exporter: SubjectExporter,
        rules: RuleSet,
        clocks: Clocks,
        roles: RoleTable,
        clock: Clock,
    ) -> None:
        self._store = store
        self._erasures = erasures
        self._exporter = exporter
        self._rules = rules
        self._clocks = clocks
        self._roles = roles
        self._clock = clock

    def open(
        self,
        right: Right,
        subject: SubjectId,
        *,
        words: str,
        author: Author,
        received_at: datetime | None = None,
        place: PlaceId | None = None,
    ) -> RightsRequest:
        """Take a request down; its clock runs from the moment at which it arrived.

        Args:
            right: what is asked for.
            subject: who asks, by pseudonym; nothing need be held about them.
            words: what they ask; kept sealed.
            author: who takes it down.
            received_at: when it arrived, aware; now if left out.
            place: whose jurisdictions count; those of every registered place if left out.

        Raises:
            RoleMayNot: if the author's role may not.
            RequestNotPossible: if nothing is said, or it arrives in the future.
            UnknownPlace: if the place isn't registered.
        """
        self._roles.require(author.role, Act.TAKE_REQUEST)
        now, said = self._clock.now(), _said(words)
        received = now if received_at is None else require_utc(received_at)
        if received > now:
            raise RequestNotPossible("A request arrives before it is taken down.")
        clocks = self._clocks.for_request(
            right, jurisdictions=self._jurisdictions(place), rules=self._rules, on=now.date()
        )
        later = extended_by(received, clocks)
        body: dict[str, Any] = {
            "right": right.value,
            "place": place,
            "received_at": received.isoformat(),
            "due": answer_by(received, clocks).isoformat(),
            "extendable_to": None if later is None else later.isoformat(),
            "rules": sorted({clock.rule for clock in clocks}),
        }
        request_id = CaseId(new_id(REQUEST_PREFIX.removesuffix("_")))
        self._add(request_id, OPENED, body, author, subject=subject, words=said)
        return request_of(self._store, request_id)

    def extend(self, request_id: CaseId, *, words: str, author: Author) -> RightsRequest:
        """Extend a request's time as far as the rules allow; the person has to be told why.

        Args:
            request_id: which request.
            words: why, as the person was told; kept sealed.
            author: who extends it.

        Raises:
            RoleMayNot: if the author's role may not.
            RecordUnknown: if there is no such request.
            RequestNotPossible: if nothing is said, it was answered or extended, its time is over, the person
                was erased, or no rule allows it.
        """
        self._roles.require(author.role, Act.ANSWER_REQUEST)
        request, said = self._require_open(request_id), _said(words)
        if request.subject is None:
            raise RequestNotPossible("The person was erased since.")
        if request.extendable_to is None:
            msg = "The time was extended already, or a rule that applies doesn't allow it."
            raise RequestNotPossible(msg)
        if request.due < self._clock.now():
            raise RequestNotPossible("The time is over, and is extended only while it runs.")
        body = {"due": request.extendable_to.isoformat()}
        self._add(request_id, EXTENDED, body, author, subject=request.subject, words=said)
        return request_of(self._store, request_id)

    def answer(
        self, request_id: CaseId, *, author: Author, words: str = "", refused: bool = False
    ) -> Answered:
        """Answer a request: export, erase, or say in words what was done or why it isn't.

        Args:
            request_id: which request.
            author: who answers.
            words: what the person is told; kept sealed. Not asked for where an export or a certificate is
                the answer.
            refused: whether it is refused; then the words say why.

        Raises:
            RoleMayNot: if the author's role may not.
            RecordUnknown: if there is no such request.
            RequestNotPossible: if it was answered, or words are wanted.
            HeldFromErasure: if a legal hold keeps the person from being erased; the request stays open.
        """
        self._roles.require(author.role, Act.ANSWER_REQUEST)
        request = self._require_open(request_id)
        subject = request.subject
        if subject is None:
            self._close(request, AnswerKind.ERASED_BEFORE, author)
            return Answered(request_of(self._store, request_id))
        if not refused and request.right is Right.ACCESS:
            return self._hand_out(request, subject, author, words)
        if not refused and request.right is Right.ERASURE:
            return self._erase(request, subject, author)
        kind = AnswerKind.REFUSED if refused else AnswerKind.GRANTED
        self._close(request, kind, author, subject=subject, words=_said(words))
        return Answered(request_of(self._store, request_id))

    def all(self, *, author: Author, answered: bool = False) -> tuple[RightsRequest, ...]:
        """Return the open requests, or all of them, the one due first in front.

        Raises:
            RoleMayNot: if the author's role may neither answer requests nor read records.
        """
        if not self._roles.may(author.role, Act.READ_RECORDS):
            self._roles.require(author.role, Act.ANSWER_REQUEST)
        if not answered:
            return open_requests(self._store)
        found = (request_of(self._store, one) for one in self._store.cases.all_ids(REQUEST_PREFIX))
        return tuple(sorted(found, key=lambda one: (one.due, one.request_id)))

    def _hand_out(self, request: RightsRequest, subject: SubjectId, author: Author, words: str) -> Answered:
        with self._store.together():
            export = self._exporter.export(subject, author=author)
            self._close(
                request,
                AnswerKind.EXPORTED,
                author,
                subject=subject,
                words=words.strip() or "Everything that is held was handed out.",
                export_sha256=export_sha256(export),
            )
        return Answered(request_of(self._store, request.request_id), export=export)

    def _erase(self, request: RightsRequest, subject: SubjectId, author: Author) -> Answered:
        certified = self._erasures.erase(subject, None, author=author, because="requested")
        self._close(
            request,
            AnswerKind.ERASED,
            author,
            certificate=str(certified.document["certificate"]["id"]),
            certificate_sha256=canonical_sha256(dict(certified.document)),
        )
        return Answered(request_of(self._store, request.request_id), certified=certified)

    def _close(
        self,
        request: RightsRequest,
        kind: AnswerKind,
        author: Author,
        *,
        subject: SubjectId | None = None,
        words: str | None = None,
        **attached: str,
    ) -> None:
        body = {"answer": kind.value, "late": request.overdue_at(self._clock.now()), **attached}
        self._add(request.request_id, ANSWERED, body, author, subject=subject, words=words)

    def _require_open(self, request_id: CaseId) -> RightsRequest:
        request = request_of(self._store, request_id)
        if request.answer is not None:
            raise RequestNotPossible("The request was answered.")
        return request

    def _jurisdictions(self, place: PlaceId | None) -> frozenset[str]:
        if place is None:
            return registered_jurisdictions(self._store)
        here = next((one for one in self._store.places.all() if one.place_id == place), None)
        if here is None:
            raise UnknownPlace("The place isn't registered.")
        return with_those_above(here.jurisdictions)

    def _add(
        self,
        request_id: CaseId,
        kind: str,
        body: Mapping[str, Any],
        author: Author,
        *,
        subject: SubjectId | None,
        words: str | None,
    ) -> None:
        with self._store.together():
            step = self._store.cases.add(
                request_id,
                kind,
                at=self._clock.now(),
                author=str(author),
                body=dict(body),
                subject=subject,
                words=words,
            )
            entry = {"request": request_id, "step": step.number, "by": str(author), **body}
            self._store.log.append(f"request-{kind}", entry, subject=subject)


def _said(words: str) -> str:
    said = words.strip()
    if not said or len(said) > _LONGEST_WORDS:
        raise RequestNotPossible("Say in words what is asked, or what the person is told.")
    return said
