from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import weights
from analysis_desk import portrait_video
from countenance.cli.analyse_stream import until_interrupted
from countenance.cli.app import app
from pictures import png, quadrants

POSE = ("--attribute", "pose")


def run(*arguments: str | Path) -> tuple[int, str]:
    answer = CliRunner().invoke(app, ["analyse", *map(str, arguments)])
    return answer.exit_code, answer.stdout


def lines(*arguments: str | Path) -> tuple[int, list[dict[str, Any]]]:
    """Run with ``--json``; every line of the answer has to be an object of its own."""
    status, out = run(*arguments, "--json")
    return status, [json.loads(line) for line in out.splitlines()]


def error(*arguments: str | Path) -> tuple[int, str]:
    status, out = run(*arguments, "--json")
    return status, json.loads(out)["error"]["code"]


def demo(folder: Path) -> tuple[str | Path, ...]:
    return ("--demo", "--folder", folder / "demo")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    (tmp_path / "one.png").write_bytes(png(quadrants()))
    return tmp_path / "one.png"


class TestUsage:
    def test_one_thing_is_named(self, tmp_path: Path, picture: Path) -> None:
        assert error(*demo(tmp_path)) == (2, "bad-usage")
        assert error(picture, "--camera", "0", *demo(tmp_path)) == (2, "bad-usage")

    @pytest.mark.parametrize("option", [("--every", "2"), ("--most", "2"), ("--seconds", "2")])
    def test_one_picture_takes_no_option_of_streams(
        self, tmp_path: Path, picture: Path, option: tuple[str, str]
    ) -> None:
        assert error(picture, *option, *demo(tmp_path)) == (2, "bad-usage")

    @pytest.mark.parametrize(
        "option", [("--every", "0"), ("--most", "0"), ("--most", "100001"), ("--camera", "-1")]
    )
    def test_limits_have_limits(self, tmp_path: Path, option: tuple[str, str]) -> None:
        assert error(tmp_path, *option, *demo(tmp_path)) == (2, "bad-usage")

    def test_without_a_demonstration_somebody_said_something(self, tmp_path: Path, picture: Path) -> None:
        assert error(picture.parent) == (2, "bad-usage")
        assert error("--camera", "0") == (2, "bad-usage")
        assert list(tmp_path.iterdir()) == [picture]

    def test_a_camera_that_isnt_declared_is_not_opened(self, tmp_path: Path) -> None:
        assert error("--camera", "0", *demo(tmp_path)) == (2, "camera-not-declared")

    def test_a_recording_has_a_limit(self, tmp_path: Path) -> None:
        declared = ("--set", 'cameras=["0=dev_pictureupload"]')
        assert error("--camera", "0", "--seconds", "61", *declared, *demo(tmp_path)) == (
            2,
            "recording-too-long",
        )

    def test_an_empty_folder_and_a_full_one_for_the_drawings(self, tmp_path: Path, picture: Path) -> None:
        (tmp_path / "empty").mkdir()
        assert error(tmp_path / "empty", *demo(tmp_path)) == (2, "folder-without-pictures")
        assert error(picture.parent, "--picture", picture.parent, *demo(tmp_path)) == (
            2,
            "input-not-readable",
        )

    def test_what_is_not_computed_is_refused_for_streams_too(self, tmp_path: Path) -> None:
        assert error(tmp_path, "--attribute", "mood", *demo(tmp_path)) == (3, "attribute-not-computed")


class TestInterrupts:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_the_first_is_noted_and_the_second_is_what_it_was(self, number: signal.Signals) -> None:
        seen: list[int] = []
        before = signal.signal(number, lambda found, _: seen.append(found))
        try:
            with until_interrupted() as stop:
                assert stop() is False
                os.kill(os.getpid(), number)
                assert (stop(), seen) == (True, [])
                os.kill(os.getpid(), number)
                assert seen == [number]
        finally:
            signal.signal(number, before)

    def test_afterwards_everything_is_as_before(self) -> None:
        before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        with until_interrupted():
            pass
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("analyse")


@pytest.fixture(scope="module")
def clip(root: Path) -> Path:
    return portrait_video(root / "clip.avi", ["obama", "obama", None, "obama2"])


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    folder = root / "pictures"
    folder.mkdir()
    for name in ("biden", "obama"):
        (folder / f"{name}.jpg").write_bytes(weights.sample_bytes(name))
    (folder / "aaa.png").write_bytes(b"no picture")
    return folder


@pytest.mark.models
class TestStreams:
    def test_a_video_is_told_line_by_line(self, root: Path, clip: Path) -> None:
        status, found = lines(clip, *demo(root))
        *frames, end = found
        assert status == 0
        assert [each["frame"]["index"] for each in frames] == [0, 1, 2, 3]
        assert [each["frame"]["seconds"] for each in frames] == pytest.approx([0.0, 0.1, 0.2, 0.3], abs=0.01)
        assert frames[2]["error"]["code"] == "no-face-found"
        face = frames[0]["face"]
        assert len(face["points_106"]["points"]) == 106
        assert face["age"]["error"]
        assert face["gender"]["error"]
        assert (end["outcome"], end["source"], end["stop"]) == ("analysed", "video", "end")
        assert (end["described"], end["passed_over"], end["seen"]) == (3, {"no-face-found": 1}, 4)
        assert end["verdict"]["allowed"] is True
        assert end["demo"] is True
        assert end["log"]["index"] < end["log"]["tree_size"]

    def test_a_folder_and_its_drawings(self, root: Path, folder: Path, tmp_path: Path) -> None:
        drawn = tmp_path / "drawn"
        status, found = lines(folder, *POSE, "--picture", drawn, *demo(root))
        *frames, end = found
        assert (status, [each["frame"]["index"] for each in frames]) == (0, [1, 2])
        assert all("seconds" not in each["frame"] for each in frames)
        assert all(set(each["face"]) == {"box", "pose_degrees"} for each in frames)
        assert end["unreadable"] == [{"index": 0, "code": "not-a-picture"}]
        assert sorted(file.name for file in drawn.iterdir()) == ["frame-000001.png", "frame-000002.png"]
        assert not any(name in json.dumps(found) for name in ("biden", "aaa", str(folder)))

    def test_fewer_frames(self, root: Path, clip: Path) -> None:
        status, found = lines(clip, *POSE, "--every", "3", *demo(root))
        assert (status, [each["frame"]["index"] for each in found[:-1]]) == (0, [0, 3])
        status, found = lines(clip, *POSE, "--most", "1", *demo(root))
        assert (status, len(found), found[-1]["stop"]) == (0, 2, "most")

    def test_in_words_no_estimate_stands_without_its_error(self, root: Path, clip: Path) -> None:
        status, out = run(clip, "--attribute", "age", "--attribute", "pose", *demo(root))
        assert status == 0
        assert out.index("mean absolute error") < out.index("looks ")
        assert out.count("mean absolute error") == 1
        assert "no-face-found" in out
        assert "3 of 4 frames described: there is no more." in out
        assert "DEMO evidence" in out

    def test_without_one_face_the_answer_is_no(self, root: Path, tmp_path: Path) -> None:
        dark = portrait_video(tmp_path / "dark.avi", [None, None])
        status, found = lines(dark, *POSE, *demo(root))
        assert (status, found[-1]["described"]) == (1, 0)

    def test_who_did_not_agree_is_answered_with_the_rule(self, root: Path, clip: Path) -> None:
        said = ("--no-consent", "--age-band", "adult", "--language", "en")
        status, out = run(clip, *said, *demo(root), "--json")
        found = json.loads(out)
        assert (status, found["outcome"]) == (3, "refused")
        assert "CN-PIPL-29" in {rule["id"] for rule in found["verdict"]["rules"]}

    def test_what_breaks_off_is_told_with_what_came_before(self, root: Path, tmp_path: Path) -> None:
        whole = portrait_video(tmp_path / "whole.avi", ["obama"] * 20).read_bytes()
        (tmp_path / "half.avi").write_bytes(whole[: len(whole) // 2])
        status, found = lines(tmp_path / "half.avi", *POSE, *demo(root))
        assert status == 2
        assert (found[-1]["outcome"], found[-1]["error"]["code"]) == ("failed", "video-damaged")
        assert found[-1]["described"] == len(found) - 1 > 0

    def test_a_camera_that_isnt_there_is_told(self, root: Path) -> None:
        declared = ("--set", 'cameras=["63=dev_pictureupload"]')
        status, found = lines("--camera", "63", *declared, *demo(root))
        assert (status, found[-1]["source"], found[-1]["error"]["code"]) == (
            2,
            "camera",
            "camera-unavailable",
        )

    def test_an_interrupt_closes_and_tells(self, root: Path, tmp_path: Path) -> None:
        clip = portrait_video(tmp_path / "long.avi", ["obama"] * 290)
        command = [sys.executable, "-m", "countenance.cli", "analyse", str(clip), "--json"]
        with subprocess.Popen(
            [*command, "--demo", "--folder", str(root / "demo")],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as running:
            assert running.stdout is not None
            first = running.stdout.readline()
            running.send_signal(signal.SIGINT)
            rest = running.stdout.read().splitlines()
            status = running.wait(60)
        assert "face" in json.loads(first)
        end = json.loads(rest[-1])
        assert (status, end["outcome"], end["stop"]) == (1, "interrupted", "interrupted")
        assert end["described"] == len(rest) < 290
        assert end["log"]["index"]
