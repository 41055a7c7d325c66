"""Networks that say of one frame whether a face looks live or like a picture of one.

Rules of this package:

* A network sees the face with what is around it. Where the frame can't give that much, there is no answer: a
  crop that is smaller than in training isn't shown to it.
* An answer is a number of one network. What it is worth was measured elsewhere, for each network alone;
  nothing here calls anybody live.
"""

from countenance.vision.passive.base import PassiveNetwork
from countenance.vision.passive.context import context_crop
from countenance.vision.passive.networks import (
    FR_LIVENESS,
    KNOWN_PASSIVE,
    MINIFASNET_V1SE,
    MINIFASNET_V2,
    ContextNetwork,
    ContextSpec,
)

__all__ = [
    "FR_LIVENESS",
    "KNOWN_PASSIVE",
    "MINIFASNET_V1SE",
    "MINIFASNET_V2",
    "ContextNetwork",
    "ContextSpec",
    "PassiveNetwork",
    "context_crop",
]
