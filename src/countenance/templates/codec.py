"""A reference's template as bytes, for sealing.

Version 1, little-endian: ``01 | dimensions (2) | samples (2) | quality (1, 255: not stated) | length of the
model's id (1) | the model's id (ASCII) | dimensions float32``.

Rules kept here:

* What has another version, another length, or a vector that isn't finite and of length 1, is refused.
* The bytes are the same everywhere; golden vectors hold that.
* Nothing here encrypts: the bytes are sealed at once by whoever asked for them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import OperatorError
from countenance.templates.template import UNIT_TOLERANCE

__all__ = ["ReferenceTemplate", "TemplateUnreadable", "decode_template", "encode_template"]

_VERSION: Final = 1
_HEADER: Final = struct.Struct("<BHHBB")
_NOT_STATED: Final = 255
_BEST_QUALITY: Final = 100
_MOST: Final = 2**16 - 1
_LONGEST_ID: Final = 255


class TemplateUnreadable(OperatorError):
    """The bytes aren't a template of a form that this version reads."""

    code = "template-unreadable"
    default_remedy = "Run the version that wrote it, restore a backup, or enrol the person again."


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceTemplate:
    """What is kept of a person's face for one purpose.

    Attributes:
        vector: float32, shape (d,), of length 1; turned under the purpose's key when it is kept. Left out
            of ``repr``.
        model_id: the network that made it, in ASCII.
        samples: how many pictures it was made from, 1 to 65,535.
        quality: the least unified quality among them, 0 to 100; ``None`` if it wasn't measured.

    Raises:
        ValueError: if a value is out of its range, or the vector isn't finite and of length 1.
    """

    vector: NDArray[np.float32] = field(repr=False)
    model_id: str
    samples: int
    quality: int | None = None

    def __post_init__(self) -> None:
        named = self.model_id.isascii() and 0 < len(self.model_id) <= _LONGEST_ID
        sized = self.vector.ndim == 1 and 0 < self.vector.size <= _MOST and 1 <= self.samples <= _MOST
        if not named or not sized or not (self.quality is None or 0 <= self.quality <= _BEST_QUALITY):
            msg = "a template names its model in ASCII, its samples (1 to 65535) and a quality from 0 to 100"
            raise ValueError(msg)
        finite = self.vector.dtype == np.float32 and bool(np.isfinite(self.vector).all())
        if not finite or abs(np.linalg.norm(self.vector.astype(np.float64)) - 1.0) > UNIT_TOLERANCE:
            msg = "a template's vector is finite float32 of length 1"
            raise ValueError(msg)

    def wipe(self) -> None:
        """Overwrite the vector with zeros."""
        self.vector[...] = 0.0


def encode_template(template: ReferenceTemplate) -> bytes:
    """Return a template as bytes of version 1."""
    name = template.model_id.encode("ascii")
    quality = _NOT_STATED if template.quality is None else template.quality
    header = _HEADER.pack(_VERSION, template.vector.size, template.samples, quality, len(name))
    return header + name + template.vector.astype("<f4").tobytes()


def decode_template(content: bytes) -> ReferenceTemplate:
    """Return the template that the bytes hold; its vector is fresh.

    Raises:
        TemplateUnreadable: if they are none of this version.
    """
    if content[:1] != bytes([_VERSION]) or len(content) < _HEADER.size:
        raise TemplateUnreadable("The template has a form that this version doesn't know.")
    _, dimensions, samples, quality, named = _HEADER.unpack_from(content)
    start = _HEADER.size + named
    if len(content) != start + 4 * dimensions:
        raise TemplateUnreadable("The template was cut, or is longer than it says.")
    try:
        return ReferenceTemplate(
            vector=np.frombuffer(content, "<f4", offset=start).astype(np.float32),
            model_id=content[_HEADER.size : start].decode("ascii"),
            samples=samples,
            quality=None if quality == _NOT_STATED else quality,
        )
    except ValueError:
        raise TemplateUnreadable("The template says what no template says.") from None
