"""API keys: issued once, kept as argon2id hashes, found by prefix, revoked.

Rules kept here:

* A key reads ``cnt_<prefix>_<secret>``: 8 characters that find the record, 52 that prove it (256 random
  bits), lower-case base 32.
* Only the hash of the secret is kept. The key is shown when it is issued, and never again.
* A wrong prefix, a wrong secret and a revoked key are refused in the same words, after the same work.
* Roles are under the row's MAC: editing the database gives nobody a role.
* A key that was proved may be believed for a minute without hashing it again. What is remembered is a
  digest under a key of this process, and the row, its MAC and its revocation are looked at each time.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import threading
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime, timedelta
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

__all__ = ["ApiKeyRecords", "HoldsApiKeys", "ProvedKeys", "check_api_key", "issue_api_key"]

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


class ProvedKeys:
    """Remembers for a short while which secrets were proved against which hashes, in memory alone.

    Holds no secret: what is kept is HMAC-SHA256 of secret and hash, under a random key of this object.
    A new hash on file, which is a new key, was never proved.

    Args:
        lifetime: how long a proof stands; positive.
        most: how many are remembered; the oldest goes first. At least one.

    Raises:
        ValueError: if a limit isn't positive.
    """

    __slots__ = ("_key", "_lifetime", "_lock", "_most", "_proved")

    def __init__(self, *, lifetime: timedelta = timedelta(minutes=1), most: int = 256) -> None:
        if lifetime <= timedelta(0) or most < 1:
            msg = "a proof stands for some time, and one is remembered at least"
            raise ValueError(msg)
        self._key = secrets.token_bytes(32)
        self._lifetime = lifetime
        self._lock = threading.Lock()
        self._most = most
        self._proved: OrderedDict[bytes, datetime] = OrderedDict()

    def knows(self, hashed: str, secret: str, *, now: datetime) -> bool:
        """Say whether this secret was proved against this hash a short while ago."""
        with self._lock:
            proved_at = self._proved.get(self._digest(hashed, secret))
        return proved_at is not None and timedelta(0) <= now - proved_at < self._lifetime

    def remember(self, hashed: str, secret: str, *, now: datetime) -> None:
        """Note that this secret was proved against this hash now."""
        with self._lock:
            self._proved[self._digest(hashed, secret)] = now
            while len(self._proved) > self._most:
                self._proved.popitem(last=False)

    def _digest(self, hashed: str, secret: str) -> bytes:
        return hmac.digest(self._key, f"{hashed}\n{secret}".encode(), "sha256")


def check_api_key(
    store: HoldsApiKeys, presented: str, clock: Clock, *, proved: ProvedKeys | None = None
) -> ApiKeyRecord:
    """Return the record of a presented API key.

    Args:
        store: where it may be on file.
        presented: the key as it was sent.
        clock: says whether it is revoked by now.
        proved: remembers proofs, so that a program that asks often isn't hashed each time; every call
            hashes if left out.

    Raises:
        ApiKeyRefused: if it isn't a key of this store, or was revoked. The words don't say which.
        RecordTampered: if the key's row isn't as this deployment wrote it.
    """
    form = _FORM.fullmatch(presented)
    prefix, secret = form.groups() if form else ("", "")
    record = store.api_keys.find(prefix) if form else None
    # Without a record a hash is verified all the same, so that the time doesn't tell prefixes apart.
    hashed, now = record.hashed if record is not None else _hash_of_nothing(), clock.now()
    known = proved is not None and proved.knows(hashed, secret, now=now)
    if not known and _matches(hashed, secret):
        known = True
        if proved is not None:
            proved.remember(hashed, secret, now=now)
    if record is None or not known or (record.revoked_at is not None and record.revoked_at <= now):
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
