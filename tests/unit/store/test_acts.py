"""Permits are spent once each, duties stay open until discharged, decisions stay sealed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countenance.kernel import (
    DecisionId,
    DutyId,
    EvidenceId,
    FixedClock,
    KeyProvider,
    PermitId,
    PlaceId,
    PurposeId,
    new_id,
)
from countenance.store import (
    DecisionRecord,
    DutyRecord,
    EvidenceRecord,
    Issuer,
    PermitRecord,
    RecordExists,
    RecordTampered,
    RecordUnknown,
    Store,
)

Sql = Callable[..., list[tuple[object, ...]]]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PERMIT = PermitRecord(PermitId("prm_a"), "a" * 64, 3, NOON, NOON + HOUR)
DUTY = DutyRecord(
    DutyId("dty_a"),
    "image_deleted",
    "cn-01",
    PERMIT.permit_id,
    PlaceId("plc_lobby"),
    PurposeId("pur_checkin"),
    NOON + HOUR,
)
DECISION = DecisionRecord(DecisionId("dec_a"), PERMIT.permit_id, NOON, b"\x01sealed", "a.b.c")


def proof_of(store: Store) -> EvidenceId:
    record = EvidenceRecord.make(
        key="image_deleted", content={"count": 2}, author="system", issuer=Issuer.SYSTEM, recorded_at=NOON
    )
    store.evidence.add(record)
    return record.evidence_id


# --- permits --------------------------------------------------------------------------------------


def test_a_permit_comes_back_as_it_was(store: Store) -> None:
    store.permits.record(PERMIT)
    assert store.permits.get(PERMIT.permit_id) == PERMIT
    assert store.permits.uses(PERMIT.permit_id) == {}
    with pytest.raises(RecordExists):
        store.permits.record(PERMIT)


def test_an_unknown_permit_opens_nothing(store: Store) -> None:
    with pytest.raises(RecordUnknown):
        store.permits.get(PermitId("prm_none"))
    with pytest.raises(RecordUnknown):
        store.permits.spend(PermitId("prm_none"), "capture", 5)


@settings(deadline=None, max_examples=25)
@given(limit=st.integers(0, 4), tries=st.integers(0, 7))
def test_a_permit_is_spent_as_often_as_it_allows(shared_store: Store, limit: int, tries: int) -> None:
    permit = replace(PERMIT, permit_id=PermitId(new_id("prm")))
    shared_store.permits.record(permit)
    spent = [shared_store.permits.spend(permit.permit_id, "capture", limit) for _ in range(tries)]
    assert spent == [i < limit for i in range(tries)]
    assert shared_store.permits.uses(permit.permit_id).get("capture", 0) == min(limit, tries)


def test_doors_and_permits_are_counted_apart(store: Store) -> None:
    other = replace(PERMIT, permit_id=PermitId("prm_b"))
    store.permits.record(PERMIT)
    store.permits.record(other)
    for permit in (PERMIT, other):
        for door in ("capture", "extract"):
            assert store.permits.spend(permit.permit_id, door, 1)
            assert not store.permits.spend(permit.permit_id, door, 1)
    assert store.permits.uses(other.permit_id) == {"capture": 1, "extract": 1}


def test_many_threads_spend_no_more_than_the_limit(store: Store) -> None:
    store.permits.record(PERMIT)
    spent: list[bool] = []
    barrier = threading.Barrier(16)

    def spend() -> None:
        barrier.wait()
        spent.extend(store.permits.spend(PERMIT.permit_id, "capture", 20) for _ in range(5))

    threads = [threading.Thread(target=spend) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(spent), sum(spent)) == (80, 20)
    assert store.permits.uses(PERMIT.permit_id) == {"capture": 20}


def test_two_openings_of_one_folder_share_the_count(
    store: Store, folder: Path, provider: KeyProvider, clock: FixedClock
) -> None:
    store.permits.record(PERMIT)
    with Store.open(folder, key_provider=provider, clock=clock) as second:
        assert store.permits.spend(PERMIT.permit_id, "capture", 1)
        assert not second.permits.spend(PERMIT.permit_id, "capture", 1)


def test_a_permit_lengthened_by_hand_is_not_believed(store: Store, sql: Sql) -> None:
    store.permits.record(PERMIT)
    sql("UPDATE permits SET not_after = '2099-01-01T00:00:00.000000Z'")
    with pytest.raises(RecordTampered):
        store.permits.get(PERMIT.permit_id)


# --- duties ---------------------------------------------------------------------------------------


def test_a_duty_is_open_until_it_is_discharged(store: Store) -> None:
    store.duties.add(DUTY)
    assert store.duties.open() == (DUTY,)
    proof = proof_of(store)
    done = store.duties.discharge(DUTY.duty_id, proof, NOON)
    assert done == replace(DUTY, discharged_by=proof, discharged_at=NOON)
    assert store.duties.get(DUTY.duty_id) == done
    assert store.duties.open() == ()


def test_a_discharge_stands(store: Store) -> None:
    store.duties.add(DUTY)
    first = store.duties.discharge(DUTY.duty_id, proof_of(store), NOON)
    assert store.duties.discharge(DUTY.duty_id, proof_of(store), NOON + HOUR) == first


def test_a_duty_is_discharged_with_evidence_on_file_alone(store: Store) -> None:
    store.duties.add(DUTY)
    with pytest.raises(RecordUnknown):
        store.duties.discharge(DUTY.duty_id, EvidenceId("evd_none"), NOON)
    assert store.duties.open() == (DUTY,)


def test_unknown_duties_are_unknown(store: Store) -> None:
    with pytest.raises(RecordUnknown):
        store.duties.get(DutyId("dty_none"))
    with pytest.raises(RecordUnknown):
        store.duties.discharge(DutyId("dty_none"), proof_of(store), NOON)


def test_open_duties_are_found_by_place_and_purpose_the_first_due_in_front(store: Store) -> None:
    later = replace(DUTY, duty_id=DutyId("dty_b"), due=NOON + 2 * HOUR)
    elsewhere = replace(DUTY, duty_id=DutyId("dty_c"), place=PlaceId("plc_gate"))
    otherwise = replace(DUTY, duty_id=DutyId("dty_d"), purpose=PurposeId("pur_access"))
    for duty in (later, elsewhere, otherwise, DUTY):
        store.duties.add(duty)
    assert store.duties.open(place=DUTY.place, purpose=DUTY.purpose) == (DUTY, later)
    assert store.duties.open(place=PlaceId("plc_gate")) == (elsewhere,)
    assert store.duties.open(purpose=PurposeId("pur_access")) == (otherwise,)
    assert len(store.duties.open()) == 4
    with pytest.raises(RecordExists):
        store.duties.add(DUTY)


def test_a_duty_put_off_by_hand_blocks(store: Store, sql: Sql) -> None:
    store.duties.add(DUTY)
    sql("UPDATE duties SET due = '2099-01-01T00:00:00.000000Z'")
    with pytest.raises(RecordTampered):
        store.duties.open()
    with pytest.raises(RecordTampered):
        store.duties.discharge(DUTY.duty_id, proof_of(store), NOON)


def test_a_duty_closed_by_hand_is_found(store: Store, sql: Sql) -> None:
    store.duties.add(DUTY)
    sql("UPDATE duties SET discharged_at = due")
    assert [row.identifier for row in store.check_records()] == [DUTY.duty_id]


# --- decisions ------------------------------------------------------------------------------------


def test_a_decision_comes_back_as_it_was(store: Store) -> None:
    store.permits.record(PERMIT)
    store.decisions.add(DECISION)
    assert store.decisions.get(DECISION.decision_id) == DECISION
    with pytest.raises(RecordExists):
        store.decisions.add(DECISION)
    with pytest.raises(RecordUnknown):
        store.decisions.get(DecisionId("dec_none"))


def test_a_decision_was_made_under_a_permit_of_ours(store: Store) -> None:
    with pytest.raises(RecordUnknown):
        store.decisions.add(DECISION)
    assert store.decisions.all_ids() == ()


def test_decisions_are_listed_the_oldest_first(store: Store) -> None:
    store.permits.record(PERMIT)
    for name, at in (("dec_c", NOON), ("dec_b", NOON + HOUR), ("dec_a", NOON + HOUR / 2)):
        store.decisions.add(replace(DECISION, decision_id=DecisionId(name), decided_at=at))
    assert store.decisions.all_ids() == ("dec_c", "dec_a", "dec_b")


@pytest.mark.parametrize(
    "column", ["sealed = zeroblob(9)", "receipt = 'd.e.f'", "decided_at = '2020-01-01T00:00:00.000000Z'"]
)
def test_a_decision_changed_by_hand_is_not_believed(store: Store, sql: Sql, column: str) -> None:
    store.permits.record(PERMIT)
    store.decisions.add(DECISION)
    sql(f"UPDATE decisions SET {column}")  # noqa: S608
    with pytest.raises(RecordTampered):
        store.decisions.get(DECISION.decision_id)


def test_a_decision_shows_neither_seal_nor_receipt() -> None:
    assert "sealed" not in repr(DECISION)
    assert "a.b.c" not in repr(DECISION)
