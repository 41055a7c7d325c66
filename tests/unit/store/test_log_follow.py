"""A follower notices what a full check notices, and pays for what is new alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from countenance.kernel import Clock, KeyProvider, PurposeId, SubjectId
from countenance.store import LogEntry, LogFollower, Store, TransparencyLog
from countenance.store._models import LogEntryRow

ROUND = 7
ANNA = SubjectId("sub_anna")
CHECK_IN = PurposeId("pur_checkin")


@pytest.fixture
def filled(store: Store) -> Store:
    for number in range(20):
        store.log.append("test", {"n": number}, subject=ANNA if number % 3 == 0 else None, purpose=CHECK_IN)
    return store


def change(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "countenance.db", timeout=10)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(statement)


def looks(follower: LogFollower, times: int) -> list[bool]:
    return [follower.look(again=ROUND) for _ in range(times)]


def test_a_log_that_holds_holds_however_often_it_is_looked_at(filled: Store) -> None:
    follower = filled.log.follower()
    assert all(looks(follower, 8))
    filled.log.append("test", {"n": 99})
    assert all(looks(follower, 8))
    assert follower.size == filled.log.size()


def test_an_empty_log_holds(store: Store) -> None:
    follower = store.log.follower()
    assert all(looks(follower, 3))


TAMPERINGS: dict[str, str] = {
    "an old commitment": "UPDATE log_entries SET commitment = zeroblob(32) WHERE position = 3",
    "an old statement": "UPDATE log_entries SET body = zeroblob(90) WHERE position = 4",
    "a sealed statement": "UPDATE log_entries SET body = zeroblob(200) WHERE position = 6",
    "a statement taken out": "UPDATE log_entries SET body = NULL, subject = NULL WHERE position = 5",
    "an entry dropped": "DELETE FROM log_entries WHERE position = 8",
    "the last dropped": "DELETE FROM log_entries WHERE position = 19",
    "two exchanged": "UPDATE log_entries SET commitment = (SELECT commitment FROM log_entries WHERE "
    "position = 2), body = (SELECT body FROM log_entries WHERE position = 2) WHERE position = 1",
    "the head forged": "UPDATE log_head SET checkpoint = 'forged'",
    "the head dropped": "DELETE FROM log_head",
    "the head's size": "UPDATE log_head SET size = 3",
}


@pytest.mark.parametrize("statement", TAMPERINGS.values(), ids=TAMPERINGS)
def test_whatever_is_changed_is_found_within_a_round(filled: Store, folder: Path, statement: str) -> None:
    follower = filled.log.follower()
    assert follower.look(again=ROUND)
    change(folder, statement)
    assert not all(looks(follower, 20 // ROUND + 2))
    assert not filled.log.follower().look(again=0)
    assert not filled.log.verify().ok


def test_a_log_that_was_put_right_holds_again(filled: Store, folder: Path) -> None:
    follower = filled.log.follower()
    assert follower.look(again=ROUND)
    change(folder, "UPDATE log_head SET size = 3")
    assert not follower.look(again=ROUND)
    change(folder, "UPDATE log_head SET size = 20")
    assert follower.look(again=ROUND)


def test_an_announced_erasure_is_no_tampering(filled: Store) -> None:
    follower = filled.log.follower()
    assert follower.look(again=ROUND)
    assert filled.log.erase_subject(ANNA)
    assert all(looks(follower, 6))


def test_a_destroyed_key_is_no_tampering(filled: Store) -> None:
    follower = filled.log.follower()
    assert follower.look(again=ROUND)
    filled.vault.destroy(ANNA, CHECK_IN)
    assert all(looks(follower, 6))


def test_a_look_reads_no_more_than_what_is_new_and_its_stretch(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    before = TransparencyLog.read_row

    def counted(self: TransparencyLog, session: Session, row: LogEntryRow) -> LogEntry | None:
        read.append(row.position)
        return before(self, session, row)

    monkeypatch.setattr(TransparencyLog, "read_row", counted)
    follower = filled.log.follower()
    assert follower.look(again=ROUND)
    read.clear()
    assert follower.look(again=ROUND)
    assert len(read) <= ROUND
    read.clear()
    filled.log.append("test", {})
    filled.log.append("test", {})
    assert follower.look(again=ROUND)
    assert len(read) <= ROUND + 2


def append_and_fail(store: Store) -> None:
    with store.together():
        store.log.append("test", {"n": 1})
        raise LookupError


def test_what_is_kept_together_is_one_step_of_the_log(
    store: Store, folder: Path, clock: Clock, provider: KeyProvider
) -> None:
    size = store.log.size()
    with pytest.raises(LookupError):
        append_and_fail(store)
    assert store.log.size() == size
    with store.together():
        first = store.log.append("test", {"n": 1})
        second = store.log.append("test", {"n": 2})
    assert (first.index, second.index) == (size, size + 1)
    store.close()
    with Store.open(folder, key_provider=provider, clock=clock) as again:
        assert again.log.verify().ok
        assert again.log.size() == size + 2
