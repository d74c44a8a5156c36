"""Breadth-first search: a tree of fewest-edges paths from a source.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 22.2. Takes any graph, directed or not. The whole
frontier spreads in one step: eccentricity of the source + 3 ticks. A node's parent is its first neighbour, in the
graph's order, that is one edge nearer to the source.

>>> import networkx as nx, algorithms
>>> algorithms.run("bfs", nx.path_graph(3), source=1)["parent"]
{0: 1, 1: None, 2: 1}
"""

import networkx as nx

from algorithms import sampling
from algorithms.answers import IsValue, Pointers
from algorithms.author import CATEGORICAL, HINT, INPUT, MASK_ONE, NODE, OUTPUT, POINTER, Graph, Probe, algorithm, first


def sample(rng, n, family):
    graph = sampling.graph(rng, n, family, directed=rng.random() < 0.3)
    return graph, {"source": sampling.node(rng, graph)}


def check(outputs, graph, source):
    level = nx.single_source_shortest_path_length(graph, source)
    parent, reached = outputs["parent"], outputs["reached"]

    def fits(v):
        u = parent[v]
        if v == source or v not in level:
            return u is None
        return u in level and graph.has_edge(u, v) and level[u] == level[v] - 1

    return {"parent": [fits(v) for v in graph], "reached": [reached[v] == (v in level) for v in graph]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 22.2",
    structure=Graph(),
    probes=[
        Probe("source", INPUT, NODE, MASK_ONE),
        Probe("color", HINT, NODE, CATEGORICAL, ("white", "grey", "black")),
        Probe("parent", OUTPUT, NODE, POINTER),
    ],
    outputs={"parent": Pointers("parent"), "reached": IsValue("color", ("grey", "black"))},
    ticks=lambda n, m: n + 3,
    time=lambda n, m: n + m,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def bfs(hub, nodes):
    hub.source.color = "grey"
    yield "init"
    while first(nodes, where=lambda v: v.color == "grey"):
        for v in nodes:
            u = first(v.in_edges, where=lambda u: u.color == "grey")
            if v.color == "white" and u:
                v.color = "grey"
                v.parent = u
            elif v.color == "grey":
                v.color = "black"
        yield "spread"
