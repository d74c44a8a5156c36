"""Floyd-Warshall: shortest paths between all pairs of nodes.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 25.2. Takes any graph with finite weights and no
negative cycle, which is found exactly; sums are rounded, as in `bellman_ford`. A cell for each pair (i, j); `parent` of
(i, j) is the node before j on the path from i, None of (i, i). At the k-th tick all cells ask at once whether the way
by node k is shorter, with two pointers that walk over the cells (i, k) and (k, j): n + 2 ticks.

>>> import networkx as nx, algorithms
>>> G = nx.DiGraph()
>>> G.add_weighted_edges_from([("a", "b", 4.0), ("a", "c", 1.0), ("c", "b", 2.0)])
>>> algorithms.run("floyd_warshall", G)["parent"]["a"]
{'a': None, 'b': 'c', 'c': 'a'}
"""

import math

import networkx as nx

from algorithms import sampling
from algorithms.answers import PairTable, close
from algorithms.author import CELL, HINT, INPUT, MASK_ONE, NODE, OUTPUT, POINTER, SCALAR, Probe, algorithm
from algorithms.graphs._paths import no_negative_cycle, potentials
from algorithms.inputs.cells import NodePairs


def sample(rng, n, family):
    """About n / 2 nodes (n * n / 4 cells)."""
    graph = sampling.weigh(rng, sampling.graph(rng, (n + 1) // 2, family, directed=rng.random() < 0.5))
    if graph.is_directed() and rng.random() < 0.5:
        potentials(rng, graph)
    return graph, {}


def check(outputs, graph, weight="weight"):
    """Distances against networkx's Bellman-Ford from every node; a parent must lie on some shortest path."""
    distance, parent = outputs["distance"], outputs["parent"]
    out = {"distance": [], "parent": []}
    for s in graph:
        best = nx.single_source_bellman_ford_path_length(graph, s, weight=weight)
        for v in graph:
            u = parent[s][v]
            out["distance"].append(close(distance[s][v], best.get(v, math.inf)))
            if v == s or v not in best:
                out["parent"].append(u is None)
            else:
                real = u in best and graph.has_edge(u, v)
                out["parent"].append(real and close(best[u] + graph[u][v][weight], best[v]))
    return out


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 25.2",
    structure=NodePairs(weighted=True, requires=(no_negative_cycle,)),
    probes=[
        Probe("weight", INPUT, CELL, SCALAR),
        Probe("k", HINT, NODE, MASK_ONE),
        Probe("a", HINT, CELL, POINTER),
        Probe("b", HINT, CELL, POINTER),
        Probe("distance", OUTPUT, CELL, SCALAR),
        Probe("parent", OUTPUT, CELL, POINTER),
    ],
    outputs={"distance": PairTable("distance"), "parent": PairTable("parent")},
    ticks=lambda n, m: n + 3,
    time=lambda n, m: n**3,
    sense="min",
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def floyd_warshall(hub, cells):
    hub.k = hub.first
    for c in cells:
        c.distance = c.weight
        c.a = c.row_start
        c.b = c.column_start
        if c.weight < math.inf:
            c.parent = c.row
    yield "init"
    while hub.k:
        for c in cells:
            if c.a.distance + c.b.distance < c.distance:
                c.distance = c.a.distance + c.b.distance
                c.parent = c.b.parent
            c.a = c.a.right
            c.b = c.b.down
        hub.k = hub.k.next
        yield "relax"
