"""Bodies outside that sign: keys of their own and statements put together by hand, as they would."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from countenance.kernel import canonical_json
from countenance.store import OUTSIDE_KIND, OutsideIssuer, OutsideKind, OutsideVerifier


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True)
class Body:
    """Somebody outside with a key pair."""

    private: Ed25519PrivateKey | ec.EllipticCurvePrivateKey
    name: str = "District court"
    kind: OutsideKind = OutsideKind.COURT

    @classmethod
    def ed25519(cls, seed: int = 1, **told: object) -> Body:
        return cls(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32), **told)  # type: ignore[arg-type]

    @classmethod
    def p256(cls, seed: int = 1, **told: object) -> Body:
        return cls(ec.derive_private_key(seed, ec.SECP256R1()), **told)  # type: ignore[arg-type]

    @property
    def jwk(self) -> dict[str, str]:
        if isinstance(self.private, Ed25519PrivateKey):
            x = self.private.public_key().public_bytes_raw()
            return {"kty": "OKP", "crv": "Ed25519", "x": b64(x)}
        numbers = self.private.public_key().public_numbers()
        x, y = (n.to_bytes(32, "big") for n in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": b64(x), "y": b64(y)}

    @property
    def algorithm(self) -> str:
        return "Ed25519" if isinstance(self.private, Ed25519PrivateKey) else "ES256"

    @property
    def key_id(self) -> str:
        return OutsideVerifier(self.jwk).key_id

    def issuer(self, *keys: str, at: datetime, by: str = "officer") -> OutsideIssuer:
        return OutsideIssuer(
            key_id=self.key_id,
            name=self.name,
            kind=self.kind,
            jwk=self.jwk,
            keys=keys,
            registered_by=by,
            registered_at=at,
        )

    def sign(
        self,
        claims: Mapping[str, object],
        *,
        header: Mapping[str, object] | None = None,
        payload: bytes | None = None,
    ) -> str:
        """A compact JWS over the claims, by hand."""
        told = {"alg": self.algorithm, "kid": self.key_id, "typ": OUTSIDE_KIND} if header is None else header
        body = canonical_json(dict(claims)) if payload is None else payload
        signing_input = f"{b64(json.dumps(told).encode())}.{b64(body)}"
        return f"{signing_input}.{b64(self._signature(signing_input.encode()))}"

    def _signature(self, message: bytes) -> bytes:
        if isinstance(self.private, Ed25519PrivateKey):
            return self.private.sign(message)
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
