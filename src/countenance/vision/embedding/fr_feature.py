"""A second embedder with 512 values, for comparison and for those who want no tflite.

Source: ``fr_feature.onnx`` of the npm package ``faceplugin-face-recognition-js``. Architecture and
training data are undocumented; the model card says so.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from countenance.vision.embedding.base import check_crops, to_unit_length
from countenance.vision.errors import ModelUnusable
from countenance.vision.runtimes import BF16_SUFFIX, OnnxRuntime, Rewriting, faster_session

__all__ = ["FrFeature512"]

_SIDE = 112
# Measured (docs/explanation/embedders.md): on one thread a face costs the same in any batch up to 16; several
# at once keep several threads busy.
_BATCH = 8


class FrFeature512:
    """The 512-value network.

    Its graph is rewritten at load where that is proven harmless; see
    :func:`~countenance.vision.runtimes.faster_session`. Else it takes one face at a time, as its file says.

    Args:
        content: the bytes of ``fr_feature.onnx``.
        threads: threads of one call.
        runtime: what runs it. In bfloat16 it is another model, with an id of its own.

    Raises:
        ModelUnusable: if the bytes aren't this network, or the runtime computes something else.
        OpenVinoNotInstalled: if it is to run in OpenVINO, which isn't installed.
    """

    __slots__ = ("_batch", "_input", "_output", "_rewriting", "_session", "model_id")

    dimension = 512

    def __init__(
        self, *, content: bytes, threads: int = 1, runtime: OnnxRuntime = OnnxRuntime.ONNXRUNTIME
    ) -> None:
        self.model_id = "fr-feature-512" + (BF16_SUFFIX if runtime is OnnxRuntime.OPENVINO_BF16 else "")
        self._session, self._rewriting = faster_session(content, threads=threads, runtime=runtime)
        inputs, outputs = self._session.inputs, self._session.outputs
        if len(inputs) != 1 or inputs[0].shape[1:] != (3, _SIDE, _SIDE) or len(outputs) != 1:
            msg = "This network isn't fr_feature."
            raise ModelUnusable(msg)
        self._input, self._output = inputs[0].name, outputs[0].name
        self._batch = _BATCH if self._rewriting.applied else 1

    @property
    def rewriting(self) -> Rewriting:
        """What was done to the graph at load."""
        return self._rewriting

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return one vector of length 1 for each aligned face; see :class:`Embedder`."""
        check_crops(crops)
        vectors = np.empty((len(crops), self.dimension), np.float32)
        for start in range(0, len(crops), self._batch):
            stack = crops[start : start + self._batch].transpose(0, 3, 1, 2)
            tensor = np.ascontiguousarray(stack, dtype=np.float32)
            tensor -= 127.0
            tensor /= 128.0
            part = self._session.run({self._input: tensor})[self._output]
            vectors[start : start + len(part)] = part
            tensor.fill(0.0)
            part.fill(0.0)
        return to_unit_length(vectors)
