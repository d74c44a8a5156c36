"""Bridges: the edges without which the graph would have more components.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., problem 22-2: a depth-first search that numbers the nodes;
the edge from a node up to its parent is a bridge where no edge out of the node's subtree, but this one, reaches back
above it. Takes undirected graphs; self-loops do not matter. At most 8 n + 2 ticks. An edge is (parent, child) of the
search.

>>> import networkx as nx, algorithms
>>> algorithms.run("bridges", nx.Graph([(0, 1), (1, 2), (2, 0), (2, 3)]))["edges"]
[(2, 3)]
"""

import networkx as nx

from algorithms import sampling
from algorithms.answers import TreeEdges
from algorithms.author import MASK, NODE, OUTPUT, Graph, Probe, algorithm, first
from algorithms.graphs._low_links import PROBES, low_links, numbering
from algorithms.graphs._search import search


def sample(rng, n, family):
    return sampling.graph(rng, n, family), {}


def check(outputs, graph):
    """An edge is one exactly where networkx says so, and is given once."""
    edges = list(map(frozenset, outputs["edges"]))
    best = {frozenset((u, v)) for u, v in nx.bridges(nx.Graph((u, v) for u, v in graph.edges if u != v))}
    if len(set(edges)) != len(edges) or not set(edges) <= {frozenset(e) for e in graph.edges}:
        return {"edges": [False]}
    return {"edges": [(frozenset(e) in best) == (frozenset(e) in edges) for e in graph.edges]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., problem 22-2",
    structure=Graph(directed=False, parallel="subdivide"),
    probes=[*PROBES, Probe("bridge", OUTPUT, NODE, MASK, init=True)],
    outputs={"edges": TreeEdges("parent", "bridge")},
    ticks=lambda n, m: 8 * n + 2,
    time=lambda n, m: n + m,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def bridges(hub, nodes):
    def lowered(x):
        x.bridge = False

    def closing():
        yield from low_links(hub, nodes, lowered)

    while True:
        hub.v = first(nodes, where=lambda v: v.color == "white")
        yield "root"
        if not hub.v:
            return
        yield from search(hub, enter=numbering(hub), closing=closing)
