"""Where the faces are.

Rules of this package:

* A detector takes the whole frame and gives boxes in its pixels; no face leaves as pixels.
* A score is the detector's own and no reason to prefer one face: who is meant is decided by size and
  place, in ``countenance.vision.analysis``.
"""

from countenance.vision.detection.arrangements import FirstThatFinds, Tiled
from countenance.vision.detection.base import Face, FaceDetector
from countenance.vision.detection.blazeface import BlazeFaceFullRange, BlazeFaceShort
from countenance.vision.detection.outlines import enclosing_rectangle, outline_around
from countenance.vision.detection.ultraface import UltraFaceRfb320

__all__ = [
    "BlazeFaceFullRange",
    "BlazeFaceShort",
    "Face",
    "FaceDetector",
    "FirstThatFinds",
    "Tiled",
    "UltraFaceRfb320",
    "enclosing_rectangle",
    "outline_around",
]
