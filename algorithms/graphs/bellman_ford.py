"""Bellman-Ford: shortest paths from a source, negative weights allowed.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 24.1. Takes any graph with finite weights and no
negative cycle (a negative undirected edge is one). Every node relaxes all its incoming edges in one step: at most
n + 2 ticks. A parent changes on strict improvement only. Whether there is a negative cycle is found exactly, but the
sums of a run are rounded: a cycle that weighs less than their rounding (1e16, 1, 1 and -1e16 - 2 sum up to 0) may be
gone round all the same, and the run then ends at its cap, or with parents that do not lead to the source.

>>> import networkx as nx, algorithms
>>> G = nx.DiGraph()
>>> G.add_weighted_edges_from([("a", "b", 4.0), ("a", "c", 1.0), ("c", "b", -2.0)])
>>> algorithms.run("bellman_ford", G, source="a")["distance"]
{'a': 0.0, 'b': -1.0, 'c': 1.0}
"""

import math

from algorithms import sampling
from algorithms.answers import Pointers, Scalars
from algorithms.author import (  # fmt: skip
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
    first,
)
from algorithms.graphs._paths import check_paths, no_negative_cycle, potentials


def sample(rng, n, family):
    graph = sampling.weigh(rng, sampling.graph(rng, n, family, directed=rng.random() < 0.4))
    if graph.is_directed() and rng.random() < 0.5:
        potentials(rng, graph)
    return graph, {"source": sampling.node(rng, graph)}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 24.1",
    structure=Graph(weighted=True, requires=(no_negative_cycle,)),
    probes=[
        Probe("source", INPUT, NODE, MASK_ONE),
        Probe("distance", OUTPUT, NODE, SCALAR, init=math.inf),
        Probe("parent", OUTPUT, NODE, POINTER),
        Probe("changed", HINT, NODE, MASK),
    ],
    outputs={"distance": Scalars("distance"), "parent": Pointers("parent")},
    ticks=lambda n, m: n + 3,
    time=lambda n, m: n * m + 1,
    sense="min",
    families=sampling.GRAPHS,
    sample=sample,
    check=check_paths,
)
def bellman_ford(hub, nodes):
    hub.source.distance = 0.0
    hub.source.changed = True
    yield "init"
    while first(nodes, where=lambda v: v.changed):
        for v in nodes:
            u = argmin(v.in_edges, key=lambda u: u.distance + u.weight)
            if u.distance + u.weight < v.distance:
                v.distance = u.distance + u.weight
                v.parent = u
                v.changed = True
            elif v.changed:
                v.changed = False
        yield "relax"
