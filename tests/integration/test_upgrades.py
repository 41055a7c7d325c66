"""A hotel's data folder of each earlier schema, with people in it, goes on working in this version."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from byte_scan import files_below, scan
from cases_rights import OFFICER, rights_of
from countenance.authority import DemoSite, seed_demo, shipped_rules
from countenance.authority.check import PERMIT_KIND
from countenance.cases import HeldFromErasure
from countenance.kernel import (
    DecisionId,
    DeviceId,
    Door,
    DutyId,
    FixedClock,
    Passage,
    PermitExpired,
    PermitId,
    PermitRevoked,
    PermitSpent,
    PlaceId,
    PurposeId,
    RequestId,
    SubjectId,
)
from countenance.store import (
    ApiKeyRefused,
    AuditReader,
    BackupRecord,
    DeviceStatus,
    EvidenceScope,
    JournaledBackup,
    SealKeyDestroyed,
    Store,
    check_api_key,
    key_provider,
    restore_backup,
)
from countenance.store.database import MIGRATIONS
from front_desk import DOCUMENT, GUEST, NOON, FrontDesk, new_desk

VECTORS = Path(__file__).parents[1] / "vectors" / "store"
REVISIONS = (
    "r0002",
    "r0003",
    "r0004",
    "r0005",
    "r0006",
    "r0007",
    "r0008",
    "r0009",
    "r0010",
    "r0011",
    "r0012",
)
HELD, GONE, NEW = SubjectId("sub_held"), SubjectId("sub_gone"), SubjectId("sub_newguest")
SEALED = b"what was decided, sealed by an earlier version"
CONTEXT = {"record": "decision"}
SITE = DemoSite(
    place=PlaceId("plc_frontdesk"),
    guest_room=PlaceId("plc_guestroom204"),
    desk_device=DeviceId("dev_deskcamera"),
    room_device=DeviceId("dev_roomtablet"),
    purpose=PurposeId("pur_checkin"),
    jurisdiction="CN",
)


@dataclass(frozen=True)
class OldHotel:
    """A hotel whose store an earlier version wrote, opened by this one."""

    revision: str
    hotel: FrontDesk
    there: dict[str, Any]
    root: Path

    @property
    def has_holds(self) -> bool:
        return self.revision >= "r0003"


@cache
def dump_of(revision: str) -> str:
    return gzip.decompress(VECTORS.joinpath(f"{revision}.sql.gz").read_bytes()).decode()


def lay_out(root: Path, revision: str) -> dict[str, Any]:
    """Write data folder and root key as that version left them; return what was in it."""
    there: dict[str, Any] = json.loads(VECTORS.joinpath(f"{revision}.json").read_text(encoding="utf-8"))
    folder = root / "data"
    folder.mkdir(mode=0o700, parents=True)
    path = folder / "countenance.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(dump_of(revision))
    path.chmod(0o600)
    key = root / "root.key"
    key.write_text(there["root_key"], encoding="utf-8")
    key.chmod(0o600)
    return there


def schema(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "countenance.db")) as database:
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])


@contextmanager
def opened(root: Path, revision: str) -> Iterator[OldHotel]:
    there, clock = lay_out(root, revision), FixedClock(NOON)
    provider = key_provider(f"file:{root / 'root.key'}")
    with Store.open(root / "data", key_provider=provider, clock=clock) as store:
        hotel = FrontDesk(store, new_desk(store, clock), clock, SITE, root / "data")
        yield OldHotel(revision, hotel, there, root)


@pytest.fixture(params=REVISIONS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OldHotel]:
    with opened(tmp_path, request.param) as hotel:
        yield hotel


def test_there_is_a_store_of_every_earlier_schema() -> None:
    newest = max(path.name[:5] for path in MIGRATIONS.glob("versions/r*.py"))
    earlier = {path.name[:5] for path in MIGRATIONS.glob("versions/r*.py")} - {newest}
    assert earlier - {"r0001"} <= set(REVISIONS)


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_dump_is_of_that_schema(tmp_path: Path, revision: str) -> None:
    lay_out(tmp_path, revision)
    assert schema(tmp_path / "data") == revision


def test_everything_is_there_and_believed(old: OldHotel) -> None:
    store, there = old.hotel.store, old.there
    assert schema(old.hotel.folder) > "r0005"
    assert store.check_records() == ()
    assert store.log.verify().ok
    assert store.log.size() == there["log_size"]
    assert store.evidence.epoch() == there["epoch"]
    assert [duty.duty_id for duty in store.duties.open()] == there["open_duties"]
    done = store.duties.get(DutyId(there["discharged"]))
    assert done.discharged_by is not None
    assert store.evidence.get(done.discharged_by).content["done"] == "overwritten"
    assert store.permits.uses(PermitId(there["permit"])) == {"capture": 1}
    assert there["issuer"] in {issuer.key_id for issuer in store.issuers.all()}
    statuses = {device: it.status for device, it in store.enrolments.all().items()}
    assert statuses[old.hotel.site.room_device] is DeviceStatus.SUSPENDED
    if old.has_holds:
        assert [hold.ground for hold in store.holds.of(HELD)] == ["court order 7"]
        assert [backup.backup_id for backup in store.backups.kept_on(date(2026, 12, 1))] == ["bak_one"]
        state = store.retention.state()
        assert state is not None
        assert state.floor == NOON


def test_what_was_sealed_opens_and_what_was_destroyed_doesn_t_come_back(old: OldHotel) -> None:
    store, purpose = old.hotel.store, PurposeId(old.there["purpose"])
    decision = store.decisions.get(DecisionId(old.there["decision"]))
    assert store.vault.open(GUEST, purpose, decision.sealed, context=CONTEXT) == SEALED
    about_gone = [r for r in store.evidence.at(NOON) if r.scope.subject == GONE]
    assert about_gone == []
    assert len(store.vault.destroyed()) >= 1
    with closing(sqlite3.connect(old.hotel.folder / "countenance.db")) as database:
        assert database.execute("SELECT DISTINCT subject FROM destroyed_keys").fetchall() == [("",)]
        (sealed,) = database.execute(
            "SELECT body FROM evidence WHERE subject = ? LIMIT 1", (GONE,)
        ).fetchone()
    with pytest.raises(SealKeyDestroyed):
        store.vault.open(GONE, purpose, sealed, context=CONTEXT)


def test_its_people_are_counted(old: OldHotel) -> None:
    store = old.hotel.store
    assert store.population.people() == (2 if old.has_holds else 1)
    assert store.population.fits()
    old.hotel.welcome(subject=NEW)
    assert store.population.people() == (3 if old.has_holds else 2)
    assert store.population.fits()


def test_its_api_key_is_good(old: OldHotel) -> None:
    record = check_api_key(old.hotel.store, old.there["api_key"], old.hotel.clock)
    assert record.roles == ("clerk",)
    with pytest.raises(ApiKeyRefused):
        check_api_key(old.hotel.store, old.there["api_key"][:-1] + "2", old.hotel.clock)


def test_its_log_is_proved_from_end_to_end(old: OldHotel) -> None:
    log = old.hotel.store.log
    log.checkpoint()
    audited = AuditReader(store=old.hotel.store).read()
    assert (audited.checkpoints_whole, audited.head_whole) == (True, True)
    for index in (0, log.size() // 2, log.size() - 1):
        assert log.inclusion_proof(index, log.size()) is not None


def test_a_permit_of_before_opens_its_door_as_often_as_was_left_under_the_same_rules(old: OldHotel) -> None:
    request = old.hotel.request(request_id=RequestId(old.there["request"]))
    passage = Passage(Door.CAPTURE, "capture", request, DOCUMENT)
    verifier = old.hotel.desk.verifier
    claims = old.hotel.store.signer.verify(old.there["token"], kind=PERMIT_KIND)
    if claims["rule_set"] == shipped_rules()[0].sha256:
        verifier.admit(old.there["token"], passage)
        with pytest.raises(PermitSpent):
            verifier.admit(old.there["token"], passage)
    else:
        with pytest.raises(PermitRevoked):
            verifier.admit(old.there["token"], passage)
    old.hotel.wait(timedelta(hours=1))
    with pytest.raises(PermitExpired):
        verifier.admit(old.there["token"], passage)


def test_a_guest_is_checked_in_on_what_was_on_file(old: OldHotel) -> None:
    before = set(old.hotel.desk.on_file(scope=EvidenceScope(place=SITE.place, purpose=SITE.purpose)).evidence)
    assert {"encryption", "notice", "pia", "purpose"} <= before
    # As at every start: files what the rules of today ask for besides.
    seed_demo(old.hotel.desk, jurisdiction="CN")
    old.hotel.welcome(subject=NEW)
    request = old.hotel.request(subject=NEW)
    granted = old.hotel.grant(request)
    passage = Passage(Door.CAPTURE, "capture", request, DOCUMENT)
    assert old.hotel.desk.verifier.admit(granted.token, passage).permit_id == granted.claims.permit_id
    assert old.hotel.store.log.verify().ok


def test_a_guest_of_before_is_erased_and_a_hold_of_before_still_holds(old: OldHotel) -> None:
    rights = rights_of(old.hotel, old.root / "journal")
    certified = rights.erasures.erase(GUEST, None, author=OFFICER)
    assert certified.finished
    assert certified.erased.decisions == 1
    assert old.hotel.store.evidence.about(GUEST) == ()
    assert scan(files_below(old.hotel.folder), {"the guest": GUEST.encode()}) == []
    if old.has_holds:
        with pytest.raises(HeldFromErasure):
            rights.erasures.erase(HELD, None, author=OFFICER)
    assert old.hotel.store.population.fits()
    assert old.hotel.store.log.verify().ok


def test_it_is_swept(old: OldHotel) -> None:
    rights = rights_of(old.hotel, old.root / "journal")
    old.hotel.wait(timedelta(hours=2))
    swept = rights.sweeper.sweep()
    assert swept.records > 0
    assert swept.tampered == 0
    assert swept.held == (1 if old.has_holds else 0)
    assert old.hotel.store.check_records() == ()


def test_it_is_backed_up_and_restored(old: OldHotel, tmp_path: Path) -> None:
    store = old.hotel.store
    backup = BackupRecord("bak_two", NOON, date(2026, 12, 22))
    store.backups.add(backup)
    journal = old.root / "journal"
    store.journal(journal).backed_up(JournaledBackup("bak_two", NOON, backup.last_day))
    store.back_up(tmp_path / "file.backup", backup)
    provider = key_provider(f"file:{old.root / 'root.key'}")
    clock = FixedClock(NOON)
    restore_backup(
        tmp_path / "file.backup",
        folder=tmp_path / "restored",
        journal=journal,
        key_provider=provider,
        clock=clock,
    )
    with Store.open(tmp_path / "restored", key_provider=provider, clock=clock) as again:
        assert again.check_records() == ()
        assert again.population.people() == store.population.people()
        assert again.population.fits()
        assert again.log.verify().ok


def test_a_row_that_was_edited_before_is_still_not_believed(tmp_path: Path) -> None:
    for revision in REVISIONS:
        root = tmp_path / revision
        lay_out(root, revision)
        with closing(sqlite3.connect(root / "data" / "countenance.db")) as database, database:
            database.execute("UPDATE device_enrolments SET status = 'active'")
        provider = key_provider(f"file:{root / 'root.key'}")
        with Store.open(root / "data", key_provider=provider, clock=FixedClock(NOON)) as store:
            assert {row.table for row in store.check_records()} == {"device_enrolments"}


def test_opening_it_twice_changes_nothing_more(tmp_path: Path) -> None:
    for revision in REVISIONS:
        root = tmp_path / revision
        lay_out(root, revision)
        provider = key_provider(f"file:{root / 'root.key'}")
        dumps = []
        for _ in range(2):
            Store.open(root / "data", key_provider=provider, clock=FixedClock(NOON)).close()
            with closing(sqlite3.connect(root / "data" / "countenance.db")) as database:
                dumps.append(list(database.iterdump()))
        assert dumps[0] == dumps[1]
        shutil.rmtree(root)
