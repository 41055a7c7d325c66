"""A clip is looked at under a permit for liveness; the log says how it ended, and nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from countenance.authority import RefusedByRule, UnknownPlace
from countenance.kernel import FixedClock, PlaceId
from countenance.liveness import Outcome
from countenance.runtime import load_settings
from countenance.runtime.gate import PassageInstallation, prepare_demo_gate
from countenance.runtime.streams import source_at
from countenance.scenes import AgeBand, ClipMoment, ClipOrder, ClipWithoutTimes, GuestStatement
from front_desk import NOON
from scene_clips import clip_of, noise_frames, talking_portrait

pytestmark = pytest.mark.models

PERSON = GuestStatement(consents=True, age_band=AgeBand.ADULT, language="en", stated_by="clerk")


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[PassageInstallation]:
    told = load_settings(file=None, overrides={})
    with prepare_demo_gate(told, folder=tmp_path / "demo", clock=FixedClock(NOON)) as opened:
        yield opened


def order(ready: PassageInstallation, clip: Path, **changes: object) -> ClipOrder:
    source, gate = source_at(clip, settings=ready.settings), ready.gate
    assert source is not None
    assert gate is not None
    asked = ClipOrder(source, gate.purpose, gate.place, gate.device, PERSON)
    return replace(asked, **changes)  # type: ignore[arg-type]


def test_each_cue_says_its_own_and_the_clip_is_never_bona_fide(
    ready: PassageInstallation, tmp_path: Path
) -> None:
    clip = clip_of(tmp_path / "talks.avi", talking_portrait(seconds=2.0))
    told: list[tuple[int, bool]] = []

    def tell(moment: ClipMoment) -> None:
        told.append((moment.index, moment.box is not None))

    result = ready.clips().run(order(ready, clip), tell=tell)
    assert told == [(i, True) for i in range(30)]
    assert result.found.outcome is not Outcome.BONA_FIDE
    assert set(result.found.readings) == {
        "nose-relief", "frozen-frames", "one-face", "riding-rectangle", "identity-continuity",
        "passive-fr-liveness", "appearance-parallax",
    }  # fmt: skip
    assert (result.found.frames, result.found.seen, result.demo) == (30, 30, True)
    entry = ready.store.log.entry(result.log.index).entry
    assert entry is not None
    assert set(entry) == {"outcome", "scene", "species", "frames", "permit", "request", "rule_set"}
    assert entry["outcome"] == result.found.outcome.value
    assert ready.store.references.count(ready.store.purposes.all()[0].purpose_id) == 0


def test_who_did_not_agree_is_not_looked_at(ready: PassageInstallation, tmp_path: Path) -> None:
    clip = clip_of(tmp_path / "wall.avi", noise_frames(6))
    with pytest.raises(RefusedByRule):
        ready.clips().run(order(ready, clip, person=replace(PERSON, consents=False)))
    before = ready.store.log.size()
    with pytest.raises(UnknownPlace):
        ready.clips().run(order(ready, clip, place=PlaceId("plc_nowhere")))
    assert ready.store.log.size() == before


def test_who_stops_it_leaves_an_entry(ready: PassageInstallation, tmp_path: Path) -> None:
    clip = clip_of(tmp_path / "wall.avi", noise_frames(6))

    def stop(moment: ClipMoment) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ready.clips().run(order(ready, clip), tell=stop)
    log = ready.store.log
    (entry,) = (one.entry for one in map(log.entry, range(log.size())) if one.kind == "analysis")
    assert entry is not None
    assert entry["outcome"] == "failed"


def test_a_folder_is_no_clip(ready: PassageInstallation, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    clip = clip_of(folder / "a.avi", noise_frames(1))
    clip.rename(folder / "a.png")
    with pytest.raises(ClipWithoutTimes):
        order(ready, folder)
