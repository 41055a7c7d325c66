"""Legal holds: a person's records that may not be erased for a while.

Rules kept here:

* A hold has a ground, sealed under the person's data key, and an end. None lasts for ever.
* Placing again adds one; each is lifted by itself or runs out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from countenance.kernel import SubjectId, canonical_json, require_utc
from countenance.store._models import HoldRow
from countenance.store.database import Database
from countenance.store.errors import RecordUnknown
from countenance.store.integrity import RowMac
from countenance.store.vault import UNBOUND, Vault

__all__ = ["HoldRecords", "LegalHold"]


@dataclass(frozen=True, slots=True)
class LegalHold:
    """That a person's records are held back.

    Attributes:
        hold_id: its identifier.
        subject: whose records, by pseudonym.
        ground: why, in words.
        until: the moment from which it no longer counts, UTC.
        placed_by: the role that placed it.
        placed_at: when, UTC.
        lifted_by: the role that lifted it; ``None`` while nobody did.
        lifted_at: when, UTC.
    """

    hold_id: str
    subject: SubjectId
    ground: str = field(repr=False)
    until: datetime
    placed_by: str
    placed_at: datetime
    lifted_by: str | None = None
    lifted_at: datetime | None = None

    def counts_at(self, moment: datetime) -> bool:
        """Say whether it holds anything back at a moment."""
        return self.lifted_at is None and require_utc(moment) < self.until


class HoldRecords:
    """The legal holds of one store.

    Args:
        database: where the rows are kept.
        row_mac: stamps and checks them.
        vault: seals the grounds.
    """

    def __init__(self, *, database: Database, row_mac: RowMac, vault: Vault) -> None:
        self._database = database
        self._row_mac = row_mac
        self._vault = vault

    def place(self, hold: LegalHold) -> None:
        """Put a hold on file.

        Raises:
            RecordExists: if the identifier is taken.
        """
        ground = canonical_json({"ground": hold.ground})
        row = HoldRow(
            hold_id=hold.hold_id,
            subject=hold.subject,
            ground=self._vault.seal(hold.subject, UNBOUND, ground, context=_context(hold.hold_id)),
            until=require_utc(hold.until),
            placed_by=hold.placed_by,
            placed_at=require_utc(hold.placed_at),
        )
        self._row_mac.stamp(row)
        with self._database.write() as session:
            session.add(row)

    def lift(self, subject: SubjectId, *, at: datetime, by: str) -> tuple[LegalHold, ...]:
        """Lift every hold on a person that counts; return them as they are now.

        Raises:
            RecordUnknown: if there is none.
            RecordTampered: if a row isn't as this deployment wrote it.
        """
        with self._database.write() as session:
            rows = [row for row in self._rows(session, subject) if self._value(session, row).counts_at(at)]
            if not rows:
                raise RecordUnknown("No legal hold on this person counts now.")
            for row in rows:
                row.lifted_by, row.lifted_at = by, require_utc(at)
                self._row_mac.stamp(row)
            return tuple(self._value(session, row) for row in rows)

    def of(self, subject: SubjectId) -> tuple[LegalHold, ...]:
        """Return every hold on a person, past ones too, the oldest first.

        Raises:
            RecordTampered: if a row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            return tuple(self._value(session, row) for row in self._rows(session, subject))

    def all_at(self, moment: datetime) -> tuple[LegalHold, ...]:
        """Return every hold that counts at a moment, the one that ends first in front."""
        with self._database.read() as session:
            rows = session.scalars(select(HoldRow).order_by(HoldRow.until, HoldRow.hold_id)).all()
            holds = [self._value(session, row) for row in rows]
        return tuple(hold for hold in holds if hold.counts_at(moment))

    def _rows(self, session: Session, subject: SubjectId) -> list[HoldRow]:
        wanted = select(HoldRow).where(HoldRow.subject == subject)
        return list(session.scalars(wanted.order_by(HoldRow.placed_at, HoldRow.hold_id)))

    def _value(self, session: Session, row: HoldRow) -> LegalHold:
        self._row_mac.require(row)
        subject = SubjectId(row.subject)
        opened = self._vault.open_in(session, subject, UNBOUND, row.ground, context=_context(row.hold_id))
        return LegalHold(
            hold_id=row.hold_id,
            subject=subject,
            ground=json.loads(opened)["ground"],
            until=row.until,
            placed_by=row.placed_by,
            placed_at=row.placed_at,
            lifted_by=row.lifted_by,
            lifted_at=row.lifted_at,
        )


def _context(hold_id: str) -> dict[str, str]:
    return {"record": "legal-hold", "hold": hold_id}
