"""Backups, the erasure journal, and a restore that brings nobody back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countenance.kernel import FixedClock, KeyProvider, PurposeId, SubjectId, new_id
from countenance.store import (
    BackupOver,
    BackupRecord,
    BackupUnreadable,
    ErasureJournalBroken,
    ErasureJournalMissing,
    JournaledBackup,
    Restored,
    Store,
    StoreExists,
    StoreExposed,
    create_root_key,
    key_provider,
    restore_backup,
)
from held_people import NOON, keep

CHECKIN, ACCESS = PurposeId("pur_checkin"), PurposeId("pur_access")
ANN, BEN = SubjectId("sub_annplantedmarker"), SubjectId("sub_benplantedmarker")
LAST_DAY = date(2026, 12, 31)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


@pytest.fixture
def restore(
    tmp_path: Path, journal: Path, provider: KeyProvider, clock: FixedClock
) -> Callable[..., Restored]:
    def again(path: Path, *, folder: Path | None = None, journal_path: Path = journal) -> Restored:
        return restore_backup(
            path,
            folder=folder or tmp_path / "again",
            journal=journal_path,
            key_provider=provider,
            clock=clock,
        )

    return again


class Reopen(Protocol):
    def __call__(self, folder: Path, *, new: bool = False) -> Store: ...


@pytest.fixture
def reopen(provider: KeyProvider, clock: FixedClock) -> Reopen:
    def opened(folder: Path, *, new: bool = False) -> Store:
        make = Store.create if new else Store.open
        return make(folder, key_provider=provider, clock=clock)

    return opened


def back_up(store: Store, path: Path, journal: Path) -> BackupRecord:
    backup = BackupRecord(new_id("bak"), NOON, LAST_DAY)
    store.back_up(path, backup)
    store.backups.add(backup)
    with store.together():
        store.journal(journal).backed_up(JournaledBackup(backup.backup_id, NOON, LAST_DAY))
    return backup


def erase(store: Store, subject: SubjectId, journal: Path, purpose: PurposeId | None = None) -> None:
    store.erasures.erase(subject, purpose, journal=store.journal(journal))


def test_a_restored_store_has_what_was_there_and_lacks_who_was_erased_since(
    store: Store, tmp_path: Path, journal: Path, restore: Callable[..., Restored], reopen: Reopen
) -> None:
    keep(store, ANN, CHECKIN)
    keep(store, BEN, CHECKIN)
    made = back_up(store, tmp_path / "backup", journal)
    keep(store, ANN, ACCESS)
    erase(store, ANN, journal)
    done = restore(tmp_path / "backup")
    assert (done.backup, done.erased_again) == (made, 1)
    with reopen(tmp_path / "again") as again:
        assert again.evidence.about(ANN) == ()
        assert len(again.evidence.about(BEN)) == 1
        assert again.log.verify().ok
        assert again.check_records() == ()
        assert again.backups.kept_on(LAST_DAY) == (made,)
        assert {key.key_id for key in again.vault.destroyed()} == {
            key.key_id for key in store.vault.destroyed()
        }
    assert all(ANN.encode() not in path.read_bytes() for path in (tmp_path / "again").iterdir())
    assert not (tmp_path / "again.restoring").exists()


def test_nothing_in_a_backup_or_a_journal_is_in_the_clear(
    store: Store, tmp_path: Path, journal: Path
) -> None:
    keep(store, ANN, CHECKIN)
    back_up(store, tmp_path / "backup", journal)
    erase(store, ANN, journal)
    for path in (tmp_path / "backup", journal):
        assert path.stat().st_mode & 0o777 == 0o600
        assert ANN.encode() not in path.read_bytes()
        assert b"SQLite format" not in path.read_bytes()


def test_without_the_journal_nothing_is_put_in_place(
    store: Store, tmp_path: Path, journal: Path, restore: Callable[..., Restored]
) -> None:
    keep(store, ANN, CHECKIN)
    back_up(store, tmp_path / "backup", journal)
    journal.unlink()
    with pytest.raises(ErasureJournalMissing):
        restore(tmp_path / "backup")
    assert not (tmp_path / "again").exists()
    assert not (tmp_path / "again.restoring").exists()


def test_a_journal_from_before_the_backup_is_refused(
    store: Store, tmp_path: Path, journal: Path, restore: Callable[..., Restored]
) -> None:
    keep(store, ANN, CHECKIN)
    erase(store, ANN, journal)
    early = journal.read_bytes()
    back_up(store, tmp_path / "backup", journal)
    journal.write_bytes(early)
    with pytest.raises(ErasureJournalBroken, match="cut, or older"):
        restore(tmp_path / "backup")


@pytest.mark.parametrize("how", ["flip", "drop", "swap", "repeat"])
def test_a_journal_that_was_altered_is_refused(
    store: Store, tmp_path: Path, journal: Path, restore: Callable[..., Restored], how: str
) -> None:
    back_up(store, tmp_path / "backup", journal)
    for person in (ANN, BEN):
        keep(store, person, CHECKIN)
        erase(store, person, journal)
    lines = journal.read_text().splitlines(keepends=True)
    match how:
        case "flip":
            lines[1] = lines[1][:40] + ("A" if lines[1][40] != "A" else "B") + lines[1][41:]
        case "drop":
            del lines[1]
        case "swap":
            lines[1], lines[2] = lines[2], lines[1]
        case _:
            lines.append(lines[-1])
    journal.write_text("".join(lines))
    with pytest.raises(ErasureJournalBroken):
        restore(tmp_path / "backup")


def test_a_journal_of_another_installation_is_refused(
    store: Store, tmp_path: Path, journal: Path, restore: Callable[..., Restored], reopen: Reopen
) -> None:
    back_up(store, tmp_path / "backup", journal)
    with reopen(tmp_path / "other", new=True) as other:
        back_up(other, tmp_path / "others", tmp_path / "others.jsonl")
    with pytest.raises(ErasureJournalBroken):
        restore(tmp_path / "backup", journal_path=tmp_path / "others.jsonl")


def test_a_line_that_a_crash_cut_is_made_good(store: Store, journal: Path) -> None:
    keep(store, ANN, CHECKIN)
    erase(store, ANN, journal)
    with journal.open("ab") as file:
        file.write(b"eyJhbGciOiJ")
    keep(store, BEN, CHECKIN)
    erase(store, BEN, journal)
    assert len(store.journal(journal).read().keys) == 2


def test_a_journal_that_others_can_use_is_refused(store: Store, journal: Path) -> None:
    keep(store, ANN, CHECKIN)
    erase(store, ANN, journal)
    journal.chmod(0o644)
    with pytest.raises(StoreExposed):
        store.journal(journal).read()


def test_the_last_key_says_whether_a_store_is_an_earlier_one(
    store: Store, folder: Path, journal: Path, provider: KeyProvider, clock: FixedClock
) -> None:
    keep(store, ANN, CHECKIN)
    assert store.journal(journal).last_key() is None
    copy = folder.with_name("copy")
    store.close()
    copy.mkdir(mode=0o700)
    (copy / "countenance.db").write_bytes((folder / "countenance.db").read_bytes())
    (copy / "countenance.db").chmod(0o600)
    erase(store, ANN, journal)
    key = store.journal(journal).last_key()
    assert key is not None
    assert not store.erasures.lacks(key)
    back_up(store, folder.with_name("later"), journal)
    assert store.journal(journal).last_key() == key
    with Store.open(copy, key_provider=provider, clock=clock) as earlier:
        assert earlier.erasures.lacks(key)
        earlier.erasures.replay(earlier.journal(journal).read().keys)
        assert not earlier.erasures.lacks(key)
        assert earlier.evidence.about(ANN) == ()


def test_a_store_that_is_there_is_not_overwritten(
    store: Store, tmp_path: Path, folder: Path, journal: Path, restore: Callable[..., Restored]
) -> None:
    back_up(store, tmp_path / "backup", journal)
    with pytest.raises(StoreExists):
        restore(tmp_path / "backup", folder=folder)


def test_a_backup_beyond_its_last_day_is_refused(
    store: Store, tmp_path: Path, journal: Path, clock: FixedClock, restore: Callable[..., Restored]
) -> None:
    back_up(store, tmp_path / "backup", journal)
    clock.move_to(NOON + timedelta(days=60))
    with pytest.raises(BackupOver):
        restore(tmp_path / "backup")


def test_another_root_key_opens_nothing(
    store: Store, tmp_path: Path, journal: Path, clock: FixedClock
) -> None:
    back_up(store, tmp_path / "backup", journal)
    create_root_key(f"file:{tmp_path / 'other.key'}")
    with pytest.raises(BackupUnreadable):
        restore_backup(
            tmp_path / "backup",
            folder=tmp_path / "again",
            journal=journal,
            key_provider=key_provider(f"file:{tmp_path / 'other.key'}"),
            clock=clock,
        )


def test_a_file_that_is_there_is_not_overwritten(store: Store, tmp_path: Path, journal: Path) -> None:
    back_up(store, tmp_path / "backup", journal)
    before = (tmp_path / "backup").read_bytes()
    with pytest.raises(BackupUnreadable):
        back_up(store, tmp_path / "backup", journal)
    assert (tmp_path / "backup").read_bytes() == before


def test_a_folder_that_cannot_be_written_is_said(store: Store, tmp_path: Path, journal: Path) -> None:
    with pytest.raises(BackupUnreadable):
        back_up(store, tmp_path / "missing" / "backup", journal)
    keep(store, ANN, CHECKIN)
    with pytest.raises(ErasureJournalMissing):
        erase(store, ANN, tmp_path / "missing" / "journal")
    assert len(store.evidence.about(ANN)) == 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1, exclude_max=True), how=st.integers(0, 255))
def test_a_backup_that_was_altered_or_cut_is_refused(
    where: float,
    how: int,
    tmp_path_factory: pytest.TempPathFactory,
    shared_store: Store,
    provider: KeyProvider,
) -> None:
    root = tmp_path_factory.mktemp("altered")
    back_up(shared_store, root / "backup", root / "journal")
    content = bytearray((root / "backup").read_bytes())
    at = int(where * len(content))
    if how:
        content[at] ^= how
    else:
        del content[at:]
    (root / "backup").write_bytes(content)
    with pytest.raises(BackupUnreadable):
        restore_backup(
            root / "backup",
            folder=root / "again",
            journal=root / "journal",
            key_provider=provider,
            clock=FixedClock(NOON),
        )
    assert not (root / "again").exists()


def test_a_backup_is_one_state_while_others_write(
    store: Store, tmp_path: Path, journal: Path, restore: Callable[..., Restored], reopen: Reopen
) -> None:
    stop = threading.Event()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            while not stop.is_set():
                keep(store, SubjectId(new_id("sub")), CHECKIN)
        except BaseException as error:  # noqa: BLE001 - told by the test below
            failures.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            back_up(store, tmp_path / f"backup{number}", journal)
    finally:
        stop.set()
        writer.join()
    assert failures == []
    restore(tmp_path / "backup4")
    with reopen(tmp_path / "again") as again:
        assert again.log.verify().ok
        assert again.check_records() == ()
        assert len(again.decisions.all_ids()) >= 1
