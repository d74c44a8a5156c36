"""Problems: one graph or list, whose numbers are inputs and all else is fixed.

A problem's numbers (weights, keys, coordinates …) stand in a vector in which gradients are taken. `lay(numbers)` lays
it out; where a number comes to stand is found by laying out other numbers (`prepared`), since layouts copy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import networkx as nx
import numpy as np
import torch
from torch import Tensor

from algorithms.graphs._paths import no_negative_cycle, nonnegative
from algorithms.inputs.checks import numbers_of
from algorithms.inputs.exact import fits, floats, holds
from algorithms.inputs.structure import GraphStructure, PairStructure, inputs_of_hub
from algorithms.machine.state import Instance
from algorithms.spec import Spec
from neural_exec.defaults import no_modes
from neural_exec.errors import ArgumentError, InputError
from neural_exec.tensors.gradients import fixed_array

__all__ = [
    "REMEDY",
    "Call",
    "Problem",
    "edge_index_of",
    "joined",
    "numbers",
    "problem_of_graph",
    "problem_of_list",
    "problem_of_pair",
    "whole",
]

REMEDY = "; predicted weights are usually kept positive by torch.nn.functional.softplus"


@dataclass(frozen=True)
class Problem:
    """One graph or list. numbers: how many inputs it has; lay: numbers (k,) float64 -> Instance; check: numbers ->
    None, raising the typed errors of the algorithm's contract; nodes: how many there are."""

    numbers: int
    nodes: int
    lay: Callable[[np.ndarray], Instance]
    check: Callable[[np.ndarray], None]


@dataclass
class Call:
    """A call: problems, and all their inputs in one vector, of the first problem first.

    inputs (P,) float64. batched: were there several (a Batch, a list, a tensor (B, n))? edges (2, E) and edge_input
    (E,), int64: of a graph, the caller's edges (as nodes of the whole batch) and the input that each of them is. exact:
    the inputs as Python's numbers, where some are no float64 and the algorithm only compares them.
    """

    spec: Spec
    problems: list[Problem]
    inputs: Tensor
    batched: bool
    edges: np.ndarray | None = None
    edge_input: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    exact: np.ndarray | None = None

    @property
    def is_graph(self) -> bool:
        return self.edges is not None

    @property
    def ends(self) -> np.ndarray:
        """(2, E): the edges of a graph."""
        assert self.edges is not None
        return self.edges

    @property
    def starts(self) -> np.ndarray:
        """(B + 1,): the first input of each problem."""
        return np.cumsum([0] + [p.numbers for p in self.problems])

    @property
    def ptr(self) -> np.ndarray:
        """(B + 1,): the first node of each problem."""
        return np.cumsum([0] + [p.nodes for p in self.problems])

    def laid_out(self, values: np.ndarray) -> np.ndarray:
        """(P,) float64, on which the algorithm runs: the inputs' values, or their ranks within each problem."""
        if self.exact is None:
            return values
        parts = [floats(self.exact[i:j].tolist(), compared=True) for i, j in pairwise(self.starts.tolist())]
        return np.concatenate(parts)

    def check(self, values: np.ndarray) -> None:
        """Raises what the algorithm's contract forbids of the inputs' values, with the graph's place in the batch."""
        values = values if self.exact is None else self.exact
        for i, (p, start) in enumerate(zip(self.problems, self.starts.tolist())):
            mine = values[start : start + p.numbers]
            try:
                p.check(mine)
            except InputError as e:
                where = f"graph {i} of the batch: " if self.is_graph else f"list {i} of the batch: "
                text = f"{where if self.batched else ''}{e}{REMEDY if self.is_graph and 'negative' in str(e) else ''}"
                raise type(e)(text) from None


def whole(value, what: str) -> int:
    """A node's place, or a length. Raises InputError where the number is no whole one."""
    number = value
    if isinstance(value, Tensor | np.ndarray):
        number = fixed_array(torch.as_tensor(value), what)
        number = number.item() if number.size == 1 else value
    if isinstance(number, bool) or not isinstance(number, int | float | np.number) or int(number) != number:
        raise InputError(f"{what} is {value!r}; a whole number is needed")
    return int(number)


@no_modes()
def numbers(given, what: str, compared: bool = False) -> Tensor:
    """Numbers of any real type and form as float64, with their gradient; tensors in a list are stacked. compared: whole
    numbers that are no float64 stay whole. Raises InputError for those otherwise, where they are no real numbers, and
    for lists of several lengths."""
    if isinstance(given, list | tuple) and given and all(isinstance(x, Tensor) for x in given):
        parts = [numbers(x, what, compared) for x in given]
        if len({x.shape for x in parts}) > 1:
            raise InputError(f"{what} is {given!r}; real numbers are needed, in tensors of one shape")
        flat, kept = joined([x.reshape(-1) for x in parts], what)
        flat = flat if kept is None else torch.tensor(kept.tolist(), device=flat.device)
        return flat.reshape(len(parts), *parts[0].shape)
    if isinstance(given, Tensor | np.ndarray):
        try:
            out = torch.as_tensor(given)
        except (TypeError, ValueError, RuntimeError):
            return numbers(given.tolist(), what, compared)
        if out.dtype == torch.bool:
            raise InputError(f"{what} holds truth values; real numbers are needed")
        if out.is_complex():
            raise InputError(f"{what} holds complex numbers; real ones are needed")
        if out.is_floating_point() or out.dtype.itemsize < 8 or _small(fixed_array(out, what)):
            return out.double()
        exact = fixed_array(out, what).ravel().tolist()
    else:
        try:
            table = np.array(given, object)
        except (TypeError, ValueError) as e:
            raise InputError(f"{what} is {given!r}; real numbers are needed") from e
        exact = numbers_of(list(table.flat), lambda i: what if not table.ndim else f"{what}, number {i},")
        out = torch.zeros(table.shape, dtype=torch.int64)
    if compared and not all(map(holds, exact)) and all(isinstance(x, int) and -(2**63) <= x < 2**63 for x in exact):
        return torch.tensor(exact, device=out.device).reshape(out.shape)
    fits(exact, lambda i: f"{what}, number {i},")
    return torch.tensor(floats(exact), dtype=torch.float64, device=out.device).reshape(out.shape)


def _small(whole: np.ndarray) -> bool:
    """Are these whole numbers float64 at a glance?"""
    return bool((whole <= 2**53).all() and (whole.dtype.kind == "u" or (whole >= -(2**53)).all()))


def joined(parts: list[Tensor], what: str) -> tuple[Tensor, np.ndarray | None]:
    """A Call's inputs, and what is exact of them, from parts as `numbers` gives them. Raises
    InputError for fractions beside whole numbers that are no float64."""
    if all(map(torch.is_floating_point, parts)):
        return torch.cat(parts) if parts else torch.zeros(0, dtype=torch.float64), None
    exact = [x for part in parts for x in part.tolist()]
    if any(isinstance(x, float) and not x.is_integer() for x in exact):
        raise InputError(f"{what}: fractions beside whole numbers beyond 2**53; they have no common type")
    return torch.cat([part.double() for part in parts]), np.array([int(x) for x in exact], object)


def edge_index_of(given) -> Tensor:
    """(2, E) int64. Raises ArgumentError where it is of another form, or holds no whole numbers."""
    edges = torch.as_tensor(given)
    if edges.dim() != 2 or edges.shape[0] != 2 or (edges.is_floating_point() and bool((edges != edges.floor()).any())):
        raise ArgumentError(f"edge_index has shape {tuple(edges.shape)} and type {edges.dtype}; (2, E) int64 is needed")
    return edges.long()


def problem_of_graph(spec: Spec, n: int, ends: np.ndarray, hub: dict[str, int], further: tuple = ()) -> Problem:
    """A graph with the nodes 0 … n - 1 and the edges `ends` (m, 2), each once; hub: {argument: node}. Its numbers are
    the edges' weights (capacities of a network), then those of the arguments named in `further`."""
    structure = spec.structure
    assert isinstance(structure, GraphStructure)
    directed, name = structure.directed is not False, structure.attribute
    count = len(ends) if name else 0
    arguments = lambda values: {**hub, **dict(zip(further, values[count:].tolist()))}

    # what holds of itself where no weight is negative need not be looked for
    safe = not structure.nonnegative and {*structure.requires} <= {nonnegative, no_negative_cycle}

    def graph_of(values: np.ndarray) -> nx.Graph:
        graph = nx.DiGraph() if directed else nx.Graph()
        graph.add_nodes_from(range(n))
        pairs = ends.tolist()
        if name:
            graph.add_weighted_edges_from(((u, v, w) for (u, v), w in zip(pairs, values.tolist())), weight=name)
        else:
            graph.add_edges_from(pairs)
        return graph

    def lay(values: np.ndarray) -> Instance:
        weight = values[:count] if name else None
        return structure.arrange(spec, list(range(n)), ends, weight, directed, arguments(values))

    def check(values: np.ndarray) -> None:
        plain = n > 0 and all(isinstance(v, int) and 0 <= v < n for v in hub.values())
        fine = math.isfinite(float(np.abs(values).sum())) and (not structure.requires or (values >= 0).all())
        if further or not (plain and safe and fine):
            structure.check(spec, graph_of(values), arguments(values))

    return Problem(count + len(further), n, lay, check)


def problem_of_list(spec: Spec, shapes: dict[str, tuple[int, ...]]) -> Problem:
    """Lists of these shapes, by name. Its numbers are all lists' entries, one list after another, and then the numbers
    that go to the hub. A pair of sequences, of the shape (n, m), has no two elements that are equal."""
    structure, hub = spec.structure, list(inputs_of_hub(spec))
    if isinstance(structure, PairStructure):
        n, m = shapes["sequences"]
        return problem_of_pair(spec, range(n), range(n, n + m))
    sizes = [int(np.prod(s)) for s in shapes.values()]

    def arguments(values: np.ndarray) -> tuple:
        parts = np.split(values[: sum(sizes)], np.cumsum(sizes)[:-1])
        lists = {name: p.reshape(s) for (name, s), p in zip(shapes.items(), parts)}
        given = dict(zip(hub, values[sum(sizes) :].tolist()))
        if structure.by_name:
            return None, {n: x.tolist() for n, x in lists.items()} | given
        x = next(iter(lists.values()))
        return [tuple(p) for p in x.tolist()] if x.ndim == 2 else x.tolist(), given

    def lay(values: np.ndarray) -> Instance:
        data, given = arguments(values)
        return structure.build(spec, data, given)

    def check(values: np.ndarray) -> None:
        data, given = arguments(values)
        structure.check(spec, data, given)

    return Problem(sum(sizes) + len(hub), next(iter(shapes.values()))[0], lay, check)


def problem_of_pair(spec: Spec, x, y) -> Problem:
    """Two sequences, or a text and a pattern. Its numbers, where the algorithm takes costs, are those to delete each of
    the first, to insert each of the second, to replace each of the first by each of the second."""
    n, m, structure = len(x), len(y), spec.structure
    assert isinstance(structure, PairStructure)
    data, given = structure.of_two(x, y)

    def arguments(values: np.ndarray) -> dict:
        delete, insert, replace = np.split(values, [n, n + m])
        return dict(delete=delete, insert=insert, replace=replace.reshape(n, m)) if structure.optional else given

    def check(values: np.ndarray) -> None:
        structure.check(spec, data, arguments(values))

    count = n + m + n * m if structure.optional else 0
    return Problem(count, n + m, lambda values: structure.build(spec, data, arguments(values)), check)
