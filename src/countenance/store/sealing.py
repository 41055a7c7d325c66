"""Authenticated encryption of small values, and keys derived from keys.

Rules kept here:

* AES-256-GCM from ``cryptography``; nothing of our own but the order of the bytes.
* A blob starts with its version. Version 1 is ``01 | nonce (12 bytes) | ciphertext | tag (16 bytes)``.
* The associated data says what the value is for; a blob opens for nothing else.
* Nonces are random. One key seals far fewer than 2**32 values (NIST SP 800-38D, 8.3): a data key those
  of one person and purpose, a wrapping key those of one deployment.
"""

from __future__ import annotations

import secrets
from typing import TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from countenance.store.errors import SealBroken

__all__ = ["KEY_BYTES", "SEAL_OVERHEAD", "Cipher", "derive_key", "new_key", "seal", "unseal", "unseal_with"]

KEY_BYTES = 32
"""Length of every key, in bytes."""
SEAL_OVERHEAD = 1 + 12 + 16
"""By how many bytes a blob is longer than what it seals."""

Cipher: TypeAlias = AESGCM
"""A key made ready, for whoever opens several values under one."""

_VERSION = b"\x01"
_NONCE_BYTES = 12


def new_key() -> bytes:
    """Return 32 random bytes from the operating system."""
    return secrets.token_bytes(KEY_BYTES)


def derive_key(master: bytes, *, salt: bytes, label: str) -> bytes:
    """Return the key that hangs below a master key under a label (HKDF-SHA256, RFC 5869).

    Args:
        master: 32 bytes.
        salt: what sets this deployment apart from others.
        label: what the key is for; another label yields an unrelated key.

    Returns:
        32 bytes.
    """
    info = b"countenance/v1/" + label.encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(master)


def seal(key: bytes, plaintext: bytes, *, associated: bytes) -> bytes:
    """Return the plaintext encrypted and authenticated, bound to the associated data.

    Args:
        key: 32 bytes.
        plaintext: any bytes.
        associated: what the value is for; the same bytes must be given to open it.

    Returns:
        A blob of version 1, :data:`SEAL_OVERHEAD` bytes longer than the plaintext.
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plaintext, associated)


def unseal(key: bytes, blob: bytes, *, associated: bytes) -> bytes:
    """Return what a blob seals.

    Raises:
        SealBroken: if the blob was altered or cut, has another version, or if the key or the associated
            data is another one. Which of these it was can't be told.
    """
    return unseal_with(AESGCM(key), blob, associated=associated)


def unseal_with(cipher: Cipher, blob: bytes, *, associated: bytes) -> bytes:
    """Return what a blob seals, as :func:`unseal`, with a key that is ready.

    Raises:
        SealBroken: as :func:`unseal`.
    """
    if len(blob) < SEAL_OVERHEAD or blob[:1] != _VERSION:
        raise SealBroken("A sealed value doesn't have a form that this version can open.")
    nonce, ciphertext = blob[1 : 1 + _NONCE_BYTES], blob[1 + _NONCE_BYTES :]
    try:
        return cipher.decrypt(nonce, ciphertext, associated)
    except InvalidTag:
        raise SealBroken("A sealed value doesn't open: altered, or sealed for something else.") from None
