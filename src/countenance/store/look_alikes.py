"""Which enrolled people were as close as one person's pictures are, when the later of them was enrolled.

Rules kept here:

* A pair is noted with the reference that made it, in one transaction, and is gone with either of the two.
* It says two identifiers of references and nothing else: neither how close, nor whose they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import String, delete, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from countenance.store._models import BelievedRow
from countenance.store.database import Database
from countenance.store.integrity import RowMac

__all__ = ["LookAlikes", "forget_look_alikes"]


class LookAlikeRow(BelievedRow):
    """Two references of two people who look alike; ``other_id`` was there first."""

    __tablename__ = "look_alikes"

    reference_id: Mapped[str] = mapped_column(String, primary_key=True)
    other_id: Mapped[str] = mapped_column(String, primary_key=True, index=True)


class LookAlikes:
    """The pairs of one deployment.

    Args:
        database: where the rows are kept.
        row_mac: stamps and checks them.
    """

    def __init__(self, *, database: Database, row_mac: RowMac) -> None:
        self._database = database
        self._row_mac = row_mac

    def note(self, reference_id: str, others: Iterable[str]) -> None:
        """Note whom a new reference was close to.

        Args:
            reference_id: the new one.
            others: those that were there, of other people; may be empty.

        Raises:
            RecordExists: if a pair was noted before.
        """
        with self._database.write() as session:
            for other in sorted(set(others)):
                row = LookAlikeRow(reference_id=reference_id, other_id=other)
                self._row_mac.stamp(row)
                session.add(row)
            session.flush()

    def of(self, reference_id: str) -> tuple[str, ...]:
        """Return the references that one was noted with, whichever was first, in order.

        Raises:
            RecordTampered: if a row isn't as this deployment wrote it.
        """
        either = or_(LookAlikeRow.reference_id == reference_id, LookAlikeRow.other_id == reference_id)
        with self._database.read() as session:
            rows = session.scalars(select(LookAlikeRow).where(either)).all()
            for row in rows:
                self._row_mac.require(row)
            pairs = [(row.reference_id, row.other_id) for row in rows]
        return tuple(sorted(other if own == reference_id else own for own, other in pairs))


def forget_look_alikes(session: Session, reference_ids: Sequence[str]) -> None:
    """Drop every pair of which one is among these, in a change that is under way."""
    either = or_(LookAlikeRow.reference_id.in_(reference_ids), LookAlikeRow.other_id.in_(reference_ids))
    session.execute(delete(LookAlikeRow).where(either))
