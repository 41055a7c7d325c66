from __future__ import annotations

import sys

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from contract.session import SessionContract
from countenance.vision import ModelUnusable
from countenance.vision.runtimes import InferenceSession, OnnxSession, faster_session
from countenance.vision.runtimes import rewriting as module
from countenance.vision.runtimes.rewriting import TOLERANCE, GraphNotRewritable, rewrite
from weights import model_bytes, sample_crops

SLOPES = np.array([0.25, -0.5, 1.5], np.float32).reshape(3, 1, 1)


def small_network(
    *, reshape: list[int] | None = None, batch: int | str = 1, slope_is_input: bool = False
) -> bytes:
    """A PRelu, then a Reshape to rows, for (batch, 3, 4, 4); made here: no download."""
    tensors = [numpy_helper.from_array(np.array(reshape or [1, -1], np.int64), "rows")]
    nodes = [helper.make_node("Reshape", ["bent", "rows"], ["y"])]
    if slope_is_input:
        nodes.insert(0, helper.make_node("PRelu", ["x", "x"], ["bent"]))
    else:
        tensors.append(numpy_helper.from_array(SLOPES, "slope"))
        nodes.insert(0, helper.make_node("PRelu", ["x", "slope"], ["bent"]))
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, 3, 4, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, 48])],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())


def kinds(content: bytes) -> list[str]:
    return [node.op_type for node in onnx.load_model_from_string(content).graph.node]


def noise(*shape: int) -> NDArray[np.float32]:
    return np.random.default_rng(3).uniform(-2, 2, shape).astype(np.float32)


class TestRewrite:
    def test_a_prelu_becomes_four_plain_nodes(self) -> None:
        assert kinds(rewrite(small_network())) == ["Relu", "Mul", "Mul", "Add", "Reshape"]

    def test_it_computes_the_definition_of_prelu(self) -> None:
        x = noise(5, 3, 4, 4)
        expected = np.where(x > 0, x, SLOPES * x).reshape(5, -1)
        found = OnnxSession(content=rewrite(small_network())).run({"x": x})["y"]
        np.testing.assert_allclose(found, expected, atol=1e-6)

    def test_the_batch_becomes_free_at_both_ends(self) -> None:
        session = OnnxSession(content=rewrite(small_network()))
        assert session.inputs[0].shape[0] is None
        assert session.outputs[0].shape[0] is None

    def test_a_batch_that_is_free_already_stays_free(self) -> None:
        session = OnnxSession(content=rewrite(small_network(batch="n", reshape=[0, -1])))
        assert session.run({"x": noise(4, 3, 4, 4)})["y"].shape == (4, 48)

    def test_the_rewritten_graph_is_well_formed(self) -> None:
        onnx.checker.check_model(onnx.load_model_from_string(rewrite(small_network())))

    def test_no_weight_changes(self) -> None:
        before = {t.name: t.raw_data for t in onnx.load_model_from_string(small_network()).graph.initializer}
        after = {
            t.name: t.raw_data
            for t in onnx.load_model_from_string(rewrite(small_network())).graph.initializer
        }
        assert after["slope"] == before["slope"]

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            pytest.param(small_network(slope_is_input=True), "slope", id="slope-from-a-node"),
            pytest.param(small_network(batch=2, reshape=[2, -1]), "batch", id="batch-of-two"),
            pytest.param(small_network(reshape=[-1, 48]), "Reshape", id="reshape-from-the-end"),
        ],
    )
    def test_what_the_rules_do_not_cover_is_left_alone(self, content: bytes, words: str) -> None:
        with pytest.raises(GraphNotRewritable, match=words):
            rewrite(content)
        session, report = faster_session(content)
        assert not report.applied
        assert words in report.words
        assert session.inputs == OnnxSession(content=content).inputs


class TestFasterSession:
    def test_what_was_done_is_said_with_the_difference(self) -> None:
        session, report = faster_session(small_network())
        assert report.applied
        assert report.largest_difference is not None
        assert report.largest_difference <= TOLERANCE
        assert session.run({"x": noise(2, 3, 4, 4)})["y"].shape == (2, 48)

    @staticmethod
    def planted(monkeypatch: pytest.MonkeyPatch, *, slope: NDArray[np.float32]) -> None:
        def wrong(content: bytes) -> bytes:
            model = onnx.load_model_from_string(rewrite(content))
            for tensor in model.graph.initializer:
                if tensor.name == "slope":
                    tensor.CopyFrom(numpy_helper.from_array(slope, "slope"))
            return bytes(model.SerializeToString())

        monkeypatch.setattr(module, "rewrite", wrong)

    @pytest.mark.parametrize("error", [1e-3, 0.5, np.inf, np.nan])
    def test_a_graph_that_computes_something_else_is_not_used(
        self, monkeypatch: pytest.MonkeyPatch, error: float
    ) -> None:
        x = noise(1, 3, 4, 4)
        expected = OnnxSession(content=small_network()).run({"x": x})["y"]
        self.planted(monkeypatch, slope=SLOPES + np.float32(error))
        session, report = faster_session(small_network())
        assert not report.applied
        assert "doesn't compute the same" in report.words
        assert np.array_equal(session.run({"x": x})["y"], expected)

    def test_a_batch_that_mixes_its_rows_is_not_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def mixing(content: bytes) -> bytes:
            model = onnx.load_model_from_string(rewrite(content))
            node = model.graph.node[-1]
            node.output[0] = "rows of y"
            # The mean over the batch: right for one, wrong for several.
            model.graph.node.append(
                helper.make_node("ReduceMean", ["rows of y"], ["mean"], axes=[0], keepdims=1)
            )
            model.graph.node.append(helper.make_node("Sub", ["rows of y", "rows of y"], ["zero"]))
            model.graph.node.append(helper.make_node("Add", ["zero", "mean"], ["y"]))
            return bytes(model.SerializeToString())

        monkeypatch.setattr(module, "rewrite", mixing)
        assert not faster_session(small_network())[1].applied

    def test_without_the_onnx_package_the_file_runs_as_it_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "onnx", None)
        session, report = faster_session(small_network())
        assert not report.applied
        assert "onnx package" in report.words
        assert report.largest_difference is None
        assert session.run({"x": noise(1, 3, 4, 4)})["y"].shape == (1, 48)

    def test_a_tolerance_of_nothing_refuses_rounding(self) -> None:
        assert not faster_session(small_network(), tolerance=-1.0)[1].applied

    def test_bytes_of_no_network_are_unusable(self) -> None:
        with pytest.raises(ModelUnusable):
            faster_session(b"no network")


def build(content: bytes, threads: int = 1) -> InferenceSession:
    session, report = faster_session(content, threads=threads)
    assert report.applied
    return session


class TestRewrittenSmallNetwork(SessionContract):
    LARGEST_BATCH = 5
    build = staticmethod(build)

    @pytest.fixture
    def content(self) -> bytes:
        return small_network()


@pytest.mark.models
class TestRewrittenFrFeature(SessionContract):
    LARGEST_BATCH = 4
    build = staticmethod(build)

    @pytest.fixture
    def content(self) -> bytes:
        return model_bytes("fr-feature-512")

    def test_no_prelu_is_left(self, content: bytes) -> None:
        assert "PRelu" in kinds(content)
        assert "PRelu" not in kinds(rewrite(content))

    def test_real_faces_give_the_vectors_of_the_file_as_it_is(self, content: bytes) -> None:
        tensor = ((sample_crops().transpose(0, 3, 1, 2).astype(np.float32) - 127) / 128).astype(np.float32)
        original = OnnxSession(content=content)
        expected = np.concatenate([original.run({"input": row[None]})["output"] for row in tensor])
        found = build(content).run({"input": tensor})["output"]
        assert np.abs(found - expected).max() <= TOLERANCE * np.abs(expected).max()
