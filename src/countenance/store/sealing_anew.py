"""Sealing anew what stays when a person's data key for a purpose goes.

Rules kept here:

* What is opened under the old key is written under another one in the same transaction, and nowhere else.
* A row that isn't as it was written isn't opened; with the old key it can't be opened any more.
* A leaf of the log commits to what its statement says, not to how that is sealed: the tree stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from countenance.kernel import EvidenceId, PurposeId, SubjectId
from countenance.store._models import EvidenceRow, LogEntryRow
from countenance.store.errors import RecordTampered, SealBroken, SealKeyDestroyed
from countenance.store.integrity import RowMac
from countenance.store.vault import Vault

__all__ = ["STATEMENT", "Opened", "SealingAnew", "part_of"]

STATEMENT: Final = {"record": "log-entry"}
"""What a sealed statement of the log is bound to."""


def part_of(evidence_id: EvidenceId | str, part: str) -> dict[str, str]:
    """Return what a sealed part of an evidence record is bound to: its ``body`` or its ``withdrawal``."""
    return {"evidence": evidence_id, "part": part}


@dataclass(frozen=True, slots=True)
class Opened:
    """What lay under a data key and stays.

    Attributes:
        records: each record's row, with what its parts say.
        statements: each statement's row, with what it says.
    """

    records: tuple[tuple[EvidenceRow, bytes, bytes | None], ...] = field(repr=False)
    statements: tuple[tuple[LogEntryRow, bytes], ...] = field(repr=False)


class SealingAnew:
    """Opens what stays before a data key is destroyed, and seals it under the next one.

    Args:
        vault: has the keys.
        row_mac: checks and stamps the rows of records.
    """

    __slots__ = ("_row_mac", "_vault")

    def __init__(self, *, vault: Vault, row_mac: RowMac) -> None:
        self._vault = vault
        self._row_mac = row_mac

    def open_in(
        self, session: Session, subject: SubjectId, purpose: PurposeId, records: Collection[EvidenceId]
    ) -> Opened:
        """Return what the log says about a person's purpose, and what some of the records say.

        Args:
            session: of the transaction in which the key goes.
            subject: whose, by pseudonym.
            purpose: for which purpose.
            records: which records stay.
        """
        kept = select(EvidenceRow).where(
            EvidenceRow.subject == subject,
            EvidenceRow.purpose == purpose,
            EvidenceRow.evidence_id.in_(sorted(records)),
        )
        said = select(LogEntryRow).where(
            LogEntryRow.subject == subject, LogEntryRow.purpose == purpose, LogEntryRow.body.is_not(None)
        )
        opened = []
        for row in session.scalars(kept).all():
            body = self._open(session, row, row.body, part_of(row.evidence_id, "body"))
            gone = row.withdrawal
            if gone is not None:
                gone = self._open(session, row, gone, part_of(row.evidence_id, "withdrawal"))
            if body is not None and self._row_mac.fits(row):
                opened.append((row, body, gone))
        statements = [
            (entry, text)
            for entry in session.scalars(said).all()
            if (text := self._open(session, entry, entry.body or b"", STATEMENT)) is not None
        ]
        return Opened(tuple(opened), tuple(statements))

    def close_in(self, session: Session, subject: SubjectId, purpose: PurposeId, opened: Opened) -> int:
        """Seal what was opened under the key of now; return how many records and statements."""
        for row, body, gone in opened.records:
            row.body = self._vault.seal(subject, purpose, body, context=part_of(row.evidence_id, "body"))
            if gone is not None:
                row.withdrawal = self._vault.seal(
                    subject, purpose, gone, context=part_of(row.evidence_id, "withdrawal")
                )
            self._row_mac.stamp(row)
        for entry, text in opened.statements:
            entry.body = self._vault.seal(subject, purpose, text, context=STATEMENT)
        session.flush()
        return len(opened.records) + len(opened.statements)

    def _open(
        self, session: Session, row: EvidenceRow | LogEntryRow, sealed: bytes, context: dict[str, str]
    ) -> bytes | None:
        whose, purpose = SubjectId(row.subject or ""), PurposeId(row.purpose or "")
        try:
            return self._vault.open_in(session, whose, purpose, sealed, context=context)
        except (SealBroken, SealKeyDestroyed, RecordTampered):
            return None
