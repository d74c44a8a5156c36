"""Eccentricity: the greatest number of edges on a shortest path from a node; infinite if some node is out of reach.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 22.2: breadth-first search, the whole frontier in
one step, which the hub counts. Takes any graph, directed (along its edges) or not. One tick a level, and three.

>>> import networkx as nx, algorithms
>>> algorithms.run("eccentricity", nx.path_graph(4), node=1)
{'eccentricity': 2.0}
"""

import math

import networkx as nx

from algorithms import sampling
from algorithms.answers import Value
from algorithms.author import (  # fmt: skip
    CATEGORICAL,
    GRAPH,
    HINT,
    INPUT,
    MASK_ONE,
    NODE,
    OUTPUT,
    SCALAR,
    Graph,
    Probe,
    algorithm,
    first,
)


def sample(rng, n, family):
    graph = sampling.graph(rng, n, family, directed=rng.random() < 0.3)
    return graph, {"node": sampling.node(rng, graph)}


def check(outputs, graph, node):
    length = nx.single_source_shortest_path_length(graph, node)
    best = max(length.values()) if len(length) == len(graph) else math.inf
    return {"eccentricity": [outputs["eccentricity"] == best]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 22.2",
    structure=Graph(),
    probes=[
        Probe("node", INPUT, NODE, MASK_ONE),
        Probe("color", HINT, NODE, CATEGORICAL, ("white", "grey", "black")),
        Probe("count", OUTPUT, GRAPH, SCALAR, init=-1.0),
    ],
    outputs={"eccentricity": Value("count")},
    ticks=lambda n, m: n + 4,
    time=lambda n, m: n + m,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def eccentricity(hub, nodes):
    hub.node.color = "grey"
    yield "init"
    while first(nodes, where=lambda v: v.color == "grey"):
        for v in nodes:
            if v.color == "white" and first(v.in_edges, where=lambda u: u.color == "grey"):
                v.color = "grey"
            elif v.color == "grey":
                v.color = "black"
        hub.count = hub.count + 1.0
        yield "spread"
    yield "reached"
    if first(nodes, where=lambda v: v.color == "white"):
        hub.count = math.inf
