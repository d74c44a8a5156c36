"""Ready-made chains: a tour, clusters, a critical path, the nearest facilities.

Each takes a networkx graph and, as `executor`, what runs it (by default the bundled `all`). Input outside the contract
is a typed error, as everywhere; answers are in the caller's labels, and carry the `run` with its traces.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import networkx as nx
import numpy as np

from neural_exec.chains.adapters import argument, keys, negate, output, permute, restrict, subgraph, tree
from neural_exec.chains.chain import Chain, ChainRun
from neural_exec.errors import ArgumentError, GraphError, NothingLeftError

__all__ = ["Clusters", "Nearest", "Path", "critical_path", "nearest_facilities", "single_linkage", "tour"]

TOUR = ("mst_prim", tree("parent"), "dfs", keys("discovery"), "heapsort", permute("order"))
CLUSTERS = (
    "mst_kruskal", subgraph("edges"), keys(), "heapsort", permute("order", first=argument("edges")), subgraph(),
    "connected_components",
)  # fmt: skip
CRITICAL = (
    "topological_sort", permute("order"), negate(), ("dag_shortest_paths", {"source": output("top")}),
    keys("distance"), "minimum",
)  # fmt: skip
NEAREST = (
    "dijkstra", restrict("distance"), restrict(argument("facilities")), keys("distance"), "insertion_sort",
    permute("order", first=argument("k")),
)  # fmt: skip


@dataclass(frozen=True)
class Path:
    """Nodes in order, and the length of the way along them (of a tour: back to the first, too)."""

    nodes: list
    length: float
    run: ChainRun = field(repr=False)


@dataclass(frozen=True)
class Clusters:
    """Sets of nodes, in the order of their first nodes."""

    clusters: list[set]
    run: ChainRun = field(repr=False)


@dataclass(frozen=True)
class Nearest:
    """(node, distance), nearest first."""

    nodes: list[tuple]
    run: ChainRun | None = field(repr=False)


def tour(graph: nx.Graph, executor=None, weight: str = "weight") -> Path:
    """A round trip through all nodes of a complete graph, from its first one: the travelling salesman, approximately.

    Good for distances that obey the triangle inequality (places on a map): the tour is at most twice the shortest one.
    A minimum spanning tree, its nodes in the order in which a depth-first search discovers them.
    Chain: mst_prim -> tree -> dfs -> heapsort of the times of discovery.

    Raises GraphError where two nodes have no edge.

    >>> import networkx as nx
    >>> square = nx.Graph()
    >>> square.add_weighted_edges_from([(0, 1, 1), (1, 2, 1), (2, 3, 1), (3, 0, 1), (0, 2, 1.4), (1, 3, 1.4)])
    >>> tour(square).nodes
    [0, 1, 2, 3]
    """
    chain = Chain(TOUR, executor)
    source = next(iter(graph), None) if isinstance(graph, nx.Graph) else None
    if isinstance(graph, nx.Graph) and not graph.is_directed():
        for u in graph:
            for v in graph:
                if u != v and not graph.has_edge(u, v):
                    raise GraphError(f"a tour needs a complete graph; {u!r} and {v!r} have no edge")
    run = chain.run(graph, source=source, weight=weight)
    nodes = run.labels
    ways = zip(nodes, nodes[1:] + nodes[:1]) if len(nodes) > 1 else ()
    return Path(nodes, sum(float(graph[u][v][weight]) for u, v in ways), run)


def single_linkage(graph: nx.Graph, k: int, executor=None, weight: str = "weight") -> Clusters:
    """k clusters of an undirected graph such that the least weight between two clusters is as large as it can be.

    Good for groups of any shape that are well apart; the weights are distances. Nodes without an edge between them are
    as far apart as can be. Chain: mst_kruskal -> heapsort of the tree's edges by weight -> drop the k - 1 greatest ->
    connected_components.

    Raises ArgumentError where k is none of 1 .. n, GraphError where the graph has more than k components.

    >>> import networkx as nx
    >>> line = nx.Graph()
    >>> line.add_weighted_edges_from([("a", "b", 1.0), ("b", "c", 9.0), ("c", "d", 2.0)])
    >>> single_linkage(line, k=2).clusters == [{"a", "b"}, {"c", "d"}]
    True
    """
    n = len(graph) if isinstance(graph, nx.Graph) else 0
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 1 <= k <= max(n, 1):
        raise ArgumentError(f"k is {k!r}; a number of clusters from 1 to {n} is needed")
    if n and all(u == v for u, v in graph.edges()):  # no edge: nothing to sort
        run = Chain(["connected_components"], executor).run(graph)
    else:
        run = Chain(CLUSTERS, executor).run(graph, edges=n - k, weight=weight)
    found: dict = {}
    for v, representative in run.outputs[-1]["component"].items():
        found.setdefault(representative, set()).add(v)
    if len(found) > k:
        raise GraphError(f"the graph has {len(found)} components; it cannot be parted into {k} clusters")
    return Clusters(list(found.values()), run)


def critical_path(graph: nx.DiGraph, executor=None, weight: str = "weight") -> Path:
    """The longest path of a directed acyclic graph: its length is the least time that a project takes.

    Good for projects whose steps wait for one another; weights are durations. A start is added before all nodes.
    Chain: topological_sort -> the graph in that order, weights negated -> dag_shortest_paths -> minimum.

    Raises GraphError where the graph has a cycle.

    >>> import networkx as nx
    >>> plan = nx.DiGraph()
    >>> plan.add_weighted_edges_from([("dig", "build", 5.0), ("dig", "order", 1.0), ("order", "build", 2.0)])
    >>> critical_path(plan)
    Path(nodes=['dig', 'build'], length=5.0)
    """
    chain, start = Chain(CRITICAL, executor), _Start()
    whole = graph
    if isinstance(graph, nx.Graph) and len(graph) and graph.is_directed() and not graph.is_multigraph():
        whole = nx.DiGraph()
        whole.add_nodes_from(graph)
        whole.add_edges_from(graph.edges(data=True))
        whole.add_edges_from((start, v, {weight: 0.0}) for v in graph)
    run = chain.run(whole, weight=weight)
    paths, v = run.outputs[1], run.outputs[2]["index"]
    if v is start:  # no path is longer than 0: the first node alone
        v = run.outputs[0]["order"][1]
    length, nodes = -paths["distance"][v], []
    while v is not start:
        nodes.append(v)
        v = paths["parent"][v]
    return Path(nodes[::-1], length + 0.0, run)


class _Start:
    """The node before all others."""

    def __repr__(self) -> str:
        return "start"


def nearest_facilities(
    graph: nx.Graph, source, facilities, k: int = 1, executor=None, weight: str = "weight"
) -> Nearest:
    """The k facilities that are nearest to a node, by the length of the way, with their distances.

    Good for the next stations, hospitals, shops along a network of roads. Those that cannot be reached are left out;
    equally far ones come in the graph's order. Chain: dijkstra -> restrict to what is reached, and to facilities ->
    insertion_sort by distance -> the first k.

    Raises InputError where a facility is not in the graph, or a weight is negative.

    >>> import networkx as nx
    >>> roads = nx.Graph()
    >>> roads.add_weighted_edges_from([("a", "b", 1.0), ("b", "c", 2.0), ("a", "d", 2.5)])
    >>> nearest_facilities(roads, "a", {"b", "c", "d"}, k=2)
    Nearest(nodes=[('b', 1.0), ('d', 2.5)])
    """
    chain = Chain(NEAREST, executor)
    try:
        run = chain.run(graph, source=source, facilities=facilities, k=k, weight=weight)
    except NothingLeftError:
        return Nearest([], None)
    assert run.values is not None  # it leaves a list of distances
    return Nearest(list(zip(run.labels, run.values)), run)
