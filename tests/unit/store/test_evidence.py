"""Evidence: what counts at a moment, and what is left out because it isn't believed."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countenance.kernel import (
    DeviceId,
    EvidenceId,
    FixedClock,
    KeyProvider,
    PlaceId,
    PurposeId,
    SubjectId,
    new_id,
)
from countenance.store import (
    DemoEvidenceRefused,
    EvidenceKind,
    EvidenceRecord,
    EvidenceScope,
    Issuer,
    RecordExists,
    RecordTampered,
    RecordUnknown,
    SealKeyDestroyed,
    Store,
)
from countenance.store._models import EvidenceRow

Sql = Callable[..., list[tuple[object, ...]]]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANN, BEN = SubjectId("sub_ann"), SubjectId("sub_ben")
LOBBY, ROOM = PlaceId("plc_lobby"), PlaceId("plc_room")
CHECKIN = PurposeId("pur_checkin")

identifiers = st.none() | st.sampled_from(["a", "b"])
scopes = st.builds(
    EvidenceScope, place=identifiers, purpose=identifiers, device=identifiers, subject=identifiers
)


def a_record(**changes: Any) -> EvidenceRecord:
    given_: dict[str, Any] = {
        "key": "notice_posted",
        "content": {"text": "Faces are compared at this desk."},
        "author": "desk",
        "issuer": Issuer.PERSON,
        "recorded_at": NOON,
    }
    return EvidenceRecord.make(**(given_ | changes))


def test_a_record_comes_back_as_it_was(store: Store) -> None:
    record = a_record(
        scope=EvidenceScope(LOBBY, CHECKIN, DeviceId("dev_desk"), ANN),
        content={"text": "yes", "screen": {"version": 3}, "languages": ["zh", "en"]},
        valid_until=NOON + HOUR,
        issuer=Issuer.OUTSIDE,
    )
    store.evidence.add(record)
    assert store.evidence.get(record.evidence_id) == record
    assert store.evidence.at(NOON) == (record,)


def test_a_statement_comes_back(store: Store) -> None:
    record = a_record(key="subject.under14", kind=EvidenceKind.STATEMENT, content={"value": False})
    store.evidence.add(record)
    assert store.evidence.at(NOON)[0].content == {"value": False}


def test_unknown_evidence_is_unknown(store: Store) -> None:
    with pytest.raises(RecordUnknown):
        store.evidence.get(EvidenceId("evd_none"))
    with pytest.raises(RecordUnknown):
        store.evidence.withdraw(EvidenceId("evd_none"), at=NOON, by="desk", reason="asked")


def test_an_identifier_serves_once(store: Store) -> None:
    record = a_record()
    store.evidence.add(record)
    with pytest.raises(RecordExists):
        store.evidence.add(record)
    assert store.evidence.epoch() == 1


@pytest.mark.parametrize(
    "record",
    [
        replace(a_record(), content={"text": "something else"}),
        replace(a_record(), salt="0" * 32),
        replace(a_record(), content_hash="0" * 64),
        replace(a_record(), withdrawn_at=NOON),
    ],
    ids=["content", "salt", "hash", "withdrawn"],
)
def test_a_record_that_is_not_sound_is_not_taken(store: Store, record: EvidenceRecord) -> None:
    with pytest.raises(ValueError, match="holds the hash"):
        store.evidence.add(record)
    assert store.evidence.at(NOON) == ()


@pytest.mark.parametrize(
    ("moment", "counts"),
    [
        (NOON - timedelta(microseconds=1), False),
        (NOON, True),
        (NOON + HOUR - timedelta(microseconds=1), True),
        (NOON + HOUR, False),
        (NOON + 2 * HOUR, False),
    ],
    ids=["before", "at the beginning", "last moment", "at the end", "after"],
)
def test_a_record_counts_while_it_is_valid(store: Store, moment: datetime, *, counts: bool) -> None:
    record = a_record(valid_from=NOON, valid_until=NOON + HOUR)
    store.evidence.add(record)
    assert (store.evidence.at(moment) == (record,)) is counts
    assert record.valid_at(moment) is counts


def test_a_moment_in_another_zone_is_the_same_moment(store: Store) -> None:
    store.evidence.add(a_record())
    shanghai = datetime.fromisoformat("2026-11-22T20:00:00+08:00")
    assert len(store.evidence.at(shanghai)) == 1
    assert store.evidence.at(shanghai - timedelta(seconds=1)) == ()


def test_a_withdrawn_record_no_longer_counts(store: Store) -> None:
    record = a_record()
    store.evidence.add(record)
    withdrawn = store.evidence.withdraw(record.evidence_id, at=NOON + HOUR, by="desk", reason="asked")
    assert withdrawn == replace(record, withdrawn_at=NOON + HOUR)
    assert store.evidence.get(record.evidence_id) == withdrawn
    assert store.evidence.at(NOON + HOUR) == ()
    assert store.evidence.at(NOON) == (withdrawn,)


def test_a_withdrawal_stands(store: Store) -> None:
    record = a_record()
    store.evidence.add(record)
    first = store.evidence.withdraw(record.evidence_id, at=NOON, by="desk", reason="asked")
    second = store.evidence.withdraw(record.evidence_id, at=NOON + HOUR, by="desk", reason="again")
    assert second == first
    assert store.evidence.epoch() == 2


def test_the_epoch_grows_with_every_change(store: Store) -> None:
    seen = [store.evidence.epoch()]
    for _ in range(3):
        record = a_record()
        store.evidence.add(record)
        seen.append(store.evidence.epoch())
        store.evidence.withdraw(record.evidence_id, at=NOON, by="desk", reason="asked")
        seen.append(store.evidence.epoch())
    assert seen == [0, 1, 2, 3, 4, 5, 6]


@settings(deadline=None, max_examples=25)
@given(recorded=st.lists(scopes, max_size=6), asked=scopes)
def test_a_scope_selects_what_covers_it(
    shared_store: Store, recorded: list[EvidenceScope], asked: EvidenceScope
) -> None:
    """SQL and :meth:`EvidenceScope.covers` choose the same records."""
    key = new_id("key")
    for scope in recorded:
        shared_store.evidence.add(a_record(key=key, scope=scope))
    found = {r.evidence_id for r in shared_store.evidence.at(NOON, scope=asked) if r.key == key}
    every = [r for r in shared_store.evidence.at(NOON) if r.key == key]
    assert len(every) == len(recorded)
    assert found == {r.evidence_id for r in every if r.scope.covers(asked)}


@pytest.mark.parametrize(
    ("mine", "asked", "covers"),
    [
        (EvidenceScope(), EvidenceScope(), True),
        (EvidenceScope(), EvidenceScope(LOBBY, CHECKIN, None, ANN), True),
        (EvidenceScope(subject=ANN), EvidenceScope(LOBBY, CHECKIN, None, ANN), True),
        (EvidenceScope(subject=ANN), EvidenceScope(subject=BEN), False),
        (EvidenceScope(subject=ANN), EvidenceScope(LOBBY), False),
        (EvidenceScope(place=LOBBY), EvidenceScope(ROOM), False),
        (EvidenceScope(place=LOBBY, subject=ANN), EvidenceScope(LOBBY, subject=BEN), False),
    ],
)
def test_which_scopes_cover_which(mine: EvidenceScope, asked: EvidenceScope, *, covers: bool) -> None:
    assert mine.covers(asked) is covers


# What somebody with the disk could change; none of it makes a record count that shouldn't.
HAND_EDITS = {
    "validity": ("UPDATE evidence SET valid_until = ?", "2099-01-01T00:00:00.000000Z"),
    "withdrawal": ("UPDATE evidence SET withdrawn_at = ?", None),
    "key": ("UPDATE evidence SET key = ?", "authorisation"),
    "place": ("UPDATE evidence SET place = ?", "plc_room"),
    "scope opened": ("UPDATE evidence SET purpose = ?", None),
    "subject": ("UPDATE evidence SET subject = ?", "sub_ben"),
    "issuer": ("UPDATE evidence SET issuer = ?", "outside"),
    "kind": ("UPDATE evidence SET kind = ?", "statement"),
    "demo": ("UPDATE evidence SET demo = ?", True),
    "content": ("UPDATE evidence SET body = ?", b'{"author":"x","content":{},"salt":""}'),
    "hash": ("UPDATE evidence SET content_hash = ?", "0" * 64),
    "identifier": ("UPDATE evidence SET evidence_id = ?", "evd_other"),
    "mac": ("UPDATE evidence SET mac = ?", bytes(32)),
    "recorded": ("UPDATE evidence SET recorded_at = ?", "2020-01-01T00:00:00.000000Z"),
}


@pytest.mark.parametrize("edit", HAND_EDITS.values(), ids=HAND_EDITS.keys())
@pytest.mark.parametrize("subject", [None, ANN], ids=["about nobody", "about somebody"])
def test_a_record_edited_by_hand_is_not_believed(
    store: Store,
    sql: Sql,
    caplog: pytest.LogCaptureFixture,
    edit: tuple[str, object],
    subject: SubjectId | None,
) -> None:
    record = a_record(scope=EvidenceScope(LOBBY, CHECKIN, None, subject), valid_until=NOON + HOUR)
    sound = a_record()
    store.evidence.add(record)
    store.evidence.add(sound)
    store.evidence.withdraw(record.evidence_id, at=NOON + HOUR / 2, by="desk", reason="asked")
    statement, value = edit
    sql(f"{statement} WHERE evidence_id = ?", value, record.evidence_id)
    identifier = "evd_other" if "SET evidence_id" in statement else record.evidence_id
    with caplog.at_level(logging.WARNING):
        assert store.evidence.at(NOON) == (sound,)
    assert "1 evidence records" in caplog.text
    assert store.evidence.tampered() == (identifier,)
    with pytest.raises(RecordTampered):
        store.evidence.get(EvidenceId(identifier))
    with pytest.raises(RecordTampered):
        store.evidence.withdraw(EvidenceId(identifier), at=NOON, by="desk", reason="asked")


def test_the_row_of_one_record_does_not_serve_as_another(store: Store, sql: Sql) -> None:
    """Swapping whole sealed bodies between two records of one subject is noticed."""
    one, other = (a_record(scope=EvidenceScope(subject=ANN), content={"value": i}) for i in (1, 2))
    store.evidence.add(one)
    store.evidence.add(other)
    sql(
        "UPDATE evidence SET body = (SELECT body FROM evidence WHERE evidence_id = ?) WHERE evidence_id = ?",
        other.evidence_id,
        one.evidence_id,
    )
    assert store.evidence.at(NOON) == (other,)


def test_a_record_whose_data_key_was_taken_out_by_hand_is_not_believed(store: Store, sql: Sql) -> None:
    """Unlike an erasure, which leaves a tombstone."""
    record = a_record(scope=EvidenceScope(subject=ANN))
    store.evidence.add(record)
    sql("DELETE FROM data_keys")
    assert store.evidence.at(NOON) == ()
    assert store.evidence.tampered() == (record.evidence_id,)


def test_a_record_without_its_hash_is_not_believed_even_under_a_fitting_mac(store: Store) -> None:
    record = a_record()
    store.evidence.add(record)
    with store._database.write() as session:
        row = session.get(EvidenceRow, record.evidence_id)
        assert row is not None
        row.content_hash = "0" * 64
        store._row_mac.stamp(row)
    assert store.evidence.at(NOON) == ()
    assert store.evidence.tampered() == (record.evidence_id,)


def test_a_changed_epoch_is_not_believed(store: Store, sql: Sql) -> None:
    store.evidence.add(a_record())
    sql("UPDATE evidence_epoch SET epoch = 0")
    with pytest.raises(RecordTampered):
        store.evidence.epoch()
    with pytest.raises(RecordTampered):
        store.evidence.add(a_record())
    sql("DELETE FROM evidence_epoch")
    with pytest.raises(RecordTampered):
        store.evidence.epoch()


def test_demo_evidence_stays_in_the_demo(
    store: Store, tmp_path: Path, provider: KeyProvider, clock: FixedClock
) -> None:
    record = a_record(demo=True)
    with pytest.raises(DemoEvidenceRefused):
        store.evidence.add(record)
    with Store.create(tmp_path / "demo", key_provider=provider, clock=clock, demo=True) as demo:
        demo.evidence.add(record)
        assert demo.evidence.at(NOON) == (record,)


@pytest.mark.parametrize("marked_demo", [True, False])
def test_demo_rows_copied_into_a_real_store_do_not_count(
    store: Store, sql: Sql, tmp_path: Path, provider: KeyProvider, *, marked_demo: bool
) -> None:
    """Also not when the mark is taken off, and although both stores hang under one root key."""
    folder = tmp_path / "demo"
    with Store.create(folder, key_provider=provider, clock=FixedClock(NOON), demo=True) as demo:
        demo.evidence.add(a_record(demo=True))
    with closing(sqlite3.connect(folder / "countenance.db")) as connection:
        (row,) = connection.execute("SELECT * FROM evidence").fetchall()
    sql(f"INSERT INTO evidence VALUES ({','.join('?' * len(row))})", *row)  # noqa: S608
    sql("UPDATE evidence SET demo = ?", marked_demo)
    assert store.evidence.at(NOON) == ()
    assert len(store.evidence.tampered()) == 1


def test_what_is_said_about_a_subject_is_not_in_the_file(store: Store, folder: Path) -> None:
    record = a_record(
        scope=EvidenceScope(subject=ANN, purpose=CHECKIN),
        content={"text": "Zhang-Wei agrees"},
        author="author-marker",
    )
    store.evidence.add(record)
    store.evidence.withdraw(record.evidence_id, at=NOON, by="by-marker", reason="reason-marker")
    everything = b"".join(path.read_bytes() for path in folder.iterdir())
    assert record.evidence_id.encode() in everything
    for marker in (b"Zhang-Wei", b"author-marker", b"by-marker", b"reason-marker", record.salt.encode()):
        assert marker not in everything


def test_with_the_key_goes_what_was_said(store: Store) -> None:
    about_ann = a_record(scope=EvidenceScope(subject=ANN))
    about_ben = a_record(scope=EvidenceScope(subject=BEN))
    store.evidence.add(about_ann)
    store.evidence.add(about_ben)
    store.vault.destroy_subject(ANN)
    assert store.evidence.at(NOON) == (about_ben,)
    assert store.evidence.tampered() == ()
    with pytest.raises(SealKeyDestroyed):
        store.evidence.get(about_ann.evidence_id)


def test_keys_select_records(store: Store) -> None:
    notice, sign = a_record(), a_record(key="sign")
    store.evidence.add(notice)
    store.evidence.add(sign)
    assert store.evidence.at(NOON, keys=["sign"]) == (sign,)
    both = store.evidence.at(NOON, keys=["sign", "notice_posted"])
    assert {record.evidence_id for record in both} == {notice.evidence_id, sign.evidence_id}
    assert store.evidence.at(NOON, keys=[]) == ()


def test_the_content_hash_does_not_give_the_content_away() -> None:
    """The same yes twice: without the salt nobody can tell that they are the same."""
    one, other = (
        a_record(key="subject.under14", kind=EvidenceKind.STATEMENT, content={"value": True})
        for _ in range(2)
    )
    assert one.content_hash != other.content_hash
    assert one.holds_its_hash()
    assert other.holds_its_hash()


EDITS = {
    "what it says": "UPDATE evidence SET body = '{}' WHERE evidence_id = :it",
    "its key": "UPDATE evidence SET key = 'other' WHERE evidence_id = :it",
    "its MAC": "UPDATE evidence SET mac = zeroblob(32) WHERE evidence_id = :it",
    "its end": "UPDATE evidence SET valid_until = NULL WHERE evidence_id = :it",
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_what_was_believed_before_is_not_believed_once_it_is_edited(
    store: Store, sql: Sql, edit: str
) -> None:
    record = a_record(valid_until=NOON + HOUR)
    store.evidence.add(record)
    assert store.evidence.at(NOON) == (record,)
    sql(edit.replace(":it", f"'{record.evidence_id}'"))
    assert store.evidence.at(NOON) == ()
    assert store.evidence.tampered() == (record.evidence_id,)


def test_what_is_remembered_follows_a_withdrawal(store: Store) -> None:
    record = a_record()
    store.evidence.add(record)
    assert store.evidence.at(NOON) == (record,)
    store.evidence.withdraw(record.evidence_id, at=NOON + HOUR, by="desk", reason="moved")
    assert store.evidence.at(NOON + HOUR) == ()
    (before,) = store.evidence.at(NOON)
    assert before.withdrawn_at == NOON + HOUR


def test_nothing_about_a_person_is_remembered(store: Store) -> None:
    about_ann = a_record(scope=EvidenceScope(subject=ANN), content={"text": "marker of Ann"})
    store.evidence.add(about_ann)
    store.evidence.add(a_record())
    assert len(store.evidence.at(NOON)) == 2
    kept = [record for _, record in store.evidence._known.values()]
    assert [record.scope.subject for record in kept] == [None]


def test_only_what_is_about_nobody_is_read_where_that_is_asked(store: Store) -> None:
    mine, hers = a_record(), a_record(scope=EvidenceScope(subject=ANN))
    store.evidence.add(mine)
    store.evidence.add(hers)
    assert store.evidence.at(NOON, about_nobody=True) == (mine,)
    assert {record.evidence_id for record in store.evidence.at(NOON)} == {mine.evidence_id, hers.evidence_id}


def test_what_has_run_out_costs_no_reading(store: Store, sql: Sql) -> None:
    plan = sql(
        "EXPLAIN QUERY PLAN SELECT * FROM evidence WHERE valid_until > '2026' AND subject IS NULL "
        "AND valid_from <= '2027'"
    )
    assert any("ix_evidence_subject_until (subject=? AND valid_until>?)" in str(row) for row in plan), plan


def test_records_come_in_the_order_in_which_they_were_recorded_whatever_their_end(store: Store) -> None:
    records = [
        a_record(recorded_at=NOON + timedelta(seconds=i), valid_from=NOON,
                 valid_until=None if i % 2 else NOON + timedelta(hours=30 - i),
                 scope=EvidenceScope(subject=ANN if i % 3 == 0 else None))
        for i in range(12)
    ]  # fmt: skip
    for record in reversed(records):
        store.evidence.add(record)
    found = store.evidence.at(NOON + HOUR, scope=EvidenceScope(subject=ANN))
    assert found == tuple(records)


def test_records_put_on_file_together_come_back_each_as_it_was(store: Store) -> None:
    records = [a_record(scope=EvidenceScope(subject=who)) for who in (ANN, None, BEN, ANN, None)]
    store.evidence.add_all(records)
    assert [store.evidence.get(record.evidence_id) for record in records] == records
    assert store.evidence.epoch() == len(records)
    assert store.evidence.tampered() == ()
    store.evidence.add_all([])
    assert store.evidence.epoch() == len(records)


def test_of_records_put_on_file_together_all_are_or_none(store: Store) -> None:
    there, fresh = a_record(), a_record(scope=EvidenceScope(subject=ANN))
    store.evidence.add(there)
    with pytest.raises(RecordExists):
        store.evidence.add_all([fresh, there])
    with pytest.raises(ValueError, match="isn't withdrawn"):
        store.evidence.add_all([fresh, replace(a_record(), withdrawn_at=NOON)])
    with pytest.raises(RecordUnknown):
        store.evidence.get(fresh.evidence_id)
    assert store.evidence.epoch() == 1
