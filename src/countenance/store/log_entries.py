"""The values of the transparency log, and the commitment that makes a leaf of a statement."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from countenance.kernel import PurposeId, SubjectId, canonical_json

__all__ = ["ERASED_KIND", "LogDraft", "LogEntry", "LogReceipt", "commit"]

ERASED_KIND = "log-erased"
"""The kind of the entry that says which statements were erased."""


@dataclass(frozen=True, slots=True)
class LogDraft:
    """An entry that is to be appended.

    Attributes:
        kind: what it is about, such as ``permit-issued``.
        entry: JSON values: identifiers, hashes and outcomes, never a name, a score or a picture.
        subject: whom it concerns; the statement is then sealed under this subject's data key.
        purpose: what for, where a subject is concerned.
    """

    kind: str
    entry: Mapping[str, object]
    subject: SubjectId | None = None
    purpose: PurposeId | None = None


@dataclass(frozen=True, slots=True)
class LogReceipt:
    """Where an entry stands.

    Attributes:
        index: its position, from 0.
        leaf_hash: the hash of its leaf, 64 hexadecimal digits.
        tree_size: how many leaves the tree had right after it.
    """

    index: int
    leaf_hash: str
    tree_size: int


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry as it is read back.

    Attributes:
        index: its position, from 0.
        leaf_hash: the hash of its leaf, 64 hexadecimal digits.
        at: when it was appended, UTC; ``None`` once erased.
        kind: what it is about; ``None`` once erased.
        entry: what it says; ``None`` once erased.
        salt: 64 hexadecimal digits; with it anybody can check the leaf. ``None`` once erased.
    """

    index: int
    leaf_hash: str
    at: datetime | None
    kind: str | None
    entry: Mapping[str, object] | None = field(repr=False)
    salt: str | None = field(repr=False)

    @property
    def erased(self) -> bool:
        """Whether only the leaf is left."""
        return self.entry is None


def commit(statement: Mapping[str, object], *, salt: bytes) -> bytes:
    """Return what a leaf holds: HMAC-SHA256 under the salt over the statement's canonical JSON.

    Args:
        statement: ``at`` (ISO 8601), ``entry`` (a mapping) and ``kind``.
        salt: 32 bytes.
    """
    return hmac.digest(salt, canonical_json(dict(statement)), hashlib.sha256)
