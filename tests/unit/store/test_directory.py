"""Purposes, places and devices: registered once, found as they were, believed only when untouched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from countenance.kernel import DeviceId, PlaceId, PurposeId
from countenance.store import Device, Place, Purpose, RecordExists, RecordTampered, RecordUnknown, Store

Sql = Callable[..., list[tuple[object, ...]]]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LOBBY = Place(PlaceId("plc_lobby"), "前台", "hotel_lobby", ("CN", "CN/Shanghai"), "Asia/Shanghai")
ROOM = Place(PlaceId("plc_room"), "Room 204", "guest_room", ("CN",), "Asia/Shanghai")
CAMERA = Device(DeviceId("dev_desk"), "Desk camera", LOBBY.place_id, ("capture", "verify"), NOON)
CHECKIN = Purpose(
    PurposeId("pur_checkin"), "Check-in", "Compare a guest with a document.", "dpv:IdentityVerification"
)


@pytest.fixture
def filled(store: Store) -> Store:
    store.places.add(ROOM)
    store.places.add(LOBBY)
    store.devices.add(CAMERA)
    store.purposes.add(CHECKIN)
    return store


def test_each_comes_back_as_it_was(filled: Store) -> None:
    assert filled.places.get(LOBBY.place_id) == LOBBY
    assert filled.devices.get(CAMERA.device_id) == CAMERA
    assert filled.purposes.get(CHECKIN.purpose_id) == CHECKIN


def test_all_are_sorted_by_identifier(filled: Store) -> None:
    assert filled.places.all() == (LOBBY, ROOM)
    assert filled.devices.all() == (CAMERA,)
    assert filled.purposes.all() == (CHECKIN,)


def test_a_new_store_has_none(store: Store) -> None:
    assert (store.places.all(), store.devices.all(), store.purposes.all()) == ((), (), ())


def test_the_unregistered_is_unknown(filled: Store) -> None:
    with pytest.raises(RecordUnknown, match="place"):
        filled.places.get(PlaceId("plc_none"))
    with pytest.raises(RecordUnknown, match="device"):
        filled.devices.get(DeviceId("dev_none"))
    with pytest.raises(RecordUnknown, match="purpose"):
        filled.purposes.get(PurposeId("pur_none"))


def test_a_registration_is_final(filled: Store) -> None:
    with pytest.raises(RecordExists):
        filled.places.add(replace(LOBBY, kind="guest_room"))
    with pytest.raises(RecordExists):
        filled.devices.add(replace(CAMERA, place=ROOM.place_id))
    with pytest.raises(RecordExists):
        filled.purposes.add(replace(CHECKIN, title="Marketing"))
    assert filled.places.get(LOBBY.place_id) == LOBBY


def test_a_device_stands_at_a_registered_place(filled: Store) -> None:
    with pytest.raises(RecordUnknown):
        filled.devices.add(replace(CAMERA, device_id=DeviceId("dev_b"), place=PlaceId("plc_none")))
    assert filled.devices.all() == (CAMERA,)


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE devices SET place = 'plc_room'",
        'UPDATE devices SET functions = \'["capture","identify","verify"]\'',
        "UPDATE devices SET device_id = 'dev_desk2'",
        "UPDATE devices SET mac = zeroblob(32)",
    ],
    ids=["moved", "further function", "renamed", "mac"],
)
def test_a_device_changed_by_hand_is_not_believed(filled: Store, sql: Sql, edit: str) -> None:
    sql(edit)
    with pytest.raises(RecordTampered):
        filled.devices.get(DeviceId("dev_desk2" if "dev_desk2" in edit else "dev_desk"))
    with pytest.raises(RecordTampered):
        filled.devices.all()


def test_a_place_changed_by_hand_is_not_believed(filled: Store, sql: Sql) -> None:
    sql("UPDATE places SET kind = 'hotel_lobby' WHERE place_id = 'plc_room'")
    with pytest.raises(RecordTampered):
        filled.places.get(ROOM.place_id)
    assert filled.places.get(LOBBY.place_id) == LOBBY


def test_a_purpose_changed_by_hand_is_not_believed(filled: Store, sql: Sql) -> None:
    sql("UPDATE purposes SET description = 'Anything at all.'")
    with pytest.raises(RecordTampered):
        filled.purposes.get(CHECKIN.purpose_id)


def test_a_row_put_in_by_hand_is_not_believed(filled: Store, sql: Sql) -> None:
    """Also not with the MAC of another row, in either table."""
    sql(
        "INSERT INTO places SELECT 'plc_new', title, kind, jurisdictions, time_zone, mac FROM places "
        "WHERE place_id = 'plc_lobby'"
    )
    with pytest.raises(RecordTampered):
        filled.places.get(PlaceId("plc_new"))
