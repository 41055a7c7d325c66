"""The passive networks that this version can speak to, each known by the SHA-256 of its file.

How a network wants its picture can't be read from its file: order of colours, how much around the face, and
which class means live differ, and a wrong guess turns an answer round. So a file that isn't one of these is
refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from countenance.kernel import Box, Frame
from countenance.vision.errors import ModelUnusable
from countenance.vision.passive.context import context_crop
from countenance.vision.runtimes import InferenceSession, OnnxSession

__all__ = [
    "FR_LIVENESS",
    "KNOWN_PASSIVE",
    "MINIFASNET_V1SE",
    "MINIFASNET_V2",
    "ContextNetwork",
    "ContextSpec",
]

_CLASSES: Final = 3


@dataclass(frozen=True, slots=True)
class ContextSpec:
    """How a network is fed and read. All take BGR, 0 to 255 as it is, channels first, and give three logits.

    Attributes:
        title: the network's name.
        sha256: of its file.
        side: of its square input, in pixels.
        scale: how many times the face's box it sees.
        least_scale: where the frame is too small for that, how many times it has to give at least. Measured
            on real frames (``scripts/measure_passive.py``): from 2.0 up the two that want 2.7 tell prints
            from people as well as with all of it. The third wasn't measured with less.
        live_class: which of its classes means live.
    """

    title: str
    sha256: str
    side: int
    scale: float
    least_scale: float
    live_class: int


FR_LIVENESS: Final = ContextSpec(
    title="fr_liveness",
    sha256="afa783b7e902fdfcf323a7240cac2a1c580c25314ea4161129dc1b0d100dc32d",
    side=128,
    scale=2.7,
    least_scale=2.0,
    live_class=0,
)
MINIFASNET_V2: Final = ContextSpec(
    title="MiniFASNet V2",
    sha256="4eed38f0bde33c9b805942a5f25e42ce1161e2bda545254be622be957727794e",
    side=80,
    scale=2.7,
    least_scale=2.0,
    live_class=1,
)
MINIFASNET_V1SE: Final = ContextSpec(
    title="MiniFASNet V1-SE",
    sha256="d819a69bac6b9ade2a0f4d9b60b618e1260f7bf3ba1fddff6c5d82131cb1083f",
    side=80,
    scale=4.0,
    least_scale=4.0,
    live_class=1,
)
KNOWN_PASSIVE: Final[Mapping[str, ContextSpec]] = {
    spec.sha256: spec for spec in (FR_LIVENESS, MINIFASNET_V2, MINIFASNET_V1SE)
}
"""By the SHA-256 of their files."""


class ContextNetwork:
    """A network that sees a face with its surroundings and gives three logits.

    Args:
        model_id: its name in the registry.
        spec: how it is fed and read.
        content: the bytes of its file, checked against the registry's hash.
        threads: threads of one call.

    Raises:
        ModelUnusable: if it doesn't take and give what the spec says.
    """

    __slots__ = ("_input", "_output", "_session", "_spec", "model_id")

    def __init__(self, *, model_id: str, spec: ContextSpec, content: bytes, threads: int = 1) -> None:
        self.model_id = model_id
        self._spec = spec
        self._session: InferenceSession = OnnxSession(content=content, threads=threads)
        inputs, outputs = self._session.inputs, self._session.outputs
        fits = (
            len(inputs) == len(outputs) == 1
            and inputs[0].shape[1:] == (3, spec.side, spec.side)
            and outputs[0].shape[1:] == (_CLASSES,)
        )
        if not fits:
            msg = f"This network isn't {spec.title}."
            raise ModelUnusable(msg)
        self._input, self._output = inputs[0].name, outputs[0].name

    def live(self, frame: Frame, box: Box) -> float | None:
        """Return the share of the class *live* after softmax; see :class:`PassiveNetwork`."""
        spec = self._spec
        crop = context_crop(frame.pixels, box, scale=spec.scale, least_scale=spec.least_scale, side=spec.side)
        if crop is None:
            return None
        tensor = np.ascontiguousarray(crop[..., ::-1].transpose(2, 0, 1)[None], dtype=np.float32)
        logits = self._session.run({self._input: tensor})[self._output][0].astype(np.float64)
        crop.fill(0)
        tensor.fill(0.0)
        shares = np.exp(logits - logits.max())
        return float(shares[self._spec.live_class] / shares.sum())
