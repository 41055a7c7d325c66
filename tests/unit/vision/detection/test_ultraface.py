from __future__ import annotations

import numpy as np
import pytest

from contract.detector import DetectorContract, head_and_shoulders
from countenance.vision import FaceDetector, ModelUnusable
from countenance.vision.detection import UltraFaceRfb320
from weights import blazeface, frame_of, model_bytes, ultraface


@pytest.mark.models
class TestUltraFaceRfb320(DetectorContract):
    @pytest.fixture
    def detector(self) -> FaceDetector:
        return ultraface()

    @staticmethod
    def build(content: bytes, **options: float) -> FaceDetector:
        return UltraFaceRfb320(content=content, **options)  # type: ignore[arg-type]

    def test_it_finds_a_face_too_small_for_the_near_detector(self) -> None:
        face = head_and_shoulders("obama", height=80)
        room = np.full((480, 640, 3), 128, np.uint8)
        room[200 : 200 + face.shape[0], 300 : 300 + face.shape[1]] = face
        assert len(ultraface().detect(frame_of(room))) == 1
        assert blazeface().detect(frame_of(room)) == ()

    def test_another_onnx_network_is_refused(self) -> None:
        with pytest.raises(ModelUnusable):
            UltraFaceRfb320(content=model_bytes("fr-feature-512"))
