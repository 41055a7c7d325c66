"""A staff door at which people are searched for: enrolled people, the desk, and a tail that a test makes up.

Networks are made up (the faces of ``verification_desk``); doors, permits, rules, store, log and gallery are
the product's own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from comparison_limits import limits_of
from countenance.capture import CaptureDoor, CaptureLimits
from countenance.decisions import (
    ErrorTable,
    IdentificationDesk,
    IdentificationOrder,
    Identified,
    ImpostorTail,
    SearchDoor,
    TailGroup,
    shipped_error_table,
)
from countenance.kernel import SubjectId
from countenance.runtime.error_tables import TableInUse
from countenance.runtime.search_evidence import SearchObserver
from countenance.vision import QualityGate
from front_desk import front_desk, new_desk, system_observers
from staff_door import StaffDoor, door_of, face_at
from verification_desk import MadeUpEmbedder, WatchedExtraction

FPIR = 0.01
VISITOR = SubjectId("sub_visitor")
TAIL = ImpostorTail(
    floor=0.35,
    ceiling=0.8,
    coefficients=(-4.6, -18.5, -36.0),
    covariance=((0.0001, 0.0, 0.0), (0.0, 0.0001, 0.0), (0.0, 0.0, 0.0001)),
    groups=(TailGroup("two women", 0.9, (0.0, 0.0, 0.0, 0.0001)),),
    spread=math.log(2.0),
)
"""Made up, as the faces are."""
TABLE: ErrorTable = replace(shipped_error_table("mobilefacenet-192"), tail=TAIL)


@dataclass(frozen=True)
class IdentificationDoor:
    """Everything that a test of searches needs."""

    staff: StaffDoor
    desk: IdentificationDesk

    def enrol(self, subject: str, angle: float, **changes: object) -> str:
        """Enrol somebody whose made-up vector stands at an angle; return the reference's id."""
        self.staff.agree(subject)
        picture = face_at(angle, seed=abs(hash((subject, angle))) % 1_000_000)
        return self.staff.desk.enrol(self.staff.order(subject, picture, **changes)).reference_id

    def order(self, probe: bytes, **changes: object) -> IdentificationOrder:
        at = self.staff.door
        fields: dict[str, object] = {"purpose": at.purpose, "place": at.place, "device": at.device,
                                     "subject": VISITOR, "fpir": FPIR, "probe": probe}  # fmt: skip
        return IdentificationOrder(**(fields | changes))  # type: ignore[arg-type]

    def search(self, probe: bytes, **changes: object) -> Identified:
        """Search under the visitor's consent."""
        self.staff.agree(VISITOR)
        return self.desk.identify(self.order(probe, **changes))

    def decided(self) -> list[Mapping[str, object]]:
        return [entry for kind, entry in self.staff.hotel.log_entries() if kind == "decision"]

    def owed(self) -> list[str]:
        """Keys of the duties that are open, those of enrolment left out."""
        return sorted(duty.key for duty in self.staff.hotel.store.duties.open() if duty.key != "deletion_job")


def identification_desk(staff: StaffDoor, *, table: ErrorTable = TABLE) -> IdentificationDesk:
    """Put the desk together over an open staff door."""
    hotel, verifier = staff.hotel, staff.hotel.desk.verifier
    extraction = WatchedExtraction(embedder=MadeUpEmbedder(), verifier=verifier, operation="identify")
    extraction.watch = staff.watch
    return IdentificationDesk(
        authority=hotel.desk,
        capture_door=CaptureDoor(verifier=verifier, limits=CaptureLimits()),
        analyser=staff.analyser,  # type: ignore[arg-type]
        extraction_door=extraction,
        search_door=SearchDoor(gallery=staff.gallery, store=hotel.store, verifier=verifier),
        gallery=staff.gallery,
        error_table=table,
        store=hotel.store,
        clock=hotel.clock,
        quality_gate=QualityGate(),
        limits=limits_of(hotel),
    )


@contextmanager
def identification_door(root: Path, *, jurisdiction: str = "EU") -> Iterator[IdentificationDoor]:
    """Open a demonstration hotel with its staff door, where searches are within their evidence."""
    with front_desk(root, jurisdiction=jurisdiction) as opened:
        store, clock = opened.store, opened.clock
        observers = (
            *system_observers(store, clock),
            SearchObserver(store=store, in_use=TableInUse(TABLE, own=False), fpir=FPIR),
        )
        staff = door_of(replace(opened, desk=new_desk(store, clock, observers=observers)))
        try:
            yield IdentificationDoor(staff, identification_desk(staff))
        finally:
            staff.gallery.close()
