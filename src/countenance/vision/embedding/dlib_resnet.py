"""dlib's face recognition network, 128 values: the one that most of today's small tools use.

Source: ``dlib_face_recognition_resnet_model_v1.dat`` of the package ``face-recognition-models``; King, "High
Quality Face Recognition with Deep Metric Learning" (2017). Its graph is built from the file's arrays
(``countenance.vision.runtimes.dlib_network``) and runs in onnxruntime; no dlib is needed.

What differs from dlib's own use of it:

* dlib compares by Euclidean distance, with vectors of lengths between 1.2 and 1.5. Here vectors have length
  1 and are compared by cosine, like all others: the accuracy on LFW is the same within its error. Cosines of
  different people lie around 0.84, so a threshold of another network accepts everybody.
* dlib cuts its 150-pixel chip from the photograph by five points of its own. Here it is cut from the aligned
  face, which ends a little above the lower edge of the chip; the last rows are repeated. On LFW that costs
  nothing that could be measured (``docs/explanation/embedders.md``).
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from countenance.vision.alignment.similarity import similarity
from countenance.vision.embedding.base import check_crops, to_unit_length
from countenance.vision.runtimes import (
    BF16_SUFFIX,
    InferenceSession,
    ModelFormat,
    OnnxRuntime,
    load_session,
    run_elsewhere,
)
from countenance.vision.runtimes.dlib_network import CHIP_SIDE, DIMENSION, build_graph

__all__ = ["DlibResnet128"]

# Where dlib's five points go in a chip, as shares of the face: the outer and inner corner of the eye at the
# image's right, of the eye at its left, and the point under the nose. Source: dlib, get_face_chip_details.
_MEAN_SHAPE: Final = np.array(
    [
        [0.8595674595992, 0.2134981538014],
        [0.6460604764104, 0.2289674387677],
        [0.1205750620789, 0.2137274526848],
        [0.3340850613712, 0.2290642403242],
        [0.4901123135679, 0.6277975316475],
    ]
)
_PADDING: Final = 0.25
# Where the mesh sees the same points (263, 362, 33, 133, 2) in an aligned face: the mean over the four sample
# photographs that `countenance samples pull` brings.
_IN_ALIGNED_FACE: Final = np.array(
    [[80.14, 54.68], [65.18, 54.44], [30.97, 53.80], [46.14, 53.99], [56.31, 77.80]]
)
_BATCH: Final = 8  # measured: a face in a batch of eight costs three quarters of a face alone


class DlibResnet128:
    """The 128-value network.

    Args:
        content: the bytes of ``dlib_face_recognition_resnet_model_v1.dat``.
        threads: threads of one call.
        runtime: what runs it. In bfloat16 it is another model, with an id of its own.

    Raises:
        ModelUnusable: if the bytes aren't this network, or the ``onnx`` package isn't installed.
        OpenVinoNotInstalled: if it is to run in OpenVINO, which isn't installed.
    """

    __slots__ = ("_session", "_to_chip", "model_id")

    dimension = DIMENSION

    def __init__(
        self, *, content: bytes, threads: int = 1, runtime: OnnxRuntime = OnnxRuntime.ONNXRUNTIME
    ) -> None:
        self.model_id = "dlib-resnet-128" + (BF16_SUFFIX if runtime is OnnxRuntime.OPENVINO_BF16 else "")
        session = load_session(content, kind=ModelFormat.DLIB, threads=threads)
        if runtime is not OnnxRuntime.ONNXRUNTIME:
            session = run_elsewhere(session, build_graph(content), runtime=runtime, threads=threads)
        self._session: InferenceSession = session
        goal = (_MEAN_SHAPE + _PADDING) / (1 + 2 * _PADDING) * CHIP_SIDE
        self._to_chip = similarity(_IN_ALIGNED_FACE, goal)

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return one vector of length 1 for each aligned face; see :class:`Embedder`."""
        check_crops(crops)
        vectors = np.empty((len(crops), self.dimension), np.float32)
        for start in range(0, len(crops), _BATCH):
            chips = np.stack([self._chip(crop) for crop in crops[start : start + _BATCH]])
            tensor = np.ascontiguousarray(chips.transpose(0, 3, 1, 2), dtype=np.float32)
            part = self._session.run({"chips": tensor})["vectors"]
            vectors[start : start + len(part)] = part
            for array in (chips, tensor, part):
                array.fill(0)
        return to_unit_length(vectors)

    def _chip(self, crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the part of an aligned face that the network was trained on, uint8, (150, 150, 3)."""
        chip = cv2.warpAffine(
            crop,
            self._to_chip,
            (CHIP_SIDE, CHIP_SIDE),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(chip, np.uint8)
