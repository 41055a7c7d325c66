"""The made-up hotel: honest about being one, and believed nowhere else."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from countenance.authority import (
    DEMO_JURISDICTIONS,
    DemoNotOffered,
    RefusedByRule,
    record_guest_consent,
    seed_demo,
)
from countenance.authority.demo import DEMO_MARK
from countenance.authority.observers import DeviceObserver
from countenance.kernel import DeviceId, FixedClock, PlaceId, PurposeId
from countenance.policy import IssuerKind, Vocabulary
from countenance.store import (
    DemoEvidenceRefused,
    EvidenceKind,
    EvidenceScope,
    Issuer,
    Store,
    key_provider,
)
from front_desk import BUDGET, NOON, FrontDesk, front_desk, new_desk, new_store


def test_its_ids_are_fixed(hotel: FrontDesk) -> None:
    site = hotel.site
    assert site.place == PlaceId("plc_frontdesk")
    assert site.guest_room == PlaceId("plc_guestroom204")
    assert site.desk_device == DeviceId("dev_deskcamera")
    assert site.room_device == DeviceId("dev_roomtablet")
    assert site.purpose == PurposeId("pur_checkin")
    assert site.jurisdiction == "CN"


@pytest.mark.parametrize("jurisdiction", DEMO_JURISDICTIONS)
def test_its_places_stand_where_it_says(tmp_path: Path, jurisdiction: str) -> None:
    with front_desk(tmp_path, jurisdiction=jurisdiction) as hotel:
        desk, room = (hotel.store.places.get(p) for p in (hotel.site.place, hotel.site.guest_room))
        assert (desk.kind, room.kind) == ("hotel_lobby", "private_space")
        assert desk.jurisdictions == room.jurisdictions == (jurisdiction,)
        assert hotel.store.devices.get(hotel.site.desk_device).place == hotel.site.place
        assert hotel.store.devices.get(hotel.site.room_device).place == hotel.site.guest_room


def test_every_record_says_that_it_is_made_up(hotel: FrontDesk) -> None:
    records = hotel.store.evidence.at(NOON)
    assert len(records) > 30
    for record in records:
        assert record.demo
        assert record.issuer is Issuer.PERSON
        assert record.author.startswith("DEMO ")
        if record.kind is EvidenceKind.EVIDENCE:
            assert str(record.content["text"]).startswith(DEMO_MARK)
    assert hotel.store.purposes.get(hotel.site.purpose).description.startswith(DEMO_MARK)


def test_it_files_nothing_that_the_system_can_see(hotel: FrontDesk, vocabulary: Vocabulary) -> None:
    for record in hotel.store.evidence.at(NOON):
        if record.kind is EvidenceKind.EVIDENCE:
            assert IssuerKind.PERSON in vocabulary.evidence[record.key].issuers


def test_filing_it_again_adds_nothing(hotel: FrontDesk) -> None:
    before = (hotel.store.evidence.epoch(), hotel.store.log.size())
    assert seed_demo(hotel.desk, jurisdiction="CN") == hotel.site
    assert (hotel.store.evidence.epoch(), hotel.store.log.size()) == before


def test_filing_it_again_brings_back_what_was_withdrawn(hotel: FrontDesk) -> None:
    hotel.withdraw("sign")
    seed_demo(hotel.desk, jurisdiction="CN")
    assert len(hotel.on_file("sign")) == 1


def test_one_folder_holds_one_hotel(hotel: FrontDesk) -> None:
    with pytest.raises(DemoNotOffered, match="stands in CN"):
        seed_demo(hotel.desk, jurisdiction="EU")


@pytest.mark.parametrize("jurisdiction", ["", "XX", "US", "cn"])
def test_there_is_no_hotel_elsewhere(tmp_path: Path, jurisdiction: str) -> None:
    clock = FixedClock(NOON)
    with new_store(tmp_path, demo=True, clock=clock) as store:
        with pytest.raises(DemoNotOffered, match="CN, EU, UK, US/IL"):
            seed_demo(new_desk(store, clock), jurisdiction=jurisdiction)
        assert store.places.all() == ()


def test_a_real_deployment_takes_none_of_it(tmp_path: Path) -> None:
    clock = FixedClock(NOON)
    with new_store(tmp_path, demo=False, clock=clock) as store:
        with pytest.raises(DemoEvidenceRefused):
            seed_demo(new_desk(store, clock))
        assert store.places.all() == ()
        assert store.evidence.epoch() == 0


def _copy_evidence(from_folder: Path, to_folder: Path) -> int:
    """Copy the rows of one database into another, as somebody with both disks could."""
    with (
        closing(sqlite3.connect(from_folder / "countenance.db", timeout=10)) as source,
        closing(sqlite3.connect(to_folder / "countenance.db", timeout=10)) as target,
        target,
    ):
        target.execute("PRAGMA foreign_keys = OFF")
        columns = [row[1] for row in source.execute("PRAGMA table_info(evidence)")]
        rows = source.execute("SELECT * FROM evidence").fetchall()
        marks = ", ".join("?" for _ in columns)
        target.executemany(f"INSERT INTO evidence VALUES ({marks})", rows)  # noqa: S608
    return len(rows)


def _remove_marks(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "countenance.db", timeout=10)) as connection, connection:
        connection.execute("UPDATE evidence SET demo = 0")


@pytest.mark.parametrize("but_mark", [False, True], ids=["as it is", "with the mark removed"])
def test_its_rows_copied_into_a_real_deployment_are_not_believed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, but_mark: bool
) -> None:
    """A real hotel of the same shape, one consenting guest, and the demonstration's papers on the disk."""
    clock = FixedClock(NOON)
    (tmp_path / "real").mkdir()
    with (
        front_desk(tmp_path / "demo") as demo,
        new_store(tmp_path / "real", demo=False, clock=clock) as store,
    ):
        desk = new_desk(store, clock)
        desk.registrar.add_purpose(demo.store.purposes.get(demo.site.purpose))
        desk.registrar.add_place(demo.store.places.get(demo.site.place))
        desk.registrar.add_device(demo.store.devices.get(demo.site.desk_device))
        request = demo.request()
        assert request.subject is not None
        record_guest_consent(
            desk,
            subject=request.subject,
            place=request.place,
            purpose=request.purpose,
            consents=True,
            age_band="adult",
            language="en",
            stated_by="workplace 1",
            signed=True,
        )
        before = desk.judge(request)
        own = store.evidence.at(NOON)
        copied = _copy_evidence(demo.folder, tmp_path / "real" / "data")
        assert copied > 30
        if but_mark:
            _remove_marks(tmp_path / "real" / "data")
        assert store.evidence.at(NOON) == own
        assert "aren't as they were written" in caplog.text
        after = desk.judge(request)
        assert not after.allowed
        assert (after.missing, after.unknown) == (before.missing, before.unknown)
        with pytest.raises(RefusedByRule):
            desk.permit(request, budget=BUDGET)
        demo.welcome()
        assert demo.desk.judge(request).allowed, "the same request, where the papers belong"


def test_a_demonstrations_folder_stays_one(tmp_path: Path) -> None:
    """Its own database with the mark of the deployment removed doesn't open."""
    with front_desk(tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / "data" / "countenance.db")) as connection, connection:
        connection.execute("UPDATE deployment SET demo = 0")
    provider = key_provider(f"file:{tmp_path / 'root.key'}")
    with pytest.raises(Exception, match="isn't as") as refused:
        Store.open(tmp_path / "data", key_provider=provider, clock=FixedClock(NOON))
    assert getattr(refused.value, "code", None) == "record-tampered"


def test_the_room_tablet_is_registered_and_still_refused(hotel: FrontDesk) -> None:
    """A registered device is a declared one, not a permitted one."""
    seen = {observed.scope for observed in DeviceObserver(store=hotel.store).observe()}
    assert EvidenceScope(device=hotel.site.room_device) in seen
    hotel.welcome()
    with pytest.raises(RefusedByRule) as refused:
        hotel.grant(hotel.request(device=hotel.site.room_device))
    assert {"CN-FRT-13b", "CN-VID-8", "HX-PRIVATE"} <= {f.rule_id for f in refused.value.verdict.refusing}
    assert "CN-FRT-13b" in refused.value.message
