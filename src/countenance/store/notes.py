"""Signed notes and log checkpoints, as C2SP writes them (c2sp.org/signed-note, tlog-checkpoint).

A checkpoint's text is three lines: the origin, the tree's size in decimal, its root in base64. A blank
line and the signature lines follow. Witnesses and other people's tools read the same form.

Rules kept here:

* The origin names this deployment and is also the name of its key.
* One signature algorithm: Ed25519 (type byte 01). Signatures of others on the same note (witnesses) are
  passed over; ours has to be there and to verify.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from countenance.store.errors import SignatureRefused
from countenance.store.merkle import HASH_BYTES

__all__ = ["Checkpoint", "NoteKey", "open_checkpoint", "open_note", "sign_note"]

_ED25519 = b"\x01"
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64
_LARGEST_NOTE = 1_000_000
_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_SIGNATURE_MARK = "— "  # em dash, space


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A named Ed25519 public key.

    Attributes:
        name: the key's name: no white space, no plus sign.
        public_bytes: 32 bytes.
    """

    name: str
    public_bytes: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.public_bytes) != _KEY_BYTES:
            msg = "a note key has a name without white space or plus, and 32 bytes"
            raise ValueError(msg)

    @property
    def key_hash(self) -> bytes:
        """The first 4 bytes of SHA-256 over name, newline, type byte and key."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public_bytes).digest()[:4]

    def to_text(self) -> str:
        """Return the verifier key: ``name+hash+base64``."""
        material = base64.b64encode(_ED25519 + self.public_bytes).decode()
        return f"{self.name}+{self.key_hash.hex()}+{material}"

    @classmethod
    def from_text(cls, written: str) -> NoteKey:
        """Read a verifier key.

        Raises:
            SignatureRefused: if it isn't a well-formed Ed25519 verifier key.
        """
        name, _, rest = written.partition("+")
        key_hash, _, material = rest.partition("+")
        try:
            raw = base64.b64decode(material, validate=True)
            key = cls(name, raw[1:])
        except ValueError:
            raise SignatureRefused("The verifier key isn't well formed.") from None
        if raw[:1] != _ED25519 or not hmac.compare_digest(key_hash.encode(), key.key_hash.hex().encode()):
            raise SignatureRefused("The verifier key isn't an Ed25519 key, or its hash is another one.")
        return key


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log at one size.

    Attributes:
        origin: which log.
        size: the number of leaves.
        root: the root of the tree, 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    def to_text(self) -> str:
        """Return the text that is signed: three lines, each with its newline."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign_note(text: str, *, key: NoteKey, sign: Callable[[bytes], bytes]) -> str:
    """Return a note with one signature.

    Args:
        text: the text; ends with a newline, holds no other control character.
        key: the public key, for the name and the hash.
        sign: makes the 64-byte Ed25519 signature of the text.

    Raises:
        ValueError: if the text doesn't end with a newline or holds control characters.
    """
    if not _is_note_text(text):
        msg = "a note's text is lines without control characters, the last one ended"
        raise ValueError(msg)
    signature = base64.b64encode(key.key_hash + sign(text.encode())).decode()
    return f"{text}\n{_SIGNATURE_MARK}{key.name} {signature}\n"


def open_note(note: str, *, key: NoteKey) -> str:
    """Return the text of a note that carries a good signature of the key.

    Raises:
        SignatureRefused: if the form isn't right, or the key's signature is missing or wrong.
    """
    text, separator, signatures = note[:_LARGEST_NOTE].rpartition("\n\n")
    text += "\n"
    if not separator or not _is_note_text(text) or not signatures.endswith("\n"):
        raise SignatureRefused("The note doesn't have the form of a signed note.")
    ours = [found for line in signatures[:-1].split("\n") if (found := _signature_of(line, key)) is not None]
    if len(ours) != 1:
        raise SignatureRefused("The note doesn't carry one signature of this key.")
    try:
        Ed25519PublicKey.from_public_bytes(key.public_bytes).verify(ours[0], text.encode())
    except InvalidSignature:
        raise SignatureRefused("The note's signature isn't right.") from None
    return text


def open_checkpoint(note: str, *, key: NoteKey) -> Checkpoint:
    """Return the checkpoint that a signed note states.

    Args:
        note: the signed note.
        key: the log's key; the origin has to be its name.

    Raises:
        SignatureRefused: if the signature isn't right, or the text isn't a checkpoint of this log.
    """
    lines = open_note(note, key=key).split("\n")
    # Three lines and what follows the last newline; extension lines aren't written by us.
    if len(lines) != 4 or lines[0] != key.name or not _SIZE.fullmatch(lines[1]):  # noqa: PLR2004
        raise SignatureRefused("The note isn't a checkpoint of this log.")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except binascii.Error:
        raise SignatureRefused("The checkpoint's root isn't base64.") from None
    checkpoint = Checkpoint(lines[0], int(lines[1]), root)
    if len(root) != HASH_BYTES or "\n".join(lines) != checkpoint.to_text():
        raise SignatureRefused("The checkpoint's root isn't a SHA-256 hash.")
    return checkpoint


def _signature_of(line: str, key: NoteKey) -> bytes | None:
    """Return the key's signature in a signature line, or ``None`` where it is somebody else's."""
    name, _, encoded = line.removeprefix(_SIGNATURE_MARK).partition(" ")
    if not line.startswith(_SIGNATURE_MARK) or not name or not encoded:
        raise SignatureRefused("A signature line of the note isn't well formed.")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise SignatureRefused("A signature of the note isn't base64.") from None
    if name != key.name or raw[:4] != key.key_hash:
        return None
    if len(raw) != 4 + _SIGNATURE_BYTES:
        raise SignatureRefused("A signature of the note doesn't have its length.")
    return raw[4:]


def _is_note_text(text: str) -> bool:
    return text.endswith("\n") and not any(ord(sign) < 0x20 and sign != "\n" for sign in text)  # noqa: PLR2004
