"""A networkx graph: `Graph`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import networkx as nx
import numpy as np

from algorithms.errors import GraphError, InputError
from algorithms.inputs.checks import (
    INDEX,
    check_numbers,
    choices_beside,
    example_arguments,
    fill_arguments,
    nodes_among,
)
from algorithms.inputs.edges import Arguments, read_edges
from algorithms.inputs.exact import fits, floats, hashable, real
from algorithms.inputs.parallel import need_simple
from algorithms.inputs.structure import GraphStructure, inputs_of_hub
from algorithms.inputs.worlds import World, graphs, weighted_graphs
from algorithms.machine.probes import EDGE, Declaration
from algorithms.machine.relations import Arcs
from algorithms.machine.state import Instance

__all__ = ["Graph"]


@dataclass(frozen=True)
class Graph(GraphStructure):
    """A networkx graph. Nodes are rows in the graph's own order, then (with `edge_nodes`) its edges, then the hub.

    Relations: `in_edges` (u -> v for every edge; both ways if undirected), `out_edges` (the reverse), `nodes` (all to
    the hub); with `edge_nodes` also `edges` (all to the hub), each edge's ends its static pointers `tail` and `head`.
    Static scalar `index`, a node's place in the order.

    directed: True or False where the algorithm needs one of them. weighted: edges carry numbers, whose sum is finite,
    under the attribute that the caller names (`weight="weight"`; None: 1 each). compared: it only compares them with
    one another, so that they may be any real numbers: ranks stand for them where one is no float64. requires: further
    preconditions, `f(graph, arguments)` raising GraphError. parallel: what may become of parallel edges without a
    change to the answer (`algorithms.merging`); if not said, "least" of weighted edges, else "any".
    """

    directed: bool | None = None
    weighted: bool = False
    edge_nodes: bool = False
    compared: bool = False
    parallel: str = ""

    numbers = INDEX

    @property
    def attribute(self) -> str:
        return "weight" if self.weighted else ""

    @property
    def numeric(self) -> bool:
        return self.weighted

    @property
    def valued(self) -> str | None:
        return EDGE if self.weighted else None

    @property
    def merges(self) -> str:
        """What becomes of parallel edges (`algorithms.merging`)."""
        return self.parallel or ("least" if self.weighted else "any")

    @property
    def kinds(self) -> tuple[str, ...]:
        return ("node", "edge", "hub") if self.edge_nodes else ("node", "hub")

    def check(self, spec: Declaration, graph, given: dict) -> Arguments:
        """The arguments, complete; raises GraphError, InputError or ArgumentError."""
        arguments = Arguments(fill_arguments(spec, given, self._known(spec)))
        need_simple(self, graph, spec.name, getattr(spec, "like", ""))
        if not len(graph):
            raise GraphError(f"{spec.name}: the graph is empty; it needs at least one node")
        for name in nodes_among(spec, arguments):
            if not hashable(arguments[name]) or arguments[name] not in graph:
                raise InputError(f"{spec.name}: {name} {arguments[name]!r} is not in the graph")
        arguments.edges = read_edges(graph, spec.name, **({"weight": arguments["weight"]} if self.weighted else {}))
        if self.weighted:
            check_numbers(spec, graph, arguments.edges, arguments["weight"], self.compared)
        for name in inputs_of_hub(spec):
            if spec.by_name[name].register == "scalar":
                arguments[name] = real(arguments[name], f"{spec.name}: {name}")
                fits([arguments[name]], [f"{spec.name}: {name}"].__getitem__)
        for condition in self.requires:
            condition(graph, arguments)
        return arguments

    def build(self, spec: Declaration, graph, arguments: dict) -> Instance:
        """Lay a checked graph out."""
        edges = getattr(arguments, "edges", None)
        if edges is None:
            edges = read_edges(graph, spec.name, **({"weight": arguments["weight"]} if self.weighted else {}))
        weight = floats(edges.numbers, self.compared) if isinstance(edges.numbers, list) else edges.numbers
        nodes = nodes_among(spec, arguments)
        wanted = {arguments[name] for name in nodes}
        place = {v: i for i, v in enumerate(edges.labels) if v in wanted} if wanted else {}
        hub = {name: place[v] if name in nodes else v for name, v in arguments.items() if name != "weight"}
        return self.arrange(spec, edges.labels, edges.ends, weight, graph.is_directed(), hub)

    def arrange(self, spec: Declaration, labels: list, ends: np.ndarray, weight, directed: bool, hub: dict) -> Instance:
        n, (tail, head) = len(labels), np.asarray(ends, np.int32).T
        if not directed and (tail > head).any():  # as networkx tells them: the tail is the earlier node
            tail, head = np.minimum(tail, head), np.maximum(tail, head)
        if self.edge_nodes:
            order = np.lexsort((np.maximum(tail, head), np.minimum(tail, head)))
            order = order[tail[order] != head[order]]
            tail, head, weight = tail[order], head[order], None if weight is None else np.asarray(weight)[order]
        m = len(tail)
        counts = [n, m, 1] if self.edge_nodes else [n, 1]
        kind = np.repeat(np.arange(len(counts), dtype=np.int8), counts)
        instance = Instance(spec, self.kinds, kind, labels, sizes=(n, m))
        instance.directed = directed
        rows, center = np.arange(n, dtype=np.int32), instance.hubs[0]
        instance.constant("index", slice(n), rows)
        instance.relate("nodes", rows, np.full(n, center, np.int32))
        instance.relations.put("in_edges", Arcs.of(tail, head, weight, instance.size, both=not directed))
        if directed:
            instance.relate("out_edges", head, tail, weight)
        else:
            instance.relations.again("out_edges", "in_edges")  # and back, by the same rows
        if self.edge_nodes:
            edges = slice(n, n + m)
            instance.link("tail", edges, tail)
            instance.link("head", edges, head)
            if self.weighted:
                instance.scalars["weight"][edges] = weight
            instance.relate("edges", np.arange(n, n + m, dtype=np.int32), np.full(m, center, np.int32), weight)
        for name, value in hub.items():
            instance.register(name)[center] = value
        return instance

    def examples(self, spec: Declaration) -> list[Instance]:
        """A small graph laid out (each way, where both are taken), unchecked: by this a layout is known."""
        ends, weight = np.array([(0, 2), (2, 1), (1, 3), (0, 3), (4, 3), (4, 4)]), [3.0, 1.0, 2.5, 4.0, 2.0, 0.5]
        ways = (False, True) if self.directed is None else (self.directed,)
        hub = example_arguments(spec, 5)
        return [self.arrange(spec, list("badce"), ends, weight if self.weighted else None, way, hub) for way in ways]

    def worlds(self, spec: Declaration) -> list[World]:
        """All labelled graphs of few nodes, each way where both are taken."""
        out: list[World] = []
        for way in (False, True) if self.directed is None else (self.directed,):
            choices = partial(choices_beside, spec)
            if self.attribute:
                may = self._takes_negative(spec, way)
                of = partial(
                    weighted_graphs,
                    directed=way,
                    arguments=choices,
                    attribute=self.attribute,
                    compared=self.compared,
                    negative=may,
                )
                out += [w for n in range(1, 6) for w in of(n)]
                out += [w for n in range(2, 4) for w in of(n, loops=True)]
            else:
                out += [w for n in range(1, 7) if (w := graphs(n, way, choices)) is not None]
        return out

    def _takes_negative(self, spec: Declaration, directed: bool) -> bool:
        graph = nx.DiGraph() if directed else nx.Graph()
        graph.add_edge(0, 1, **{self.attribute: -1.0})
        try:
            self.check(spec, graph, choices_beside(spec, 2)[0])
        except InputError:
            return False
        return True
