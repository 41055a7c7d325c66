"""Where the parts of a face are: the mesh, five points for alignment, the direction of the head.

Rules of this package:

* All points are in pixels of the frame.
* "Left" and "right" are the image's, never the person's, and every name says so.
"""

from countenance.vision.landmarks.base import MESH_POINTS, Mesh, MeshLocator
from countenance.vision.landmarks.face_mesh import FaceMesh468
from countenance.vision.landmarks.points import eye_centres, five_points, head_pose

__all__ = ["MESH_POINTS", "FaceMesh468", "Mesh", "MeshLocator", "eye_centres", "five_points", "head_pose"]
