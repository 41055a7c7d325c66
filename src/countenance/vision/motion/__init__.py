"""What moves around a face, from one frame to the next.

Rules of this package:

* Displacements come out, no pixel does. One frame is kept, and overwritten by the next.
* What moved isn't judged here.
"""

from countenance.vision.motion.flow import FaceStep, FlowField, Surroundings

__all__ = ["FaceStep", "FlowField", "Surroundings"]
