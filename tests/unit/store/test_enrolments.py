"""Devices' keys and status: one key for good, a status that the doors hear of at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countenance.kernel import DeviceId, FixedClock
from countenance.store import (
    Device,
    DeviceStatus,
    Place,
    PublicVerifier,
    RecordExists,
    RecordTampered,
    RecordUnknown,
    SignatureRefused,
    Store,
    new_device_key,
)
from outside_bodies import Body, b64

CAMERA, TABLET = DeviceId("dev_camera"), DeviceId("dev_tablet")


@pytest.fixture
def devices(store: Store, lobby: Place, clock: FixedClock) -> Store:
    for device in (CAMERA, TABLET):
        store.devices.add(Device(device, "A device", lobby.place_id, ("capture",), clock.now()))
    return store


def test_a_new_pair_is_a_pair() -> None:
    private, jwk = new_device_key()
    public = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private)).public_key()
    assert jwk == {"crv": "Ed25519", "kty": "OKP", "x": b64(public.public_bytes_raw())}
    assert new_device_key()[0] != private


def test_a_device_without_key_and_status_has_neither(devices: Store) -> None:
    assert devices.enrolments.get(CAMERA) is None
    assert devices.enrolments.all() == {}


def test_a_device_gets_its_key(devices: Store, clock: FixedClock) -> None:
    _, jwk = new_device_key()
    found = devices.enrolments.enrol(CAMERA, jwk, at=clock.now(), by="installer")
    assert found.key_id == PublicVerifier(jwk).key_id
    assert (found.jwk, found.status, found.changed_by) == (jwk, DeviceStatus.ACTIVE, "installer")
    assert devices.enrolments.get(CAMERA) == found
    assert devices.enrolments.all() == {CAMERA: found}


def test_a_device_has_one_key_for_good(devices: Store, clock: FixedClock) -> None:
    devices.enrolments.enrol(CAMERA, new_device_key()[1], at=clock.now(), by="installer")
    with pytest.raises(RecordExists):
        devices.enrolments.enrol(CAMERA, new_device_key()[1], at=clock.now(), by="installer")


def test_two_devices_never_share_a_key(devices: Store, clock: FixedClock) -> None:
    _, jwk = new_device_key()
    devices.enrolments.enrol(CAMERA, jwk, at=clock.now(), by="installer")
    with pytest.raises(RecordExists):
        devices.enrolments.enrol(TABLET, jwk, at=clock.now(), by="installer")
    assert devices.enrolments.get(TABLET) is None


@pytest.mark.parametrize("jwk", [{}, Body.p256().jwk, {"kty": "OKP", "crv": "Ed25519", "x": "!"}])
def test_a_device_signs_with_ed25519_alone(devices: Store, clock: FixedClock, jwk: dict[str, str]) -> None:
    with pytest.raises(SignatureRefused):
        devices.enrolments.enrol(CAMERA, jwk, at=clock.now(), by="installer")


def test_a_status_keeps_the_key(devices: Store, clock: FixedClock) -> None:
    _, jwk = new_device_key()
    devices.enrolments.enrol(CAMERA, jwk, at=clock.now(), by="installer")
    found = devices.enrolments.set_status(CAMERA, DeviceStatus.SUSPENDED, at=clock.now(), by="officer")
    assert (found.jwk, found.status, found.changed_by) == (jwk, DeviceStatus.SUSPENDED, "officer")


def test_a_suspended_device_comes_back_and_a_retired_one_does_not(devices: Store, clock: FixedClock) -> None:
    set_status, now = devices.enrolments.set_status, clock.now()
    set_status(CAMERA, DeviceStatus.SUSPENDED, at=now, by="officer")
    assert set_status(CAMERA, DeviceStatus.ACTIVE, at=now, by="officer").status is DeviceStatus.ACTIVE
    set_status(CAMERA, DeviceStatus.RETIRED, at=now, by="officer")
    for status in (DeviceStatus.ACTIVE, DeviceStatus.SUSPENDED):
        with pytest.raises(RecordExists, match="retired"):
            set_status(CAMERA, status, at=now, by="officer")
    found = devices.enrolments.get(CAMERA)
    assert found is not None
    assert found.status is DeviceStatus.RETIRED


def test_every_change_raises_the_epoch(devices: Store, clock: FixedClock) -> None:
    before = devices.evidence.epoch()
    devices.enrolments.enrol(CAMERA, new_device_key()[1], at=clock.now(), by="installer")
    devices.enrolments.set_status(CAMERA, DeviceStatus.SUSPENDED, at=clock.now(), by="officer")
    assert devices.evidence.epoch() == before + 2


def test_a_device_that_is_not_registered(store: Store, clock: FixedClock) -> None:
    with pytest.raises(RecordUnknown):
        store.enrolments.enrol(CAMERA, new_device_key()[1], at=clock.now(), by="installer")
    with pytest.raises(RecordUnknown):
        store.enrolments.set_status(CAMERA, DeviceStatus.SUSPENDED, at=clock.now(), by="officer")
    assert store.evidence.epoch() == 0


EDITS = (
    "UPDATE device_enrolments SET status = 'active'",
    "UPDATE device_enrolments SET changed_by = 'nobody'",
    "UPDATE device_enrolments SET key_id = 'x'",
)


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_row_is_not_believed(
    devices: Store, clock: FixedClock, sql: Callable[..., object], edit: str
) -> None:
    devices.enrolments.set_status(CAMERA, DeviceStatus.RETIRED, at=clock.now(), by="officer")
    sql(edit)
    with pytest.raises(RecordTampered):
        devices.enrolments.get(CAMERA)
    with pytest.raises(RecordTampered):
        devices.enrolments.set_status(CAMERA, DeviceStatus.RETIRED, at=clock.now(), by="officer")
    assert [row.table for row in devices.check_records()] == ["device_enrolments"]
