"""Duties: what a permit obliges to, until when, and what closes them.

Rules kept here:

* A duty counted from the act has its deadline from the permit. One counted from an erasure or an event
  is named in the verdict and has no deadline before that has happened; an incident files its own then.
* A duty to keep something for a year or longer is shared by all acts of one day at one place for one
  purpose; its deadline is the end of that day, never earlier than any of theirs.
* A permit under which no door was passed obliges to nothing once it has expired: the system sees that
  and says so.
* A duty that only the system can discharge in time can be discharged late by a person's word, so that a
  crash doesn't close a desk for ever; record and log say whose word it is.
* Somebody outside discharges a duty with a signed statement that names the duty; an answer to another one
  isn't taken for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from countenance.authority.errors import DutyNotOpen, EvidenceNotAccepted, OutsideSignatureRefused
from countenance.authority.journal import Journal
from countenance.authority.outside import SIGNATURE, Vouching
from countenance.authority.records import read_content
from countenance.authority.resolver import DISCHARGES
from countenance.kernel import Clock, DutyClaim, DutyId, PermitId, ProcessingRequest, new_id
from countenance.kernel.canonical import JsonValue
from countenance.policy import Duty, DutyStart, IssuerKind, Verdict, Vocabulary
from countenance.store import (
    DutyRecord,
    EvidenceRecord,
    EvidenceScope,
    Issuer,
    RecordUnknown,
    Store,
)

__all__ = ["DutyBook", "claims_of"]

_SHARED_FROM = timedelta(days=365)
_MOMENT = timedelta(seconds=1)


class DutyBook:
    """Keeps the duties of one store.

    Args:
        store: where duties, permits and evidence are on record.
        vocabulary: who may vouch for what.
        journal: writes the log.
        clock: says what time it is.
    """

    __slots__ = ("_clock", "_journal", "_store", "_vocabulary", "_vouching")

    def __init__(self, *, store: Store, vocabulary: Vocabulary, journal: Journal, clock: Clock) -> None:
        self._vouching = Vouching(store=store)
        self._store = store
        self._vocabulary = vocabulary
        self._journal = journal
        self._clock = clock

    def plan(
        self, verdict: Verdict, request: ProcessingRequest, *, permit: PermitId, now: datetime
    ) -> tuple[DutyRecord, ...]:
        """Return the duties that a permit will carry. Those of a shared day are the ones on file."""
        shared = {(d.key, d.rule, d.due): d for d in self._open(request) if d.permit_id != permit}
        planned = []
        for duty in verdict.duties:
            if duty.counted_from is DutyStart.ACT:
                rule, due = ", ".join(duty.rule_ids), _deadline(duty, now)
                known = shared.get((duty.key, rule, due)) if duty.within >= _SHARED_FROM else None
                planned.append(
                    known
                    or DutyRecord(
                        duty_id=DutyId(new_id("dty")),
                        key=duty.key,
                        rule=rule,
                        permit_id=permit,
                        place=request.place,
                        purpose=request.purpose,
                        due=due,
                    )
                )
        return tuple(planned)

    def file(self, duties: tuple[DutyRecord, ...], *, permit: PermitId) -> None:
        """Put the duties of a permit on record; those shared with an earlier one are there already."""
        for duty in duties:
            if duty.permit_id == permit:
                self._store.duties.add(duty)

    def overdue(self, request: ProcessingRequest, *, now: datetime) -> tuple[DutyRecord, ...]:
        """Return the duties of the request's place and purpose that should have been done by now.

        Those of a permit that has expired and opened no door are discharged on the way.
        """
        late = [duty for duty in self._open(request) if duty.due < now]
        return tuple(duty for duty in late if not self._discharge_unused(duty, now))

    def words(self, duties: tuple[DutyRecord, ...]) -> tuple[str, ...]:
        """Return what each duty asks for, when it was due and which rule obliges to it, in words."""
        return tuple(
            f"{self._owed(duty)} ({duty.key}, {duty.rule}; due {duty.due:%Y-%m-%d %H:%M} UTC)"
            for duty in duties
        )

    def _owed(self, duty: DutyRecord) -> str:
        """Return what a duty asks for: the evidence in words, or the notice of its own incident."""
        if duty.case_id is not None:
            opened: Mapping[str, Any] = self._store.cases.of(duty.case_id)[0].body
            told = next((one for one in opened["owed"] if one["duty"] == duty.duty_id), None)
            if told is not None:
                return f"The notice of the {opened['kind'].replace('-', ' ')} to the {told['to']}"
        return self._vocabulary.evidence[duty.key].words

    def discharge(
        self, duty_id: DutyId, *, content: Mapping[str, JsonValue], author: str, issuer: Issuer
    ) -> EvidenceRecord:
        """Close a duty with a record that says how it was done.

        Args:
            duty_id: which duty.
            content: what was done, as JSON values; no name, score or file name. Of somebody outside,
                :data:`~countenance.authority.outside.SIGNATURE` and the signed statement, and no more.
            author: the role or key id that states it.
            issuer: who vouches for it.

        Raises:
            DutyNotOpen: if there is no such open duty.
            EvidenceNotAccepted: if the issuer may not vouch for it, or the content is empty.
            OutsideSignatureRefused: if the signature of somebody outside isn't good, or names another duty.
        """
        now = self._clock.now()
        try:
            duty = self._store.duties.get(duty_id)
        except RecordUnknown as error:
            msg = "There is no duty with this identifier."
            raise DutyNotOpen(msg) from error
        if duty.discharged_at is not None:
            msg = "This duty was discharged already."
            raise DutyNotOpen(msg)
        self._require_issuer(duty, issuer, now)
        if not content or DISCHARGES in content or not author:
            msg = "A discharge says what was done, and who says so."
            raise EvidenceNotAccepted(msg)
        if issuer is Issuer.OUTSIDE:
            content = self._signed(duty, content, now)
        return self._close(duty, content=content, author=author, issuer=issuer, now=now)

    def _signed(
        self, duty: DutyRecord, content: Mapping[str, JsonValue], now: datetime
    ) -> Mapping[str, JsonValue]:
        """Return what somebody outside signed about a duty, with the signature."""
        token = content.get(SIGNATURE)
        if set(content) != {SIGNATURE} or not isinstance(token, str):
            msg = "What somebody outside says about a duty is its signed statement."
            raise EvidenceNotAccepted(msg)
        statement, _ = self._vouching.open(token, at=now)
        read = read_content(statement.key, statement.content, scope=statement.scope)
        if statement.key != duty.key or read.to_content().get("duty") != duty.duty_id:
            msg = "The statement is about another duty."
            raise OutsideSignatureRefused(msg)
        return {**statement.content, SIGNATURE: token}

    def _require_issuer(self, duty: DutyRecord, issuer: Issuer, now: datetime) -> None:
        allowed = self._vocabulary.evidence[duty.key].issuers
        late_word = issuer is Issuer.PERSON and duty.due < now
        if IssuerKind(issuer.value) not in allowed and not late_word:
            msg = f"The duty {duty.key} is discharged in time by: {', '.join(sorted(allowed))}."
            raise EvidenceNotAccepted(msg)

    def _discharge_unused(self, duty: DutyRecord, now: datetime) -> bool:
        term = self._vocabulary.evidence[duty.key]
        shared = term.within is not None and term.within >= _SHARED_FROM
        system_may = IssuerKind.SYSTEM in term.issuers and not shared
        if duty.permit_id is None:
            return False
        permit = self._store.permits.get(duty.permit_id)
        # A door that refused leaves a count of 0: it was tried, and not passed.
        used = any(self._store.permits.uses(duty.permit_id).values())
        if not system_may or used or now <= permit.not_after:
            return False
        content = {"observed": "the permit has expired and no door was passed under it"}
        self._close(duty, content=content, author="countenance", issuer=Issuer.SYSTEM, now=now)
        return True

    def _close(
        self,
        duty: DutyRecord,
        *,
        content: Mapping[str, JsonValue],
        author: str,
        issuer: Issuer,
        now: datetime,
    ) -> EvidenceRecord:
        record = EvidenceRecord.make(
            key=duty.key,
            content={**content, DISCHARGES: duty.duty_id},
            author=author,
            issuer=issuer,
            recorded_at=now,
            scope=EvidenceScope(place=duty.place, purpose=duty.purpose),
            demo=self._store.deployment.demo,
            # It proves one past act, and counts for no later request.
            valid_until=now + _MOMENT,
        )
        with self._store.together():
            self._store.evidence.add(record)
            self._store.duties.discharge(duty.duty_id, record.evidence_id, now)
            self._journal.discharged(duty, record)
        return record

    def _open(self, request: ProcessingRequest) -> tuple[DutyRecord, ...]:
        return self._store.duties.open(place=request.place, purpose=request.purpose)


def claims_of(duties: tuple[DutyRecord, ...]) -> tuple[DutyClaim, ...]:
    """Return the duties as a permit carries them."""
    return tuple(DutyClaim(duty.duty_id, duty.key, duty.rule, duty.due) for duty in duties)


def _deadline(duty: Duty, now: datetime) -> datetime:
    due = now + duty.within
    if duty.within < _SHARED_FROM:
        return due
    return datetime.combine(due.date() + timedelta(days=1), time.min, UTC)
