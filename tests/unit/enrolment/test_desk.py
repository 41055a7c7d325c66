"""Enrolment by the product's own doors, rules, store and gallery; the faces are made up."""

from __future__ import annotations

import numpy as np
import pytest

from countenance.authority import RefusedByRule
from countenance.enrolment import AlreadyEnrolled, CloseToAnother, NoUsableSample, SamplesDisagree
from countenance.gallery import NewReference
from countenance.kernel import Door, PermitNotForThis, PermitRevoked, PermitSpent, SubjectId
from countenance.templates import ReferenceTemplate
from staff_door import StaffDoor, face_at

ANN, BEN = "sub_ann", "sub_ben"


def probe_at(angle: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    vector = np.zeros(192, dtype=np.float32)
    vector[:2] = np.cos(angle), np.sin(angle)
    return vector


def test_who_agreed_is_enrolled_and_found(door: StaffDoor) -> None:
    door.agree(ANN)
    done = door.desk.enrol(door.order(ANN, face_at(0.0, seed=1), face_at(0.2, seed=2)))
    found = door.gallery.search(door.door.purpose, probe_at(0.1), at=door.hotel.clock.now())
    assert [one.reference_id for one in found.candidates] == [done.reference_id]
    assert found.candidates[0].score == pytest.approx(1.0, abs=1e-6)
    assert (done.samples, done.left_out, done.compared) == (2, (), 0)
    record = door.hotel.store.references.get(done.reference_id)
    assert (record.subject, record.permit_id, record.samples) == (ANN, done.permit_id, 2)
    assert record.consent_id is not None
    consent = door.hotel.store.evidence.get(record.consent_id)
    assert consent.key == "consent.record"
    assert record.valid_until == consent.valid_until is not None
    assert door.outcomes() == ["enrolled"]
    assert door.own_open_duties() == []
    assert door.hotel.store.duties.open() == ()


def test_everything_in_the_clear_is_overwritten(door: StaffDoor) -> None:
    door.agree(ANN)
    door.desk.enrol(door.order(ANN, face_at(0.0, seed=1), face_at(2.0, seed=2, quality=5)))
    assert door.watch.all_wiped()


def test_who_didnt_agree_isnt_looked_at(door: StaffDoor) -> None:
    with pytest.raises(RefusedByRule) as refused:
        door.desk.enrol(door.order(ANN, face_at(0.0, seed=1)))
    assert any(missing.rule_ids for missing in refused.value.verdict.missing)
    assert door.watch.arrays == []
    assert door.gallery.count(door.door.purpose) == 0


def test_nobody_is_enrolled_twice(door: StaffDoor) -> None:
    door.agree(ANN)
    door.desk.enrol(door.order(ANN, face_at(0.0, seed=1)))
    with pytest.raises(AlreadyEnrolled):
        door.desk.enrol(door.order(ANN, face_at(1.5, seed=2)))
    assert door.gallery.count(door.door.purpose) == 1


def test_who_is_close_to_another_waits_for_a_person_to_look(door: StaffDoor) -> None:
    door.agree(ANN)
    door.agree(BEN)
    first = door.desk.enrol(door.order(ANN, face_at(0.0, seed=1)))
    with pytest.raises(CloseToAnother) as refused:
        door.desk.enrol(door.order(BEN, face_at(0.5, seed=2)))
    assert (refused.value.references, refused.value.compared) == ((first.reference_id,), 1)
    assert door.outcomes() == ["enrolled", "not enrolled"]
    assert door.own_open_duties() == []
    assert door.watch.all_wiped()
    looked = door.desk.enrol(door.order(BEN, face_at(0.5, seed=2), looked_at_by="officer"))
    assert looked.subject == BEN
    entries = [entry for kind, entry in door.hotel.log_entries() if kind == "enrolment"]
    assert entries[-1]["looked_at_by"] == "officer"


def test_who_is_only_somewhat_alike_is_enrolled(door: StaffDoor) -> None:
    door.agree(ANN)
    door.agree(BEN)
    door.desk.enrol(door.order(ANN, face_at(0.0, seed=1)))
    assert door.desk.enrol(door.order(BEN, face_at(0.7, seed=2))).compared == 1


def test_pictures_that_cant_be_used_are_named_with_what_to_change(door: StaffDoor) -> None:
    door.agree(ANN)
    good, stranger = face_at(0.0, seed=1), face_at(2.5, seed=2)
    poor = face_at(0.0, seed=3, quality=20)
    order = door.order(ANN, good, b"none", poor, good, stranger, face_at(0.1, seed=4))
    done = door.desk.enrol(order)
    assert [(one.number, one.codes) for one in done.left_out] == [
        (2, ("not-a-picture",)),
        (3, ("blurred",)),
        (4, ("same-picture",)),
        (5, ("unlike-the-others",)),
    ]
    assert "Hold still." in " ".join(done.left_out[1].words)
    assert (done.samples, done.quality) == (2, 80)


@pytest.mark.parametrize(
    ("pictures", "refusal"),
    [
        pytest.param((b"none",), NoUsableSample, id="no picture"),
        pytest.param((face_at(0.0, seed=1, quality=20),), NoUsableSample, id="poor"),
        pytest.param((face_at(0.0, seed=1), face_at(2.0, seed=2)), SamplesDisagree, id="two people"),
    ],
)
def test_pictures_that_enrol_nobody(
    door: StaffDoor, pictures: tuple[bytes, ...], refusal: type[Exception]
) -> None:
    door.agree(ANN)
    with pytest.raises(refusal):
        door.desk.enrol(door.order(ANN, *pictures))
    assert door.gallery.count(door.door.purpose) == 0
    assert not door.hotel.store.duties.open(), "nothing is kept, so nothing is owed"
    assert not any(array.any() for array in door.watch.arrays)


def test_a_file_that_is_no_picture_leaves_no_trace(door: StaffDoor) -> None:
    before = door.hotel.store.log.size()
    with pytest.raises(NoUsableSample):
        door.desk.enrol(door.order(ANN, b"none"))
    assert door.hotel.store.log.size() == before


def test_a_consent_withdrawn_meanwhile_enrols_nobody(door: StaffDoor) -> None:
    door.agree(ANN)
    door.analyser.on_look = lambda: door.hotel.withdraw("consent.record")
    with pytest.raises(PermitRevoked):
        door.desk.enrol(door.order(ANN, face_at(0.0, seed=1)))
    assert door.gallery.count(door.door.purpose) == 0
    assert door.watch.all_wiped()


def test_the_door_needs_a_permit_for_exactly_this_person_once(door: StaffDoor) -> None:
    door.agree(ANN)
    enrolment = door.desk._enrolment_door
    request = door.hotel.request(
        operations=("capture", "enrol", "store"),
        purpose=door.door.purpose,
        place=door.door.place,
        device=door.door.device,
        subject=SubjectId(ANN),
    )
    granted = door.hotel.desk.permit(request, budget={Door.ENROL: 1})

    def reference(subject: str) -> NewReference:
        template = ReferenceTemplate(probe_at(0.0), door.gallery.model_id, 1)
        return NewReference(SubjectId(subject), door.door.purpose, template, door.hotel.clock.now())

    with pytest.raises(PermitNotForThis):
        enrolment.put(reference(BEN), permit=granted.token, request=request)
    enrolment.put(reference(ANN), permit=granted.token, request=request)
    with pytest.raises(PermitSpent):
        enrolment.put(reference(ANN), permit=granted.token, request=request)
