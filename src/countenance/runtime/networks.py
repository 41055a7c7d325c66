"""Which network does which job, and which class of ours speaks to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from countenance.runtime.errors import ModelNotForThis
from countenance.runtime.settings import Settings
from countenance.vision import FaceAnalyser, FaceDetector
from countenance.vision.detection import BlazeFaceShort, UltraFaceRfb320
from countenance.vision.embedding import DlibResnet128, Embedder, FrFeature512, MobileFaceNet192
from countenance.vision.landmarks import FaceMesh468
from countenance.vision.registry import Job, ModelManifest, ModelStore

__all__ = ["Networks", "choose_networks", "load_analyser", "load_detector", "load_embedder"]

_DETECTORS: Final[Mapping[str, Callable[[bytes, int], FaceDetector]]] = {
    "blazeface-short-range": lambda content, threads: BlazeFaceShort(content=content, threads=threads),
    "ultraface-rfb-320": lambda content, threads: UltraFaceRfb320(content=content, threads=threads),
}
_EMBEDDERS: Final[Mapping[str, Callable[[bytes, int], Embedder]]] = {
    "mobilefacenet-192": lambda content, threads: MobileFaceNet192(content=content, threads=threads),
    "fr-feature-512": lambda content, threads: FrFeature512(content=content, threads=threads),
    "dlib-resnet-128": lambda content, threads: DlibResnet128(content=content, threads=threads),
}
_MESH: Final = "face-landmark-468"


@dataclass(frozen=True, slots=True)
class Networks:
    """The networks of one installation, by id.

    Attributes:
        detector: finds faces.
        mesh: finds the points of a face.
        embedder: says how alike two faces are.
    """

    detector: str
    mesh: str
    embedder: str

    @property
    def ids(self) -> tuple[str, str, str]:
        """All of them, in the order in which a picture meets them."""
        return (self.detector, self.mesh, self.embedder)


def choose_networks(settings: Settings, manifest: ModelManifest) -> Networks:
    """Return the networks that the settings name, the manifest's defaults where they name none.

    Raises:
        ModelUnknown: if the manifest has no such network.
        ModelNotForThis: if it is for another job, or this version has no code for it.
    """
    return Networks(
        detector=_named(settings.detector, Job.DETECT, manifest, frozenset(_DETECTORS)),
        mesh=_MESH,
        embedder=_named(settings.embedder, Job.EMBED, manifest, frozenset(_EMBEDDERS)),
    )


def load_analyser(networks: Networks, models: ModelStore, *, threads: int) -> FaceAnalyser:
    """Load what looks at a picture before anybody is identified.

    Raises:
        ModelMissing: if weights aren't here.
        ModelHashWrong: if they aren't the pinned bytes.
        ModelUnusable: if the runtime can't load them.
    """
    return FaceAnalyser(
        detector=load_detector(networks, models, threads=threads),
        mesh=FaceMesh468(content=models.read(networks.mesh), threads=threads),
    )


def load_detector(networks: Networks, models: ModelStore, *, threads: int) -> FaceDetector:
    """Load what finds the faces of a picture.

    Raises:
        OperatorError: as :func:`load_analyser`.
    """
    return _DETECTORS[networks.detector](models.read(networks.detector), threads)


def load_embedder(networks: Networks, models: ModelStore, *, threads: int) -> Embedder:
    """Load the embedding network, for the extraction door and nobody else.

    Raises:
        OperatorError: as :func:`load_analyser`.
    """
    return _EMBEDDERS[networks.embedder](models.read(networks.embedder), threads)


def _named(stated: str | None, job: Job, manifest: ModelManifest, known: frozenset[str]) -> str:
    defaults = (model_id for model_id in manifest.defaults if manifest.entry(model_id).job is job)
    model_id = stated if stated is not None else next(defaults)
    if manifest.entry(model_id).job is not job or model_id not in known:
        msg = f"The network {model_id} isn't one that this version can {job.value} with."
        raise ModelNotForThis(msg)
    return model_id
