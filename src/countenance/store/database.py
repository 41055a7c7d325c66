"""The SQLite database: how it is opened, changed and closed.

Rules kept here:

* Write-ahead log, ``synchronous=FULL``, ``secure_delete``, foreign keys: on every connection.
* A change runs in one ``BEGIN IMMEDIATE`` transaction; changes of one process queue up at a lock, those
  of several processes wait for SQLite's own (at most :data:`BUSY_SECONDS`).
* The folder has mode 0700, each file 0600; a store that others can read isn't opened.
* Migrations run when the store is opened. A database that a newer version wrote is left alone.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from countenance.store.errors import (
    RecordExists,
    RecordUnknown,
    StoreBusy,
    StoreExists,
    StoreExposed,
    StoreMissing,
    StoreNewer,
    StoreUnreadable,
)

__all__ = ["BUSY_SECONDS", "DATABASE_FILE", "MIGRATIONS", "Database", "check_modes", "create_file"]

DATABASE_FILE = "countenance.db"
BUSY_SECONDS = 10.0
"""How long a change waits for the one before it, in seconds."""
MIGRATIONS = Path(__file__).parent / "migrations"

_RETRY_SECONDS = 0.01
_FOLDER_MODE = 0o700
_FILE_MODE = 0o600
_IMMEDIATE = "countenance_immediate"
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA temp_store = MEMORY",
)


class Database:
    """One open SQLite file. Safe to use from several threads.

    Args:
        path: the database file; exists.
        busy_seconds: how long a change waits for the one before it.
    """

    def __init__(self, *, path: Path, busy_seconds: float = BUSY_SECONDS) -> None:
        self.path = path
        self._busy_seconds = busy_seconds
        self._writer = threading.Lock()
        self._mine = threading.local()
        # isolation_level None: the transactions below are the only ones. Overflow without bound: a
        # thread that waits for a connection while it holds another would wait for ever.
        self._engine = create_engine(
            URL.create("sqlite", database=str(path)),
            connect_args={"isolation_level": None, "timeout": busy_seconds},
            pool_size=8,
            max_overflow=-1,
        )
        event.listen(self._engine, "connect", partial(_set_pragmas, busy_seconds=busy_seconds))
        event.listen(self._engine, "begin", _begin)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that sees one state of the database; what it changes is dropped.

        Inside :meth:`write` of the same thread it is that one's session, and sees what was changed so far.
        Inside :meth:`one_state` of the same thread it sees what that one saw first.

        Raises:
            StoreUnreadable: if the file is damaged or isn't a database.
            StoreBusy: if SQLite can't read it just now.
        """
        mine = self._own()
        if mine is not None:
            with _errors_named(), mine.no_autoflush:
                mine.flush()
                yield mine
            return
        reading: Session | None = getattr(self._mine, "reading", None)
        if reading is not None:
            with _errors_named():
                yield reading
            return
        with _errors_named(), self._engine.connect() as connection, self._session(connection) as session:
            yield session

    @contextmanager
    def one_state(self) -> Iterator[None]:
        """Let all that this thread reads inside be of one state of the database, over one connection.

        What is changed meanwhile, by this thread as by others, isn't seen inside. Inside :meth:`write`, or a
        second time, it changes nothing.

        Raises:
            StoreUnreadable: if the file is damaged or isn't a database.
            StoreBusy: if SQLite can't read it just now.
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
            StoreUnreadable: if the file is damaged.
        """
        mine = self._own()
        if mine is not None:
            told = len(self._mine.afterwards)
            try:
                with _errors_named(), mine.begin_nested():
                    yield mine
                    mine.flush()
            except BaseException:
                del self._mine.afterwards[told:]
                raise
            return
        if not self._writer.acquire(timeout=self._busy_seconds):
            raise StoreBusy("Other changes to the store took too long.")
        try:
            engine = self._engine.execution_options(**{_IMMEDIATE: True})
            with _errors_named(), engine.begin() as connection, self._session(connection) as session:
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
            fresh: whether the file is new and empty.

        Returns:
            The revision of the tables as they were found; empty where there were none.

        Raises:
            StoreNewer: if a newer version wrote them.
            StoreUnreadable: if the file isn't new and has no tables of ours.
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
                raise StoreUnreadable("The database in the data folder isn't a store.")
            if not present <= known:
                raise StoreNewer("A newer version of Countenance wrote this store.")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        return max(present, default="")

    def truncate_write_ahead_log(self) -> bool:
        """Move everything into the database file and empty the write-ahead log.

        Returns:
            Whether the log is empty now; a reader elsewhere can hinder it.
        """
        with _errors_named(), self._engine.connect() as connection:
            raw = connection.connection.driver_connection
            if raw is None:
                return False
            # Not inside a transaction, hence past SQLAlchemy.
            busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy

    def compact(self) -> None:
        """Write the whole database anew, without what once stood in its pages.

        SQLite zeroes what is deleted, but a page that was split before may still hold a copy of a row that
        moved to another page. Takes time linear in the size.

        Raises:
            StoreBusy: if somebody else uses the file, or the disk is full.
        """
        with _errors_named(), self._engine.connect() as connection:
            raw = connection.connection.driver_connection
            if raw is not None:
                raw.execute("VACUUM")

    def copy_to(self, target: sqlite3.Connection) -> None:
        """Copy one state of the database with SQLite's online backup; others go on reading and writing.

        Args:
            target: an open connection to another database.

        Raises:
            StoreBusy: if SQLite can't read it just now.
        """
        with _errors_named(), self._engine.connect() as connection:
            raw = connection.connection.driver_connection
            if raw is not None:
                raw.backup(target)

    def close(self) -> None:
        """Empty the write-ahead log and close all connections."""
        try:
            self.truncate_write_ahead_log()
        finally:
            self.dispose()

    def dispose(self) -> None:
        """Close all connections and change nothing."""
        self._engine.dispose()

    @staticmethod
    def _session(connection: Connection) -> Session:
        return Session(bind=connection, expire_on_commit=False, join_transaction_mode="conditional_savepoint")


def _set_pragmas(connection: DBAPIConnection, _entry: ConnectionPoolEntry, *, busy_seconds: float) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        _execute_when_free(cursor, pragma, seconds=busy_seconds)
    cursor.close()


def _execute_when_free(cursor: DBAPICursor, statement: str, *, seconds: float) -> None:
    """Execute a statement, again and again while the file is busy.

    SQLite doesn't wait by itself when two connections turn a new file to the write-ahead log at once: one
    of the two hears SQLITE_BUSY at once, whatever its timeout.
    """
    until = time.monotonic() + seconds
    while True:
        try:
            cursor.execute(statement)
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(_IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def _errors_named() -> Iterator[None]:
    """Turn the driver's errors into ours. Their texts quote rows, so they go no further."""
    try:
        yield
    except IntegrityError as error:
        if _sqlite_name(error) == "SQLITE_CONSTRAINT_FOREIGNKEY":
            raise RecordUnknown("The record refers to one that isn't in the store.") from None
        raise RecordExists("A record with this identifier is in the store already.") from None
    except OperationalError as error:
        msg = f"SQLite couldn't use the database ({_sqlite_name(error)})."
        raise StoreBusy(msg) from None
    except DatabaseError as error:
        msg = f"SQLite can't read the database ({_sqlite_name(error)})."
        raise StoreUnreadable(msg) from None
    except sqlite3.Error as error:
        # What goes wrong in a checkpoint doesn't come through SQLAlchemy.
        msg = f"SQLite couldn't use the database file ({_sqlite_name(error)})."
        if isinstance(error, sqlite3.OperationalError):
            raise StoreBusy(msg) from None
        raise StoreUnreadable(msg) from None


def _sqlite_name(error: DatabaseError | sqlite3.Error) -> str:
    origin = error.orig if isinstance(error, DatabaseError) else error
    return getattr(origin, "sqlite_errorname", "no code")


def create_file(folder: Path) -> Path:
    """Make the data folder (0700) and an empty database file (0600) in it; return the file.

    Raises:
        StoreExists: if there is a database file already.
        StoreExposed: if the folder is there and others can enter it.
        StoreMissing: if the folder can't be made.
    """
    path = folder / DATABASE_FILE
    try:
        folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        check_modes(folder)
        if path.exists():
            raise StoreExists("There is a store in the data folder already.")
        # SQLite gives the write-ahead log the mode of the database file.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _FILE_MODE))
    except OSError as error:
        msg = f"The data folder can't be made ({error.strerror})."
        raise StoreMissing(msg, remedy="Name a data folder that this user may write to.") from None
    return path


def check_modes(folder: Path) -> None:
    """Make sure that nobody else can read the folder or a database file in it.

    Raises:
        StoreExposed: if a mode grants anything to group or others.
    """
    for path in (folder, *folder.glob(f"{DATABASE_FILE}*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            what = "The data folder" if path == folder else f"The file {path.name} in the data folder"
            msg = f"{what} has mode {mode:04o}, so others on this machine can use it."
            raise StoreExposed(msg)
