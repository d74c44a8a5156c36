"""A vertex cover: nodes of which every edge has one; at most twice as many as are needed.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 35.1: both ends of the first edge, in the graph's
order, that is not covered yet are taken, and so on. No two of the edges chosen so have an end in common, so that every
cover has a node for each of them. Takes undirected graphs; self-loops do not matter (they are left out). Edges are
nodes of the machine. Four ticks for an edge that is chosen: at most 2 n + 2.

>>> import networkx as nx, algorithms
>>> algorithms.run("vertex_cover", nx.path_graph(5))["nodes"]
{0, 1, 2, 3}
"""

from algorithms import sampling
from algorithms.answers import Marked
from algorithms.author import (  # fmt: skip
    EDGE,
    HINT,
    MASK,
    MASK_ONE,
    NODE,
    OUTPUT,
    Graph,
    Probe,
    algorithm,
    first,
)


def sample(rng, n, family):
    return sampling.graph(rng, n, family), {}


def check(outputs, graph):
    """The textbook's loop, over the edges by the places of their ends; and it has to be a cover."""
    place = {v: i for i, v in enumerate(graph)}
    edges = sorted(sorted((place[u], place[v])) for u, v in graph.edges() if u != v)
    taken = set()
    for u, v in edges:
        if u not in taken and v not in taken:
            taken |= {u, v}
    cover = {place[v] for v in outputs["nodes"]}
    covers = all(u in cover or v in cover for u, v in edges)
    return {"nodes": [covers and (i in taken) == (i in cover) for i in place.values()]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 35.1",
    structure=Graph(directed=False, edge_nodes=True),
    probes=[
        Probe("e", HINT, EDGE, MASK_ONE),
        Probe("u", HINT, NODE, MASK_ONE),
        Probe("v", HINT, NODE, MASK_ONE),
        Probe("covered", HINT, EDGE, MASK),
        Probe("covers", OUTPUT, NODE, MASK),
    ],
    outputs={"nodes": Marked("covers")},
    ticks=lambda n, m: 4 * (n // 2) + 2,
    time=lambda n, m: n + m,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def vertex_cover(hub, nodes, edges):
    while True:
        hub.e = first(edges, where=lambda e: not e.covered)
        yield "select"
        if not hub.e:
            return
        hub.u = hub.e.tail
        hub.v = hub.e.head
        hub.e = None
        yield "load"
        hub.u.covers = True
        hub.v.covers = True
        hub.u = hub.v = None
        yield "take"
        for e in edges:
            if e.tail.covers or e.head.covers:
                e.covered = True
        yield "cover"
