"""A flow network as rows and relations, and a random walk: `Network`, `RandomWalk`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

import numpy as np

from algorithms.errors import InputError
from algorithms.inputs.checks import INDEX, check_numbers, choices_beside, example_arguments, fill_arguments
from algorithms.inputs.edges import Arguments, read_edges
from algorithms.inputs.exact import floats, hashable, real, shown
from algorithms.inputs.graphs import Graph
from algorithms.inputs.parallel import need_simple, weights_of
from algorithms.inputs.structure import GraphStructure
from algorithms.inputs.worlds import World, weighted_graphs
from algorithms.machine.probes import EDGE, GRAPH, Declaration
from algorithms.machine.state import Instance

__all__ = ["Network", "RandomWalk"]


@dataclass(frozen=True)
class Network(GraphStructure):
    """A networkx digraph with a finite capacity of at least 0 on every edge (None: 1 each), a source and a sink.

    Nodes are rows, then the arcs (kind `edge`): both directions of every edge, by tail and head, with the scalar
    `capacity` (0 where the graph has no such edge; self-loops carry nothing and are left out). Static pointers of an
    arc: `tail`, `head` and `reverse`, the arc the other way. Relations: `nodes` and `edges` (all to the hub),
    `in_edges` and `out_edges` (between nodes), `in_arcs` (each arc to its head).
    """

    attribute, nonnegative = "capacity", True
    kinds, links, numbers = ("node", "edge", "hub"), {"reverse": EDGE}, INDEX
    directed, merges = True, "sum"

    def check(self, spec: Declaration, graph, given: dict) -> Arguments:
        arguments = Arguments(fill_arguments(spec, given, self._known(spec)))
        need_simple(self, graph, spec.name)
        for name, node in arguments.items():
            if name != "capacity" and (not hashable(node) or node not in graph):
                raise InputError(f"{spec.name}: {name} {node!r} is not in the graph")
        capacity = arguments["capacity"]
        arguments.edges = read_edges(graph, spec.name, capacity=capacity)
        if arguments.edges.negative:
            u, v, c = next(edge for edge in weights_of(graph, capacity) if edge[2] < 0)
            raise InputError(f"{spec.name}: edge ({u!r}, {v!r}) has the negative {capacity} {shown(c)}")
        check_numbers(spec, graph, arguments.edges, capacity)
        for condition in self.requires:
            condition(graph, arguments)
        return arguments

    def build(self, spec: Declaration, graph, arguments: dict) -> Instance:
        edges = getattr(arguments, "edges", None) or read_edges(graph, capacity=arguments["capacity"])
        capacity = floats(edges.numbers) if isinstance(edges.numbers, list) else edges.numbers
        place = dict(zip(edges.labels, range(len(edges.labels))))
        hub = {name: place[v] for name, v in arguments.items() if name != "capacity"}
        return self.arrange(spec, edges.labels, edges.ends, capacity, True, hub)

    def arrange(
        self, spec: Declaration, labels: list, ends: np.ndarray, capacity, directed: bool, hub: dict
    ) -> Instance:
        """Lay out a network given as arrays, unchecked, as `Graph.arrange` does. directed: always True."""
        n, capacity = len(labels), np.asarray(capacity, np.float64)
        proper = ends[ends[:, 0] != ends[:, 1]]
        arcs = np.unique(np.r_[proper, proper[:, ::-1]], axis=0)
        code, m = arcs @ [n, 1], len(arcs)
        instance = Instance(spec, self.kinds, np.repeat([0, 1, 2], [n, m, 1]), labels, (n, m))
        instance.directed = directed
        nodes, edges, center = np.arange(n), n + np.arange(m), instance.hubs[0]
        instance.constant("index", nodes, nodes)
        instance.link("tail", edges, arcs[:, 0])
        instance.link("head", edges, arcs[:, 1])
        instance.link("reverse", edges, n + np.searchsorted(code, arcs[:, ::-1] @ [n, 1]))
        given = ends[:, 0] != ends[:, 1]
        instance.scalars["capacity"][edges] = 0.0
        instance.scalars["capacity"][n + np.searchsorted(code, proper @ [n, 1])] = capacity[given]
        instance.relate("in_edges", ends[:, 0], ends[:, 1], capacity)
        instance.relate("out_edges", ends[:, 1], ends[:, 0], capacity)
        instance.relate("in_arcs", edges, arcs[:, 1])
        instance.relate("nodes", nodes, np.full(n, center))
        instance.relate("edges", edges, np.full(m, center))
        for name, value in hub.items():
            instance.pointers[name][center] = value
        return instance

    def examples(self, spec: Declaration) -> list[Instance]:
        """A small network laid out, unchecked."""
        ends, capacity = np.array([(0, 2), (2, 1), (1, 3), (0, 1), (2, 3), (3, 2)]), [3.0, 2.0, 2.5, 1.0, 0.5, 1.5]
        return [self.arrange(spec, list("badc"), ends, capacity, True, example_arguments(spec, 4))]

    def worlds(self, spec: Declaration) -> list[World]:
        """All labelled digraphs of few nodes."""
        choices = partial(choices_beside, spec)
        return [w for n in range(2, 6) for w in weighted_graphs(n, True, choices, self.attribute, False, False)]


_ALPHA = Fraction(95, 100)  # a walk that jumps less often than this takes too long to settle
_TOLERANCE = 1e-6  # of one node, as networkx has it
_NUMBERS = INDEX | {"share": GRAPH, "tolerance": GRAPH}


def _often_enough(graph, arguments) -> None:
    """Precondition."""
    alpha = real(arguments["alpha"], "alpha")
    if not 0 < alpha <= _ALPHA:
        raise InputError(f"alpha is {shown(alpha)}; it must be above 0 and at most {float(_ALPHA)}")


@dataclass(frozen=True)
class RandomWalk(Graph):
    """A networkx graph on which a walk goes along a random edge with probability `alpha`, else to any node at all.

    Laid out as `Graph`; the weight of an edge u -> v is the probability to take it from u: 1 / number of u's edges. The
    hub has the scalar `alpha`, and the static scalars `share` (1 / n) and `tolerance` (n * 1e-6).
    """

    requires: tuple[Callable, ...] = field(default=(_often_enough,), kw_only=True)
    parallel: str = "never"

    numbers = _NUMBERS

    def arrange(self, spec: Declaration, labels: list, ends: np.ndarray, weight, directed: bool, hub: dict) -> Instance:
        instance = super().arrange(spec, labels, ends, weight, directed, hub)
        edges, _, n = instance.relations["in_edges"], instance.relations["out_edges"], len(labels)
        edges.weight[:-1] = 1.0 / np.bincount(edges.src[:-1], minlength=n)[edges.src[:-1]]
        instance.constant("share", instance.hubs, 1 / n)
        instance.constant("tolerance", instance.hubs, n * _TOLERANCE)
        return instance
