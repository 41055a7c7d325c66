from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from countenance.authority import DeviceNotDeclared, PlaceWithoutTimeZone
from countenance.authority.sites import sites_of, time_zone_of
from countenance.kernel import DeviceId, PlaceId
from countenance.policy import UnknownOperation, UnknownPlaceKind
from countenance.store import Device, EvidenceScope, Place, RecordExists, RecordUnknown
from front_desk import GUEST, NOON, FrontDesk


def place(name: str = "plc_new", *, kind: str = "hotel_lobby", zone: str = "Asia/Shanghai") -> Place:
    return Place(PlaceId(name), "New", kind, ("CN",), zone)


def test_a_device_at_its_place_makes_one_site(hotel: FrontDesk) -> None:
    (site,) = sites_of(hotel.request(), store=hotel.store, now=NOON)
    assert site.kind == "hotel_lobby"
    assert site.jurisdictions == ("CN",)
    assert site.scope == EvidenceScope(hotel.site.place, hotel.site.purpose, hotel.site.desk_device, GUEST)


def test_a_device_from_elsewhere_makes_two(hotel: FrontDesk) -> None:
    desk, room = sites_of(hotel.request(device=hotel.site.room_device), store=hotel.store, now=NOON)
    assert (desk.kind, room.kind) == ("hotel_lobby", "private_space")
    assert (desk.scope.place, room.scope.place) == (hotel.site.place, hotel.site.guest_room)
    assert desk.scope.device == room.scope.device == hotel.site.room_device


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Asia/Shanghai", datetime(2026, 6, 1, 15, 59, tzinfo=UTC), date(2026, 6, 1)),
        ("Asia/Shanghai", datetime(2026, 6, 1, 16, 0, tzinfo=UTC), date(2026, 6, 2)),
        ("America/Chicago", datetime(2026, 6, 1, 4, 59, tzinfo=UTC), date(2026, 5, 31)),
        ("Europe/London", datetime(2026, 6, 1, 23, 0, tzinfo=UTC), date(2026, 6, 2)),
    ],
)
def test_the_day_is_that_of_the_place(hotel: FrontDesk, zone: str, moment: datetime, day: date) -> None:
    hotel.desk.registrar.add_place(place(zone=zone))
    device = Device(DeviceId("dev_new"), "New", PlaceId("plc_new"), ("capture", "verify"), NOON)
    hotel.desk.registrar.add_device(device)
    request = hotel.request(place=PlaceId("plc_new"), device=device.device_id)
    (site,) = sites_of(request, store=hotel.store, now=moment)
    assert site.day == day


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", "/etc/passwd"])
def test_a_zone_that_is_not_known_is_refused(hotel: FrontDesk, zone: str) -> None:
    with pytest.raises(PlaceWithoutTimeZone, match="plc_new"):
        time_zone_of(place(zone=zone))
    with pytest.raises(PlaceWithoutTimeZone):
        hotel.desk.registrar.add_place(place(zone=zone))
    assert PlaceId("plc_new") not in hotel.desk.registrar.places()


def test_a_place_registered_past_the_registrar_is_refused_when_it_is_used(hotel: FrontDesk) -> None:
    hotel.store.places.add(place(zone="Mars/Olympus"))
    hotel.store.devices.add(
        Device(DeviceId("dev_new"), "New", PlaceId("plc_new"), ("capture", "verify"), NOON)
    )
    request = hotel.request(place=PlaceId("plc_new"), device=DeviceId("dev_new"))
    with pytest.raises(PlaceWithoutTimeZone):
        hotel.desk.judge(request)


def test_a_device_without_functions_does_nothing(hotel: FrontDesk) -> None:
    idle = Device(DeviceId("dev_idle"), "Idle", hotel.site.place, (), NOON)
    hotel.desk.registrar.add_device(idle)
    with pytest.raises(DeviceNotDeclared, match="capture, verify"):
        hotel.desk.judge(hotel.request(device=idle.device_id))


def test_registrations_are_logged_and_listed(hotel: FrontDesk) -> None:
    hotel.desk.registrar.add_place(place())
    assert hotel.log_entries()[-1] == ("registered", {"what": "place", "id": "plc_new"})
    assert hotel.desk.registrar.places()[PlaceId("plc_new")] == place()
    assert set(hotel.desk.registrar.devices()) == {hotel.site.desk_device, hotel.site.room_device}
    assert set(hotel.desk.registrar.purposes()) == {hotel.site.purpose}


def test_what_is_registered_is_in_the_vocabulary(hotel: FrontDesk) -> None:
    with pytest.raises(UnknownPlaceKind):
        hotel.desk.registrar.add_place(place(kind="moon"))
    with pytest.raises(UnknownOperation):
        hotel.desk.registrar.add_device(
            Device(DeviceId("dev_new"), "New", hotel.site.place, ("guess",), NOON)
        )


def test_registrations_are_final(hotel: FrontDesk) -> None:
    size = hotel.store.log.size()
    with pytest.raises(RecordExists):
        hotel.desk.registrar.add_place(place(hotel.site.place))
    with pytest.raises(RecordUnknown):
        hotel.desk.registrar.add_device(
            Device(DeviceId("dev_new"), "New", PlaceId("plc_nowhere"), ("capture",), NOON)
        )
    assert hotel.store.log.size() == size
