"""What cues say of a clip: never bona fide, one that denies is a veto, and a sentence stands beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import weights
from countenance.liveness import (
    Advice,
    Assurance,
    ClipFinding,
    ClipWatcher,
    Cue,
    FaceWatcher,
    Outcome,
    Species,
    judge_clip,
)
from countenance.liveness.evidence import (
    Bearing,
    FrozenFrames,
    IdentityContinuity,
    NoseRelief,
    OneFace,
    Reading,
    Take,
)
from countenance.vision import SelfLikeness
from countenance.vision.landmarks import IrisLandmark
from liveness_heads import live_take, picked, print_take
from rendered_heads import head
from scene_clips import MadeUpDetector, MadeUpMesh, noise_frames
from weights import frame_of, mobilefacenet

CUES = (NoseRelief(), FrozenFrames(), OneFace())


def judged(take: Take, cues: tuple[object, ...] = CUES) -> ClipFinding:
    return judge_clip(take, cues, pitch=np.zeros(len(take)), openness=np.full(len(take), 0.4))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Says:
    """A cue that always says the same."""

    reading: Reading
    name: str = "says"

    def read(self, take: Take) -> Reading:  # noqa: ARG002 - the protocol's argument
        return self.reading


def test_a_head_that_turns_is_still_no_bona_fide_presentation() -> None:
    found = judged(live_take(1))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.readings["nose-relief"].cue is Cue.RELIEF
    assert "answered no challenge" in found.why
    assert "nose-relief for one" in found.why
    assert found.assurance is Assurance.NONE


def test_a_print_that_turns_is_suspected() -> None:
    found = judged(print_take(1))
    assert (found.outcome, found.species) == (Outcome.ATTACK_SUSPECTED, (Species.PRINT,))
    assert found.why == "Suspected by nose-relief: print."


@given(
    bearings=st.lists(st.sampled_from(["denies", "confirms", "silent"]), min_size=1, max_size=5),
)
@settings(max_examples=60, deadline=None)
def test_whatever_cues_say_a_clip_is_never_bona_fide(bearings: list[str]) -> None:
    readings = {
        "denies": Reading(Bearing.DENIES, species=Species.REPLAY),
        "confirms": Reading(Bearing.CONFIRMS, cue=Cue.PASSIVE),
        "silent": Reading(Bearing.SILENT, advice=Advice.MORE_LIGHT),
    }
    cues = tuple(Says(readings[one], name=f"cue-{i}") for i, one in enumerate(bearings))
    found = judged(live_take(2), cues)
    expected = Outcome.ATTACK_SUSPECTED if "denies" in bearings else Outcome.INCONCLUSIVE
    assert found.outcome is expected
    assert found.why.endswith(".")


def test_frames_without_a_face_are_left_out_of_what_is_read_of_a_face() -> None:
    take = live_take(3)
    take.points[10:14] = np.nan
    take.faces[10:14] = 0
    take.detected[...] = True
    found = judged(take)
    assert (found.frames, found.seen) == (len(take), len(take) - 4)
    assert found.readings["nose-relief"].bearing is Bearing.CONFIRMS
    assert np.isnan(found.timeline.yaw[10:14]).all()
    assert np.isfinite(found.timeline.yaw[:10]).all()


def test_a_clip_without_a_face_says_so() -> None:
    take = live_take(3)
    take.points[...] = np.nan
    take.faces[...] = 0
    found = judged(take)
    assert (found.why, found.seen, found.outcome) == ("No face was seen.", 0, Outcome.INCONCLUSIVE)


def test_frames_out_of_order_are_an_altered_stream() -> None:
    take = live_take(4)
    order = np.arange(len(take))
    order[[20, 30]] = order[[30, 20]]
    assert Species.ALTERED_STREAM in judged(picked(take, order)).species


def test_a_clip_that_shows_frames_twice_is_an_altered_stream() -> None:
    take = live_take(4)
    take.thumbnails[9] = take.thumbnails[3]
    assert judged(take).readings["frozen-frames"].species is Species.ALTERED_STREAM


def test_a_clip_without_frames_is_no_error() -> None:
    clip = ClipWatcher(FaceWatcher(detector=MadeUpDetector(), mesh=MadeUpMesh()))
    found = clip.judge(CUES)
    assert (found.frames, found.why) == (0, "No face was seen.")


def test_what_was_measured_is_forgotten_but_for_the_timeline() -> None:
    clip = ClipWatcher(FaceWatcher(detector=MadeUpDetector(), mesh=MadeUpMesh()))
    seen = [
        clip.note(frame_of(pixels, material=str(i)), taken=i / 15) for i, pixels in enumerate(noise_frames(8))
    ]
    assert clip.frames == 8
    found = clip.judge(CUES)
    assert len(found.timeline.taken) == 8
    assert clip.frames == 0
    assert not any(one.points.any() for one in seen if one.points is not None)


@pytest.mark.models
def test_a_face_that_becomes_another_is_suspected_before_the_real_networks() -> None:
    eyes = IrisLandmark(content=weights.model_bytes(IrisLandmark.model_id))
    watcher = FaceWatcher(detector=weights.blazeface(), mesh=weights.face_mesh())
    clip = ClipWatcher(watcher, eyes, SelfLikeness(mobilefacenet()))
    rng = np.random.default_rng(1)
    for i in range(24):
        portrait = head("obama" if i < 12 else "biden").portrait
        noisy = np.clip(portrait + rng.normal(0, 2, portrait.shape), 0, 255).astype(np.uint8)
        clip.note(frame_of(noisy, material=str(i)), taken=i / 8)
    found = clip.judge((IdentityContinuity(denied_below=0.35),))
    assert found.species == (Species.SWITCHED_FACE,)
    assert np.isfinite(found.timeline.openness).sum() > 20
