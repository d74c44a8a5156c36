"""Bipartite matching: a largest set of edges without a common end, by augmenting paths.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 26.3 and problem 26-6. Takes undirected bipartite
graphs. From each unmatched node in turn a tree of alternating paths grows, three ticks a level, until it meets another
unmatched node, and then the edges of that path change sides, two ticks a node pair. A tree that meets none is left out
from then on (no later path can use its nodes). At most 2 n n + 8 n ticks.

>>> import networkx as nx, algorithms
>>> algorithms.run("bipartite_matching", nx.path_graph(4))["matching"]
{0: 1, 1: 0, 2: 3, 3: 2}
"""

import networkx as nx

from algorithms import sampling
from algorithms.answers import Pointers
from algorithms.author import CATEGORICAL, HINT, MASK_ONE, NODE, OUTPUT, POINTER, Graph, Probe, algorithm, first
from algorithms.errors import GraphError


def bipartite(graph, arguments):
    """Precondition."""
    if not nx.is_bipartite(graph):
        raise GraphError("the graph is not bipartite: it has a cycle of an odd number of edges (or a self-loop)")


def sample(rng, n, family):
    """A random graph; if it is not bipartite, its edges between two random halves. Often in many pieces."""
    graph = sampling.graph(rng, n, family)
    if not nx.is_bipartite(graph):
        side = rng.integers(2, size=len(graph))
        graph.remove_edges_from([(u, v) for u, v in graph.edges() if side[u] == side[v]])
    if rng.random() < 0.6:
        share = rng.uniform(0.2, 0.6)
        graph.remove_edges_from([e for e in graph.edges() if rng.random() < share])
    return graph, {}


def check(outputs, graph):
    """Partners must be each other's neighbours, as many as networkx finds."""
    partner = outputs["matching"]
    if partner.keys() != set(graph):
        return {"matching": [False] * len(graph)}
    real = [u is None or (graph.has_edge(u, v) and partner[u] == v) for v, u in partner.items()]
    best = 0
    for nodes in nx.connected_components(graph):
        part = graph.subgraph(nodes)
        best += len(nx.bipartite.eppstein_matching(part, nx.bipartite.sets(part)[0]))
    size = sum(u is not None for u in partner.values())
    return {"matching": real if size == best else [False] * len(real)}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 26.3",
    structure=Graph(directed=False, requires=(bipartite,)),
    probes=[
        Probe("color", HINT, NODE, CATEGORICAL, ("white", "even", "odd", "black", "dead")),
        Probe("parent", HINT, NODE, POINTER),
        Probe("mate", OUTPUT, NODE, POINTER),
        Probe("u", HINT, NODE, MASK_ONE),
        Probe("v", HINT, NODE, MASK_ONE),
        Probe("free", HINT, NODE, MASK_ONE),
    ],
    outputs={"matching": Pointers("mate")},
    ticks=lambda n, m: 2 * n * n + 8 * n + 4,
    time=lambda n, m: n * m + 1,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def bipartite_matching(hub, nodes):
    while True:
        hub.u = first(nodes, where=lambda v: v.color == "white" and not v.mate)
        yield "root"
        if not hub.u:
            return
        hub.u.color = "even"
        yield "frontier"
        while hub.u:
            for v in nodes:
                u = first(v.in_edges, where=lambda u: u.color == "even")
                if v.color == "white" and u:
                    v.color = "odd"
                    v.parent = u
                elif v.color == "even":
                    v.color = "black"
            yield "spread"
            hub.free = first(nodes, where=lambda v: v.color == "odd" and not v.mate)
            for v in nodes:
                if v.color == "odd":
                    v.color = "black"
                elif v.mate.color == "odd":
                    v.color = "even"
            yield "match"
            if hub.free:
                hub.v = hub.free
                hub.free = None
                yield "found"
                for v in nodes:
                    if v.color != "dead":
                        v.color = "white"
                while hub.v:
                    hub.u = hub.v.parent
                    yield "back"
                    hub.v.mate = hub.u
                    hub.u.mate = hub.v
                    hub.v = hub.u.mate
                    yield "change"
                break
            hub.u = first(nodes, where=lambda v: v.color == "even")
            yield "next_frontier"
        else:
            for v in nodes:
                if v.color == "black":
                    v.color = "dead"
        yield "next"
