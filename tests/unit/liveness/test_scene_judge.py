"""Every face of a scene is judged as it goes; what was once found stays found."""

from __future__ import annotations

import pytest

import weights
from countenance.liveness import FaceTrack, Judgement, SceneFaces, SceneJudge, Shown, judge_track
from countenance.vision.rendering import CameraMotion, PosterKind
from scene_clips import MadeUpDetector, MadeUpMesh, noise_frames, poster_frames, talking_portrait
from scene_tracks import framed, poster, riding, talking
from weights import frame_of


def made_up(*, opens: float = 2.0, count: int = 1) -> SceneFaces:
    return SceneFaces(detector=MadeUpDetector(faces=count), mesh=MadeUpMesh(opens=opens))


def watched(judge: SceneJudge, frames: int) -> None:
    wall = noise_frames(1)[0]
    for i in range(frames):
        judge.note(frame_of(wall, material=str(i)), taken=i / 15)


def test_who_talks_is_shown_after_two_seconds_and_stays_shown() -> None:
    judge = SceneJudge(made_up())
    watched(judge, 20)
    assert judge.so_far(0) is Shown.UNDETERMINED
    wall = noise_frames(1)[0]
    for i in range(20, 60):
        judge.note(frame_of(wall, material=str(i)), taken=i / 15)
    assert judge.so_far(0) is Shown.PERSON
    (face,) = judge.end()
    assert (face.judgement.shown, face.first, face.number) == (Shown.PERSON, 0.0, 0)
    assert face.last == pytest.approx(59 / 15)


def test_who_keeps_still_stays_undetermined() -> None:
    judge = SceneJudge(made_up(opens=0.0, count=2))
    watched(judge, 50)
    faces = judge.end()
    assert [face.number for face in faces] == [0, 1]
    assert {face.judgement.shown for face in faces} == {Shown.UNDETERMINED}
    assert judge.so_far(0) is Shown.UNDETERMINED
    assert judge.so_far(99) is Shown.UNDETERMINED


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        pytest.param((talking(), poster(), poster()), Shown.PERSON, id="talked at first"),
        pytest.param((talking(), riding(poster()), talking()), Shown.UNDETERMINED, id="rode along once"),
        pytest.param((poster(), riding(poster()), poster()), Shown.DEPICTION, id="rode along, never talked"),
        pytest.param((talking(), framed(poster()), poster()), Shown.UNDETERMINED, id="framed once"),
    ],
)
def test_what_was_found_once_stays_found(order: tuple[FaceTrack, ...], expected: Shown) -> None:
    tracks = iter((*order, order[-1], order[-1]))

    def judged(_: FaceTrack) -> Judgement:
        return judge_track(next(tracks))

    judge = SceneJudge(made_up(), judge=judged)
    watched(judge, 48)
    (face,) = judge.end()
    assert face.judgement.shown is expected


@pytest.mark.models
@pytest.mark.parametrize("kind", PosterKind)
@pytest.mark.parametrize("motion", [CameraMotion.STILL, CameraMotion.WALK])
def test_no_poster_of_a_sample_portrait_is_a_person(kind: PosterKind, motion: CameraMotion) -> None:
    judge = SceneJudge(SceneFaces(detector=weights.blazeface(), mesh=weights.face_mesh()))
    for i, pixels in enumerate(poster_frames(kind, motion)):
        judge.note(frame_of(pixels, material=str(i)), taken=i / 15)
    faces = judge.end()
    assert faces
    assert all(face.judgement.shown is not Shown.PERSON for face in faces)
    if kind is PosterKind.BUS and motion is CameraMotion.STILL:
        assert {face.judgement.shown for face in faces} == {Shown.DEPICTION}


@pytest.mark.models
def test_a_real_portrait_that_is_drawn_talking_is_a_person_which_is_what_is_not_withstood() -> None:
    """A talking face is what a person shows, and what a screen shows that is held still without an edge."""
    judge = SceneJudge(SceneFaces(detector=weights.blazeface(), mesh=weights.face_mesh()))
    for i, pixels in enumerate(talking_portrait()):
        judge.note(frame_of(pixels, material=str(i)), taken=i / 15)
    assert [face.judgement.shown for face in judge.end()] == [Shown.PERSON]
