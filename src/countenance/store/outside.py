"""Bodies outside that vouch: their public keys, what they may vouch for, and their signatures.

Rules kept here:

* A key is registered before it counts, with who registered it, and may be revoked, once, for good.
* Ed25519 (RFC 8032, ``alg`` Ed25519 or EdDSA) and ECDSA on P-256 (``alg`` ES256) alone.
* A statement is a compact JWS whose header holds exactly ``alg``, ``kid`` and ``typ``; its payload is
  canonical JSON (RFC 8785), byte for byte.
* Registering and revoking raise the epoch of the evidence, so that every door looks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["OUTSIDE_KIND", "OutsideIssuer", "OutsideKind"]

OUTSIDE_KIND = "countenance-outside+jws"
"""The ``typ`` of an outside statement's JWS header."""


class OutsideKind(StrEnum):
    """What sort of body it is."""

    COURT = "court"
    AUTHORITY = "authority"
    GUARDIAN = "guardian"
    LABORATORY = "laboratory"
    AUDITOR = "auditor"
    RECIPIENT = "recipient"


@dataclass(frozen=True, slots=True)
class OutsideIssuer:
    """A body outside that vouches for records.

    Attributes:
        key_id: the thumbprint of its public key (RFC 7638).
        name: the body's name; a guardian's pseudonym, never a person's name.
        kind: what sort of body.
        jwk: its public key as a JWK.
        keys: the evidence keys for which it may vouch; sorted.
        registered_by: the role or key id that registered it.
        registered_at: when, UTC.
        revoked_at: from when its word no longer counts, UTC; ``None`` while it does.
    """

    key_id: str
    name: str
    kind: OutsideKind
    jwk: Mapping[str, str]
    keys: tuple[str, ...]
    registered_by: str
    registered_at: datetime
    revoked_at: datetime | None = None
