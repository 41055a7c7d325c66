"""How good the picture of a face is, in words that a person can act on.

Rules of this package:

* Components carry the names of ISO/IEC 29794-5. Formulas and the unified quality are this product's
  own, stated at each function, and never called OFIQ's.
* What can't be measured honestly is reported as not measured, never as good.
* Quality says whether a picture can be compared, never anything about the person.
"""

from countenance.vision.quality.assessment import FaceQualityAssessor
from countenance.vision.quality.base import (
    Component,
    QualityGate,
    QualityMeasure,
    QualityReason,
    QualityReport,
)
from countenance.vision.quality.wording import every_reason

__all__ = [
    "Component",
    "FaceQualityAssessor",
    "QualityGate",
    "QualityMeasure",
    "QualityReason",
    "QualityReport",
    "every_reason",
]
