"""After an erasure nothing mentions the person: no row, no key, no index, no byte of any file."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countenance.kernel import FixedClock, KeyProvider, PurposeId, SubjectId, new_id
from countenance.store import (
    UNBOUND,
    Erased,
    RecordUnknown,
    SealKeyDestroyed,
    Store,
    SubjectNotOnFile,
)
from countenance.store.sqlite import SqliteDatabase
from held_people import NOON, hold_on, keep

CHECKIN, ACCESS = PurposeId("pur_checkin"), PurposeId("pur_access")
ANN, BEN = SubjectId("sub_annplantedmarker"), SubjectId("sub_benplantedmarker")


Sql = Callable[..., list[tuple[object, ...]]]


def mentions(folder: Path, marker: bytes) -> list[str]:
    """Return the files of the folder in which the bytes stand."""
    return [path.name for path in sorted(folder.iterdir()) if marker in path.read_bytes()]


def cells(folder: Path, marker: str) -> list[str]:
    """Return table and column of every cell, indexed or not, that holds the text."""
    found = []
    with closing(sqlite3.connect(folder / "countenance.db")) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in database.execute(f"SELECT * FROM {table}"):  # noqa: S608 - names of our own tables
                found += [table for value in row if marker in str(value)]
    return found


def test_everything_about_a_person_goes(store: Store, folder: Path) -> None:
    first = keep(store, ANN, CHECKIN, records=3, decisions=2, statements=2)
    keep(store, ANN, ACCESS)
    keep(store, ANN, UNBOUND, decisions=0)
    other = keep(store, BEN, CHECKIN)
    assert mentions(folder, ANN.encode())
    erased = store.erasures.erase(ANN, None)
    assert (erased.records, erased.decisions, len(erased.keys), len(erased.statements)) == (5, 3, 3, 4)
    assert erased.log_emptied
    assert cells(folder, ANN) == []
    assert mentions(folder, ANN.encode()) == []
    assert store.log.verify().ok
    assert store.check_records() == ()
    assert store.evidence.about(ANN) == ()
    with pytest.raises(RecordUnknown):
        store.decisions.get(first.decisions[0])
    assert store.decisions.get(other.decisions[0]).decided_at == NOON
    assert len(store.evidence.about(BEN)) == 1


def test_one_purpose_goes_and_the_other_stays(store: Store) -> None:
    keep(store, ANN, CHECKIN)
    kept = keep(store, ANN, ACCESS)
    unbound = keep(store, ANN, UNBOUND, decisions=0)
    erased = store.erasures.erase(ANN, CHECKIN)
    assert [key.purpose for key in erased.keys] == [CHECKIN]
    left = {record.evidence_id for record in store.evidence.about(ANN)}
    assert left == {r.evidence_id for r in (*kept.records, *unbound.records)}
    assert store.log.entry(kept.statements[0]).entry == {"outcome": "permitted"}
    assert store.log.verify().ok


def test_what_was_erased_cannot_be_opened(store: Store) -> None:
    sealed = store.vault.seal(ANN, CHECKIN, b"secret", context={"a": "b"})
    store.erasures.erase(ANN, CHECKIN)
    with pytest.raises(SealKeyDestroyed):
        store.vault.open(ANN, CHECKIN, sealed, context={"a": "b"})
    assert [key.purpose for key in store.vault.destroyed()] == [CHECKIN]


def test_every_erasure_raises_the_epoch_and_is_logged(store: Store) -> None:
    keep(store, ANN, CHECKIN)
    epoch = store.evidence.epoch()

    def said(erased: Erased) -> dict[str, object]:
        return {"by": "officer", "count": erased.records}

    erased = store.erasures.erase(ANN, None, said=said)
    assert store.evidence.epoch() == epoch + 1
    assert erased.receipt is not None
    entry = store.log.entry(erased.receipt.index)
    assert entry.kind == "log-erased"
    assert entry.entry is not None
    assert entry.entry["by"] == "officer"
    assert entry.entry["keys"] == [key.key_id for key in erased.keys]
    assert ANN not in str(entry.entry)


def test_who_is_not_on_file_cannot_be_erased(store: Store) -> None:
    size = store.log.size()
    with pytest.raises(SubjectNotOnFile):
        store.erasures.erase(ANN, None)
    keep(store, ANN, CHECKIN)
    with pytest.raises(SubjectNotOnFile):
        store.erasures.erase(ANN, ACCESS)
    assert store.log.size() == size + 1


def test_an_erasure_that_fails_changes_nothing(store: Store) -> None:
    keep(store, ANN, CHECKIN)

    def fails(_: Erased) -> dict[str, object]:
        raise LookupError

    with pytest.raises(LookupError):
        store.erasures.erase(ANN, None, said=fails)
    assert len(store.evidence.about(ANN)) == 1
    assert store.vault.destroyed() == ()
    assert store.log.verify().ok


def test_another_reader_that_keeps_the_write_ahead_log_is_told_of(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store, ANN, CHECKIN)
    monkeypatch.setattr(SqliteDatabase, "truncate_write_ahead_log", lambda _: False)
    assert store.erasures.erase(ANN, None).log_emptied is False


def test_a_hold_that_is_over_goes_with_the_person(store: Store, folder: Path) -> None:
    keep(store, ANN, CHECKIN)
    hold_on(store, ANN)
    store.holds.lift(ANN, at=NOON, by="officer")
    assert store.erasures.erase(ANN, None).holds == 1
    assert store.holds.of(ANN) == ()
    assert cells(folder, ANN) == []


def test_the_tombstone_of_an_earlier_version_loses_its_name(
    store: Store, folder: Path, provider: KeyProvider, clock: FixedClock
) -> None:
    from countenance.store._models import DestroyedKeyRow  # noqa: PLC0415 - a row as it was written before

    with store._database.write() as session:
        row = DestroyedKeyRow(key_id=b"k" * 16, subject=ANN, purpose=CHECKIN, destroyed_at=NOON)
        store._row_mac.stamp(row)
        session.add(row)
    store.close()
    with Store.open(folder, key_provider=provider, clock=clock) as again:
        assert again.check_records() == ()
        assert [key.key_id for key in again.vault.destroyed()] == [(b"k" * 16).hex()]
        assert cells(folder, ANN) == []


def test_records_whose_time_is_over_go_alone(store: Store) -> None:
    held = keep(store, ANN, CHECKIN, records=2, decisions=2)
    store.erasures.remove(
        records=[held.records[0].evidence_id], decisions=[held.decisions[0]], said={"rules": ["r"]}
    )
    assert [r.evidence_id for r in store.evidence.about(ANN)] == [held.records[1].evidence_id]
    assert store.decisions.all_ids() == (held.decisions[1],)
    assert store.log.verify().ok


def test_a_record_about_nobody_is_not_removed(store: Store, sql: Sql) -> None:
    held = keep(store, ANN, CHECKIN)
    sql("UPDATE evidence SET subject = NULL")
    store.erasures.remove(records=[held.records[0].evidence_id], decisions=[], said={})
    assert sql("SELECT count(*) FROM evidence") == [(1,)]


def test_a_copy_that_a_split_page_left_behind_is_found_and_goes(store: Store, folder: Path) -> None:
    """SQLite zeroes what is deleted, not what it moved: plant such a copy in free space of the file."""
    for _ in range(40):
        keep(store, SubjectId(new_id("sub")), CHECKIN)
    keep(store, ANN, CHECKIN)
    erased = store.erasures.erase(ANN, None)
    assert store.erasures.look_for(erased.needles).found == 0
    path = folder / "countenance.db"
    content = bytearray(path.read_bytes())
    gap = max(range(len(content) - 64), key=lambda at: content[at : at + 64] == bytes(64))
    assert content[gap : gap + 64] == bytes(64)
    content[gap + 8 : gap + 8 + len(ANN)] = ANN.encode()
    store._database.dispose()
    path.write_bytes(content)
    remains = store.erasures.look_for(erased.needles)
    assert remains.compacted
    assert remains.found == 0
    assert remains.scanned_bytes > 0
    assert mentions(folder, ANN.encode()) == []
    assert store.log.verify().ok


def test_many_people_erased_in_any_order_leave_no_byte(store: Store, folder: Path) -> None:
    """Pages split and merge on the way: the copies that this leaves are what the scan is for."""
    people = [SubjectId(new_id("sub")) for _ in range(120)]
    for person in people:
        keep(store, person, CHECKIN, records=2, decisions=1, statements=1)
    chance = random.Random(7)  # noqa: S311 - an order, no secret
    gone = chance.sample(people, 60)
    for person in gone:
        erased = store.erasures.erase(person, None)
        assert store.erasures.look_for(erased.needles).found == 0
    whole = b"".join(path.read_bytes() for path in folder.iterdir())
    assert [person for person in gone if person.encode() in whole] == []
    assert all(person.encode() in whole for person in people if person not in gone)
    assert store.log.verify().ok


ACTS = st.lists(
    st.tuples(st.sampled_from(["keep", "erase", "purpose"]), st.integers(0, 3), st.integers(0, 2)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_whatever_was_kept_and_erased_before(acts: list[tuple[str, int, int]], shared_store: Store) -> None:
    """Random histories: what a model says is gone is in no cell, what it says is there is believed."""
    purposes = (CHECKIN, ACCESS, UNBOUND)
    people = [SubjectId(new_id("sub")) for _ in range(4)]
    held: dict[tuple[SubjectId, PurposeId], int] = {}
    for act, who, what in acts:
        person, purpose = people[who], purposes[what]
        if act == "keep":
            keep(shared_store, person, purpose)
            held[person, purpose] = held.get((person, purpose), 0) + 1
            continue
        wanted = None if act == "erase" else purpose
        gone = [pair for pair in held if pair[0] == person and wanted in (None, pair[1])]
        if not gone:
            with pytest.raises(SubjectNotOnFile):
                shared_store.erasures.erase(person, wanted)
            continue
        erased = shared_store.erasures.erase(person, wanted)
        assert erased.records == sum(held[pair] for pair in gone)
        for pair in gone:
            del held[pair]
    assert isinstance(shared_store._database, SqliteDatabase)
    folder = shared_store._database.path.parent
    for person in people:
        left = sum(count for pair, count in held.items() if pair[0] == person)
        assert len(shared_store.evidence.about(person)) == left
        if not left:
            assert cells(folder, person) == []
    assert shared_store.log.verify().ok
    assert shared_store.check_records() == ()


def test_a_needle_across_two_pieces_is_found(
    store: Store, folder: Path, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store, ANN, CHECKIN)
    ((wrapped,),) = sql("SELECT wrapped FROM data_keys")
    assert isinstance(wrapped, bytes)
    store._database.truncate_write_ahead_log()
    content = (folder / "countenance.db").read_bytes()
    assert content.count(wrapped) == 1
    begins = content.index(wrapped)
    for cut in (1, 16, len(wrapped) - 1):
        monkeypatch.setattr("countenance.store.erasure._READ_BYTES", begins + cut)
        remains = store.erasures._scan(store._database.files() or (), [wrapped, b"never there"])
        assert remains.found == 1
        assert remains.scanned_bytes >= len(content)
