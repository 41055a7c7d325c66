"""Writes a parametric rectifier that a converter took apart as the one step it is, in ``.tflite`` graphs.

Some converters write ``prelu(x) = max(x, 0) + a * min(x, 0)`` as five steps,
``relu(x) + (a / 2) * (x - |x|)``: five walks through memory instead of one. LiteRT has the one step, with the
same result to the last bit, because doubling or halving a slope is exact in binary floating point.

Rules kept here, as in :mod:`countenance.vision.runtimes.rewriting`:

* No weight changes, apart from a slope written as the doubled half that it was.
* Only the exact pattern is replaced, and only where nothing else uses what lies between.
* The edited graph is used only after its outputs were held against those of the file as it is.

The file is read and written by the schema classes that ``ai-edge-litert`` brings.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np

from countenance.vision.runtimes.base import InferenceSession
from countenance.vision.runtimes.differing import largest_difference
from countenance.vision.runtimes.litert import LiteRtSession
from countenance.vision.runtimes.rewriting import TOLERANCE, GraphNotRewritable, Rewriting

__all__ = ["faster_litert_session", "fuse_rectifiers"]

_IDENTIFIER: Final = b"TFL3"  # of the file format, bytes 4 to 7
_STEPS: Final = 5

Piece: TypeAlias = Any
"""A part of a graph: the schema's classes are generated without types."""


def faster_litert_session(
    content: bytes, *, threads: int = 1, tolerance: float = TOLERANCE
) -> tuple[InferenceSession, Rewriting]:
    """Load a network with its rectifiers in one step if that is proven harmless, else as it is.

    Args:
        content: the bytes of a ``.tflite`` file whose batch is free, checked against their hash.
        threads: how many threads one call uses.
        tolerance: largest difference of an output value, as a share of the output's largest value.

    Returns:
        The session, and what was done.

    Raises:
        ModelUnusable: if the file itself can't be loaded.
        ValueError: if ``threads`` is below 1.
    """
    original = LiteRtSession(content=content, threads=threads)
    try:
        edited = fuse_rectifiers(content)
    except GraphNotRewritable as error:
        return original, Rewriting(applied=False, words=f"The file runs as it is: {error}.")
    candidate = LiteRtSession(content=edited, threads=threads)
    difference = largest_difference(original, candidate)
    if not difference <= tolerance:
        words = "The edited graph doesn't compute the same, so the file runs as it is."
        return original, Rewriting(applied=False, words=words, largest_difference=difference)
    words = f"Rectifiers in one step; outputs differ by at most {difference:.1g} of the largest."
    return candidate, Rewriting(applied=True, words=words, largest_difference=difference)


def fuse_rectifiers(content: bytes) -> bytes:
    """Return the file with each rectifier that takes five steps written as one.

    Args:
        content: the bytes of a ``.tflite`` file that LiteRT has loaded.

    Raises:
        GraphNotRewritable: if the file has no such rectifier, or more than one graph.
    """
    # A tenth of a second, for graphs that need it alone; both come with ai-edge-litert.
    import flatbuffers  # noqa: PLC0415
    from ai_edge_litert import schema_py_generated as schema  # noqa: PLC0415

    model = schema.ModelT.InitFromPackedBuf(content, 0)
    if len(model.subgraphs) != 1:
        msg = "it holds more than one graph"
        raise GraphNotRewritable(msg)
    if not _Fuser(model, schema).fuse():
        msg = "it has no rectifier in five steps"
        raise GraphNotRewritable(msg)
    builder = flatbuffers.Builder(len(content) + 4096)
    builder.Finish(model.Pack(builder), _IDENTIFIER)
    return bytes(builder.Output())


class _Fuser:
    """Edits one graph in place."""

    def __init__(self, model: Piece, schema: Piece) -> None:
        self._model = model
        self._graph = model.subgraphs[0]
        self._schema = schema
        kinds = schema.BuiltinOperator
        # A kind above 127 stands in the newer of the two fields alone.
        self._kinds = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
        self._pattern = [kinds.RELU, kinds.ABS, kinds.SUB, kinds.MUL, kinds.ADD]
        self._uses = self._count_uses()

    def fuse(self) -> int:
        """Replace every occurrence; return how many there were."""
        steps, kept, done = self._graph.operators, [], 0
        number = len(self._model.operatorCodes)
        at = 0
        while at < len(steps):
            slope = self._slope(steps[at : at + _STEPS])
            if slope is None:
                kept.append(steps[at])
                at += 1
                continue
            kept.append(self._one_step(steps[at].inputs[0], slope, steps[at + 4].outputs, number=number))
            at += _STEPS
            done += 1
        if done:
            self._model.operatorCodes.append(self._code())
            self._graph.operators = kept
        return done

    def _count_uses(self) -> dict[int, int]:
        uses: dict[int, int] = {}
        for number in [
            *(int(n) for step in self._graph.operators for n in step.inputs),
            *map(int, self._graph.outputs),
        ]:
            uses[number] = uses.get(number, 0) + 1
        return uses

    def _slope(self, steps: list[Piece]) -> int | None:
        """Return the tensor that holds half the slopes if five steps are a rectifier, else ``None``."""
        if [self._kinds[step.opcodeIndex] for step in steps] != self._pattern:
            return None
        relu, absolute, difference, product, total = steps
        x = int(relu.inputs[0])
        below, scaled = int(difference.outputs[0]), int(product.outputs[0])
        between = (int(relu.outputs[0]), int(absolute.outputs[0]), below, scaled)
        others = [int(n) for n in product.inputs if int(n) != below]
        if (
            int(absolute.inputs[0]) != x
            or [int(n) for n in difference.inputs] != [x, between[1]]
            or len(others) != 1
            or {int(n) for n in total.inputs} != {between[0], scaled}
            or any(self._uses.get(n) != 1 for n in between)
            or not all(self._plain(step) for step in (difference, product, total))
        ):
            return None
        return others[0] if self._is_slope(others[0]) else None

    @staticmethod
    def _plain(step: Piece) -> bool:
        """Whether nothing is clipped after the step."""
        return step.builtinOptions is None or step.builtinOptions.fusedActivationFunction == 0

    def _is_slope(self, number: int) -> bool:
        tensor = self._graph.tensors[number]
        data = self._model.buffers[tensor.buffer].data
        shape = [] if tensor.shape is None else [int(size) for size in tensor.shape]
        return (
            tensor.type == self._schema.TensorType.FLOAT32
            and data is not None
            and len(shape) > 0
            and all(size == 1 for size in shape[:-1])
            and len(data) == 4 * shape[-1]
        )

    def _one_step(self, x: int, half: int, outputs: Piece, *, number: int) -> Piece:
        step = self._schema.OperatorT()
        step.opcodeIndex = number
        step.inputs = np.array([x, self._doubled(half)], np.int32)
        step.outputs = outputs
        return step

    def _doubled(self, half: int) -> int:
        """Add a constant with twice the values of another, shape (1, 1, channels); return its number."""
        values = np.frombuffer(bytes(self._model.buffers[self._graph.tensors[half].buffer].data), "<f4")
        buffer, tensor = self._schema.BufferT(), self._schema.TensorT()
        buffer.data = np.frombuffer((values * np.float32(2.0)).astype("<f4").tobytes(), np.uint8)
        self._model.buffers.append(buffer)
        tensor.buffer = len(self._model.buffers) - 1
        tensor.shape = np.array([1, 1, len(values)], np.int32)
        tensor.type = self._schema.TensorType.FLOAT32
        tensor.name = f"slopes/{half}"
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1

    def _code(self) -> Piece:
        code = self._schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = self._schema.BuiltinOperator.PRELU
        code.version = 1
        return code
