from __future__ import annotations

from typing import Any

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from contract.session import SessionContract
from countenance.vision import ModelUnusable
from countenance.vision.embedding.mobilefacenet import free_batch
from countenance.vision.runtimes import InferenceSession, LiteRtSession, eight_bit_litert_session
from countenance.vision.runtimes import eight_bit as module
from countenance.vision.runtimes.differing import least_cosine
from countenance.vision.runtimes.eight_bit import LEAST_COSINE, round_weights
from countenance.vision.runtimes.fusing import fuse_rectifiers
from weights import model_bytes, sample_crops

KINDS = schema.BuiltinOperator
SIDE, CHANNELS, OUTPUTS = 4, 3, 8
WEIGHTS = np.random.default_rng(7).normal(size=(OUTPUTS, 1, 1, CHANNELS)).astype(np.float32)


def tensor(shape: tuple[int, ...], buffer: int, name: str) -> Any:
    made = schema.TensorT()
    made.shape, made.buffer, made.name = np.array(shape, np.int32), buffer, name
    made.type = schema.TensorType.FLOAT32
    return made


def convolution(weights: NDArray[np.float32], *, weights_used_again: bool = False) -> bytes:
    """A convolution of 1 x 1 over (1, 4, 4, 3); made here: no download."""
    model, graph = schema.ModelT(), schema.SubGraphT()
    model.version, model.description = 3, "small"
    model.buffers = [schema.BufferT(), schema.BufferT(), schema.BufferT()]
    model.buffers[1].data = np.frombuffer(weights.tobytes(), np.uint8)
    model.buffers[2].data = np.frombuffer(np.zeros(len(weights), np.float32).tobytes(), np.uint8)
    codes = [KINDS.CONV_2D, KINDS.ABS]
    model.operatorCodes = []
    for kind in codes:
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = kind
        code.version = 1
        model.operatorCodes.append(code)
    graph.tensors = [
        tensor((1, SIDE, SIDE, weights.shape[-1]), 0, "x"),
        tensor(weights.shape, 1, "weights"),
        tensor((len(weights),), 2, "bias"),
        tensor((1, SIDE, SIDE, len(weights)), 0, "y"),
        tensor(weights.shape, 0, "absolute"),
    ]
    options = schema.Conv2DOptionsT()
    options.strideH = options.strideW = options.dilationHFactor = options.dilationWFactor = 1
    step = schema.OperatorT()
    step.opcodeIndex, step.builtinOptions, step.builtinOptionsType = (
        0,
        options,
        schema.BuiltinOptions.Conv2DOptions,
    )
    step.inputs, step.outputs = np.array([0, 1, 2], np.int32), np.array([3], np.int32)
    graph.operators = [step]
    graph.inputs, graph.outputs = np.array([0], np.int32), np.array([3], np.int32)
    if weights_used_again:
        other = schema.OperatorT()
        other.opcodeIndex = 1
        other.inputs, other.outputs = np.array([1], np.int32), np.array([4], np.int32)
        graph.operators.append(other)
        graph.outputs = np.array([3, 4], np.int32)
    model.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def rounded_tensor(content: bytes) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    weights = model.subgraphs[0].tensors[1]
    assert weights.type == schema.TensorType.INT8
    values = np.frombuffer(bytes(model.buffers[weights.buffer].data), np.int8).reshape(weights.shape)
    return values, np.asarray(weights.quantization.scale, np.float32)


@settings(max_examples=40, deadline=None)
@given(
    arrays.arrays(
        np.float32,
        (OUTPUTS, 1, 1, CHANNELS),
        elements=st.floats(-100, 100, width=32, allow_subnormal=False),
    )
)
def test_no_weight_moves_by_more_than_half_a_step_of_its_channel(weights: NDArray[np.float32]) -> None:
    values, scales = rounded_tensor(round_weights(convolution(weights)))
    assert values.min() >= -127  # -128 would have no opposite
    error = np.abs(values * scales[:, None, None, None].astype(np.float64) - weights)
    largest = np.abs(weights).max(axis=(1, 2, 3), keepdims=True)
    assert (error <= 0.5001 * np.where(largest > 0, largest, 1) / 127 + 1e-30).all()


def test_a_channel_without_weights_stays_empty() -> None:
    weights = WEIGHTS.copy()
    weights[2] = 0.0
    values, scales = rounded_tensor(round_weights(convolution(weights)))
    assert not values[2].any()
    assert np.isfinite(scales).all()
    assert (scales > 0).all()


class TestEightBitSession(SessionContract):
    LARGEST_BATCH = 4

    @pytest.fixture
    def content(self) -> bytes:
        return convolution(WEIGHTS)

    @staticmethod
    def build(content: bytes, threads: int = 1) -> InferenceSession:
        return eight_bit_litert_session(content, threads=threads)[0]


def test_it_computes_about_what_the_file_computes() -> None:
    content = convolution(WEIGHTS)
    session, done = eight_bit_litert_session(content)
    values = np.random.default_rng(1).normal(size=(1, SIDE, SIDE, CHANNELS)).astype(np.float32)
    wanted = LiteRtSession(content=content).run({"x": values})["y"]
    found = session.run({"x": values})["y"]
    assert not np.array_equal(found, wanted), "nothing was rounded"
    np.testing.assert_allclose(found, wanted, atol=0.05 * float(np.abs(wanted).max()))
    assert done.applied
    assert "eight bits" in done.words


def test_a_network_that_rounding_changes_does_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    # One input counts with the other sign: the outputs point elsewhere.
    monkeypatch.setattr(
        module, "round_weights", lambda _: convolution(WEIGHTS * np.array([1, -1, 1], np.float32))
    )
    with pytest.raises(ModelUnusable, match="doesn't compute what its file computes"):
        eight_bit_litert_session(convolution(WEIGHTS))


def test_weights_that_another_step_uses_are_left_alone() -> None:
    with pytest.raises(ModelUnusable, match="for something else"):
        round_weights(convolution(WEIGHTS, weights_used_again=True))


def test_a_network_rounded_already_is_refused() -> None:
    with pytest.raises(ModelUnusable, match="no weights that could be rounded"):
        round_weights(round_weights(convolution(WEIGHTS)))


@pytest.mark.parametrize("change", ["another-shape", "not-finite", "nothing"])
def test_outputs_that_cannot_be_compared_count_as_opposite(change: str) -> None:
    class Odd:
        inputs = LiteRtSession(content=convolution(WEIGHTS)).inputs
        outputs = LiteRtSession(content=convolution(WEIGHTS)).outputs
        threads = 1

        def run(self, inputs: Any) -> dict[str, NDArray[np.float32]]:
            y = LiteRtSession(content=convolution(WEIGHTS)).run(inputs)["y"]
            return {"y": {"another-shape": y[:, :1], "not-finite": y * np.nan, "nothing": y * 0}[change]}

    assert least_cosine(LiteRtSession(content=convolution(WEIGHTS)), Odd()) == -1.0


@pytest.mark.models
class TestTheDefaultEmbedder:
    def test_faces_keep_their_direction(self) -> None:
        content = fuse_rectifiers(free_batch(model_bytes("mobilefacenet-192")))
        session, _ = eight_bit_litert_session(content)
        crops = ((sample_crops().astype(np.float32) - 127.5) / 128).astype(np.float32)
        wanted = LiteRtSession(content=content).run({"input": crops})["embeddings"]
        found = session.run({"input": crops})["embeddings"]
        lengths = np.linalg.norm(wanted, axis=1) * np.linalg.norm(found, axis=1)
        cosines = (wanted * found).sum(axis=1) / lengths
        assert cosines.min() > LEAST_COSINE + 0.005
        assert cosines.max() < 0.999_999, "nothing was rounded"

    def test_the_file_shrinks_to_about_a_quarter_in_what_runs(self) -> None:
        content = fuse_rectifiers(free_batch(model_bytes("mobilefacenet-192")))
        model = schema.ModelT.InitFromPackedBuf(round_weights(content), 0)
        used = {tensor.buffer for tensor in model.subgraphs[0].tensors}
        lengths = [len(model.buffers[one].data) for one in used if model.buffers[one].data is not None]
        assert sum(lengths) < 0.35 * len(content)
