"""Graphs with parallel edges made into graphs without, on which an algorithm has the same answer."""

from __future__ import annotations

from itertools import count, pairwise

import networkx as nx

from algorithms import registry
from algorithms.errors import ArgumentError, GraphError
from algorithms.inputs.parallel import MERGED, NOT_MERGED, weights_of

__all__ = ["merge_parallel", "subdivide_parallel"]


def merge_parallel(name: str, graph: nx.Graph, **attribute) -> nx.Graph:
    """A new graph without parallel edges on which the algorithm `name` has the answer of `graph`: a Graph or DiGraph
    with all nodes in their order; undirected where the algorithm needs that, opposite edges being parallel then.

    Kept is the first of the lightest edges for shortest paths and spanning trees; the first, with the sum of all
    capacities, for flows; the first where edges carry no numbers. attribute: `weight=` or `capacity=`, as the algorithm
    takes it; None counts each edge as 1 (sums are then under "capacity").

    Raises GraphError where merging would change the answer, InputError for an edge without a finite number,
    ArgumentError for another argument, UnknownAlgorithmError.

    >>> import algorithms
    >>> roads = nx.MultiGraph([("a", "b", {"weight": 1.0}), ("a", "b", {"weight": 4.0})])
    >>> algorithms.run("dijkstra", merge_parallel("dijkstra", roads), source="a")["distance"]
    {'a': 0.0, 'b': 1.0}
    """
    spec = registry.get(name)
    merges = spec.structure.merges
    if not isinstance(graph, nx.Graph) or not merges:
        raise ArgumentError(f"{name}: graphs have parallel edges, this is for algorithms on them")
    if merges not in MERGED:
        raise GraphError(f"{name}: {NOT_MERGED[merges]}")
    takes = {"least": "weight", "sum": "capacity"}.get(merges, "")
    if unknown := [key for key in attribute if key != takes]:
        raise ArgumentError(f"{name}: merge_parallel takes no argument {unknown[0]!r} for it")
    key = attribute.get(takes, takes)
    directed = graph.is_directed() and spec.structure.directed is not False
    out = nx.DiGraph() if directed else nx.Graph()
    out.graph.update(graph.graph)
    out.add_nodes_from(graph.nodes(data=True))
    held: dict = {}
    numbers = weights_of(graph, key if takes else None, name, takes)
    for (*_, d), (u, v, number) in zip(graph.edges(data=True), numbers):
        edge = (u, v) if directed else frozenset((u, v))
        if edge not in held or (merges == "least" and number < held[edge]):
            out.add_edge(u, v)
            out[u][v].clear()
            out[u][v].update(d)
            held[edge] = number
        elif merges == "sum":
            held[edge] += number
        if merges == "sum":
            out[u][v][takes if key is None else key] = held[edge]
    return out


def subdivide_parallel(graph: nx.Graph) -> nx.Graph:
    """A new graph without parallel edges and with as many cycles: the first of them is kept, each other one gets a node
    in its middle (two, where it is a self-loop), `("parallel", i)` counted from 0.

    The bridges of the graph are those of a multigraph; an Eulerian circuit, with those nodes left out, is one of it.

    >>> import algorithms
    >>> twice = nx.MultiGraph([(0, 1), (0, 1), (1, 2)])
    >>> algorithms.run("bridges", subdivide_parallel(twice))["edges"]
    [(1, 2)]
    """
    out = nx.DiGraph() if graph.is_directed() else nx.Graph()
    out.graph.update(graph.graph)
    out.add_nodes_from(graph.nodes(data=True))
    fresh = (("parallel", i) for i in count() if ("parallel", i) not in graph)
    for u, v, d in graph.edges(data=True):
        ends = [u, v]
        if out.has_edge(u, v):
            ends[1:1] = [next(fresh) for _ in range(2 if u == v else 1)]
        for a, b in pairwise(ends):
            out.add_edge(a, b, **d)
    return out
