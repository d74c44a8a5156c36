"""Shortest paths in a directed acyclic graph, negative weights allowed.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 24.2: a topological order of what the source
reaches, then the edges of each node relaxed in that order. At most 7 n + 1 ticks.

>>> import networkx as nx, algorithms
>>> G = nx.DiGraph()
>>> G.add_weighted_edges_from([("s", "t", 5.0), ("s", "x", 2.0), ("x", "t", -4.0)])
>>> algorithms.run("dag_shortest_paths", G, source="s")["distance"]
{'s': 0.0, 't': -2.0, 'x': 2.0}
"""

import math

from algorithms import sampling
from algorithms.answers import Pointers, Scalars
from algorithms.author import HINT, INPUT, MASK_ONE, NODE, OUTPUT, POINTER, SCALAR, Graph, Probe, algorithm, first
from algorithms.graphs._paths import acyclic, check_paths
from algorithms.graphs._search import PROBES, search


def sample(rng, n, family):
    graph = sampling.weigh(rng, sampling.dag(rng, n, family), low=-1.0 if rng.random() < 0.5 else 0.0)
    return graph, {"source": sampling.node(rng, graph)}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 24.2",
    structure=Graph(directed=True, weighted=True, requires=(acyclic,)),
    probes=[
        *PROBES,
        Probe("source", INPUT, NODE, MASK_ONE),
        Probe("parent", HINT, NODE, POINTER),
        Probe("top", HINT, NODE, MASK_ONE),
        Probe("below", HINT, NODE, POINTER),
        Probe("distance", OUTPUT, NODE, SCALAR, init=math.inf),
        Probe("predecessor", OUTPUT, NODE, POINTER),
    ],
    outputs={"distance": Scalars("distance"), "parent": Pointers("predecessor")},
    ticks=lambda n, m: 7 * n + 1,
    time=lambda n, m: n + m,
    sense="min",
    families=sampling.GRAPHS,
    sample=sample,
    check=check_paths,
)
def dag_shortest_paths(hub, nodes):
    def push(u):
        u.below = hub.top
        hub.top = u

    hub.source.distance = 0.0
    hub.v = hub.source
    yield "init"
    yield from search(hub, finish=push)
    hub.u = hub.top
    yield "order"
    while hub.u:
        for v in nodes:
            u = first(v.in_edges, where=lambda u: u == hub.u)
            if u.distance + u.weight < v.distance:
                v.distance = u.distance + u.weight
                v.predecessor = u
        hub.u = hub.u.below
        yield "relax"
