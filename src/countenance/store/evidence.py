"""Evidence on file: recorded, withdrawn, and gathered for a moment.

Rules kept here:

* A record counts when its MAC fits, its content hash fits, and it is valid at the moment asked about.
  Others are left out, which can only turn a yes into a no.
* DEMO evidence goes into a demo's store alone; a row copied from one has a MAC of another deployment.
* What a record about a subject says is sealed under that subject's data key, author and reasons of a
  withdrawal included. With the key the content goes; that a record was there stays.
* What was believed of a row that is about nobody isn't worked out again while every column of it, its MAC
  included, is as it was: checking a hundred MACs would be most of a verdict's time. What is about a person
  isn't held in memory.
* A record is never changed, only withdrawn, once; one about a person is deleted when the person is erased or
  its time is over (``erasure``). Each of these raises the epoch by one, in the same transaction.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import Session

from countenance.kernel import (
    DeviceId,
    EvidenceId,
    PlaceId,
    PurposeId,
    SubjectId,
    canonical_json,
    require_utc,
    sha256_hex,
)
from countenance.store._evidence_queries import (
    APPLYING_TO_ALL,
    APPLYING_TO_ONE,
    AS_STORED,
    EPOCH,
    Columns,
    loaded,
    stretches,
    typed,
)
from countenance.store._models import EpochRow, EvidenceRow
from countenance.store.database import Database
from countenance.store.errors import (
    DemoEvidenceRefused,
    RecordTampered,
    RecordUnknown,
    SealBroken,
    SealKeyDestroyed,
)
from countenance.store.integrity import RowMac
from countenance.store.sealing_anew import part_of
from countenance.store.values import EvidenceKind, EvidenceRecord, EvidenceScope, Issuer
from countenance.store.vault import UNBOUND, Vault

__all__ = ["EvidenceRecords"]


class _Believed(NamedTuple):
    """What was found: the records, oldest first, and the rows that aren't believed."""

    records: tuple[EvidenceRecord, ...]
    tampered: tuple[EvidenceId, ...]


_logger = logging.getLogger(__name__)
_NO_EPOCH: Final = "The count of changes to the evidence is missing."
_MOST_KNOWN = 20_000
"""Rows that are remembered as believed, some kilobytes each; then it begins anew."""


class EvidenceRecords:
    """The evidence of this deployment. Safe to use from several threads.

    Args:
        database: where the rows are kept.
        row_mac: stamps and checks them.
        vault: seals what is said about a subject.
        demo: whether DEMO evidence is taken.
    """

    def __init__(self, *, database: Database, row_mac: RowMac, vault: Vault, demo: bool) -> None:
        self._database = database
        self._row_mac = row_mac
        self._vault = vault
        self._demo = demo
        self._known: dict[str, tuple[tuple[Any, ...], EvidenceRecord]] = {}

    def begin(self) -> None:
        """Set the epoch to 0. The store does this once, when it is created.

        Raises:
            RecordExists: if there is an epoch already.
        """
        row = EpochRow(id=1, epoch=0)
        self._row_mac.stamp(row)
        with self._database.write() as session:
            session.add(row)

    def add(self, record: EvidenceRecord) -> None:
        """Put a record on file.

        Raises:
            DemoEvidenceRefused: if it is DEMO evidence and this isn't a demo's store.
            ValueError: if its content hash isn't that of its content, or it is withdrawn already.
            RecordExists: if the identifier is taken.
        """
        self.add_all((record,))

    def add_all(self, records: Sequence[EvidenceRecord]) -> None:
        """Put records on file, all or none; the epoch grows by their number.

        Raises:
            DemoEvidenceRefused: as :meth:`add`.
            ValueError: as :meth:`add`.
            RecordExists: as :meth:`add`.
        """
        for record in records:
            if record.demo and not self._demo:
                raise DemoEvidenceRefused("DEMO evidence was offered to a store that isn't a demo's.")
            if not record.holds_its_hash() or record.withdrawn_at is not None:
                msg = "a new record holds the hash of its content and isn't withdrawn"
                raise ValueError(msg)
        if not records:
            return
        with self._database.write() as session:
            session.add_all(self._rows_of(records))
            self.advance_in(session, by=len(records))

    def _rows_of(self, records: Sequence[EvidenceRecord]) -> list[EvidenceRow]:
        """Return the records' rows, stamped; what is about one person and purpose sealed with one key."""
        of: dict[EvidenceScope, list[EvidenceRecord]] = {}
        for record in records:
            of.setdefault(record.scope, []).append(record)
        rows = []
        for scope, theirs in of.items():
            said = [
                ({"author": one.author, "content": one.content, "salt": one.salt}, one.evidence_id)
                for one in theirs
            ]
            for record, body in zip(theirs, self._closed_all(said, scope, part="body"), strict=True):
                row = _row_of(record, body)
                self._row_mac.stamp(row)
                rows.append(row)
        return rows

    def get(self, evidence_id: EvidenceId) -> EvidenceRecord:
        """Return a record, valid or not.

        Raises:
            RecordUnknown: if there is none.
            RecordTampered: if it isn't as this deployment wrote it.
            SealKeyDestroyed: if its subject's data key was destroyed.
        """
        with self._database.read() as session:
            return self.record_of(session, self._row(session, evidence_id))

    def withdraw(self, evidence_id: EvidenceId, *, at: datetime, by: str, reason: str) -> EvidenceRecord:
        """Withdraw a record from a moment on. A second withdrawal changes nothing.

        Args:
            evidence_id: which record.
            at: from when it no longer counts; aware.
            by: the role or key id that withdraws it, never a name.
            reason: why, in a few words.

        Returns:
            The record as it is now.

        Raises:
            RecordUnknown: if there is none.
            RecordTampered: if it isn't as this deployment wrote it.
            SealKeyDestroyed: if its subject's data key was destroyed.
        """
        record = self.get(evidence_id)
        said = {"by": by, "reason": reason}
        withdrawal = self._closed(said, record.scope, evidence_id, part="withdrawal")
        with self._database.write() as session:
            row = self._row(session, evidence_id)
            self._row_mac.require(row)
            if row.withdrawn_at is None:
                row.withdrawn_at, row.withdrawal = require_utc(at), withdrawal
                self._row_mac.stamp(row)
                self.advance_in(session)
            return replace(record, withdrawn_at=row.withdrawn_at)

    def at(
        self,
        moment: datetime,
        *,
        scope: EvidenceScope | None = None,
        keys: Collection[str] | None = None,
        about_nobody: bool = False,
    ) -> tuple[EvidenceRecord, ...]:
        """Return the records that count at a moment, in the order in which they were recorded.

        Records that aren't believed are left out and counted in a warning; :meth:`tampered` names them.
        Records whose subject was erased are left out.

        Args:
            moment: aware.
            scope: only the records that apply to a request of this scope (see
                :meth:`EvidenceScope.covers`); all if left out.
            keys: only the records with one of these keys; all if left out.
            about_nobody: only those that aren't about a person; nothing sealed is opened.
        """
        if scope is not None and keys is None and not about_nobody:
            records, tampered = self._applying(require_utc(moment), scope)
        else:
            records, tampered = self._believed(
                *stretches(require_utc(moment), scope=scope, keys=keys, about_nobody=about_nobody)
            )
        if tampered:
            _logger.warning("%d evidence records aren't as they were written and don't count", len(tampered))
        return records

    def about(self, subject: SubjectId) -> tuple[EvidenceRecord, ...]:
        """Return every believed record about one person, valid or not, withdrawn or not; oldest first.

        Args:
            subject: the person's pseudonym.
        """
        return self._believed(EvidenceRow.subject == subject)[0]

    def under(self, key: str) -> tuple[EvidenceRecord, ...]:
        """Return every believed record of a key, valid or not, withdrawn or not; oldest first.

        Args:
            key: an evidence key or a trigger.
        """
        return self._believed(EvidenceRow.key == key)[0]

    def tampered(self) -> tuple[EvidenceId, ...]:
        """Return the identifiers of all records that aren't as this deployment wrote them."""
        return self._believed(true(), afresh=True)[1]

    def epoch(self) -> int:
        """Return how many changes the evidence has seen: records and withdrawals.

        Raises:
            RecordTampered: if the count isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            found = EPOCH.columns(session)
        if not found:
            raise RecordTampered(_NO_EPOCH)
        self._row_mac.require_columns(EpochRow, found[0])
        return int(found[0]["epoch"])

    def advance_in(self, session: Session, *, by: int = 1) -> None:
        """Count a change that bears on evidence, made in this session: every door then looks again.

        Args:
            session: of the change itself, so that the two are kept together or not at all.
            by: how many changes it is.

        Raises:
            RecordTampered: if the count isn't as this deployment wrote it.
        """
        row = self._epoch(session)
        row.epoch += by
        self._row_mac.stamp(row)

    def _applying(self, moment: datetime, scope: EvidenceScope) -> _Believed:
        """Return the records that apply to a request of a scope at a moment.

        Every check-in asks this, so its two statements are put together once and for all.
        """
        asked = {"moment": moment, "place": scope.place, "purpose": scope.purpose, "device": scope.device}
        with self._database.read() as session:
            stored = {columns[0]: columns for columns in APPLYING_TO_ALL.rows(session, **asked)}
            rows: list[Columns] = []
            if scope.subject is not None:
                rows = APPLYING_TO_ONE.columns(session, **asked, subject=scope.subject)
            return self._sorted(session, stored, rows)

    def _believed(self, *stretches: ColumnElement[bool], afresh: bool = False) -> _Believed:
        """Return the records of one or more stretches."""
        stored: dict[str, tuple[Any, ...]] = {}
        rows: list[Columns] = []
        with self._database.read() as session:
            for stretch in stretches:
                if afresh:
                    rows += typed(session, stretch)
                else:
                    found = session.execute(AS_STORED.where(stretch))
                    stored.update({columns[0]: tuple(columns) for columns in found})
            return self._sorted(session, stored, rows)

    def _sorted(
        self, session: Session, stored: Mapping[str, tuple[Any, ...]], rows: Iterable[Columns]
    ) -> _Believed:
        """Sort what was found into records and rows that aren't believed.

        Args:
            session: in which it was found.
            stored: rows as they lie in the file, by identifier.
            rows: others, whatever was believed of them before.
        """
        records: list[EvidenceRecord] = []
        tampered: list[EvidenceId] = []
        unknown: list[str] = []
        for identifier, columns in stored.items():
            known = self._known.get(identifier)
            if known is not None and known[0] == columns:
                records.append(known[1])
            else:
                unknown.append(identifier)
        for row in (*rows, *loaded(session, unknown)):
            try:
                record = self._record_of(session, row)
            except RecordTampered:
                tampered.append(EvidenceId(row["evidence_id"]))
            except SealKeyDestroyed:
                continue
            else:
                records.append(record)
                self._remember(stored.get(record.evidence_id), record)
        records.sort(key=lambda record: (record.recorded_at, record.evidence_id))
        return _Believed(tuple(records), tuple(sorted(tampered)))

    def _remember(self, columns: tuple[Any, ...] | None, record: EvidenceRecord) -> None:
        if columns is None or record.scope.subject is not None:
            return
        if len(self._known) >= _MOST_KNOWN:
            self._known = {}
        self._known[record.evidence_id] = (columns, record)

    def _row(self, session: Session, evidence_id: EvidenceId) -> EvidenceRow:
        row = session.get(EvidenceRow, evidence_id)
        if row is None:
            raise RecordUnknown("No evidence with this identifier is on file.")
        return row

    def record_of(self, session: Session, row: EvidenceRow) -> EvidenceRecord:
        """Return the record of a row; for this package's own readers of many rows.

        Raises:
            RecordTampered: if it isn't as this deployment wrote it.
            SealKeyDestroyed: if its subject's data key was destroyed.
        """
        return self._record_of(
            session, {each.name: getattr(row, each.name) for each in EvidenceRow.__table__.columns}
        )

    def _record_of(self, session: Session, row: Columns) -> EvidenceRecord:
        self._row_mac.require_columns(EvidenceRow, row)
        place, purpose, device, subject = (row[name] for name in ("place", "purpose", "device", "subject"))
        scope = EvidenceScope(
            place=None if place is None else PlaceId(place),
            purpose=None if purpose is None else PurposeId(purpose),
            device=None if device is None else DeviceId(device),
            subject=None if subject is None else SubjectId(subject),
        )
        body = self._opened(session, row, scope)
        said: dict[str, Any] = json.loads(body)
        record = EvidenceRecord(
            evidence_id=EvidenceId(row["evidence_id"]),
            key=row["key"],
            scope=scope,
            content=said["content"],
            content_hash=row["content_hash"],
            salt=said["salt"],
            author=said["author"],
            issuer=Issuer(row["issuer"]),
            kind=EvidenceKind(row["kind"]),
            demo=row["demo"],
            valid_from=row["valid_from"],
            valid_until=row["valid_until"],
            withdrawn_at=row["withdrawn_at"],
            recorded_at=row["recorded_at"],
        )
        if (record.demo and not self._demo) or not _holds_its_hash(record, body):
            raise RecordTampered("An evidence record isn't as this installation wrote it.")
        return record

    def _closed(
        self, said: Mapping[str, object], scope: EvidenceScope, evidence_id: EvidenceId, *, part: str
    ) -> bytes:
        return self._closed_all(((said, evidence_id),), scope, part=part)[0]

    def _closed_all(
        self, said: Iterable[tuple[Mapping[str, object], EvidenceId]], scope: EvidenceScope, *, part: str
    ) -> tuple[bytes, ...]:
        plain = [(canonical_json(dict(one)), part_of(evidence_id, part)) for one, evidence_id in said]
        if scope.subject is None:
            return tuple(body for body, _ in plain)
        return self._vault.seal_all(scope.subject, scope.purpose or UNBOUND, plain)

    def _opened(self, session: Session, row: Columns, scope: EvidenceScope) -> bytes:
        body: bytes = row["body"]
        if scope.subject is not None:
            context = part_of(row["evidence_id"], "body")
            try:
                purpose = scope.purpose or UNBOUND
                body = self._vault.open_in(session, scope.subject, purpose, body, context=context)
            except SealBroken:
                raise RecordTampered("What an evidence record says can't be opened.") from None
        return body

    def _epoch(self, session: Session) -> EpochRow:
        row = session.get(EpochRow, 1)
        if row is None:
            raise RecordTampered(_NO_EPOCH)
        self._row_mac.require(row)
        return row


def _row_of(record: EvidenceRecord, body: bytes) -> EvidenceRow:
    return EvidenceRow(
        evidence_id=record.evidence_id,
        key=record.key,
        place=record.scope.place,
        purpose=record.scope.purpose,
        device=record.scope.device,
        subject=record.scope.subject,
        body=body,
        content_hash=record.content_hash,
        issuer=record.issuer.value,
        kind=record.kind.value,
        demo=record.demo,
        valid_from=record.valid_from,
        valid_until=record.valid_until,
        recorded_at=record.recorded_at,
    )


def _holds_its_hash(record: EvidenceRecord, body: bytes) -> bool:
    """Say whether the content hash is that of the content and the salt.

    A body is the canonical JSON of author, content and salt, in this order. What follows the author is then
    what was hashed, so it is hashed as it lies there. Where that doesn't fit, the content speaks for itself.
    """
    author = b'{"author":' + canonical_json(record.author) + b","
    if body.startswith(author) and sha256_hex(b"{" + body[len(author) :]) == record.content_hash:
        return True
    return record.holds_its_hash()
