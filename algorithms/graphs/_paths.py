"""What the shortest-path algorithms share: preconditions, samples, the independent check."""

import math

import networkx as nx

from algorithms.answers import close
from algorithms.errors import GraphError, InputError


def no_negative_cycle(graph, arguments):
    """Precondition. A negative edge of an undirected graph is a negative cycle."""
    weight = arguments["weight"]
    if not graph.is_directed():
        for u, v, w in graph.edges(data=weight):
            if w < 0:
                raise GraphError(
                    f"edge ({u!r}, {v!r}) has the negative weight {w}; in an undirected graph that is a negative cycle"
                )
        return
    cycle = _negative_cycle(graph, weight)
    if cycle:
        raise GraphError(f"the graph has a negative cycle, {cycle}; shortest paths do not exist")


def _negative_cycle(graph, weight) -> list | None:
    """Some negative cycle, reached from the source or not. On a copy: networkx adds a node to what it looks through,
    and trips over self-loops."""
    start, copy = object(), nx.DiGraph()
    copy.add_weighted_edges_from((start, v, 0.0) for v in graph)
    for u, v, w in graph.edges(data=weight):
        if u != v:
            copy.add_edge(u, v, weight=w)
        elif w < 0:
            return [u, u]
    try:
        return nx.find_negative_cycle(copy, start)
    except nx.NetworkXError:
        return None


def nonnegative(graph, arguments):
    """Precondition."""
    for u, v, w in graph.edges(data=arguments["weight"]):
        if w < 0:
            raise InputError(f"edge ({u!r}, {v!r}) has the negative weight {w}; use bellman_ford, which allows it")


def acyclic(graph, arguments):
    """Precondition."""
    if not nx.is_directed_acyclic_graph(graph):
        cycle = [u for u, _ in nx.find_cycle(graph)]
        raise GraphError(f"the graph has a cycle, {cycle}; a directed acyclic graph is needed")


def potentials(rng, graph):
    """Make some weights negative without a negative cycle: w(u, v) + p(u) - p(v)."""
    p = dict(zip(graph, rng.integers(0, 4, size=len(graph)).astype(float).tolist()))
    for u, v, d in graph.edges(data=True):
        d["weight"] += p[u] - p[v]


def check_paths(outputs, graph, source, weight="weight"):
    """Distances against networkx's Bellman-Ford; a parent must lie on some shortest path."""
    best = nx.single_source_bellman_ford_path_length(graph, source, weight=weight)
    distance, parent = outputs["distance"], outputs["parent"]

    def fits(v):
        u = parent[v]
        if v == source or v not in best:
            return u is None
        return u in best and graph.has_edge(u, v) and close(best[u] + graph[u][v][weight], best[v])

    return {
        "distance": [close(distance[v], best.get(v, math.inf)) for v in graph],
        "parent": [fits(v) for v in graph],
    }
