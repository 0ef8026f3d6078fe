"""Cuts a part out of an ONNX model: from named tensors to named tensors, weights unread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.sketch.voice.protobuf_wire import Field, bytes_field, fields, number_field, text

# Field numbers of ONNX's messages.
_MODEL_GRAPH = 7
_GRAPH_NODE, _GRAPH_NAME, _GRAPH_WEIGHT, _GRAPH_INPUT, _GRAPH_OUTPUT = 1, 2, 5, 11, 12
_NODE_INPUT, _NODE_OUTPUT = 1, 2
_WEIGHT_NAME = 8
FLOAT, INT64 = 1, 7  # element types


class CutFailed(Exception):
    """The model is no ONNX model, or has no such tensor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """An end of the cut: the tensor's name, its element type, and the names of its axes.

    ``None`` for axes leaves the shape open, which an output may do.
    """

    name: str
    element: int = FLOAT
    axes: tuple[str | int, ...] | None = None


@dataclass(slots=True)
class _Graph:
    nodes: list[tuple[frozenset[str], frozenset[str], bytes]] = field(default_factory=list)
    weights: dict[str, bytes] = field(default_factory=dict)


def cut(model: bytes, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> bytes:
    """The part of the model that leads from ``inputs`` to ``outputs``, as a model of its own.

    Raises CutFailed where a tensor is missing, or where an output needs more than the inputs.
    """
    try:
        parts = list(fields(memoryview(model)))
        whole = _graph(next(part for part in parts if part.number == _MODEL_GRAPH))
    except (ValueError, StopIteration) as error:
        raise CutFailed("this is no ONNX model") from error
    kept, weights = _needed(whole, {end.name for end in inputs}, {end.name for end in outputs})
    graph = b"".join(bytes_field(_GRAPH_NODE, node) for node in kept)
    graph += bytes_field(_GRAPH_NAME, b"cut")
    graph += b"".join(bytes_field(_GRAPH_WEIGHT, whole.weights[name]) for name in weights)
    graph += b"".join(bytes_field(_GRAPH_INPUT, _declared(end)) for end in inputs)
    graph += b"".join(bytes_field(_GRAPH_OUTPUT, _declared(end)) for end in outputs)
    rest = b"".join(bytes(part.raw) for part in parts if part.number != _MODEL_GRAPH)
    return rest + bytes_field(_MODEL_GRAPH, graph)


def _graph(part: Field) -> _Graph:
    graph = _Graph()
    for piece in fields(part.content):
        if piece.number == _GRAPH_NODE:
            ends = list(fields(piece.content))
            needs = frozenset(text(end) for end in ends if end.number == _NODE_INPUT)
            gives = frozenset(text(end) for end in ends if end.number == _NODE_OUTPUT)
            graph.nodes.append((needs - {""}, gives, bytes(piece.content)))
        elif piece.number == _GRAPH_WEIGHT:
            name = next(text(e) for e in fields(piece.content) if e.number == _WEIGHT_NAME)
            graph.weights[name] = bytes(piece.content)
    return graph


def _needed(graph: _Graph, given: set[str], wanted: set[str]) -> tuple[list[bytes], list[str]]:
    """The nodes and weights that the wanted tensors need, in the model's own order."""
    known = {name for _, gives, _ in graph.nodes for name in gives}
    if strange := (wanted - known) | (given - known - _outer(graph)):
        raise CutFailed(f"the model has no tensor {', '.join(sorted(strange))}")
    open_ends, kept = set(wanted), list[bytes]()
    for needs, gives, node in reversed(graph.nodes):
        # Nodes are sorted by need, so one pass from the end sees each after all that use it.
        if gives & open_ends and not gives <= given:
            open_ends = (open_ends - gives) | (needs - given)
            kept.append(node)
    if missing := open_ends - set(graph.weights):
        raise CutFailed(f"the cut leaves open: {', '.join(sorted(missing))}")
    return kept[::-1], [name for name in graph.weights if name in open_ends]


def _outer(graph: _Graph) -> set[str]:
    """What the nodes use and neither a node nor a weight gives: the model's own inputs."""
    used = {name for needs, _, _ in graph.nodes for name in needs}
    return used - set(graph.weights)


def _declared(end: Tensor) -> bytes:
    """ONNX's ValueInfo for an end."""
    shape = b""
    if end.axes is not None:
        axes = (
            number_field(1, axis) if isinstance(axis, int) else bytes_field(2, axis.encode())
            for axis in end.axes
        )
        shape = bytes_field(2, b"".join(bytes_field(1, axis) for axis in axes))
    tensor = number_field(1, end.element) + shape
    return bytes_field(1, end.name.encode()) + bytes_field(2, bytes_field(1, tensor))
