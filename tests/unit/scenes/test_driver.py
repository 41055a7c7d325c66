"""A driver is warned on their own device; nothing is kept, and who isn't permitted isn't looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from analysis_desk import portrait_video
from countenance.authority import RefusedByRule, hypothetical, shipped_rules
from countenance.kernel import FixedClock
from countenance.liveness import DriverWarning
from countenance.runtime import load_settings
from countenance.runtime.driver import DriverInstallation, prepare_demo_driver
from countenance.runtime.streams import source_at
from countenance.scenes import AgeBand, DriverMoment, DriverOrder, GuestStatement, NotADrive, StreamStop
from front_desk import NOON

DRIVER = GuestStatement(consents=True, age_band=AgeBand.ADULT, language="en", stated_by="driver")
FACTS = {"own_device": True, "consent.record": True, "notice": True}


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[DriverInstallation]:
    told = load_settings(file=None, overrides={})
    with prepare_demo_driver(told, folder=tmp_path / "demo", clock=FixedClock(NOON)) as opened:
        yield opened


def order(ready: DriverInstallation, video: Path, *, driver: GuestStatement = DRIVER) -> DriverOrder:
    source = source_at(video, settings=ready.settings)
    assert source is not None
    assert ready.place is not None
    assert ready.device is not None
    return DriverOrder(source, ready.place, ready.device, driver, 10_000)


@pytest.mark.models
def test_a_driver_who_turns_from_the_camera_is_told_and_nothing_is_kept(
    ready: DriverInstallation, tmp_path: Path
) -> None:
    drive = portrait_video(tmp_path / "drive.avi", ["obama"] * 96 + [None] * 20, rate=3.0)
    moments: list[DriverMoment] = []
    result = ready.watching.run(order(ready, drive), tell=moments.append)
    assert (result.stop, result.frames, result.error, result.demo) == (StreamStop.END, 116, None, True)
    assert not moments[0].ready
    assert moments[95].ready
    assert moments[95].seen
    assert not moments[-1].seen
    assert {warning for one in moments for warning in one.warnings} == {DriverWarning.NOT_SEEN}
    entry = ready.store.log.entry(result.log.index).entry
    assert entry is not None
    assert set(entry) == {"outcome", "scene", "source", "stop", "permit", "request", "rule_set"}
    assert ready.store.references.count(ready.store.purposes.all()[0].purpose_id) == 0


@pytest.mark.models
def test_who_did_not_switch_it_on_is_not_looked_at(ready: DriverInstallation, tmp_path: Path) -> None:
    drive = portrait_video(tmp_path / "drive.avi", ["obama"] * 3)
    no = GuestStatement(consents=False, age_band=AgeBand.ADULT, language="en", stated_by="driver")
    told: list[DriverMoment] = []
    with pytest.raises(RefusedByRule):
        ready.watching.run(order(ready, drive, driver=no), tell=told.append)
    assert told == []


@pytest.mark.models
def test_it_ends_when_the_driver_wants_it_to(ready: DriverInstallation, tmp_path: Path) -> None:
    drive = portrait_video(tmp_path / "drive.avi", ["obama"] * 6)
    told: list[DriverMoment] = []
    result = ready.watching.run(order(ready, drive), tell=told.append, stop=lambda: len(told) == 2)
    assert (result.stop, result.frames) == (StreamStop.INTERRUPTED, 2)


@pytest.mark.models
def test_a_folder_is_no_drive(ready: DriverInstallation, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(NotADrive):
        order(ready, tmp_path / "pictures")


@pytest.mark.parametrize("jurisdiction", ["CN", "EU", "UK", "US/IL"])
@pytest.mark.parametrize(
    ("place", "judges", "allowed"),
    [
        pytest.param("phone", False, True, id="own-phone"),
        pytest.param("workplace", False, True, id="own-cab"),
        pytest.param("workplace", True, False, id="judging-workers"),
        pytest.param("phone", True, False, id="judging-drivers"),
        pytest.param("school", False, False, id="school"),
        pytest.param("public", False, False, id="passers-by"),
    ],
)
def test_where_it_is_permitted(jurisdiction: str, place: str, judges: bool, allowed: bool) -> None:
    rules, vocabulary = shipped_rules()
    verdict = hypothetical(
        rules,
        vocabulary,
        operation="drowsiness_self",
        place_kind=place,
        jurisdictions=(jurisdiction,),
        at=date(2026, 11, 22),
        facts=FACTS | {"use.evaluates_person": judges},
    )
    assert verdict.allowed is allowed
