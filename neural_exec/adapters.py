"""The adapters of a chain: each turns what a stage left into what the next one takes. The same for all algorithms.

| adapter | takes | gives |
| --- | --- | --- |
| `keys("distance")` | a scalar per node | a list: the nodes' numbers |
| `keys()` | a weighted graph | a list: the edges' weights |
| `tree("parent")` | a pointer per node | a graph: an edge from where each node points |
| `subgraph("edges")` | a set of edges | the graph of those edges, all nodes kept |
| `restrict("reached")` | a set of nodes | the graph on them, or the list of them |
| `permute("order")` | an order | the graph, or list, laid out in that order |
| `subgraph()`, `restrict()` | a list of edges, of nodes | back to its graph: those edges, those nodes |
| `reverse()` | a directed graph, a list | its edges turned round, its elements last to first |
| `negate()` | a weighted graph, a list | its weights, its numbers negated |

Names are those of outputs or of probes of the algorithm before (hints are in the final state too). Elements of a list
keep the names of the nodes or edges that they are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields, replace

import numpy as np

from algorithms.spec import CATEGORICAL, EDGE, GRAPH, MASK, NODE, POINTER, SCALAR
from neural_exec.chain_data import Edges, Net, Numbers, Shape, same_rows
from neural_exec.errors import ArgumentError, ChainError, InputError, NothingLeftError
from neural_exec.ports import ORDER, Port, port_of, ports, words

__all__ = ["Adapter", "argument", "keys", "negate", "output", "permute", "restrict", "reverse", "subgraph", "tree"]


@dataclass(frozen=True)
class argument:
    """What the caller passes to `run` under this name."""

    name: str


@dataclass(frozen=True)
class output:
    """An output or probe of the stage before, as an argument of the next; or of the algorithm at a place (from 0)."""

    name: str
    stage: int = -1


class Adapter(ABC):
    """check: what shape becomes what, or ChainError. apply: the same of the data. `before` is the stage before: a
    `spec`, the `shape` and the `data` that it ran on, its final `instance`."""

    @abstractmethod
    def check(self, shape: Shape, before) -> Shape: ...

    @abstractmethod
    def apply(self, data: Net | Numbers, before, given: Callable) -> Net | Numbers: ...

    def __repr__(self) -> str:
        shown = ((f, getattr(self, f.name)) for f in fields(self))
        parts = [f"{v!r}" if i == 0 else f"{f.name}={v!r}" for i, (f, v) in enumerate(shown) if v != f.default]
        return f"{type(self).__name__}({', '.join(parts)})"

    def need(self, name: str, before, shape: Shape, *types: tuple[str, str]) -> Port:
        """The port of that name, of one of these types; ChainError otherwise."""
        return find_port(repr(self), name, before, shape, *types)


def find_port(who: str, name: str, before, shape: Shape, *types: tuple[str, str]) -> Port:
    wanted = " or ".join(words(*t) for t in types)
    if before is None:
        raise ChainError(f"{who} takes {wanted} of the algorithm before it, and no algorithm comes before it")
    here, end = ports(before.spec), f"stage {before.place}, {before.spec.name}"
    fitting = [p.name for p in here if (p.location, p.type) in types]
    fits = (
        f"of {before.spec.name} would fit: {', '.join(fitting)}" if fitting else f"nothing of {before.spec.name} fits"
    )
    port = next((p for p in here if p.name == name), None)
    if port is None:
        raise ChainError(f"{who} takes {wanted}; {end}, gives no {name!r}; {fits}")
    if (port.location, port.type) not in types:
        raise ChainError(f"{who} takes {wanted}; {name} of {end}, is {port.text}; {fits}")
    if port.location != GRAPH and before.shape.space != shape.space:
        raise ChainError(f"{who}: the rows of {end}, are {before.shape.space}; those at hand are other {shape.space}")
    return port


def to_data(before, data: Net | Numbers, rows: np.ndarray) -> np.ndarray:
    """Rows of a stage's instance as places in the data at hand; -1 where they are no longer there."""
    place = same_rows(before.data, data)
    rows = np.where(rows < len(before.data), rows, -1)
    return place[rows]


def at_data(before, data: Net | Numbers, values: np.ndarray, missing) -> np.ndarray:
    """Values of a stage's rows, at the rows of the data at hand; `missing` for what that stage did not know."""
    place = same_rows(data, before.data)[:-1]
    return np.where(place >= 0, values[place], missing)


def _graph(adapter: Adapter, shape: Shape) -> None:
    if shape.data != "graph":
        raise ChainError(
            f"{adapter!r} takes a graph; what comes before gives {shape}; restrict() leads back to a graph"
        )


# ---------------------------------------------------------------- the adapters
@dataclass(frozen=True, repr=False)
class keys(Adapter):
    """A list of numbers: a scalar of each node (or element); with no name, the weight of each edge of the graph.

    Numbers that are not finite, as the distance of a node that was not reached, are an InputError: `restrict` first.
    """

    output: str | None = None

    def check(self, shape: Shape, before) -> Shape:
        if self.output is None:
            _graph(self, shape)
            return Shape("list", shape.directed, True, Edges())
        self.need(self.output, before, shape, (NODE, SCALAR))
        return Shape("list", shape.directed, shape.data == "graph" or shape.origin, shape.space)

    def apply(self, data, before, given):
        if self.output is None:
            out = Numbers(data.edge_names, np.arange(len(data.ends)), data.weight, data, True)
        else:
            port = port_of(before.spec, self.output)
            values = at_data(before, data, port.read(before.instance, None), np.nan)
            graph = data if isinstance(data, Net) else data.graph
            out = Numbers(data.labels, data.ids, values, graph, isinstance(data, Numbers) and data.edges)
        wrong = np.flatnonzero(~np.isfinite(out.keys))
        if len(wrong):
            raise InputError(
                f"{self!r}: {out.names[wrong[0]]!r} has {out.keys[wrong[0]]}; a list takes finite numbers: "
                f"restrict({self.output!r}) before it leaves those out"
            )
        return out


@dataclass(frozen=True, repr=False)
class tree(Adapter):
    """A graph of pointers: an edge from where each node points to the node, with the weight that this edge has in the
    graph before. A node that points at itself has a self-loop. directed: from parent to child, else undirected."""

    output: str
    directed: bool = False

    def check(self, shape: Shape, before) -> Shape:
        self.need(self.output, before, shape, (NODE, POINTER))
        _graph(self, shape)
        return replace(shape, directed=self.directed)

    def apply(self, data, before, given):
        pointers = port_of(before.spec, self.output).read(before.instance, None)
        child, parent = np.arange(len(data)), to_data(before, data, at_data(before, data, pointers, -1))
        ends = np.stack([parent, child], 1)[parent >= 0]
        if not self.directed:  # two nodes that point at each other have one edge
            ends = ends[np.sort(np.unique(np.sort(ends, 1) @ [len(data), 1], return_index=True)[1])]
        weight = data.weights_of(ends)
        return replace(data, ends=ends, weight=weight, directed=self.directed, given=None)


@dataclass(frozen=True, repr=False)
class subgraph(Adapter):
    """The graph of a set of edges, all its nodes kept; `subgraph(name, False)`: of the edges that are not in it. With
    no name: of the edges that are a list's elements. A category per edge is a set by its `value`."""

    output: str | None = None
    value: object = True

    def check(self, shape: Shape, before) -> Shape:
        if self.output is not None:
            self.need(self.output, before, shape, (EDGE, MASK), (EDGE, CATEGORICAL))
            _graph(self, shape)
            _value(self, before)
            return shape
        if shape.data == "graph" or not isinstance(shape.space, Edges):
            raise ChainError(
                f"{self!r} without a name takes a list of edges, as keys() makes; what comes before gives {shape}"
            )
        return Shape("graph", shape.directed)

    def apply(self, data, before, given):
        if self.output is None:
            return data.graph.edges(np.sort(data.ids))
        port = port_of(before.spec, self.output)
        ends = to_data(before, data, port.read(before.instance, self.value))
        inside = np.isin(data.code(data.ends), data.code(ends[(ends >= 0).all(1)]))
        return data.edges(~inside if port.type == MASK and not self.value else inside)


@dataclass(frozen=True, repr=False)
class restrict(Adapter):
    """The graph on some nodes and the edges between them, or the list of some elements.

    Which: those of a set (`restrict(name, False)`: those that are not in it); those with a `value` of a category;
    those whose scalar is finite (a distance: what was reached); those that the caller names (`argument("facilities")`).
    With no name: back from a list of nodes to the graph, on those nodes, in the graph's order.
    Raises NothingLeftError where none is left.
    """

    output: str | argument | None = None
    value: object = True

    def check(self, shape: Shape, before) -> Shape:
        if isinstance(self.output, argument):
            return shape
        if self.output is not None:
            self.need(self.output, before, shape, (NODE, MASK), (NODE, CATEGORICAL), (NODE, SCALAR))
            _value(self, before)
            return shape
        if shape.data == "graph" or not shape.origin or isinstance(shape.space, Edges):
            hint = "; subgraph() makes a graph of a list of edges" if isinstance(shape.space, Edges) else ""
            raise ChainError(
                f"{self!r} without a name takes a list of a graph's nodes; what comes before gives {shape}{hint}"
            )
        return Shape("graph", shape.directed)

    def apply(self, data, before, given):
        if self.output is None:
            return data.graph.nodes(np.sort(to_rows(data)))
        if isinstance(self.output, argument):
            wanted = _members(self, given(self.output.name), data)
            inside = np.array([name in wanted for name in data.names], bool)
        else:
            port = port_of(before.spec, self.output)
            values = port.read(before.instance, self.value)
            if port.type == SCALAR:
                values = np.isfinite(values) == bool(self.value)
            inside = at_data(before, data, values, False).astype(bool)
        if not inside.any():
            raise NothingLeftError(f"{self!r} leaves nothing: of {len(data)}, none is in the set")
        return _pick(data, np.flatnonzero(inside))


@dataclass(frozen=True, repr=False)
class permute(Adapter):
    """The graph, or the list, laid out in an order. What the order does not hold is left out. first: only so many (or
    all, where there are fewer); the number, or the caller's (`argument("k")`)."""

    output: str
    first: int | argument | None = None

    def check(self, shape: Shape, before) -> Shape:
        self.need(self.output, before, shape, (NODE, ORDER))
        return shape

    def apply(self, data, before, given):
        rows = port_of(before.spec, self.output).read(before.instance, None)
        places = to_data(before, data, rows)
        places = places[places >= 0]
        counts = np.bincount(places, minlength=len(data))
        if (counts > 1).any():
            raise InputError(f"{self!r}: the order holds {data.names[int(counts.argmax())]!r} more than once")
        if self.first is not None:
            first = given(self.first.name) if isinstance(self.first, argument) else self.first
            if isinstance(first, bool) or not isinstance(first, int | np.integer) or first < 0:
                raise ArgumentError(f"{self!r}: first is {first!r}; a whole number from 0 on is needed")
            places = places[:first]
        return _pick(data, places)


@dataclass(frozen=True, repr=False)
class reverse(Adapter):
    """A directed graph with every edge turned round; a list from last to first."""

    def check(self, shape: Shape, before) -> Shape:
        if shape.data == "graph" and shape.directed is False:
            raise ChainError(f"{self!r} takes a directed graph, or a list; what comes before gives {shape}")
        return replace(shape, directed=True) if shape.data == "graph" else shape

    def apply(self, data, before, given):
        if isinstance(data, Net):
            return replace(data, ends=data.ends[:, ::-1], given=None)
        return data.elements(np.arange(len(data))[::-1])


@dataclass(frozen=True, repr=False)
class negate(Adapter):
    """The graph with its weights negated: its shortest path is the longest; a list with its numbers negated."""

    def check(self, shape: Shape, before) -> Shape:
        if shape.data not in ("graph", "list"):
            raise ChainError(f"{self!r} takes a weighted graph, or a list; what comes before gives {shape}")
        return shape

    def apply(self, data, before, given):
        if isinstance(data, Net):
            return replace(data, weight=-data.weight, given=None)
        return replace(data, keys=-data.keys)


def to_rows(data: Numbers) -> np.ndarray:
    """A list's elements as nodes of the graph it came from."""
    rows = same_rows(data, data.graph)[:-1]
    return rows[rows >= 0]


def _pick(data: Net | Numbers, places: np.ndarray) -> Net | Numbers:
    return data.nodes(places) if isinstance(data, Net) else data.elements(places)


def _value(adapter, before) -> None:
    """A category is a set by one of its values, a mask by True or False."""
    probe = before.spec.by_name.get(adapter.output)
    known = probe.values if adapter.output not in before.spec.outputs and probe and probe.values else (True, False)
    if adapter.value not in known:
        raise ChainError(f"{adapter!r}: {adapter.output} of {before.spec.name} is one of {', '.join(map(repr, known))}")


def _members(adapter, wanted: object, data: Net | Numbers) -> set:
    """The caller's set of labels, checked."""
    if isinstance(wanted, str | bytes) or not isinstance(wanted, Collection):
        raise ArgumentError(f"{adapter!r}: {adapter.output.name} is {wanted!r}; a set or a list of nodes is needed")
    known = set(data.labels)
    for v in wanted:
        try:
            there = v in known
        except TypeError:
            there = False
        if not there:
            raise InputError(f"{adapter!r}: {v!r} is not in the graph")
    return set(wanted)
