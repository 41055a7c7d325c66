"""Data keys of people: what is sealed under one is erased by destroying it.

Rules kept here:

* One data key for each (subject, purpose), made when first needed, wrapped under a key derived from the
  deployment's master key, kept in the database in wrapped form alone.
* A sealed value is bound to deployment, subject, purpose and context; it opens for nothing else.
* Destroying deletes the wrapped key from the database file and from its write-ahead log, and leaves a
  tombstone that names nobody, so that a restored backup can be made to destroy it again.
* A destroyed key doesn't come back. Sealing for the same subject and purpose later makes another one.

A blob of version 1 is ``01 | key id (16 bytes) | sealed value`` (see ``sealing``).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, NoReturn

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import Session

from countenance.kernel import Clock, DeploymentId, PurposeId, SubjectId, canonical_json
from countenance.store._models import DataKeyRow, DestroyedKeyRow
from countenance.store.database import Database
from countenance.store.errors import ErasureUnfinished, SealBroken, SealKeyDestroyed
from countenance.store.integrity import RowMac
from countenance.store.prepared import Prepared
from countenance.store.sealing import SEAL_OVERHEAD, Cipher, new_key, seal, unseal, unseal_with

__all__ = ["UNBOUND", "DestroyedKey", "Vault", "sealed_under"]

UNBOUND = PurposeId("pur_unbound")
"""Stands for the purpose where something concerns a subject but no one purpose."""

_KEYS_READ = "countenance.data-keys"
_KEY_BY_ID = Prepared(
    select(DataKeyRow.subject, DataKeyRow.purpose, DataKeyRow.wrapped).where(
        DataKeyRow.key_id == bindparam("key_id")
    )
)
_VERSION = b"\x01"
_KEY_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class DestroyedKey:
    """That a data key was destroyed.

    Attributes:
        key_id: 32 hexadecimal digits. It says nothing about whose the key was.
        purpose: what it was for.
        destroyed_at: when, UTC.
    """

    key_id: str
    purpose: PurposeId
    destroyed_at: datetime


class _Held(NamedTuple):
    """A data key as a session holds it: whose, what for, made ready, and what all it seals is bound to."""

    subject: str
    purpose: str
    cipher: Cipher
    whose: bytes


def sealed_under(sealed: bytes) -> bytes:
    """Return the id of the data key that a sealed value names, 16 bytes."""
    return sealed[1 : 1 + _KEY_ID_BYTES]


class Vault:
    """Seals values for a subject and a purpose. Safe to use from several threads.

    Args:
        database: where the wrapped keys are kept.
        wrapping_key: 32 bytes, derived from the deployment's master key.
        deployment: the deployment that everything is bound to.
        row_mac: stamps the tombstones.
        clock: says when a key was destroyed.
    """

    def __init__(
        self,
        *,
        database: Database,
        wrapping_key: bytes,
        deployment: DeploymentId,
        row_mac: RowMac,
        clock: Clock,
    ) -> None:
        self._database = database
        self._wrapping_key = wrapping_key
        self._deployment = deployment
        self._row_mac = row_mac
        self._clock = clock

    def seal(
        self, subject: SubjectId, purpose: PurposeId, plaintext: bytes, *, context: Mapping[str, str]
    ) -> bytes:
        """Return the plaintext sealed under the subject's data key for the purpose.

        Args:
            subject: whose data it is; a pseudonym.
            purpose: what it is for.
            plaintext: any bytes.
            context: what it is, such as ``{"record": "decision"}``; must be given again to open it.
        """
        return self.seal_all(subject, purpose, ((plaintext, context),))[0]

    def seal_all(
        self, subject: SubjectId, purpose: PurposeId, values: Iterable[tuple[bytes, Mapping[str, str]]]
    ) -> tuple[bytes, ...]:
        """Return values sealed as :meth:`seal` seals each, with the data key read once.

        Args:
            subject: whose data it is; a pseudonym.
            purpose: what it is for.
            values: each the bytes and their context.
        """
        key_id, key = self._key_for(subject, purpose)
        whose = self._whose(subject, purpose, key_id)
        return tuple(
            _VERSION + key_id + seal(key, plaintext, associated=_bound_to(context, whose))
            for plaintext, context in values
        )

    def open(
        self, subject: SubjectId, purpose: PurposeId, sealed: bytes, *, context: Mapping[str, str]
    ) -> bytes:
        """Return what was sealed.

        Raises:
            SealKeyDestroyed: if its data key was destroyed.
            SealBroken: if it was altered, or sealed for another subject, purpose, context or deployment.
            RecordTampered: if the tombstone of its key isn't as it was written.
        """
        with self._database.read() as session:
            return self.open_in(session, subject, purpose, sealed, context=context)

    def open_in(
        self,
        session: Session,
        subject: SubjectId,
        purpose: PurposeId,
        sealed: bytes,
        *,
        context: Mapping[str, str],
    ) -> bytes:
        """Return what was sealed, reading keys in a session that is open already.

        For this package's own readers of many rows; otherwise as :meth:`open`.
        """
        if len(sealed) < len(_VERSION) + _KEY_ID_BYTES + SEAL_OVERHEAD or sealed[:1] != _VERSION:
            raise SealBroken("A sealed value doesn't have a form that this version can open.")
        key_id, blob = sealed[1 : 1 + _KEY_ID_BYTES], sealed[1 + _KEY_ID_BYTES :]
        # A person's records, read in a row, share one key; it goes when the session does.
        held: dict[bytes, _Held] = session.info.setdefault(_KEYS_READ, {})
        key = held.get(key_id)
        if key is None:
            key = held[key_id] = self._key_read(session, key_id)
        if key.subject != subject or key.purpose != purpose:
            raise SealBroken("A sealed value was sealed for another subject or purpose.")
        associated = _bound_to(context, key.whose)
        return unseal_with(key.cipher, blob, associated=associated)

    def read_keys_in(self, session: Session, sealed: Iterable[bytes]) -> None:
        """Read the keys of many sealed values at once, instead of those that were read so before.

        What has no key here is refused when it is opened.
        """
        ids = {one[1 : 1 + _KEY_ID_BYTES] for one in sealed if one[:1] == _VERSION}
        wanted = select(DataKeyRow.key_id, DataKeyRow.subject, DataKeyRow.purpose, DataKeyRow.wrapped)
        session.info[_KEYS_READ] = {
            key_id: self._held(subject, purpose, key_id, wrapped)
            for key_id, subject, purpose, wrapped in session.execute(wanted.where(DataKeyRow.key_id.in_(ids)))
        }

    def destroy(self, subject: SubjectId, purpose: PurposeId) -> bool:
        """Destroy the subject's data key for the purpose, and so everything sealed under it.

        Returns:
            Whether there was a key.

        Raises:
            ErasureUnfinished: if the key is gone from the database but another reader keeps its
                write-ahead log from being emptied.
        """
        return (
            self._destroy(
                DataKeyRow.subject == subject,
                DataKeyRow.purpose == purpose,
            )
            > 0
        )

    def destroy_subject(self, subject: SubjectId) -> int:
        """Destroy all data keys of a subject, whatever they were for.

        Returns:
            How many there were.

        Raises:
            ErasureUnfinished: as :meth:`destroy`.
        """
        return self._destroy(DataKeyRow.subject == subject)

    def destroyed(self) -> tuple[DestroyedKey, ...]:
        """Return the tombstones, the oldest first.

        Raises:
            RecordTampered: if one isn't as it was written.
        """
        with self._database.read() as session:
            rows = session.scalars(
                select(DestroyedKeyRow).order_by(DestroyedKeyRow.destroyed_at, DestroyedKeyRow.key_id)
            ).all()
        for row in rows:
            self._row_mac.require(row)
        return tuple(DestroyedKey(row.key_id.hex(), PurposeId(row.purpose), row.destroyed_at) for row in rows)

    def destroy_in(
        self, session: Session, subject: SubjectId, purpose: PurposeId | None
    ) -> tuple[tuple[DestroyedKey, ...], tuple[bytes, ...]]:
        """Destroy keys in a transaction that is open already; whoever ends it empties the write-ahead log.

        Args:
            session: of the transaction.
            subject: whose keys.
            purpose: for what; all purposes if ``None``.

        Returns:
            The tombstones, and the wrapped keys as they stood in the file, to be sought there afterwards.
        """
        conditions = [DataKeyRow.subject == subject]
        if purpose is not None:
            conditions.append(DataKeyRow.purpose == purpose)
        rows = session.scalars(select(DataKeyRow).where(*conditions).order_by(DataKeyRow.key_id)).all()
        return tuple(self._bury(session, row) for row in rows), tuple(row.wrapped for row in rows)

    def forget_names(self) -> int:
        """Take the person's pseudonym out of tombstones of earlier versions; return of how many.

        Raises:
            RecordTampered: if one isn't as it was written.
        """
        with self._database.write() as session:
            rows = session.scalars(select(DestroyedKeyRow).where(DestroyedKeyRow.subject != "")).all()
            for row in rows:
                self._row_mac.require(row)
                row.subject = ""
                self._row_mac.stamp(row)
        return len(rows)

    def bury_in(self, session: Session, key_id: str, purpose: PurposeId) -> None:
        """Leave a tombstone for a key that this store no longer has, or never had; once."""
        if session.get(DestroyedKeyRow, bytes.fromhex(key_id)) is None:
            self._add_tombstone(session, bytes.fromhex(key_id), purpose)

    def whose_in(self, session: Session, key_id: str) -> tuple[SubjectId, PurposeId] | None:
        """Return whose a data key is, and what for; ``None`` where this store doesn't have it."""
        row = session.get(DataKeyRow, bytes.fromhex(key_id))
        return None if row is None else (SubjectId(row.subject), PurposeId(row.purpose))

    def is_buried_in(self, session: Session, key_id: str) -> bool:
        """Say whether a key has its tombstone here."""
        return session.get(DestroyedKeyRow, bytes.fromhex(key_id)) is not None

    def _bury(self, session: Session, row: DataKeyRow) -> DestroyedKey:
        at = self._add_tombstone(session, row.key_id, PurposeId(row.purpose))
        session.delete(row)
        return DestroyedKey(row.key_id.hex(), PurposeId(row.purpose), at)

    def _add_tombstone(self, session: Session, key_id: bytes, purpose: PurposeId) -> datetime:
        tombstone = DestroyedKeyRow(
            key_id=key_id, subject="", purpose=purpose, destroyed_at=self._clock.now()
        )
        self._row_mac.stamp(tombstone)
        session.add(tombstone)
        return tombstone.destroyed_at

    def _destroy(self, *conditions: ColumnElement[bool]) -> int:
        with self._database.write() as session:
            rows = session.scalars(select(DataKeyRow).where(*conditions)).all()
            for row in rows:
                self._bury(session, row)
        # The deleted cell is zeroed in the database file (secure_delete); earlier pages are still in the
        # write-ahead log until it is emptied. Also when nothing was deleted: a first try may have failed.
        if not self._database.truncate_write_ahead_log():
            raise ErasureUnfinished("The data key is deleted, but the write-ahead log couldn't be emptied.")
        return len(rows)

    def _key_for(self, subject: SubjectId, purpose: PurposeId) -> tuple[bytes, bytes]:
        wanted = select(DataKeyRow).where(DataKeyRow.subject == subject, DataKeyRow.purpose == purpose)
        with self._database.read() as session:
            row = session.scalar(wanted)
        if row is None:
            with self._database.write() as session:
                # Another thread or process may have been faster.
                row = session.scalar(wanted)
                if row is None:
                    row = self._new_row(subject, purpose)
                    session.add(row)
        return row.key_id, self._unwrap(row)

    def _new_row(self, subject: SubjectId, purpose: PurposeId) -> DataKeyRow:
        key_id = secrets.token_bytes(_KEY_ID_BYTES)
        associated = self._associated(subject, purpose, key_id, context=None)
        wrapped = seal(self._wrapping_key, new_key(), associated=associated)
        return DataKeyRow(key_id=key_id, subject=subject, purpose=purpose, wrapped=wrapped)

    def _unwrap(self, row: DataKeyRow) -> bytes:
        associated = self._associated(row.subject, row.purpose, row.key_id, context=None)
        return unseal(self._wrapping_key, row.wrapped, associated=associated)

    def _key_read(self, session: Session, key_id: bytes) -> _Held:
        """Return whose a data key is, what for, and the key itself."""
        found = _KEY_BY_ID.rows(session, key_id=key_id)
        if not found:
            self._refuse_without_key(session, key_id)
        subject, purpose, wrapped = found[0]
        return self._held(subject, purpose, key_id, wrapped)

    def _held(self, subject: str, purpose: str, key_id: bytes, wrapped: bytes) -> _Held:
        whose = self._whose(subject, purpose, key_id)
        key = unseal(self._wrapping_key, wrapped, associated=_bound_to(None, whose))
        return _Held(subject, purpose, Cipher(key), whose)

    def _refuse_without_key(self, session: Session, key_id: bytes) -> NoReturn:
        tombstone = session.get(DestroyedKeyRow, key_id)
        if tombstone is None:
            raise SealBroken(
                "A sealed value names a data key that this store never had, or that was taken out."
            )
        self._row_mac.require(tombstone)
        raise SealKeyDestroyed("The data key of this sealed value was destroyed.")

    def _associated(
        self, subject: str, purpose: str, key_id: bytes, *, context: Mapping[str, str] | None
    ) -> bytes:
        """Return what a sealed value (or, without a context, a wrapped key) is bound to."""
        return _bound_to(context, self._whose(subject, purpose, key_id))

    def _whose(self, subject: str, purpose: str, key_id: bytes) -> bytes:
        """Return the part of it that is the same for all that one data key seals."""
        return canonical_json(
            {"deployment": self._deployment, "key": key_id.hex(), "purpose": purpose, "subject": subject}
        )


def _bound_to(context: Mapping[str, str] | None, whose: bytes) -> bytes:
    """Return the canonical JSON of a context and of whose the key is; ``context`` sorts first."""
    said = canonical_json(None if context is None else dict(context))
    return b'{"context":' + said + b"," + whose[1:]
