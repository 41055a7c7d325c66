"""A chip that was recorded, behind the protocol of the product: what an adapter to a device has to do.

The data groups have the form of ICAO Doc 9303-10. Signatures are real (Ed25519), in a form of our own: a chip
signs with RSA or ECDSA inside CMS, which is the adapter's business, not the protocol's.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from countenance.kernel import OperatorError, SubjectError
from countenance.vision.documents import ChipAccess, ChipContent

__all__ = ["ChipDoesntOpen", "ChipReaderNotReady", "RecordedChip", "RecordedChipReader", "tlv"]

_LONG = 0x80


class ChipDoesntOpen(SubjectError):
    """No chip, or not with this access."""

    code = "chip-does-not-open"
    default_remedy = "Lay the document on the reader with its page open, and read the zone again."


class ChipReaderNotReady(OperatorError):
    """No device, or no certificates."""

    code = "chip-reader-not-ready"
    default_remedy = "Plug the reader in, and give it the certificates of the countries that are trusted."


def tlv(tag: bytes, value: bytes) -> bytes:
    """Return a data object (ISO/IEC 7816-4, BER-TLV)."""
    length = len(value)
    if length < _LONG:
        return tag + bytes([length]) + value
    size = (length.bit_length() + 7) // 8
    return tag + bytes([_LONG | size]) + length.to_bytes(size) + value


@dataclass(frozen=True, slots=True)
class RecordedChip:
    """What lies on a chip, and the secret that never leaves it."""

    access: ChipAccess
    dg1: bytes = field(repr=False)
    dg2: bytes = field(repr=False)
    dg15: bytes = field(repr=False)
    security_object: bytes = field(repr=False)
    secret: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def issued(
        cls, *, zone: str, portrait: bytes, access: ChipAccess, issuer: Ed25519PrivateKey
    ) -> RecordedChip:
        """Return a chip as a state issues it: the groups, its own key, and a signature over all three."""
        secret = Ed25519PrivateKey.generate()
        dg1 = tlv(b"\x61", tlv(b"\x5f\x1f", zone.encode("ascii")))
        dg2 = tlv(b"\x75", portrait)
        dg15 = secret.public_key().public_bytes_raw()
        return cls(access, dg1, dg2, dg15, issuer.sign(digests(dg1, dg2, dg15)), secret)

    def answer(self, challenge: bytes) -> bytes:
        """Sign a challenge with the chip's own key (active authentication, Doc 9303-11)."""
        return self.secret.sign(challenge)


def digests(*groups: bytes) -> bytes:
    """Return the hashes of the groups, one after the other."""
    return b"".join(hashlib.sha256(group).digest() for group in groups)


class RecordedChipReader:
    """Plays a chip to whoever asks, and checks what it says.

    Args:
        chip: what lies on the reader; nothing if left out.
        trusted: the issuers' keys that the operator trusts.
        plugged: whether the device is there.
    """

    def __init__(
        self, *, chip: RecordedChip | None, trusted: tuple[Ed25519PublicKey, ...], plugged: bool = True
    ) -> None:
        self._chip, self._trusted, self._plugged = chip, trusted, plugged

    def read(self, access: ChipAccess) -> ChipContent:
        if not (self._plugged and self._trusted):
            raise ChipReaderNotReady("The chip reader isn't there, or has no country certificates.")
        chip = self._chip
        if chip is None or chip.access != access:
            raise ChipDoesntOpen("No chip opens with what stands on the page.")
        signed = digests(chip.dg1, chip.dg2, chip.dg15)
        challenge = secrets.token_bytes(8)
        own = Ed25519PublicKey.from_public_bytes(chip.dg15)
        return ChipContent(
            dg1=chip.dg1,
            dg2=chip.dg2,
            data_signed=any(holds(key, chip.security_object, signed) for key in self._trusted),
            chip_genuine=holds(own, chip.answer(challenge), challenge),
        )


def holds(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    """Say whether a signature is this key's over this message."""
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True
