from __future__ import annotations

from collections.abc import Callable
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
from countenance.vision.embedding import MobileFaceNet192
from countenance.vision.embedding.mobilefacenet import free_batch
from countenance.vision.runtimes import InferenceSession, LiteRtSession, Rewriting, faster_litert_session
from countenance.vision.runtimes import fusing as module
from countenance.vision.runtimes.fusing import fuse_rectifiers
from countenance.vision.runtimes.rewriting import GraphNotRewritable
from weights import model_bytes, sample_crops

KINDS = schema.BuiltinOperator
FIVE = [KINDS.RELU, KINDS.ABS, KINDS.SUB, KINDS.MUL, KINDS.ADD]
HALVES = np.array([0.125, -0.25, 0.75], np.float32)
X, RELU, ABS, SUB, SLOPE, MUL, Y = range(7)


def tensor(shape: list[int], buffer: int, name: str) -> Any:
    made = schema.TensorT()
    made.shape, made.buffer, made.name = np.array(shape, np.int32), buffer, name
    made.type = schema.TensorType.FLOAT32
    return made


def step(number: int, inputs: list[int], output: int, options: Any = None, kind: int = 0) -> Any:
    made = schema.OperatorT()
    made.opcodeIndex = number
    made.inputs, made.outputs = np.array(inputs, np.int32), np.array([output], np.int32)
    made.builtinOptions, made.builtinOptionsType = options, kind
    return made


def small_model() -> Any:
    """A rectifier in five steps for (1, 2, 2, 3); made here: no download."""
    model = schema.ModelT()
    model.version, model.description = 3, "small"
    model.buffers = [schema.BufferT(), schema.BufferT()]
    model.buffers[1].data = np.frombuffer(HALVES.tobytes(), np.uint8)
    model.operatorCodes = []
    for kind in FIVE:
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = kind
        code.version = 1
        model.operatorCodes.append(code)
    graph = schema.SubGraphT()
    names = ("x", "positive", "absolute", "twice-below", "slope", "scaled", "y")
    graph.tensors = [
        tensor([3] if number == SLOPE else [1, 2, 2, 3], 1 if number == SLOPE else 0, name)
        for number, name in enumerate(names)
    ]
    options = schema.BuiltinOptions
    graph.operators = [
        step(0, [X], RELU),
        step(1, [X], ABS),
        step(2, [X, ABS], SUB, schema.SubOptionsT(), options.SubOptions),
        step(3, [SLOPE, SUB], MUL, schema.MulOptionsT(), options.MulOptions),
        step(4, [RELU, MUL], Y, schema.AddOptionsT(), options.AddOptions),
    ]
    graph.inputs, graph.outputs = np.array([X], np.int32), np.array([Y], np.int32)
    model.subgraphs = [graph]
    return model


def packed(model: Any) -> bytes:
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def kinds(content: bytes) -> list[int]:
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    codes = [code.builtinCode for code in model.operatorCodes]
    return [codes[made.opcodeIndex] for made in model.subgraphs[0].operators]


def definition(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(x > 0, x, 2 * HALVES * x).astype(np.float32)


FUSED = fuse_rectifiers(packed(small_model()))
INPUTS = arrays.arrays(
    np.float32,
    (1, 2, 2, 3),
    # Not so near to zero that a product is rounded to nothing: the processor may be told to do that.
    elements=st.floats(-1e6, 1e6, width=32).filter(lambda value: value == 0 or abs(value) > 1e-30),
)


class TestFuseRectifiers:
    def test_five_steps_become_one(self) -> None:
        assert kinds(packed(small_model())) == FIVE
        assert kinds(FUSED) == [KINDS.PRELU]

    @given(x=INPUTS)
    @settings(max_examples=200, deadline=None)
    def test_it_computes_the_definition(self, x: NDArray[np.float32]) -> None:
        found = LiteRtSession(content=FUSED).run({"x": x})["y"]
        assert np.array_equal(found, definition(x))

    @given(x=INPUTS)
    @settings(max_examples=200, deadline=None)
    def test_it_computes_the_same_to_the_last_bit(self, x: NDArray[np.float32]) -> None:
        shipped = LiteRtSession(content=packed(small_model())).run({"x": x})["y"]
        found = LiteRtSession(content=FUSED).run({"x": x})["y"]
        assert np.array_equal(found, shipped)

    def test_what_was_there_stays(self) -> None:
        model = schema.ModelT.InitFromPackedBuf(FUSED, 0)
        assert bytes(model.buffers[1].data) == HALVES.tobytes()
        assert len(model.subgraphs[0].tensors) == 8

    def test_the_terms_of_a_sum_may_stand_either_way(self) -> None:
        model = small_model()
        model.subgraphs[0].operators[4].inputs = np.array([MUL, RELU], np.int32)
        assert kinds(fuse_rectifiers(packed(model))) == [KINDS.PRELU]

    def test_it_is_done_once(self) -> None:
        with pytest.raises(GraphNotRewritable, match="no rectifier"):
            fuse_rectifiers(FUSED)


def relu_of_another(graph: Any) -> None:
    graph.operators[0].inputs = np.array([ABS], np.int32)


def size_of_another(graph: Any) -> None:
    graph.operators[1].inputs = np.array([RELU], np.int32)


def difference_the_other_way(graph: Any) -> None:
    graph.operators[2].inputs = np.array([ABS, X], np.int32)


def slope_that_is_computed(graph: Any) -> None:
    graph.operators[3].inputs = np.array([X, SUB], np.int32)


def difference_squared(graph: Any) -> None:
    graph.operators[3].inputs = np.array([SUB, SUB], np.int32)


def sum_of_another(graph: Any) -> None:
    graph.operators[4].inputs = np.array([X, MUL], np.int32)


def clipped_at_the_end(graph: Any) -> None:
    graph.operators[4].builtinOptions.fusedActivationFunction = schema.ActivationFunctionType.RELU6


def clipped_between(graph: Any) -> None:
    graph.operators[2].builtinOptions.fusedActivationFunction = schema.ActivationFunctionType.RELU


def part_that_is_shown_outside(graph: Any) -> None:
    graph.outputs = np.array([Y, MUL], np.int32)


def slopes_for_every_pixel(graph: Any) -> None:
    graph.tensors[SLOPE].shape = np.array([3, 1], np.int32)


def slopes_of_another_type(graph: Any) -> None:
    graph.tensors[SLOPE].type = schema.TensorType.INT32


def step_missing(graph: Any) -> None:
    del graph.operators[1]


class TestWhatIsLeftAlone:
    """Each of these is one change to the rectifier that makes it something else, or not provably the same."""

    @pytest.mark.parametrize(
        "change",
        [
            relu_of_another,
            size_of_another,
            difference_the_other_way,
            slope_that_is_computed,
            difference_squared,
            sum_of_another,
            clipped_at_the_end,
            clipped_between,
            part_that_is_shown_outside,
            slopes_for_every_pixel,
            slopes_of_another_type,
            step_missing,
        ],
    )
    def test_it_is_not_taken_for_one(self, change: Callable[[Any], None]) -> None:
        model = small_model()
        change(model.subgraphs[0])
        with pytest.raises(GraphNotRewritable, match="no rectifier"):
            fuse_rectifiers(packed(model))

    def test_two_graphs_in_one_file_are_left_alone(self) -> None:
        model = small_model()
        model.subgraphs = [model.subgraphs[0], small_model().subgraphs[0]]
        with pytest.raises(GraphNotRewritable, match="more than one graph"):
            fuse_rectifiers(packed(model))


class TestFasterLiteRtSession:
    def test_it_says_what_was_done(self) -> None:
        _, rewriting = faster_litert_session(packed(small_model()))
        assert rewriting == Rewriting(
            applied=True,
            words="Rectifiers in one step; outputs differ by at most 0 of the largest.",
            largest_difference=0.0,
        )

    def test_a_file_without_one_runs_as_it_is(self) -> None:
        session, rewriting = faster_litert_session(FUSED)
        assert rewriting == Rewriting(
            applied=False, words="The file runs as it is: it has no rectifier in five steps."
        )
        x = np.ones((1, 2, 2, 3), np.float32)
        assert np.array_equal(session.run({"x": x})["y"], x)

    def test_an_edit_that_computes_something_else_is_not_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        wrong = small_model()
        wrong.buffers[1].data = np.frombuffer((HALVES * 1.01).astype("<f4").tobytes(), np.uint8)
        monkeypatch.setattr(module, "fuse_rectifiers", lambda _: fuse_rectifiers(packed(wrong)))
        session, rewriting = faster_litert_session(packed(small_model()))
        assert not rewriting.applied
        assert rewriting.largest_difference is not None
        assert rewriting.largest_difference > 1e-4
        x = np.full((1, 2, 2, 3), -1.0, np.float32)
        assert np.array_equal(session.run({"x": x})["y"], definition(x))

    def test_bytes_that_are_no_network_are_refused(self) -> None:
        with pytest.raises(ModelUnusable):
            faster_litert_session(b"no network at all")


@pytest.mark.models
class TestMobileFaceNetFused:
    def test_all_thirty_three_are_found(self) -> None:
        content = free_batch(model_bytes("mobilefacenet-192"))
        after = kinds(fuse_rectifiers(content))
        assert after.count(KINDS.PRELU) == 33
        assert not {KINDS.RELU, KINDS.ABS, KINDS.SUB, KINDS.MUL} & set(after)
        assert len(after) == len(kinds(content)) - 4 * 33

    def test_faces_give_the_same_vectors_to_the_last_bit(self) -> None:
        content = free_batch(model_bytes("mobilefacenet-192"))
        faces = ((sample_crops().astype(np.float32) - 127.5) / 128).astype(np.float32)
        shipped = LiteRtSession(content=content).run({"input": faces})["embeddings"]
        found = LiteRtSession(content=fuse_rectifiers(content)).run({"input": faces})["embeddings"]
        assert np.array_equal(found, shipped)

    def test_the_embedder_runs_it(self) -> None:
        embedder = MobileFaceNet192(content=model_bytes("mobilefacenet-192"))
        assert embedder.rewriting.applied
        assert embedder.rewriting.largest_difference is not None
        assert embedder.rewriting.largest_difference < 1e-5


@pytest.mark.models
class TestFusedSession(SessionContract):
    LARGEST_BATCH = 4

    @staticmethod
    def build(content: bytes, threads: int = 1) -> InferenceSession:
        return faster_litert_session(content, threads=threads)[0]

    @pytest.fixture
    def content(self) -> bytes:
        return free_batch(model_bytes("mobilefacenet-192"))
