"""Which runtime takes which file format."""

from __future__ import annotations

from countenance.vision.registry.entries import ModelFormat
from countenance.vision.runtimes.base import InferenceSession
from countenance.vision.runtimes.dlib_network import build_graph
from countenance.vision.runtimes.litert import LiteRtSession
from countenance.vision.runtimes.onnx import OnnxSession

__all__ = ["ModelFormat", "load_session"]


def load_session(content: bytes, *, kind: ModelFormat, threads: int = 1) -> InferenceSession:
    """Load a network with the runtime of its format.

    Args:
        content: the file's bytes, already checked against their hash.
        kind: the format, as the manifest states it.
        threads: how many threads one call uses.

    Raises:
        ModelUnusable: if the runtime can't load it, or what converts it isn't installed.
        ValueError: if ``threads`` is below 1.
    """
    if kind is ModelFormat.TFLITE:
        return LiteRtSession(content=content, threads=threads)
    if kind is ModelFormat.DLIB:
        return OnnxSession(content=build_graph(content), threads=threads)
    return OnnxSession(content=content, threads=threads)
