"""What stays when a data key goes is under another key, word for word; what was edited stays shut."""

from __future__ import annotations

import pytest

from countenance.kernel import PurposeId, SubjectId
from countenance.store import UNBOUND, RecordTampered, SealKeyDestroyed, Store
from countenance.store.sealing_anew import STATEMENT, part_of
from countenance.store.vault import sealed_under
from held_people import NOON, keep

CHECKIN, ACCESS, ANN = PurposeId("pur_checkin"), PurposeId("pur_access"), SubjectId("sub_ann")


def test_parts_are_told_apart() -> None:
    assert part_of("evd_a", "body") != part_of("evd_a", "withdrawal") != STATEMENT


def test_records_and_statements_that_stay_say_the_same_under_another_key(store: Store) -> None:
    held = keep(store, ANN, CHECKIN, records=3, statements=2)
    stays, also, _ = (record.evidence_id for record in held.records)
    store.evidence.withdraw(also, at=NOON, by="clerk", reason="the person said so")
    before = {record.evidence_id: record for record in store.evidence.about(ANN)}
    old = store.retention.file_of(ANN)[0].key_id
    erased = store.erasures.erase(ANN, CHECKIN, keeping=(stays, also))
    assert (erased.records, erased.decisions, erased.statements) == (1, 1, ())
    assert erased.sealed_anew == 4
    assert [key.key_id for key in erased.keys] == [old]
    assert {record.evidence_id: record for record in store.evidence.about(ANN)} == {
        name: before[name] for name in (stays, also)
    }
    (file,) = store.retention.file_of(ANN)
    assert file.key_id != old
    assert all(store.log.entry(index).entry == {"outcome": "permitted"} for index in held.statements)
    assert store.log.verify().ok
    assert store.check_records() == ()
    assert store.erasures.look_for(erased.needles).found == 0


def test_what_was_sealed_before_does_not_open(store: Store) -> None:
    held = keep(store, ANN, CHECKIN)
    blob = store.vault.seal(ANN, CHECKIN, b"a template", context={"record": "template"})
    store.erasures.erase(ANN, CHECKIN, keeping=[held.records[0].evidence_id])
    with pytest.raises(SealKeyDestroyed):
        store.vault.open(ANN, CHECKIN, blob, context={"record": "template"})
    again = store.vault.seal(ANN, CHECKIN, b"a template", context={"record": "template"})
    assert sealed_under(again) != sealed_under(blob)


def test_nothing_need_stay_but_what_the_log_says(store: Store) -> None:
    held = keep(store, ANN, CHECKIN)
    erased = store.erasures.erase(ANN, CHECKIN, keeping=())
    assert (erased.records, erased.sealed_anew) == (1, 1)
    assert store.log.entry(held.statements[0]).entry is not None


def test_another_purpose_keeps_its_key(store: Store) -> None:
    keep(store, ANN, CHECKIN)
    keep(store, ANN, ACCESS)
    before = {file.purpose: file.key_id for file in store.retention.file_of(ANN)}
    store.erasures.erase(ANN, CHECKIN, keeping=())
    after = {file.purpose: file.key_id for file in store.retention.file_of(ANN)}
    assert after[ACCESS] == before[ACCESS]
    assert after[CHECKIN] != before[CHECKIN]


@pytest.mark.parametrize("purpose", [None, UNBOUND])
def test_something_stays_for_one_purpose_alone(store: Store, purpose: PurposeId | None) -> None:
    keep(store, ANN, CHECKIN)
    with pytest.raises(ValueError, match="one purpose"):
        store.erasures.erase(ANN, purpose, keeping=())
    assert store.retention.file_of(ANN)[0].decisions


def test_a_record_that_was_edited_stays_shut(store: Store, sql) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    held = keep(store, ANN, CHECKIN, records=2)
    good, edited = (record.evidence_id for record in held.records)
    sql("UPDATE evidence SET key = 'consent.separate' WHERE evidence_id = ?", edited)
    erased = store.erasures.erase(ANN, CHECKIN, keeping=(good, edited))
    assert erased.sealed_anew == 2, "one record and one statement"
    assert [record.evidence_id for record in store.evidence.about(ANN)] == [good]
    with pytest.raises(RecordTampered):
        store.evidence.get(edited)
