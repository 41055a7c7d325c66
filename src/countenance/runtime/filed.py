"""Records, devices and their state, as commands and routes show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from countenance.policy import Vocabulary
from countenance.store import (
    Device,
    DeviceEnrolment,
    DeviceStatus,
    EvidenceRecord,
    EvidenceScope,
    Issuer,
)

__all__ = ["EnrolledDevice", "FiledRecord", "enrolled", "is_about", "shown"]

_ISSUER_WORDS: Final = {
    Issuer.SYSTEM: "the system saw it itself",
    Issuer.PERSON: "a role's word",
    Issuer.OUTSIDE: "signed by a body outside",
}


@dataclass(frozen=True, slots=True)
class FiledRecord:
    """A record, for a reader.

    Attributes:
        record: what is on file.
        words: what a record under its key proves, or what its fact says.
        issuer: who vouches, in words: the system, a role's word, or a body outside.
        counts: whether it counts now for what it is about: in its time, not withdrawn, in its key's form,
            from its source, with the signature that it needs.
    """

    record: EvidenceRecord
    words: str
    issuer: str
    counts: bool


@dataclass(frozen=True, slots=True)
class EnrolledDevice:
    """A registered device with its key and status.

    Attributes:
        device: as it was registered.
        status: whether it is in use.
        key_id: the thumbprint of its public key; ``None`` while it has none.
        private_key: its new private key, 64 hexadecimal digits, shown once; ``None`` where none was made.
    """

    device: Device
    status: DeviceStatus
    key_id: str | None
    private_key: str | None = field(default=None, repr=False)


def shown(record: EvidenceRecord, *, vocabulary: Vocabulary, counts: bool) -> FiledRecord:
    """Return a record for a reader.

    Args:
        record: what is on file.
        vocabulary: has the words of its key.
        counts: whether it counts now.
    """
    trigger, term = vocabulary.triggers.get(record.key), vocabulary.evidence.get(record.key)
    if trigger is not None:
        words = trigger.words if record.content.get("value") is True else f"not so: {trigger.words}"
    else:
        words = term.words if term is not None else "a key that isn't in the vocabulary"
    return FiledRecord(record=record, words=words, issuer=_ISSUER_WORDS[record.issuer], counts=counts)


def enrolled(device: Device, enrolment: DeviceEnrolment | None) -> EnrolledDevice:
    """Return a device with its key and status; one that has neither on record is active."""
    if enrolment is None:
        return EnrolledDevice(device, DeviceStatus.ACTIVE, None)
    return EnrolledDevice(device, enrolment.status, enrolment.key_id)


def is_about(of_record: EvidenceScope, wanted: EvidenceScope) -> bool:
    """Return whether a record is about every part that is named, or leaves that part open."""
    pairs = (
        (of_record.place, wanted.place),
        (of_record.purpose, wanted.purpose),
        (of_record.device, wanted.device),
    )
    return all(asked is None or said is None or said == asked for said, asked in pairs)
