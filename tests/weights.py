"""Real weights and sample photographs for the tests marked ``models``, and one pipeline built from them.

A test that needs them fails without them; it isn't skipped. ``make test`` brings both.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from countenance.capture import CaptureLimits, decode
from countenance.kernel import Frame, Material, OperatorError, sha256_hex
from countenance.vision import FaceAnalyser, FaceObservation, choose_face
from countenance.vision.detection import BlazeFaceFullRange, BlazeFaceShort, UltraFaceRfb320
from countenance.vision.embedding import FrFeature512, MobileFaceNet192
from countenance.vision.landmarks import FaceMesh468
from countenance.vision.registry import ModelStore, SampleStore

PEOPLE = ("obama", "obama2", "obama3", "biden")


@cache
def model_bytes(model_id: str) -> bytes:
    """Return the weights of a model from the default folder, or fail the test."""
    try:
        return ModelStore().read(model_id)
    except OperatorError as error:
        pytest.fail(error.diagnostics(), pytrace=False)


@cache
def sample_bytes(name: str) -> bytes:
    """Return an encoded sample photograph from the default folder, or fail the test."""
    try:
        return SampleStore().read(name)
    except OperatorError as error:
        pytest.fail(error.diagnostics(), pytrace=False)


@cache
def _pixels(name: str) -> NDArray[np.uint8]:
    pixels = decode(sample_bytes(name), limits=CaptureLimits())
    pixels.setflags(write=False)
    return pixels


def frame_of(pixels: NDArray[np.uint8], *, material: str = "made up") -> Frame:
    """Return a frame of these pixels."""
    return Frame(pixels=pixels, material=Material(sha256_hex(material.encode())))


def sample_frame(name: str) -> Frame:
    """Return a decoded sample photograph; its pixels are read-only."""
    return Frame(pixels=_pixels(name), material=Material(sha256_hex(sample_bytes(name))))


@cache
def blazeface() -> BlazeFaceShort:
    return BlazeFaceShort(content=model_bytes("blazeface-short-range"))


@cache
def full_range() -> BlazeFaceFullRange:
    return BlazeFaceFullRange(content=model_bytes("blazeface-full-range-sparse"))


@cache
def ultraface() -> UltraFaceRfb320:
    return UltraFaceRfb320(content=model_bytes("ultraface-rfb-320"))


@cache
def face_mesh() -> FaceMesh468:
    return FaceMesh468(content=model_bytes("face-landmark-468"))


@cache
def mobilefacenet() -> MobileFaceNet192:
    return MobileFaceNet192(content=model_bytes("mobilefacenet-192"))


@cache
def fr_feature() -> FrFeature512:
    return FrFeature512(content=model_bytes("fr-feature-512"))


@cache
def analyser() -> FaceAnalyser:
    return FaceAnalyser(detector=blazeface(), mesh=face_mesh())


def observe_one(frame: Frame) -> FaceObservation:
    """Return the face that is meant in a frame."""
    return choose_face(analyser().observe(frame), frame_size=(frame.width, frame.height))


@cache
def sample_crops() -> NDArray[np.uint8]:
    """Return the aligned faces of the sample people, uint8, shape (4, 112, 112, 3), read-only."""
    crops = np.stack([observe_one(sample_frame(name)).aligned for name in PEOPLE])
    crops.setflags(write=False)
    return crops
