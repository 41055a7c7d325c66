from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import cv2
import pytest

import weights
from analysis_desk import DEPICTED, AnalysisDesk, analysis_desk, portrait_video
from countenance.authority import RefusedByRule, UnknownDevice, UnknownPlace
from countenance.capture import Camera, FrameSource, OpenCvVideo, PictureFolder, StreamLimits
from countenance.kernel import CallerError, DeviceId, PlaceId
from countenance.scenes import FrameOutcome, StreamKind, StreamOrder, StreamStop
from countenance.vision.attributes import Attribute

pytestmark = pytest.mark.models

FRAMES = ("obama", "obama", None, "obama", "obama2", "obama2")
LIMITS = StreamLimits()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnalysisDesk]:
    with analysis_desk(tmp_path_factory.mktemp("streams") / "demo") as opened:
        yield opened


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return portrait_video(tmp_path_factory.mktemp("clip") / "clip.avi", FRAMES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("obama", "obama2"):
        (tmp_path / f"{name}.jpg").write_bytes(weights.sample_bytes(name))
    (tmp_path / "aaa.jpg").write_bytes(b"no picture")
    return tmp_path


def video(clip: Path, limits: StreamLimits = LIMITS) -> FrameSource:
    return OpenCvVideo(data=clip.read_bytes(), limits=limits)


def camera(clip: Path, device: str, *, seconds: float = 30.0) -> FrameSource:
    """The camera's own loop, with a video file where the device would be."""
    limits = StreamLimits(cameras=((0, DeviceId(device)),), warm_up_seconds=0.0, frames_per_second=240.0)
    ticks = iter(range(10_000))
    return Camera(
        number=0,
        seconds=seconds,
        limits=limits,
        opener=lambda _: cv2.VideoCapture(str(clip), cv2.CAP_FFMPEG),
        clock=lambda: next(ticks) / 10,
    )


def ordered(desk: AnalysisDesk, source: FrameSource, *, most: int = 100) -> StreamOrder:
    return StreamOrder(source, *desk.where, DEPICTED, frozenset({Attribute.POSE, Attribute.AGE}), most)


def ignore(_: FrameOutcome) -> None:
    """Tell nobody."""


def test_not_one_frame_is_no_order(desk: AnalysisDesk, clip: Path) -> None:
    with pytest.raises(ValueError, match="at least one"):
        ordered(desk, video(clip), most=0)


def test_every_frame_of_a_video_is_told_in_order(desk: AnalysisDesk, clip: Path) -> None:
    told: list[tuple[int, float | None, str]] = []

    def tell(outcome: FrameOutcome) -> None:
        face = outcome.analysis
        if face is not None:
            assert face.pose is not None
            assert face.age is not None
            assert (face.gender, face.points, face.quality) == (None, None, None)
        assert (outcome.analysis is None) is (outcome.error is not None)
        assert outcome.picture is None
        code = outcome.error.code if outcome.error is not None else "face"
        told.append((outcome.index, outcome.seconds, code))

    result = desk.ready.streams.run(ordered(desk, video(clip)), tell=tell)
    codes = ["face" if name else "no-face-found" for name in FRAMES]
    assert [(index, code) for index, _, code in told] == list(enumerate(codes))
    assert [seconds for _, seconds, _ in told] == pytest.approx([index / 10 for index in range(6)], abs=0.01)
    assert (result.kind, result.stop, result.error) == (StreamKind.VIDEO, StreamStop.END, None)
    assert (result.described, dict(result.passed_over), result.seen) == (5, {"no-face-found": 1}, 6)
    assert result.models[-1] == "age-v1"
    assert desk.passages(result.permit_id) == {"capture": 1, "analyse": 5}


def test_a_folder_says_which_numbers_it_couldnt_take_in(desk: AnalysisDesk, folder: Path) -> None:
    told: list[FrameOutcome] = []
    source = PictureFolder.listed(folder, limits=LIMITS)
    result = desk.ready.streams.run(ordered(desk, source), tell=told.append)
    assert [(outcome.index, outcome.seconds) for outcome in told] == [(1, None), (2, None)]
    assert (result.kind, result.stop, result.seconds) == (StreamKind.FOLDER, StreamStop.END, None)
    assert [(each.index, each.code) for each in result.unreadable] == [(0, "not-a-picture")]
    entry = desk.last_analysis()
    assert dict(entry["unreadable"]) == {"not-a-picture": 1}
    assert not any(name in json.dumps(entry, default=dict) for name in ("obama", "aaa", str(folder)))


def test_a_camera_stops_when_so_many_were_looked_at(desk: AnalysisDesk, clip: Path) -> None:
    source = camera(clip, desk.where[1])
    result = desk.ready.streams.run(ordered(desk, source, most=2), tell=ignore)
    assert (result.kind, result.stop, result.described) == (StreamKind.CAMERA, StreamStop.MOST, 2)


def test_a_camera_is_recorded_from_for_as_long_as_was_asked(desk: AnalysisDesk, clip: Path) -> None:
    result = desk.ready.streams.run(ordered(desk, camera(clip, desk.where[1], seconds=0.25)), tell=ignore)
    assert (result.stop, result.error) == (StreamStop.LENGTH, None)


def test_a_camera_that_stops_leaves_what_was_told(desk: AnalysisDesk, clip: Path) -> None:
    told: list[FrameOutcome] = []
    result = desk.ready.streams.run(ordered(desk, camera(clip, desk.where[1])), tell=told.append)
    assert result.error is not None
    assert (result.error.code, result.stop, len(told)) == ("camera-stopped", StreamStop.FAILED, len(FRAMES))
    assert desk.last_analysis()["error"] == "camera-stopped"


def test_a_camera_of_another_device_isnt_opened(desk: AnalysisDesk, clip: Path) -> None:
    result = desk.ready.streams.run(
        ordered(desk, camera(clip, "dev_elsewhere")), tell=lambda _: pytest.fail("a frame was looked at")
    )
    assert result.error is not None
    assert (result.error.code, result.stop, result.seen) == ("permit-not-for-this", StreamStop.FAILED, 0)
    assert desk.passages(result.permit_id) == {}


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_are_looked_at_than_were_asked_for(desk: AnalysisDesk, clip: Path, most: int) -> None:
    told: list[FrameOutcome] = []
    result = desk.ready.streams.run(ordered(desk, video(clip), most=most), tell=told.append)
    assert (len(told), result.stop, result.seen) == (most, StreamStop.MOST, most)


def test_each_nth_frame_alone_is_given(desk: AnalysisDesk, clip: Path) -> None:
    told: list[FrameOutcome] = []
    source = video(clip, StreamLimits(every=4))
    desk.ready.streams.run(ordered(desk, source), tell=told.append)
    assert [outcome.index for outcome in told] == [0, 4]


def test_what_was_told_is_overwritten(desk: AnalysisDesk, clip: Path) -> None:
    told: list[FrameOutcome] = []

    def tell(outcome: FrameOutcome) -> None:
        if outcome.analysis is not None:
            assert outcome.analysis.points is not None
            assert outcome.analysis.points.points.any()
            assert outcome.picture is not None
            assert outcome.picture.any()
            told.append(outcome)

    order = replace(ordered(desk, video(clip), most=2), asked=frozenset({Attribute.POINTS}), drawn=True)
    desk.ready.streams.run(order, tell=tell)
    assert len(told) == 2
    for outcome in told:
        assert outcome.analysis is not None
        assert outcome.analysis.points is not None
        assert not outcome.analysis.points.points.any()
        assert outcome.picture is not None
        assert not outcome.picture.any()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("video", "one analysis of at most 3 frames of one video, for: age, pose"),
        ("camera", "one analysis of at most 3 frames of one recording by a camera, for: age, pose"),
        ("folder", "one analysis of at most 3 pictures of one folder, for: age, pose"),
    ],
)
def test_one_person_agrees_to_one_stream_and_how_much_of_it(
    desk: AnalysisDesk, clip: Path, folder: Path, kind: str, words: str
) -> None:
    sources: dict[str, Callable[[], FrameSource]] = {
        "video": lambda: video(clip),
        "camera": lambda: camera(clip, desk.where[1]),
        "folder": lambda: PictureFolder.listed(folder, limits=LIMITS),
    }
    before = desk.subjects()
    desk.ready.streams.run(ordered(desk, sources[kind](), most=3), tell=ignore)
    (subject,) = desk.subjects() - before
    (consent,) = [record for record in desk.consents() if record.scope.subject == subject]
    assert consent.content["processing_method"] == words


def test_who_did_not_agree_is_not_opened(desk: AnalysisDesk, clip: Path) -> None:
    source = video(clip)
    with pytest.raises(RefusedByRule):
        desk.ready.streams.run(
            replace(ordered(desk, source), depicted=replace(DEPICTED, consents=False)), tell=ignore
        )
    assert source.ended is None


@pytest.mark.parametrize(
    ("changed", "error"),
    [({"place": PlaceId("plc_nowhere")}, UnknownPlace), ({"device": DeviceId("dev_nothing")}, UnknownDevice)],
)
def test_who_isnt_registered_opens_nothing(
    desk: AnalysisDesk, clip: Path, changed: dict[str, str], error: type[CallerError]
) -> None:
    source, before = video(clip), desk.subjects()
    with pytest.raises(error):
        desk.ready.streams.run(replace(ordered(desk, source), **changed), tell=ignore)  # type: ignore[arg-type]
    assert source.ended is None
    assert desk.subjects() == before


def test_a_consent_withdrawn_in_the_middle_stops_it(desk: AnalysisDesk, clip: Path) -> None:
    before, told = desk.subjects(), 0

    def tell(_: FrameOutcome) -> None:
        nonlocal told
        told += 1
        (subject,) = desk.subjects() - before
        desk.withdraw(subject)

    result = desk.ready.streams.run(ordered(desk, video(clip)), tell=tell)
    assert result.error is not None
    assert (result.error.code, told, result.described) == ("permit-revoked", 1, 1)
    assert desk.passages(result.permit_id) == {"capture": 1, "analyse": 1}


def test_when_the_permits_time_is_over_no_frame_is_given(desk: AnalysisDesk, clip: Path) -> None:
    told = 0

    def tell(_: FrameOutcome) -> None:
        nonlocal told
        told += 1
        desk.wait(timedelta(seconds=70))

    result = desk.ready.streams.run(ordered(desk, video(clip)), tell=tell)
    assert result.error is not None
    assert (result.error.code, told) == ("permit-expired", 2)
    assert desk.last_analysis()["error"] == "permit-expired"


def test_whoever_stops_it_has_what_was_told(desk: AnalysisDesk, clip: Path) -> None:
    told: list[FrameOutcome] = []
    source = video(clip)
    result = desk.ready.streams.run(ordered(desk, source), tell=told.append, stop=lambda: len(told) == 2)
    assert (result.stop, len(told), result.error) == (StreamStop.INTERRUPTED, 2, None)
    entry = desk.last_analysis()
    assert (entry["outcome"], entry["described"], entry["stop"]) == ("interrupted", 2, "interrupted")
    assert "processing_log" not in desk.open_duties()


def test_an_interrupt_from_inside_leaves_its_entry(desk: AnalysisDesk, clip: Path) -> None:
    def tell(_: FrameOutcome) -> None:
        raise KeyboardInterrupt

    source = video(clip)
    with pytest.raises(KeyboardInterrupt):
        desk.ready.streams.run(ordered(desk, source), tell=tell)
    assert source.ended is not None
    assert desk.last_analysis()["outcome"] == "interrupted"
    assert not desk.open_duties() & {"image_deleted", "raw_deleted", "processing_log"}


def test_a_file_that_is_no_whole_video_is_told_by_its_code(desk: AnalysisDesk) -> None:
    source = OpenCvVideo(data=b"\0\0\0\x18ftypmp42 and nothing else", limits=LIMITS)
    result = desk.ready.streams.run(ordered(desk, source), tell=ignore)
    assert result.error is not None
    assert (result.error.code, result.described, result.seen) == ("video-unreadable", 0, 0)


def test_the_log_holds_counts_and_no_answer(desk: AnalysisDesk, clip: Path) -> None:
    result = desk.ready.streams.run(ordered(desk, video(clip)), tell=ignore)
    entry = {
        name: value for name, value in desk.last_analysis().items() if name not in ("request", "rule_set")
    }
    assert json.loads(json.dumps(entry, default=dict)) == {
        "outcome": "analysed",
        "attributes": ["age", "pose"],
        "source": "video",
        "described": 5,
        "passed_over": {"no-face-found": 1},
        "unreadable": {},
        "stop": "end",
        "permit": result.permit_id,
    }
    assert not desk.open_duties() & {"image_deleted", "raw_deleted", "processing_log"}
    assert desk.ready.store.log.verify().ok


@pytest.mark.parametrize("stop", StreamStop)
def test_every_stop_has_words(stop: StreamStop) -> None:
    assert stop.words
