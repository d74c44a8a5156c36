"""What a layer is given, read and checked before anything is laid out: which output, the graph, shapes, numbers."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from algorithms.inputs.structure import GraphStructure, inputs_of_hub
from algorithms.machine.probes import EDGE, GRAPH, NODE
from algorithms.spec import Spec
from neural_exec.errors import ArgumentError, GraphError, InputError
from neural_exec.tensors.call import no_gradient
from neural_exec.tensors.gradients import fixed_array, readable
from neural_exec.tensors.outputs import differentiable
from neural_exec.tensors.problems import edge_index_of, numbers, problem_of_graph, problem_of_list

__all__ = [
    "check_graph", "check_shapes", "constant", "dtype_of", "ends_of", "float64", "forbids_negative", "output_of",
]  # fmt: skip


def output_of(spec: Spec, output: str | None, at) -> str:
    """The output of which a layer's value is; None: the value, or else the first that has a gradient. Raises
    ArgumentError, and GradientError where it has none."""
    has = differentiable(spec)
    if not has or (output is not None and output not in has):
        if output is not None and output not in spec.outputs:
            raise ArgumentError(f"{spec.name} has no output {output!r}; with a gradient: {', '.join(has) or 'none'}")
        raise no_gradient(spec, output)
    output = output or ("value" if "value" in has else has[0])
    form = spec.outputs.get(output)
    if form and form.location == EDGE:
        raise ArgumentError(f"output {output!r} of {spec.name} is a number per edge; output='value' is one")
    if form and form.location != GRAPH and at is None:
        what = "node" if form.location == NODE else "pair of nodes"
        raise ArgumentError(f"output {output!r} of {spec.name} is a number per {what}; say which with at=…")
    return output


def check_graph(spec: Spec, edges: np.ndarray, num_nodes: int, nodes: dict[str, int], at) -> None:
    """edges (2, m) int64; nodes: those that it is called with; at: the node or nodes of its output. Raises GraphError,
    InputError and ArgumentError."""
    if set(nodes) != set(inputs_of_hub(spec)):
        raise ArgumentError(f"{spec.name} is called with {', '.join(inputs_of_hub(spec))}, not {list(nodes)}")
    if edges.size and (edges.min() < 0 or edges.max() >= num_nodes):
        raise GraphError(f"{spec.name}: edge_index names nodes from {edges.min()} to {edges.max()}, of {num_nodes}")
    pairs = np.sort(edges, 0) if spec.structure.directed is False else edges
    if len(np.unique(pairs, axis=1).T) < edges.shape[1]:
        raise GraphError(f"{spec.name}: an edge is given twice; edge_index needs each edge once")
    wrong = [v for v in np.atleast_1d(at if at is not None else []).tolist() if not 0 <= v < num_nodes]
    if wrong:
        raise ArgumentError(f"{spec.name}: at={at!r}; the graph has the nodes 0 to {num_nodes - 1}")
    problem_of_graph(spec, num_nodes, edges.T, nodes).check(np.ones(edges.shape[1]))


def check_shapes(spec: Spec, shapes: dict[str, tuple[int, ...]], fixed: dict[str, np.ndarray]) -> None:
    """Raises ArgumentError where `shapes` and `fixed` are none of this algorithm."""
    if unknown := {*fixed, *shapes} - {*spec.inputs}:
        what, takes = ", ".join(sorted(unknown)), ", ".join(spec.inputs)
        raise ArgumentError(f"{spec.name} takes no {what}; it takes {takes}")
    for name, shape in shapes.items():
        if not isinstance(shape, list | tuple) or not all(isinstance(k, int) and k >= 0 for k in shape):
            raise ArgumentError(f"{spec.name}: shapes[{name!r}] is {shape!r}; a tuple of lengths is needed")
        if name in fixed and fixed[name].shape != tuple(shape):
            raise ArgumentError(f"{spec.name}: shapes[{name!r}] is {shape!r}, what is fixed is {fixed[name].shape}")
    pair = spec.structure.data == "sequences"
    if pair and (fixed or {*shapes} - {"sequences"} or len(shapes.get("sequences", (0, 0))) != 2):
        raise ArgumentError(
            f"{spec.name} takes the lengths of its sequences alone, shapes={{'sequences': (n, m)}}; all its costs go "
            "in w"
        )


def forbids_negative(spec: Spec, shapes: dict[str, tuple[int, ...]]) -> bool:
    """Does the contract refuse a number below zero, whatever the others are?"""
    if isinstance(spec.structure, GraphStructure):
        problem = problem_of_graph(spec, 2, np.array([[0, 1]]), dict(zip(inputs_of_hub(spec), (0, 1))))
    elif spec.structure.valued == NODE or shapes:
        problem = problem_of_list(spec, shapes or {"values": (2,)})
    else:
        return False
    try:
        problem.check(np.where(np.arange(problem.numbers) == 0, -1.0, 1.0))
    except InputError:
        return True
    return False


def float64(w: Tensor, name: str) -> Tensor:
    """Raises ArgumentError where w is no tensor with numbers, InputError where they are not real."""
    readable(w, name)
    return numbers(w, name)


def dtype_of(w: Tensor) -> torch.dtype:
    """Of what comes of w: its own; float64 for whole numbers."""
    return w.dtype if w.is_floating_point() else torch.float64


def constant(x, what: str) -> np.ndarray:
    """Numbers that stay, float64."""
    return fixed_array(numbers(x, what), what).copy()


def ends_of(edge_index, name: str) -> np.ndarray:
    """A copy (2, m) int64 that nobody else writes to."""
    return fixed_array(edge_index_of(edge_index), f"{name}: edge_index").copy()
