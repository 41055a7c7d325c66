from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from countenance.cli.analysis_results import estimate_errors
from countenance.cli.analysis_rows import frame_line, render_frame
from countenance.kernel import Box, HeadPose, Material
from countenance.scenes import FrameOutcome
from countenance.vision import NoFaceFound
from countenance.vision.attributes import AgeEstimate, FaceAnalysis, GenderEstimate, GenderLabel
from countenance.vision.registry import MeasuredFact

SIX_YEARS = (MeasuredFact(figure="off by six years", conditions="a test"),)
MOSTLY = (MeasuredFact(figure="nine of ten", conditions="another test"),)
POSE_ALONE = FaceAnalysis(
    box=Box(10, 20, 110, 140),
    pose=HeadPose(yaw=3.14, pitch=-2.72, roll=0.04),
    openness=None,
    gaze=None,
    points=None,
    quality=None,
    age=None,
    gender=None,
    material=Material("0" * 64),
    models=("mesh",),
)
GUESSED = replace(
    POSE_ALONE,
    age=AgeEstimate(years=41.6, measured=SIX_YEARS),
    gender=GenderEstimate(label=GenderLabel.FEMALE, probability=0.9, measured=MOSTLY),
)


def outcome(analysis: FaceAnalysis | None, *, seconds: float | None = 1.25) -> FrameOutcome:
    error = NoFaceFound("No face was found in the picture.") if analysis is None else None
    return FrameOutcome(7, seconds, (320, 240), analysis, None, error)


def rendered(told: FrameOutcome, *, explain: bool = False) -> str:
    out = io.StringIO()
    render_frame(Console(file=out, width=60), told, explain=explain)
    return out.getvalue()


def test_a_frame_is_one_line_of_json() -> None:
    line = frame_line(outcome(POSE_ALONE))
    assert "\n" not in line
    assert json.loads(line) == {
        "frame": {"index": 7, "seconds": 1.25, "width": 320, "height": 240},
        "face": {
            "box": {"left": 10, "top": 20, "right": 110, "bottom": 140},
            "pose_degrees": {"yaw": 3.1, "pitch": -2.7, "roll": 0.0},
        },
    }


def test_a_frame_without_a_face_says_why_and_nothing_else() -> None:
    found = json.loads(frame_line(outcome(None, seconds=None)))
    assert set(found) == {"frame", "error"}
    assert found["frame"] == {"index": 7, "width": 320, "height": 240}
    assert found["error"]["code"] == "no-face-found"


def test_every_estimate_in_json_has_its_error_beside_it() -> None:
    face = json.loads(frame_line(outcome(GUESSED)))["face"]
    assert face["age"]["error"] == [{"figure": "off by six years", "conditions": "a test"}]
    assert face["gender"]["error"] == [{"figure": "nine of ten", "conditions": "another test"}]


def test_a_row_is_one_line_however_narrow_the_terminal() -> None:
    row = rendered(outcome(GUESSED))
    assert row.count("\n") == 1
    assert "head +3 -3 +0 deg, looks 42, looks female" in row
    assert "1.25 s" in row


def test_without_times_no_time_is_told() -> None:
    assert " s " not in rendered(outcome(POSE_ALONE, seconds=None))


def test_how_wrong_estimates_are_is_told_when_asked_and_known() -> None:
    told = rendered(outcome(GUESSED), explain=True)
    assert told.index("off by six years") < told.index("nine of ten") < told.index("looks 42")
    assert "off by" not in rendered(outcome(GUESSED))
    assert rendered(outcome(None), explain=True) == rendered(outcome(None))


@pytest.mark.parametrize(
    ("analysis", "names"), [(POSE_ALONE, []), (GUESSED, ["age", "gender"])], ids=["pose", "guesses"]
)
def test_only_estimates_have_errors(analysis: FaceAnalysis, names: list[str]) -> None:
    assert [name for name, _ in estimate_errors(analysis)] == names


def test_a_face_of_which_nothing_was_sayable_is_a_face() -> None:
    assert "a face" in rendered(outcome(replace(POSE_ALONE, pose=None)))
