"""Passes are issued by the product's own doors, rules and keys; the faces are made up."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from countenance.authority import RefusedByRule
from countenance.capture import CaptureDoor, CaptureLimits
from countenance.enrolment import IssuedPass, NoUsableSample, PassIssuing, SamplesDisagree, TemplateTaking
from countenance.gallery import HolderPasses
from countenance.kernel import PermitRevoked, SubjectId
from countenance.vision import QualityGate
from staff_door import RULE, StaffDoor, face_at
from verification_desk import MadeUpEmbedder, WatchedExtraction

ANN = "sub_ann"
MONTH = timedelta(days=30)


@pytest.fixture
def passes(door: StaffDoor) -> HolderPasses:
    store = door.hotel.store
    return HolderPasses(
        deployment=store.deployment.deployment_id,
        model_id=MadeUpEmbedder().model_id,
        keys=store.purpose_keys,
        revocations=store.pass_revocations,
        clock=door.hotel.clock,
    )


@pytest.fixture
def issuing(door: StaffDoor, passes: HolderPasses) -> PassIssuing:
    verifier = door.hotel.desk.verifier
    extraction = WatchedExtraction(embedder=MadeUpEmbedder(), verifier=verifier, operation="enrol")
    extraction.watch = door.watch
    capture = CaptureDoor(verifier=verifier, limits=CaptureLimits())
    return PassIssuing(
        authority=door.hotel.desk,
        capture_door=capture,
        taking=TemplateTaking(
            capture_door=capture,
            analyser=door.analyser,  # type: ignore[arg-type]
            extraction_door=extraction,
            least_alike=RULE.same,
            quality_gate=QualityGate(),
        ),
        passes=passes,
        store=door.hotel.store,
        clock=door.hotel.clock,
    )


def issued(door: StaffDoor, issuing: PassIssuing, *, valid_for: timedelta = MONTH) -> IssuedPass:
    door.agree(ANN)
    order = door.order(ANN, face_at(0.0, seed=1), face_at(0.2, seed=2))
    return issuing.issue(order, valid_for=valid_for)


def test_who_agreed_gets_a_pass_that_holds_the_fused_template(
    door: StaffDoor, issuing: PassIssuing, passes: HolderPasses
) -> None:
    done = issued(door, issuing, valid_for=timedelta(minutes=10))
    assert (done.samples, done.left_out) == (2, ())
    opened = passes.open(done.text, purpose=door.door.purpose)
    assert opened.subject == ANN
    between = np.zeros(192, dtype=np.float32)
    between[:2] = np.cos(0.1), np.sin(0.1)
    probe = passes.probe(opened, between, purpose=door.door.purpose)
    assert float(probe @ opened.reference) == pytest.approx(1.0, abs=1e-3)
    assert done.valid_until - done.valid_from == timedelta(minutes=10)


def test_nothing_is_kept_and_nothing_is_owed(door: StaffDoor, issuing: PassIssuing) -> None:
    done = issued(door, issuing)
    assert door.gallery.count(door.door.purpose) == 0
    assert door.hotel.store.references.of(SubjectId(ANN)) == ()
    assert door.hotel.store.duties.open() == ()
    assert door.watch.arrays
    assert door.watch.all_wiped()
    assert door.outcomes() == ["pass issued"]
    # Neither serial nor text: whose pass one is can't be read from the log.
    written = repr(door.hotel.log_entries())
    assert done.serial not in written
    assert done.text not in written
    assert done.serial not in repr(done)
    assert done.text not in repr(done)


def test_it_ends_no_later_than_the_consent(door: StaffDoor, issuing: PassIssuing) -> None:
    done = issued(door, issuing, valid_for=timedelta(days=9999))
    consent = next(
        one for one in door.hotel.store.evidence.about(SubjectId(ANN)) if one.key == "consent.record"
    )
    assert consent.valid_until is not None
    assert done.valid_until == consent.valid_until.replace(microsecond=0)


def test_who_didnt_agree_isnt_looked_at(door: StaffDoor, issuing: PassIssuing) -> None:
    with pytest.raises(RefusedByRule):
        issuing.issue(door.order(ANN, face_at(0.0, seed=1)), valid_for=MONTH)
    assert door.watch.arrays == []


@pytest.mark.parametrize(
    ("pictures", "error"),
    [
        pytest.param((face_at(0.0, seed=1, quality=5),), NoUsableSample, id="too-poor"),
        pytest.param((face_at(0.0, seed=1), face_at(2.0, seed=2)), SamplesDisagree, id="two-people"),
    ],
)
def test_what_doesnt_do_leaves_a_log_entry_and_nothing_owed(
    door: StaffDoor, issuing: PassIssuing, pictures: tuple[bytes, ...], error: type[Exception]
) -> None:
    door.agree(ANN)
    with pytest.raises(error):
        issuing.issue(door.order(ANN, *pictures), valid_for=MONTH)
    assert door.outcomes() == ["no pass issued"]
    assert door.own_open_duties() == []
    assert door.watch.all_wiped()


def test_a_file_that_is_no_picture_leaves_no_trace(door: StaffDoor, issuing: PassIssuing) -> None:
    with pytest.raises(NoUsableSample):
        issuing.issue(door.order(ANN, b"no picture"), valid_for=MONTH)
    assert door.outcomes() == []


def test_who_takes_the_consent_back_meanwhile_gets_none(door: StaffDoor, issuing: PassIssuing) -> None:
    door.agree(ANN)
    door.analyser.on_look = lambda: door.hotel.withdraw("consent.record")
    with pytest.raises(PermitRevoked):
        issuing.issue(door.order(ANN, face_at(0.0, seed=1)), valid_for=MONTH)
    assert door.outcomes() == ["no pass issued"]
    assert door.watch.all_wiped()


def test_a_pass_that_holds_for_no_time_isnt_made(door: StaffDoor, issuing: PassIssuing) -> None:
    with pytest.raises(ValueError, match="second"):
        issuing.issue(door.order(ANN, face_at(0.0, seed=1)), valid_for=timedelta(0))
