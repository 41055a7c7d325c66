"""Networks that turn an aligned face into a vector: what identifies a person.

Rules of this package:

* Nobody imports it but vision's own extraction door and the wiring: import-linter checks that.
* A network's bytes were checked against the manifest before they come here; a patch is made in memory,
  after the check, and refused if the bytes to be patched aren't the expected ones.
"""

from countenance.vision.embedding.base import Embedder
from countenance.vision.embedding.dlib_resnet import DlibResnet128
from countenance.vision.embedding.fr_feature import FrFeature512
from countenance.vision.embedding.mirrored import MIRRORED_SUFFIX, Mirrored
from countenance.vision.embedding.mobilefacenet import MobileFaceNet192, MobileFaceNet192EightBit
from countenance.vision.embedding.operator import (
    EmbedderSpec,
    EmbedderSpecInvalid,
    OperatorEmbedder,
    load_operator_embedder,
    parse_specs,
)

__all__ = [
    "MIRRORED_SUFFIX",
    "DlibResnet128",
    "Embedder",
    "EmbedderSpec",
    "EmbedderSpecInvalid",
    "FrFeature512",
    "Mirrored",
    "MobileFaceNet192",
    "MobileFaceNet192EightBit",
    "OperatorEmbedder",
    "load_operator_embedder",
    "parse_specs",
]
