"""Backups: one state of the store in one sealed file, and getting it back.

A file is ``COUNTENANCE-BACKUP-1``, a line of header JSON, the manifest as a line of compact JWS, and pieces
of the sealed database, each with its length in front (4 bytes, big-endian).

Rules kept here:

* SQLite's online backup copies one state while others read and write; no copy in the clear touches a disk.
* Each piece is sealed (AES-256-GCM) under a key derived for backups from the master key, bound to the backup
  and to its own place in it. The header holds the master key as the root key wraps it: with the root key the
  file can be opened, without it nothing can.
* The manifest is signed and states the hash of the whole database; pieces dropped, moved or cut are found.
* A backup is opened into a folder of its own first. The store is put in its place when the erasures since
  have been carried out again.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import select

from countenance.kernel import CountenanceError, DeploymentId, KeyProvider, canonical_json
from countenance.store._models import BackupRow
from countenance.store.database import Database
from countenance.store.errors import BackupElsewhere, BackupUnreadable
from countenance.store.integrity import RowMac
from countenance.store.sealing import SEAL_OVERHEAD, derive_key, seal, unseal
from countenance.store.sqlite import DATABASE_FILE, SqliteDatabase

__all__ = ["BACKUP_KIND", "BackupFile", "BackupRecord", "BackupRecords", "backup_key", "master_context"]

BACKUP_KIND: Final = "countenance-backup+jws"
"""The ``typ`` of a manifest's JWS header."""

_MAGIC: Final = b"COUNTENANCE-BACKUP-1\n"
_PIECE: Final = 1024 * 1024
_LONGEST_LINE: Final = 64 * 1024
_LABEL: Final = "backup-sealing"


@dataclass(frozen=True, slots=True)
class BackupRecord:
    """A backup that was made.

    Attributes:
        backup_id: its identifier.
        made_at: when, UTC.
        last_day: until which day it is kept.
    """

    backup_id: str
    made_at: datetime
    last_day: date


class BackupRecords:
    """The backups that were made of one store.

    Args:
        database: where the rows are kept.
        row_mac: stamps and checks them.
    """

    def __init__(self, *, database: Database, row_mac: RowMac) -> None:
        self._database = database
        self._row_mac = row_mac

    def add(self, backup: BackupRecord) -> None:
        """Put a backup on record. One that is there already stays as it is."""
        with self._database.write() as session:
            if session.get(BackupRow, backup.backup_id) is None:
                row = BackupRow(
                    backup_id=backup.backup_id,
                    made_at=backup.made_at,
                    last_day=backup.last_day.isoformat(),
                )
                self._row_mac.stamp(row)
                session.add(row)

    def kept_on(self, day: date) -> tuple[BackupRecord, ...]:
        """Return the backups that may still be kept on a day, the oldest first.

        Raises:
            RecordTampered: if a row isn't as this deployment wrote it.
        """
        wanted = select(BackupRow).where(BackupRow.last_day >= day.isoformat())
        with self._database.read() as session:
            rows = session.scalars(wanted.order_by(BackupRow.made_at, BackupRow.backup_id)).all()
        for row in rows:
            self._row_mac.require(row)
        return tuple(
            BackupRecord(row.backup_id, row.made_at, date.fromisoformat(row.last_day)) for row in rows
        )


@dataclass(frozen=True, slots=True)
class BackupFile:
    """One backup on disk: what it says, and how to write and open it.

    Attributes:
        header: backup, deployment and wrapped master key.
        manifest: the signed manifest, a compact JWS; to be verified once the store's key is known.
    """

    header: Mapping[str, str]
    manifest: str

    @staticmethod
    def copy_of(database: Database) -> bytes:
        """Return one state of a database as the bytes of its file.

        Raises:
            BackupElsewhere: if it isn't one file, but a server's.
        """
        if not isinstance(database, SqliteDatabase):
            raise BackupElsewhere("The records are on a PostgreSQL server.")
        with closing(sqlite3.connect(":memory:")) as copy:
            database.copy_to(copy)
            return copy.serialize()

    def write(self, path: Path, content: bytes, *, key: bytes) -> str:
        """Write the file, 0600, whole or not at all; return its SHA-256, 64 hexadecimal digits.

        Raises:
            BackupUnreadable: if there is a file of that name, or it can't be written.
        """
        partial = path.with_name(path.name + ".part")
        hashed = hashlib.sha256()
        try:
            if path.exists():
                raise BackupUnreadable("There is a file of that name.", remedy="Name a new file.")
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                for part in self._parts(content, key):
                    hashed.update(part)
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            msg = f"The backup can't be written ({error.strerror})."
            raise BackupUnreadable(
                msg, remedy="Name a file in a folder that this user may write to."
            ) from None
        return hashed.hexdigest()

    @classmethod
    def open(cls, path: Path, *, provider: KeyProvider) -> tuple[BackupFile, bytes]:
        """Return a backup and the database in it. Its manifest isn't verified yet.

        Raises:
            BackupUnreadable: if it isn't a backup, was altered or cut, or the root key is another one.
        """
        try:
            with path.open("rb") as file:
                if file.read(len(_MAGIC)) != _MAGIC:
                    raise BackupUnreadable("The file isn't a backup.")
                header = json.loads(file.readline(_LONGEST_LINE))
                manifest = file.readline(_LONGEST_LINE).decode("ascii").rstrip("\n")
                deployment = DeploymentId(header["deployment"])
                master = provider.unwrap(bytes.fromhex(header["master"]), context=master_context(deployment))
                key = backup_key(master, deployment)
                content = b"".join(_pieces(file, key, header["backup"]))
        except OSError as error:
            msg = f"The backup can't be read ({error.strerror})."
            raise BackupUnreadable(msg) from None
        except (CountenanceError, ValueError, KeyError, TypeError) as error:
            if isinstance(error, BackupUnreadable):
                raise
            raise BackupUnreadable("The backup was altered or cut, or made under another root key.") from None
        return cls(header, manifest), content

    def _parts(self, content: bytes, key: bytes) -> Iterator[bytes]:
        yield _MAGIC
        yield canonical_json(dict(self.header)) + b"\n" + self.manifest.encode() + b"\n"
        last = max(0, len(content) - 1) // _PIECE
        for number in range(last + 1):
            piece = content[number * _PIECE : (number + 1) * _PIECE]
            bound = _bound(self.header["backup"], number, is_last=number == last)
            sealed = seal(key, piece, associated=bound)
            yield len(sealed).to_bytes(4, "big") + sealed


def _pieces(file: BinaryIO, key: bytes, backup_id: str) -> Iterator[bytes]:
    number = 0
    prefix = file.read(4)
    while prefix:
        length = int.from_bytes(prefix, "big")
        if not SEAL_OVERHEAD <= length <= _PIECE + SEAL_OVERHEAD:
            raise BackupUnreadable("A piece of the backup hasn't its length.")
        sealed = file.read(length)
        prefix = file.read(4)
        yield unseal(key, sealed, associated=_bound(backup_id, number, is_last=not prefix))
        number += 1
    if not number:
        raise BackupUnreadable("The backup is cut.")


def _bound(backup_id: str, number: int, *, is_last: bool) -> bytes:
    return canonical_json({"backup": backup_id, "last": is_last, "number": number})


def backup_key(master: bytes, deployment: DeploymentId) -> bytes:
    """Return the key under which a deployment's backups are sealed."""
    return derive_key(master, salt=deployment.encode(), label=_LABEL)


def master_context(deployment: str) -> bytes:
    """Return what the wrapped master key is bound to."""
    return canonical_json({"deployment": deployment, "key": "master"})


def place_database(folder: Path, content: bytes) -> Path:
    """Write a database (0600) into a new folder (0700); return the folder.

    Raises:
        BackupUnreadable: if it can't be written.
    """
    try:
        folder.mkdir(mode=0o700)
        handle = os.open(folder / DATABASE_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        msg = f"The backup can't be unpacked ({error.strerror})."
        raise BackupUnreadable(
            msg, remedy="Remove what an earlier try left beside the data folder."
        ) from None
    return folder
