"""What the shortest-path algorithms share: preconditions, samples, the independent check."""

import math
from collections import deque
from math import lcm

import networkx as nx
import numpy as np

from algorithms.answers import close
from algorithms.errors import GraphError, InputError
from algorithms.inputs.edges import Edges, read_edges
from algorithms.inputs.exact import floats, shown
from algorithms.inputs.parallel import weights_of

_BOTH_WAYS = "in an undirected graph that is a negative cycle"


def no_negative_cycle(graph, arguments):
    """Precondition, without rounding: neither the caller's numbers nor their float64, on which the algorithm runs, have
    a cycle below 0. A negative edge of an undirected graph is a negative cycle."""
    if not _read(graph, arguments).negative:
        return
    edges = weights_of(graph, arguments["weight"])
    for u, v, w in edges:
        if w < 0 and not graph.is_directed():
            raise GraphError(f"edge ({u!r}, {v!r}) has the negative weight {shown(w)}; {_BOTH_WAYS}")
    numbers = [w for *_, w in edges]
    rounded = floats(numbers)
    cycle = negative_cycle(edges)
    if not cycle and rounded != numbers:
        cycle = negative_cycle([(u, v, w) for (u, v, _), w in zip(edges, rounded)])
    if cycle:
        raise GraphError(f"the graph has a negative cycle, {cycle}; shortest paths do not exist")


def negative_cycle(edges) -> list | None:
    """A cycle [v, …, v] of edges [(u, v, weight), …] whose weights sum up to less than 0, exactly; None where there is
    none. Bellman-Ford by a queue, from all nodes at once, with Tarjan's disassembly: where a distance gets less, what
    hangs below its node in the tree of shortest paths is taken out of it; if the edge starts there, it closes a cycle.
    """
    if all(w >= 0 for *_, w in edges):
        return None
    ratios = [w.as_integer_ratio() for *_, w in edges]
    unit = lcm(*(d for _, d in ratios))
    after: dict = {}
    for (u, v, _), (n, d) in zip(edges, ratios):
        after.setdefault(u, []).append((v, n * (unit // d)))
        after.setdefault(v, [])
    distance, parent, below = dict.fromkeys(after, 0), {}, {v: set() for v in after}
    waiting, queue = set(after), deque(after)
    while queue:
        u = queue.popleft()
        if u not in waiting:
            continue
        waiting.remove(u)
        for v, w in after[u]:
            if distance[u] + w >= distance[v]:
                continue
            hanging = [v]
            for x in hanging:
                hanging += below[x]
            if u in hanging:
                return _way(parent, v, u)
            for x in hanging:
                below[x] = set()
            for x in hanging[1:]:
                del parent[x]
                waiting.discard(x)
            if v in parent:
                below[parent[v]].discard(v)
            distance[v], parent[v] = distance[u] + w, u
            below[u].add(v)
            if v not in waiting:
                waiting.add(v)
                queue.append(v)
    return None


def _way(parent: dict, v, u) -> list:
    """From v down the tree to u, and by an edge back to v."""
    way = [v, u]
    while u != v:
        u = parent[u]
        way.append(u)
    return way[::-1]


def _read(graph, arguments) -> Edges:
    return getattr(arguments, "edges", None) or read_edges(graph, weight=arguments["weight"])


def nonnegative(graph, arguments):
    """Precondition."""
    if not _read(graph, arguments).negative:
        return
    for u, v, w in weights_of(graph, arguments["weight"]):
        if w < 0:
            remedy = "use bellman_ford, which allows it" if graph.is_directed() else _BOTH_WAYS
            raise InputError(f"edge ({u!r}, {v!r}) has the negative weight {shown(w)}; {remedy}")


def _goes_round(edges: Edges) -> bool:
    """Has a digraph a cycle?"""
    tail, head = edges.ends.T
    if (tail < head).all():
        return False
    n, order = len(edges.labels), np.argsort(tail, kind="stable")
    heads, first = head[order].tolist(), np.searchsorted(tail[order], np.arange(n + 1)).tolist()
    into = np.bincount(head, minlength=n).tolist()
    free = [v for v in range(n) if not into[v]]  # Kahn's: those that nothing is left before
    for u in free:
        for v in heads[first[u] : first[u + 1]]:
            into[v] -= 1
            if not into[v]:
                free.append(v)
    return len(free) < n


def acyclic(graph, arguments):
    """Precondition."""
    if _goes_round(getattr(arguments, "edges", None) or read_edges(graph)):
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
