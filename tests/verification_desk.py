"""A verification desk on a real front desk: with the real networks, or with faces that a test makes up.

The made-up parts stand in for networks alone. Doors, permits, rules, store, log and signatures are the
product's own in both.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from comparison_limits import limits_of
from countenance.capture import CaptureDoor, CaptureLimits, PendingPicture
from countenance.decisions import (
    ErrorTable,
    Role,
    VerificationDesk,
    VerificationOrder,
    shipped_error_table,
)
from countenance.kernel import Box, Frame, HeadPose, PermitToken, Point, ProcessingRequest
from countenance.templates import ComparisonDoor, ComparisonScore, Template
from countenance.vision import (
    Component,
    Embedding,
    ExtractionDoor,
    Face,
    FaceAnalyser,
    FaceObservation,
    Mesh,
    QualityGate,
    QualityMeasure,
    QualityReason,
    QualityReport,
)
from countenance.vision.detection import BlazeFaceShort
from countenance.vision.embedding import MobileFaceNet192
from countenance.vision.landmarks import FaceMesh468
from countenance.vision.quality import FaceQualityAssessor
from countenance.vision.registry import ModelStore, default_models_folder, shipped_manifest
from front_desk import GUEST, FrontDesk

GATE = QualityGate()


@dataclass(frozen=True)
class MadeUpFace:
    """A face as a made-up analyser sees it; ``angle`` is what the made-up embedder reads from it."""

    angle: float = 0.0
    quality: int = 80
    left: float = 20.0
    width: float = 60.0


def picture_of(*faces: MadeUpFace, seed: int = 0) -> bytes:
    """A PNG whose first rows spell the faces; the rest is noise, so that no two pictures are alike."""
    pixels = np.random.default_rng(seed).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    spelled = np.array([[f.angle, f.quality, f.left, f.width] for f in faces], dtype=np.float64).reshape(-1)
    raw = np.frombuffer(np.concatenate([[float(len(faces))], spelled]).tobytes(), dtype=np.uint8)
    pixels.reshape(-1)[: raw.size] = raw
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "PNG")
    return written.getvalue()


class MadeUpAnalyser:
    """Reads the faces that :func:`picture_of` spelled."""

    model_ids = ("made-up-detector", "made-up-mesh")

    def observe(self, frame: Frame) -> tuple[FaceObservation, ...]:
        start = frame.pixels.reshape(-1)
        (count,) = np.frombuffer(start[:8].tobytes())
        rows = np.frombuffer(start[8 : 8 + int(count) * 32].tobytes()).reshape(-1, 4)
        found = [self._observation(frame, MadeUpFace(*row)) for row in rows]
        return tuple(sorted(found, key=lambda seen: -seen.face.box.width))

    @staticmethod
    def _observation(frame: Frame, face: MadeUpFace) -> FaceObservation:
        quality = int(face.quality)
        blurred = QualityReason("blurred", Component.SHARPNESS, "It is blurred.", "Hold still.")
        aligned = np.full((112, 112, 3), 7, dtype=np.uint8)
        points = np.ones((5, 2), dtype=np.float32)
        points[1, 0] += 0.45 * face.width
        aligned.reshape(-1)[:8] = np.frombuffer(np.float64(face.angle).tobytes(), dtype=np.uint8)
        return FaceObservation(
            face=Face(
                Box(face.left, 10, face.left + face.width, 10 + face.width),
                0.9,
                (Point(30, 30), Point(50, 30)),
            ),
            mesh=Mesh(np.ones((468, 3), dtype=np.float32), 1.0),
            five_points=points,
            pose=HeadPose(0, 0, 0),
            aligned=aligned,
            quality=QualityReport(
                (QualityMeasure(Component.SHARPNESS, quality / 10, "made up", quality),),
                quality,
                (blurred,) if quality < 50 else (),
            ),
            material=frame.material,
        )


class MadeUpEmbedder:
    """Turns the spelled angle into a vector; two faces score the cosine of their angles' difference."""

    model_id = "mobilefacenet-192"
    dimension = 192

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        vectors = np.zeros((len(crops), self.dimension), dtype=np.float32)
        for vector, crop in zip(vectors, crops, strict=True):
            (angle,) = np.frombuffer(crop.reshape(-1)[:8].tobytes())
            vector[:2] = math.cos(angle), math.sin(angle)
        return vectors


@dataclass
class Watch:
    """Keeps hold of every array that passes, and what it held when it passed."""

    arrays: list[NDArray[np.generic]] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    pending: list[NDArray[np.uint8]] = field(default_factory=list)

    def see(self, *arrays: NDArray[np.generic]) -> None:
        for array in arrays:
            assert array.any()
            self.arrays.append(array)
            self.contents.append(array.tobytes())

    def all_wiped(self) -> bool:
        return bool(self.arrays) and not any(array.any() for array in (*self.arrays, *self.pending))


class WatchedCapture(CaptureDoor):
    watch: Watch

    def check(self, data: bytes) -> PendingPicture:
        picture = super().check(data)
        self.watch.pending.append(picture._pixels)
        return picture

    def open(self, picture: PendingPicture, *, permit: PermitToken, request: ProcessingRequest) -> Frame:
        frame = super().open(picture, permit=permit, request=request)
        self.watch.see(frame.pixels)
        return frame


class WatchedAnalyser:
    def __init__(self, inner: FaceAnalyser | MadeUpAnalyser, watch: Watch) -> None:
        self._inner = inner
        self._watch = watch
        self.model_ids = inner.model_ids

    def observe(self, frame: Frame) -> tuple[FaceObservation, ...]:
        found = self._inner.observe(frame)
        for seen in found:
            self._watch.see(seen.aligned, seen.mesh.points, seen.five_points)
        return found


class WatchedExtraction(ExtractionDoor):
    watch: Watch

    def extract(self, observation: FaceObservation, **named: object) -> Embedding:
        embedding = super().extract(observation, **named)  # type: ignore[arg-type]
        self.watch.see(embedding.vector)
        return embedding


class WatchedComparison(ComparisonDoor):
    watch: Watch

    def compare(self, probe: Template, reference: Template, **named: object) -> ComparisonScore:
        score = super().compare(probe, reference, **named)  # type: ignore[arg-type]
        self.watch.scores.append(score.value)
        return score


@dataclass(frozen=True)
class Counter:
    """A verification desk with a guest in front of it who agreed."""

    hotel: FrontDesk
    desk: VerificationDesk
    table: ErrorTable
    watch: Watch

    def order(self, reference: bytes, probe: bytes, **changes: object) -> VerificationOrder:
        fields: dict[str, object] = {
            "purpose": self.hotel.site.purpose,
            "place": self.hotel.site.place,
            "device": self.hotel.site.desk_device,
            "subject": GUEST,
            "scene": "hotel-checkin",
            "error_target": 1e-4,
            "reference": reference,
            "probe": probe,
            "reference_role": Role.DOCUMENT,
            "probe_role": Role.LIVE,
        }
        return VerificationOrder(**(fields | changes))  # type: ignore[arg-type]

    def open_duties(self) -> list[str]:
        """Keys of the duties that the desk itself should have discharged and hasn't."""
        own = {"image_deleted", "raw_deleted", "nonmatch_deleted", "processing_log"}
        return [duty.key for duty in self.hotel.store.duties.open() if duty.key in own]

    def decisions_logged(self) -> list[Mapping[str, object]]:
        return [entry for kind, entry in self.hotel.log_entries() if kind == "decision"]

    def files(self) -> bytes:
        """Every byte under the data folder, the write-ahead log included."""
        return b"".join(path.read_bytes() for path in self.hotel.folder.rglob("*") if path.is_file())


def counter_with(
    hotel: FrontDesk,
    *,
    analyser: FaceAnalyser | MadeUpAnalyser,
    embedder: MobileFaceNet192 | MadeUpEmbedder,
    table: ErrorTable | None = None,
    on_look: Callable[[], None] | None = None,
    document_analyser: MadeUpAnalyser | None = None,
) -> Counter:
    """Build a desk whose doors are watched.

    Args:
        document_analyser: looks at the document; the one for live photographs does it if left out.
        on_look: called whenever a picture is looked at; for what happens meanwhile.
    """
    watch = Watch()
    verifier = hotel.desk.verifier
    capture = WatchedCapture(verifier=verifier, limits=CaptureLimits())
    extraction = WatchedExtraction(embedder=embedder, verifier=verifier)
    comparison = WatchedComparison(verifier=verifier)
    capture.watch = extraction.watch = comparison.watch = watch
    watched = WatchedAnalyser(analyser, watch)
    if on_look is not None:
        look = watched.observe

        def observe(frame: Frame) -> tuple[FaceObservation, ...]:
            found = look(frame)
            on_look()
            return found

        watched.observe = observe  # type: ignore[method-assign]
    table = table or shipped_error_table("mobilefacenet-192")
    desk = VerificationDesk(
        authority=hotel.desk,
        capture_door=capture,
        analyser=watched,  # type: ignore[arg-type]
        extraction_door=extraction,
        comparison_door=comparison,
        error_table=table,
        store=hotel.store,
        clock=hotel.clock,
        quality_gate=GATE,
        limits=limits_of(hotel),
        document_analyser=document_analyser and WatchedAnalyser(document_analyser, watch),  # type: ignore[arg-type]
    )
    return Counter(hotel, desk, table, watch)


@cache
def real_networks() -> tuple[FaceAnalyser, MobileFaceNet192]:
    """The real networks, loaded once; needs the pulled weights."""
    models = ModelStore(folder=default_models_folder(), manifest=shipped_manifest())
    analyser = FaceAnalyser(
        detector=BlazeFaceShort(content=models.read("blazeface-short-range")),
        mesh=FaceMesh468(content=models.read("face-landmark-468")),
        quality=FaceQualityAssessor(),
    )
    return analyser, MobileFaceNet192(content=models.read("mobilefacenet-192"))
