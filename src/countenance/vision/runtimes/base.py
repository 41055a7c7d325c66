"""What runs a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["InferenceSession", "TensorSpec", "check_inputs"]


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One input or output of a network.

    Attributes:
        name: its name in the file.
        shape: its dimensions; ``None`` where a call may choose.
    """

    name: str
    shape: tuple[int | None, ...]


class InferenceSession(Protocol):
    """A loaded network. Every implementation runs the contract suite ``tests/contract/session.py``."""

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """The inputs, in the order of the file."""
        ...

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """The outputs, in the order of the file."""
        ...

    @property
    def threads(self) -> int:
        """How many threads one call uses."""
        ...

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
        """Run the network once.

        Args:
            inputs: one float32 array for each input, by name. The arrays aren't changed or kept.

        Returns:
            A fresh array for each output, by name.

        Raises:
            ValueError: if a name is missing or unknown, a type isn't float32, or a shape doesn't fit.
        """
        ...


def check_inputs(specs: Sequence[TensorSpec], inputs: Mapping[str, NDArray[np.float32]]) -> None:
    """Hold a call's inputs against what the network declares.

    Raises:
        ValueError: if a name is missing or unknown, a type isn't float32, or a shape doesn't fit.
    """
    if set(inputs) != {spec.name for spec in specs}:
        msg = f"the network takes the inputs {sorted(spec.name for spec in specs)}, not {sorted(inputs)}"
        raise ValueError(msg)
    for spec in specs:
        value = inputs[spec.name]
        if value.dtype != np.float32:
            msg = f"input {spec.name!r} is float32, not {value.dtype}"
            raise ValueError(msg)
        fits = len(value.shape) == len(spec.shape) and all(
            size >= 1 and wanted in (None, size) for wanted, size in zip(spec.shape, value.shape, strict=True)
        )
        if not fits:
            msg = f"input {spec.name!r} has the shape {spec.shape}, not {value.shape}"
            raise ValueError(msg)
