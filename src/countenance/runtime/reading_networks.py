"""The networks that read documents: which they are, and a reader put together from them."""

from __future__ import annotations

from typing import Final

from countenance.vision.detection import BlazeFaceShort, FirstThatFinds, UltraFaceRfb320
from countenance.vision.documents import DocumentReader
from countenance.vision.registry import ModelStore
from countenance.vision.text import PpOcrLineOrientation, PpOcrTextDetector, PpOcrTextRecogniser

__all__ = [
    "COARSE_ENLARGED",
    "COARSE_LONGEST",
    "COARSE_SHORTEST",
    "READING_NETWORKS",
    "load_document_reader",
    "reading_networks_here",
]

READING_NETWORKS: Final = (
    PpOcrTextDetector.model_id,
    PpOcrTextRecogniser.model_id,
    PpOcrLineOrientation.model_id,
    BlazeFaceShort.model_id,
    UltraFaceRfb320.model_id,
)
"""What reading a document takes."""


COARSE_LONGEST: Final = 608
COARSE_SHORTEST: Final = 384
COARSE_ENLARGED: Final = 1.5
"""The sides in pixels, and how many times a small picture is enlarged at most.

A card that fills such a picture has a machine readable zone about 12 px high, and it is found.
"""


def load_document_reader(models: ModelStore, *, threads: int) -> DocumentReader:
    """Load the networks that read a document.

    Portraits are looked for with the detector of the desk first, then with one for smaller faces.

    Raises:
        ModelMissing: if weights aren't here.
        ModelHashWrong: if they aren't the pinned bytes.
        ModelUnusable: if the runtime can't load them.
    """
    lines = PpOcrTextDetector(content=models.read(PpOcrTextDetector.model_id), threads=threads)
    return DocumentReader(
        detector=lines,
        first_look=lines.coarser(
            longest_side=COARSE_LONGEST, shortest_side=COARSE_SHORTEST, most_enlarged=COARSE_ENLARGED
        ),
        orientation=PpOcrLineOrientation(content=models.read(PpOcrLineOrientation.model_id), threads=threads),
        recogniser=PpOcrTextRecogniser(content=models.read(PpOcrTextRecogniser.model_id), threads=threads),
        faces=FirstThatFinds(
            detectors=(
                BlazeFaceShort(content=models.read(BlazeFaceShort.model_id), threads=threads),
                UltraFaceRfb320(content=models.read(UltraFaceRfb320.model_id), threads=threads),
            )
        ),
        model_ids=READING_NETWORKS,
    )


def reading_networks_here(models: ModelStore) -> bool:
    """Say whether each of them is here. Tampered weights count: loading them says what is wrong."""
    return all(models.is_here(model_id) for model_id in READING_NETWORKS)
