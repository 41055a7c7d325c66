"""Rows of a register that were believed once: believed again only while every column is as it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from countenance.kernel import DeviceId, PlaceId, PurposeId
from countenance.store import Device, DeviceStatus, Place, Purpose, RecordTampered, RecordUnknown, Store
from countenance.store import known_rows as module
from countenance.store._models import BelievedRow
from countenance.store.integrity import RowMac

Sql = Callable[..., list[tuple[object, ...]]]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHECKIN = Purpose(
    PurposeId("pur_checkin"), "Check-in", "Compare a guest with a document.", "dpv:IdentityVerification"
)
LOBBY = Place(PlaceId("plc_lobby"), "Lobby", "hotel_lobby", ("EU",), "UTC")
CAMERA = Device(DeviceId("dev_desk"), "Desk camera", LOBBY.place_id, ("capture", "verify"), NOON)


@pytest.fixture
def believed(store: Store) -> Store:
    """A store whose purpose was read once."""
    store.purposes.add(CHECKIN)
    assert store.purposes.get(CHECKIN.purpose_id) == CHECKIN
    return store


def test_its_mac_is_worked_out_once(believed: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: RowMac, _row: BelievedRow) -> None:
        raise AssertionError

    monkeypatch.setattr(RowMac, "require", refuse)
    assert believed.purposes.get(CHECKIN.purpose_id) == CHECKIN


@pytest.mark.parametrize("column", ["title", "description", "dpv_term", "mac"])
def test_a_row_that_was_edited_afterwards_is_not_believed(believed: Store, sql: Sql, column: str) -> None:
    sql(f"UPDATE purposes SET {column} = 'something else'")  # noqa: S608 - a name of the table above
    for _ in range(2):
        with pytest.raises(RecordTampered):
            believed.purposes.get(CHECKIN.purpose_id)


def test_a_row_that_is_put_back_is_believed_again(believed: Store, sql: Sql) -> None:
    sql("UPDATE purposes SET title = 'something else'")
    with pytest.raises(RecordTampered):
        believed.purposes.get(CHECKIN.purpose_id)
    sql("UPDATE purposes SET title = ?", CHECKIN.title)
    assert believed.purposes.get(CHECKIN.purpose_id) == CHECKIN


def test_a_row_that_is_deleted_is_unknown(believed: Store, sql: Sql) -> None:
    sql("DELETE FROM purposes")
    with pytest.raises(RecordUnknown):
        believed.purposes.get(CHECKIN.purpose_id)


def test_what_changes_rightly_is_seen(store: Store) -> None:
    store.places.add(LOBBY)
    store.devices.add(CAMERA)
    assert store.enrolments.get(CAMERA.device_id) is None
    for status in (DeviceStatus.SUSPENDED, DeviceStatus.ACTIVE, DeviceStatus.RETIRED):
        store.enrolments.set_status(CAMERA.device_id, status, at=NOON, by="operator")
        enrolment = store.enrolments.get(CAMERA.device_id)
        assert enrolment is not None
        assert enrolment.status is status


def test_of_many_it_begins_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_KNOWN", 3)
    places = [Place(PlaceId(f"plc_{n}"), f"Desk {n}", "hotel_lobby", ("EU",), "UTC") for n in range(8)]
    for place in places:
        store.places.add(place)
    for place in (*places, *reversed(places)):
        assert store.places.get(place.place_id) == place
        assert len(store.places._known._known) <= 3
