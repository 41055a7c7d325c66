from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from contract.session import SessionContract
from countenance.vision import ModelUnusable
from countenance.vision.runtimes import InferenceSession, OnnxSession
from weights import model_bytes


def build(content: bytes, threads: int = 1) -> InferenceSession:
    return OnnxSession(content=content, threads=threads)


def doubling_network() -> bytes:
    """y = x + x with a free batch, made here: no download."""
    shape: list[str | int | None] = ["batch", 4]
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "x"], ["y"])],
        "double",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


class TestOnnxWithAMadeNetwork(SessionContract):
    LARGEST_BATCH = 5
    build = staticmethod(build)

    @pytest.fixture
    def content(self) -> bytes:
        return doubling_network()

    def test_it_computes_what_the_network_says(self, session: InferenceSession) -> None:
        x = np.arange(8, dtype=np.float32).reshape(2, 4)
        assert np.array_equal(session.run({"x": x})["y"], 2 * x)

    def test_a_shape_that_the_nodes_can_not_take_is_unusable_and_harms_nothing(self) -> None:
        # Declared free, but added to a constant of four: three can't be added.
        graph = helper.make_graph(
            [helper.make_node("Add", ["x", "four"], ["y"])],
            "four",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", "free"])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", "free"])],
            [helper.make_tensor("four", TensorProto.FLOAT, [4], [1.0] * 4)],
        )
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        session = OnnxSession(content=made.SerializeToString())
        with pytest.raises(ModelUnusable, match="this shape"):
            session.run({"x": np.zeros((1, 3), np.float32)})
        assert np.array_equal(session.run({"x": np.zeros((1, 4), np.float32)})["y"], np.ones((1, 4)))

    def test_a_free_dimension_is_stated_as_free(self, session: InferenceSession) -> None:
        assert session.inputs[0].shape == (None, 4)


@pytest.mark.models
class TestOnnxWithUltraFace(SessionContract):
    build = staticmethod(build)

    @pytest.fixture
    def content(self) -> bytes:
        return model_bytes("ultraface-rfb-320")


@pytest.mark.models
class TestOnnxWithFrFeature(SessionContract):
    build = staticmethod(build)

    @pytest.fixture
    def content(self) -> bytes:
        return model_bytes("fr-feature-512")
