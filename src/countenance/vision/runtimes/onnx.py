"""onnxruntime, on the CPU."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from countenance.vision.errors import ModelUnusable
from countenance.vision.runtimes.base import TensorSpec, check_inputs

__all__ = ["OnnxSession"]

_ERRORS_ONLY = 3
_RUN_ERRORS = (
    onnxruntime.capi.onnxruntime_pybind11_state.Fail,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument,
    onnxruntime.capi.onnxruntime_pybind11_state.RuntimeException,
)
_LOAD_ERRORS = (
    onnxruntime.capi.onnxruntime_pybind11_state.Fail,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidGraph,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf,
    onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented,
    RuntimeError,
)


class OnnxSession:
    """An ``.onnx`` network. Calls from several threads run side by side.

    Args:
        content: the file's bytes, already checked.
        threads: how many threads one call uses; at least 1.

    Raises:
        ModelUnusable: if the bytes can't be loaded.
        ValueError: if ``threads`` is below 1.
    """

    __slots__ = ("_inputs", "_outputs", "_session", "_threads")

    def __init__(self, *, content: bytes, threads: int = 1) -> None:
        if threads < 1:
            msg = "a session runs on at least one thread"
            raise ValueError(msg)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = _ERRORS_ONLY
        # A waiting thread that spins would take the processor from the other requests.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                content, sess_options=options, providers=["CPUExecutionProvider"]
            )
        except _LOAD_ERRORS as error:
            msg = "onnxruntime can't load this network."
            raise ModelUnusable(msg) from error
        self._threads = threads
        self._inputs = tuple(_spec(item) for item in self._session.get_inputs())
        self._outputs = tuple(_spec(item) for item in self._session.get_outputs())

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

    @property
    def metadata(self) -> dict[str, str]:
        """What the file says about itself by name, such as which characters its numbers mean."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    def run(
        self, inputs: Mapping[str, NDArray[np.float32]], *, give_back: bool = False
    ) -> dict[str, NDArray[np.float32]]:
        """Run the network once; see :class:`~countenance.vision.runtimes.base.InferenceSession`.

        Args:
            inputs: by name.
            give_back: whether the memory that the network's layers took goes back to the system afterwards,
                instead of waiting for the next call. It takes about a fifth longer, so it is for large inputs
                that come seldom.

        Raises:
            ValueError: if the inputs don't fit what the file declares.
            ModelUnusable: if the network can't be run with inputs of this shape.
        """
        check_inputs(self._inputs, inputs)
        names = [spec.name for spec in self._outputs]
        try:
            results = cast(
                "list[NDArray[np.float32]]",
                self._session.run(names, dict(inputs), _giving_back() if give_back else None),
            )
        except _RUN_ERRORS as error:
            msg = "onnxruntime can't run this network with inputs of this shape."
            raise ModelUnusable(msg) from error
        return dict(zip(names, results, strict=True))


def _giving_back() -> onnxruntime.RunOptions:
    options = onnxruntime.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


def _spec(item: onnxruntime.NodeArg) -> TensorSpec:
    shape = tuple(size if isinstance(size, int) else None for size in item.shape)
    return TensorSpec(name=item.name, shape=shape)
