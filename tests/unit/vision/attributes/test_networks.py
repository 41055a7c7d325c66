from __future__ import annotations

import cv2
import numpy as np
import pytest

from contract.detector import head_and_shoulders
from countenance.vision import Mesh, ModelUnusable
from countenance.vision.alignment import PointsCoincide
from countenance.vision.attributes import (
    AgeEstimate,
    AgeNetwork,
    GenderEstimate,
    GenderLabel,
    GenderNetwork,
    attribute_chip,
)
from countenance.vision.registry import MeasuredFact, shipped_manifest
from face_parts import seen
from weights import PEOPLE, frame_of, model_bytes, observe_one

MEASURED = shipped_manifest().entry("age-v1").card.measured


def age_network() -> AgeNetwork:
    return AgeNetwork(content=model_bytes("age-v1"), measured=MEASURED)


def gender_network() -> GenderNetwork:
    return GenderNetwork(
        content=model_bytes("gender-v1"), measured=shipped_manifest().entry("gender-v1").card.measured
    )


class TestEstimates:
    def test_there_is_no_estimate_without_its_error(self) -> None:
        with pytest.raises(ValueError, match="how wrong"):
            AgeEstimate(years=30.0, measured=())
        with pytest.raises(ValueError, match="how wrong"):
            GenderEstimate(label=GenderLabel.MALE, probability=0.9, measured=())

    @pytest.mark.parametrize("kind", [AgeNetwork, GenderNetwork])
    def test_there_is_no_network_without_its_error(self, kind: type[AgeNetwork | GenderNetwork]) -> None:
        with pytest.raises(ValueError, match="how wrong"):
            kind(content=b"", measured=())

    @pytest.mark.parametrize("model_id", ["age-v1", "gender-v1"])
    def test_the_model_card_says_where_its_error_was_measured(self, model_id: str) -> None:
        entry = shipped_manifest().entry(model_id)
        assert not entry.default
        for fact in entry.card.measured:
            assert "UTKFace, 598 faces" in fact.conditions
            assert "outside this repository" in fact.conditions


class TestChip:
    def test_the_five_points_land_where_dlibs_template_has_them(self) -> None:
        """A picture with a dot at each point of the mesh: the dots are looked for in the chip."""
        points = np.zeros((468, 3), np.float32)
        places = [(180, 90), (150, 92), (80, 90), (110, 92), (130, 148)]
        pixels = np.zeros((240, 260, 3), np.uint8)
        for number, (x, y) in zip([263, 362, 33, 133, 2], places, strict=True):
            points[number, :2] = (x, y)
            cv2.circle(pixels, (x, y), 3, (255, 255, 255), -1)
        chip = attribute_chip(pixels, Mesh(points=points, presence=1.0), side=96)
        assert chip.shape == (96, 96, 3)
        for right, down in [(72.66, 28.35), (58.02, 29.41), (21.98, 28.37), (36.62, 29.42)]:
            assert chip[round(down), round(right)].max() > 120

    def test_a_mesh_on_one_spot_has_no_chip(self) -> None:
        with pytest.raises(PointsCoincide):
            attribute_chip(
                np.zeros((9, 9, 3), np.uint8),
                Mesh(points=np.ones((468, 3), np.float32), presence=1.0),
                side=32,
            )


@pytest.mark.models
class TestOnPhotographs:
    @pytest.mark.parametrize("name", PEOPLE)
    def test_grown_men_look_like_grown_men(self, name: str) -> None:
        """The people of the sample photographs, whose ages then are public: 47 to 51, and 70."""
        frame, observation, _ = seen(name)
        age = age_network().estimate(frame.pixels, observation.mesh)
        born = {"obama": (35, 62), "obama2": (35, 62), "obama3": (35, 65), "biden": (55, 80)}[name]
        assert born[0] < age.years < born[1]
        assert age.measured == MEASURED
        gender = gender_network().estimate(frame.pixels, observation.mesh)
        assert gender.label is GenderLabel.MALE
        assert 0.9 < gender.probability <= 1.0

    def test_the_mirror_image_and_another_size_look_as_old(self) -> None:
        network = age_network()
        years = []
        for mirrored in (False, True):
            frame, observation, _ = seen("biden", mirrored=mirrored)
            years.append(network.estimate(frame.pixels, observation.mesh).years)
        large = frame_of(head_and_shoulders("biden", height=720))
        years.append(network.estimate(large.pixels, observe_one(large).mesh).years)
        assert np.ptp(years) < 8

    def test_colours_the_other_way_round_change_the_answer(self) -> None:
        """The order of colours reaches the network: a swapped picture isn't the same face to it."""
        frame, observation, _ = seen("obama")
        network = age_network()
        swapped = np.ascontiguousarray(frame.pixels[:, :, ::-1])
        plain = network.estimate(frame.pixels, observation.mesh).years
        assert abs(network.estimate(swapped, observation.mesh).years - plain) > 0.5

    def test_it_leaves_the_picture_alone(self) -> None:
        frame, observation, _ = seen("obama3")
        before = frame.pixels.copy()
        gender_network().estimate(frame.pixels, observation.mesh)
        assert np.array_equal(frame.pixels, before)

    def test_the_networks_are_not_taken_for_one_another(self) -> None:
        fact = (MeasuredFact(figure="none", conditions="a test"),)
        with pytest.raises(ModelUnusable):
            AgeNetwork(content=model_bytes("gender-v1"), measured=fact)
        with pytest.raises(ModelUnusable):
            GenderNetwork(content=model_bytes("age-v1"), measured=fact)
