from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from contract.detector import head_and_shoulders
from countenance.vision import Component, FaceAnalyser, QualityGate, QualityReport, choose_face
from countenance.vision.quality import FaceQualityAssessor
from countenance.vision.quality.assessment import Ramp, unify
from weights import PEOPLE, blazeface, face_mesh, frame_of, observe_one

GATE = QualityGate()


class TestRamp:
    @pytest.mark.parametrize(
        ("ramp", "value", "quality"),
        [
            (Ramp(0.0, 10.0), -1.0, 0),
            (Ramp(0.0, 10.0), 0.0, 0),
            (Ramp(0.0, 10.0), 2.5, 25),
            (Ramp(0.0, 10.0), 10.0, 100),
            (Ramp(0.0, 10.0), 99.0, 100),
            (Ramp(60.0, 15.0), 60.0, 0),
            (Ramp(60.0, 15.0), 37.5, 50),
            (Ramp(60.0, 15.0), 3.0, 100),
        ],
    )
    def test_it_rises_or_falls_straight_between_its_ends(
        self, ramp: Ramp, value: float, quality: int
    ) -> None:
        assert ramp.quality(value) == quality

    def test_its_ends_differ(self) -> None:
        with pytest.raises(ValueError, match="differ"):
            Ramp(1.0, 1.0)


class TestUnify:
    @pytest.mark.parametrize(
        ("qualities", "unified"),
        [([], 0), ([100, 100], 100), ([0, 100], 25), ([0, 0], 0), ([40], 40), ([50, 100, 100, 100], 69)],
    )
    def test_half_the_worst_half_the_mean(self, qualities: list[int], unified: int) -> None:
        assert unify(qualities) == unified

    @given(st.lists(st.integers(0, 100), min_size=1, max_size=12), st.integers(0, 11), st.integers(0, 100))
    def test_it_never_falls_when_a_component_rises(self, qualities: list[int], at: int, rise: int) -> None:
        better = list(qualities)
        better[at % len(better)] = min(100, better[at % len(better)] + rise)
        assert unify(better) >= unify(qualities)
        assert min(qualities) // 2 <= unify(qualities) <= 100


def quality_of(pixels: NDArray[np.uint8]) -> QualityReport:
    return observe_one(frame_of(pixels)).quality


def shrunk_and_grown(pixels: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
    small = cv2.resize(pixels, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, pixels.shape[1::-1], interpolation=cv2.INTER_CUBIC), np.uint8)


def side_lit(pixels: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
    middle = pixels.shape[1] / 2
    shadow = 1 / (1 + np.exp(-(np.arange(pixels.shape[1]) - middle) / 8))
    light = (1.0 - share * shadow)[None, :, None]
    return np.asarray(pixels * light, np.uint8)


# What is done to a portrait, from nothing to much, and the component that must follow.
DEGRADATIONS: list[
    tuple[Component, Callable[[NDArray[np.uint8], float], NDArray[np.uint8]], tuple[float, ...]]
] = [
    (
        Component.SHARPNESS,
        lambda p, sigma: np.asarray(cv2.GaussianBlur(p, (0, 0), sigma), np.uint8) if sigma else p,
        (0, 3, 6, 9),
    ),
    (Component.SHARPNESS, lambda p, steps: shrunk_and_grown(p, 1 / (1 + steps)), (0, 5, 9)),
    (Component.UNDER_EXPOSURE_PREVENTION, lambda p, s: (p * (1 - s)).astype(np.uint8), (0, 0.7, 0.85, 0.93)),
    (
        Component.OVER_EXPOSURE_PREVENTION,
        lambda p, s: np.clip(p * (1 + s), 0, 255).astype(np.uint8),
        (0, 0.5, 1.0, 1.5),
    ),
    (
        Component.DYNAMIC_RANGE,
        lambda p, s: (p * (1 - s) + 128 * s).astype(np.uint8),
        (0, 0.6, 0.8, 0.88),
    ),
    (Component.ILLUMINATION_UNIFORMITY, side_lit, (0.0, 0.5, 0.8)),
    (
        Component.INTER_EYE_DISTANCE,
        lambda p, s: np.asarray(
            cv2.resize(p, None, fx=1 - s, fy=1 - s, interpolation=cv2.INTER_AREA), np.uint8
        ),
        (0.0, 0.75, 0.85),
    ),
]


@pytest.mark.models
class TestDegradedPortraits:
    @pytest.mark.parametrize("name", PEOPLE)
    def test_a_good_portrait_is_good_and_has_no_reasons(self, name: str) -> None:
        found = quality_of(head_and_shoulders(name))
        assert found.unified >= 75
        assert found.reasons == ()
        assert found.acceptable(GATE)

    @pytest.mark.parametrize("name", PEOPLE)
    @pytest.mark.parametrize(
        ("component", "degrade", "steps"),
        DEGRADATIONS,
        ids=[f"{row[0]}-{i}" for i, row in enumerate(DEGRADATIONS)],
    )
    def test_the_worse_the_picture_the_worse_its_component(
        self,
        name: str,
        component: Component,
        degrade: Callable[[NDArray[np.uint8], float], NDArray[np.uint8]],
        steps: tuple[float, ...],
    ) -> None:
        portrait = head_and_shoulders(name)
        reports = [quality_of(degrade(portrait, step)) for step in steps]
        qualities = [report.measure(component).quality or 0 for report in reports]
        assert qualities == sorted(qualities, reverse=True)
        assert qualities[-1] <= qualities[0] - 25
        assert reports[-1].unified < reports[0].unified

    def test_a_very_blurred_picture_is_refused_with_words(self) -> None:
        blurred = np.asarray(cv2.GaussianBlur(head_and_shoulders("obama"), (0, 0), 14), np.uint8)
        found = quality_of(blurred)
        assert not found.acceptable(GATE)
        assert found.reasons[0].code == "blurred"
        assert "Hold still" in found.reasons[0].advice

    @pytest.mark.parametrize("degrees", [-45, 45])
    def test_a_leaning_head_is_worse_than_an_upright_one(self, degrees: float) -> None:
        pixels = head_and_shoulders("obama")
        height, width = pixels.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        leaning = np.asarray(cv2.warpAffine(pixels, matrix, (width, height)), np.uint8)
        measure = quality_of(leaning).measure(Component.HEAD_POSE_ROLL)
        assert measure.quality is not None
        assert 20 <= measure.quality <= 80

    @pytest.mark.parametrize("name", PEOPLE)
    @pytest.mark.parametrize("colour", [(130, 170, 210), (30, 32, 36)], ids=["blue", "black"])
    def test_a_drawn_mask_is_seen_as_a_covering(self, name: str, colour: tuple[int, int, int]) -> None:
        pixels = head_and_shoulders(name)
        points = observe_one(frame_of(pixels)).mesh.points[:, :2]
        # From below the eyes along the jaw to the chin: mesh points of the outline, and the nose.
        outline = points[[234, 132, 172, 150, 152, 379, 397, 361, 454, 6]].astype(np.int32)
        covered = np.asarray(cv2.fillConvexPoly(pixels.copy(), cv2.convexHull(outline[:9]), colour), np.uint8)
        frame = frame_of(covered)
        faces = FaceAnalyser(detector=blazeface(), mesh=face_mesh()).observe(frame)
        if faces:  # the detector may find no face at all under a mask, which refuses it as well
            report = choose_face(faces, frame_size=(frame.width, frame.height)).quality
            assert "face-covered" in {reason.code for reason in report.reasons}

    def test_a_face_cut_by_the_edge_is_said_to_be(self) -> None:
        pixels = head_and_shoulders("obama")
        points = observe_one(frame_of(pixels)).five_points
        cut = np.ascontiguousarray(pixels[:, int(points[0, 0]) - 10 :])
        report = quality_of(cut)
        assert "face-cut-off" in {reason.code for reason in report.reasons}

    def test_a_grey_picture_says_that_occlusion_was_not_measured(self) -> None:
        pixels = head_and_shoulders("biden")
        grey = np.repeat(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)
        measure = quality_of(np.asarray(grey, np.uint8)).measure(Component.FACE_OCCLUSION_PREVENTION)
        assert not measure.measured
        assert measure.value is None

    def test_every_component_is_reported_once_in_order(self) -> None:
        found = quality_of(head_and_shoulders("obama"))
        assert [measure.component for measure in found.measures] == list(Component)
        assert all(measure.unit for measure in found.measures)

    def test_reasons_come_worst_first_and_below_the_limit_alone(self) -> None:
        strict = FaceAnalyser(
            detector=blazeface(), mesh=face_mesh(), quality=FaceQualityAssessor(reason_below=100)
        )
        dark = (np.asarray(cv2.GaussianBlur(head_and_shoulders("obama"), (0, 0), 7)) * 0.3).astype(np.uint8)
        report = strict.observe(frame_of(dark))[0].quality
        qualities = [report.measure(reason.component).quality or 0 for reason in report.reasons]
        assert len(qualities) >= 2
        assert qualities == sorted(qualities)
        assert max(qualities) < 100


@pytest.mark.parametrize("limit", [-1, 101])
def test_the_limit_of_reasons_is_a_quality(limit: int) -> None:
    with pytest.raises(ValueError, match="between 0 and 100"):
        FaceQualityAssessor(reason_below=limit)
