from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from contract.observer import ObserverContract
from countenance.authority import (
    AccessControlObserver,
    DeviceObserver,
    LogObserver,
    Observer,
    PopulationObserver,
    QualityGateObserver,
    SealObserver,
    Transport,
)
from countenance.kernel import DeviceId, PurposeId, SubjectId
from countenance.store import (
    Device,
    DeviceStatus,
    EvidenceScope,
    LogFollower,
    SealBroken,
    new_device_key,
)
from front_desk import FrontDesk


def tamper(hotel: FrontDesk, statement: str) -> None:
    """Change the database past the store, as somebody with the disk could."""
    with closing(sqlite3.connect(hotel.folder / "countenance.db", timeout=10)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(statement)


class TestSeal(ObserverContract):
    @pytest.fixture
    def seeing(self, hotel: FrontDesk) -> Observer:
        return SealObserver(store=hotel.store, transport=Transport.LOOPBACK)

    @pytest.fixture
    def blind(self, hotel: FrontDesk, seeing: Observer) -> Observer:
        seeing.observe()
        tamper(hotel, "UPDATE data_keys SET wrapped = zeroblob(60) WHERE subject = 'sub_selfcheck'")
        return seeing

    @pytest.mark.parametrize("transport", [Transport.IN_PROCESS, Transport.LOOPBACK, Transport.TLS])
    def test_a_closed_way_counts_as_encryption(self, hotel: FrontDesk, transport: Transport) -> None:
        seen = {o.key: o.content for o in SealObserver(store=hotel.store, transport=transport).observe()}
        assert seen["encryption"]["on_the_way"] == transport.value

    def test_an_open_way_does_not(self, hotel: FrontDesk) -> None:
        seen = SealObserver(store=hotel.store, transport=Transport.OPEN).observe()
        assert [observed.key for observed in seen] == ["template_protected"]

    def test_a_vault_that_gives_back_something_else_is_no_vault(
        self, hotel: FrontDesk, seeing: Observer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(hotel.store.vault, "open", lambda *_, **__: secrets.token_bytes(32))
        assert seeing.observe() == ()

    def test_a_vault_that_hides_nothing_is_no_vault(
        self, hotel: FrontDesk, seeing: Observer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def in_clear(_: SubjectId, __: PurposeId, text: bytes, *, context: dict[str, str]) -> bytes:
            return text

        monkeypatch.setattr(hotel.store.vault, "seal", in_clear)
        monkeypatch.setattr(hotel.store.vault, "open", in_clear)
        assert seeing.observe() == ()

    def test_a_vault_that_does_not_open_is_no_vault(
        self, hotel: FrontDesk, seeing: Observer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> bytes:
            raise SealBroken("no")

        monkeypatch.setattr(hotel.store.vault, "open", broken)
        assert seeing.observe() == ()


class TestLog(ObserverContract):
    @pytest.fixture
    def seeing(self, hotel: FrontDesk) -> Observer:
        return LogObserver(store=hotel.store, clock=hotel.clock)

    @pytest.fixture
    def blind(self, hotel: FrontDesk) -> Observer:
        tamper(hotel, "UPDATE log_entries SET commitment = zeroblob(32) WHERE position = 1")
        return LogObserver(store=hotel.store, clock=hotel.clock)

    def test_what_is_changed_in_an_old_entry_is_found_within_a_round(
        self, hotel: FrontDesk, seeing: Observer
    ) -> None:
        assert seeing.observe()
        tamper(hotel, "UPDATE log_entries SET commitment = zeroblob(32) WHERE position = 1")
        looks = hotel.store.log.size() // 32 + 1
        assert () in [seeing.observe() for _ in range(looks)]

    def test_what_is_changed_in_a_new_entry_is_found_at_once(
        self, hotel: FrontDesk, seeing: Observer
    ) -> None:
        assert seeing.observe()
        hotel.store.log.append("test", {})
        tamper(
            hotel,
            "UPDATE log_entries SET commitment = zeroblob(32) "
            "WHERE position = (SELECT max(position) FROM log_entries)",
        )
        assert seeing.observe() == ()

    def test_a_log_that_does_not_hold_is_not_walked_at_every_request(
        self, hotel: FrontDesk, blind: Observer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looked: list[int] = []
        look = LogFollower.look

        def watched(self: LogFollower, *, again: int) -> bool:
            looked.append(again)
            return look(self, again=again)

        monkeypatch.setattr(LogFollower, "look", watched)
        for _ in range(5):
            assert blind.observe() == ()
        assert len(looked) == 1
        hotel.wait(timedelta(minutes=1))
        assert blind.observe() == ()
        assert len(looked) == 2
        hotel.wait(timedelta(minutes=-5))
        assert blind.observe() == ()
        assert len(looked) == 3


class TestAccessControl(ObserverContract):
    @pytest.fixture
    def seeing(self) -> Observer:
        return AccessControlObserver(enforced=True, how="API keys, hashed")

    @pytest.fixture
    def blind(self) -> Observer:
        return AccessControlObserver(enforced=False, how="API keys, hashed")


class TestDevice(ObserverContract):
    @pytest.fixture
    def seeing(self, hotel: FrontDesk) -> Observer:
        return DeviceObserver(store=hotel.store)

    @pytest.fixture
    def blind(self, hotel: FrontDesk, monkeypatch: pytest.MonkeyPatch) -> Observer:
        nothing = Device(
            DeviceId("dev_idle"), "Idle", hotel.site.place, functions=(), registered_at=hotel.clock.now()
        )
        monkeypatch.setattr(hotel.store.devices, "all", lambda: (nothing,))
        return DeviceObserver(store=hotel.store)

    def test_it_speaks_of_each_device_alone(self, hotel: FrontDesk, seeing: Observer) -> None:
        registered = [observed for observed in seeing.observe() if observed.key == "device_registered"]
        assert {observed.scope for observed in registered} == {
            EvidenceScope(device=hotel.site.desk_device),
            EvidenceScope(device=hotel.site.room_device),
        }

    def test_a_device_that_is_not_in_use_is_not_reported(self, hotel: FrontDesk, seeing: Observer) -> None:
        status = hotel.desk.registrar.set_device_status
        status(hotel.site.room_device, DeviceStatus.SUSPENDED, author="officer")
        assert {o.scope.device for o in seeing.observe()} == {hotel.site.desk_device, None}
        status(hotel.site.desk_device, DeviceStatus.RETIRED, author="officer")
        assert seeing.observe() == ()

    def test_it_names_the_devices_key(self, hotel: FrontDesk, seeing: Observer) -> None:
        enrolled = hotel.desk.registrar.enrol_device(
            hotel.site.desk_device, new_device_key()[1], author="installer"
        )
        keys = {o.scope.device: o.content.get("key_id") for o in seeing.observe()}
        assert keys[hotel.site.desk_device] == enrolled.key_id
        assert keys[hotel.site.room_device] is None

    def test_it_says_what_was_declared(self, hotel: FrontDesk, seeing: Observer) -> None:
        (desk,) = [o for o in seeing.observe() if o.scope.device == hotel.site.desk_device]
        assert desk.content["functions"] == ["capture", "pad", "verify"]
        assert desk.content["place"] == hotel.site.place


class TestQualityGate(ObserverContract):
    @pytest.fixture
    def seeing(self) -> Observer:
        return QualityGateObserver(limits={"unified": 40})

    @pytest.fixture
    def blind(self) -> Observer:
        return QualityGateObserver(limits={})


class TestPopulation(ObserverContract):
    @pytest.fixture
    def seeing(self, hotel: FrontDesk) -> Observer:
        return PopulationObserver(store=hotel.store, clock=hotel.clock)

    @pytest.fixture
    def blind(self, hotel: FrontDesk) -> Observer:
        tamper(hotel, "UPDATE population SET people = people + 1")
        return PopulationObserver(store=hotel.store, clock=hotel.clock)

    def test_a_number_that_is_not_there_is_not_reported(self, hotel: FrontDesk, seeing: Observer) -> None:
        assert seeing.observe()
        tamper(hotel, "DELETE FROM population")
        assert seeing.observe() == ()

    def test_it_says_from_when_a_filing_is_due_and_not_how_many_there_are(self, hotel: FrontDesk) -> None:
        observer = PopulationObserver(store=hotel.store, clock=hotel.clock, filing_from=3)
        contents = []
        for number in range(4):
            contents += [observed.content for observed in observer.observe()]
            hotel.store.vault.seal(
                SubjectId(f"sub_{number}"), PurposeId("pur_checkin"), b"x", context={"record": "test"}
            )
        assert [content["reached"] for content in contents] == [False, False, False, True]
        assert contents[0] == contents[1] == contents[2]

    def test_the_number_is_compared_at_first_every_hour_and_when_the_clock_went_back(
        self, hotel: FrontDesk, seeing: Observer
    ) -> None:
        assert seeing.observe()
        tamper(hotel, "UPDATE population SET people = people + 1")
        hotel.wait(timedelta(minutes=59))
        assert seeing.observe()
        hotel.wait(timedelta(minutes=1))
        assert seeing.observe() == ()
        tamper(hotel, "UPDATE population SET people = people - 1")
        assert seeing.observe()
        tamper(hotel, "UPDATE population SET people = people + 1")
        hotel.wait(timedelta(minutes=-5))
        assert seeing.observe() == ()
