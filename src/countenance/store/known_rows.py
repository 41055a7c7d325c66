"""Reading a row by its key, without working its MAC out again while it lies in the file as it did.

Rules kept here:

* A row is compared column by column with the one that was believed, its MAC included; one that differs in
  anything is checked as if it had never been seen.
* Only registers are read so, never what is about a person: what was believed stays in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import ColumnElement, bindparam, column, select
from sqlalchemy.orm import Session

from countenance.store._models import BelievedRow
from countenance.store.integrity import RowMac
from countenance.store.prepared import Prepared

__all__ = ["KnownRows"]

Row = TypeVar("Row", bound=BelievedRow)
Value = TypeVar("Value")

_MOST_KNOWN: Final = 20_000
"""Rows that are remembered as believed, some kilobytes each; then it begins anew."""


class KnownRows(Generic[Row, Value]):
    """The rows of one table with one column as their key. Safe to use from several threads.

    Args:
        row_type: the table.
        row_mac: checks rows.
        value_of: gives the value of a row that was checked.
    """

    __slots__ = ("_as_stored", "_known", "_row_mac", "_row_type", "_value_of")

    def __init__(self, row_type: type[Row], *, row_mac: RowMac, value_of: Callable[[Row], Value]) -> None:
        self._row_type = row_type
        self._row_mac = row_mac
        self._value_of = value_of
        self._known: dict[str, tuple[tuple[Any, ...], Value]] = {}
        table = row_type.__table__
        (key,) = table.primary_key
        # Without the types of the columns: as they lie in the file.
        columns: tuple[ColumnElement[Any], ...] = tuple(column(each.name) for each in table.columns)
        self._as_stored = Prepared(select(*columns).select_from(table).where(key == bindparam("key")))

    def get(self, session: Session, key: str) -> Value | None:
        """Return the value of the row with a key; ``None`` if there is none.

        Raises:
            RecordTampered: if the row isn't as this deployment wrote it.
        """
        found = self._as_stored.rows(session, key=key)
        if not found:
            return None
        (columns,) = found
        known = self._known.get(key)
        if known is not None and known[0] == columns:
            return known[1]
        row = session.get(self._row_type, key, populate_existing=True)
        if row is None:  # pragma: no cover - it was there a moment ago, in the same state of the database
            return None
        self._row_mac.require(row)
        value = self._value_of(row)
        if len(self._known) >= _MOST_KNOWN:
            self._known = {}
        self._known[key] = (columns, value)
        return value
