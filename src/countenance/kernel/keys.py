"""What keys can do for whoever may not hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

__all__ = ["KeyProvider", "Signer"]


class KeyProvider(Protocol):
    """Keeps a root key and wraps other keys under it. Named by a URI (``file:``, ``env:`` ...).

    Every implementation runs the contract suite ``tests/contract/key_provider.py``.
    """

    @property
    def uri(self) -> str:
        """The URI that names this provider; holds no secret."""
        ...

    def wrap(self, key: bytes, *, context: bytes) -> bytes:
        """Return the key encrypted and authenticated under the root key, bound to the context.

        Args:
            key: 32 bytes.
            context: what the key is for; the same bytes must be given to unwrap it.
        """
        ...

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """Return the key.

        Raises:
            OperatorError: if the blob was altered, the context is another one, or the root key is
                another one.
        """
        ...


class Signer(Protocol):
    """Signs statements of this deployment and checks its own signatures (Ed25519, compact JWS)."""

    @property
    def key_id(self) -> str:
        """The thumbprint of the public key (RFC 7638)."""
        ...

    def sign(self, claims: Mapping[str, object], *, kind: str) -> str:
        """Return a compact JWS over the canonical JSON of the claims.

        Args:
            claims: what is stated.
            kind: the ``typ`` of the header, such as ``countenance-permit+jws``. A statement of one
                kind never verifies as another.
        """
        ...

    def verify(self, token: str, *, kind: str) -> Mapping[str, object]:
        """Return the claims of a token.

        Raises:
            EvidenceError: if the signature, the kind or the form isn't right.
        """
        ...

    def public_jwk(self) -> Mapping[str, str]:
        """Return the public key as a JWK, for whoever wants to check a receipt offline."""
        ...
