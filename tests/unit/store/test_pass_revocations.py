from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from countenance.kernel import FixedClock, KeyProvider, PurposeId
from countenance.store import PassRevocation, RecordTampered, RecordUnknown, Store

NOON = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
SERIAL = bytes(range(16))
PURPOSE = PurposeId("pur_staffdoor")
END = NOON + timedelta(days=90)


def test_what_was_taken_back_is_found_and_nothing_else(store: Store) -> None:
    made = store.pass_revocations.revoke(SERIAL, PURPOSE, at=NOON, until=END)
    assert made == PassRevocation(SERIAL, PURPOSE, NOON, END)
    assert store.pass_revocations.find(SERIAL) == made
    assert store.pass_revocations.find(bytes(16)) is None


def test_a_second_time_changes_nothing(store: Store) -> None:
    first = store.pass_revocations.revoke(SERIAL, PURPOSE, at=NOON, until=END)
    again = store.pass_revocations.revoke(SERIAL, PURPOSE, at=NOON + timedelta(days=3))
    assert again == first
    assert store.pass_revocations.all() == (first,)


def test_a_serial_of_another_purpose_is_unknown(store: Store) -> None:
    store.pass_revocations.revoke(SERIAL, PURPOSE, at=NOON)
    with pytest.raises(RecordUnknown):
        store.pass_revocations.revoke(SERIAL, PurposeId("pur_gym"), at=NOON)


def test_those_of_passes_that_ended_by_themselves_are_dropped(store: Store) -> None:
    store.pass_revocations.revoke(SERIAL, PURPOSE, at=NOON, until=END)
    store.pass_revocations.revoke(bytes(16), PURPOSE, at=NOON)
    assert store.pass_revocations.forget_ended(at=END - timedelta(seconds=1)) == 0
    assert store.pass_revocations.forget_ended(at=END) == 1
    assert [one.serial for one in store.pass_revocations.all()] == [bytes(16)]


def test_it_is_there_after_a_restart(folder: Path, provider: KeyProvider, clock: FixedClock) -> None:
    with Store.create(folder, key_provider=provider, clock=clock) as store:
        store.pass_revocations.revoke(SERIAL, PURPOSE, at=NOON, until=END)
    with Store.open(folder, key_provider=provider, clock=clock) as store:
        assert store.pass_revocations.find(SERIAL) is not None


def test_a_row_that_somebody_else_changed_is_not_believed(
    store: Store, sql: Callable[..., list[tuple[object, ...]]]
) -> None:
    store.pass_revocations.revoke(SERIAL, PURPOSE, at=NOON, until=END)
    sql("UPDATE pass_revocations SET purpose = 'pur_other'")
    with pytest.raises(RecordTampered):
        store.pass_revocations.find(SERIAL)
    with pytest.raises(RecordTampered):
        store.pass_revocations.all()


def test_the_serial_does_not_show(store: Store) -> None:
    assert "x01" not in repr(store.pass_revocations.revoke(SERIAL, PURPOSE, at=NOON))
