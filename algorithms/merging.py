"""Edges as callers give them: the numbers that they hold, and parallel ones, which no algorithm takes.

Each structure says what leaves its answer as it is (`merges`): "least", the lightest of parallel edges is kept; "sum",
they become one with the sum of their numbers; "any", one of them is kept; "subdivide", nothing but a node put in the
middle of all but one; "never", nothing.
"""

from __future__ import annotations

import math
from itertools import count, pairwise

import networkx as nx

from algorithms import registry
from algorithms.errors import ArgumentError, GraphError, InputError
from algorithms.exact import hashable, real

__all__ = ["merge_parallel", "need_simple", "subdivide_parallel", "weights_of"]

_MERGED = {
    "least": "keeps the lightest of parallel edges",
    "sum": "adds parallel edges up",
    "any": "keeps one of parallel edges",
}
_NOT_MERGED = {
    "subdivide": "merged parallel edges have another answer; algorithms.subdivide_parallel(graph) puts a node in the "
    "middle of all but one of them, which leaves it as it is",
    "never": "parallel edges count one by one, so that no graph without them has its answer",
    "several": "its algorithms need parallel edges merged in several ways; merge them as fits",
}


def weights_of(graph, attribute, what: str = "the graph", argument: str = "weight") -> list[tuple]:
    """[(u, v, number), …]: the edges and what they hold under an attribute, exactly; 1 each where that is None. Raises
    InputError for an edge that has no such attribute, or no finite number there. argument: by which it was named."""
    if attribute is None:
        return [(u, v, 1) for u, v in graph.edges()]
    if not hashable(attribute):
        raise ArgumentError(f"{what}: {argument}={attribute!r}; it is the name of an edge attribute")
    out = []
    for u, v, d in graph.edges(data=True):
        if attribute not in d:
            raise InputError(
                f"{what}: edge ({u!r}, {v!r}) has no attribute {attribute!r}; name another by {argument}=…, or None to "
                "count each edge as 1"
            )
        number = d[attribute]
        if type(number) is not float or not math.isfinite(number):  # a message takes longer than all else
            number = real(number, f"{what}: {attribute} of edge ({u!r}, {v!r})")
        out.append((u, v, number))
    return out


def need_simple(structure, graph, name: str, like: str = "") -> None:
    """Raises ArgumentError where it is no graph, and GraphError where it is a multigraph or of the wrong direction. The
    message names what makes the graph that is needed without a change to the answer. like: the algorithm to name."""
    if not isinstance(graph, nx.Graph):
        raise ArgumentError(f"{name} is called with a networkx graph, not with {type(graph).__name__}")
    merged = f"algorithms.merge_parallel({like or name!r}, graph)" if structure.merges in _MERGED else ""
    if graph.is_multigraph():
        remedy = f"{merged} {_MERGED[structure.merges]}" if merged else _NOT_MERGED[structure.merges]
        raise GraphError(f"{name}: a multigraph; {remedy}")
    if structure.directed is None or graph.is_directed() == structure.directed:
        return
    if not structure.directed:
        remedy = f"{merged or 'graph.to_undirected()'} makes it one, and of two opposite edges one"
        remedy += ", the lighter" if structure.merges == "least" else ""
        raise GraphError(f"{name} needs an undirected graph, this one is directed; {remedy}")
    one_way = structure.requires and structure.merges != "sum"  # both ways there would be a cycle
    remedy = "give each edge its direction" if one_way else "graph.to_directed() takes every edge both ways"
    raise GraphError(f"{name} needs a directed graph, this one is undirected; {remedy}")


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
    if merges not in _MERGED:
        raise GraphError(f"{name}: {_NOT_MERGED[merges]}")
    takes = {"least": "weight", "sum": "capacity"}.get(merges)
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
