"""Rewrites ONNX graphs so that they run faster, and proves at every load that they compute the same.

Rules kept here:

* No weight changes. A PRelu node becomes ``a * x + (1 - a) * relu(x)``, which is its definition (onnxruntime
  runs the four plain nodes several times as fast as its PRelu); a batch of one becomes a free batch.
* A rewritten graph is used only after its outputs were held against those of the file as it is, on noise and
  on smooth shaded inputs, alone and as a batch. Else the file runs as it is, and :class:`Rewriting` says why.
* The ``onnx`` package is needed to edit a graph. Without it the file runs as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from countenance.vision.runtimes.base import InferenceSession
from countenance.vision.runtimes.differing import largest_difference
from countenance.vision.runtimes.onnx import OnnxSession
from countenance.vision.runtimes.openvino import OnnxRuntime, run_elsewhere

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto

__all__ = ["TOLERANCE", "GraphNotRewritable", "Rewriting", "faster_session", "rewrite"]

TOLERANCE: Final = 2e-5
"""Largest difference of an output value, as a share of the output's largest value. Rounding of float32 in
another order gives about 1e-6; a wrong slope gives more than 1e-2. Templates of the file as it is and of the
rewritten graph are the same for every purpose: a cosine moves by less than 1e-5."""


class GraphNotRewritable(ValueError):
    """The graph has something that these rules don't cover; it is left as it is."""


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What was done to a graph at load.

    Attributes:
        applied: whether the rewritten graph runs.
        words: what was done, or why not, in a sentence.
        largest_difference: the largest difference found between the two, as a share of the largest output
            value; ``None`` if nothing was compared.
    """

    applied: bool
    words: str
    largest_difference: float | None = None


def faster_session(
    content: bytes,
    *,
    threads: int = 1,
    tolerance: float = TOLERANCE,
    runtime: OnnxRuntime = OnnxRuntime.ONNXRUNTIME,
) -> tuple[InferenceSession, Rewriting]:
    """Load a network rewritten if that is proven harmless, else as it is.

    Args:
        content: the bytes of an ``.onnx`` file with a batch of one, checked against their hash.
        threads: how many threads one call uses.
        tolerance: as :data:`TOLERANCE`.
        runtime: what runs the graph that came out.

    Returns:
        The session, and what was done. Only a rewritten one takes more than one at a time.

    Raises:
        OpenVinoNotInstalled: if it is to run in OpenVINO, which isn't installed.
        ModelUnusable: if the file itself can't be loaded, or the runtime computes something else.
        ValueError: if ``threads`` is below 1.
    """
    session, rewriting = _faster(content, threads=threads, tolerance=tolerance)
    running = rewrite(content) if rewriting.applied else content
    return run_elsewhere(session, running, runtime=runtime, threads=threads), rewriting


def _faster(content: bytes, *, threads: int, tolerance: float) -> tuple[InferenceSession, Rewriting]:
    original = OnnxSession(content=content, threads=threads)
    try:
        candidate = OnnxSession(content=rewrite(content), threads=threads)
    except ModuleNotFoundError as error:
        if error.name != "onnx":
            raise
        return original, Rewriting(
            applied=False, words="The onnx package isn't installed, so the file runs as it is."
        )
    except GraphNotRewritable as error:
        return original, Rewriting(applied=False, words=f"The file runs as it is: {error}.")
    difference = largest_difference(original, candidate)
    if not difference <= tolerance:
        words = "The rewritten graph doesn't compute the same, so the file runs as it is."
        return original, Rewriting(applied=False, words=words, largest_difference=difference)
    words = f"PRelu rewritten and the batch freed; outputs differ by at most {difference:.1g} of the largest."
    return candidate, Rewriting(applied=True, words=words, largest_difference=difference)


def rewrite(content: bytes) -> bytes:
    """Return the graph without PRelu nodes and with a free batch.

    Args:
        content: the bytes of an ``.onnx`` file with a batch of one that onnxruntime has loaded.

    Raises:
        GraphNotRewritable: if a slope isn't a constant, or a Reshape's target isn't one that is understood.
        ModuleNotFoundError: if the ``onnx`` package isn't installed.
    """
    import onnx  # noqa: PLC0415 - half a second and 40 MB, for graphs that need it alone

    model = onnx.load_model_from_string(content)
    _without_prelu(model)
    _with_free_batch(model)
    return bytes(model.SerializeToString())


def _without_prelu(model: ModelProto) -> None:
    from onnx import numpy_helper  # noqa: PLC0415

    graph = model.graph
    slopes = {tensor.name: tensor for tensor in graph.initializer}
    nodes: list[NodeProto] = []
    for number, node in enumerate(graph.node):
        if node.op_type != "PRelu":
            nodes.append(node)
            continue
        slope = slopes.get(node.input[1])
        if slope is None:
            msg = "a PRelu takes its slope from another node"
            raise GraphNotRewritable(msg)
        rest = f"{slope.name}/rest/{number}"
        graph.initializer.append(numpy_helper.from_array(1.0 - numpy_helper.to_array(slope), rest))
        nodes += _four_plain_nodes(node, rest)
    del graph.node[:]
    graph.node.extend(nodes)


def _four_plain_nodes(node: NodeProto, rest: str) -> list[NodeProto]:
    from onnx import helper  # noqa: PLC0415

    (x, slope), y = node.input, node.output[0]
    positive, sloped, kept = (f"{y}/{part}" for part in ("positive", "sloped", "kept"))
    return [
        helper.make_node("Relu", [x], [positive]),
        helper.make_node("Mul", [x, slope], [sloped]),
        helper.make_node("Mul", [positive, rest], [kept]),
        helper.make_node("Add", [sloped, kept], [y]),
    ]


def _with_free_batch(model: ModelProto) -> None:
    graph = model.graph
    constants = {tensor.name for tensor in graph.initializer}
    for value in (*(item for item in graph.input if item.name not in constants), *graph.output):
        shape = value.type.tensor_type.shape
        if not shape.dim or shape.dim[0].dim_value not in {0, 1}:
            msg = "a batch isn't one"
            raise GraphNotRewritable(msg)
        shape.dim[0].dim_param = "batch"
    del graph.value_info[:]  # shapes between the nodes, stated for a batch of one
    _free_reshapes(graph)


def _free_reshapes(graph: GraphProto) -> None:
    """Let every Reshape keep the first dimension (0) instead of naming it (1)."""
    from onnx import numpy_helper  # noqa: PLC0415

    tensors = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute and node.attribute[0].name == "value":
            tensors[node.output[0]] = node.attribute[0].t
    for node in graph.node:
        if node.op_type != "Reshape":
            continue
        tensor = tensors.get(node.input[1])
        target = None if tensor is None else numpy_helper.to_array(tensor).copy()
        if tensor is None or target is None or len(target) < 1 or target[0] not in {0, 1}:
            msg = "a Reshape has a target that isn't a constant for a batch of one"
            raise GraphNotRewritable(msg)
        target[0] = 0
        tensor.CopyFrom(numpy_helper.from_array(target, tensor.name))
