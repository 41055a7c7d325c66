"""What is said about a face beyond where it is: geometry, quality, and estimates with their error.

Rules of this package:

* Nothing is said without a permit for the operation ``attributes``: :class:`AnalysisDoor`.
* Age and gender are estimates, and carry how wrong they were and on whose faces that was measured.
* Mood, looks and protected traits aren't computed. Asking for them is answered with
  :class:`AttributeNotComputed`, which names the operation whose rules say no.
* Only what was asked for is looked at. :class:`DriverDoor` looks at eyes, mouth and direction alone.
"""

from countenance.vision.attributes.asking import (
    NOT_COMPUTED,
    AttributeNotComputed,
    UnknownAttribute,
    attributes_asked,
)
from countenance.vision.attributes.base import (
    AgeEstimate,
    AgeEstimator,
    Attribute,
    EyeLocator,
    FaceAnalysis,
    GenderEstimate,
    GenderEstimator,
    GenderLabel,
)
from countenance.vision.attributes.door import ANALYSE_OPERATION, AnalysisDoor
from countenance.vision.attributes.driver_door import DROWSINESS_OPERATION, DriverDoor, DriverLook
from countenance.vision.attributes.networks import AgeNetwork, GenderNetwork, attribute_chip

__all__ = [
    "ANALYSE_OPERATION",
    "DROWSINESS_OPERATION",
    "NOT_COMPUTED",
    "AgeEstimate",
    "AgeEstimator",
    "AgeNetwork",
    "AnalysisDoor",
    "Attribute",
    "AttributeNotComputed",
    "DriverDoor",
    "DriverLook",
    "EyeLocator",
    "FaceAnalysis",
    "GenderEstimate",
    "GenderEstimator",
    "GenderLabel",
    "GenderNetwork",
    "UnknownAttribute",
    "attribute_chip",
    "attributes_asked",
]
