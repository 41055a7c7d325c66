"""People are searched for by the product's own doors, rules, gallery and receipts; the faces are made up."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from comparison_limits import limits_of
from countenance.authority import RefusedByRule
from countenance.capture import PictureRefused
from countenance.decisions import (
    ErrorTableInvalid,
    FpirNotOffered,
    GalleryBeyondEvidence,
    GalleryEmpty,
    Hold,
    Outcome,
    Pace,
    SearchNotMeasured,
    TooManyComparisons,
    check_receipt,
    search_level,
)
from countenance.kernel import (
    Material,
    PermitNotForThis,
    PermitRevoked,
    PlaceId,
    PurposeId,
    SubjectId,
    sha256_hex,
)
from countenance.liveness import NotShownToBeAPerson, judge_track, person_shown
from identification_door import (
    FPIR,
    TABLE,
    TAIL,
    VISITOR,
    IdentificationDoor,
    identification_desk,
    identification_door,
)
from scene_tracks import talking
from staff_door import face_at
from verification_desk import MadeUpFace, picture_of

ANN = face_at(0.1, seed=901)
STRANGER = face_at(math.pi, seed=902)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[IdentificationDoor]:
    """A staff door at which two people are enrolled."""
    with identification_door(tmp_path) as opened:
        opened.enrol("sub_ann", 0.0)
        opened.enrol("sub_ben", math.pi / 2)
        yield opened


@pytest.mark.parametrize(
    ("probe", "outcome", "named"),
    [
        pytest.param(ANN, Outcome.LEAD, ["sub_ann"], id="enrolled"),
        pytest.param(STRANGER, Outcome.UNKNOWN, [], id="stranger"),
        pytest.param(face_at(0.1, seed=903, quality=5), Outcome.INCONCLUSIVE, [], id="too-poor"),
        pytest.param(
            picture_of(MadeUpFace(0.1, 80, 5, 60), MadeUpFace(0.2, 80, 80, 60), seed=904),
            Outcome.INCONCLUSIVE,
            [],
            id="two-faces",
        ),
    ],
)
def test_whoever_stands_there_gets_an_answer_with_a_receipt(
    door: IdentificationDoor, probe: bytes, outcome: Outcome, named: list[str]
) -> None:
    done = door.search(probe)
    decision = done.decision
    assert decision.outcome is outcome
    assert [one.subject for one in decision.candidates] == named
    assert (decision.stated_error.asked, decision.stated_error.people) == (FPIR, 2)
    assert decision.reviewers == 1
    receipt = check_receipt(door.staff.hotel.store.signer, done.receipt)
    assert (receipt.outcome, receipt.people, receipt.asked) == (outcome, 2, FPIR)
    assert [entry["outcome"] for entry in door.decided()] == [outcome.value]
    assert door.staff.watch.all_wiped()
    assert door.owed() == ["human_review"]


def test_a_poor_picture_says_what_to_change(door: IdentificationDoor) -> None:
    poor = door.search(face_at(0.1, seed=903, quality=5)).decision
    assert "blurred" in poor.inputs[0].codes
    assert any("Hold still." in sentence for sentence in poor.words)


def test_of_a_face_behind_no_template_is_made(door: IdentificationDoor) -> None:
    behind = picture_of(MadeUpFace(0.1, 80, 40, 70), MadeUpFace(math.pi / 2, 80, 2, 15), seed=905)
    done = door.search(behind)
    assert [one.subject for one in done.decision.candidates] == ["sub_ann"]


def test_acting_on_it_alone_is_asked_of_the_rules_as_well(door: IdentificationDoor) -> None:
    done = door.search(ANN, automatic=True)
    assert (done.decision.outcome, done.decision.holds) == (Outcome.MATCH, ())
    assert "decide_auto" in done.verdict.operations
    assert door.owed() == ["human_review"]
    door.staff.hotel.withdraw("appeal_channel")
    with pytest.raises(RefusedByRule):
        door.search(ANN, automatic=True)


def test_of_two_who_are_alike_nobody_is_matched(door: IdentificationDoor) -> None:
    door.enrol("sub_twin", 0.15, looked_at_by="reviewer")
    done = door.search(ANN, automatic=True)
    assert done.decision.outcome is Outcome.LEAD
    assert Hold.SEVERAL in done.decision.holds
    references = [one.reference_id for one in done.decision.candidates]
    assert references == sorted(references)
    assert {one.subject for one in done.decision.candidates} == {"sub_ann", "sub_twin"}


def test_who_has_a_twin_is_never_matched_though_the_twin_is_far_from_the_picture(
    door: IdentificationDoor,
) -> None:
    # The twin is as close to the reference as two pictures of one person, and not to this picture.
    twin = door.enrol("sub_twin", 0.62, looked_at_by="reviewer")
    done = door.search(face_at(-0.7, seed=907), automatic=True)
    assert [one.subject for one in done.decision.candidates] == ["sub_ann"]
    assert (done.decision.outcome, done.decision.holds) == (Outcome.LEAD, (Hold.LOOK_ALIKE,))
    # Gone with the twin.
    door.staff.hotel.store.references.remove([twin])
    again = door.search(face_at(-0.7, seed=908), automatic=True)
    assert (again.decision.outcome, again.decision.holds) == (Outcome.MATCH, ())


def test_who_searches_too_often_waits(door: IdentificationDoor) -> None:
    pace = Pace(at_once=2, every=timedelta(minutes=1))
    door.desk._limits = limits_of(door.staff.hotel, caller=pace)
    for _ in range(2):
        door.search(ANN)
    seen, decided = len(door.staff.watch.arrays), door.decided()
    with pytest.raises(TooManyComparisons) as caught:
        door.search(ANN)
    assert caught.value.retry_after == 60
    assert (len(door.staff.watch.arrays), door.decided()) == (seen, decided)


def test_the_threshold_is_the_one_that_the_rate_asks_for(door: IdentificationDoor) -> None:
    level = search_level(TABLE, fpir=FPIR, people=2)
    just = math.acos(level.threshold)
    above, below = (door.search(face_at(angle, seed=906)).decision for angle in (-just + 1e-3, -just - 1e-3))
    assert (above.outcome, below.outcome) == (Outcome.LEAD, Outcome.UNKNOWN)


def test_who_doesnt_agree_isnt_looked_at(door: IdentificationDoor) -> None:
    seen = len(door.staff.watch.arrays)
    with pytest.raises(RefusedByRule):
        door.desk.identify(door.order(ANN))
    assert len(door.staff.watch.arrays) == seen
    assert door.decided() == []


def test_who_takes_the_consent_back_meanwhile_gets_no_decision(door: IdentificationDoor) -> None:
    door.staff.analyser.on_look = lambda: door.staff.hotel.withdraw("consent.record")
    with pytest.raises(PermitRevoked):
        door.search(ANN)
    assert [entry["outcome"] for entry in door.decided()] == ["failed"]
    assert door.staff.watch.all_wiped()
    assert door.owed() == ["human_review"]


def test_what_cant_be_stated_costs_nobody_a_look(door: IdentificationDoor) -> None:
    door.staff.agree(VISITOR)
    seen = len(door.staff.watch.arrays)
    with pytest.raises(FpirNotOffered):
        door.desk.identify(door.order(ANN, fpir=0.5))
    with pytest.raises(GalleryEmpty):
        door.desk.identify(door.order(ANN, purpose=PurposeId("pur_gym")))
    with pytest.raises(PictureRefused):
        door.desk.identify(door.order(b"no picture"))
    unmeasured = identification_desk(door.staff, table=replace(TABLE, tail=None))
    with pytest.raises(SearchNotMeasured):
        unmeasured.identify(door.order(ANN))
    assert len(door.staff.watch.arrays) == seen
    assert door.decided() == []


def test_a_gallery_above_the_evidence_isnt_searched(door: IdentificationDoor) -> None:
    small = replace(TABLE, tail=replace(TAIL, ceiling=0.37))
    assert small.tail is not None
    largest = small.tail.largest_gallery(fpir=FPIR)
    assert largest < 2
    with pytest.raises(GalleryBeyondEvidence, match=f"at most {largest} people"):
        identification_desk(door.staff, table=small).identify(door.order(ANN))


def test_people_who_come_while_a_picture_is_looked_at_count(door: IdentificationDoor) -> None:
    def enrol_more() -> None:
        door.staff.analyser.on_look = None
        door.enrol("sub_cyd", math.pi)

    door.staff.analyser.on_look = enrol_more
    assert door.search(ANN).decision.stated_error.people == 3


def test_a_permit_for_fewer_people_doesnt_open_the_door(
    door: IdentificationDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    permit = door.staff.hotel.desk.permit
    monkeypatch.setattr(
        type(door.staff.hotel.desk),
        "permit",
        lambda _, request, **named: permit(request, **(named | {"largest_gallery": 1})),
    )
    with pytest.raises(PermitNotForThis):
        door.search(ANN)
    assert [entry["outcome"] for entry in door.decided()] == ["failed"]


def test_references_of_another_place_take_no_part(door: IdentificationDoor) -> None:
    elsewhere = door.staff.hotel.site.place
    door.enrol("sub_far", math.pi, only_at=elsewhere)
    assert door.search(STRANGER).decision.outcome is Outcome.UNKNOWN


def test_who_was_taken_out_is_named_no_more(door: IdentificationDoor) -> None:
    assert door.search(ANN).decision.outcome is Outcome.LEAD
    door.staff.gallery.erase_subject(SubjectId("sub_ann"), door.staff.door.purpose)
    assert door.search(ANN).decision.outcome is Outcome.UNKNOWN


def test_log_receipt_and_answer_name_no_score_and_the_log_nobody(door: IdentificationDoor) -> None:
    done = door.search(ANN)
    score = math.cos(0.1)
    store = door.staff.hotel.store
    sealed = store.decisions.get(done.decision.decision_id).sealed
    opened = json.loads(
        store.vault.open(
            VISITOR,
            door.staff.door.purpose,
            sealed,
            context={
                "record": "decision",
                "decision": done.decision.decision_id,
                "rule_set": done.decision.rule_set,
            },
        )
    )
    assert opened["scores"][0][1] == pytest.approx(score, abs=1e-5)
    shown = json.dumps(done.decision.to_json()) + done.receipt + repr(done) + json.dumps(door.decided())
    assert f"{score:.3f}" not in shown
    assert f"{opened['threshold']:.4f}" not in shown
    assert "sub_ann" not in json.dumps(door.decided())
    assert done.previews[0].aligned.any()
    done.previews[0].wipe()


def test_gallery_table_and_door_are_of_one_network(door: IdentificationDoor) -> None:
    with pytest.raises(ErrorTableInvalid):
        identification_desk(door.staff, table=replace(TABLE, model_id="another-network"))


@pytest.mark.parametrize("kind", ["residential", "street"])
def test_where_people_pass_only_a_person_who_was_shown_is_searched_for(
    door: IdentificationDoor, kind: str
) -> None:
    """The one picture alone is refused before anybody is asked; so is another picture than the one shown."""
    hotel = door.staff.hotel
    gate = PlaceId("plc_gate")
    beside = hotel.desk.registrar.places()[door.staff.door.place]
    hotel.desk.registrar.add_place(replace(beside, place_id=gate, kind=kind))
    before, seen = hotel.store.log.size(), len(door.staff.watch.arrays)
    with pytest.raises(NotShownToBeAPerson, match="One image"):
        door.desk.receive(door.order(ANN, place=gate))
    shown = person_shown(judge_track(talking()), material=Material(sha256_hex(STRANGER)))
    with pytest.raises(NotShownToBeAPerson, match="isn't that of the person"):
        door.desk.receive(door.order(ANN, place=gate, shown=shown))
    assert (hotel.store.log.size(), len(door.staff.watch.arrays)) == (before, seen)
    own = person_shown(judge_track(talking()), material=Material(sha256_hex(ANN)))
    with door.desk.receive(door.order(ANN, place=gate, shown=own)) as received:
        assert received.level.threshold > 0


def test_inside_a_picture_is_enough_and_one_of_a_person_as_well(door: IdentificationDoor) -> None:
    own = person_shown(judge_track(talking()), material=Material(sha256_hex(ANN)))
    for shown in (None, own):
        assert door.search(ANN, shown=shown).decision.outcome is Outcome.LEAD
