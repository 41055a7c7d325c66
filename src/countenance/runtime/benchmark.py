"""How long the networks take on this machine, from pixels to vector, beside dlib's own pipeline.

Rules kept here:

* Pictures are in memory, decoding is timed apart, and every pipeline gets the same pixels.
* Pipelines take turns on every picture, each once untimed before it is timed: none works with caches
  that another one has filled.
* Nothing is stored and no two faces are compared.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from countenance.capture import CaptureLimits, decode
from countenance.evaluation.dlib_pipeline import DlibPipeline
from countenance.evaluation.timing import Spread, Stopwatch
from countenance.kernel import CallerError, Frame, Material, OperatorError
from countenance.runtime.networks import (
    Networks,
    choose_networks,
    load_analyser,
    load_detector,
    load_embedder,
)
from countenance.runtime.settings import Settings
from countenance.vision import FaceAnalyser, FaceChoice, choose_face
from countenance.vision.alignment import align
from countenance.vision.detection import FaceDetector
from countenance.vision.embedding import Embedder
from countenance.vision.landmarks import FaceMesh468, five_points
from countenance.vision.registry import ModelStore

__all__ = ["BenchPicture", "NoFaceToTime", "PipelineBench", "PipelineTimes", "bench_pictures"]

SMALL_SIDE: Final = 250
LARGE_SIDE: Final = 1000
BATCH: Final = 8
_CUT: Final = 2.2
"""The small picture's side over the face's, about as in Labeled Faces in the Wild."""


class NoFaceToTime(CallerError):
    """No picture given to the benchmark shows a face that every pipeline finds."""

    code = "no-face-to-time"
    default_remedy = "Give pictures of one upright face each, 80 pixels wide or more."


@dataclass(frozen=True, slots=True, eq=False)
class BenchPicture:
    """One picture to time on.

    Attributes:
        size: ``small`` or ``large``.
        data: the encoded picture.
        pixels: uint8, shape (height, width, 3), RGB. Both are left out of ``repr``.
    """

    size: str
    data: bytes = field(repr=False)
    pixels: NDArray[np.uint8] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PipelineTimes:
    """What was timed.

    Attributes:
        steps: milliseconds, by name of step.
        pictures: how many of each size.
        missed_by_dlib: pictures in which dlib found no face, by size and upsampling; timed all the same.
        networks: ours.
        dlib: its version; ``None`` where it isn't installed.
    """

    steps: dict[str, Spread]
    pictures: dict[str, int]
    missed_by_dlib: dict[str, int]
    networks: Networks
    dlib: str | None


_DLIB_NETWORK: Final = "dlib-resnet-128"


class PipelineBench:
    """The networks that the settings name, and dlib's where it is installed.

    Args:
        settings: name the networks and the processor threads.
        dlib: its pipeline; ``None`` times ours alone.

    Raises:
        OperatorError: if networks are missing.
    """

    __slots__ = ("_analyser", "_detector", "_dlib", "_dlib_network", "_embedder", "_mesh", "_networks")

    def __init__(self, *, settings: Settings, dlib: DlibPipeline | None) -> None:
        models = ModelStore(folder=settings.models_folder)
        self._networks = choose_networks(settings, models.manifest)
        self._detector: FaceDetector = load_detector(self._networks, models, threads=settings.threads)
        self._mesh = FaceMesh468(content=models.read(self._networks.mesh), threads=settings.threads)
        self._analyser: FaceAnalyser = load_analyser(self._networks, models, threads=settings.threads)
        self._embedder: Embedder = load_embedder(self._networks, models, threads=settings.threads)
        self._dlib = dlib
        self._dlib_network = _dlib_network(self._networks, models, threads=settings.threads) if dlib else None

    def run(
        self, pictures: Sequence[BenchPicture], *, rounds: int, moved: Callable[[], None] = lambda: None
    ) -> PipelineTimes:
        """Time every step on every picture, in turn; one more round warms up and isn't counted.

        Args:
            pictures: with a face each.
            rounds: how often.
            moved: called after each round.
        """
        watch = Stopwatch()
        missed: dict[str, int] = {}
        for turn in range(rounds + 1):
            current = watch if turn else Stopwatch()
            for picture in pictures:
                self._ours(current, picture)
                self._theirs(current, picture, missed if turn == 1 else {})
            moved()
        sizes = [picture.size for picture in pictures]
        return PipelineTimes(
            steps=watch.spreads(),
            pictures={size: sizes.count(size) for size in sorted(set(sizes))},
            missed_by_dlib=missed,
            networks=self._networks,
            dlib=self._dlib.version if self._dlib is not None else None,
        )

    def _ours(self, watch: Stopwatch, picture: BenchPicture) -> None:
        size = picture.size
        watch.time(f"decode_{size}", lambda: decode(picture.data, limits=CaptureLimits()))
        frame = Frame(pixels=picture.pixels, material=Material(""))
        self._embed(frame)
        watch.time(f"pipeline_{size}", lambda: self._embed(frame))
        watch.time(f"with_quality_{size}", lambda: self._with_quality(frame))
        face = watch.time(f"detect_{size}", lambda: self._detector.detect(frame))[0]
        mesh = watch.time("mesh_two_passes", lambda: self._mesh.locate(frame, face))
        aligned = watch.time("align", lambda: align(frame.pixels, five_points(mesh.points)))
        watch.time("embed", lambda: self._embedder.embed(aligned[None]))
        many = np.repeat(aligned[None], BATCH, axis=0)
        watch.time(f"embed_batch_of_{BATCH}", lambda: self._embedder.embed(many), share=BATCH)

    def _theirs(self, watch: Stopwatch, picture: BenchPicture, missed: dict[str, int]) -> None:
        dlib = self._dlib
        if dlib is None:
            return
        for upsample in (1, 0):
            step = f"dlib_upsample_{upsample}_{picture.size}"
            dlib.embed(picture.pixels, upsample=upsample)
            vector = watch.time(step, partial(dlib.embed, picture.pixels, upsample=upsample))
            missed[step] = missed.get(step, 0) + (vector is None)
        if self._dlib_network is not None:
            aligned = self._aligned(Frame(pixels=picture.pixels, material=Material("")))
            mixed = partial(self._mixed, dlib, self._dlib_network, picture.pixels, aligned)
            mixed()
            watch.time(f"dlib_in_onnxruntime_upsample_1_{picture.size}", mixed)

    def _mixed(
        self,
        dlib: DlibPipeline,
        network: Embedder,
        pixels: NDArray[np.uint8],
        aligned: NDArray[np.uint8],
    ) -> None:
        """Find as dlib does, embed with its weights in onnxruntime: dlib's way without its slow network."""
        dlib.locate(pixels, upsample=1)
        network.embed(aligned[None])

    def _embed(self, frame: Frame) -> NDArray[np.float32]:
        """Detector, mesh in two passes, alignment, embedding: the same work that dlib's pipeline does."""
        return self._embedder.embed(self._aligned(frame)[None])

    def _aligned(self, frame: Frame) -> NDArray[np.uint8]:
        middle = (frame.width / 2, frame.height / 2)
        face = max(
            self._detector.detect(frame),
            key=lambda one: one.box.width - math.dist((one.box.centre.x, one.box.centre.y), middle),
        )
        points = five_points(self._mesh.locate(frame, face).points)
        return align(frame.pixels, points)

    def _with_quality(self, frame: Frame) -> NDArray[np.float32]:
        """As at a desk: every face, its pose and its quality as well."""
        chosen = choose_face(
            self._analyser.observe(frame),
            frame_size=(frame.width, frame.height),
            rule=FaceChoice(like_size=None),
        )
        return self._embedder.embed(chosen.aligned[None])

    def pictures_of(self, encoded: Sequence[bytes]) -> tuple[BenchPicture, ...]:
        """Return each picture twice: about 1,000 pixels long, and cut to 250 x 250 around its face.

        Raises:
            NoFaceToTime: if no picture shows a face.
            PictureRefused: if one can't be decoded.
        """
        return bench_pictures(encoded, detector=self._detector)


def _dlib_network(networks: Networks, models: ModelStore, *, threads: int) -> Embedder | None:
    """Return dlib's network in onnxruntime; ``None`` without its weights or without onnx."""
    try:
        return load_embedder(
            replace(networks, embedder=_DLIB_NETWORK, mirrored=False), models, threads=threads
        )
    except OperatorError:
        return None


def bench_pictures(encoded: Sequence[bytes], *, detector: FaceDetector) -> tuple[BenchPicture, ...]:
    """Return each picture in both sizes; one in which no face is found in both is left out.

    Args:
        encoded: pictures of one face each.
        detector: finds the face to cut around.

    Raises:
        NoFaceToTime: if none is left.
        PictureRefused: if one can't be decoded.
    """
    made: list[BenchPicture] = []
    for data in encoded:
        pixels = decode(data, limits=CaptureLimits())
        faces = detector.detect(Frame(pixels=pixels, material=Material("")))
        if not faces:
            continue
        box = max(faces, key=lambda face: face.box.width).box
        image = Image.fromarray(pixels)
        half = _CUT * box.width / 2
        left, top = round(box.centre.x - half), round(box.centre.y - half)
        area = (left, top, left + round(2 * half), top + round(2 * half))
        large = image.copy()
        if max(large.size) > LARGE_SIDE:
            large.thumbnail((LARGE_SIDE, LARGE_SIDE))
        else:
            scale = LARGE_SIDE / max(large.size)
            large = large.resize((round(large.width * scale), round(large.height * scale)))
        small = image.crop(area).resize((SMALL_SIDE, SMALL_SIDE))
        both = [_encoded("small", small), _encoded("large", large)]
        if all(detector.detect(Frame(pixels=one.pixels, material=Material(""))) for one in both):
            made += both
    if not made:
        raise NoFaceToTime("No picture shows a face that can be found in both sizes.")
    return tuple(made)


def _encoded(size: str, image: Image.Image) -> BenchPicture:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return BenchPicture(size, buffer.getvalue(), decode(buffer.getvalue(), limits=CaptureLimits()))
