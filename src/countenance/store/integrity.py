"""Whether a row of the database is as this deployment wrote it.

Rules kept here:

* The MAC of a row is HMAC-SHA256, under a key derived from the deployment's master key, over the
  canonical JSON of the deployment, the table and every other column.
* A row edited by hand, moved to another table or copied from another deployment has no fitting MAC, and
  isn't believed.
* What a MAC can't show: that a row was deleted, or that an earlier state of a row of this same
  deployment was put back. The transparency log shows these.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from json.encoder import encode_basestring
from typing import Final

from countenance.kernel import DeploymentId, canonical_json
from countenance.store._models import BelievedRow
from countenance.store.errors import RecordTampered

__all__ = ["RowMac"]

_MOST: Final = 2**53 - 1
"""JSON says no larger whole number exactly (RFC 8785)."""
_AS_THEY_ARE: Final = {None: "null", True: "true", False: "false"}


class RowMac:
    """Stamps rows and checks them.

    Args:
        key: 32 bytes, derived from the deployment's master key.
        deployment: the deployment whose rows these are.
    """

    def __init__(self, *, key: bytes, deployment: DeploymentId) -> None:
        self._key = key
        self._deployment = deployment

    def stamp(self, row: BelievedRow) -> None:
        """Set the row's MAC. Call it after the last change of any column."""
        row.mac = self._mac_of(row)

    def fits(self, row: BelievedRow) -> bool:
        """Say whether the row's MAC is that of its columns."""
        return _same(row.mac, self._mac_of(row))

    def require(self, row: BelievedRow) -> None:
        """Make sure that the row's MAC is that of its columns.

        Raises:
            RecordTampered: if it isn't.
        """
        if not self.fits(row):
            raise _not_as_written(row.__tablename__)

    def require_columns(self, table: type[BelievedRow], columns: Mapping[str, object]) -> None:
        """Make sure that the MAC among a row's columns is that of the others.

        For readers of many rows, who don't make an object of each.

        Args:
            table: whose row it is.
            columns: every column by name, as its type reads it.

        Raises:
            RecordTampered: if it isn't.
        """
        if not _same(columns.get("mac"), self._mac(table, columns)):
            raise _not_as_written(table.__tablename__)

    def name(self, text: str, *, use: str) -> bytes:
        """Return a name for a row that stands for a text and doesn't say it: 32 bytes.

        Args:
            text: what the name stands for.
            use: what it is used for; the same text has another name for another use. No MAC of a row is a
                name: their messages begin with a brace.

        Raises:
            ValueError: if the use isn't a plain word.
        """
        if not use.replace("-", "").isalpha():
            msg = "the use of a name is a word"
            raise ValueError(msg)
        message = f"{use}\0{self._deployment}\0{text}".encode()
        return hmac.digest(self._key, message, "sha256")

    def _mac_of(self, row: BelievedRow) -> bytes:
        table = type(row)
        return self._mac(table, {name: getattr(row, name) for name in _names(table)})

    def _mac(self, table: type[BelievedRow], columns: Mapping[str, object]) -> bytes:
        return hmac.digest(self._key, _message(table, columns, self._deployment), "sha256")


def _message(table: type[BelievedRow], columns: Mapping[str, object], deployment: str) -> bytes:
    """Return the canonical JSON of the columns, the deployment and the table, by these names.

    Written column by column, since the names stand already: a verdict works out a MAC for every record about
    a person, and putting the names in order each time was most of that.
    """
    said = ",".join([written + _spelled(columns[name]) for name, written in _written_names(table)])
    rest = f'}},"deployment":{encode_basestring(deployment)},"table":"{table.__tablename__}"}}'
    return ('{"columns":{' + said + rest).encode()


def _spelled(value: object) -> str:
    """Return one value as canonical JSON; times and bytes as text."""
    kind = type(value)
    if kind is str:
        return encode_basestring(value)  # type: ignore[arg-type]
    if value is None or kind is bool:
        return _AS_THEY_ARE[value]  # type: ignore[index]
    if kind is int and -_MOST <= value <= _MOST:  # type: ignore[operator]
        return str(value)
    if kind is bytes:
        return f'"{value.hex()}"'  # type: ignore[attr-defined]
    if kind is datetime:
        return f'"{value.isoformat()}"'  # type: ignore[attr-defined]
    return canonical_json(_as_json(value)).decode()


def _same(found: object, expected: bytes) -> bool:
    # Whoever edits the file can put text where bytes stood.
    return isinstance(found, bytes) and hmac.compare_digest(found, expected)


def _not_as_written(table: str) -> RecordTampered:
    return RecordTampered(f"A row of the table {table} isn't as this installation wrote it.")


@cache
def _written_names(table: type[BelievedRow]) -> tuple[tuple[str, str], ...]:
    """The columns under the MAC, sorted, each with its name as it stands in the message."""
    return tuple((name, f'"{name}":') for name in sorted(_names(table)))


@cache
def _names(table: type[BelievedRow]) -> tuple[str, ...]:
    """The columns under the MAC."""
    return tuple(column.name for column in table.__table__.columns if column.name != "mac")


def _as_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return list(value)
    return value
