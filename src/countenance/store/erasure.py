"""Erasing a person: keys, rows and log statements at once, and looking whether anything is left.

Rules kept here:

* Keys, rows, log statements and the tombstones go in one transaction. What is left is a leaf in the log,
  which commits to a statement that is gone, and a tombstone that names nobody.
* That it was done is logged in the same transaction, with what the caller has to say about it.
* Deleted cells are zeroed in the file and the write-ahead log is emptied. A copy that SQLite left behind when
  it split a page is sought afterwards, byte for byte, and the file is written anew if there is one.
* Every record that is erased raises the epoch: a permit that rests on it opens no door.
* Where something stays (the proof that a consent was given and taken back), it is sealed under a fresh key in
  the same transaction; whatever else lay under the old one can't be opened, from a backup either.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from countenance.kernel import Clock, DecisionId, EvidenceId, PurposeId, SubjectId
from countenance.store._models import (
    CaseWordsRow,
    DecisionKeyRow,
    DecisionRow,
    EvidenceRow,
    HoldRow,
    LogEntryRow,
)
from countenance.store.database import Database
from countenance.store.errors import SubjectNotOnFile
from countenance.store.log import TransparencyLog
from countenance.store.log_entries import ERASED_KIND, LogReceipt
from countenance.store.sealing_anew import SealingAnew
from countenance.store.vault import UNBOUND, DestroyedKey, Vault

if TYPE_CHECKING:
    from countenance.store.erasure_journal import ErasureJournal
    from countenance.store.evidence import EvidenceRecords
    from countenance.store.integrity import RowMac
    from countenance.store.liveness_attempts import LivenessAttempts
    from countenance.store.references import ReferenceRecords

__all__ = ["Erased", "Erasures", "Remains"]

_OVERLAP = 4096
_READ_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure took away.

    Attributes:
        subject: whose records, by pseudonym.
        purpose: for which purpose; ``None`` for all.
        at: when, UTC.
        keys: the data keys that were destroyed.
        records: how many records about the person.
        decisions: how many decisions about the person.
        holds: how many legal holds that were over.
        statements: the indices of the log statements that are gone; their leaves stay.
        receipt: where the erasure itself stands in the log; ``None`` until it is logged.
        needles: bytes that must not be found in the files any more; the pseudonym and the wrapped keys.
        sealed_anew: how many records and statements stayed, under another key.
        log_emptied: whether the write-ahead log is empty.
        references: how many enrolled references.
    """

    subject: SubjectId
    purpose: PurposeId | None
    at: datetime
    keys: tuple[DestroyedKey, ...]
    records: int
    decisions: int
    holds: int
    statements: tuple[int, ...]
    receipt: LogReceipt | None = None
    needles: tuple[bytes, ...] = field(default=(), repr=False)
    sealed_anew: int = 0
    log_emptied: bool = False
    references: int = 0


@dataclass(frozen=True, slots=True)
class Remains:
    """What looking through the store's files found.

    Attributes:
        scanned_bytes: how many bytes were looked at.
        found: how many of the needles stand somewhere.
        compacted: whether the database was written anew because of that.
        looked: whether anybody could look; not where the files are a database server's.
    """

    scanned_bytes: int
    found: int
    compacted: bool = False
    looked: bool = True


class Erasures:
    """Erases people from one store. Safe to use from several threads.

    Args:
        database: where the rows are.
        vault: has the data keys.
        references: takes the person's references away, and tells who has them in memory.
        attempts: takes the count of the person's attempts at liveness away.
        log: has the statements, and takes the erasure's own.
        evidence: counts the change.
        row_mac: checks and stamps the rows that stay.
        clock: says when.
    """

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        references: ReferenceRecords,
        attempts: LivenessAttempts,
        log: TransparencyLog,
        evidence: EvidenceRecords,
        row_mac: RowMac,
        clock: Clock,
    ) -> None:
        self._database = database
        self._vault = vault
        self._references = references
        self._attempts = attempts
        self._log = log
        self._evidence = evidence
        self._clock = clock
        self._anew = SealingAnew(vault=vault, row_mac=row_mac)

    def erase(
        self,
        subject: SubjectId,
        purpose: PurposeId | None,
        *,
        said: Callable[[Erased], Mapping[str, object]] = lambda _: {},
        journal: ErasureJournal | None = None,
        emptying: bool = True,
        keeping: Collection[EvidenceId] | None = None,
    ) -> Erased:
        """Erase everything that is held about a person, or everything for one purpose.

        Args:
            subject: whose records, by pseudonym.
            purpose: for which purpose; ``UNBOUND`` for what belongs to none; ``None`` for all.
            said: returns what the log's entry says besides; must not name the person.
            journal: is told of the destroyed keys before the erasure is kept.
            emptying: whether to empty the write-ahead log; a sweep does it once, at its end.
            keeping: records that stay, with what the log says, under a fresh key; for one purpose alone.
                Left out, nothing stays.

        Raises:
            SubjectNotOnFile: if nothing is held.
            ValueError: if something is to stay, and no one purpose is named.
            StoreBusy: if other changes took too long.
        """
        with self._database.write() as session:
            erased = self._take_away(session, subject, purpose, keeping)
            if not (erased.keys or erased.records or erased.statements or erased.holds or erased.references):
                raise SubjectNotOnFile("Nothing is held about a person of this pseudonym, or not for this.")
            self._evidence.advance_in(session)
            entry: dict[str, object] = {
                "indices": list(erased.statements),
                "keys": [key.key_id for key in erased.keys],
                "records": erased.records,
                "decisions": erased.decisions,
                "references": erased.references,
            }
            if keeping is not None:
                # What the log says of them stays, so it has to say as well how many of them went.
                entry["sealed_anew"] = erased.sealed_anew
            receipt = self._log.append(ERASED_KIND, entry | dict(said(erased)))
            if journal is not None:
                journal.erased(erased.keys, at=erased.at)
        emptied = self._database.truncate_write_ahead_log() if emptying else False
        return replace(erased, receipt=receipt, log_emptied=emptied)

    def remove(
        self,
        *,
        records: Collection[EvidenceId],
        decisions: Collection[DecisionId],
        said: Mapping[str, object],
    ) -> None:
        """Delete single records and decisions whose time is over; the person's keys stay for the rest.

        Args:
            records: which records about people.
            decisions: which decisions.
            said: what the log's entry says besides; must not name a person.
        """
        with self._database.write() as session:
            wanted = EvidenceRow.evidence_id.in_(sorted(records))
            session.execute(delete(EvidenceRow).where(wanted, EvidenceRow.subject.is_not(None)))
            _delete_decisions(session, sorted(decisions))
            self._evidence.advance_in(session)
            counts = {"records": len(records), "decisions": len(decisions)}
            self._log.append("retention-removed", {**counts, **said})

    def replay(self, keys: Collection[tuple[str, PurposeId]]) -> int:
        """Destroy again what was destroyed after this state of the store was written.

        Args:
            keys: key id (32 hexadecimal digits) and purpose of each destroyed key.

        Returns:
            How many people's purposes were erased again.
        """
        again = 0
        with self._database.write() as session:
            for key_id, purpose in keys:
                whose = self._vault.whose_in(session, key_id)
                if whose is not None:
                    self.erase(*whose, said=lambda _: {"replayed": True}, emptying=False)
                    again += 1
                self._vault.bury_in(session, key_id, purpose)
        return again

    @property
    def not_covered(self) -> tuple[str, ...]:
        """What else may hold what was erased because of where the records are, in words."""
        return self._database.not_covered

    def lacks(self, key_id: str) -> bool:
        """Say whether this store hasn't destroyed a key that was destroyed: it is older than that."""
        with self._database.read() as session:
            return not self._vault.is_buried_in(session, key_id)

    def look_for(self, needles: Collection[bytes]) -> Remains:
        """Seek bytes in the database file and what lies beside it; write the file anew if they are there.

        Where the files are a server's, out of reach, nothing is sought, and its tables are written anew.

        Args:
            needles: what must not be found, :attr:`Erased.needles`.
        """
        files = self._database.files()
        if files is None:
            self._database.compact()
            self._database.truncate_write_ahead_log()
            return Remains(scanned_bytes=0, found=0, compacted=True, looked=False)
        first = self._scan(files, needles)
        if not first.found:
            return first
        self._database.compact()
        self._database.truncate_write_ahead_log()
        return replace(self._scan(self._database.files() or (), needles), compacted=True)

    def compact(self) -> bool:
        """Write the database anew, without what once stood in its pages; return whether the log is empty."""
        self._database.compact()
        return self._database.truncate_write_ahead_log()

    def empty_log(self) -> bool:
        """Empty the write-ahead log; return whether it is empty."""
        return self._database.truncate_write_ahead_log()

    def _take_away(
        self,
        session: Session,
        subject: SubjectId,
        purpose: PurposeId | None,
        keeping: Collection[EvidenceId] | None,
    ) -> Erased:
        if keeping is None:
            return self._take_all(session, subject, purpose)
        if purpose is None or purpose == UNBOUND:
            msg = "something stays for one purpose alone"
            raise ValueError(msg)
        opened = self._anew.open_in(session, subject, purpose, keeping)
        erased = self._take_all(session, subject, purpose, keeping=keeping)
        return replace(erased, sealed_anew=self._anew.close_in(session, subject, purpose, opened))

    def _take_all(
        self,
        session: Session,
        subject: SubjectId,
        purpose: PurposeId | None,
        *,
        keeping: Collection[EvidenceId] | None = None,
    ) -> Erased:
        keys, wrapped = self._vault.destroy_in(session, subject, purpose)
        about = _about(EvidenceRow.subject, EvidenceRow.purpose, subject, purpose)
        if keeping is not None:
            about = (*about, EvidenceRow.evidence_id.not_in(sorted(keeping)))
        records = session.execute(delete(EvidenceRow).where(*about).returning(EvidenceRow.evidence_id)).all()
        under = [bytes.fromhex(key.key_id) for key in keys]
        decisions = session.scalars(
            select(DecisionKeyRow.decision_id).where(DecisionKeyRow.key_id.in_(under))
        ).all()
        _delete_decisions(session, decisions)
        references = self._references.remove_in(session, subject, purpose)
        holds = 0
        if purpose is None or purpose == UNBOUND:
            holds = len(
                session.execute(
                    delete(HoldRow).where(HoldRow.subject == subject).returning(HoldRow.hold_id)
                ).all()
            )
            session.execute(delete(CaseWordsRow).where(CaseWordsRow.subject == subject))
        if purpose is None:
            self._attempts.clear_subject_in(session, subject)
        named = (subject.encode(),) if purpose is None else ()
        return Erased(
            subject=subject,
            purpose=purpose,
            at=self._clock.now(),
            keys=keys,
            records=len(records),
            decisions=len(decisions),
            holds=holds,
            references=references,
            statements=() if keeping is not None else _erase_statements(session, subject, purpose),
            needles=(*named, *wrapped),
        )

    @staticmethod
    def _scan(files: Iterable[Path], needles: Collection[bytes]) -> Remains:
        found: set[bytes] = set()
        scanned = 0
        for file in files:
            with file.open("rb") as opened:
                while piece := opened.read(_READ_BYTES):
                    scanned += len(piece)
                    found.update(needle for needle in needles if needle in piece)
                    if len(piece) == _READ_BYTES:
                        # Read the end again: a needle may lie across it.
                        opened.seek(-_OVERLAP, os.SEEK_CUR)
                        scanned -= _OVERLAP
        return Remains(scanned_bytes=scanned, found=len(found))


def _about(
    subject_column: InstrumentedAttribute[str | None],
    purpose_column: InstrumentedAttribute[str | None],
    subject: SubjectId,
    purpose: PurposeId | None,
) -> tuple[ColumnElement[bool], ...]:
    if purpose is None:
        return (subject_column == subject,)
    same = purpose_column.is_(None) if purpose == UNBOUND else purpose_column == purpose
    return (subject_column == subject, same)


def _erase_statements(session: Session, subject: SubjectId, purpose: PurposeId | None) -> tuple[int, ...]:
    about = _about(LogEntryRow.subject, LogEntryRow.purpose, subject, purpose)
    rows = session.scalars(select(LogEntryRow).where(*about).order_by(LogEntryRow.position)).all()
    for row in rows:
        row.subject = row.purpose = row.body = None
    session.flush()
    return tuple(row.position for row in rows)


def _delete_decisions(session: Session, decisions: Collection[str]) -> None:
    if decisions:
        session.execute(delete(DecisionRow).where(DecisionRow.decision_id.in_(decisions)))
        session.execute(delete(DecisionKeyRow).where(DecisionKeyRow.decision_id.in_(decisions)))
