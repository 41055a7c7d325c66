"""What moves around a face, from one frame to the next.

Rules of this package:

* Displacements come out, no pixel does. What is kept of a frame is overwritten by the next, or at the end.
* What moved isn't judged here.
"""

from countenance.vision.motion.features import FaceFeatures, Matches
from countenance.vision.motion.flow import FaceStep, FlowField, Surroundings

__all__ = ["FaceFeatures", "FaceStep", "FlowField", "Matches", "Surroundings"]
