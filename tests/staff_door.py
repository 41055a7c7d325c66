"""A made-up hotel's staff door with an enrolment desk on it, for tests of enrolment.

Networks are made up (the faces of ``verification_desk``); doors, permits, rules, store, log and gallery are
the product's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from countenance.authority import DemoDoor, record_guest_consent, seed_demo_door
from countenance.capture import CaptureDoor, CaptureLimits
from countenance.enrolment import DuplicateRule, EnrolmentDesk, EnrolmentDoor, EnrolmentOrder
from countenance.gallery import SealedGallery
from countenance.kernel import Frame, SubjectId
from countenance.vision import FaceObservation, QualityGate
from front_desk import FrontDesk, front_desk
from verification_desk import MadeUpAnalyser, MadeUpEmbedder, MadeUpFace, Watch, WatchedExtraction, picture_of

RULE = DuplicateRule(same=0.5, close=0.8, fmr=1e-5)
"""Made up, as the faces are: 60 degrees apart are one person, 37 are close."""


class WatchedLooks(MadeUpAnalyser):
    """Keeps hold of what it saw; calls back at each look."""

    def __init__(self, watch: Watch, on_look: Callable[[], None] | None = None) -> None:
        self._watch = watch
        self.on_look = on_look

    def observe(self, frame: Frame) -> tuple[FaceObservation, ...]:
        self._watch.see(frame.pixels)
        found = super().observe(frame)
        for seen in found:
            self._watch.see(seen.aligned)
        if self.on_look is not None:
            self.on_look()
        return found


@dataclass(frozen=True)
class StaffDoor:
    """Everything that a test of enrolment needs."""

    hotel: FrontDesk
    door: DemoDoor
    desk: EnrolmentDesk
    gallery: SealedGallery
    watch: Watch
    analyser: WatchedLooks

    def agree(self, subject: str, **changes: object) -> None:
        """File that somebody agreed to be enrolled."""
        said: dict[str, object] = {"consents": True, "age_band": "adult", "language": "en"}
        record_guest_consent(
            self.hotel.desk,
            subject=SubjectId(subject),
            place=self.door.place,
            purpose=self.door.purpose,
            stated_by="officer",
            **(said | changes),  # type: ignore[arg-type]
        )

    def order(self, subject: str, *pictures: bytes, **changes: object) -> EnrolmentOrder:
        fields: dict[str, object] = {
            "subject": SubjectId(subject),
            "purpose": self.door.purpose,
            "place": self.door.place,
            "device": self.door.device,
            "pictures": pictures,
            "error_target": 1e-4,
        }
        return EnrolmentOrder(**(fields | changes))  # type: ignore[arg-type]

    def outcomes(self) -> list[object]:
        return [entry["outcome"] for kind, entry in self.hotel.log_entries() if kind == "enrolment"]

    def own_open_duties(self) -> list[str]:
        own = {"image_deleted", "raw_deleted", "processing_log"}
        return [duty.key for duty in self.hotel.store.duties.open() if duty.key in own]


def face_at(angle: float, *, seed: int, quality: int = 80) -> bytes:
    """A picture of somebody whose made-up vector stands at an angle, in radians."""
    return picture_of(MadeUpFace(angle=angle, quality=quality), seed=seed)


def door_of(hotel: FrontDesk, *, gate: QualityGate | None = None) -> StaffDoor:
    """Put the enrolment desk together over an open hotel."""
    door = seed_demo_door(hotel.desk, jurisdiction=hotel.site.jurisdiction)
    watch, verifier, embedder = Watch(), hotel.desk.verifier, MadeUpEmbedder()
    gallery = SealedGallery(
        store=hotel.store, model_id=embedder.model_id, dimensions=embedder.dimension, clock=hotel.clock
    )
    extraction = WatchedExtraction(embedder=embedder, verifier=verifier, operation="enrol")
    extraction.watch = watch
    analyser = WatchedLooks(watch)
    desk = EnrolmentDesk(
        authority=hotel.desk,
        capture_door=CaptureDoor(verifier=verifier, limits=CaptureLimits()),
        analyser=analyser,  # type: ignore[arg-type]
        extraction_door=extraction,
        enrolment_door=EnrolmentDoor(gallery=gallery, verifier=verifier),
        gallery=gallery,
        duplicates=RULE,
        store=hotel.store,
        clock=hotel.clock,
        quality_gate=gate or QualityGate(),
    )
    return StaffDoor(hotel, door, desk, gallery, watch, analyser)


@contextmanager
def staff_door(root: Path, *, jurisdiction: str = "EU") -> Iterator[StaffDoor]:
    """Open a demonstration hotel with its staff door in a folder."""
    with front_desk(root, jurisdiction=jurisdiction) as hotel:
        opened = door_of(hotel)
        try:
            yield opened
        finally:
            opened.gallery.close()
