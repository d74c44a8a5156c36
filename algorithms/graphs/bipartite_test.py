"""Bipartite test: whether a graph's nodes have two sides, so that every edge leads from one to the other.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., exercise 22.2-7: a breadth-first search from every node that
none before has reached, the sides by turns; at last all nodes look at once for a neighbour on their own side. Takes
undirected graphs; with a self-loop one is not bipartite. A node is on the side True if it is an odd number of edges
away from the first node, in the graph's order, of its component, also where there are no halves. At most 4 n + 3 ticks:
a component of k nodes takes at most k + 3.

>>> import networkx as nx, algorithms
>>> algorithms.run("bipartite_test", nx.path_graph("abc"))
{'bipartite': True, 'side': {'a': False, 'b': True, 'c': False}}
"""

import networkx as nx

from algorithms import sampling
from algorithms.answers import Holds, IsValue
from algorithms.author import (  # fmt: skip
    CATEGORICAL,
    GRAPH,
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
    """A random graph; or its edges between two random halves, and at times one more edge."""
    graph = sampling.graph(rng, n, family)
    if rng.random() < 0.6:
        side = rng.integers(2, size=len(graph))
        graph.remove_edges_from([(u, v) for u, v in graph.edges() if side[u] == side[v]])
        if rng.random() < 0.5:
            graph.add_edge(sampling.node(rng, graph), sampling.node(rng, graph))
    return graph, {}


def check(outputs, graph):
    distance = {}
    for nodes in nx.connected_components(graph):
        distance |= nx.single_source_shortest_path_length(graph, next(v for v in graph if v in nodes))
    return {
        "bipartite": [outputs["bipartite"] == nx.is_bipartite(graph)],
        "side": [outputs["side"][v] == (distance[v] % 2 == 1) for v in graph],
    }


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 22.2",
    structure=Graph(directed=False),
    probes=[
        Probe("u", HINT, NODE, MASK_ONE),
        Probe("color", HINT, NODE, CATEGORICAL, ("white", "grey", "black")),
        Probe("side", OUTPUT, NODE, MASK),
        Probe("clash", HINT, NODE, MASK),
        Probe("odd_cycle", OUTPUT, GRAPH, MASK),
    ],
    outputs={"bipartite": Holds("odd_cycle", False), "side": IsValue("side", (True,))},
    ticks=lambda n, m: 4 * n + 3,
    time=lambda n, m: n + m,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def bipartite_test(hub, nodes):
    while True:
        hub.u = first(nodes, where=lambda v: v.color == "white")
        yield "root"
        if not hub.u:
            break
        hub.u.color = "grey"
        hub.u = None
        yield "begin"
        while first(nodes, where=lambda v: v.color == "grey"):
            for v in nodes:
                near = first(v.in_edges, where=lambda u: u.color == "grey")
                if v.color == "white" and near:
                    v.color = "grey"
                    v.side = not near.side
                elif v.color == "grey":
                    v.color = "black"
            yield "spread"
        yield "found"
    for v in nodes:
        if first(v.in_edges, where=lambda u: u.side == v.side):
            v.clash = True
    yield "compare"
    if first(nodes, where=lambda v: v.clash):
        hub.odd_cycle = True
