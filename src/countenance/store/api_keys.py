"""API keys: issued once, kept as argon2id hashes, found by prefix, revoked.

Rules kept here:

* A key reads ``cnt_<prefix>_<secret>``: 8 characters that find the record, 52 that prove it (256 random
  bits), lower-case base 32.
* Only the hash of the secret is kept. The key is shown when it is issued, and never again.
* A wrong prefix, a wrong secret and a revoked key are refused in the same words, after the same work.
* Roles are under the row's MAC: editing the database gives nobody a role.
"""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select

from countenance.kernel import Clock, require_utc
from countenance.store._models import ApiKeyRow
from countenance.store.database import Database
from countenance.store.errors import ApiKeyRefused, RecordUnknown
from countenance.store.integrity import RowMac
from countenance.store.values import ApiKeyRecord

__all__ = ["ApiKeyRecords", "HoldsApiKeys", "check_api_key", "issue_api_key"]

_FORM = re.compile(r"cnt_([a-z2-7]{8})_([a-z2-7]{52})")
# OWASP's smallest argon2id setting (19 MiB, two passes). The secret has 256 random bits, so that the hash
# needn't slow down guessing as it must for a password; each request pays for it.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


class ApiKeyRecords:
    """The API keys on file.

    Args:
        database: where the rows are kept.
        row_mac: stamps and checks them.
    """

    def __init__(self, *, database: Database, row_mac: RowMac) -> None:
        self._database = database
        self._row_mac = row_mac

    def add(self, record: ApiKeyRecord) -> None:
        """Put a key on file.

        Raises:
            RecordExists: if the prefix is taken.
        """
        row = ApiKeyRow(
            prefix=record.prefix,
            name=record.name,
            roles=tuple(record.roles),
            hashed=record.hashed,
            created_at=record.created_at,
            revoked_at=record.revoked_at,
        )
        self._row_mac.stamp(row)
        with self._database.write() as session:
            session.add(row)

    def find(self, prefix: str) -> ApiKeyRecord | None:
        """Return the key with a prefix, revoked or not; ``None`` if there is none.

        Raises:
            RecordTampered: if its row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            row = session.get(ApiKeyRow, prefix)
        return None if row is None else self._value_of(row)

    def all(self) -> tuple[ApiKeyRecord, ...]:
        """Return all keys, the oldest first.

        Raises:
            RecordTampered: if a row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            rows = session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.created_at, ApiKeyRow.prefix)).all()
        return tuple(self._value_of(row) for row in rows)

    def revoke(self, prefix: str, *, at: datetime) -> ApiKeyRecord:
        """Revoke a key for good. A second revocation changes nothing.

        Returns:
            The key as it is now.

        Raises:
            RecordUnknown: if there is none with this prefix.
            RecordTampered: if its row isn't as this deployment wrote it.
        """
        with self._database.write() as session:
            row = session.get(ApiKeyRow, prefix)
            if row is None:
                raise RecordUnknown("No API key with this prefix is on file.")
            record = self._value_of(row)
            if record.revoked_at is None:
                row.revoked_at = require_utc(at)
                self._row_mac.stamp(row)
                record = replace(record, revoked_at=row.revoked_at)
        return record

    def _value_of(self, row: ApiKeyRow) -> ApiKeyRecord:
        self._row_mac.require(row)
        return ApiKeyRecord(row.prefix, row.name, row.roles, row.hashed, row.created_at, row.revoked_at)


class HoldsApiKeys(Protocol):
    """What the two functions below need of a store."""

    @property
    def api_keys(self) -> ApiKeyRecords:
        """The API keys on file."""
        ...


def issue_api_key(store: HoldsApiKeys, name: str, roles: tuple[str, ...], clock: Clock) -> str:
    """Make an API key, put its hash on file and return the key. It can't be shown again.

    Args:
        store: where it is put on file.
        name: the workplace or program that will use it, never a person's name.
        roles: what it may do; at least one.
        clock: says when it was issued.

    Raises:
        ValueError: if the name is empty or no role is given.
    """
    if not name or not roles:
        msg = "an API key has a name and at least one role"
        raise ValueError(msg)
    prefix, secret = _random_text(5), _random_text(32)
    store.api_keys.add(
        ApiKeyRecord(
            prefix=prefix,
            name=name,
            roles=tuple(sorted(set(roles))),
            hashed=_HASHER.hash(secret),
            created_at=clock.now(),
        )
    )
    return f"cnt_{prefix}_{secret}"


def check_api_key(store: HoldsApiKeys, presented: str, clock: Clock) -> ApiKeyRecord:
    """Return the record of a presented API key.

    Args:
        store: where it may be on file.
        presented: the key as it was sent.
        clock: says whether it is revoked by now.

    Raises:
        ApiKeyRefused: if it isn't a key of this store, or was revoked. The words don't say which.
        RecordTampered: if the key's row isn't as this deployment wrote it.
    """
    form = _FORM.fullmatch(presented)
    prefix, secret = form.groups() if form else ("", "")
    record = store.api_keys.find(prefix) if form else None
    # Without a record a hash is verified all the same, so that the time doesn't tell prefixes apart.
    known = _matches(record.hashed if record is not None else _hash_of_nothing(), secret)
    if record is None or not known or (record.revoked_at is not None and record.revoked_at <= clock.now()):
        raise ApiKeyRefused("The API key isn't known here.")
    return record


def _matches(hashed: str, secret: str) -> bool:
    try:
        return _HASHER.verify(hashed, secret)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hash_of_nothing() -> str:
    return _HASHER.hash(secrets.token_hex())


def _random_text(length: int) -> str:
    return base64.b32encode(secrets.token_bytes(length)).decode().rstrip("=").lower()
