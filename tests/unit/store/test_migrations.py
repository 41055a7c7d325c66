"""A store that an earlier version wrote opens with everything that was in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from countenance.kernel import (
    DeviceId,
    DutyId,
    EvidenceId,
    FixedClock,
    KeyProvider,
    PermitId,
    PlaceId,
    PurposeId,
)
from countenance.store import AuditReader, DeviceStatus, Store, StoreNewer, key_provider
from outside_bodies import Body

VECTORS = Path(__file__).parents[2] / "vectors" / "store"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CAMERA = DeviceId("dev_deskcamera")


@pytest.fixture
def old_folder(tmp_path: Path) -> Path:
    """A data folder as schema r0001 left it."""
    folder = tmp_path / "old"
    folder.mkdir(mode=0o700)
    path = folder / "countenance.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(VECTORS.joinpath("r0001.sql").read_text(encoding="utf-8"))
    path.chmod(0o600)
    return folder


@pytest.fixture
def old_provider(tmp_path: Path) -> KeyProvider:
    path = tmp_path / "root.key"
    path.write_text(VECTORS.joinpath("r0001_root_key.txt").read_text(encoding="utf-8"))
    path.chmod(0o600)
    return key_provider(f"file:{path}")


def revision(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "countenance.db")) as database:
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def test_the_dump_is_of_the_first_schema(old_folder: Path) -> None:
    assert revision(old_folder) == "r0001"
    with closing(sqlite3.connect(old_folder / "countenance.db")) as database:
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"evidence", "devices", "log_entries"} <= tables
    assert not {"outside_issuers", "device_enrolments"} & tables


def test_everything_is_there_and_believed(old_folder: Path, old_provider: KeyProvider) -> None:
    with Store.open(old_folder, key_provider=old_provider, clock=FixedClock(NOON)) as store:
        assert store.check_records() == ()
        assert store.log.verify().ok
        assert store.log.size() >= 3
        assert store.deployment.demo
        assert [purpose.title for purpose in store.purposes.all()] == ["Check-in"]
        assert [place.place_id for place in store.places.all()] == [PlaceId("plc_frontdesk")]
        assert [device.functions for device in store.devices.all()] == [("capture", "verify")]
        assert store.evidence.epoch() == 3
        consent = store.evidence.get(EvidenceId("evd_consent"))
        assert consent.content == {"text": "as it was written before records had forms"}
        assert store.evidence.get(EvidenceId("evd_notice")).withdrawn_at == NOON + timedelta(hours=1)
        assert store.permits.uses(PermitId("prm_aaaaaaaaaaaaaaaaaaaaaaaaaa")) == {"capture": 1}
        assert [duty.duty_id for duty in store.duties.open()] == [DutyId("dty_open")]
        assert [key.roles for key in store.api_keys.all()] == [("clerk",)]
        assert store.purposes.get(PurposeId("pur_checkin")).dpv_term == "dpv:IdentityVerification"
    assert revision(old_folder) != "r0001"


def test_its_log_is_proved_and_its_checkpoints_are_counted(
    old_folder: Path, old_provider: KeyProvider
) -> None:
    with Store.open(old_folder, key_provider=old_provider, clock=FixedClock(NOON)) as store:
        before = AuditReader(store=store).read()
        assert before.checkpoints_whole
        store.log.checkpoint()
        after = AuditReader(store=store).read()
        assert (after.checkpoints_whole, after.head_whole) == (True, True)
        size = store.log.size()
        assert store.log.inclusion_proof(0, size)


def test_what_is_new_works_on_it(old_folder: Path, old_provider: KeyProvider) -> None:
    clock, body = FixedClock(NOON), Body.p256()
    with Store.open(old_folder, key_provider=old_provider, clock=clock) as store:
        assert store.enrolments.get(CAMERA) is None
        store.enrolments.set_status(CAMERA, DeviceStatus.SUSPENDED, at=NOON, by="officer")
        store.issuers.add(body.issuer("authorisation", at=NOON))
    with Store.open(old_folder, key_provider=old_provider, clock=clock) as again:
        enrolment = again.enrolments.get(CAMERA)
        assert enrolment is not None
        assert enrolment.status is DeviceStatus.SUSPENDED
        assert again.issuers.get(body.key_id).keys == ("authorisation",)
        assert again.check_records() == ()


def test_opening_it_twice_changes_nothing_more(old_folder: Path, old_provider: KeyProvider) -> None:
    dumps = []
    for _ in range(2):
        Store.open(old_folder, key_provider=old_provider, clock=FixedClock(NOON)).close()
        with closing(sqlite3.connect(old_folder / "countenance.db")) as database:
            dumps.append(list(database.iterdump()))
    assert dumps[0] == dumps[1]


def test_a_row_that_was_edited_before_is_still_not_believed(
    old_folder: Path, old_provider: KeyProvider
) -> None:
    with closing(sqlite3.connect(old_folder / "countenance.db")) as database, database:
        database.execute("UPDATE devices SET functions = '[\"identify\"]'")
    with Store.open(old_folder, key_provider=old_provider, clock=FixedClock(NOON)) as store:
        assert [row.table for row in store.check_records()] == ["devices"]


def test_a_store_of_a_newer_version_is_left_alone(old_folder: Path, old_provider: KeyProvider) -> None:
    with closing(sqlite3.connect(old_folder / "countenance.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = 'r9999'")
    with pytest.raises(StoreNewer):
        Store.open(old_folder, key_provider=old_provider, clock=FixedClock(NOON))
    assert revision(old_folder) == "r9999"
