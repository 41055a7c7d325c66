"""Signatures of this deployment: statements as compact JWS, checkpoints as signed notes.

Rules kept here:

* Ed25519 alone (RFC 8032), as JWS algorithm ``Ed25519`` (RFC 9864, the fully specified name of what
  ``EdDSA`` left open). A token that names any other algorithm, ``none`` included, is refused.
* The header holds exactly ``alg``, ``kid`` and ``typ``. ``typ`` is the kind of statement: one kind never
  verifies as another. ``kid`` is the thumbprint of the public key (RFC 7638).
* The payload is canonical JSON (RFC 8785), byte for byte; one statement has one form.
* The private key is handed in by the store, which keeps it wrapped, and never leaves this object.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from countenance.kernel import canonical_json
from countenance.store.errors import SignatureRefused

__all__ = ["ALGORITHM", "Ed25519Signer", "PublicVerifier", "new_signing_key", "public_jwk_of"]

ALGORITHM = "Ed25519"
"""The ``alg`` of every statement (RFC 9864)."""

_PUBLIC_MEMBERS = ("crv", "kty", "x")


def new_signing_key() -> bytes:
    """Return a new Ed25519 private key as its 32 bytes."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_jwk_of(private_key: bytes) -> Mapping[str, str]:
    """Return the public key of an Ed25519 private key of 32 bytes, as a JWK."""
    return Ed25519Signer(private_key=private_key).public_jwk()


class PublicVerifier:
    """Checks statements with the public key alone: no store, no network.

    Args:
        jwk: the public key as :meth:`Ed25519Signer.public_jwk` gives it (``kty`` OKP, ``crv`` Ed25519).

    Raises:
        SignatureRefused: if it isn't an Ed25519 public key.
    """

    def __init__(self, jwk: Mapping[str, str]) -> None:
        if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519":
            raise SignatureRefused("The public key isn't an Ed25519 key.")
        try:
            # Only the public members: a private key handed in by mistake isn't kept.
            self._key = OKPKey.import_key({name: jwk[name] for name in _PUBLIC_MEMBERS})
            self._public_bytes = self._key.public_key.public_bytes_raw()
        except (JoseError, KeyError, ValueError):
            raise SignatureRefused("The public key isn't a well-formed JWK.") from None
        self._key_id = self._key.thumbprint()

    @property
    def key_id(self) -> str:
        """The thumbprint of the public key (RFC 7638)."""
        return self._key_id

    @property
    def public_bytes(self) -> bytes:
        """The public key as its 32 bytes."""
        return self._public_bytes

    def public_jwk(self) -> Mapping[str, str]:
        """Return the public key as a JWK."""
        return {name: str(self._key.as_dict(private=False)[name]) for name in _PUBLIC_MEMBERS}

    def verify(self, token: str, *, kind: str) -> Mapping[str, object]:
        """Return the claims of a token.

        Raises:
            SignatureRefused: if the signature, the algorithm, the key, the kind or the form isn't right.
        """
        try:
            statement = jws.deserialize_compact(token, self._key, algorithms=[ALGORITHM])
            claims = json.loads(statement.payload)
        except (JoseError, ValueError, RecursionError):
            raise SignatureRefused("The statement's signature or form isn't right.") from None
        if statement.headers() != {"alg": ALGORITHM, "kid": self._key_id, "typ": kind}:
            raise SignatureRefused("The statement is of another kind, or signed with another key.")
        if not isinstance(claims, dict) or not _is_canonical(claims, statement.payload):
            raise SignatureRefused("The statement isn't canonical JSON.")
        return claims


class Ed25519Signer:
    """Signs statements of this deployment and checks its own signatures. The kernel's ``Signer``.

    Args:
        private_key: the Ed25519 private key as its 32 bytes.
    """

    def __init__(self, *, private_key: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(private_key)
        public = self._private.public_key().public_bytes_raw()
        self._key = OKPKey.import_key(
            {"kty": "OKP", "crv": "Ed25519", "x": _base64url(public), "d": _base64url(private_key)}
        )
        self._verifier = PublicVerifier({"kty": "OKP", "crv": "Ed25519", "x": _base64url(public)})

    @property
    def key_id(self) -> str:
        """The thumbprint of the public key (RFC 7638)."""
        return self._verifier.key_id

    @property
    def public_bytes(self) -> bytes:
        """The public key as its 32 bytes."""
        return self._verifier.public_bytes

    def public_jwk(self) -> Mapping[str, str]:
        """Return the public key as a JWK, for whoever wants to check a receipt offline."""
        return self._verifier.public_jwk()

    def sign(self, claims: Mapping[str, object], *, kind: str) -> str:
        """Return a compact JWS over the canonical JSON of the claims.

        Args:
            claims: what is stated; JSON values.
            kind: the ``typ`` of the header, such as ``countenance-permit+jws``.
        """
        header = {"alg": ALGORITHM, "kid": self.key_id, "typ": kind}
        return jws.serialize_compact(header, canonical_json(dict(claims)), self._key, algorithms=[ALGORITHM])

    def verify(self, token: str, *, kind: str) -> Mapping[str, object]:
        """Return the claims of a token.

        Raises:
            SignatureRefused: if the signature, the algorithm, the key, the kind or the form isn't right.
        """
        return self._verifier.verify(token, kind=kind)

    def sign_bytes(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of a message; for signed notes."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"Ed25519Signer(key_id={self.key_id!r})"


def _is_canonical(claims: Mapping[str, object], payload: bytes) -> bool:
    try:
        return canonical_json(claims) == payload
    except ValueError:
        return False


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
