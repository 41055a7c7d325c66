from __future__ import annotations

import numpy as np
import pytest

from contract.session import SessionContract
from countenance.vision import ModelUnusable
from countenance.vision.embedding.mobilefacenet import free_batch
from countenance.vision.runtimes import InferenceSession, LiteRtSession
from weights import model_bytes


def build(content: bytes, threads: int = 1) -> InferenceSession:
    return LiteRtSession(content=content, threads=threads)


@pytest.mark.models
class TestLiteRtWithMobileFaceNet(SessionContract):
    LARGEST_BATCH = 3
    build = staticmethod(build)

    @pytest.fixture
    def content(self) -> bytes:
        return free_batch(model_bytes("mobilefacenet-192"))


@pytest.mark.models
class TestLiteRtWithBlazeFace(SessionContract):
    build = staticmethod(build)

    @pytest.fixture
    def content(self) -> bytes:
        return model_bytes("blazeface-short-range")

    def test_two_outputs_are_told_apart(self, session: InferenceSession) -> None:
        results = session.run(self.inputs(session, seed=1))
        assert {value.shape for value in results.values()} == {(1, 896, 16), (1, 896, 1)}


@pytest.mark.models
def test_a_batch_that_the_network_can_not_take_is_unusable_and_harms_nothing() -> None:
    session = LiteRtSession(content=model_bytes("mobilefacenet-192"))  # as shipped: a batch of two
    pair = {"input": np.zeros((2, 112, 112, 3), np.float32)}
    before = session.run(pair)["embeddings"]
    with pytest.raises(ModelUnusable):
        session.run({"input": np.zeros((3, 112, 112, 3), np.float32)})
    assert np.array_equal(session.run(pair)["embeddings"], before)


@pytest.mark.models
def test_no_face_stays_in_the_interpreters_buffers() -> None:
    session = LiteRtSession(content=model_bytes("mobilefacenet-192"))
    result = session.run({"input": np.ones((2, 112, 112, 3), np.float32)})
    assert result["embeddings"].any()
    interpreter = session._interpreter
    for detail in (*interpreter.get_input_details(), *interpreter.get_output_details()):
        assert not interpreter.get_tensor(detail["index"]).any()
