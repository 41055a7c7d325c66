"""The wiring of people's rights: backups under roles, a store put back by hand, sweeps in the background."""

from __future__ import annotations

import logging
import shutil
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest

from countenance.authority import Author, Role, RoleMayNot
from countenance.cases import ClockJumped, Swept, check_certificate
from countenance.kernel import FixedClock, PurposeId, SubjectId
from countenance.runtime import (
    Settings,
    SettingsInvalid,
    SweepTimer,
    create_installation,
    load_settings,
    open_people_desk,
    replay,
    restore,
)
from countenance.runtime.opening import journal_path
from countenance.store import (
    ErasureJournalMissing,
    ErasuresNotReplayed,
    Store,
    StoreExists,
    key_provider,
)
from held_people import NOON, keep

OFFICER, CLERK = Author(Role.OFFICER), Author(Role.CLERK)
ANN, BEN = SubjectId("sub_annplantedmarker"), SubjectId("sub_ben")
PURPOSE = PurposeId("pur_checkin")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def settings(tmp_path: Path, clock: FixedClock) -> Settings:
    """An installation in which two people have something on file."""
    told = load_settings(
        overrides={"data_folder": tmp_path / "data", "root_key": f"file:{tmp_path / 'keys' / 'root.key'}"}
    )
    create_installation(told, clock=clock)
    with Store.open(told.data_folder, key_provider=key_provider(told.root_key), clock=clock) as store:
        keep(store, ANN, PURPOSE)
        keep(store, BEN, PURPOSE)
    return told


def about(settings: Settings, subject: SubjectId, clock: FixedClock) -> int:
    with Store.open(settings.data_folder, key_provider=key_provider(settings.root_key), clock=clock) as store:
        return len(store.evidence.about(subject))


def test_the_journal_lies_outside_the_data_folder(settings: Settings, tmp_path: Path) -> None:
    assert journal_path(settings) == tmp_path / "data.erasures"
    assert journal_path(settings.model_copy(update={"erasure_journal": tmp_path / "j"})) == tmp_path / "j"


def test_a_backup_is_made_restored_and_nobody_comes_back(
    settings: Settings, tmp_path: Path, clock: FixedClock
) -> None:
    with open_people_desk(settings, clock=clock) as desk:
        made = desk.backups.back_up(tmp_path / "backup", author=OFFICER)
        done = desk.erasures.erase(ANN, None, author=OFFICER)
    assert made.last_day == date(2026, 12, 27)
    (named,) = check_certificate(done.document).claims["backups"]
    assert (named["backup"], named["last_day"]) == (made.backup_id, "2026-12-27")
    with pytest.raises(StoreExists):
        restore(settings, tmp_path / "backup", author=OFFICER, clock=clock)
    shutil.rmtree(settings.data_folder)
    assert restore(settings, tmp_path / "backup", author=OFFICER, clock=clock).erased_again == 1
    assert (about(settings, ANN, clock), about(settings, BEN, clock)) == (0, 1)
    assert all(ANN.encode() not in path.read_bytes() for path in settings.data_folder.iterdir())
    with open_people_desk(settings, clock=clock) as desk:
        assert desk.sweeper.sweep().tampered == 0


def test_a_journal_that_was_lost_can_be_given(settings: Settings, tmp_path: Path, clock: FixedClock) -> None:
    with open_people_desk(settings, clock=clock) as desk:
        desk.backups.back_up(tmp_path / "backup", author=OFFICER)
    kept = tmp_path / "kept elsewhere"
    journal_path(settings).rename(kept)
    shutil.rmtree(settings.data_folder)
    with pytest.raises(ErasureJournalMissing):
        restore(settings, tmp_path / "backup", author=OFFICER, clock=clock)
    assert not settings.data_folder.exists()
    assert restore(settings, tmp_path / "backup", author=OFFICER, journal=kept, clock=clock).log_size > 0


def test_a_store_put_back_by_hand_is_not_served_until_it_is_replayed(
    settings: Settings, tmp_path: Path, clock: FixedClock
) -> None:
    shutil.copytree(settings.data_folder, tmp_path / "snapshot")
    with open_people_desk(settings, clock=clock) as desk:
        desk.erasures.erase(ANN, None, author=OFFICER)
    shutil.rmtree(settings.data_folder)
    shutil.copytree(tmp_path / "snapshot", settings.data_folder)
    with pytest.raises(ErasuresNotReplayed), open_people_desk(settings, clock=clock):
        pass
    with pytest.raises(RoleMayNot):
        replay(settings, author=CLERK, clock=clock)
    assert replay(settings, author=OFFICER, clock=clock) == 1
    with open_people_desk(settings, clock=clock):
        pass
    assert about(settings, ANN, clock) == 0


@pytest.mark.parametrize("role", Role)
def test_who_may_back_up(settings: Settings, tmp_path: Path, clock: FixedClock, role: Role) -> None:
    with open_people_desk(settings, clock=clock) as desk:
        if role in (Role.OFFICER, Role.OPERATOR):
            assert desk.backups.back_up(tmp_path / "backup", author=Author(role)).sha256
            return
        with pytest.raises(RoleMayNot):
            desk.backups.back_up(tmp_path / "backup", author=Author(role))
    assert not (tmp_path / "backup").exists()
    with pytest.raises(RoleMayNot):
        restore(settings, tmp_path / "backup", author=Author(role), clock=clock)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("decision_keep_days", 0),
        ("decision_keep_days", 3651),
        ("sweep_minutes", 0),
        ("largest_clock_jump_days", 366),
        ("backup_keep_days", 0),
    ],
)
def test_settings_have_limits(name: str, value: int) -> None:
    with pytest.raises(SettingsInvalid):
        load_settings(overrides={name: value})


class Sweeps:
    """A sweeper that counts, does what it is told, and says when it was asked."""

    def __init__(self, *answers: Swept | ClockJumped) -> None:
        self._answers = list(answers)
        self.asked = 0
        self.done = threading.Event()

    def sweep(self, *, confirmed: date | None = None) -> Swept:
        assert confirmed is None
        self.asked += 1
        answer = self._answers.pop(0)
        if not self._answers:
            self.done.set()
        if isinstance(answer, ClockJumped):
            raise answer
        return answer


SWEPT = Swept(NOON, 1, 0, 0, 0, 0, {})


def test_it_sweeps_in_the_background_at_once_and_goes_on_after_a_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sweeps = Sweeps(ClockJumped("m"), SWEPT, SWEPT)
    with caplog.at_level(logging.INFO), SweepTimer(sweeper=sweeps, seconds=0.01):  # type: ignore[arg-type]
        assert sweeps.done.wait(10)
    assert "clock-jumped" in caplog.text
    assert "swept: 1 records" in caplog.text


def test_a_real_store_is_swept_in_the_background(settings: Settings, clock: FixedClock) -> None:
    clock.move_to(NOON + timedelta(hours=2))
    with open_people_desk(settings, clock=clock) as desk:
        waiting = threading.Event()
        with SweepTimer(sweeper=desk.sweeper, seconds=0.05):
            for _ in range(200):
                if about(settings, ANN, clock) == 0:
                    break
                waiting.wait(0.05)
    assert (about(settings, ANN, clock), about(settings, BEN, clock)) == (0, 0)
