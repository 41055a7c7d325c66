"""Cosignatures: what another party adds to a checkpoint that it has seen (c2sp.org/tlog-cosignature).

Rules kept here:

* A witness signs a checkpoint with the moment at which it saw it, after it checked the log's own signature
  and that the tree continues the one that it cosigned before. So the log can't show two histories without
  a witness holding the proof of it.
* The signature is Ed25519 over ``cosignature/v1``, the time and the checkpoint's text; type byte 04.
* Whose key is a witness's is the auditor's own matter: a cosignature counts only under a key that was named.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from countenance.kernel import require_utc
from countenance.store.errors import ProofNotPossible, SignatureRefused
from countenance.store.merkle import verify_consistency
from countenance.store.notes import Checkpoint, NoteKey, open_checkpoint

__all__ = ["CheckpointWitness", "Cosignature", "WitnessKey", "WitnessSigner", "add_line", "cosignatures_of"]

_COSIGNATURE = b"\x04"
_KEY_BYTES = 32
_TIME_BYTES = 8
_SIGNATURE_BYTES = 64
_NAME = re.compile(r"[^\s+]{1,100}")
_MARK = "— "


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """A witness's name and public key.

    Attributes:
        name: no white space, no plus sign.
        public_bytes: 32 bytes, Ed25519.
    """

    name: str
    public_bytes: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.public_bytes) != _KEY_BYTES:
            msg = "a witness's key has a name without white space or plus, and 32 bytes"
            raise ValueError(msg)

    @property
    def key_hash(self) -> bytes:
        """The first 4 bytes of SHA-256 over name, newline, type byte and key."""
        return hashlib.sha256(self.name.encode() + b"\n" + _COSIGNATURE + self.public_bytes).digest()[:4]

    def to_text(self) -> str:
        """Return the verifier key: ``name+hash+base64``."""
        material = base64.b64encode(_COSIGNATURE + self.public_bytes).decode()
        return f"{self.name}+{self.key_hash.hex()}+{material}"

    @classmethod
    def from_text(cls, written: str) -> WitnessKey:
        """Read a verifier key.

        Raises:
            SignatureRefused: if it isn't a well-formed verifier key of a witness.
        """
        name, _, rest = written.strip().partition("+")
        key_hash, _, material = rest.partition("+")
        try:
            raw = base64.b64decode(material, validate=True)
            key = cls(name, raw[1:])
        except ValueError:
            raise SignatureRefused("The witness's key isn't a verifier key.") from None
        if raw[:1] != _COSIGNATURE or key.key_hash.hex() != key_hash:
            raise SignatureRefused("The witness's key isn't a verifier key of a witness.")
        return key


@dataclass(frozen=True, slots=True)
class Cosignature:
    """That a witness saw a checkpoint.

    Attributes:
        witness: its name.
        at: when, by its own clock, UTC.
    """

    witness: str
    at: datetime


class CheckpointWitness(Protocol):
    """Somebody else who remembers what a log has shown."""

    @property
    def key(self) -> WitnessKey:
        """The key under which the cosignatures verify."""
        ...

    def cosign(
        self,
        note: str,
        *,
        log: NoteKey,
        at: datetime,
        earlier: Checkpoint | None = None,
        proof: Sequence[bytes] = (),
    ) -> str:
        """Return the checkpoint with the witness's signature line added.

        Args:
            note: the signed checkpoint.
            log: the log's key.
            at: now, aware.
            earlier: the checkpoint that this witness cosigned last; ``None`` if none.
            proof: that the tree continues the earlier one.

        Raises:
            SignatureRefused: if the log didn't sign it.
            ProofNotPossible: if it doesn't continue the earlier one.
        """
        ...


class WitnessSigner:
    """A witness with its private key at hand.

    Args:
        name: its name.
        private_key: the Ed25519 private key as its 32 bytes.
    """

    __slots__ = ("_key", "_private")

    def __init__(self, *, name: str, private_key: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(private_key)
        self._key = WitnessKey(name, self._private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> WitnessSigner:
        """Return a witness with a new key."""
        return cls(name=name, private_key=Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def from_text(cls, written: str) -> WitnessSigner:
        """Read what :meth:`to_private_text` wrote.

        Raises:
            SignatureRefused: if it isn't such a text.
        """
        try:
            read = json.loads(written)
            raw = base64.b64decode(read["d"], validate=True)
            return cls(name=str(read["name"]), private_key=raw)
        except (ValueError, KeyError, TypeError):
            raise SignatureRefused("The file doesn't hold a witness's private key.") from None

    @property
    def key(self) -> WitnessKey:
        """The key under which the cosignatures verify."""
        return self._key

    def to_private_text(self) -> str:
        """Return name and private key as JSON, for a file that nobody else reads."""
        secret = base64.b64encode(self._private.private_bytes_raw()).decode()
        return json.dumps({"d": secret, "name": self._key.name})

    def cosign(
        self,
        note: str,
        *,
        log: NoteKey,
        at: datetime,
        earlier: Checkpoint | None = None,
        proof: Sequence[bytes] = (),
    ) -> str:
        """Return the checkpoint with this witness's line; see :meth:`CheckpointWitness.cosign`."""
        checkpoint = open_checkpoint(note, key=log)
        if earlier is not None and earlier.size > 0 and not continues(checkpoint, earlier, proof):
            msg = "The checkpoint doesn't continue the one that was cosigned before, as far as was proved."
            raise ProofNotPossible(msg)
        seconds = int(require_utc(at).timestamp())
        signature = self._private.sign(_message(checkpoint, seconds))
        encoded = base64.b64encode(
            self._key.key_hash + seconds.to_bytes(_TIME_BYTES, "big") + signature
        ).decode()
        return add_line(note, f"{_MARK}{self._key.name} {encoded}\n")

    def __repr__(self) -> str:
        return f"WitnessSigner({self._key.name!r})"


def continues(later: Checkpoint, earlier: Checkpoint, proof: Sequence[bytes]) -> bool:
    """Say whether a checkpoint is of the same log, as far or further, by the proof."""
    return later.origin == earlier.origin and verify_consistency(
        earlier=earlier.size,
        later=later.size,
        earlier_root=earlier.root,
        later_root=later.root,
        proof=proof,
    )


def add_line(note: str, line: str) -> str:
    """Return a note with one more signature line; unchanged if it has it."""
    return note if line in note else note + line


def cosignatures_of(
    note: str, *, log: NoteKey, witnesses: Sequence[WitnessKey]
) -> tuple[tuple[Cosignature, ...], tuple[str, ...]]:
    """Return who of the named witnesses cosigned a checkpoint, and whose line is there but doesn't hold.

    Args:
        note: the checkpoint with its signature lines.
        log: the log's key.
        witnesses: whose cosignatures count.

    Raises:
        SignatureRefused: if the log itself didn't sign it.
    """
    checkpoint = open_checkpoint(note, key=log)
    lines = note.rpartition("\n\n")[2].splitlines()
    good: list[Cosignature] = []
    bad: list[str] = []
    for witness in witnesses:
        own = [line for line in lines if line.startswith(f"{_MARK}{witness.name} ")]
        found = [seen for line in own if (seen := _checked(line, witness, checkpoint)) is not None]
        if found:
            good.append(min(found, key=lambda seen: seen.at))
        elif own:
            bad.append(witness.name)
    return tuple(good), tuple(bad)


def _checked(line: str, witness: WitnessKey, checkpoint: Checkpoint) -> Cosignature | None:
    try:
        raw = base64.b64decode(line.removeprefix(f"{_MARK}{witness.name} "), validate=True)
    except binascii.Error:
        return None
    if raw[:4] != witness.key_hash or len(raw) != 4 + _TIME_BYTES + _SIGNATURE_BYTES:
        return None
    seconds = int.from_bytes(raw[4 : 4 + _TIME_BYTES], "big")
    try:
        Ed25519PublicKey.from_public_bytes(witness.public_bytes).verify(
            raw[4 + _TIME_BYTES :], _message(checkpoint, seconds)
        )
        return Cosignature(witness.name, datetime.fromtimestamp(seconds, UTC))
    except (InvalidSignature, OverflowError, ValueError, OSError):
        return None


def _message(checkpoint: Checkpoint, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{checkpoint.to_text()}".encode()
