"""A database in one SQLite file: how it is opened, and who may read it.

Rules kept here:

* Write-ahead log, ``synchronous=FULL``, ``secure_delete``, foreign keys: on every connection.
* A change runs in one ``BEGIN IMMEDIATE`` transaction; those of several processes wait for SQLite's own lock
  (at most :data:`~countenance.store.database.BUSY_SECONDS`).
* The folder has mode 0700, each file 0600; a store that others can read isn't opened.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from functools import partial
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry

from countenance.store.database import BUSY_SECONDS, WRITING, Database, errors_named
from countenance.store.errors import StoreExists, StoreExposed, StoreMissing

__all__ = ["DATABASE_FILE", "SqliteDatabase", "check_modes", "create_file", "make_folder"]

DATABASE_FILE = "countenance.db"

_RETRY_SECONDS = 0.01
_FOLDER_MODE = 0o700
_FILE_MODE = 0o600
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA temp_store = MEMORY",
)


class SqliteDatabase(Database):
    """One open SQLite file. Safe to use from several threads.

    Args:
        path: the database file; exists.
        busy_seconds: how long a change waits for the one before it.
    """

    def __init__(self, *, path: Path, busy_seconds: float = BUSY_SECONDS) -> None:
        self.path = path
        # isolation_level None: the transactions of the class above are the only ones. Overflow without bound:
        # a thread that waits for a connection while it holds another would wait for ever.
        engine = create_engine(
            URL.create("sqlite", database=str(path)),
            connect_args={"isolation_level": None, "timeout": busy_seconds},
            pool_size=8,
            max_overflow=-1,
        )
        event.listen(engine, "connect", partial(_set_pragmas, busy_seconds=busy_seconds))
        event.listen(engine, "begin", _begin)
        super().__init__(engine=engine, busy_seconds=busy_seconds)

    def files(self) -> tuple[Path, ...]:
        """Return the database file and what lies beside it."""
        return tuple(sorted(self.path.parent.glob(f"{self.path.name}*")))

    def truncate_write_ahead_log(self) -> bool:
        """Move everything into the database file and empty the write-ahead log.

        Returns:
            Whether the log is empty now; a reader elsewhere can hinder it.
        """
        with errors_named(), self._engine.connect() as connection:
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
        with errors_named(), self._engine.connect() as connection:
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
        with errors_named(), self._engine.connect() as connection:
            raw = connection.connection.driver_connection
            if raw is not None:
                raw.backup(target)

    def close(self) -> None:
        """Empty the write-ahead log and close all connections."""
        try:
            self.truncate_write_ahead_log()
        finally:
            self.dispose()


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
    immediate = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def create_file(folder: Path) -> Path:
    """Make the data folder (0700) and an empty database file (0600) in it; return the file.

    Raises:
        StoreExists: if there is a database file already.
        StoreExposed: if the folder is there and others can enter it.
        StoreMissing: if the folder can't be made.
    """
    path = folder / DATABASE_FILE
    make_folder(folder)
    try:
        if path.exists():
            raise StoreExists("There is a store in the data folder already.")
        # SQLite gives the write-ahead log the mode of the database file.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _FILE_MODE))
    except OSError as error:
        raise _not_made(error) from None
    return path


def make_folder(folder: Path) -> None:
    """Make the data folder (0700), or make sure that nobody else can use the one that is there.

    Raises:
        StoreExposed: if the folder is there and others can enter it.
        StoreMissing: if the folder can't be made.
    """
    try:
        folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        check_modes(folder)
    except OSError as error:
        raise _not_made(error) from None


def _not_made(error: OSError) -> StoreMissing:
    msg = f"The data folder can't be made ({error.strerror})."
    return StoreMissing(msg, remedy="Name a data folder that this user may write to.")


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
