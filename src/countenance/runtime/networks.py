"""Which network does which job, and which class of ours speaks to it.

Rules kept here:

* Every network of the manifest that finds faces or makes embeddings can be chosen, the operator's own too.
* Portraits in documents and live faces are looked for by networks of their own: a portrait is a small part of
  a page, a live face isn't. Measured figures stand in ``docs/explanation/detection.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from countenance.runtime.errors import ModelNotForThis
from countenance.runtime.settings import Settings
from countenance.vision import FaceAnalyser, FaceDetector, MeshLocator
from countenance.vision.detection import BlazeFaceFullRange, BlazeFaceShort, UltraFaceRfb320
from countenance.vision.embedding import (
    DlibResnet128,
    Embedder,
    FrFeature512,
    MobileFaceNet192,
    MobileFaceNet192EightBit,
    load_operator_embedder,
)
from countenance.vision.embedding.mirrored import MIRRORED_SUFFIX, Mirrored
from countenance.vision.landmarks import FaceMesh468
from countenance.vision.registry import Job, ModelManifest, ModelStore
from countenance.vision.runtimes import BF16_SUFFIX, INT8_SUFFIX, OnnxRuntime

__all__ = [
    "Networks",
    "choose_networks",
    "load_analyser",
    "load_detector",
    "load_document_analyser",
    "load_embedder",
    "load_mesh",
]

_DETECTORS: Final[Mapping[str, Callable[[bytes, int], FaceDetector]]] = {
    "blazeface-short-range": lambda content, threads: BlazeFaceShort(content=content, threads=threads),
    "blazeface-full-range-sparse": lambda content, threads: BlazeFaceFullRange(
        content=content, threads=threads
    ),
    "ultraface-rfb-320": lambda content, threads: UltraFaceRfb320(content=content, threads=threads),
}
_EMBEDDERS: Final[Mapping[str, Callable[[bytes, int, OnnxRuntime], Embedder]]] = {
    # A TensorFlow Lite file: LiteRT runs it, whatever runs those that come as ONNX.
    "mobilefacenet-192": lambda content, threads, _: MobileFaceNet192(content=content, threads=threads),
    "fr-feature-512": lambda content, threads, runtime: FrFeature512(
        content=content, threads=threads, runtime=runtime
    ),
    "dlib-resnet-128": lambda content, threads, runtime: DlibResnet128(
        content=content, threads=threads, runtime=runtime
    ),
}
_LITERT: Final = frozenset({"mobilefacenet-192"})
_EIGHT_BIT: Final[Mapping[str, Callable[[bytes, int], Embedder]]] = {
    "mobilefacenet-192": lambda content, threads: MobileFaceNet192EightBit(content=content, threads=threads),
}
_MESH: Final = "face-landmark-468"
_SMALL_FACES: Final = "ultraface-rfb-320"
"""Finds portraits on a card of 1,012 pixels down to 70 pixels, all of them; the near detector finds none."""


@dataclass(frozen=True, slots=True)
class Networks:
    """The networks of one installation, by id.

    Attributes:
        detector: finds live faces.
        mesh: finds the points of a face.
        embedder: says how alike two faces are.
        document_detector: finds the portrait in a document.
        mirrored: whether the vector of the mirrored face is added.
        eight_bit: whether the embedder's weights are rounded to eight bits, where this version can.
        onnx_runtime: what runs an embedder that comes as an ``.onnx`` file.
        weights: SHA-256 of the pinned weights of each network that an error table depends on, by id.
    """

    detector: str
    mesh: str
    embedder: str
    document_detector: str = _SMALL_FACES
    mirrored: bool = False
    eight_bit: bool = False
    onnx_runtime: OnnxRuntime = OnnxRuntime.ONNXRUNTIME
    weights: tuple[tuple[str, str], ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """All of them, each once, in the order in which a picture meets them."""
        return tuple(dict.fromkeys((self.detector, self.document_detector, self.mesh, self.embedder)))

    @property
    def detectors(self) -> tuple[str, ...]:
        """What finds the faces of the two pictures of a verification, each once."""
        return tuple(dict.fromkeys((self.document_detector, self.detector)))

    @property
    def template_model(self) -> str:
        """The model id of the templates: the embedder's, marked for what makes its vectors others."""
        rough = self.onnx_runtime is OnnxRuntime.OPENVINO_BF16 and self.embedder not in _LITERT
        marks = [
            BF16_SUFFIX if rough else "",
            INT8_SUFFIX if self.rounded else "",
            MIRRORED_SUFFIX if self.mirrored else "",
        ]
        return self.embedder + "".join(marks)

    @property
    def rounded(self) -> bool:
        """Whether the embedder runs with weights of eight bits: asked for, and possible."""
        return self.eight_bit and self.embedder in _EIGHT_BIT


def choose_networks(settings: Settings, manifest: ModelManifest) -> Networks:
    """Return the networks that the settings name, the manifest's defaults where they name none.

    Raises:
        ModelUnknown: if the manifest has no such network.
        ModelNotForThis: if it is for another job, or this version has no code for it.
    """
    networks = Networks(
        detector=_named(settings.detector, Job.DETECT, manifest, frozenset(_DETECTORS)),
        mesh=_MESH,
        embedder=_named(settings.embedder, Job.EMBED, manifest, frozenset(_EMBEDDERS)),
        document_detector=_named(
            settings.document_detector or _SMALL_FACES, Job.DETECT, manifest, frozenset(_DETECTORS)
        ),
        mirrored=settings.mirrored_averaging,
        eight_bit=settings.eight_bit_weights,
        onnx_runtime=OnnxRuntime(settings.onnx_runtime),
    )
    pinned = tuple((model_id, manifest.entry(model_id).sha256) for model_id in networks.ids)
    return replace(networks, weights=pinned)


def load_analyser(networks: Networks, models: ModelStore, *, threads: int) -> FaceAnalyser:
    """Load what looks at a live photograph before anybody is identified.

    Raises:
        ModelMissing: if weights aren't here.
        ModelHashWrong: if they aren't the pinned bytes.
        ModelUnusable: if the runtime can't load them.
    """
    return _analyser(load_detector(networks, models, threads=threads), networks, models, threads=threads)


def load_document_analyser(networks: Networks, models: ModelStore, *, threads: int) -> FaceAnalyser:
    """Load what looks at a document.

    Raises:
        OperatorError: as :func:`load_analyser`.
    """
    detector = _DETECTORS[networks.document_detector](models.read(networks.document_detector), threads)
    return _analyser(detector, networks, models, threads=threads)


def load_detector(networks: Networks, models: ModelStore, *, threads: int) -> FaceDetector:
    """Load what finds the faces of a live photograph.

    Raises:
        OperatorError: as :func:`load_analyser`.
    """
    return _DETECTORS[networks.detector](models.read(networks.detector), threads)


def load_mesh(networks: Networks, models: ModelStore, *, threads: int) -> MeshLocator:
    """Load what finds the points of a face.

    Raises:
        OperatorError: as :func:`load_analyser`.
    """
    return FaceMesh468(content=models.read(networks.mesh), threads=threads)


def load_embedder(networks: Networks, models: ModelStore, *, threads: int) -> Embedder:
    """Load the embedding network, for the extraction door and nobody else.

    Raises:
        EmbedderSpecInvalid: if it is the operator's own and nothing valid describes it.
        OperatorError: as :func:`load_analyser`.
    """
    embedder: Embedder
    if models.manifest.entry(networks.embedder).operator_supplied:
        embedder = load_operator_embedder(
            models, networks.embedder, threads=threads, runtime=networks.onnx_runtime
        )
    elif networks.rounded:
        embedder = _EIGHT_BIT[networks.embedder](models.read(networks.embedder), threads)
    else:
        content = models.read(networks.embedder)
        embedder = _EMBEDDERS[networks.embedder](content, threads, networks.onnx_runtime)
    return Mirrored(embedder=embedder) if networks.mirrored else embedder


def _analyser(
    detector: FaceDetector, networks: Networks, models: ModelStore, *, threads: int
) -> FaceAnalyser:
    return FaceAnalyser(detector=detector, mesh=load_mesh(networks, models, threads=threads))


def _named(stated: str | None, job: Job, manifest: ModelManifest, known: frozenset[str]) -> str:
    defaults = (model_id for model_id in manifest.defaults if manifest.entry(model_id).job is job)
    model_id = stated if stated is not None else next(defaults)
    entry = manifest.entry(model_id)
    own = entry.operator_supplied and job is Job.EMBED
    if entry.job is not job or not (own or model_id in known):
        msg = f"The network {model_id} isn't one that this version can {job.value} with."
        raise ModelNotForThis(msg)
    return model_id
