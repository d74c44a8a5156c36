"""Widest paths: from a source to every node a path whose least weight is as great as can be, its bottleneck.

Source: Pollack, The maximum capacity through a network, Operations Research 8, 1960, in the order of Dijkstra's
algorithm (Cormen et al., Introduction to Algorithms, 3rd ed., section 24.3). Takes any graph with finite weights. The
width of the source is infinite, that of a node out of reach minus infinite. A parent changes on strict improvement
only. Two ticks a node: extract the widest, relax its edges.

>>> import networkx as nx, algorithms
>>> G = nx.Graph()
>>> G.add_weighted_edges_from([("a", "b", 1.0), ("a", "c", 4.0), ("c", "b", 2.0)])
>>> algorithms.run("widest_path", G, source="a")
{'width': {'a': inf, 'b': 2.0, 'c': 4.0}, 'parent': {'a': None, 'b': 'c', 'c': 'a'}}
"""

import math

import networkx as nx

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
    minimum,
)


def sample(rng, n, family):
    graph = sampling.graph(rng, n, family, directed=rng.random() < 0.4)
    low = -1.0 if rng.random() < 0.3 else 0.0
    return sampling.weigh(rng, graph, low=low), {"source": sampling.node(rng, graph)}


def check(outputs, graph, source, weight="weight"):
    """Threshold by threshold: as wide as the greatest weight whose edges, with all that are heavier, lead to the node.
    The path of parents has to be there, and to be so wide."""
    best = dict.fromkeys(graph, -math.inf)
    for least in sorted({w for *_, w in graph.edges(data=weight)}):
        wide = nx.DiGraph() if graph.is_directed() else nx.Graph()
        wide.add_nodes_from(graph)
        wide.add_edges_from((u, v) for u, v, w in graph.edges(data=weight) if w >= least)
        best |= dict.fromkeys(nx.single_source_shortest_path_length(wide, source), least)
    best[source] = math.inf
    width, parent = outputs["width"], outputs["parent"]

    def narrowest(v):
        least, steps = math.inf, 0
        while parent[v] is not None and steps < len(graph):
            if not graph.has_edge(parent[v], v):
                return None
            least, v, steps = min(least, graph[parent[v]][v][weight]), parent[v], steps + 1
        return least if v == source else -math.inf

    return {"width": [width[v] == best[v] for v in graph], "parent": [narrowest(v) == best[v] for v in graph]}


@algorithm(
    source="Pollack, The maximum capacity through a network, Operations Research 8, 1960",
    structure=Graph(weighted=True, parallel="subdivide"),
    probes=[
        Probe("source", INPUT, NODE, MASK_ONE),
        Probe("u", HINT, NODE, MASK_ONE),
        Probe("color", HINT, NODE, CATEGORICAL, ("white", "grey", "black")),
        Probe("width", OUTPUT, NODE, SCALAR, init=-math.inf),
        Probe("parent", OUTPUT, NODE, POINTER),
    ],
    outputs={"width": Scalars("width"), "parent": Pointers("parent")},
    ticks=lambda n, m: 2 * n + 3,
    time=lambda n, m: (n + m) * math.log2(n + 1),
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def widest_path(hub, nodes):
    hub.source.width = math.inf
    hub.source.color = "grey"
    yield "init"
    while True:
        hub.u = argmin(nodes, key=lambda v: 0.0 - v.width, where=lambda v: v.color == "grey")
        yield "extract"
        if not hub.u:
            return
        for v in nodes:
            u = first(v.in_edges, where=lambda u: u == hub.u)
            if v == hub.u:
                v.color = "black"
            elif v.color != "black" and minimum(u.width, u.weight) > v.width:
                v.width = minimum(u.width, u.weight)
                v.parent = u
                v.color = "grey"
        yield "relax"
