from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import cv2
import pytest

from contract.frame_source import open_files
from countenance.capture import (
    Camera,
    CaptureLimits,
    FrameSource,
    OpenCvVideo,
    PictureFolder,
    PyAvVideo,
    StreamDoor,
    StreamLimits,
    camera_material,
)
from countenance.kernel import (
    DeviceId,
    Door,
    FixedClock,
    Material,
    Passage,
    PermitExpired,
    PermitNotForThis,
    PermitRefused,
    PermitToken,
    ProcessingRequest,
)
from pictures import png, quadrants
from verifiers import NOON, RecordingVerifier, RefusingVerifier, request_for
from videos import video

PERMIT = PermitToken("permit")
DEVICE = DeviceId("dev_test")
LIMITS = StreamLimits(picture=CaptureLimits(smallest_side=16), cameras=((0, DEVICE),))
VIDEO = video()


def naming(*materials: Material) -> ProcessingRequest:
    return replace(request_for(), materials=tuple(sorted(set(materials))))


def must_not_open(_: int) -> cv2.VideoCapture:
    pytest.fail("the camera was opened without a permit")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(png(quadrants(96 + number, 72)))
    return tmp_path


SOURCES: dict[str, Callable[[Path], FrameSource]] = {
    "folder": lambda folder: PictureFolder.listed(folder, limits=LIMITS),
    "opencv": lambda _: OpenCvVideo(data=VIDEO, limits=LIMITS),
    "pyav": lambda _: PyAvVideo(data=VIDEO, limits=LIMITS),
    "camera": lambda _: Camera(number=0, seconds=1.0, limits=LIMITS, opener=must_not_open),
}
RECORDED = [name for name in SOURCES if name != "camera"]


@pytest.mark.parametrize("name", RECORDED)
def test_a_permit_opens_what_it_names(name: str, folder: Path) -> None:
    source = SOURCES[name](folder)
    verifier = RecordingVerifier()
    door = StreamDoor(verifier=verifier, clock=FixedClock(NOON))
    request = naming(*source.materials)
    with door.open(source, permit=PERMIT, request=request) as stream:
        found = list(stream.frames())
    assert len(found) >= 3
    assert stream.timed is (name != "folder")
    assert stream.ended == source.ended
    only = source.materials[0] if len(source.materials) == 1 else None
    passage = Passage(door=Door.CAPTURE, operation="capture", request=request, material=only)
    assert verifier.admitted == [(PERMIT, passage)]


@pytest.mark.parametrize("operation", ["capture", "evaluate", "verify"])
def test_the_door_serves_one_operation(operation: str) -> None:
    verifier = RecordingVerifier()
    source = OpenCvVideo(data=VIDEO, limits=LIMITS)
    door = StreamDoor(verifier=verifier, clock=FixedClock(NOON), operation=operation)
    door.open(source, permit=PERMIT, request=naming(*source.materials))
    assert [passage.operation for _, passage in verifier.admitted] == [operation]


@pytest.mark.parametrize("reason", PermitRefused.__subclasses__(), ids=lambda kind: str(kind.code))
@pytest.mark.parametrize("name", SOURCES)
def test_without_a_permit_nothing_is_opened(
    name: str, reason: type[PermitRefused], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = SOURCES[name](folder)
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: pytest.fail("opened without a permit"))
    monkeypatch.setattr("av.open", lambda *_, **__: pytest.fail("opened without a permit"))
    monkeypatch.setattr("countenance.capture.pictures.decode", lambda *_, **__: pytest.fail("decoded"))
    before = open_files()
    door = StreamDoor(verifier=RefusingVerifier(reason("no")), clock=FixedClock(NOON))
    with pytest.raises(reason):
        door.open(source, permit=PERMIT, request=naming(*source.materials))
    assert source.ended is None
    assert open_files() == before


@pytest.mark.parametrize("name", SOURCES)
def test_what_the_request_does_not_name_is_refused_before_the_permit_is_asked(
    name: str, folder: Path
) -> None:
    source = SOURCES[name](folder)
    verifier = RecordingVerifier()
    door = StreamDoor(verifier=verifier, clock=FixedClock(NOON))
    for named in (source.materials[1:], (Material("0" * 64),)):
        with pytest.raises(PermitNotForThis):
            door.open(source, permit=PERMIT, request=naming(*named))
    assert verifier.admitted == []


def test_a_camera_of_another_device_is_refused() -> None:
    source = Camera(number=0, seconds=1.0, limits=LIMITS, opener=must_not_open)
    request = replace(naming(*source.materials), device=DeviceId("dev_other"))
    verifier = RecordingVerifier()
    with pytest.raises(PermitNotForThis):
        StreamDoor(verifier=verifier, clock=FixedClock(NOON)).open(source, permit=PERMIT, request=request)
    assert verifier.admitted == []


def test_another_camera_than_the_named_is_refused() -> None:
    source = Camera(number=0, seconds=1.0, limits=LIMITS, opener=must_not_open)
    door = StreamDoor(verifier=RecordingVerifier(), clock=FixedClock(NOON))
    with pytest.raises(PermitNotForThis):
        door.open(source, permit=PERMIT, request=naming(camera_material(1, DEVICE)))


@pytest.mark.parametrize("name", RECORDED)
def test_a_stream_ends_with_its_permit(name: str, folder: Path) -> None:
    clock = FixedClock(NOON)
    source = SOURCES[name](folder)
    door = StreamDoor(verifier=RecordingVerifier(), clock=clock)
    with door.open(source, permit=PERMIT, request=naming(*source.materials)) as stream:
        frames = stream.frames()
        next(frames)
        clock.move_to(NOON + timedelta(minutes=2))
        next(frames)
        clock.move_to(NOON + timedelta(minutes=2, microseconds=1))
        with pytest.raises(PermitExpired):
            next(frames)
    assert stream.ended is not None


@pytest.mark.parametrize("name", SOURCES)
def test_a_permit_that_ran_out_before_the_opening_opens_nothing(name: str, folder: Path) -> None:
    clock = FixedClock(NOON)
    source = SOURCES[name](folder)
    stream = StreamDoor(verifier=RecordingVerifier(), clock=clock).open(
        source, permit=PERMIT, request=naming(*source.materials)
    )
    clock.move_to(NOON + timedelta(hours=1))
    with pytest.raises(PermitExpired), stream:
        pytest.fail("it was opened")
    assert source.ended is None
