"""Boruvka: a minimum spanning forest. In every round each tree takes the lightest edge that leaves it.

Source: Sedgewick and Wayne, Algorithms, 4th ed., section 4.3 (Cormen et al., 3rd ed., problem 23-2, have a part of it).
Takes undirected graphs with finite weights. Edges are nodes of the machine; of equally light ones all trees prefer the
first, so that no cycle arises. The hub visits the trees of a round in turn, five ticks each, then joins them along the
edges taken, five ticks each; a tree that no edge leaves is left alone from then on. At most 20 n ticks.

>>> import networkx as nx, algorithms
>>> G = nx.Graph()
>>> G.add_weighted_edges_from([("a", "b", 4.0), ("a", "c", 1.0), ("c", "b", 2.0)])
>>> algorithms.run("mst_boruvka", G)["edges"]
[('a', 'c'), ('b', 'c')]
"""

from math import log2

from algorithms import sampling
from algorithms.answers import Chosen
from algorithms.author import (  # fmt: skip
    CATEGORICAL,
    EDGE,
    HINT,
    INPUT,
    MASK,
    MASK_ONE,
    NODE,
    OUTPUT,
    SCALAR,
    Graph,
    Probe,
    algorithm,
    argmin,
    first,
)
from algorithms.graphs._unions import PROBES, union
from algorithms.graphs.mst_kruskal import check, sample


@algorithm(
    source="Algorithms, 4th ed., 4.3",
    structure=Graph(directed=False, weighted=True, compared=True, edge_nodes=True),
    probes=[
        *PROBES,
        Probe("weight", INPUT, EDGE, SCALAR),
        Probe("state", OUTPUT, EDGE, CATEGORICAL, ("waiting", "chosen", "taken")),
        Probe("leaves", HINT, EDGE, MASK),
        Probe("color", HINT, NODE, CATEGORICAL, ("white", "grey", "black")),  # of a root: to visit, visited, for good
        Probe("at_hand", HINT, NODE, MASK),
        Probe("inside", HINT, NODE, MASK),
        Probe("e", HINT, EDGE, MASK_ONE),
    ],
    outputs={"edges": Chosen("state", "taken")},
    ticks=lambda n, m: 20 * n + 3,
    time=lambda n, m: (n + m) * log2(n + 1),
    sense="min",
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def mst_boruvka(hub, nodes, edges):
    while True:
        hub.u = first(nodes, where=lambda v: v.color == "white")
        yield "root"
        while hub.u:
            hub.u.color = "grey"
            hub.u.at_hand = True
            yield "mark"
            for v in nodes:
                v.inside = v.root.at_hand
            hub.u.at_hand = False
            yield "inside"
            for e in edges:
                e.leaves = e.tail.inside != e.head.inside
            for v in nodes:
                v.inside = False
            yield "border"
            hub.e = argmin(edges, key=lambda e: e.weight, where=lambda e: e.leaves)
            yield "select"
            if hub.e:
                hub.e.state = "chosen"
            else:
                hub.u.color = "black"
            for e in edges:
                e.leaves = False
            hub.e = None
            hub.u = first(nodes, where=lambda v: v.color == "white")
            yield "next_root"
        hub.e = first(edges, where=lambda e: e.state == "chosen")
        yield "chosen"
        if not hub.e:
            return
        while hub.e:
            hub.e.state = "taken"
            yield from union(hub, nodes)
            hub.v.color = "black"
            hub.u = hub.v = None
            yield "union"
            hub.e = first(edges, where=lambda e: e.state == "chosen")
            yield "next"
        for v in nodes:
            if v.color == "grey":
                v.color = "white"
        yield "round"
