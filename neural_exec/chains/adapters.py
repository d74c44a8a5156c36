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

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from algorithms.machine.probes import CATEGORICAL, EDGE, MASK, NODE, POINTER, SCALAR
from neural_exec.chains.data import Edges, Net, Numbers, Shape, same_rows
from neural_exec.chains.links import Adapter, argument, at_data, output, read, to_data
from neural_exec.chains.ports import ORDER
from neural_exec.errors import ArgumentError, ChainError, InputError, NothingLeftError

__all__ = ["Adapter", "argument", "keys", "negate", "output", "permute", "restrict", "reverse", "subgraph", "tree"]


def _graph(adapter: Adapter, shape: Shape) -> None:
    if shape.data != "graph":
        raise ChainError(
            f"{adapter!r} takes a graph; what comes before gives {shape}; restrict() leads back to a graph"
        )


@dataclass(frozen=True, repr=False)
class keys(Adapter):
    """A list of numbers: a scalar of each node (or element); with no name, the weight of each edge of the graph.

    Numbers that are not finite, as the distance of a node that was not reached, are an InputError: `restrict` first.

    >>> import networkx as nx
    >>> from neural_exec import Chain
    >>> roads = nx.Graph([("a", "b", {"weight": 2.0}), ("b", "c", {"weight": 1.0})])
    >>> Chain(["dijkstra", keys("distance"), "heapsort"]).run(roads, source="c").outputs[1]["order"]
    ['c', 'b', 'a']
    >>> Chain([keys(), "heapsort"]).run(roads).outputs[0]["order"]
    [('b', 'c'), ('a', 'b')]
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
            values = data.weight
            out = Numbers(data.edge_names, np.arange(len(data.ends)), values, data, True)
        else:
            values = at_data(before, data, read(before, self.output)[1], np.nan)
            graph = data if isinstance(data, Net) else data.graph
            out = Numbers(data.labels, data.ids, values, graph, isinstance(data, Numbers) and data.edges)
        wrong = np.flatnonzero(~np.isfinite(values))
        if len(wrong):
            raise InputError(
                f"{self!r}: {out.names[wrong[0]]!r} has {values[wrong[0]]}; a list takes finite numbers: "
                f"restrict({self.output!r}) before it leaves those out"
            )
        return out


@dataclass(frozen=True, repr=False)
class tree(Adapter):
    """A graph of pointers: an edge from where each node points to the node, with the weight that this edge has in the
    graph before. A node that points at itself has a self-loop. directed: from parent to child, else undirected.

    >>> import networkx as nx
    >>> from neural_exec import Chain
    >>> run = Chain(["bfs", tree("parent", directed=True), "topological_sort"]).run(nx.cycle_graph(4), source=1)
    >>> list(run.graph.edges)
    [(0, 3), (1, 0), (1, 2)]
    """

    output: str
    directed: bool = False

    def check(self, shape: Shape, before) -> Shape:
        self.need(self.output, before, shape, (NODE, POINTER))
        _graph(self, shape)
        if not isinstance(self.directed, bool):
            raise ChainError(f"{self!r}: directed is True or False")
        return replace(shape, directed=self.directed)

    def apply(self, data, before, given):
        _, pointers = read(before, self.output)
        child, parent = np.arange(len(data)), to_data(before, data, at_data(before, data, pointers, -1))
        ends = np.stack([parent, child], 1)[parent >= 0]
        if not self.directed:  # two nodes that point at each other have one edge
            ends = ends[np.sort(np.unique(np.sort(ends, 1) @ [len(data), 1], return_index=True)[1])]
        weight = data.weights_of(ends)
        return replace(data, ends=ends, weight=weight, directed=self.directed, given=None)


@dataclass(frozen=True, repr=False)
class subgraph(Adapter):
    """The graph of a set of edges, all its nodes kept; `subgraph(name, False)`: of the edges that are not in it. With
    no name: of the edges that are a list's elements. A category per edge is a set by its `value`.

    >>> import networkx as nx
    >>> from neural_exec import Chain
    >>> chain = Chain(["bridges", subgraph("edges", False), "connected_components"])
    >>> chain.run(nx.barbell_graph(3, 0)).outputs[1]["component"]
    {0: 0, 1: 0, 2: 0, 3: 3, 4: 3, 5: 3}
    """

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
        port, ends = read(before, self.output, self.value)
        ends = to_data(before, data, ends)
        inside = np.isin(data.code(data.ends), data.code(ends[(ends >= 0).all(1)]))
        return data.edges(~inside if port.type == MASK and not self.value else inside)


@dataclass(frozen=True, repr=False)
class restrict(Adapter):
    """The graph on some nodes and the edges between them, or the list of some elements.

    Which: those of a set (`restrict(name, False)`: those that are not in it); those with a `value` of a category;
    those whose scalar is finite (a distance: what was reached); those that the caller names (`argument("facilities")`).
    With no name: back from a list of nodes to the graph, on those nodes, in the graph's order.
    Raises NothingLeftError where none is left.

    >>> import networkx as nx
    >>> from neural_exec import Chain
    >>> Chain(["bfs", restrict("reached"), "dfs"]).run(nx.Graph([(0, 1), (2, 3)]), source=2).labels
    [2, 3]
    >>> Chain([restrict(argument("open")), "bfs"]).run(nx.path_graph(4), open={0, 1, 3}, source=0).outputs[0]["reached"]
    {0: True, 1: True, 3: False}
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
            port, values = read(before, self.output, self.value)
            if port.type == SCALAR:
                values = np.isfinite(values) == bool(self.value)
            inside = at_data(before, data, values, False).astype(bool)
        if not inside.any():
            raise NothingLeftError(f"{self!r} leaves nothing: of {len(data)}, none is in the set")
        return _pick(data, np.flatnonzero(inside))


@dataclass(frozen=True, repr=False)
class permute(Adapter):
    """The graph, or the list, laid out in an order. What the order does not hold is left out. first: only so many (or
    all, where there are fewer); the number, or the caller's (`argument("k")`).

    >>> import networkx as nx
    >>> from neural_exec import Chain
    >>> run = Chain(["heapsort", permute("order", first=argument("k")), "minimum"]).run([4.0, 1.0, 3.0], k=2)
    >>> run.labels, run.values
    ([1, 2], [1.0, 3.0])
    """

    output: str
    first: int | argument | None = None

    def check(self, shape: Shape, before) -> Shape:
        self.need(self.output, before, shape, (NODE, ORDER))
        return shape

    def apply(self, data, before, given):
        places = to_data(before, data, read(before, self.output)[1])
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
    """A directed graph with every edge turned round; a list from last to first.

    >>> import networkx as nx
    >>> from neural_exec import Chain
    >>> chain = Chain(["bfs", reverse(), "bfs"])
    >>> [x["reached"] for x in chain.run(nx.DiGraph([(0, 1), (1, 2)]), source=1).outputs]
    [{0: False, 1: True, 2: True}, {0: True, 1: True, 2: False}]
    """

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
    """The graph with its weights negated: its shortest path is the longest; a list with its numbers negated.

    >>> import networkx as nx
    >>> from neural_exec import Chain
    >>> Chain([negate(), "minimum"]).run([4.0, 9.0, 3.0]).outputs[0]["index"]
    1
    """

    def check(self, shape: Shape, before) -> Shape:
        if shape.data not in ("graph", "list"):
            raise ChainError(f"{self!r} takes a weighted graph, or a list; what comes before gives {shape}")
        return shape

    def apply(self, data, before, given):
        if isinstance(data, Net):
            assert data.weight is not None  # such a chain is weighted
            return replace(data, weight=-data.weight, given=None)
        return replace(data, keys=-data.keys)


def to_rows(data: Numbers) -> np.ndarray:
    """A list's elements as nodes of the graph it came from."""
    assert data.graph is not None
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
