"""What a face in a scene is called: a person takes evidence, a veto stands, and one image shows nothing."""

from __future__ import annotations

import dataclasses
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countenance.authority import shipped_rules
from countenance.kernel import Material, sha256_hex
from countenance.liveness import (
    PLACES_WITH_PASSERS_BY,
    FaceTrack,
    Judgement,
    NotShownToBeAPerson,
    PersonShown,
    SceneCue,
    Shown,
    judge_image,
    judge_track,
    person_shown,
    require_person,
)
from countenance.liveness.depiction import DepictionLimits, joined
from countenance.liveness.evidence import Bearing
from scene_tracks import blinking, framed, picked, poster, riding, talking, turned_poster

PICTURE = Material(sha256_hex(b"picture"))
OTHER = Material(sha256_hex(b"another"))


def bearings(judgement: Judgement) -> dict[SceneCue, Bearing]:
    return {cue.cue: cue.bearing for cue in judgement.cues}


@pytest.mark.parametrize("seed", range(6))
def test_who_talks_is_a_person(seed: int) -> None:
    said = judge_track(talking(seed))
    assert said.shown is Shown.PERSON
    assert bearings(said)[SceneCue.MOUTH] is Bearing.CONFIRMS
    assert "mouth opens" in said.why


@pytest.mark.parametrize("seed", range(4))
def test_who_blinks_is_a_person(seed: int) -> None:
    said = judge_track(blinking(seed))
    assert (said.shown, bearings(said)[SceneCue.LIDS]) == (Shown.PERSON, Bearing.CONFIRMS)


@given(seed=st.integers(0, 400), noise=st.floats(0.05, 1.2))
@settings(max_examples=60, deadline=None)
def test_a_poster_is_never_a_person_however_the_network_jitters(seed: int, noise: float) -> None:
    assert judge_track(poster(seed, noise=noise)).shown is not Shown.PERSON


def test_who_keeps_still_is_undetermined() -> None:
    said = judge_track(talking(opens=0.0))
    assert said.shown is Shown.UNDETERMINED
    assert set(bearings(said).values()) == {Bearing.SILENT}


def test_a_sheet_that_is_turned_and_has_no_nose_is_a_depiction() -> None:
    said = judge_track(turned_poster())
    assert said.shown is Shown.DEPICTION
    assert bearings(said)[SceneCue.RELIEF] is Bearing.DENIES


def test_what_rides_on_a_bus_is_a_depiction() -> None:
    said = judge_track(riding(poster()))
    assert (said.shown, bearings(said)[SceneCue.RIDES_ALONG]) == (Shown.DEPICTION, Bearing.DENIES)


@pytest.mark.parametrize(
    ("share", "far"),
    [pytest.param(0.5, 2.0, id="half rides along"), pytest.param(1.0, 0.2, id="hardly moves")],
)
def test_what_is_beside_a_face_says_nothing_unless_it_moves_along_far(share: float, far: float) -> None:
    assert judge_track(riding(poster(), share=share, far=far)).shown is Shown.UNDETERMINED


@pytest.mark.parametrize("veto", [riding, framed])
def test_a_veto_stands_against_whatever_is_expressed(veto: object) -> None:
    """A screen on a bus plays somebody who talks: that isn't a person, and isn't called a picture either."""
    track: FaceTrack = veto(talking())  # type: ignore[operator]
    assert judge_track(track).shown is Shown.UNDETERMINED


def test_a_rectangle_alone_keeps_a_face_from_being_acted_upon_and_no_more() -> None:
    assert judge_track(framed(poster())).shown is Shown.UNDETERMINED
    assert judge_track(framed(talking(), share=0.4)).shown is Shown.PERSON


@given(order=st.permutations(range(60)))
@settings(max_examples=25, deadline=None)
def test_frames_out_of_order_show_nobody(order: list[int]) -> None:
    given_order = np.array(order)
    said = judge_track(picked(talking(), given_order))
    in_order = bool((np.diff(given_order) > 0).all())
    assert in_order or said.shown is Shown.UNDETERMINED


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param(lambda t: picked(t, np.arange(25)), "seconds; 2 are needed", id="too short"),
        pytest.param(lambda t: picked(t, np.arange(0, 60, 3)), "frames a second", id="too slow"),
        pytest.param(
            lambda t: dataclasses.replace(t, points=t.points * np.float32(0.5)), "too small", id="small"
        ),
        pytest.param(lambda t: picked(t, np.arange(1)), "one face", id="one frame"),
        pytest.param(
            lambda t: dataclasses.replace(t, points=np.full_like(t.points, np.nan)),
            "one face",
            id="unmeasured",
        ),
    ],
)
def test_what_cannot_be_measured_is_undetermined_with_a_sentence(change: object, why: str) -> None:
    said = judge_track(change(talking()))  # type: ignore[operator]
    assert (said.shown, said.cues) == (Shown.UNDETERMINED, ())
    assert why in said.why


def test_points_on_one_line_are_undetermined() -> None:
    track = talking()
    flat = track.points.copy()
    flat[..., 1] = flat[..., 0]
    said = judge_track(dataclasses.replace(track, points=flat), limits=DepictionLimits(least_eyes=1.0))
    assert said.shown is Shown.UNDETERMINED


def test_cloth_that_folds_is_no_expression() -> None:
    """All of the face moves, the lips with it."""
    track = talking()
    waves = np.sin(np.linspace(0, 20, len(track)))[:, None] * np.sin(track.points[0, :, 0] / 20)[None]
    folded = track.points.copy()
    folded[..., 1] += (6 * waves).astype(np.float32)
    said = judge_track(dataclasses.replace(track, points=folded))
    assert said.shown is not Shown.PERSON


def test_what_one_cue_ever_said_it_said() -> None:
    person, riding_along, nothing = (judge_track(t) for t in (talking(), riding(poster()), poster()))
    for first, second in product((person, riding_along), repeat=2):
        said = joined((first, nothing, second)).shown
        expected = first.shown if first is second else Shown.UNDETERMINED
        assert said is expected
    assert joined((judge_track(picked(talking(), np.arange(5))),)).cues == ()
    with pytest.raises(ValueError, match="at least once"):
        joined(())


def test_one_image_shows_nothing() -> None:
    assert judge_image().shown is Shown.UNDETERMINED


@pytest.mark.parametrize("track", [poster(), riding(poster()), framed(talking())])
def test_only_a_person_can_be_handed_to_a_decision(track: FaceTrack) -> None:
    judgement = judge_track(track)
    with pytest.raises(NotShownToBeAPerson):
        person_shown(judgement, material=PICTURE)
    with pytest.raises(NotShownToBeAPerson):
        PersonShown(PICTURE, judgement)


@pytest.mark.parametrize("kind", sorted(PLACES_WITH_PASSERS_BY))
def test_where_people_pass_a_face_is_acted_upon_only_if_a_person_is_shown_in_that_picture(kind: str) -> None:
    shown = person_shown(judge_track(talking()), material=PICTURE)
    require_person(shown, place_kind=kind, material=PICTURE)
    with pytest.raises(NotShownToBeAPerson, match="One image"):
        require_person(None, place_kind=kind, material=PICTURE)
    with pytest.raises(NotShownToBeAPerson, match="isn't that of the person"):
        require_person(shown, place_kind=kind, material=OTHER)


def test_the_places_are_the_rules_own_and_a_counter_is_none_of_them() -> None:
    kinds = set(shipped_rules()[1].places)
    assert kinds >= PLACES_WITH_PASSERS_BY
    for kind in kinds - PLACES_WITH_PASSERS_BY:
        require_person(None, place_kind=kind, material=PICTURE)


def test_nothing_measured_stands_in_a_repr() -> None:
    track = talking()
    assert "points" not in repr(track)
    assert "figure" not in repr(judge_track(track))
