"""Kruskal: a minimum spanning forest.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., sections 23.2 and 21.3: disjoint sets are trees, joined by
rank, and every node passed on the way up is hung from its grandparent (paths are split, as good as compressed). Edges
are nodes of the machine. Takes undirected graphs with finite weights. An edge takes five ticks, and one for every node
passed: at most m (2 log2 n + 5) + 2 ticks. Samples of 16 to 150 nodes took 5 to 7 m.

>>> import networkx as nx, algorithms
>>> G = nx.Graph()
>>> G.add_weighted_edges_from([("a", "b", 4.0), ("a", "c", 1.0), ("c", "b", 2.0)])
>>> algorithms.run("mst_kruskal", G)["edges"]
[('a', 'c'), ('b', 'c')]
"""

from math import log2

import networkx as nx

from algorithms import sampling
from algorithms.answers import Chosen, close
from algorithms.author import (  # fmt: skip
    CATEGORICAL,
    EDGE,
    HINT,
    INPUT,
    MASK_ONE,
    NODE,
    OUTPUT,
    POINTER,
    SCALAR,
    Graph,
    Probe,
    algorithm,
    argmin,
)


def sample(rng, n, family):
    return sampling.weigh(rng, sampling.graph(rng, n, family), low=-1.0 if rng.random() < 0.3 else 0.0), {}


def check(outputs, graph, weight="weight"):
    """A forest with networkx's number of edges and weight."""
    edges = outputs["edges"]
    forest = nx.minimum_spanning_edges(graph, weight=weight, data=True)
    best = [d[weight] for _, _, d in forest]
    if not all(graph.has_edge(u, v) for u, v in edges):
        return {"edges": [graph.has_edge(u, v) for u, v in edges]}
    total = sum(graph[u][v][weight] for u, v in edges)
    good = len(edges) == len(best) and close(total, sum(best)) and (not edges or nx.is_forest(nx.Graph(edges)))
    return {"edges": [good] * max(1, len(edges))}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 23.2",
    structure=Graph(directed=False, weighted=True, compared=True, edge_nodes=True),
    probes=[
        Probe("weight", INPUT, EDGE, SCALAR),
        Probe("state", OUTPUT, EDGE, CATEGORICAL, ("waiting", "rejected", "taken")),
        Probe("e", HINT, EDGE, MASK_ONE),
        Probe("u", HINT, NODE, MASK_ONE),
        Probe("v", HINT, NODE, MASK_ONE),
        Probe("parent", HINT, NODE, POINTER, init="self"),
        Probe("rank", HINT, NODE, SCALAR),  # no path up to a root is longer
    ],
    outputs={"edges": Chosen("state", "taken")},
    ticks=lambda n, m: int(m * (2 * log2(max(n, 1)) + 5)) + 2,
    time=lambda n, m: (m + 1) * log2(n + 1),
    sense="min",
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def mst_kruskal(hub, nodes, edges):
    while True:
        hub.e = argmin(edges, key=lambda e: e.weight, where=lambda e: e.state == "waiting")
        yield "select"
        if not hub.e:
            return
        hub.u = hub.e.tail
        while True:
            yield "climb_tail"
            hub.u.parent = hub.u.parent.parent
            if hub.u.parent == hub.u:
                break
            hub.u = hub.u.parent
        hub.v = hub.e.head
        while True:
            yield "climb_head"
            hub.v.parent = hub.v.parent.parent
            if hub.v.parent == hub.v:
                break
            hub.v = hub.v.parent
        if hub.u == hub.v:
            yield "same"
            hub.e.state = "rejected"
        elif hub.u.rank > hub.v.rank:
            yield "higher"
            hub.e.state = "taken"
            hub.v.parent = hub.u
        elif hub.u.rank < hub.v.rank:
            yield "lower"
            hub.e.state = "taken"
            hub.u.parent = hub.v
        else:
            yield "level"
            hub.e.state = "taken"
            hub.u.parent = hub.v
            hub.v.rank = hub.v.rank + 1.0
        hub.u = hub.v = None
        yield "next"
