"""Reads everything that an auditor is to see, as it lies in the database, in one state of it.

Rules kept here:

* Nothing is left out silently: a row that isn't as it was written, and one whose person was erased, are
  counted and named.
* Reading changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from countenance.kernel import DecisionId, EvidenceId, PermitId, SubjectId
from countenance.store._log_models import LogKeptRow
from countenance.store._models import (
    DataKeyRow,
    DecisionRow,
    DestroyedKeyRow,
    EvidenceRow,
    LogCheckpointRow,
    LogEntryRow,
    LogHeadRow,
    PermitRow,
)
from countenance.store.errors import RecordTampered, SealKeyDestroyed
from countenance.store.log_entries import LogEntry
from countenance.store.merkle import Frontier, leaf_hash
from countenance.store.store import Store
from countenance.store.values import DecisionRecord, EvidenceRecord, PermitRecord

__all__ = ["AuditReader", "AuditedEntry", "AuditedStore", "EntryState"]

_KEY_ID = slice(1, 17)
"""Where a sealed value names its data key."""


class EntryState(StrEnum):
    """How far an entry of the log can be read."""

    READABLE = "readable"
    ERASED = "erased"
    """Statement and salt were erased, or the person's data key was destroyed and its tombstone is there."""
    ALTERED = "altered"
    """The statement isn't the one that the leaf commits to."""
    KEY_MISSING = "key-missing"
    """It is sealed under a key that is neither there nor destroyed by this installation."""


@dataclass(frozen=True, slots=True)
class AuditedEntry:
    """An entry of the log.

    Attributes:
        entry: what it says; everything is ``None`` but index and leaf hash where it can't be read.
        state: how far it can be read.
        subject: whom it concerns, by pseudonym; ``None`` where nobody, or where it was erased.
    """

    entry: LogEntry
    state: EntryState
    subject: SubjectId | None


@dataclass(frozen=True, slots=True)
class AuditedStore:
    """One state of a store.

    Attributes:
        entries: the whole log, by index.
        head: the signed head; empty where it is missing.
        head_whole: whether the head's right edge is that of the leaves.
        checkpoints: the signed checkpoints that were handed out, the smallest first.
        checkpoints_whole: whether these are all that were kept, each at its size.
        evidence: every believed record, withdrawn and run out ones too, in the order of recording.
        evidence_erased: records whose person's key was destroyed.
        evidence_tampered: records that aren't as they were written.
        permits: every believed permit.
        permits_tampered: the others.
        decisions: every believed decision.
        decisions_tampered: the others.
    """

    entries: tuple[AuditedEntry, ...]
    head: str
    head_whole: bool
    checkpoints: tuple[str, ...]
    checkpoints_whole: bool
    evidence: tuple[EvidenceRecord, ...]
    evidence_erased: tuple[EvidenceId, ...]
    evidence_tampered: tuple[EvidenceId, ...]
    permits: tuple[PermitRecord, ...]
    permits_tampered: tuple[PermitId, ...]
    decisions: tuple[DecisionRecord, ...]
    decisions_tampered: tuple[DecisionId, ...]


class AuditReader:
    """Reads a store for an auditor.

    Args:
        store: an open one.
    """

    __slots__ = ("_database", "_evidence", "_log", "_row_mac")

    def __init__(self, *, store: Store) -> None:
        # This package's own reader of its own tables; nothing of it leaves but values.
        self._database = store._database  # noqa: SLF001
        self._row_mac = store._row_mac  # noqa: SLF001
        self._evidence = store.evidence
        self._log = store.log

    def read(self) -> AuditedStore:
        """Return everything, in one state of the database."""
        with self._database.read() as session:
            entries = self._entries(session)
            head = session.get(LogHeadRow, 1)
            evidence, erased, tampered = self._evidence_of(session)
            permits, permits_tampered = self._permits(session)
            decisions, decisions_tampered = self._decisions(session)
            checkpoints = session.scalars(select(LogCheckpointRow).order_by(LogCheckpointRow.size)).all()
            checkpoints_whole = self._all_kept(session.get(LogKeptRow, 1), checkpoints)
        return AuditedStore(
            entries=entries,
            head="" if head is None else head.checkpoint,
            head_whole=head is not None and head.frontier == _edge(entries),
            checkpoints=tuple(one.checkpoint for one in checkpoints),
            checkpoints_whole=checkpoints_whole,
            evidence=evidence,
            evidence_erased=erased,
            evidence_tampered=tampered,
            permits=permits,
            permits_tampered=permits_tampered,
            decisions=decisions,
            decisions_tampered=decisions_tampered,
        )

    def _entries(self, session: Session) -> tuple[AuditedEntry, ...]:
        keys = set(session.scalars(select(DataKeyRow.key_id)))
        destroyed = set(session.scalars(select(DestroyedKeyRow.key_id)))
        rows = session.scalars(select(LogEntryRow).order_by(LogEntryRow.position))
        return tuple(self._entry(session, row, keys, destroyed) for row in rows)

    def _entry(
        self, session: Session, row: LogEntryRow, keys: set[bytes], destroyed: set[bytes]
    ) -> AuditedEntry:
        subject = None if row.subject is None else SubjectId(row.subject)
        found = self._log.read_row(session, row)
        if found is None:
            bare = LogEntry(row.position, leaf_hash(row.commitment).hex(), None, None, None, None)
            state = EntryState.ALTERED
            if row.subject is not None and row.body is not None and row.body[_KEY_ID] not in keys | destroyed:
                state = EntryState.KEY_MISSING
            return AuditedEntry(bare, state, subject)
        return AuditedEntry(found, EntryState.ERASED if found.erased else EntryState.READABLE, subject)

    def _evidence_of(
        self, session: Session
    ) -> tuple[tuple[EvidenceRecord, ...], tuple[EvidenceId, ...], tuple[EvidenceId, ...]]:
        records, erased, tampered = [], [], []
        rows = select(EvidenceRow).order_by(EvidenceRow.recorded_at, EvidenceRow.evidence_id)
        for row in session.scalars(rows):
            try:
                records.append(self._evidence.record_of(session, row))
            except RecordTampered:
                tampered.append(EvidenceId(row.evidence_id))
            except SealKeyDestroyed:
                erased.append(EvidenceId(row.evidence_id))
        return tuple(records), tuple(erased), tuple(tampered)

    def _all_kept(self, kept: LogKeptRow | None, rows: Sequence[LogCheckpointRow]) -> bool:
        if kept is None or not self._row_mac.fits(kept):
            return False
        named = [one.checkpoint.split("\n")[1:2] == [str(one.size)] for one in rows]
        return all(named) and (kept.count, kept.size) == (len(rows), max((r.size for r in rows), default=0))

    def _permits(self, session: Session) -> tuple[tuple[PermitRecord, ...], tuple[PermitId, ...]]:
        rows = session.scalars(select(PermitRow).order_by(PermitRow.issued_at, PermitRow.permit_id)).all()
        return (
            tuple(
                PermitRecord(
                    PermitId(row.permit_id), row.request_digest, row.epoch, row.issued_at, row.not_after
                )
                for row in rows
                if self._row_mac.fits(row)
            ),
            tuple(PermitId(row.permit_id) for row in rows if not self._row_mac.fits(row)),
        )

    def _decisions(self, session: Session) -> tuple[tuple[DecisionRecord, ...], tuple[DecisionId, ...]]:
        rows = session.scalars(
            select(DecisionRow).order_by(DecisionRow.decided_at, DecisionRow.decision_id)
        ).all()
        return (
            tuple(
                DecisionRecord(
                    DecisionId(row.decision_id),
                    PermitId(row.permit_id),
                    row.decided_at,
                    row.sealed,
                    row.receipt,
                )
                for row in rows
                if self._row_mac.fits(row)
            ),
            tuple(DecisionId(row.decision_id) for row in rows if not self._row_mac.fits(row)),
        )


def _edge(entries: tuple[AuditedEntry, ...]) -> bytes:
    frontier = Frontier()
    for audited in entries:
        frontier = frontier.append(bytes.fromhex(audited.entry.leaf_hash))
    return b"".join(frontier.peaks)
