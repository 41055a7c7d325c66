"""The error tables that this deployment measured on its own people.

Rules kept here:

* One for each network; a later one takes its place. It is believed when its MAC fits, so a table that
  somebody edited, or brought along from another deployment, is none.
* A table is text and says nothing of anybody: thresholds, rates, counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from countenance.kernel import require_utc, sha256_hex
from countenance.store._models import BelievedRow, UtcTime
from countenance.store.database import Database
from countenance.store.integrity import RowMac

__all__ = ["KeptErrorTable", "OwnErrorTables"]


class ErrorTableRow(BelievedRow):
    """One table, as the text that it is read from."""

    __tablename__ = "error_tables"

    model_id: Mapped[str] = mapped_column(String, primary_key=True)
    content: Mapped[str] = mapped_column(String)
    made_at: Mapped[datetime] = mapped_column(UtcTime)


@dataclass(frozen=True, slots=True)
class KeptErrorTable:
    """A table on file.

    Attributes:
        model_id: the network that it was measured for.
        content: TOML, for ``countenance.decisions.parse_error_table``.
        made_at: when it was put on file, UTC.
    """

    model_id: str
    content: str
    made_at: datetime


class OwnErrorTables:
    """The tables of one deployment.

    Args:
        database: where the rows are kept.
        row_mac: stamps and checks them.
    """

    def __init__(self, *, database: Database, row_mac: RowMac) -> None:
        self._database = database
        self._row_mac = row_mac

    def put(self, table: KeptErrorTable) -> None:
        """Put a table on file, in the place of the one that was there for its network."""
        with self._database.write() as session:
            row = session.get(ErrorTableRow, table.model_id)
            if row is None:
                row = ErrorTableRow(model_id=table.model_id, content="", made_at=table.made_at)
                session.add(row)
            row.content, row.made_at = table.content, require_utc(table.made_at)
            self._row_mac.stamp(row)
            session.flush()

    def get(self, model_id: str) -> KeptErrorTable | None:
        """Return the table of a network; ``None`` if this deployment measured none.

        Raises:
            RecordTampered: if the row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            row = session.get(ErrorTableRow, model_id)
            if row is None:
                return None
            self._row_mac.require(row)
            return KeptErrorTable(row.model_id, row.content, row.made_at)

    def hashes(self) -> dict[str, str]:
        """Return the SHA-256 of each table as it lies there, by network, whatever its MAC says."""
        with self._database.read() as session:
            rows = session.scalars(select(ErrorTableRow)).all()
            return {row.model_id: sha256_hex(row.content.encode()) for row in rows}

    def drop(self, model_id: str) -> bool:
        """Take a network's table off file; say whether there was one."""
        with self._database.write() as session:
            there = session.get(ErrorTableRow, model_id) is not None
            session.execute(delete(ErrorTableRow).where(ErrorTableRow.model_id == model_id))
        return there
