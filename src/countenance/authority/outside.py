"""What somebody outside, or the deployment itself, has signed; looked at when filed and whenever asked.

Rules kept here:

* An outside record counts while its body's key is registered, may vouch for its key, and isn't revoked, and
  while the signature is over exactly what the record says: content, key, scope, validity, deployment.
* What the operator *is* (``actor.*``) counts as one signed statement of the deployment, made when it is set
  up; a single fact that somebody files beside it doesn't.
* A signature that was proved isn't proved again in this process; registration and revocation are looked at
  each time. Only hashes of proved tokens are remembered.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from countenance.authority.errors import OutsideSignatureRefused
from countenance.kernel import (
    DeploymentId,
    DeviceId,
    PlaceId,
    PurposeId,
    SubjectId,
    require_utc,
)
from countenance.kernel.canonical import JsonValue
from countenance.store import (
    Deployment,
    EvidenceKind,
    EvidenceRecord,
    EvidenceScope,
    Issuer,
    OutsideIssuer,
    OutsideVerifier,
    RecordTampered,
    RecordUnknown,
    SignatureRefused,
)

__all__ = [
    "DEPLOYMENT_KIND",
    "SIGNATURE",
    "SIGNED",
    "OutsideStatement",
    "SignatureSources",
    "Vouching",
    "is_signed_trigger",
]

SIGNATURE: Final = "outside_signature"
"""Member of an outside record's content that holds the statement as the body signed it."""
SIGNED: Final = "signed"
"""Member of a statement about the operator that holds the deployment's signature over all of them."""
DEPLOYMENT_KIND: Final = "countenance-deployment+jws"
"""The ``typ`` of the signed statement of a deployment."""

_SIGNED_TRIGGERS: Final = "actor."
_REMEMBERED: Final = 1024
_MEMBERS: Final = frozenset({"content", "deployment", "key", "scope", "valid_from", "valid_until"})
_SCOPE: Final = frozenset({"place", "purpose", "device", "subject"})


def is_signed_trigger(name: str) -> bool:
    """Return whether a trigger counts only as part of the deployment's signed statement."""
    return name.startswith(_SIGNED_TRIGGERS)


@dataclass(frozen=True, slots=True)
class OutsideStatement:
    """What a body outside signs: one record, for one deployment.

    Attributes:
        deployment: the deployment for which it is; no other takes it.
        key: the evidence key.
        scope: what it is about.
        content: what it says, in the key's form.
        valid_from: from when it counts, UTC.
        valid_until: the moment from which it no longer counts, UTC; a statement without end isn't taken.
    """

    deployment: DeploymentId
    key: str
    scope: EvidenceScope
    content: Mapping[str, JsonValue]
    valid_from: datetime
    valid_until: datetime

    def to_claims(self) -> dict[str, JsonValue]:
        """Return the payload to be signed; sign its canonical JSON (RFC 8785)."""
        scope = {name: getattr(self.scope, name) for name in sorted(_SCOPE)}
        return {
            "content": dict(self.content),
            "deployment": self.deployment,
            "key": self.key,
            "scope": {name: value for name, value in scope.items() if value is not None},
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat(),
        }

    @classmethod
    def from_claims(cls, claims: Mapping[str, object]) -> OutsideStatement:
        """Read a payload whose signature was verified.

        Raises:
            OutsideSignatureRefused: if it doesn't have exactly the members of a statement.
        """
        scope, content = claims.get("scope"), claims.get("content")
        if set(claims) != _MEMBERS or not isinstance(scope, dict) or not isinstance(content, dict):
            raise _not_a_statement()
        if set(scope) - _SCOPE or not all(isinstance(part, str) and part for part in scope.values()):
            raise _not_a_statement()
        try:
            begins = require_utc(datetime.fromisoformat(str(claims["valid_from"])))
            ends = require_utc(datetime.fromisoformat(str(claims["valid_until"])))
        except ValueError:
            raise _not_a_statement() from None
        return cls(
            deployment=DeploymentId(str(claims["deployment"])),
            key=str(claims["key"]),
            scope=_scope_of(scope),
            content=content,
            valid_from=begins,
            valid_until=ends,
        )

    @classmethod
    def of_record(cls, record: EvidenceRecord, deployment: DeploymentId) -> OutsideStatement | None:
        """Return what must have been signed for a record; ``None`` if it has no end, so nothing was."""
        if record.valid_until is None:
            return None
        return cls(
            deployment=deployment,
            key=record.key,
            scope=record.scope,
            content={name: value for name, value in record.content.items() if name != SIGNATURE},
            valid_from=record.valid_from,
            valid_until=record.valid_until,
        )


class RegisteredBodies(Protocol):
    """The register of bodies outside."""

    def get(self, key_id: str) -> OutsideIssuer:
        """Return a body; ``RecordUnknown`` if it isn't registered."""
        ...


class DeploymentSignatures(Protocol):
    """Checks the deployment's own signatures."""

    def verify(self, token: str, *, kind: str) -> Mapping[str, object]:
        """Return the claims of a token; ``SignatureRefused`` if it doesn't hold."""
        ...


class SignatureSources(Protocol):
    """What is needed to see whether signatures hold: a store, or an auditor's copy of its registers."""

    @property
    def deployment(self) -> Deployment:
        """Which deployment it is about."""
        ...

    @property
    def issuers(self) -> RegisteredBodies:
        """The bodies outside."""
        ...

    @property
    def signer(self) -> DeploymentSignatures:
        """What checks the deployment's own signatures."""
        ...


class Vouching:
    """Looks whether signatures hold.

    Args:
        store: where bodies are registered, and whose own signature a deployment's statement carries.
    """

    __slots__ = ("_lock", "_proved", "_store")

    def __init__(self, *, store: SignatureSources) -> None:
        self._store = store
        self._proved: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, token: str, *, at: datetime) -> tuple[OutsideStatement, OutsideIssuer]:
        """Return what a body outside signed, and which body it was.

        Args:
            token: the statement as a compact JWS.
            at: now, aware.

        Raises:
            OutsideSignatureRefused: if the signature isn't right, or the body isn't registered, may not vouch
                for the key, or was revoked; or the statement is for another deployment.
        """
        try:
            issuer = self._store.issuers.get(OutsideVerifier.key_id_of(token))
            statement = OutsideStatement.from_claims(OutsideVerifier(issuer.jwk).verify(token))
        except (SignatureRefused, RecordTampered) as error:
            raise OutsideSignatureRefused(error.message) from error
        except RecordUnknown as error:
            msg = "The statement is signed with a key that isn't registered here."
            raise OutsideSignatureRefused(msg) from error
        if statement.key not in issuer.keys:
            msg = "The body isn't registered as one that may vouch for this key."
            raise OutsideSignatureRefused(msg)
        if not _in_force(issuer, at):
            msg = "The body's key was revoked."
            raise OutsideSignatureRefused(msg)
        if statement.deployment != self._store.deployment.deployment_id:
            msg = "The statement is for another installation."
            raise OutsideSignatureRefused(msg)
        return statement, issuer

    def vouched(self, record: EvidenceRecord, *, at: datetime) -> bool:
        """Return whether the signature that a record needs holds at a moment.

        Args:
            record: a record of somebody outside, or a statement about the operator.
            at: the moment, aware.
        """
        if record.kind is EvidenceKind.STATEMENT:
            return self._deployment_says(record)
        token = record.content.get(SIGNATURE)
        if record.issuer is not Issuer.OUTSIDE or not isinstance(token, str):
            return False
        try:
            issuer = self._store.issuers.get(OutsideVerifier.key_id_of(token))
            return (
                record.key in issuer.keys
                and _in_force(issuer, at)
                and self._signed_exactly(record, token, issuer)
            )
        except (SignatureRefused, RecordUnknown, RecordTampered):
            return False

    def _signed_exactly(self, record: EvidenceRecord, token: str, issuer: OutsideIssuer) -> bool:
        """Return whether a body signed just what the record says.

        Raises:
            SignatureRefused: if it signed nothing of the sort.
        """
        mark = _mark(token, record.content_hash)
        if self._knows(mark):
            return True
        expected = OutsideStatement.of_record(record, self._store.deployment.deployment_id)
        signed = OutsideVerifier(issuer.jwk).verify(token)
        if expected is None or dict(signed) != expected.to_claims():
            return False
        self._remember(mark)
        return True

    def _deployment_says(self, record: EvidenceRecord) -> bool:
        token = record.content.get(SIGNED)
        if not isinstance(token, str):
            return False
        mark = _mark(token, f"{record.key}={record.content.get('value')}")
        if self._knows(mark):
            return True
        try:
            claims = self._store.signer.verify(token, kind=DEPLOYMENT_KIND)
        except SignatureRefused:
            return False
        facts = claims.get("facts")
        if claims.get("deployment") != self._store.deployment.deployment_id or not isinstance(facts, dict):
            return False
        if facts.get(record.key) is not record.content.get("value"):
            return False
        self._remember(mark)
        return True

    def _knows(self, mark: bytes) -> bool:
        with self._lock:
            return mark in self._proved

    def _remember(self, mark: bytes) -> None:
        with self._lock:
            self._proved[mark] = None
            while len(self._proved) > _REMEMBERED:
                self._proved.popitem(last=False)


def _mark(token: str, about: str) -> bytes:
    return hashlib.sha256(f"{token}\n{about}".encode()).digest()


def _in_force(issuer: OutsideIssuer, at: datetime) -> bool:
    return issuer.revoked_at is None or require_utc(at) < issuer.revoked_at


def _scope_of(scope: Mapping[str, str]) -> EvidenceScope:
    place, purpose = scope.get("place"), scope.get("purpose")
    device, subject = scope.get("device"), scope.get("subject")
    return EvidenceScope(
        place=None if place is None else PlaceId(place),
        purpose=None if purpose is None else PurposeId(purpose),
        device=None if device is None else DeviceId(device),
        subject=None if subject is None else SubjectId(subject),
    )


def _not_a_statement() -> OutsideSignatureRefused:
    msg = "What was signed isn't a statement for this product: content, deployment, key, scope, validity."
    return OutsideSignatureRefused(msg)
