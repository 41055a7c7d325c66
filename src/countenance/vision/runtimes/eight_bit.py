"""Rounds a network's weights to eight bits, so that processors with whole-number products run it faster.

Each output channel of a convolution or a full connection has its own scale, the largest weight of the channel
over 127. What flows between the layers stays float32: LiteRT scales each picture's values to eight bits just
before such a product and back just after it. Depthwise convolutions, a few in a hundred of the work, keep
their weights. Method: Jacob et al., "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference" (2018), with ranges found while it runs.

Rules kept here:

* Vectors differ a little from those of the file as it is, so this is another model: its id ends with
  :data:`INT8_SUFFIX`, its templates meet no others, and it needs an error table of its own.
* The rounded graph is held against the file as it is at every load. Where their outputs point apart by more
  than :data:`LEAST_COSINE` allows, nothing runs: the model id would promise what isn't there.
"""

from __future__ import annotations

import contextlib
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from countenance.vision.errors import ModelUnusable
from countenance.vision.runtimes.base import InferenceSession
from countenance.vision.runtimes.differing import least_cosine
from countenance.vision.runtimes.fusing import fuse_rectifiers
from countenance.vision.runtimes.litert import LiteRtSession
from countenance.vision.runtimes.rewriting import GraphNotRewritable, Rewriting

__all__ = ["INT8_SUFFIX", "LEAST_COSINE", "eight_bit_litert_session", "round_weights"]

INT8_SUFFIX: Final = "+int8"
"""Ends the model id. A plus sign stands in no id of the registry, so no model can take the name."""

LEAST_COSINE: Final = 0.99
"""How alike the outputs must be; rounding the default embedder gives 0.999, a wrong scale far less."""

_IDENTIFIER: Final = b"TFL3"
_LEVELS: Final = 127
_CONVOLUTION_VERSION: Final = 5  # of the format's step that takes float32 values and int8 weights by channel
_CONNECTION_VERSION: Final = 9

Piece: TypeAlias = Any
"""A part of a graph: the schema's classes are generated without types."""


def eight_bit_litert_session(content: bytes, *, threads: int = 1) -> tuple[InferenceSession, Rewriting]:
    """Load a network with weights of eight bits, and its rectifiers in one step.

    Args:
        content: the bytes of a ``.tflite`` file whose batch is free, checked against their hash.
        threads: how many threads one call uses.

    Returns:
        The session, and what was done.

    Raises:
        ModelUnusable: if the file can't be loaded, or computes something else with rounded weights.
        ValueError: if ``threads`` is below 1.
    """
    original = LiteRtSession(content=content, threads=threads)
    with contextlib.suppress(GraphNotRewritable):
        # Beside rounded products the rectifiers in five steps would be what takes longest.
        content = fuse_rectifiers(content)
    rounded = LiteRtSession(content=round_weights(content), threads=threads)
    alike = least_cosine(original, rounded)
    if not alike >= LEAST_COSINE:
        msg = "With weights of eight bits this network doesn't compute what its file computes."
        raise ModelUnusable(msg)
    words = f"Weights of eight bits; outputs point the same way to a cosine of {alike:.4f} or more."
    return rounded, Rewriting(applied=True, words=words)


def round_weights(content: bytes) -> bytes:
    """Return the file with the weights of its convolutions and full connections in eight bits.

    Args:
        content: the bytes of a ``.tflite`` file that LiteRT has loaded.

    Raises:
        ModelUnusable: if there is no such weight, or a step shares it with a step of another kind.
    """
    import flatbuffers  # noqa: PLC0415 - as in fusing: a tenth of a second, for graphs that need it alone
    from ai_edge_litert import schema_py_generated as schema  # noqa: PLC0415

    model = schema.ModelT.InitFromPackedBuf(content, 0)
    if not sum(_round_graph(model, graph, schema) for graph in model.subgraphs):
        msg = "This network has no weights that could be rounded to eight bits."
        raise ModelUnusable(msg)
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), _IDENTIFIER)
    return bytes(builder.Output())


def _round_graph(model: Piece, graph: Piece, schema: Piece) -> int:
    kinds = schema.BuiltinOperator
    versions = {kinds.CONV_2D: _CONVOLUTION_VERSION, kinds.FULLY_CONNECTED: _CONNECTION_VERSION}
    wanted: set[int] = set()
    others: set[int] = set()
    for step in graph.operators:
        code = model.operatorCodes[step.opcodeIndex]
        # A kind above 127 stands in the newer of the two fields alone.
        kind = max(code.builtinCode, code.deprecatedBuiltinCode)
        weights = int(step.inputs[1]) if kind in versions else -1
        if weights >= 0 and _are_weights(model, graph.tensors[weights], schema):
            code.version = max(code.version, versions[kind])
            wanted.add(weights)
        others.update(int(number) for number in step.inputs if int(number) != weights)
    if wanted & others:
        msg = "This network uses a layer's weights for something else as well."
        raise ModelUnusable(msg)
    for number in wanted:
        _round_tensor(model, graph.tensors[number], schema)
    return len(wanted)


def _are_weights(model: Piece, tensor: Piece, schema: Piece) -> bool:
    return tensor.type == schema.TensorType.FLOAT32 and model.buffers[tensor.buffer].data is not None


def _round_tensor(model: Piece, tensor: Piece, schema: Piece) -> None:
    values = np.frombuffer(bytes(model.buffers[tensor.buffer].data), "<f4").reshape(tensor.shape)
    rounded, scales = _rounded(values.reshape(len(values), -1))
    buffer, scale = schema.BufferT(), schema.QuantizationParametersT()
    buffer.data = np.frombuffer(rounded.tobytes(), np.uint8)
    scale.scale, scale.zeroPoint = scales, np.zeros(len(scales), np.int64)
    scale.quantizedDimension = 0
    model.buffers.append(buffer)
    tensor.buffer, tensor.type = len(model.buffers) - 1, schema.TensorType.INT8
    tensor.quantization = scale


def _rounded(rows: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return each row in whole numbers from -127 to 127, and what one of them is worth."""
    largest = np.abs(rows).max(axis=1)
    scales = (np.where(largest > 0, largest, 1.0) / _LEVELS).astype(np.float32)
    whole = np.clip(np.rint(rows / scales[:, None]), -_LEVELS, _LEVELS).astype(np.int8)
    return whole, scales
