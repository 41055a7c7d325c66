"""What every passive network does. Subclass it, give ``network`` and ``build``."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from countenance.kernel import Box
from countenance.vision import ModelUnusable
from countenance.vision.passive import PassiveNetwork
from weights import blazeface, frame_of, sample_frame

SPACIOUS = 5.0
"""How many times the face's box the made-up frame shows: enough for every network."""


def spacious(name: str = "obama") -> tuple[NDArray[np.uint8], Box]:
    """A sample photograph made smaller, in the middle of a grey frame, and its face's box."""
    frame = sample_frame(name)
    scale = 240 / frame.pixels.shape[0]
    width = round(frame.pixels.shape[1] * scale)
    small = np.asarray(cv2.resize(frame.pixels, (width, 240), interpolation=cv2.INTER_AREA), np.uint8)
    box = blazeface().detect(frame)[0].box
    sheet = np.full((800, 800, 3), 128, np.uint8)
    left, top = 300, 280
    sheet[top : top + 240, left : left + width] = small
    moved = Box(
        left + box.left * scale, top + box.top * scale, left + box.right * scale, top + box.bottom * scale
    )
    return sheet, moved


class PassiveNetworkContract:
    """Fixtures to give: ``network``, and ``build`` that takes bytes."""

    @pytest.fixture
    def network(self) -> PassiveNetwork:
        raise NotImplementedError

    @staticmethod
    def build(content: bytes) -> PassiveNetwork:
        raise NotImplementedError

    def test_an_answer_lies_between_0_and_1_and_is_the_same_again(self, network: PassiveNetwork) -> None:
        pixels, box = spacious()
        first = network.live(frame_of(pixels), box)
        assert first is not None
        assert 0.0 <= first <= 1.0
        assert network.live(frame_of(pixels), box) == first

    def test_the_frame_isnt_changed(self, network: PassiveNetwork) -> None:
        pixels, box = spacious()
        before = pixels.copy()
        network.live(frame_of(pixels), box)
        np.testing.assert_array_equal(pixels, before)

    def test_colours_the_wrong_way_round_are_another_face(self, network: PassiveNetwork) -> None:
        pixels, box = spacious()
        turned = np.ascontiguousarray(pixels[..., ::-1])
        assert network.live(frame_of(turned), box) != network.live(frame_of(pixels), box)

    def test_a_face_that_fills_the_frame_gets_no_answer(self, network: PassiveNetwork) -> None:
        pixels, box = spacious()
        near = pixels[
            int(box.top) - 10 : int(box.bottom) + 10, int(box.left) - 10 : int(box.right) + 10
        ].copy()
        assert network.live(frame_of(near), Box(10, 10, 10 + box.width, 10 + box.height)) is None

    def test_a_face_whose_middle_is_out_of_view_gets_no_answer(self, network: PassiveNetwork) -> None:
        pixels, _ = spacious()
        assert network.live(frame_of(pixels), Box(-90, 10, 10, 110)) is None

    def test_bytes_that_are_no_network_are_refused(self) -> None:
        with pytest.raises(ModelUnusable):
            self.build(b"not a network")

    def test_its_name_is_that_of_the_registry(self, network: PassiveNetwork) -> None:
        assert network.model_id
        assert network.model_id == network.model_id.lower()
