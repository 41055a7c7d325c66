"""OpenVINO, on the CPU: optional, and with its precision stated.

Rules kept here:

* On a processor that has bfloat16, OpenVINO computes in it unless it is told otherwise, and says nothing. So
  it is told, always; what it then says that it computes in has to be what was asked for.
* In float32 a network runs here only after its outputs were held against those of onnxruntime.
* bfloat16 gives other scores. Whoever uses it has another model: its id ends with :data:`BF16_SUFFIX`.
* Nothing is cached on disk, and nothing is reported to anybody: the runtime alone sends nothing; the tools
  that do come in other packages and aren't loaded.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Mapping
from enum import StrEnum
from types import ModuleType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from countenance.kernel import OperatorError
from countenance.vision.errors import ModelUnusable
from countenance.vision.runtimes.base import InferenceSession, TensorSpec, check_inputs
from countenance.vision.runtimes.differing import largest_difference

__all__ = [
    "BF16_SUFFIX",
    "OnnxRuntime",
    "OpenVinoNotInstalled",
    "OpenVinoSession",
    "Precision",
    "run_elsewhere",
]

BF16_SUFFIX: Final = "+bf16"
"""Ends the id of a model whose network computes in bfloat16."""


class OpenVinoNotInstalled(OperatorError):
    """A network is to run in OpenVINO, and OpenVINO isn't installed."""

    code = "openvino-not-installed"
    default_remedy = (
        'Install it with: pip install "countenance[openvino]", or set onnx_runtime to onnxruntime.'
    )


class Precision(StrEnum):
    """What a network computes in."""

    F32 = "f32"
    BF16 = "bf16"


class OnnxRuntime(StrEnum):
    """What runs embedding networks that come as ``.onnx`` files."""

    ONNXRUNTIME = "onnxruntime"
    OPENVINO = "openvino"
    OPENVINO_BF16 = "openvino-bf16"

    @property
    def precision(self) -> Precision:
        """What it computes in."""
        return Precision.BF16 if self is OnnxRuntime.OPENVINO_BF16 else Precision.F32


_STATED: Final = {Precision.F32: "float32", Precision.BF16: "bfloat16"}


class OpenVinoSession:
    """An ``.onnx`` network. Calls from several threads run side by side.

    Args:
        content: the file's bytes, already checked.
        threads: how many threads one call uses; at least 1.
        precision: what it computes in.

    Raises:
        OpenVinoNotInstalled: if OpenVINO isn't installed.
        ModelUnusable: if it can't load the bytes, or computes in something else than was asked for.
        ValueError: if ``threads`` is below 1.
    """

    __slots__ = ("_compiled", "_inputs", "_outputs", "_requests", "_threads", "precision")

    def __init__(self, *, content: bytes, threads: int = 1, precision: Precision = Precision.F32) -> None:
        if threads < 1:
            msg = "a session runs on at least one thread"
            raise ValueError(msg)
        library = _library()
        core = library.Core()
        try:
            self._compiled: Any = core.compile_model(
                core.read_model(model=content),
                "CPU",
                {
                    "INFERENCE_PRECISION_HINT": precision.value,
                    "INFERENCE_NUM_THREADS": threads,
                    "PERFORMANCE_HINT": "LATENCY",
                },
            )
        except RuntimeError as error:
            msg = "OpenVINO can't load this network."
            raise ModelUnusable(msg) from error
        stated = self._compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
        if stated not in {precision.value, _STATED[precision]}:
            msg = f"OpenVINO computes in {stated} on this processor, not in {_STATED[precision]} as told."
            raise ModelUnusable(msg)
        self.precision = precision
        self._threads = threads
        self._inputs = tuple(_spec(port) for port in self._compiled.inputs)
        self._outputs = tuple(_spec(port) for port in self._compiled.outputs)
        self._requests = threading.local()

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """The inputs, as the file declares them."""
        return self._inputs

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """The outputs, as the file declares them."""
        return self._outputs

    @property
    def threads(self) -> int:
        """How many threads one call uses."""
        return self._threads

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
        """Run the network once; see :class:`~countenance.vision.runtimes.base.InferenceSession`.

        Raises:
            ValueError: if the inputs don't fit what the file declares.
            ModelUnusable: if the network can't be run with inputs of this shape.
        """
        check_inputs(self._inputs, inputs)
        request = getattr(self._requests, "mine", None)
        if request is None:
            request = self._requests.mine = self._compiled.create_infer_request()
        try:
            results = request.infer(dict(inputs), share_inputs=False, share_outputs=False)
        except RuntimeError as error:
            msg = "OpenVINO can't run this network with inputs of this shape."
            raise ModelUnusable(msg) from error
        return {
            spec.name: np.array(results[port], dtype=np.float32)
            for spec, port in zip(self._outputs, self._compiled.outputs, strict=True)
        }


def run_elsewhere(
    original: InferenceSession, content: bytes, *, runtime: OnnxRuntime, threads: int
) -> InferenceSession:
    """Return the network in OpenVINO if that is set, held against the session that it replaces.

    Args:
        original: the network as onnxruntime runs it.
        content: the bytes that it runs.
        runtime: what is set.
        threads: how many threads one call uses.

    Raises:
        OpenVinoNotInstalled: if OpenVINO isn't installed.
        ModelUnusable: if it can't run the network, or computes something else.
    """
    if runtime is OnnxRuntime.ONNXRUNTIME:
        return original
    candidate = OpenVinoSession(content=content, threads=threads, precision=runtime.precision)
    difference = largest_difference(original, candidate)
    most = _MOST[runtime.precision]
    if not difference <= most:
        msg = f"OpenVINO computes something else: its outputs differ by {difference:.1g} of the largest."
        raise ModelUnusable(msg)
    return candidate


_MOST: Final = {Precision.F32: 1e-4, Precision.BF16: 0.1}
"""Largest difference of an output value, as a share of the output's largest. Float32 in another order gives
about 1e-6; bfloat16 has eight bits, and some hundred layers of it gave 1e-2."""


def _library() -> ModuleType:
    try:
        return importlib.import_module("openvino")
    except ImportError as error:
        msg = "OpenVINO isn't installed."
        raise OpenVinoNotInstalled(msg) from error


def _spec(port: Any) -> TensorSpec:  # noqa: ANN401 - the library has no types
    shape = tuple(size.get_length() if size.is_static else None for size in port.get_partial_shape())
    return TensorSpec(name=port.get_any_name(), shape=shape)
