"""What is held about people, by person and purpose, for whoever looks when it has to go.

Rules kept here:

* A row that isn't as it was written is left out and counted: its times aren't believed.
* Nothing sealed is opened but log statements' times, and of these few.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from countenance.kernel import DecisionId, EvidenceId, PurposeId, SubjectId
from countenance.store._models import (
    DataKeyRow,
    DecisionKeyRow,
    DecisionRow,
    EvidenceRow,
    LogEntryRow,
    RetentionRow,
)
from countenance.store.database import Database
from countenance.store.integrity import RowMac
from countenance.store.log import TransparencyLog
from countenance.store.vault import UNBOUND

__all__ = ["HeldDecision", "HeldRecord", "PersonFile", "RetentionRecords", "RetentionState"]


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """A record about a person, with the times that bear on how long it is kept."""

    evidence_id: EvidenceId
    key: str
    recorded_at: datetime
    valid_until: datetime | None
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldDecision:
    """A decision about a person, and when it was made."""

    decision_id: DecisionId
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class PersonFile:
    """Everything that is held about one person for one purpose.

    Attributes:
        subject: whose, by pseudonym.
        purpose: for what; ``UNBOUND`` for what belongs to no one purpose.
        records: records about the person.
        decisions: decisions about the person.
        last_statement: the index of the last log statement about the person; ``None`` for none.
        key_id: the data key under which it is sealed, 32 hexadecimal digits.
        tampered: how many rows weren't as they were written.
    """

    subject: SubjectId
    purpose: PurposeId
    records: tuple[HeldRecord, ...]
    decisions: tuple[HeldDecision, ...]
    last_statement: int | None
    key_id: str
    tampered: int = 0

    @property
    def items(self) -> tuple[HeldRecord | HeldDecision, ...]:
        """Records and decisions together."""
        return (*self.records, *self.decisions)


@dataclass(frozen=True, slots=True)
class RetentionState:
    """How late it has been.

    Attributes:
        floor: the latest time that a sweep has seen and counted, UTC.
        swept_at: when that sweep was, by the clock of then, UTC.
    """

    floor: datetime
    swept_at: datetime


class RetentionRecords:
    """Lists people's files, and remembers how late it has been.

    Args:
        database: where the rows are.
        row_mac: checks them.
        log: tells when a statement was written.
    """

    def __init__(self, *, database: Database, row_mac: RowMac, log: TransparencyLog) -> None:
        self._database = database
        self._row_mac = row_mac
        self._log = log

    def state(self) -> RetentionState | None:
        """Return how late it has been; ``None`` before the first sweep.

        Raises:
            RecordTampered: if the row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            row = session.get(RetentionRow, 1)
        if row is None:
            return None
        self._row_mac.require(row)
        return RetentionState(row.floor, row.swept_at)

    def remember(self, state: RetentionState) -> None:
        """Keep how late it has been."""
        with self._database.write() as session:
            row = session.get(RetentionRow, 1)
            if row is None:
                row = RetentionRow(id=1)
                session.add(row)
            row.floor, row.swept_at = state.floor, state.swept_at
            self._row_mac.stamp(row)

    def statement_time(self, index: int) -> datetime | None:
        """Return when a log statement was written; ``None`` once it is erased."""
        return self._log.entry(index).at

    def file_of(self, subject: SubjectId) -> tuple[PersonFile, ...]:
        """Return what is held about a person, by purpose."""
        with self._database.read() as session:
            keys = session.scalars(select(DataKeyRow).where(DataKeyRow.subject == subject)).all()
            return tuple(self._file(session, key) for key in sorted(keys, key=lambda key: key.purpose))

    def statements_about(self, subject: SubjectId) -> tuple[int, ...]:
        """Return the indices of the log statements about a person."""
        wanted = select(LogEntryRow.position).where(LogEntryRow.subject == subject)
        with self._database.read() as session:
            return tuple(session.scalars(wanted.order_by(LogEntryRow.position)).all())

    def statements_before(self, moment: datetime) -> int:
        """Return how many log entries were written before a moment; erased ones count with those around."""
        low, high = 0, self._log.size()
        while low < high:
            middle = (low + high) // 2
            known, at = middle, self.statement_time(middle)
            while at is None and known + 1 < high:
                known += 1
                at = self.statement_time(known)
            if at is not None and at < moment:
                low = known + 1
            else:
                high = middle
        return low

    def candidates(
        self, now: datetime, *, older_than: datetime, statements_before: int, most: int, after: str = ""
    ) -> tuple[PersonFile, ...]:
        """Return files of which something may have to go now; which, the timers say.

        Args:
            now: the moment, aware.
            older_than: records and decisions from before this moment are looked at as well.
            statements_before: people of whom log statements alone are held are looked at if the last of
                these is before this one.
            most: at most so many, so that a sweep never holds everything in memory.
            after: only files whose key comes after this one, in the order in which they are returned.
        """
        record, decision = aliased(EvidenceRow), aliased(DecisionRow)
        of_key = and_(
            record.subject == DataKeyRow.subject,
            func.coalesce(record.purpose, UNBOUND) == DataKeyRow.purpose,
        )
        ended = or_(record.valid_until <= now, record.withdrawn_at <= now, record.recorded_at <= older_than)
        old = (
            select(DecisionKeyRow.decision_id)
            .join(decision, decision.decision_id == DecisionKeyRow.decision_id)
            .where(DecisionKeyRow.key_id == DataKeyRow.key_id, decision.decided_at <= older_than)
        )
        idle = and_(
            ~select(record.evidence_id).where(of_key).exists(),
            ~select(DecisionKeyRow.decision_id).where(DecisionKeyRow.key_id == DataKeyRow.key_id).exists(),
            ~select(LogEntryRow.position)
            .where(LogEntryRow.subject == DataKeyRow.subject, LogEntryRow.position >= statements_before)
            .exists(),
        )
        wanted = (
            select(DataKeyRow)
            .where(or_(select(record.evidence_id).where(of_key, ended).exists(), old.exists(), idle))
            .where(DataKeyRow.key_id > bytes.fromhex(after))
            .order_by(DataKeyRow.key_id)
            .limit(most)
        )
        with self._database.read() as session:
            return tuple(self._file(session, key) for key in session.scalars(wanted).all())

    def _file(self, session: Session, key: DataKeyRow) -> PersonFile:
        unbound = key.purpose == UNBOUND
        purposes = (EvidenceRow.purpose, LogEntryRow.purpose)
        of_record, of_log = (c.is_(None) if unbound else c == key.purpose for c in purposes)
        rows = session.scalars(select(EvidenceRow).where(EvidenceRow.subject == key.subject, of_record)).all()
        believed = [row for row in rows if self._row_mac.fits(row)]
        decided = session.scalars(
            select(DecisionRow)
            .join(DecisionKeyRow, DecisionKeyRow.decision_id == DecisionRow.decision_id)
            .where(DecisionKeyRow.key_id == key.key_id)
        ).all()
        sound = [row for row in decided if self._row_mac.fits(row)]
        last = select(func.max(LogEntryRow.position)).where(LogEntryRow.subject == key.subject, of_log)
        return PersonFile(
            subject=SubjectId(key.subject),
            purpose=PurposeId(key.purpose),
            records=tuple(
                HeldRecord(
                    EvidenceId(row.evidence_id), row.key, row.recorded_at, row.valid_until, row.withdrawn_at
                )
                for row in believed
            ),
            decisions=tuple(HeldDecision(DecisionId(row.decision_id), row.decided_at) for row in sound),
            last_statement=session.scalar(last),
            key_id=key.key_id.hex(),
            tampered=len(rows) - len(believed) + len(decided) - len(sound),
        )
