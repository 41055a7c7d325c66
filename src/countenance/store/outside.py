"""Bodies outside that vouch: their public keys, what they may vouch for, and their signatures.

Rules kept here:

* A key is registered before it counts, with who registered it, and may be revoked, once, for good.
* Ed25519 (RFC 8032, ``alg`` Ed25519 as in RFC 9864) and ECDSA on P-256 (``alg`` ES256) alone.
* A statement is a compact JWS whose header holds exactly ``alg``, ``kid`` and ``typ``; its payload is
  canonical JSON (RFC 8785), byte for byte.
* Registering and revoking raise the epoch of the evidence, so that every door looks again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey
from sqlalchemy import select

from countenance.kernel import canonical_json, require_utc
from countenance.store._models import OutsideIssuerRow
from countenance.store.database import Database
from countenance.store.errors import RecordUnknown, SignatureRefused
from countenance.store.evidence import EvidenceRecords
from countenance.store.integrity import RowMac

__all__ = ["OUTSIDE_KIND", "OutsideIssuer", "OutsideIssuers", "OutsideKind", "OutsideVerifier"]

OUTSIDE_KIND: Final = "countenance-outside+jws"
"""The ``typ`` of an outside statement's JWS header."""

_ED25519_MEMBERS: Final = ("crv", "kty", "x")
_P256_MEMBERS: Final = ("crv", "kty", "x", "y")
_LONGEST_TOKEN: Final = 200_000


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


class OutsideVerifier:
    """Checks one body's statements with its public key alone.

    Args:
        jwk: an Ed25519 key (``kty`` OKP) or a key on P-256 (``kty`` EC).

    Raises:
        SignatureRefused: if it is neither.
    """

    def __init__(self, jwk: Mapping[str, str]) -> None:
        kind = (jwk.get("kty"), jwk.get("crv"))
        try:
            # Only the public members: a private key handed in by mistake isn't kept.
            if kind == ("OKP", "Ed25519"):
                self._key: OKPKey | ECKey = OKPKey.import_key({name: jwk[name] for name in _ED25519_MEMBERS})
                self._algorithms = ["Ed25519"]
                self._members: tuple[str, ...] = _ED25519_MEMBERS
            elif kind == ("EC", "P-256"):
                self._key = ECKey.import_key({name: jwk[name] for name in _P256_MEMBERS})
                self._algorithms, self._members = ["ES256"], _P256_MEMBERS
            else:
                raise SignatureRefused("The public key is neither an Ed25519 key nor one on P-256.")
            self._key_id = self._key.thumbprint()
        except (JoseError, KeyError, ValueError, TypeError):
            raise SignatureRefused("The public key isn't a well-formed JWK.") from None

    @property
    def key_id(self) -> str:
        """The thumbprint of the public key (RFC 7638)."""
        return self._key_id

    def public_jwk(self) -> Mapping[str, str]:
        """Return the public key as a JWK."""
        return {name: str(self._key.as_dict(private=False)[name]) for name in self._members}

    def verify(self, token: str) -> Mapping[str, object]:
        """Return what a statement says.

        Raises:
            SignatureRefused: if the signature, the algorithm, the key, the kind or the form isn't right.
        """
        if len(token) > _LONGEST_TOKEN:
            raise SignatureRefused("The statement is too long.")
        try:
            statement = jws.deserialize_compact(token, self._key, algorithms=self._algorithms)
            claims = json.loads(statement.payload)
            canonical = isinstance(claims, dict) and canonical_json(claims) == statement.payload
        except (JoseError, ValueError, TypeError, RecursionError):
            raise SignatureRefused("The statement's signature or form isn't right.") from None
        header = statement.headers()
        if header != {"alg": header.get("alg"), "kid": self._key_id, "typ": OUTSIDE_KIND}:
            raise SignatureRefused("The statement is of another kind, or signed with another key.")
        if not canonical:
            raise SignatureRefused("The statement isn't canonical JSON.")
        return dict(claims)

    @staticmethod
    def key_id_of(token: str) -> str:
        """Return the key that a statement says it was signed with; nothing is checked yet.

        Raises:
            SignatureRefused: if it isn't a compact JWS that names one.
        """
        try:
            named = jws.extract_compact(token.encode()).headers().get("kid")
        except (JoseError, ValueError, TypeError, UnicodeError):
            named = None
        if not isinstance(named, str):
            raise SignatureRefused("The statement isn't a compact JWS that names its key.")
        return named


class OutsideIssuers:
    """The bodies outside that this deployment knows. Safe to use from several threads.

    Args:
        database: where the rows are kept.
        row_mac: stamps and checks them.
        evidence: whose epoch each change raises.
    """

    def __init__(self, *, database: Database, row_mac: RowMac, evidence: EvidenceRecords) -> None:
        self._database = database
        self._row_mac = row_mac
        self._evidence = evidence

    def add(self, issuer: OutsideIssuer) -> None:
        """Register a body.

        Raises:
            SignatureRefused: if its public key is of the wrong kind, or its ``key_id`` isn't that key's.
            RecordExists: if the key is registered already, revoked or not.
        """
        verifier = OutsideVerifier(issuer.jwk)
        if verifier.key_id != issuer.key_id:
            raise SignatureRefused("The key's identifier isn't its thumbprint.")
        row = OutsideIssuerRow(
            key_id=issuer.key_id,
            name=issuer.name,
            kind=issuer.kind.value,
            jwk=canonical_json(dict(verifier.public_jwk())).decode(),
            keys=tuple(sorted(issuer.keys)),
            registered_by=issuer.registered_by,
            registered_at=issuer.registered_at,
        )
        self._row_mac.stamp(row)
        with self._database.write() as session:
            session.add(row)
            self._evidence.advance_in(session)

    def get(self, key_id: str) -> OutsideIssuer:
        """Return a body, revoked or not.

        Raises:
            RecordUnknown: if no such key is registered.
            RecordTampered: if its row isn't as this deployment wrote it.
        """
        with self._database.read() as session:
            row = session.get(OutsideIssuerRow, key_id)
        if row is None:
            raise RecordUnknown("No body outside with this key is registered.")
        return self._value_of(row)

    def all(self) -> tuple[OutsideIssuer, ...]:
        """Return every body, the first registered in front.

        Raises:
            RecordTampered: if a row isn't as this deployment wrote it.
        """
        wanted = select(OutsideIssuerRow).order_by(OutsideIssuerRow.registered_at, OutsideIssuerRow.key_id)
        with self._database.read() as session:
            rows = session.scalars(wanted).all()
        return tuple(self._value_of(row) for row in rows)

    def revoke(self, key_id: str, *, at: datetime, by: str) -> OutsideIssuer:
        """Revoke a body's key for good. A second revocation changes nothing.

        Args:
            key_id: which key.
            at: from when its word no longer counts, aware.
            by: the role or key id that revokes it, never a name.

        Raises:
            RecordUnknown: if no such key is registered.
            RecordTampered: if its row isn't as this deployment wrote it.
        """
        with self._database.write() as session:
            row = session.get(OutsideIssuerRow, key_id)
            if row is None:
                raise RecordUnknown("No body outside with this key is registered.")
            self._row_mac.require(row)
            if row.revoked_at is None:
                row.revoked_at, row.revoked_by = require_utc(at), by
                self._row_mac.stamp(row)
                self._evidence.advance_in(session)
            return self._value_of(row)

    def _value_of(self, row: OutsideIssuerRow) -> OutsideIssuer:
        self._row_mac.require(row)
        return OutsideIssuer(
            key_id=row.key_id,
            name=row.name,
            kind=OutsideKind(row.kind),
            jwk=json.loads(row.jwk),
            keys=row.keys,
            registered_by=row.registered_by,
            registered_at=row.registered_at,
            revoked_at=row.revoked_at,
        )
