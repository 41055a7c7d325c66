"""A database: how it is read, changed and brought to this version, whichever product it is.

Rules kept here:

* What is read inside one session is of one state. A change is kept whole or not at all.
* Changes come one after the other: those of one process queue up at a lock here, those of several at one of
  the database's own. Whoever changes something sees everything that was changed before.
* Migrations run when the store is opened. A database that a newer version wrote is left alone.
* A driver's errors quote rows, so they go no further; their codes do.
"""

from __future__ import annotations

import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session

from countenance.store.errors import (
    RecordExists,
    RecordUnknown,
    StoreBusy,
    StoreNewer,
    StoreUnreachable,
    StoreUnreadable,
)

__all__ = ["BUSY_SECONDS", "MIGRATIONS", "WRITING", "Database", "errors_named", "insert_into"]

BUSY_SECONDS = 10.0
"""How long a change waits for the one before it, in seconds."""
MIGRATIONS = Path(__file__).parent / "migrations"
WRITING: Final = "countenance_writing"
"""The execution option of a connection over which something is changed."""

_FOREIGN_KEY = frozenset({"SQLITE_CONSTRAINT_FOREIGNKEY", "23503"})
_GONE = ("08", "57P")
"""Classes of SQLSTATE: the connection broke; the server goes down or comes up."""


class Database(ABC):
    """One open database. Safe to use from several threads.

    Args:
        engine: connects to it.
        busy_seconds: how long a change waits for the one before it.

    Attributes:
        not_covered: what else may hold what was erased, in words for a certificate.
    """

    not_covered: ClassVar[tuple[str, ...]] = ()
    _writing: ClassVar[Mapping[str, object]] = {WRITING: True}

    def __init__(self, *, engine: Engine, busy_seconds: float) -> None:
        self._engine = engine
        self._busy_seconds = busy_seconds
        self._writer = threading.Lock()
        self._mine = threading.local()

    @abstractmethod
    def files(self) -> tuple[Path, ...] | None:
        """Return the files in which everything lies; ``None`` where they are a server's, out of reach."""

    @abstractmethod
    def truncate_write_ahead_log(self) -> bool:
        """Move everything into the database itself and empty the write-ahead log.

        Returns:
            Whether the log holds nothing of what was erased, as far as the database can tell.
        """

    @abstractmethod
    def compact(self) -> None:
        """Write the tables anew, without what once stood in their pages. Takes time linear in the size.

        Raises:
            StoreBusy: if somebody else uses them, or the disk is full.
        """

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that sees one state of the database; what it changes is dropped.

        Inside :meth:`write` of the same thread it is that one's session, and sees what was changed so far.
        Inside :meth:`one_state` of the same thread it sees what that one saw first.

        Raises:
            StoreUnreadable: if the database is damaged or isn't one.
            StoreBusy: if it can't be read just now.
        """
        mine = self._own()
        if mine is not None:
            with errors_named(), mine.no_autoflush:
                mine.flush()
                yield mine
            return
        reading: Session | None = getattr(self._mine, "reading", None)
        if reading is not None:
            with errors_named():
                yield reading
            return
        with errors_named(), self._engine.connect() as connection, self._session(connection) as session:
            yield session

    @contextmanager
    def one_state(self) -> Iterator[None]:
        """Let all that this thread reads inside be of one state of the database, over one connection.

        What is changed meanwhile, by this thread as by others, isn't seen inside. Inside :meth:`write`, or a
        second time, it changes nothing.

        Raises:
            StoreUnreadable: if the database is damaged or isn't one.
            StoreBusy: if it can't be read just now.
        """
        if self._own() is not None or getattr(self._mine, "reading", None) is not None:
            yield
            return
        with self.read() as session:
            self._mine.reading = session
            try:
                yield
            finally:
                self._mine.reading = None

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session whose changes are kept together at the end, or not at all.

        A second one inside it, by the same thread, joins the first: its changes are kept when the first one's
        are. If it fails, its own changes are undone, and those of the first too unless the error is caught.

        Raises:
            RecordExists: if a row with the same key is there.
            RecordUnknown: if a row refers to one that isn't there.
            StoreBusy: if other changes took too long, or the disk is full.
            StoreUnreadable: if the database is damaged.
        """
        mine = self._own()
        if mine is not None:
            told = len(self._mine.afterwards)
            try:
                with errors_named(), mine.begin_nested():
                    yield mine
                    mine.flush()
            except BaseException:
                del self._mine.afterwards[told:]
                raise
            return
        if not self._writer.acquire(timeout=self._busy_seconds):
            raise StoreBusy("Other changes to the store took too long.")
        try:
            engine = self._engine.execution_options(**self._writing)
            with errors_named(), engine.begin() as connection, self._session(connection) as session:
                self._mine.session, self._mine.afterwards = session, []
                yield session
                session.flush()
        finally:
            self._mine.session = None
            self._writer.release()
        for act in self._mine.afterwards:
            act()

    def afterwards(self, act: Callable[[], None]) -> None:
        """Do something once the change that this thread is making is kept; never if it is undone.

        Call it inside :meth:`write`. What it raises goes to whoever made the change, which stays.
        """
        self._mine.afterwards.append(act)

    @property
    def changing(self) -> bool:
        """Whether this thread is inside :meth:`write`."""
        return self._own() is not None

    def _own(self) -> Session | None:
        """Return the session in which this thread is changing something."""
        found: Session | None = getattr(self._mine, "session", None)
        return found

    def upgrade(self, *, fresh: bool = False) -> str:
        """Bring the tables to this version.

        Args:
            fresh: whether the database is new and empty.

        Returns:
            The revision of the tables as they were found; empty where there were none.

        Raises:
            StoreNewer: if a newer version wrote them.
            StoreUnreadable: if it isn't new and has no tables of ours.
        """
        config = Config()
        # ConfigParser reads % as the start of a reference; a folder's name may hold one.
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        with self.write() as session:
            connection = session.connection()
            script = ScriptDirectory.from_config(config)
            known = {revision.revision for revision in script.walk_revisions()}
            present = set(MigrationContext.configure(connection).get_current_heads())
            if not present and not fresh:
                raise StoreUnreadable("The database isn't a store.")
            if not present <= known:
                raise StoreNewer("A newer version of Countenance wrote this store.")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        return max(present, default="")

    def close(self) -> None:
        """Close all connections."""
        self.dispose()

    def dispose(self) -> None:
        """Close all connections and change nothing."""
        self._engine.dispose()

    @staticmethod
    def _session(connection: Connection) -> Session:
        return Session(bind=connection, expire_on_commit=False, join_transaction_mode="conditional_savepoint")


def insert_into(session: Session, table: type[DeclarativeBase]) -> sqlite.Insert | postgresql.Insert:
    """Return an insertion that may say what happens if the row is there, in the database's own words."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


@contextmanager
def errors_named() -> Iterator[None]:
    """Turn the driver's errors into ours. Their texts quote rows, so they go no further."""
    try:
        yield
    except IntegrityError as error:
        if _code_of(error) in _FOREIGN_KEY:
            raise RecordUnknown("The record refers to one that isn't in the store.") from None
        raise RecordExists("A record with this identifier is in the store already.") from None
    except OperationalError as error:
        raise _operational(error) from None
    except DatabaseError as error:
        msg = f"The database can't be read ({_code_of(error)})."
        raise StoreUnreadable(msg) from None
    except sqlite3.Error as error:
        # What goes wrong in a checkpoint doesn't come through SQLAlchemy.
        msg = f"The database file couldn't be used ({_code_of(error)})."
        if isinstance(error, sqlite3.OperationalError):
            raise StoreBusy(msg) from None
        raise StoreUnreadable(msg) from None


def _operational(error: OperationalError) -> StoreBusy | StoreUnreachable:
    code = _code_of(error)
    ours = isinstance(error.orig, sqlite3.Error)
    if not ours and (code == _NO_CODE or code.startswith(_GONE)):
        msg = f"PostgreSQL doesn't answer, or stopped answering ({code})."
        return StoreUnreachable(msg)
    msg = f"The database couldn't be used ({code})."
    return StoreBusy(msg)


_NO_CODE = "no code"


def _code_of(error: DatabaseError | sqlite3.Error) -> str:
    """Return SQLite's name of an error, or the SQLSTATE of one of PostgreSQL's."""
    origin = error.orig if isinstance(error, DatabaseError) else error
    found = getattr(origin, "sqlite_errorname", None) or getattr(origin, "sqlstate", None)
    return str(found) if found else _NO_CODE
