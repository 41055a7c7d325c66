"""What tells a person from a picture of one, each cue measured alone.

Rules of this package:

* A cue denies, confirms or says nothing. One that denies is a veto; none is averaged with another.
* A cue that couldn't measure says nothing and why. Saying nothing is never counted as confirming.
* Cues take values that were measured elsewhere; no network is run here.
"""

from countenance.liveness.evidence.appearance import appearance_parallax, read_appearance
from countenance.liveness.evidence.base import Bearing, Evidence, Reading, Take, weigh
from countenance.liveness.evidence.faces import OneFace
from countenance.liveness.evidence.frozen import FrozenFrames
from countenance.liveness.evidence.identity import IdentityContinuity
from countenance.liveness.evidence.passive import PassiveVerdict
from countenance.liveness.evidence.rectangle import RidingRectangle
from countenance.liveness.evidence.relief import NoseRelief, Parallax, parallax

__all__ = [
    "Bearing",
    "Evidence",
    "FrozenFrames",
    "IdentityContinuity",
    "NoseRelief",
    "OneFace",
    "Parallax",
    "PassiveVerdict",
    "Reading",
    "RidingRectangle",
    "Take",
    "appearance_parallax",
    "parallax",
    "read_appearance",
    "weigh",
]
