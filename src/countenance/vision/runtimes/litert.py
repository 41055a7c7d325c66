"""LiteRT (the TensorFlow Lite interpreter of ``ai-edge-litert``), on the CPU."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from countenance.vision.errors import ModelUnusable
from countenance.vision.runtimes.base import TensorSpec, check_inputs

__all__ = ["LiteRtSession"]


class LiteRtSession:
    """A ``.tflite`` network.

    The first dimension of every input is the batch and may be chosen by the call; the interpreter is
    resized when it changes, which can cost as much as ten calls. After each call the input and output
    buffers of the interpreter are overwritten, so that no face stays in them; what its kernels keep in
    their own work space isn't reached.

    Args:
        content: the file's bytes, already checked.
        threads: how many threads one call uses; at least 1.

    Raises:
        ModelUnusable: if the bytes can't be loaded.
        ValueError: if ``threads`` is below 1.
    """

    __slots__ = ("_batch", "_content", "_inputs", "_interpreter", "_lock", "_outputs", "_specs", "_threads")

    def __init__(self, *, content: bytes, threads: int = 1) -> None:
        if threads < 1:
            msg = "a session runs on at least one thread"
            raise ValueError(msg)
        self._threads = threads
        self._content = content  # the interpreter reads weights from this buffer as long as it lives
        self._lock = threading.Lock()
        try:
            self._interpreter = Interpreter(model_content=content, num_threads=threads)
            self._interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            msg = "LiteRT can't load this network."
            raise ModelUnusable(msg) from error
        details = self._interpreter.get_input_details()
        self._inputs: dict[str, int] = {str(item["name"]): int(item["index"]) for item in details}
        self._outputs: dict[str, int] = {
            str(item["name"]): int(item["index"]) for item in self._interpreter.get_output_details()
        }
        self._batch = int(details[0]["shape"][0])
        self._specs = (
            tuple(_spec(item) for item in details),
            tuple(_spec(item) for item in self._interpreter.get_output_details()),
        )

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """The inputs; the first dimension of each is the batch."""
        return self._specs[0]

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """The outputs."""
        return self._specs[1]

    @property
    def threads(self) -> int:
        """How many threads one call uses."""
        return self._threads

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
        """Run the network once; see :class:`~countenance.vision.runtimes.base.InferenceSession`.

        Raises:
            ValueError: if the inputs don't fit.
            ModelUnusable: if the network can't be run with this batch.
        """
        check_inputs(self.inputs, inputs)
        batch = {value.shape[0] for value in inputs.values()}
        if len(batch) != 1:
            msg = "all inputs of one call have the same batch"
            raise ValueError(msg)
        with self._lock:
            self._resize(batch.pop())
            for name, value in inputs.items():
                self._interpreter.set_tensor(self._inputs[name], np.ascontiguousarray(value))
            self._interpreter.invoke()
            results = {name: self._interpreter.get_tensor(index) for name, index in self._outputs.items()}
            self._wipe()
        return results

    def _resize(self, batch: int) -> None:
        if batch == self._batch:
            return
        try:
            for spec, index in zip(self.inputs, self._inputs.values(), strict=True):
                self._interpreter.resize_tensor_input(index, [batch, *spec.shape[1:]])
            self._interpreter.allocate_tensors()
        except (RuntimeError, ValueError) as error:
            self._batch = 0  # whatever comes next is resized afresh
            msg = f"This network can't be run with a batch of {batch}."
            raise ModelUnusable(msg) from error
        self._batch = batch

    def _wipe(self) -> None:
        for index in (*self._inputs.values(), *self._outputs.values()):
            # The view is used and dropped at once: while one lives, the interpreter can't be resized.
            self._interpreter.tensor(index)().fill(0)


def _spec(item: Mapping[str, object]) -> TensorSpec:
    shape = item["shape"]
    if not isinstance(shape, np.ndarray):  # pragma: no cover - the interpreter always gives an array
        msg = "LiteRT states no shape for a tensor."
        raise ModelUnusable(msg)
    return TensorSpec(name=str(item["name"]), shape=(None, *(int(size) for size in shape[1:])))
