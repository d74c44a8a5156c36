"""Kruskal: a minimum spanning forest.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 23.2; the disjoint sets are trees of height one:
every node points at its root, a union relabels in one parallel step. Edges are nodes of the machine. Takes undirected
graphs with finite weights. At most 6 m + 2 ticks.

>>> import networkx as nx, algorithms
>>> G = nx.Graph()
>>> G.add_weighted_edges_from([("a", "b", 4.0), ("a", "c", 1.0), ("c", "b", 2.0)])
>>> algorithms.run("mst_kruskal", G)["edges"]
[('a', 'c'), ('b', 'c')]
"""

import networkx as nx

from algorithms import sampling
from algorithms.answers import Chosen, close
from algorithms.author import (
    CATEGORICAL,
    EDGE,
    HINT,
    INPUT,
    MASK,
    MASK_ONE,
    NODE,
    OUTPUT,
    POINTER,
    SCALAR,
    Graph,
    Probe,
    algorithm,
    argmin,
)  # fmt: skip


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
        Probe("root", HINT, NODE, POINTER, init="self"),
        Probe("dying", HINT, NODE, MASK),
    ],
    outputs={"edges": Chosen("state", "taken")},
    ticks=lambda n, m: 6 * m + 2,
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
        hub.v = hub.e.head
        yield "ends"
        hub.u = hub.u.root
        hub.v = hub.v.root
        yield "roots"
        if hub.u == hub.v:
            yield "same"
            hub.e.state = "rejected"
        else:
            yield "differ"
            hub.e.state = "taken"
            hub.v.dying = True
            yield "union"
            for x in nodes:
                if x.root.dying:
                    x.root = hub.u
            hub.v.dying = False
        yield "next"
