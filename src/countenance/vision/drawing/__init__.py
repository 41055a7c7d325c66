"""Pictures of what was seen, for a person to look at.

Rules of this package:

* A drawing is a copy in memory; the picture that was drawn on isn't changed.
* Only what an analysis says is drawn: nobody gets a point or a word that wasn't asked for.
"""

from countenance.vision.drawing.annotated import PART_COLOURS, draw_analysis, draw_points
from countenance.vision.drawing.clip import ClipNotWritten, DrawnClip
from countenance.vision.drawing.scene import LabelledFace, draw_faces, png_of

__all__ = [
    "PART_COLOURS",
    "ClipNotWritten",
    "DrawnClip",
    "LabelledFace",
    "draw_analysis",
    "draw_faces",
    "draw_points",
    "png_of",
]
