"""A flow network as rows and relations, how a flow is read, and a random walk: `Network`, `Flow`, `RandomWalk`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import networkx as nx
import numpy as np

from algorithms.errors import ArgumentError, GraphError, InputError
from algorithms.machine import Instance
from algorithms.spec import Spec
from algorithms.structures import Graph, fill_arguments, finite, hashable, inputs_of_hub, summable

__all__ = ["Flow", "Network", "RandomWalk"]


@dataclass(frozen=True)
class Network:
    """A networkx digraph with a finite capacity of at least 0 on every edge, a source and a sink.

    Nodes are rows, then the arcs (kind `edge`): both directions of every edge, by tail and head, with the scalar
    `capacity` (0 where the graph has no such edge; self-loops carry nothing and are left out). Static pointers of an
    arc: `tail`, `head` and `reverse`, the arc the other way. Relations: `nodes` and `edges` (all to the hub),
    `in_edges` and `out_edges` (between nodes), `in_arcs` (each arc to its head).
    """

    requires: tuple[Callable, ...] = ()

    data = "graph"
    kinds = ("node", "edge", "hub")

    def arguments(self, spec: Spec) -> tuple[str, ...]:
        return ("graph", *self._known(spec))

    def _known(self, spec: Spec) -> dict:
        known = inputs_of_hub(spec)
        return known | {"capacity": "capacity"}

    def check(self, spec: Spec, graph, given: dict) -> dict:
        arguments = fill_arguments(spec, given, self._known(spec))
        if not isinstance(graph, nx.Graph):
            raise ArgumentError(f"{spec.name} is called with a networkx graph, not with {type(graph).__name__}")
        if graph.is_multigraph():
            raise GraphError(f"{spec.name}: a multigraph; merge parallel edges first, adding their capacities")
        if not graph.is_directed():
            raise GraphError(f"{spec.name} needs a directed graph, this one is undirected; see graph.to_directed()")
        capacity = arguments["capacity"]
        if not hashable(capacity):
            raise ArgumentError(f"{spec.name}: capacity={capacity!r}; it is the name of an edge attribute")
        for name, node in arguments.items():
            if name != "capacity" and (not hashable(node) or node not in graph):
                raise InputError(f"{spec.name}: {name} {node!r} is not in the graph")
        for u, v, d in graph.edges(data=True):
            if capacity not in d:
                raise InputError(
                    f"{spec.name}: edge ({u!r}, {v!r}) has no attribute {capacity!r}; name another by capacity=…"
                )
            if finite(d[capacity], f"{spec.name}: {capacity} of edge ({u!r}, {v!r})") < 0:
                raise InputError(f"{spec.name}: edge ({u!r}, {v!r}) has the negative {capacity} {d[capacity]}")
        summable((c for *_, c in graph.edges(data=capacity)), f"{spec.name}: the edges' {capacity}")
        for condition in self.requires:
            condition(graph, arguments)
        return arguments

    def build(self, spec: Spec, graph, arguments: dict) -> Instance:
        labels = list(graph)
        place, n = {v: i for i, v in enumerate(labels)}, len(labels)
        capacity = {(place[u], place[v]): float(d[arguments["capacity"]]) for u, v, d in graph.edges(data=True)}
        arcs = sorted({a for u, v in capacity if u != v for a in ((u, v), (v, u))})
        m, row = len(arcs), {a: n + i for i, a in enumerate(arcs)}
        instance = Instance(spec, self.kinds, np.repeat([0, 1, 2], [n, m, 1]), labels, (n, m))
        nodes, edges, hub = np.arange(n), n + np.arange(m), instance.hubs[0]
        tail, head = np.array(arcs, np.int64).reshape(-1, 2).T
        instance.constant("index", nodes, nodes)
        instance.link("tail", edges, tail)
        instance.link("head", edges, head)
        instance.link("reverse", edges, [row[v, u] for u, v in arcs])
        instance.scalars["capacity"][edges] = [capacity.get(a, 0.0) for a in arcs]
        ends = np.array(list(capacity), np.int64).reshape(-1, 2)
        instance.relate("in_edges", ends[:, 0], ends[:, 1], list(capacity.values()))
        instance.relate("out_edges", ends[:, 1], ends[:, 0], list(capacity.values()))
        instance.relate("in_arcs", edges, head)
        instance.relate("nodes", nodes, np.full(n, hub))
        instance.relate("edges", edges, np.full(m, hub))
        for name, value in arguments.items():
            if name != "capacity":
                instance.pointers[name][hub] = place[value]
        return instance


@dataclass(frozen=True)
class Flow:
    """{u: {v: flow}} for every edge, from what is left of the arcs' capacities: one way of two opposite edges is 0."""

    register: str

    def read(self, x: Instance) -> dict:
        labels, arcs = x.labels[0], x.rows("edge")
        used = (x.scalars["capacity"] - x.scalars[self.register])[arcs].tolist()
        flow = dict(zip(zip(x.static["tail"][arcs].tolist(), x.static["head"][arcs].tolist()), used))
        out: dict = {v: {} for v in labels}
        edges = x.relations["in_edges"]
        for u, v in sorted(zip(edges.src[:-1].tolist(), edges.dst[:-1].tolist())):
            out[labels[u]][labels[v]] = max(0.0, flow.get((u, v), 0.0))
        return out


_ALPHA = 0.95  # a walk that jumps less often than this takes too long to settle
_TOLERANCE = 1e-6  # of one node, as networkx has it


@dataclass(frozen=True)
class RandomWalk(Graph):
    """A networkx graph on which a walk goes along a random edge with probability `alpha`, else to any node at all.

    Laid out as `Graph`; the weight of an edge u -> v is the probability to take it from u: 1 / number of u's edges. The
    hub has the scalars `alpha`, `share` (1 / n), `jump` ((1 - alpha) / n) and `tolerance` (n * 1e-6); nodes without
    edges out are `dangling`.
    """

    def _known(self, spec: Spec) -> dict:
        return {"alpha": 0.85}

    def check(self, spec: Spec, graph, given: dict) -> dict:
        arguments = super().check(spec, graph, given)
        alpha = finite(arguments["alpha"], f"{spec.name}: alpha")
        if not 0 < alpha <= _ALPHA:
            raise InputError(f"{spec.name}: alpha is {alpha}; it must be above 0 and at most {_ALPHA}")
        return {"alpha": alpha}

    def build(self, spec: Spec, graph, arguments: dict) -> Instance:
        place = {v: i for i, v in enumerate(graph)}
        ends = np.array([(place[u], place[v]) for u, v in graph.edges()], np.int64).reshape(-1, 2)
        instance = self.arrange(spec, list(graph), ends, None, graph.is_directed(), {})
        n, hub, edges = len(place), instance.hubs[0], instance.relations["in_edges"]
        out = np.bincount(edges.src[:-1], minlength=n)
        edges.weight[:-1] = 1.0 / out[edges.src[:-1]]
        instance.fields["dangling"][:n] = out == 0
        scalars = dict(share=1 / n, jump=(1 - arguments["alpha"]) / n, tolerance=n * _TOLERANCE, **arguments)
        for name, value in scalars.items():
            instance.scalars[name][hub] = value
        return instance
