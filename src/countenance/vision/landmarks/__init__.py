"""Where the parts of a face are: the mesh, the eyes, the points derived from them, the head's direction.

Rules of this package:

* All points are in pixels of the frame.
* "Left" and "right" are the image's, never the person's, and every name says so.
* What is derived from other points is called *derived*, and what nobody checked *not validated*.
* Geometry concludes nothing about a person: an eye is open by so much, and no more is said.
"""

from countenance.vision.landmarks.base import MESH_POINTS, Mesh, MeshLocator
from countenance.vision.landmarks.eyes import Openness, eye_openness, mouth_openness, openness
from countenance.vision.landmarks.face_mesh import FaceMesh468
from countenance.vision.landmarks.gaze import Gaze, gaze_of
from countenance.vision.landmarks.iris import LIDS_AT_LEFT, LIDS_AT_RIGHT, Eye, Eyes, IrisLandmark
from countenance.vision.landmarks.points import eye_centres, five_points, head_pose
from countenance.vision.landmarks.points106 import (
    MIRRORED_106,
    POINT_COUNT,
    SOURCES_106,
    FacePart,
    Points106,
    PointSource,
    points_106,
)

__all__ = [
    "LIDS_AT_LEFT",
    "LIDS_AT_RIGHT",
    "MESH_POINTS",
    "MIRRORED_106",
    "POINT_COUNT",
    "SOURCES_106",
    "Eye",
    "Eyes",
    "FaceMesh468",
    "FacePart",
    "Gaze",
    "IrisLandmark",
    "Mesh",
    "MeshLocator",
    "Openness",
    "PointSource",
    "Points106",
    "eye_centres",
    "eye_openness",
    "five_points",
    "gaze_of",
    "head_pose",
    "mouth_openness",
    "openness",
    "points_106",
]
