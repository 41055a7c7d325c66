"""What is asked of an enrolment, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from countenance.kernel import DeviceId, PermitId, PlaceId, PurposeId, SubjectId
from countenance.store import LogReceipt

__all__ = ["Enrolled", "EnrolmentOrder", "SampleLeftOut"]


@dataclass(frozen=True, slots=True)
class EnrolmentOrder:
    """One person to enrol for one purpose.

    Attributes:
        subject: whom, by pseudonym.
        purpose: for what.
        place: where it happens.
        device: with what.
        pictures: the encoded pictures, at least one.
        error_target: the false match rate that the purpose is run with.
        scene: the scene profile that is carried out, where there is one.
        only_at: where the reference takes part; ``None``: anywhere.
        looked_at_by: the role that has looked at whoever is close and says that they are two people;
            ``None`` where nobody has.
    """

    subject: SubjectId
    purpose: PurposeId
    place: PlaceId
    device: DeviceId
    pictures: tuple[bytes, ...] = field(repr=False)
    error_target: float
    scene: str | None = None
    only_at: PlaceId | None = None
    looked_at_by: str | None = None

    def __post_init__(self) -> None:
        if not self.pictures:
            msg = "an enrolment has at least one picture"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class SampleLeftOut:
    """A picture that isn't in the reference.

    Attributes:
        number: which, counted from 1 in the order in which they were given.
        codes: why, stable and kebab-case.
        words: why, and what to change, in sentences.
    """

    number: int
    codes: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Somebody who is enrolled now.

    Attributes:
        reference_id: the reference's identifier.
        subject: whose, by pseudonym.
        samples: how many pictures it was made from.
        quality: the least unified quality among them, 0 to 100.
        left_out: the pictures that aren't in it, and why.
        valid_until: until when it takes part, UTC; ``None``: until it is erased.
        compared: with how many references it was compared before.
        look_alikes: how many of them are of people who look alike, as somebody who looked has said; whoever
            of them is found by a search is a lead and never a match.
        permit_id: under which permit.
        log: where it stands in the transparency log.
    """

    reference_id: str
    subject: SubjectId
    samples: int
    quality: int
    left_out: tuple[SampleLeftOut, ...]
    valid_until: datetime | None
    compared: int
    look_alikes: int
    permit_id: PermitId
    log: LogReceipt
