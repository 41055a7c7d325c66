"""SELECT statements of the path that every request takes: put together once, and read past the session.

Rules kept here:

* A statement is SQLAlchemy's; its text and the types of its values are worked out once, when it is made.
  Nothing is ever put into the text: values are bound.
* It reads over the session's own connection, so it sees the state of the database that the session sees:
  SQLite's past SQLAlchemy, which took longer than SQLite does, another database's through it.
* Like every reading past the session, it makes no objects and flushes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import CompoundSelect, Select
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

__all__ = ["Prepared"]

_DRIVER: Final = "countenance.driver"
_DIALECT: Final = sqlite.dialect(paramstyle="named")


class Prepared:
    """One SELECT. Safe to use from several threads.

    Args:
        statement: its bound values have names, and types where they aren't written as they are.
    """

    __slots__ = ("_bound", "_names", "_readers", "_statement", "_text", "_writers")

    def __init__(self, statement: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        self._statement = statement
        self._text = str(compiled)
        self._bound = dict(compiled.params)
        self._writers = {
            name: writer
            for name, parameter in compiled.binds.items()
            if (writer := _own(parameter.type).bind_processor(_DIALECT)) is not None
        }
        columns = tuple(statement.selected_columns)
        self._names = tuple(each.name for each in columns)
        self._readers: tuple[tuple[int, Callable[[Any], Any]], ...] = tuple(
            (place, reader)
            for place, each in enumerate(columns)
            if (reader := _own(each.type).result_processor(_DIALECT, None)) is not None
        )

    def rows(self, session: Session, **values: object) -> list[tuple[Any, ...]]:
        """Return the rows that are found, their columns in the statement's order.

        Args:
            session: over whose connection it reads.
            values: what is bound, by name.
        """
        driver = _driver_of(session)
        if driver is None:
            return [tuple(row) for row in session.connection().execute(self._statement, values)]
        bound = {**self._bound, **values}
        for name, writer in self._writers.items():
            bound[name] = writer(bound[name])
        found: list[tuple[Any, ...]] = driver.execute(self._text, bound).fetchall()
        if not self._readers:
            return found
        return [self._read(row) for row in found]

    def columns(self, session: Session, **values: object) -> list[Mapping[str, Any]]:
        """Return the rows that are found, each as columns by name. Arguments as for :meth:`rows`."""
        return [dict(zip(self._names, row, strict=True)) for row in self.rows(session, **values)]

    def _read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for place, reader in self._readers:
            values[place] = reader(values[place])
        return tuple(values)


def _own(type_: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return a type as SQLite's dialect has it."""
    return type_.dialect_impl(_DIALECT)


def _driver_of(session: Session) -> Any:  # noqa: ANN401 - the driver's own object
    """Return SQLite's connection that a session reads over; ``None`` over another database's.

    Looked up once for each session.
    """
    if _DRIVER not in session.info:
        connection = session.connection()
        is_sqlite = connection.dialect.name == _DIALECT.name
        session.info[_DRIVER] = connection.connection.driver_connection if is_sqlite else None
    return session.info[_DRIVER]
