from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from contract.detector import head_and_shoulders
from countenance.kernel import Box, Family, Frame, HeadPose, Material
from countenance.vision import (
    Face,
    FaceAnalyser,
    FaceChoice,
    FaceObservation,
    Mesh,
    NoFaceFound,
    QualityReport,
    SeveralFaces,
    choose_face,
)
from countenance.vision.landmarks import MESH_POINTS
from weights import PEOPLE, analyser, frame_of, sample_frame

FRAME = (640, 480)


def seen(x: float, y: float, width: float, *, score: float = 0.9) -> FaceObservation:
    """A face of this width with its centre at (x, y)."""
    half = width / 2
    return FaceObservation(
        face=Face(box=Box(x - half, y - half, x + half, y + half), score=score),
        mesh=Mesh(points=np.zeros((MESH_POINTS, 3), np.float32), presence=1.0),
        five_points=np.ones((5, 2), np.float32),
        pose=HeadPose(0.0, 0.0, 0.0),
        aligned=np.ones((112, 112, 3), np.uint8),
        quality=QualityReport(measures=(), unified=0, reasons=()),
        material=Material("0" * 64),
    )


class TestChooseFace:
    def test_nobody_is_refused(self) -> None:
        with pytest.raises(NoFaceFound) as caught:
            choose_face((), frame_size=FRAME)
        assert caught.value.family is Family.SUBJECT

    def test_the_only_face_is_chosen_wherever_it_is(self) -> None:
        one = seen(20, 20, 30)
        assert choose_face((one,), frame_size=FRAME) is one

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param(seen(560, 100, 100, score=0.99), id="smaller-at-the-edge-but-surer"),
            pytest.param(seen(320, 240, 60, score=0.99), id="smaller-in-the-middle-but-surer"),
            pytest.param(seen(40, 40, 119), id="nearly-of-like-size"),
        ],
    )
    def test_size_and_place_decide_and_never_the_score(self, other: FaceObservation) -> None:
        guest = seen(300, 260, 200, score=0.6)
        for order in ((guest, other), (other, guest)):
            assert choose_face(order, frame_size=FRAME) is guest

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param(seen(100, 240, 200), id="as-large"),
            pytest.param(seen(100, 240, 120), id="just-of-like-size"),
            pytest.param(seen(40, 40, 330), id="larger-at-the-edge"),
        ],
    )
    def test_two_of_like_size_are_refused_with_words(self, other: FaceObservation) -> None:
        with pytest.raises(SeveralFaces) as caught:
            choose_face((seen(320, 240, 200), other), frame_size=FRAME)
        assert "2 faces" in caught.value.message
        assert "one person" in caught.value.remedy

    def test_the_rule_says_what_is_alike(self) -> None:
        pair = (seen(320, 240, 200), seen(100, 240, 120))
        assert choose_face(pair, frame_size=FRAME, rule=FaceChoice(like_size=0.61)) is pair[0]
        with pytest.raises(SeveralFaces):
            choose_face(pair, frame_size=FRAME, rule=FaceChoice(like_size=0.6))

    def test_a_rule_for_data_sets_never_refuses(self) -> None:
        middle, left = seen(320, 240, 200), seen(100, 240, 200)
        assert choose_face((left, middle), frame_size=FRAME, rule=FaceChoice(like_size=None)) is middle

    @pytest.mark.parametrize("share", [0.0, -0.5, 1.01])
    def test_a_share_is_a_share(self, share: float) -> None:
        with pytest.raises(ValueError, match="share of the width"):
            FaceChoice(like_size=share)


@dataclass
class StatedDetector:
    """Finds what it was told to find."""

    faces: tuple[Face, ...]
    model_id: str = "stated-detector"

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        assert frame.width > 0
        return self.faces


@dataclass
class StatedMesh:
    """Gives a flat mesh around the box and a stated presence; remembers whom it was asked for."""

    presence: float = 1.0
    spread: float = 1.0
    asked: list[Face] = field(default_factory=list)
    model_id: str = "stated-mesh"

    def locate(self, frame: Frame, face: Face) -> Mesh:
        assert frame.width > 0
        self.asked.append(face)
        centre = face.box.centre
        points = np.random.default_rng(1).uniform(-30, 30, (MESH_POINTS, 3)).astype(np.float32) * self.spread
        points += np.asarray([centre.x, centre.y, 0.0], np.float32)
        return Mesh(points=points, presence=self.presence)


def boxes(*widths: float) -> tuple[Face, ...]:
    return tuple(Face(box=Box(50, 50, 50 + width, 50 + width), score=0.9) for width in widths)


ROOM = frame_of(np.full((200, 200, 3), 90, np.uint8))


class TestFaceAnalyser:
    def test_the_largest_come_first_and_only_so_many_are_looked_at(self) -> None:
        mesh = StatedMesh()
        found = FaceAnalyser(detector=StatedDetector(boxes(20, 80, 40, 60)), mesh=mesh, most_faces=3).observe(
            ROOM
        )
        assert [observation.face.box.width for observation in found] == [80, 60, 40]
        assert len(mesh.asked) == 3

    @pytest.mark.parametrize(("presence", "kept"), [(0.49, 0), (0.5, 1), (1.0, 1)])
    def test_a_face_that_the_mesh_lost_is_dropped(self, presence: float, kept: int) -> None:
        found = FaceAnalyser(detector=StatedDetector(boxes(50)), mesh=StatedMesh(presence)).observe(ROOM)
        assert len(found) == kept

    def test_a_mesh_on_one_spot_is_dropped(self) -> None:
        found = FaceAnalyser(detector=StatedDetector(boxes(50)), mesh=StatedMesh(spread=0.0)).observe(ROOM)
        assert found == ()

    def test_nobody_there_is_no_error(self) -> None:
        assert FaceAnalyser(detector=StatedDetector(()), mesh=StatedMesh()).observe(ROOM) == ()

    def test_it_says_which_networks_it_uses(self) -> None:
        found = FaceAnalyser(detector=StatedDetector(()), mesh=StatedMesh())
        assert found.model_ids == ("stated-detector", "stated-mesh")

    @pytest.mark.parametrize("limits", [{"least_presence": 1.5}, {"least_presence": -0.1}, {"most_faces": 0}])
    def test_limits_are_checked(self, limits: dict[str, float]) -> None:
        with pytest.raises(ValueError, match="presence lies between 0 and 1"):
            FaceAnalyser(detector=StatedDetector(()), mesh=StatedMesh(), **limits)  # type: ignore[arg-type]


@pytest.mark.models
class TestOnPhotographs:
    @pytest.mark.parametrize("name", PEOPLE)
    def test_a_portrait_is_observed_whole(self, name: str) -> None:
        frame = sample_frame(name)
        (found,) = analyser().observe(frame)
        assert found.material == frame.material
        assert found.aligned.shape == (112, 112, 3)
        assert found.five_points.shape == (5, 2)
        assert found.mesh.presence > 0.99
        assert abs(found.pose.roll) < 20

    def test_two_people_side_by_side_are_refused(self) -> None:
        pair = np.hstack([head_and_shoulders("obama", height=300), head_and_shoulders("biden", height=300)])
        frame = frame_of(pair)
        with pytest.raises(SeveralFaces):
            choose_face(analyser().observe(frame), frame_size=(frame.width, frame.height))

    def test_a_small_bystander_is_no_obstacle(self) -> None:
        guest, bystander = head_and_shoulders("obama", height=480), head_and_shoulders("biden", height=200)
        room = np.full((480, guest.shape[1] + bystander.shape[1], 3), 128, np.uint8)
        room[:, : guest.shape[1]] = guest
        room[:200, guest.shape[1] :] = bystander
        frame = frame_of(room)
        observations = analyser().observe(frame)
        assert len(observations) == 2
        chosen = choose_face(observations, frame_size=(frame.width, frame.height))
        assert chosen.face.box.centre.x < guest.shape[1]

    def test_an_observation_outlives_its_frame(self) -> None:
        frame = frame_of(head_and_shoulders("obama"))
        (found,) = analyser().observe(frame)
        before = found.aligned.copy()
        frame.wipe()
        assert np.array_equal(found.aligned, before)

    def test_a_wiped_observation_holds_no_face_and_none_is_shown(self) -> None:
        (found,) = analyser().observe(frame_of(head_and_shoulders("obama")))
        assert "array" not in repr(found)
        found.wipe()
        assert not found.aligned.any()
        assert not found.mesh.points.any()
        assert not found.five_points.any()
