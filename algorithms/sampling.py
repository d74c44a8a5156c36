"""Random inputs, by family and seed, from networkx's own generators. Every draw takes a `numpy.random.Generator`.

`TRAINING` families are those that traces for training are drawn from; `HELD_OUT` are for evaluation alone.
"""

from __future__ import annotations

import networkx as nx
import numpy as np

__all__ = ["GRAPHS", "SEQUENCES", "dag", "graph", "node", "numbers", "weigh"]

GRAPHS = {
    "training": ("erdos_renyi", "dense", "tree", "path", "star", "disconnected"),
    "held_out": ("grid", "cycle", "barabasi_albert"),
}
SEQUENCES = {
    "training": ("uniform", "ties", "sorted", "reversed", "repeated"),
    "held_out": ("gaussian", "nearly_sorted"),
}


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))


def _plain(rng: np.random.Generator, n: int, family: str) -> nx.Graph:
    if n == 1:
        return nx.empty_graph(1)
    if family == "erdos_renyi":
        return nx.fast_gnp_random_graph(n, min(1.0, rng.uniform(1.0, 5.0) / n), seed=_seed(rng))
    if family == "dense":
        return nx.fast_gnp_random_graph(n, min(0.8, 24.0 / n), seed=_seed(rng))
    if family == "tree":
        return nx.random_labeled_tree(n, seed=_seed(rng))
    if family == "path":
        return nx.path_graph(n)
    if family == "star":
        return nx.star_graph(n - 1)
    if family == "cycle":
        return nx.cycle_graph(n)
    if family == "grid":
        rows = max(1, int(np.sqrt(n)))
        return nx.convert_node_labels_to_integers(nx.grid_2d_graph(rows, max(1, n // rows)))
    if family == "barabasi_albert":
        return nx.barabasi_albert_graph(n, min(2, n - 1), seed=_seed(rng))
    if family == "disconnected":
        k = int(rng.integers(1, n))
        parts = [nx.fast_gnp_random_graph(s, min(1.0, 2.5 / s), seed=_seed(rng)) for s in (k, n - k)]
        return nx.disjoint_union(*parts)
    raise KeyError(f"no graph family {family!r}; known: {', '.join(sum(GRAPHS.values(), ()))}")


def graph(rng: np.random.Generator, n: int, family: str, directed: bool = False) -> nx.Graph:
    """A graph of about n nodes 0..n-1 whose numbers say nothing of its shape; now and then with a self-loop.

    directed: each edge gets a random direction, or both.
    """
    plain = _plain(rng, n, family)
    order = rng.permutation(len(plain)).tolist()
    edges = [(order[u], order[v]) for u, v in plain.edges()]
    out = nx.DiGraph() if directed else nx.Graph()
    out.add_nodes_from(range(len(plain)))
    if directed:
        turn = rng.integers(3, size=len(edges))
        edges = [e for (u, v), t in zip(edges, turn) for e in (((u, v),), ((v, u),), ((u, v), (v, u)))[t]]
    out.add_edges_from(edges)
    if rng.random() < 0.1:
        v = node(rng, out)
        out.add_edge(v, v)
    return out


def dag(rng: np.random.Generator, n: int, family: str) -> nx.DiGraph:
    """A directed acyclic graph: every edge of a random graph points up a random order."""
    plain = _plain(rng, n, family)
    rank = rng.permutation(len(plain)).tolist()
    name = rng.permutation(len(plain)).tolist()
    out = nx.DiGraph()
    out.add_nodes_from(range(len(plain)))
    out.add_edges_from((name[u], name[v]) if rank[u] < rank[v] else (name[v], name[u]) for u, v in plain.edges())
    return out


def node(rng: np.random.Generator, graph: nx.Graph) -> int:
    """A random node of a graph whose nodes are 0..n-1."""
    return int(rng.integers(len(graph)))


def weigh(rng: np.random.Generator, graph: nx.Graph, low: float = 0.0, high: float = 1.0) -> nx.Graph:
    """Give every edge a weight: uniform reals in [low, high), or, one time in three, a few whole numbers (ties)."""
    m = graph.number_of_edges()
    if rng.random() < 1 / 3:
        weights = rng.integers(int(5 * low), int(5 * high), size=m, endpoint=True).astype(float)
    else:
        weights = rng.uniform(low, high, size=m)
    for (_, _, d), w in zip(graph.edges(data=True), weights.tolist()):
        d["weight"] = w
    return graph


def numbers(rng: np.random.Generator, n: int, family: str) -> list[float]:
    """n numbers."""
    if family == "ties":
        return rng.integers(0, max(2, n // 2), size=n).astype(float).tolist()
    if family == "repeated":
        return rng.integers(0, 2, size=n).astype(float).tolist()
    if family == "gaussian":
        return (100 * rng.standard_normal(n)).tolist()
    x = rng.random(n)
    if family == "sorted":
        x = np.sort(x)
    elif family == "reversed":
        x = np.sort(x)[::-1]
    elif family == "nearly_sorted":
        x = np.sort(x) + rng.normal(0, 2 / n, n)
    elif family != "uniform":
        raise KeyError(f"no family of sequences {family!r}; known: {', '.join(sum(SEQUENCES.values(), ()))}")
    return x.tolist()
