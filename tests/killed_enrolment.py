"""Enrols made-up people as fast as it can and says of each that they are enrolled; gets killed.

Run as a program: ``python killed_enrolment.py ROOT``. Where the file ``ROOT/database`` is, it says on which
PostgreSQL database the records are. Each line on standard output is the pseudonym, the seed of the face and
the reference of somebody whose enrolment was acknowledged. The desk, its doors, permits, rules, store, log
and gallery are the product's own; faces and networks are made up, so that a kill comes often.
"""

from __future__ import annotations

import random
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from countenance.authority import AuthorityDesk, record_guest_consent, seed_demo, seed_demo_door
from countenance.authority.demo_door import DemoDoor
from countenance.capture import CaptureDoor, CaptureLimits
from countenance.enrolment import DuplicateRule, EnrolmentDesk, EnrolmentDoor, EnrolmentOrder
from countenance.gallery import SealedGallery
from countenance.kernel import PurposeId, SubjectId, SystemClock
from countenance.release import check_store
from countenance.store import RecordUnknown, Store, create_root_key, key_provider
from countenance.vision import ExtractionDoor, QualityGate
from front_desk import new_desk
from killed_writer import killed_while, opened
from postgresql_cluster import Cluster
from verification_desk import MadeUpAnalyser, MadeUpEmbedder, MadeUpFace, picture_of

_RULE = DuplicateRule(same=0.5, close=0.8, fmr=1e-5)
_SEEDS = 2**31


def vector_of(seed: float) -> NDArray[np.float32]:
    """The made-up vector of a made-up face, float32, shape (192,), of length 1."""
    drawn = np.random.default_rng(int(seed)).standard_normal(MadeUpEmbedder.dimension)
    unit: NDArray[np.float32] = (drawn / np.linalg.norm(drawn)).astype(np.float32)
    return unit


class ManyPeople(MadeUpEmbedder):
    """Reads the seed that a face spells; two of different seeds are two people."""

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return a vector a crop."""
        return np.stack([vector_of(np.frombuffer(crop.reshape(-1)[:8].tobytes())[0]) for crop in crops])


@dataclass
class KilledEnrolment:
    """What was seen after kills.

    Attributes:
        kills: how many.
        acknowledged: how many people were told that they are enrolled.
        lost: of them, who has no reference, or isn't found first by their face.
        half: references without their entry in the log, or entries without their reference.
        findings: what the check found in all.
        unacknowledged: how many are enrolled whom nobody told any more; rightly whole.
    """

    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    half: int = 0
    findings: int = 0
    unacknowledged: int = 0


def prepare(root: Path, database_url: str | None = None) -> None:
    """Make a hotel with a staff door."""
    uri = f"file:{root / 'root.key'}"
    create_root_key(uri)
    if database_url is not None:
        (root / "database").write_text(database_url, encoding="utf-8")
    clock = SystemClock()
    with Store.create(
        root / "data", key_provider=key_provider(uri), clock=clock, demo=True, database_url=database_url
    ) as store:
        _seeded(store)


def _seeded(store: Store) -> tuple[AuthorityDesk, DemoDoor]:
    authority = new_desk(store, SystemClock())
    seed_demo(authority, jurisdiction="EU")
    return authority, seed_demo_door(authority, jurisdiction="EU")


@contextmanager
def _gallery(store: Store) -> Iterator[SealedGallery]:
    gallery = SealedGallery(
        store=store, model_id=ManyPeople.model_id, dimensions=ManyPeople.dimension, clock=SystemClock()
    )
    try:
        yield gallery
    finally:
        gallery.close()


def write(root: Path) -> None:
    """Enrol for ever: consent, permit, pictures, search, reference; then a line on standard output."""
    with opened(root) as store, _gallery(store) as gallery:
        authority, door = _seeded(store)
        desk = EnrolmentDesk(
            authority=authority,
            capture_door=CaptureDoor(verifier=authority.verifier, limits=CaptureLimits()),
            analyser=MadeUpAnalyser(),  # type: ignore[arg-type]
            extraction_door=ExtractionDoor(
                embedder=ManyPeople(), verifier=authority.verifier, operation="enrol"
            ),
            enrolment_door=EnrolmentDoor(gallery=gallery, verifier=authority.verifier),
            gallery=gallery,
            duplicates=_RULE,
            store=store,
            clock=SystemClock(),
            quality_gate=QualityGate(),
        )
        while True:
            subject, seed = SubjectId(f"sub_{secrets.token_hex(8)}"), secrets.randbelow(_SEEDS)
            record_guest_consent(
                authority,
                subject=subject,
                place=door.place,
                purpose=door.purpose,
                consents=True,
                age_band="adult",
                language="en",
                stated_by="officer",
            )
            done = desk.enrol(
                EnrolmentOrder(
                    subject=subject,
                    purpose=door.purpose,
                    place=door.place,
                    device=door.device,
                    pictures=(picture_of(MadeUpFace(angle=float(seed)), seed=seed),),
                    error_target=1e-4,
                )
            )
            sys.stdout.write(f"{subject} {seed} {done.reference_id}\n")
            sys.stdout.flush()


def kill_once(root: Path, draw: random.Random, seen: KilledEnrolment, server: Cluster | None = None) -> None:
    """Start an enrolment, kill it (or the ``server``) at a random moment, open and check what is left."""
    told = killed_while([sys.executable, __file__, str(root)], draw, server, longest=0.4)
    with opened(root) as store, _gallery(store) as gallery:
        (purpose,) = _purposes(store)
        for line in told:
            seen.lost += not _found(store, gallery, purpose, line)
        there, logged = store.references.identifiers(purpose), _logged(store)
        seen.half += len(there ^ logged)
        seen.findings += len(check_store(store)) + len(store.check_records())
        seen.kills += 1
        seen.acknowledged += len(told)
        seen.unacknowledged = len(there) - seen.acknowledged


def _purposes(store: Store) -> set[PurposeId]:
    return {one.purpose_id for one in store.purposes.all() if store.references.count(one.purpose_id)}


def _found(store: Store, gallery: SealedGallery, purpose: PurposeId, line: str) -> bool:
    """Say whether somebody who was told so is enrolled, and found first by their face."""
    subject, seed, reference = line.split()
    try:
        record = store.references.get(reference)
    except RecordUnknown:
        return False
    best = gallery.search(purpose, vector_of(int(seed)), at=SystemClock().now()).candidates
    return record.subject == subject and bool(best) and best[0].reference_id == reference


def _logged(store: Store) -> frozenset[str]:
    entries = (store.log.entry(index) for index in range(store.log.size()))
    return frozenset(
        str(one.entry["reference"])
        for one in entries
        if one.kind == "enrolment" and one.entry is not None and one.entry.get("outcome") == "enrolled"
    )


if __name__ == "__main__":
    write(Path(sys.argv[1]))
