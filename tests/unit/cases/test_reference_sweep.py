"""Enrolled references go when their time is over, by the rule that says so, and not before."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from cases_rights import OFFICER, Rights, rights_of
from countenance.gallery import NewReference, SealedGallery
from countenance.kernel import PurposeId, SubjectId
from countenance.store import EvidenceScope
from countenance.templates import ReferenceTemplate
from front_desk import NOON, front_desk

DOOR, OTHER = PurposeId("pur_door"), PurposeId("pur_other")
ANN, BEN = SubjectId("sub_ann"), SubjectId("sub_ben")
DAY = timedelta(days=1)


@pytest.fixture
def rights(tmp_path: Path) -> Iterator[Rights]:
    with front_desk(tmp_path, jurisdiction="EU") as hotel:
        yield rights_of(hotel, tmp_path / "journal")


@pytest.fixture
def gallery(rights: Rights) -> Iterator[SealedGallery]:
    hotel = rights.hotel
    opened = SealedGallery(store=hotel.store, model_id="made-up", dimensions=8, clock=hotel.clock)
    yield opened
    opened.close()


def enrol(gallery: SealedGallery, subject: SubjectId, *, days: int | None, purpose: PurposeId = DOOR) -> str:
    vector = np.zeros(8, dtype=np.float32)
    vector[0] = 1.0
    until = None if days is None else NOON + days * DAY
    (record,) = gallery.enrol(
        [
            NewReference(
                subject=subject,
                purpose=purpose,
                template=ReferenceTemplate(vector, "made-up", 1, 80),
                valid_from=NOON,
                valid_until=until,
            )
        ]
    )
    return record.reference_id


def removals(rights: Rights) -> list[dict[str, object]]:
    return [dict(entry) for kind, entry in rights.hotel.log_entries() if kind == "retention-removed"]


def test_a_reference_goes_when_its_consent_has_run_out(rights: Rights, gallery: SealedGallery) -> None:
    enrol(gallery, ANN, days=1)
    enrol(gallery, BEN, days=2)
    assert rights.sweeper.sweep().references == 0
    rights.hotel.wait(DAY)
    swept = rights.sweeper.sweep()
    assert swept.references == 1
    assert swept.by_rule == {"own-validity": 1}
    assert gallery.count(DOOR) == 1
    assert rights.hotel.store.references.of(ANN) == ()
    entry = removals(rights)[-1]
    assert (entry["references"], entry["rules"]) == (1, ["own-validity"])
    assert ANN not in str(entry)


def test_the_index_in_memory_lets_go_too(rights: Rights, gallery: SealedGallery) -> None:
    enrol(gallery, ANN, days=1)
    probe = np.zeros(8, dtype=np.float32)
    probe[0] = 1.0
    before = gallery.search(DOOR, probe, at=NOON)
    assert len(before.candidates) == 1
    rights.hotel.wait(DAY)
    rights.sweeper.sweep()
    # Asked about a moment at which it was valid: it isn't there any more at all.
    assert gallery.search(DOOR, probe, at=NOON).candidates == ()


def test_a_term_of_the_purpose_that_is_shorter_counts(rights: Rights, gallery: SealedGallery) -> None:
    rights.hotel.desk.record_evidence(
        key="retention_until",
        content={"keeps": "templates", "days": 10, "counted_from": "the act"},
        author="officer",
        scope=EvidenceScope(purpose=DOOR),
    )
    enrol(gallery, ANN, days=300)
    enrol(gallery, ANN, days=300, purpose=OTHER)
    rights.hotel.wait(9 * DAY)
    assert rights.sweeper.sweep().references == 0
    rights.hotel.wait(DAY)
    assert rights.sweeper.sweep().references == 1
    assert [one.purpose for one in rights.hotel.store.references.of(ANN)] == [OTHER]


def test_one_without_an_end_stays_until_something_says_otherwise(
    rights: Rights, gallery: SealedGallery
) -> None:
    enrol(gallery, ANN, days=None)
    for _ in range(12):
        rights.hotel.wait(30 * DAY)
        assert rights.sweeper.sweep().references == 0
    assert gallery.count(DOOR) == 1


def test_a_hold_keeps_it(rights: Rights, gallery: SealedGallery) -> None:
    enrol(gallery, ANN, days=1)
    rights.holds.place(ANN, ground="court order 7", until=NOON + 3 * DAY, author=OFFICER)
    rights.hotel.wait(2 * DAY)
    assert rights.sweeper.sweep().references == 0
    rights.hotel.wait(DAY)
    assert rights.sweeper.sweep().references == 1


def test_a_row_edited_by_hand_is_counted_and_stays(rights: Rights, gallery: SealedGallery) -> None:
    identifier = enrol(gallery, ANN, days=10)
    with closing(sqlite3.connect(rights.hotel.folder / "countenance.db")) as database, database:
        database.execute(
            "UPDATE biometric_references SET valid_until = '2020-01-01T00:00:00.000000Z' "
            "WHERE reference_id = ?",
            (identifier,),
        )
    swept = rights.sweeper.sweep()
    assert (swept.references, swept.tampered) == (0, 1)
    assert rights.hotel.store.references.identifiers(DOOR) == {identifier}


def test_more_than_one_page_of_them_go_in_one_sweep(rights: Rights, gallery: SealedGallery) -> None:
    vector = np.zeros(8, dtype=np.float32)
    vector[1] = 1.0
    gallery.enrol(
        [
            NewReference(
                subject=SubjectId(f"sub_{number}"),
                purpose=DOOR,
                template=ReferenceTemplate(vector.copy(), "made-up", 1, 80),
                valid_from=NOON,
                valid_until=NOON + (1 + number % 2) * DAY,
            )
            for number in range(1203)
        ]
    )
    rights.hotel.wait(DAY)
    assert rights.sweeper.sweep().references == 602
    assert gallery.count(DOOR) == 601
