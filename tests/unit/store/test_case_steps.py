"""Cases, step by step: added, sealed where they are about somebody, gone with the person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from countenance.kernel import CaseId, DutyId, PermitId, PlaceId, PurposeId, SubjectId
from countenance.store import DutyRecord, RecordTampered, RecordUnknown, Store
from held_people import NOON

LEAK, OTHER, ASKED = CaseId("inc_one"), CaseId("inc_two"), CaseId("req_one")
ANN = SubjectId("sub_annplantedmarker")
Sql = Callable[..., list[tuple[object, ...]]]


def test_steps_are_numbered_by_case(store: Store) -> None:
    for case_id, kind in ((LEAK, "opened"), (OTHER, "opened"), (LEAK, "closed")):
        store.cases.add(case_id, kind, at=NOON, author="officer", body={"words": kind})
    assert [(step.number, step.kind) for step in store.cases.of(LEAK)] == [(1, "opened"), (2, "closed")]
    assert store.cases.of(LEAK)[1].body == {"words": "closed"}
    assert store.cases.all_ids("inc_") == (LEAK, OTHER)
    assert store.cases.all_ids("req_") == ()
    with pytest.raises(RecordUnknown):
        store.cases.of(ASKED)


def test_the_oldest_case_comes_first(store: Store) -> None:
    store.cases.add(LEAK, "opened", at=NOON + timedelta(hours=1), author="officer", body={})
    store.cases.add(OTHER, "opened", at=NOON, author="officer", body={})
    assert store.cases.all_ids("inc_") == (OTHER, LEAK)


def test_an_underscore_is_no_wildcard(store: Store) -> None:
    store.cases.add(CaseId("incident"), "opened", at=NOON, author="officer", body={})
    assert store.cases.all_ids("inc_") == ()


def test_what_is_said_of_a_person_is_sealed_and_goes_with_them(store: Store, folder: Path) -> None:
    store.cases.add(
        ASKED, "opened", at=NOON, author="clerk", body={"right": "access"}, subject=ANN, words="asks for all"
    )
    (step,) = store.cases.of(ASKED)
    assert (step.subject, step.words) == (ANN, "asks for all")
    assert "asks for all" not in repr(step)
    assert all(b"asks for all" not in path.read_bytes() for path in folder.iterdir())
    assert store.cases.about(ANN) == (ASKED,)
    store.erasures.erase(ANN, None)
    (left,) = store.cases.of(ASKED)
    assert (left.subject, left.words, left.body) == (None, None, {"right": "access"})
    assert store.cases.about(ANN) == ()
    assert all(ANN.encode() not in path.read_bytes() for path in folder.iterdir())


def test_erasing_for_another_purpose_leaves_it(store: Store) -> None:
    store.cases.add(ASKED, "opened", at=NOON, author="clerk", body={}, subject=ANN, words="asks")
    store.vault.seal(ANN, PurposeId("pur_checkin"), b"x", context={})
    store.erasures.erase(ANN, PurposeId("pur_checkin"))
    assert store.cases.of(ASKED)[0].words == "asks"


@pytest.mark.parametrize(("subject", "words"), [(ANN, None), (None, "asks")])
def test_words_are_about_somebody(store: Store, subject: SubjectId | None, words: str | None) -> None:
    with pytest.raises(ValueError, match="somebody"):
        store.cases.add(ASKED, "opened", at=NOON, author="clerk", body={}, subject=subject, words=words)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE case_steps SET kind = 'closed'",
        "UPDATE case_steps SET at = '2026-01-01T00:00:00.000000Z'",
        "UPDATE case_steps SET body = '{}'",
        "UPDATE case_words SET subject = 'sub_other'",
    ],
)
def test_a_step_edited_by_hand_is_not_believed(store: Store, sql: Sql, change: str) -> None:
    store.cases.add(
        ASKED, "opened", at=NOON, author="clerk", body={"right": "access"}, subject=ANN, words="asks"
    )
    sql(change)
    with pytest.raises(RecordTampered):
        store.cases.of(ASKED)
    assert len(store.check_records()) == 1


# Duties of an incident.


def duty(**changes: object) -> DutyRecord:
    told = {
        "duty_id": DutyId("dty_one"),
        "key": "breach_notice",
        "rule": "EU-GDPR-33",
        "permit_id": None,
        "place": PlaceId("plc_frontdesk"),
        "purpose": None,
        "due": NOON,
        "case_id": LEAK,
    }
    return DutyRecord(**(told | changes))  # type: ignore[arg-type]


def test_a_duty_of_an_incident_concerns_every_purpose_at_its_place(store: Store) -> None:
    store.duties.add(duty())
    assert store.duties.get(DutyId("dty_one")) == duty()
    at_desk = store.duties.open(place=PlaceId("plc_frontdesk"), purpose=PurposeId("pur_checkin"))
    assert at_desk == (duty(),)
    assert store.duties.open(place=PlaceId("plc_other"), purpose=PurposeId("pur_checkin")) == ()


def test_a_duty_of_a_permit_concerns_its_own_purpose(store: Store) -> None:
    of_permit = duty(case_id=None, permit_id=PermitId("prm_one"), purpose=PurposeId("pur_checkin"))
    store.duties.add(of_permit)
    assert store.duties.open(purpose=PurposeId("pur_checkin")) == (of_permit,)
    assert store.duties.open(purpose=PurposeId("pur_other")) == ()


@pytest.mark.parametrize("permit", [None, PermitId("prm_one")])
def test_a_duty_comes_from_one_of_both(permit: PermitId | None) -> None:
    with pytest.raises(ValueError, match="permit or from a case"):
        duty(permit_id=permit, case_id=None if permit is None else LEAK)


def test_those_without_a_step_are_listed_alone(store: Store) -> None:
    for case_id, kind in ((LEAK, "opened"), (OTHER, "opened"), (LEAK, "closed"), (ASKED, "closed")):
        store.cases.add(case_id, kind, at=NOON, author="officer", body={})
    assert store.cases.all_ids("inc_", without="closed") == (OTHER,)
    assert store.cases.all_ids("inc_", without="opened") == ()
    assert store.cases.all_ids("inc_", without="noted") == (LEAK, OTHER)
