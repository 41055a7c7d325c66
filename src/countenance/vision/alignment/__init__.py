"""Bringing every face to the same place: a five-point similarity onto 112 x 112 pixels.

Rules of this package:

* A face is turned, scaled and shifted; it is never mirrored and never sheared.
* What lies outside the frame is black.
"""

from countenance.vision.alignment.similarity import (
    ALIGNED_SIDE,
    FIVE_POINT_TEMPLATE,
    PointsCoincide,
    align,
    similarity,
    warp,
)

__all__ = ["ALIGNED_SIDE", "FIVE_POINT_TEMPLATE", "PointsCoincide", "align", "similarity", "warp"]
