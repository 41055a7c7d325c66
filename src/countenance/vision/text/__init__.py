"""Text in pictures: where it is, which way up, what it says. For documents, not for street scenes.

Rules of this package:

* Text that was read may be wrong. Whoever uses it holds it against what the text itself says about its
  form (check digits, alphabets, lengths), and reports what doesn't hold.
* What was read never gets into a ``repr``, a log or an error: on a document it names a person.
* Nothing is kept; tensors of our own are overwritten after use.

The networks are PaddleOCR's, as the ``rapidocr`` package carries them. That package itself isn't a
dependency: it opens model files by path where ours come in as bytes that were held against their hash, it
fetches what it misses over the network by itself, and it brings an HTTP client, a settings framework and two
geometry libraries for what is two hundred lines here. What is done before and after the networks follows its
source.
"""

from countenance.vision.text.base import TextLine, TextRegion, WrittenLine
from countenance.vision.text.cutting import cut_line
from countenance.vision.text.detection import PpOcrTextDetector
from countenance.vision.text.errors import TooMuchText
from countenance.vision.text.orientation import PpOcrLineOrientation
from countenance.vision.text.recognition import PpOcrTextRecogniser

__all__ = [
    "PpOcrLineOrientation",
    "PpOcrTextDetector",
    "PpOcrTextRecogniser",
    "TextLine",
    "TextRegion",
    "TooMuchText",
    "WrittenLine",
    "cut_line",
]
