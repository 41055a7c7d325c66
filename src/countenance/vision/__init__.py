"""Arrays in, values out: faces, meshes, aligned faces, quality, and the extraction door.

Rules of this package:

* It keeps nothing: no file, no cache of pixels or vectors; arrays of its own are overwritten after use.
* Networks come in as bytes that the registry has checked. They are reached through one protocol
  (``runtimes``), and the embedding networks through :class:`ExtractionDoor` alone.
* Observing a face says nothing about who it is. Making an embedding takes a permit.
* Every threshold is a parameter with a documented default; nothing here is tuned to one data set.
"""

from countenance.vision.analysis import (
    FaceAnalyser,
    FaceChoice,
    FaceObservation,
    QualityAssessor,
    choose_face,
)
from countenance.vision.detection.base import Face, FaceDetector
from countenance.vision.errors import ModelUnusable, NoFaceFound, SeveralFaces
from countenance.vision.extraction import Embedding, ExtractionDoor
from countenance.vision.landmarks.base import Mesh, MeshLocator
from countenance.vision.likeness import SelfLikeness, SelfLikenessDoor
from countenance.vision.quality.base import (
    Component,
    QualityGate,
    QualityMeasure,
    QualityReason,
    QualityReport,
)

__all__ = [
    "Component",
    "Embedding",
    "ExtractionDoor",
    "Face",
    "FaceAnalyser",
    "FaceChoice",
    "FaceDetector",
    "FaceObservation",
    "Mesh",
    "MeshLocator",
    "ModelUnusable",
    "NoFaceFound",
    "QualityAssessor",
    "QualityGate",
    "QualityMeasure",
    "QualityReason",
    "QualityReport",
    "SelfLikeness",
    "SelfLikenessDoor",
    "SeveralFaces",
    "choose_face",
]
