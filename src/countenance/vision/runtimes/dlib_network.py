"""Reads the 59 arrays of dlib's face network from its file and builds the ONNX graph that computes the same.

The file is dlib's own serialisation, which nothing but dlib reads. All that is needed of it are the
arrays: each stands behind a header (a version and four sizes) as raw little-endian float32, and they come
in the order in which a picture meets them. The network itself is published as source: dlib's
``dnn_face_recognition_ex.cpp`` (29 convolutions, each with a per-channel scale and shift, one matrix).

Rules kept here:

* Every array must have the size that the published network gives it, in that order; else the file is another
  one and is refused. What else stands in the file is never interpreted.
* Scale and shift are folded into the convolution, in float64. Nothing else is changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from countenance.vision.errors import ModelUnusable

if TYPE_CHECKING:
    from onnx import NodeProto

__all__ = ["CHIP_SIDE", "DIMENSION", "build_graph", "read_arrays"]

CHIP_SIDE: Final = 150
"""Side of the network's input in pixels."""
DIMENSION: Final = 128
"""Values of a vector."""

_TENSOR_VERSION: Final = b"\x01\x02"
_FIRST: Final = (32, 3, 7)  # filters, channels, side of the kernel
# Filters of each residual block and whether it halves the picture (``alevel4`` to ``alevel0`` of the source).
_BLOCKS: Final = (
    *((32, False),) * 3,
    *((64, True), (64, False), (64, False), (64, False)),
    *((128, True), (128, False), (128, False)),
    *((256, True), (256, False), (256, False)),
    (256, True),
)


@dataclass(frozen=True, slots=True, eq=False)
class _Convolution:
    """Weights, float32, shape (filters, channels, side, side), and biases, shape (filters,)."""

    weights: NDArray[np.float32]
    biases: NDArray[np.float32]


def read_arrays(content: bytes) -> tuple[NDArray[np.float32], ...]:
    """Return the arrays of the file in order, flat.

    Args:
        content: the bytes of ``dlib_face_recognition_resnet_model_v1.dat``.

    Returns:
        59 arrays: for each convolution its filters with biases, then scale and shift; last the matrix.

    Raises:
        ModelUnusable: if the file doesn't hold the arrays of this network.
    """
    arrays, place = [], 0
    for size in _expected_sizes():
        array, place = _next_array(content, place, size)
        arrays.append(array)
    return tuple(arrays)


def _next_array(content: bytes, place: int, size: int) -> tuple[NDArray[np.float32], int]:
    """Return the next array of this many values from here on, and where it ends."""
    while (place := content.find(_TENSOR_VERSION, place)) >= 0:
        values, start = 1, place + len(_TENSOR_VERSION)
        for _ in range(4):
            number, start = _number_at(content, start)
            values *= number
        end = start + 4 * size
        if values == size and end <= len(content):
            array = np.frombuffer(content, "<f4", count=size, offset=start).astype(np.float32)
            if np.isfinite(array).all():
                return array, end
        place += 1
    msg = "This file isn't dlib's face recognition network."
    raise ModelUnusable(msg)


def _number_at(content: bytes, place: int) -> tuple[int, int]:
    """Return dlib's packed integer (length, then that many bytes, low first; 0 if it is none) and its end."""
    length = content[place] if place < len(content) else 0
    if not 1 <= length <= 4:  # noqa: PLR2004
        return 0, place
    return int.from_bytes(content[place + 1 : place + 1 + length], "little"), place + 1 + length


def _shapes() -> list[tuple[int, int, int]]:
    """Return filters, channels and kernel side of the 29 convolutions."""
    shapes, channels = [_FIRST], _FIRST[0]
    for filters, _ in _BLOCKS:
        shapes += [(filters, channels, 3), (filters, filters, 3)]
        channels = filters
    return shapes


def _expected_sizes() -> list[int]:
    sizes = []
    for filters, channels, side in _shapes():
        sizes += [filters * channels * side * side + filters, 2 * filters]
    return [*sizes, _BLOCKS[-1][0] * DIMENSION]


def _folded(arrays: tuple[NDArray[np.float32], ...]) -> list[_Convolution]:
    """Return the convolutions with scale and shift folded in: s * (w x + b) + t = (s w) x + (s b + t)."""
    folded = []
    for number, (filters, channels, side) in enumerate(_shapes()):
        parameters, affine = (arrays[2 * number + part].astype(np.float64) for part in (0, 1))
        weights = parameters[:-filters].reshape(filters, channels, side, side)
        scale, shift = affine[:filters], affine[filters:]
        folded.append(
            _Convolution(
                weights=(weights * scale[:, None, None, None]).astype(np.float32),
                biases=(parameters[-filters:] * scale + shift).astype(np.float32),
            )
        )
    return folded


def build_graph(content: bytes) -> bytes:
    """Return the network as the bytes of an ``.onnx`` file.

    Its input ``chips`` is float32, shape (batch, 3, 150, 150), RGB from 0 to 255; the shift and scale of
    dlib's ``input_rgb_image`` are in the graph. Its output ``vectors`` is float32, shape (batch, 128), as
    dlib gives it, not scaled to length 1.

    Args:
        content: the bytes of ``dlib_face_recognition_resnet_model_v1.dat``.

    Raises:
        ModelUnusable: if the file isn't that network, or the ``onnx`` package isn't installed.
    """
    arrays = read_arrays(content)
    try:
        import onnx  # noqa: PLC0415 - half a second and 40 MB, for this network alone
    except ModuleNotFoundError as error:
        msg = "dlib's network needs the onnx package, which isn't installed."
        raise ModelUnusable(msg, remedy="Install it: pip install onnx") from error

    graph = _Graph()
    kind = onnx.TensorProto.FLOAT
    shapes: dict[str, list[str | int | None]] = {
        "chips": ["batch", 3, CHIP_SIDE, CHIP_SIDE],
        "vectors": ["batch", DIMENSION],
    }
    # Source of the means and of 256: dlib, ``input_rgb_image_sized``.
    means = np.array([122.782, 117.001, 104.298], np.float32).reshape(1, 3, 1, 1)
    x = graph.add("Sub", "chips", graph.constant(means))
    x = graph.add("Div", x, graph.constant(np.float32(256.0)))
    x = _body(graph, x, _folded(arrays))
    x = graph.add("Flatten", graph.add("GlobalAveragePool", x), axis=1)
    matrix = arrays[-1].reshape(_BLOCKS[-1][0], DIMENSION)
    graph.nodes.append(onnx.helper.make_node("MatMul", [x, graph.constant(matrix)], ["vectors"]))
    infos = [onnx.helper.make_tensor_value_info(name, kind, shape) for name, shape in shapes.items()]
    constants = [onnx.numpy_helper.from_array(value, name) for name, value in graph.constants.items()]
    made = onnx.helper.make_graph(graph.nodes, "dlib-resnet-128", infos[:1], infos[1:], constants)
    model = onnx.helper.make_model(made, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())


def _body(graph: _Graph, x: str, convolutions: list[_Convolution]) -> str:
    """Add everything between the scaled picture and the pooled features."""
    rest = iter(convolutions)
    # Strides of two go without padding, as do the pools: dlib's defaults.
    x = graph.add("Relu", graph.convolve(x, next(rest), stride=2))
    x = graph.add("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2])
    side = ((CHIP_SIDE - 7) // 2 + 1 - 3) // 2 + 1
    channels = _FIRST[0]
    for filters, halves in _BLOCKS:
        main = graph.add("Relu", graph.convolve(x, next(rest), stride=2 if halves else 1))
        main = graph.convolve(main, next(rest), stride=1)
        if halves:
            x = graph.add("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
            main_side, side = (side - 3) // 2 + 1, (side - 2) // 2 + 1
            # dlib adds two unlike arrays as if the smaller went on in zeros: more channels, right, below.
            main = graph.padded(main, channels=0, pixels=side - main_side)
            x = graph.padded(x, channels=filters - channels, pixels=0)
        channels = filters
        x = graph.add("Relu", graph.add("Add", main, x))
    return x


class _Graph:
    """Nodes and constants of a graph that is being built."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, NDArray[np.generic]] = {}

    def constant(self, value: NDArray[np.generic] | np.generic) -> str:
        name = f"constant-{len(self.constants)}"
        self.constants[name] = np.asarray(value)
        return name

    def add(self, kind: str, *inputs: str, **attributes: int | list[int]) -> str:
        from onnx import helper  # noqa: PLC0415

        name = f"value-{len(self.nodes)}"
        node = helper.make_node(kind, list(inputs), [name])
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self.nodes.append(node)
        return name

    def convolve(self, x: str, convolution: _Convolution, *, stride: int) -> str:
        side = convolution.weights.shape[-1]
        pad = side // 2 if stride == 1 else 0
        weights, biases = self.constant(convolution.weights), self.constant(convolution.biases)
        return self.add(
            "Conv", x, weights, biases, kernel_shape=[side] * 2, strides=[stride] * 2, pads=[pad] * 4
        )

    def padded(self, x: str, *, channels: int, pixels: int) -> str:
        if channels == pixels == 0:
            return x
        pads = np.array([0, 0, 0, 0, 0, channels, pixels, pixels], np.int64)
        return self.add("Pad", x, self.constant(pads))
