"""The networks that read text, and a reader of documents put together from them."""

from __future__ import annotations

from functools import cache

from countenance.runtime.reading_networks import COARSE_ENLARGED, COARSE_LONGEST, COARSE_SHORTEST
from countenance.vision.documents import DocumentReader
from countenance.vision.text import PpOcrLineOrientation, PpOcrTextDetector, PpOcrTextRecogniser
from weights import blazeface, model_bytes

__all__ = ["document_reader", "line_orientation", "text_detector", "text_recogniser"]


@cache
def text_detector() -> PpOcrTextDetector:
    return PpOcrTextDetector(content=model_bytes(PpOcrTextDetector.model_id))


@cache
def text_recogniser() -> PpOcrTextRecogniser:
    return PpOcrTextRecogniser(content=model_bytes(PpOcrTextRecogniser.model_id))


@cache
def line_orientation() -> PpOcrLineOrientation:
    return PpOcrLineOrientation(content=model_bytes(PpOcrLineOrientation.model_id))


@cache
def document_reader() -> DocumentReader:
    return DocumentReader(
        detector=text_detector(),
        first_look=text_detector().coarser(
            longest_side=COARSE_LONGEST, shortest_side=COARSE_SHORTEST, most_enlarged=COARSE_ENLARGED
        ),
        orientation=line_orientation(),
        recogniser=text_recogniser(),
        faces=blazeface(),
    )
