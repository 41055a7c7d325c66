"""Who passes a gate is looked at under a permit; of a person one picture comes out, of a picture none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from countenance.authority import RefusedByRule, UnknownDevice, UnknownPlace
from countenance.capture import CaptureLimits, StreamDoor, decode
from countenance.kernel import DeviceId, FixedClock, Material, PlaceId, sha256_hex
from countenance.liveness import LivenessDoor, Shown
from countenance.runtime import load_settings
from countenance.runtime.gate import PassageInstallation, prepare_demo_gate
from countenance.runtime.streams import source_at
from countenance.scenes import (
    AgeBand,
    ClipWithoutTimes,
    GuestStatement,
    PassageMoment,
    PassageOrder,
    PassageWatching,
)
from countenance.vision.rendering import CameraMotion, PosterKind
from front_desk import NOON, new_desk
from scene_clips import MadeUpDetector, MadeUpMesh, clip_of, noise_frames, poster_frames

PASSER = GuestStatement(consents=True, age_band=AgeBand.ADULT, language="en", stated_by="clerk")


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[PassageInstallation]:
    told = load_settings(file=None, overrides={})
    with prepare_demo_gate(told, folder=tmp_path / "demo", clock=FixedClock(NOON)) as opened:
        yield opened


@pytest.fixture
def wall(tmp_path: Path) -> Path:
    return clip_of(tmp_path / "wall.avi", noise_frames(48))


def order(ready: PassageInstallation, clip: Path, **changes: object) -> PassageOrder:
    source, gate = source_at(clip, settings=ready.settings), ready.gate
    assert source is not None
    assert gate is not None
    return replace(
        PassageOrder(source, gate.purpose, gate.place, gate.device, PASSER, most=source.most_frames),
        **changes,  # type: ignore[arg-type]
    )


def made_up(ready: PassageInstallation, *, faces: int = 1, opens: float = 2.0) -> PassageWatching:
    """The real flow, doors, rules and log over a made-up detector and mesh, of somebody who talks."""
    clock = FixedClock(NOON)
    authority = new_desk(ready.store, clock)
    return PassageWatching(
        authority=authority,
        stream_door=StreamDoor(verifier=authority.verifier, clock=clock),
        liveness_door=LivenessDoor(verifier=authority.verifier),
        detector=MadeUpDetector(faces=faces),
        mesh=MadeUpMesh(opens=opens),
        store=ready.store,
    )


def test_who_talks_is_shown_and_one_picture_of_that_face_comes_out(
    ready: PassageInstallation, wall: Path
) -> None:
    told: list[tuple[int, int]] = []

    def tell(moment: PassageMoment) -> None:
        told.append((moment.index, len(moment.faces)))
        assert moment.pixels.any()

    result = made_up(ready).run(order(ready, wall), tell=tell)
    assert told == [(i, 1) for i in range(48)]
    assert [face.judgement.shown for face in result.faces] == [Shown.PERSON]
    (person,) = result.persons
    assert person.shown.material == Material(sha256_hex(person.encoded))
    picture = decode(person.encoded, limits=CaptureLimits())
    assert picture.shape[1] < 640
    assert "encoded" not in repr(person)
    assert (result.frames, result.demo) == (48, True)


def test_the_log_holds_counts_and_no_measure(ready: PassageInstallation, wall: Path) -> None:
    result = made_up(ready, faces=2, opens=0.0).run(order(ready, wall))
    assert result.persons == ()
    entry = ready.store.log.entry(result.log.index).entry
    assert entry is not None
    assert entry["faces"] == {"person": 0, "depiction": 0, "undetermined": 2}
    assert set(entry) == {"outcome", "scene", "frames", "faces", "permit", "request", "rule_set"}
    assert ready.store.references.count(ready.store.purposes.all()[0].purpose_id) == 0


def test_what_was_said_counts_and_nobody_else_is_looked_at(ready: PassageInstallation, wall: Path) -> None:
    no = replace(PASSER, consents=False)
    with pytest.raises(RefusedByRule):
        made_up(ready).run(order(ready, wall, passer=no))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        pytest.param({"place": PlaceId("plc_nowhere")}, UnknownPlace, id="place"),
        pytest.param({"device": DeviceId("dev_nothing")}, UnknownDevice, id="device"),
    ],
)
def test_what_is_not_registered_is_refused_before_anything_is_written_down(
    ready: PassageInstallation, wall: Path, changes: dict[str, object], error: type[Exception]
) -> None:
    before = ready.store.log.size()
    with pytest.raises(error):
        made_up(ready).run(order(ready, wall, **changes))
    assert ready.store.log.size() == before


def test_a_folder_of_pictures_is_no_clip(ready: PassageInstallation, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    cv2.imwrite(str(folder / "a.png"), noise_frames(1)[0])
    with pytest.raises(ClipWithoutTimes):
        order(ready, folder)


def test_no_frame_is_no_order(ready: PassageInstallation, wall: Path) -> None:
    with pytest.raises(ValueError, match="at least one"):
        order(ready, wall, most=0)


def test_who_stops_it_in_the_middle_leaves_an_entry(ready: PassageInstallation, wall: Path) -> None:
    def stop(moment: PassageMoment) -> None:
        if moment.index == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made_up(ready).run(order(ready, wall), tell=stop)
    log = ready.store.log
    entries = [log.entry(i) for i in range(log.size())]
    (entry,) = (one.entry for one in entries if one.kind == "analysis")
    assert entry is not None
    assert entry["outcome"] == "failed"
    assert "faces" not in entry


def test_frames_that_come_faster_than_measured_are_left_out(
    ready: PassageInstallation, tmp_path: Path
) -> None:
    fast = clip_of(tmp_path / "fast.avi", noise_frames(60), rate=30.0)
    assert made_up(ready).run(order(ready, fast)).frames == 30


@pytest.mark.models
def test_a_real_portrait_on_a_bus_gives_no_picture(ready: PassageInstallation, tmp_path: Path) -> None:
    clip = clip_of(tmp_path / "bus.avi", poster_frames(PosterKind.BUS, CameraMotion.STILL))
    result = ready.watching.run(order(ready, clip))
    assert [face.judgement.shown for face in result.faces] == [Shown.DEPICTION]
    assert result.persons == ()
