"""What a holder pass says: a sealed template that the person carries, and nobody else keeps.

A pass is text for a QR code: ``CP1:`` and base32 of a header and a sealed content. Base32 (RFC 4648) uses
only characters that a QR code packs at 5.5 bits each, so the whole costs a tenth more than the bytes alone
and survives every scanner that reads text.

Rules kept here:

* The header says nothing about the person: a random serial, the version of the key, from when until when,
  and a fingerprint of deployment and purpose by which a foreign pass is told without any key.
* Header, deployment and purpose are what the content is bound to when it is sealed: a pass whose header was
  altered doesn't open.
* The content is the rotated template in half precision: a score moves by less than 1e-3, which a test holds.
* A text of another form or version is refused, never guessed at.
"""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import CallerError, PurposeId, SubjectId, canonical_json, require_utc

__all__ = [
    "SERIAL_BYTES",
    "TEXT_PREFIX",
    "HolderPass",
    "PassContent",
    "PassHeader",
    "PassUnreadable",
    "fingerprint_of",
]

TEXT_PREFIX: Final = "CP1:"
"""Starts the text of every pass of this form."""
SERIAL_BYTES: Final = 16
"""Length of a serial: random, so that no two meet and none can be guessed."""

_VERSION: Final = 1
_HEADER: Final = struct.Struct(">B16sHII8s")  # version, serial, key version, from, until, fingerprint
_MOST_BYTES: Final = 4096
_MOST_KEY_VERSIONS: Final = 2**16 - 1
_LAST_SECOND: Final = 2**32 - 1
_LEAST_LENGTH: Final = 0.5
_LONGEST_TEXT: Final = 255
_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)


class PassUnreadable(CallerError):
    """The text isn't a holder pass of a form that this version reads."""

    code = "pass-unreadable"
    default_remedy = "Show the whole code, flat and in good light, or ask for a new pass."


@dataclass(frozen=True, slots=True)
class PassHeader:
    """What a pass says in the clear.

    Attributes:
        serial: 16 random bytes; what a revocation names.
        key_version: which version of the purpose's key it was made under, 1 to 65,535.
        valid_from: from when it holds, UTC, whole seconds.
        valid_until: until when, exclusive.
        fingerprint: 8 bytes of a hash of deployment and purpose.

    Raises:
        ValueError: if a member is out of its range.
    """

    serial: bytes = field(repr=False)
    key_version: int
    valid_from: datetime
    valid_until: datetime
    fingerprint: bytes = field(repr=False)

    def __post_init__(self) -> None:
        seconds = [_seconds(self.valid_from), _seconds(self.valid_until)]
        if (
            len(self.serial) != SERIAL_BYTES
            or len(self.fingerprint) != len(fingerprint_of("", PurposeId("")))
            or not 1 <= self.key_version <= _MOST_KEY_VERSIONS
            or not 0 <= seconds[0] < seconds[1] <= _LAST_SECOND
        ):
            msg = "a pass has a serial of 16 bytes, a key version from 1 and a validity that ends"
            raise ValueError(msg)

    def pack(self) -> bytes:
        """Return the header as it stands in the pass."""
        return _HEADER.pack(
            _VERSION,
            self.serial,
            self.key_version,
            _seconds(self.valid_from),
            _seconds(self.valid_until),
            self.fingerprint,
        )

    def said(self) -> dict[str, object]:
        """Return what the content is bound to when it is sealed, beside deployment, purpose and key."""
        return {"holder_pass": self.pack().hex()}


@dataclass(frozen=True, slots=True)
class HolderPass:
    """A pass: its header and the sealed template.

    Attributes:
        header: what it says in the clear.
        sealed: the content, encrypted and bound to the header. Left out of ``repr``.
    """

    header: PassHeader
    sealed: bytes = field(repr=False)

    def to_text(self) -> str:
        """Return the text of its QR code: capital letters, digits and a colon."""
        packed = self.header.pack() + self.sealed
        return TEXT_PREFIX + base64.b32encode(packed).decode("ascii").rstrip("=")

    @classmethod
    def from_text(cls, text: str) -> HolderPass:
        """Read the text of a QR code.

        Raises:
            PassUnreadable: if it isn't a pass, was cut, or has a form that this version doesn't know.
        """
        packed = _decoded(text)
        if len(packed) <= _HEADER.size:
            raise PassUnreadable("The code ends before a pass does.")
        version, serial, key_version, start, end, fingerprint = _HEADER.unpack_from(packed)
        if version != _VERSION:
            raise PassUnreadable("The code is a pass of a form that this version doesn't know.")
        try:
            header = PassHeader(
                serial=serial,
                key_version=key_version,
                valid_from=_EPOCH + timedelta(seconds=start),
                valid_until=_EPOCH + timedelta(seconds=end),
                fingerprint=fingerprint,
            )
        except ValueError:
            raise PassUnreadable("The pass says of itself what no pass says.") from None
        return cls(header=header, sealed=packed[_HEADER.size :])


def fingerprint_of(deployment: str, purpose: PurposeId) -> bytes:
    """Return the 8 bytes by which a pass of another deployment or purpose is told without a key."""
    return sha256(canonical_json({"deployment": deployment, "purpose": purpose})).digest()[:8]


@dataclass(frozen=True, slots=True, eq=False)
class PassContent:
    """What is sealed in a pass.

    Attributes:
        subject: the holder, by pseudonym; whose consent the check rests on.
        model_id: the network that made the template.
        vector: float32, shape (d,), of length 1, turned by the purpose's rotation. Left out of ``repr``.
    """

    subject: SubjectId
    model_id: str
    vector: NDArray[np.float32] = field(repr=False)

    def pack(self) -> bytes:
        """Return the bytes to be sealed: two texts with their lengths, and the values in half precision.

        Raises:
            ValueError: if a text is empty or longer than 255 bytes.
        """
        texts = [text.encode() for text in (self.subject, self.model_id)]
        if not all(1 <= len(text) <= _LONGEST_TEXT for text in texts):
            msg = "a pass names its holder and its network in 1 to 255 bytes each"
            raise ValueError(msg)
        head = b"".join(bytes([len(text)]) + text for text in texts)
        return head + self.vector.astype("<f2").tobytes()

    @classmethod
    def unpack(cls, packed: bytes) -> PassContent:
        """Read what was sealed; the vector is fresh and of length 1 again.

        Raises:
            PassUnreadable: if it is no content of a pass.
        """
        subject, rest = _text(packed)
        model_id, values = _text(rest)
        return cls(subject=SubjectId(subject), model_id=model_id, vector=_vector(values))

    def wipe(self) -> None:
        """Overwrite the vector with zeros."""
        self.vector[...] = 0.0


def _text(packed: bytes) -> tuple[str, bytes]:
    length = packed[0] if packed else 0
    if not length or len(packed) <= length:
        raise PassUnreadable("The pass holds no template.")
    try:
        return packed[1 : 1 + length].decode(), packed[1 + length :]
    except UnicodeDecodeError:
        raise PassUnreadable("The pass holds no template.") from None


def _vector(packed: bytes) -> NDArray[np.float32]:
    if not packed or len(packed) % 2:
        raise PassUnreadable("The pass holds no template.")
    values = np.frombuffer(packed, "<f2").astype(np.float64)
    length = float(np.linalg.norm(values))
    if not np.isfinite(values).all() or not length > _LEAST_LENGTH:
        raise PassUnreadable("The pass holds no template.")
    return (values / length).astype(np.float32)


def _decoded(text: str) -> bytes:
    stripped = text.strip()
    if not stripped.startswith(TEXT_PREFIX) or len(stripped) > 2 * _MOST_BYTES:
        raise PassUnreadable("The code isn't a holder pass.")
    written = stripped.removeprefix(TEXT_PREFIX)
    try:
        packed = base64.b32decode(written + "=" * (-len(written) % 8))
    except (binascii.Error, ValueError):
        raise PassUnreadable("The code isn't a holder pass, or was cut.") from None
    if base64.b32encode(packed).decode("ascii").rstrip("=") != written:
        # Bits beyond the last byte: another text of the same pass, which no pass of ours is.
        raise PassUnreadable("The code isn't a holder pass, or was altered.")
    return packed


def _seconds(moment: datetime) -> int:
    seconds = (require_utc(moment) - _EPOCH).total_seconds()
    if seconds != int(seconds):
        msg = "a pass is valid from and until a whole second"
        raise ValueError(msg)
    return int(seconds)
