"""Eulerian circuit: a closed walk that goes along every edge once.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., problem 22-3 (Hierholzer): walk along edges not yet taken
while there is one; go back along the walk, putting each edge on the front of the circuit, to where there is another.
Edges are nodes of the machine, the first of those at hand is taken. Takes connected undirected graphs without
self-loops whose degrees are all even. 4 m + 3 ticks.

>>> import networkx as nx, algorithms
>>> algorithms.run("eulerian_circuit", nx.Graph([(0, 1), (1, 2), (2, 0)]))["circuit"]
[0, 1, 2, 0]
"""

from itertools import pairwise

import networkx as nx

from algorithms import sampling
from algorithms.answers import Walk
from algorithms.author import (  # fmt: skip
    CATEGORICAL,
    EDGE,
    HINT,
    MASK_ONE,
    NODE,
    OUTPUT,
    POINTER,
    Graph,
    Probe,
    algorithm,
    first,
)
from algorithms.errors import GraphError


def eulerian(graph, arguments):
    """Precondition."""
    for v in graph:
        if graph.has_edge(v, v):
            raise GraphError(f"the graph has a self-loop at {v!r}; remove it first, it can go anywhere in a circuit")
    for v, degree in graph.degree():
        if degree % 2:
            raise GraphError(f"node {v!r} has the odd degree {degree}; an Eulerian circuit needs every degree even")
    if not nx.is_connected(graph):
        u = next(iter(graph))
        v = next(v for v in graph if not nx.has_path(graph, u, v))
        raise GraphError(f"the graph is not connected: no path from {u!r} to {v!r}; take one component at a time")


def sample(rng, n, family):
    """The largest component of a random graph in which pairs of nodes of odd degree had an edge put in or taken out."""
    graph = sampling.graph(rng, n, family)
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    odd = rng.permutation([v for v, degree in graph.degree() if degree % 2]).tolist()
    for u, v in zip(odd[::2], odd[1::2]):
        if graph.has_edge(u, v):
            graph.remove_edge(u, v)
        else:
            graph.add_edge(u, v)
    largest = graph.subgraph(max(nx.connected_components(graph), key=len))
    return nx.convert_node_labels_to_integers(largest, ordering="sorted"), {}


def check(outputs, graph):
    """Closed, and every edge once."""
    circuit = outputs["circuit"]
    edges = [frozenset(e) for e in pairwise(circuit)]
    if not circuit or circuit[0] != circuit[-1] or len(edges) != graph.number_of_edges():
        return {"circuit": [False]}
    return {"circuit": [True, *(frozenset(e) in edges for e in graph.edges)]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., problem 22-3",
    structure=Graph(directed=False, edge_nodes=True, requires=(eulerian,), parallel="subdivide"),
    probes=[
        Probe("u", OUTPUT, NODE, MASK_ONE),
        Probe("e", HINT, EDGE, MASK_ONE),
        Probe("f", HINT, EDGE, MASK_ONE),
        Probe("state", HINT, EDGE, CATEGORICAL, ("waiting", "taken")),
        Probe("top", OUTPUT, EDGE, MASK_ONE),
        Probe("below", OUTPUT, EDGE, POINTER),
    ],
    outputs={"circuit": Walk("u", "top", "below")},
    ticks=lambda n, m: 4 * m + 3,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def eulerian_circuit(hub, nodes, edges):
    hub.u = first(nodes)
    yield "init"
    while True:
        hub.f = first(edges, where=lambda e: e.state == "waiting" and (e.tail == hub.u or e.head == hub.u))
        yield "select"
        if hub.f:
            hub.u = hub.f.head if hub.f.tail == hub.u else hub.f.tail
            hub.f.state = "taken"
            hub.f.below = hub.e  # the walk so far
            hub.e = hub.f
            hub.f = None
            yield "walk"
        elif hub.e:
            hub.u = hub.e.head if hub.e.tail == hub.u else hub.e.tail
            hub.e.below = hub.top  # the circuit so far
            hub.top = hub.e
            hub.e = hub.e.below
            yield "back"
        else:
            return
