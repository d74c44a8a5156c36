"""What algorithms are called with, and how that becomes rows and relations: `Graph` and `Sequence`.

A structure checks a caller's input (typed errors, before any work), lays it out as an `Instance`, and draws samples.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Iterable, Mapping, Set, Sized
from dataclasses import dataclass

import networkx as nx
import numpy as np

from algorithms.errors import ArgumentError, GraphError, InputError, did_you_mean
from algorithms.machine import Instance
from algorithms.spec import INPUT, Spec

__all__ = [
    "REQUIRED", "Graph", "Sequence", "fill_arguments", "finite", "hashable", "inputs_of_hub", "is_list", "nodes_among",
    "summable",
]  # fmt: skip

REQUIRED = object()


def inputs_of_hub(spec: Spec) -> dict:
    """The arguments that go into registers of the hub, each of them required."""
    return {p.name: REQUIRED for p in spec.probes if p.stage == INPUT and p.kind == "hub"}


def nodes_among(spec: Spec, arguments) -> list[str]:
    """Those of the arguments that are nodes of a graph."""
    return [name for name in arguments if name in spec.by_name and spec.by_name[name].register == "pointer"]


def fill_arguments(spec: Spec, given: dict, known: dict) -> dict:
    """`known` (name -> default or REQUIRED) filled from `given`."""
    unexpected = [k for k in given if k not in known]
    if unexpected:
        hint = did_you_mean(unexpected[0], known) if known else " and no other"
        raise ArgumentError(f"{spec.name} takes no argument {unexpected[0]!r}{hint}")
    missing = [k for k, v in known.items() if v is REQUIRED and k not in given]
    if missing:
        raise ArgumentError(f"{spec.name} needs {missing[0]}=…; it is called with {', '.join(known)}")
    return {k: given.get(k, v) for k, v in known.items()}


def finite(value, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise InputError(f"{what} is {value!r}; a real number is needed")
    try:
        number = float(value)
    except OverflowError:
        raise InputError(f"{what} is too large for a float64") from None
    if not math.isfinite(number):
        raise InputError(f"{what} is {value!r}; only finite numbers are taken")
    return number


def summable(values, what: str, times: int = 1) -> None:
    """Sums of some of them are finite; `times`: even where each is added so often."""
    if not math.isfinite(times * sum(abs(float(x)) for x in values)):
        raise InputError(f"{what}: too large, the sum is no float64")


def hashable(value) -> bool:
    """Also all the way down: a tuple that holds a list is not."""
    try:
        hash(value)
    except TypeError:
        return False
    return True


def is_list(values) -> bool:
    """A list, tuple, array …: what has a length and an order, but is no text."""
    if isinstance(values, str | bytes | nx.Graph | Set | Mapping) or getattr(values, "ndim", 1) == 0:
        return False
    return isinstance(values, Sized) and (isinstance(values, Iterable) or hasattr(values, "__getitem__"))


@dataclass(frozen=True)
class Graph:
    """A networkx graph. Nodes are rows in the graph's own order, then (with `edge_nodes`) its edges, then the hub.

    Relations: `in_edges` (u -> v for every edge; both ways if undirected), `out_edges` (the reverse), `nodes` (all to
    the hub); with `edge_nodes` also `edges` (all to the hub), each edge's ends its static pointers `tail` and `head`.
    Static scalar `index`, a node's place in the order.

    directed: True or False where the algorithm needs one of them. weighted: edges carry numbers, whose sum is finite,
    under the attribute that the caller names (`weight="weight"`). requires: further preconditions, `f(graph, weight)`
    raising GraphError.
    """

    directed: bool | None = None
    weighted: bool = False
    edge_nodes: bool = False
    requires: tuple[Callable, ...] = ()

    data = "graph"

    @property
    def kinds(self) -> tuple[str, ...]:
        return ("node", "edge", "hub") if self.edge_nodes else ("node", "hub")

    def arguments(self, spec: Spec) -> tuple[str, ...]:
        return ("graph", *self._known(spec))

    def _known(self, spec: Spec) -> dict:
        known = inputs_of_hub(spec)
        return known | ({"weight": "weight"} if self.weighted else {})

    def check(self, spec: Spec, graph, given: dict) -> dict:
        """The arguments, complete; raises GraphError, InputError or ArgumentError."""
        arguments = fill_arguments(spec, given, self._known(spec))
        if not isinstance(graph, nx.Graph):
            raise ArgumentError(f"{spec.name} is called with a networkx graph, not with {type(graph).__name__}")
        if graph.is_multigraph():
            raise GraphError(f"{spec.name}: a multigraph; merge parallel edges first, e.g. nx.Graph(graph)")
        if not len(graph):
            raise GraphError(f"{spec.name}: the graph is empty; it needs at least one node")
        if self.directed is not None and graph.is_directed() != self.directed:
            need, have = ("a directed", "undirected") if self.directed else ("an undirected", "directed")
            raise GraphError(f"{spec.name} needs {need} graph, this one is {have}; see graph.to_{need.split()[1]}()")
        for name in nodes_among(spec, arguments):
            if not hashable(arguments[name]) or arguments[name] not in graph:
                raise InputError(f"{spec.name}: {name} {arguments[name]!r} is not in the graph")
        if self.weighted:
            if not hashable(arguments["weight"]):
                raise ArgumentError(f"{spec.name}: weight={arguments['weight']!r}; it is the name of an edge attribute")
            attribute = arguments["weight"]
            summable(self.weights(graph, attribute, spec.name), f"{spec.name}: the edges' {attribute}")
        for condition in self.requires:
            condition(graph, arguments)
        return arguments

    @staticmethod
    def weights(graph, attribute: str, name: str) -> list[float]:
        out = []
        for u, v, d in graph.edges(data=True):
            if attribute not in d:
                raise InputError(
                    f"{name}: edge ({u!r}, {v!r}) has no attribute {attribute!r}; name another by weight=…"
                )
            out.append(finite(d[attribute], f"{name}: {attribute} of edge ({u!r}, {v!r})"))
        return out

    def build(self, spec: Spec, graph, arguments: dict) -> Instance:
        """Lay a checked graph out."""
        labels = list(graph)
        place = {v: i for i, v in enumerate(labels)}
        ends = np.array([(place[u], place[v]) for u, v in graph.edges()], np.int64).reshape(-1, 2)
        weight = self.weights(graph, arguments["weight"], spec.name) if self.weighted else None
        nodes = nodes_among(spec, arguments)
        hub = {name: place[v] if name in nodes else v for name, v in arguments.items() if name != "weight"}
        return self.arrange(spec, labels, ends, weight, graph.is_directed(), hub)

    def arrange(self, spec: Spec, labels: list, ends: np.ndarray, weight, directed: bool, hub: dict) -> Instance:
        """Lay out a graph given as arrays, unchecked. labels: of the n nodes; ends (m, 2) int64, each edge once; weight
        (m,) or None; hub: {argument: node's place, or number}."""
        n = len(labels)
        weight = np.full(len(ends), np.nan) if weight is None else np.asarray(weight, np.float64)
        if not directed:
            ends = np.sort(ends, 1)  # as networkx tells them: the tail is the earlier node
        if self.edge_nodes:
            proper = ends[:, 0] != ends[:, 1]
            ends, weight = ends[proper], weight[proper]
            order = np.lexsort((ends.max(1), ends.min(1)))
            ends, weight = ends[order], weight[order]
        m = len(ends)
        kind = np.repeat([0, 1, 2], [n, m, 1]) if self.edge_nodes else np.repeat([0, 1], [n, 1])
        instance = Instance(spec, self.kinds, kind, labels, sizes=(n, m))
        rows, center = np.arange(n), instance.hubs[0]
        instance.constant("index", rows, rows)
        instance.relate("nodes", rows, np.full(n, center))
        tail, head, w = ends[:, 0], ends[:, 1], weight
        if not directed:
            loop = tail == head
            tail, head = np.r_[tail, head[~loop]], np.r_[head, tail[~loop]]
            w = np.r_[w, w[~loop]]
        instance.relate("in_edges", tail, head, w)
        instance.relate("out_edges", head, tail, w)
        if self.edge_nodes:
            edges = n + np.arange(m)
            instance.link("tail", edges, ends[:, 0])
            instance.link("head", edges, ends[:, 1])
            if self.weighted:
                instance.scalars["weight"][edges] = weight
            instance.relate("edges", edges, np.full(m, center), weight)
        for name, value in hub.items():
            instance.register(name)[center] = value
        return instance


@dataclass(frozen=True)
class Sequence:
    """A list of numbers, each a row with scalar `key`, then the hub.

    Static pointers: `next`, `prev` of a row; `left`, `right`, the children of a row read as a binary heap; the hub's
    `first`, `last` and `middle` (of rank n // 2). Static scalar `index`. Relation `nodes` (all to the hub).
    requires: preconditions, `f(values, arguments)` raising InputError.
    """

    requires: tuple[Callable, ...] = ()

    data = "values"
    kinds = ("node", "hub")

    def arguments(self, spec: Spec) -> tuple[str, ...]:
        return ("values", *self._known(spec))

    def _known(self, spec: Spec) -> dict:
        return inputs_of_hub(spec)

    def check(self, spec: Spec, values, given: dict) -> dict:
        arguments = fill_arguments(spec, given, self._known(spec))
        if not is_list(values):
            raise ArgumentError(f"{spec.name} is called with a list of numbers, not with {type(values).__name__}")
        if not len(values):
            raise InputError(f"{spec.name}: the list is empty; it needs at least one number")
        for i, x in enumerate(values):
            finite(x, f"{spec.name}: element {i}")
        for name in arguments:
            arguments[name] = finite(arguments[name], f"{spec.name}: {name}")
        for condition in self.requires:
            condition(values, arguments)
        return arguments

    def build(self, spec: Spec, values, arguments: dict) -> Instance:
        n = len(values)
        instance = Instance(spec, self.kinds, np.repeat([0, 1], [n, 1]), list(range(n)), sizes=(n, 0))
        rows, hub = np.arange(n), instance.hubs[0]
        instance.scalars["key"][rows] = [float(x) for x in values]
        instance.constant("index", rows, rows)
        instance.link("next", rows[:-1], rows[1:])
        instance.link("prev", rows[1:], rows[:-1])
        for name, child in (("left", 2 * rows + 1), ("right", 2 * rows + 2)):
            instance.link(name, rows[child < n], child[child < n])
        instance.link("first", hub, 0)
        instance.link("last", hub, n - 1)
        instance.link("middle", hub, n // 2)
        instance.relate("nodes", rows, np.full(n, hub))
        for name, value in arguments.items():
            instance.scalars[name][hub] = value
        return instance
