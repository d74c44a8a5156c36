"""Dijkstra: shortest paths from a source, weights not negative.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 24.3. Takes any graph with finite weights of at
least 0. Two ticks a node: extract the nearest, relax its edges. A parent changes on strict improvement only.

>>> import networkx as nx, algorithms
>>> G = nx.Graph()
>>> G.add_weighted_edges_from([("a", "b", 4.0), ("a", "c", 1.0), ("c", "b", 2.0)])
>>> algorithms.run("dijkstra", G, source="a")["parent"]
{'a': None, 'b': 'c', 'c': 'a'}
"""

import math

from algorithms import sampling
from algorithms.answers import Pointers, Scalars
from algorithms.author import (  # fmt: skip
    CATEGORICAL,
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
    first,
)
from algorithms.graphs._paths import check_paths, nonnegative


def sample(rng, n, family):
    graph = sampling.weigh(rng, sampling.graph(rng, n, family, directed=rng.random() < 0.4))
    return graph, {"source": sampling.node(rng, graph)}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 24.3",
    structure=Graph(weighted=True, requires=(nonnegative,)),
    probes=[
        Probe("source", INPUT, NODE, MASK_ONE),
        Probe("u", HINT, NODE, MASK_ONE),
        Probe("color", HINT, NODE, CATEGORICAL, ("white", "grey", "black")),
        Probe("distance", OUTPUT, NODE, SCALAR, init=math.inf),
        Probe("parent", OUTPUT, NODE, POINTER),
    ],
    outputs={"distance": Scalars("distance"), "parent": Pointers("parent")},
    ticks=lambda n, m: 2 * n + 3,
    time=lambda n, m: (n + m) * math.log2(n + 1),
    sense="min",
    families=sampling.GRAPHS,
    sample=sample,
    check=check_paths,
)
def dijkstra(hub, nodes):
    hub.source.distance = 0.0
    hub.source.color = "grey"
    yield "init"
    while True:
        hub.u = argmin(nodes, key=lambda v: v.distance, where=lambda v: v.color == "grey")
        yield "extract"
        if not hub.u:
            return
        for v in nodes:
            u = first(v.in_edges, where=lambda u: u == hub.u)
            if v == hub.u:
                v.color = "black"
            elif v.color != "black" and u.distance + u.weight < v.distance:
                v.distance = u.distance + u.weight
                v.parent = u
                v.color = "grey"
        yield "relax"
