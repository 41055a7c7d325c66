"""A database on a PostgreSQL server: how it is reached, changed and cleaned.

Rules kept here:

* Every change takes one advisory lock first and reads what is committed afterwards, so that changes of
  several processes come one after the other, as they do in SQLite. A reader sees one state (repeatable read).
* A change is on the server's disk when it is kept: ``synchronous_commit`` is never off here, and a server
  that runs without ``fsync`` or ``full_page_writes`` isn't used.
* The URL holds no password. Beyond this machine only TLS with the server's name checked is used.
* A database whose text isn't UTF-8, sorts otherwise than by code point, or of which somebody else may read a
  table, isn't opened.
* PostgreSQL deletes by marking. What was erased goes when the tables are written anew, and from the
  write-ahead log when the server lets go of its old segments; what this can't reach stands in words.
"""

from __future__ import annotations

import importlib.util
import ipaddress
from collections.abc import Mapping
from contextlib import suppress
from typing import ClassVar, Final

from sqlalchemy import URL, Connection, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry

from countenance.store._models import Base
from countenance.store.database import BUSY_SECONDS, WRITING, Database, errors_named
from countenance.store.errors import DatabaseUnfit, StoreBusy, StoreExposed

__all__ = ["PostgresqlDatabase", "postgresql_url"]

_PARAMETERS: Final = frozenset(
    {"host", "port", "user", "passfile", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl"}
)
"""What a URL may say after its question mark. Not ``options``: it could turn durability off."""
_OLDEST: Final = 140_000
_LOCK: Final = 0x636F756E74656E61
"""The number of the lock under which changes are made; within one database."""
_ADDRESS_REMEDY: Final = (
    "Write it as postgresql://user@host/name, or postgresql:///name?host=/run/postgresql for a socket."
)
_FIT: Final = """
SELECT current_setting('server_version_num')::int AS version,
    current_setting('server_encoding') = 'UTF8' AS utf8,
    ('a' > 'B') AND ('_' > 'Z') AND ('b' > 'a-c') AS by_code_point,
    current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on' AS durable
"""
_OTHERS: Final = """
SELECT count(*) FROM pg_class, aclexplode(relacl) AS granted
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'S', 'v')
    AND granted.grantee <> relowner
"""
_LETS_GO: Final = """
SELECT current_setting('wal_recycle') = 'off' AND current_setting('archive_mode') = 'off'
    AND current_setting('wal_keep_size') = '0' AND NOT EXISTS (SELECT 1 FROM pg_replication_slots)
"""


def postgresql_url(written: str) -> URL:
    """Read the address of a database.

    Args:
        written: such as ``postgresql://user@host/name``; without a password.

    Raises:
        DatabaseUnfit: if it isn't one, holds a password or something that isn't allowed there, or names
            another machine without TLS that checks the server's name.
    """
    try:
        url = make_url(written)
        port = url.port
    except (ArgumentError, ValueError):
        raise DatabaseUnfit("The setting database isn't a URL.", remedy=_ADDRESS_REMEDY) from None
    if url.drivername != "postgresql" or not url.database:
        raise DatabaseUnfit("The setting database names no PostgreSQL database.", remedy=_ADDRESS_REMEDY)
    if url.password is not None:
        raise DatabaseUnfit(
            "The setting database holds a password.",
            remedy="Take it out; put it in a password file (mode 0600) and name that as passfile, or in "
            "~/.pgpass, or use a client certificate or a local socket.",
        )
    if not _PARAMETERS.issuperset(url.query) or any(not isinstance(v, str) for v in url.query.values()):
        raise DatabaseUnfit(
            "The setting database holds a parameter that isn't allowed there.",
            remedy=f"Allowed, once each: {', '.join(sorted(_PARAMETERS))}.",
        )
    _require_safe_way(url)
    return url.set(drivername="postgresql+psycopg", port=port)


def _require_safe_way(url: URL) -> None:
    hosts = [url.host, url.query.get("host")]
    here = all(host is None or _is_here(str(host)) for host in hosts)
    if not here and url.query.get("sslmode") != "verify-full":
        raise DatabaseUnfit(
            "The setting database names another machine without TLS that checks its name.",
            remedy="Add ?sslmode=verify-full&sslrootcert=FILE, with the certificate of the authority.",
        )


def _is_here(host: str) -> bool:
    if host.startswith("/") or host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class PostgresqlDatabase(Database):
    """One database on a PostgreSQL server. Safe to use from several threads.

    Args:
        url: where it is, without a password; see :func:`postgresql_url`.
        busy_seconds: how long a change waits for the one before it.

    Raises:
        DatabaseUnfit: if the URL isn't one that is used, or the extra ``postgresql`` isn't installed.
    """

    not_covered: ClassVar[tuple[str, ...]] = (
        "free blocks of the database server's disk, where its old files lay",
        "the database server's archived write-ahead log, base backups, dumps and replicas",
        "segments of the write-ahead log that the database server keeps or uses again",
    )
    _writing: ClassVar[Mapping[str, object]] = {WRITING: True, "isolation_level": "READ COMMITTED"}

    def __init__(self, *, url: str, busy_seconds: float = BUSY_SECONDS) -> None:
        address = postgresql_url(url)
        if importlib.util.find_spec("psycopg") is None:
            raise DatabaseUnfit(
                "The setting database names PostgreSQL, and its driver isn't installed.",
                remedy="Install the extra: pip install 'countenance[postgresql]'.",
            )
        engine = create_engine(
            address,
            connect_args={
                "connect_timeout": max(2, round(busy_seconds)),
                "application_name": "countenance",
                "client_encoding": "UTF8",
                "options": f"-c lock_timeout={round(busy_seconds * 1000)} -c client_min_messages=warning",
            },
            isolation_level="REPEATABLE READ",
            hide_parameters=True,
            pool_size=8,
            max_overflow=-1,
            # A connection that a restart of the server broke is found before it is used.
            pool_pre_ping=True,
        )
        event.listen(engine, "connect", _keep_what_is_committed)
        event.listen(engine, "begin", _take_turn)
        super().__init__(engine=engine, busy_seconds=busy_seconds)

    def require_fit(self) -> None:
        """Make sure that the server keeps what it is given, sorts as we do, and shows it to nobody else.

        Raises:
            DatabaseUnfit: if it doesn't.
            StoreExposed: if another role may use a table.
            StoreUnreachable: if it doesn't answer.
        """
        with errors_named(), self._engine.connect() as connection:
            found = connection.exec_driver_sql(_FIT).one()
            others = connection.exec_driver_sql(_OTHERS).scalar_one()
        if found.version < _OLDEST:
            raise DatabaseUnfit("The PostgreSQL server is older than 14.", remedy="Use a newer one.")
        if not (found.utf8 and found.by_code_point):
            raise DatabaseUnfit(
                "The PostgreSQL database isn't in UTF-8, or doesn't sort by code point.",
                remedy="Make it with: CREATE DATABASE name TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'.",
            )
        if not found.durable:
            raise DatabaseUnfit(
                "The PostgreSQL server runs without fsync or full_page_writes: a crash could lose records.",
                remedy="Turn both on in postgresql.conf.",
            )
        if others:
            raise StoreExposed(
                "Another role may use a table of the PostgreSQL database.",
                remedy="REVOKE what was granted on the tables; only their owner needs them.",
            )

    def files(self) -> None:
        """Return ``None``: the files are the server's."""

    def truncate_write_ahead_log(self) -> bool:
        """Have the server begin a new segment of its log and let go of the old ones.

        Needs the right to execute ``pg_switch_wal`` and the role ``pg_checkpoint`` (PostgreSQL 15).

        Returns:
            Whether it did, and is set so that nothing keeps the old segments: no recycling, no archive,
            no replication slot, ``wal_keep_size`` 0.
        """
        with suppress(DatabaseError, StoreBusy), self._outside() as connection:
            connection.exec_driver_sql("SELECT pg_switch_wal()")
            connection.exec_driver_sql("CHECKPOINT")
            return bool(connection.exec_driver_sql(_LETS_GO).scalar_one())
        return False

    def compact(self) -> None:
        """Write every table anew (``VACUUM FULL``); others wait for each table meanwhile.

        Raises:
            StoreBusy: if somebody else uses a table for too long, or the disk is full.
            StoreUnreachable: if the server doesn't answer.
        """
        # Plain VACUUM isn't enough: it makes room in a page and leaves the bytes where they were.
        with errors_named(), self._outside() as connection:
            for table in Base.metadata.sorted_tables:
                connection.exec_driver_sql(f'VACUUM FULL "{table.name}"')

    def _outside(self) -> Connection:
        """Return a connection on which each statement stands for itself."""
        return self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _keep_what_is_committed(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """See that a commit waits for the disk; a server set to wait for more, such as a replica, does so."""
    cursor = connection.cursor()
    cursor.execute(
        "SELECT set_config('synchronous_commit', 'on', false) "
        "WHERE current_setting('synchronous_commit') = 'off'"
    )
    cursor.close()
    connection.commit()


def _take_turn(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITING, False):
        # Read committed, hence every later statement sees what was kept before the lock was given.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
