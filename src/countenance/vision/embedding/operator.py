"""Embedding networks that the operator brings: any ``.onnx`` file that takes an aligned face.

The file comes through ``countenance models add`` (address, SHA-256, licence). What the file doesn't say about
itself stands in ``embedders.toml`` in the models folder, three lines for each::

    [my-network]
    input = { side = 112, colour = "RGB", mean = 127.5, scale = 127.5 }
    licence_acknowledged = "Apache-2.0"

Rules kept here:

* A network without these lines isn't run: a wrong colour order gives vectors that look right and aren't.
* The licence acknowledged is the one under which the model was added, word for word.
* The network is tried once at load; what doesn't give one vector for one face is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from countenance.kernel import OperatorError
from countenance.vision.embedding.base import check_crops, to_unit_length
from countenance.vision.errors import ModelUnusable
from countenance.vision.registry.entries import Job, ModelEntry, ModelFormat
from countenance.vision.registry.store import ModelStore
from countenance.vision.runtimes import BF16_SUFFIX, OnnxRuntime, Rewriting, faster_session

__all__ = [
    "SPECS_FILE",
    "ColourOrder",
    "EmbedderSpec",
    "EmbedderSpecInvalid",
    "InputSpec",
    "OperatorEmbedder",
    "load_operator_embedder",
    "parse_specs",
]

SPECS_FILE: Final = "embedders.toml"
_CLOSED = ConfigDict(extra="forbid")
_BATCH: Final = 8
_ALIGNED_SIDE: Final = 112


class EmbedderSpecInvalid(OperatorError):
    """What the operator says about an embedding network of his own is wrong or incomplete."""

    code = "embedder-spec-invalid"
    default_remedy = "Write the three lines for it into embedders.toml in the models folder."


class ColourOrder(StrEnum):
    """Which colour comes first in a pixel."""

    RGB = "RGB"
    BGR = "BGR"


@dataclass(frozen=True, slots=True)
class InputSpec:
    """How a face is fed: ``(pixel - mean) / scale``, channels first.

    Attributes:
        side: side of the square input in pixels.
        colour: order of the channels.
        mean: what is taken off each value, 0 to 255.
        scale: what it is then divided by; above 0.
    """

    side: Annotated[int, Field(ge=32, le=512)]
    colour: ColourOrder
    mean: Annotated[float, Field(ge=0.0, le=255.0)]
    scale: Annotated[float, Field(gt=0.0, le=255.0)]

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """What the operator says about one network.

    Attributes:
        input: how a face is fed.
        licence_acknowledged: the licence that was read, as it stands in the model's entry.
    """

    input: InputSpec
    licence_acknowledged: Annotated[str, Field(min_length=1, max_length=100)]

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED


_SPECS = TypeAdapter(dict[str, EmbedderSpec])


def parse_specs(text: str) -> Mapping[str, EmbedderSpec]:
    """Parse ``embedders.toml``.

    Args:
        text: TOML with one table for each model id.

    Returns:
        The specs by model id.

    Raises:
        EmbedderSpecInvalid: if it isn't TOML, or a value is missing, unknown or out of its range; the message
            names the place.
    """
    try:
        return _SPECS.validate_python(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        msg = f"embedders.toml isn't valid TOML: {error}."
        raise EmbedderSpecInvalid(msg) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        msg = f"embedders.toml is wrong at {'.'.join(str(step) for step in first['loc'])}: {first['msg']}."
        raise EmbedderSpecInvalid(msg) from error


def load_operator_embedder(
    models: ModelStore,
    model_id: str,
    *,
    threads: int = 1,
    runtime: OnnxRuntime = OnnxRuntime.ONNXRUNTIME,
) -> OperatorEmbedder:
    """Load a network that was added to a models folder and described in its ``embedders.toml``.

    Raises:
        EmbedderSpecInvalid: if nothing valid describes it.
        OperatorError: if its weights aren't here, aren't the ones that were added, or can't be used.
    """
    entry = models.manifest.entry(model_id)
    try:
        text = (models.folder / SPECS_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        text = ""
    except (OSError, UnicodeDecodeError) as error:
        msg = "embedders.toml can't be read."
        raise EmbedderSpecInvalid(msg) from error
    spec = parse_specs(text).get(model_id)
    content = models.read(model_id)
    return OperatorEmbedder(entry=entry, spec=spec, content=content, threads=threads, runtime=runtime)


class OperatorEmbedder:
    """An embedding network of the operator's own.

    Args:
        entry: its entry in the manifest.
        spec: what the operator says about it; ``None`` if there are no lines for it.
        content: the bytes of the file, checked against the entry.
        threads: threads of one call.
        runtime: what runs it. In bfloat16 it is another model, with an id of its own.

    Raises:
        EmbedderSpecInvalid: if there is no spec, its licence isn't the entry's, or the network takes another
            size.
        ModelUnusable: if it isn't the operator's ``.onnx`` embedder, or doesn't give one vector for a face.
    """

    __slots__ = ("_batch", "_dimension", "_entry_id", "_input", "_output", "_rewriting", "_session", "_spec",
                 "_suffix")  # fmt: skip

    def __init__(
        self,
        *,
        entry: ModelEntry,
        spec: EmbedderSpec | None,
        content: bytes,
        threads: int = 1,
        runtime: OnnxRuntime = OnnxRuntime.ONNXRUNTIME,
    ) -> None:
        if not entry.operator_supplied or entry.job is not Job.EMBED or entry.format is not ModelFormat.ONNX:
            msg = f"{entry.model_id} isn't an embedding network of the operator's in the ONNX format."
            raise ModelUnusable(msg)
        if spec is None:
            msg = f"Nothing says how a face is fed to {entry.model_id}."
            raise EmbedderSpecInvalid(msg)
        if spec.licence_acknowledged != entry.licence.spdx:
            msg = (
                f"{entry.model_id} was added under the licence {entry.licence.spdx!r}, "
                f"but {spec.licence_acknowledged!r} is acknowledged."
            )
            raise EmbedderSpecInvalid(msg)
        self._entry_id, self._spec = entry.model_id, spec.input
        self._suffix = BF16_SUFFIX if runtime is OnnxRuntime.OPENVINO_BF16 else ""
        self._session, self._rewriting = faster_session(content, threads=threads, runtime=runtime)
        self._input, self._output = self._ends()
        free = self._session.inputs[0].shape[0] is None
        self._batch = _BATCH if free else 1
        self._dimension = self._tried()

    @property
    def model_id(self) -> str:
        """The id under which the operator added it, marked where it computes in bfloat16."""
        return self._entry_id + self._suffix

    @property
    def dimension(self) -> int:
        """The length of a vector, as found when the network was tried."""
        return self._dimension

    @property
    def rewriting(self) -> Rewriting:
        """What was done to the graph at load."""
        return self._rewriting

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return one vector of length 1 for each aligned face; see :class:`Embedder`."""
        check_crops(crops)
        vectors = np.empty((len(crops), self._dimension), np.float32)
        for start in range(0, len(crops), self._batch):
            part = self._vectors(crops[start : start + self._batch])
            vectors[start : start + len(part)] = part
            part.fill(0.0)
        return to_unit_length(vectors)

    def _ends(self) -> tuple[str, str]:
        inputs, outputs = self._session.inputs, self._session.outputs
        if len(inputs) != 1 or len(outputs) != 1 or len(inputs[0].shape) != 4:  # noqa: PLR2004
            msg = f"{self._entry_id} doesn't take one picture and give one vector."
            raise ModelUnusable(msg)
        wanted, side = inputs[0].shape[1:], self._spec.side
        if any(size not in (None, goal) for size, goal in zip(wanted, (3, side, side), strict=True)):
            msg = f"{self._entry_id} takes pictures of the shape {wanted}, not {(3, side, side)}."
            raise EmbedderSpecInvalid(msg)
        return inputs[0].name, outputs[0].name

    def _tried(self) -> int:
        """Return the length of a vector, having fed a batch of grey squares."""
        count = self._batch
        vectors = self._vectors(np.full((count, _ALIGNED_SIDE, _ALIGNED_SIDE, 3), 127, np.uint8))
        flat = vectors.ndim == 2 and len(vectors) == count and vectors.shape[1] > 1  # noqa: PLR2004
        if not flat or not np.isfinite(vectors).all():
            msg = f"{self._entry_id} doesn't give one vector for one face."
            raise ModelUnusable(msg)
        return int(vectors.shape[1])

    def _vectors(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        side = self._spec.side
        if side != _ALIGNED_SIDE:
            way = cv2.INTER_AREA if side < _ALIGNED_SIDE else cv2.INTER_LINEAR
            crops = np.stack([cv2.resize(crop, (side, side), interpolation=way) for crop in crops])
        if self._spec.colour is ColourOrder.BGR:
            crops = crops[..., ::-1]
        tensor = np.ascontiguousarray(crops.transpose(0, 3, 1, 2), dtype=np.float32)
        tensor -= np.float32(self._spec.mean)
        tensor /= np.float32(self._spec.scale)
        result = self._session.run({self._input: tensor})[self._output]
        tensor.fill(0.0)
        return result
