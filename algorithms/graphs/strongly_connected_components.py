"""Strongly connected components of a directed graph.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 22.5 (Kosaraju): a depth-first search that lists
the nodes as they are finished, and a second one, along reversed edges, from the last of the list on. The
representative of a component is the root of its tree in the second search. At most 12 n + 4 ticks.

>>> import networkx as nx, algorithms
>>> algorithms.run("strongly_connected_components", nx.DiGraph([(0, 1), (1, 0), (1, 2)]))["component"]
{0: 0, 1: 0, 2: 2}
"""

import networkx as nx

from algorithms import sampling
from algorithms.answers import Pointers
from algorithms.author import CATEGORICAL, HINT, MASK_ONE, NODE, OUTPUT, POINTER, Graph, Probe, algorithm, first
from algorithms.graphs._search import PROBES, search


def sample(rng, n, family):
    return sampling.graph(rng, n, family, directed=True), {}


def check(outputs, graph):
    """The classes of equal representatives are networkx's components, each of which holds its representative."""
    component, right = outputs["component"], {}
    for nodes in nx.strongly_connected_components(graph):
        names = {component[v] for v in nodes}
        right |= {v: len(names) == 1 and names <= nodes for v in nodes}
    return {"component": [right[v] for v in graph]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 22.5",
    structure=Graph(directed=True),
    probes=[
        *[p for p in PROBES if p.name != "color"],
        Probe("color", HINT, NODE, CATEGORICAL, ("white", "grey", "black", "labelled")),
        Probe("parent", HINT, NODE, POINTER),
        Probe("top", HINT, NODE, MASK_ONE),
        Probe("below", HINT, NODE, POINTER),
        Probe("t", HINT, NODE, MASK_ONE),
        Probe("component", OUTPUT, NODE, POINTER),
    ],
    outputs={"component": Pointers("component")},
    ticks=lambda n, m: 13 * n + 4,
    time=lambda n, m: n + m,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def strongly_connected_components(hub, nodes):
    def push(u):
        u.below = hub.top
        hub.top = u

    def label(v):
        v.component = hub.t

    while True:
        hub.v = first(nodes, where=lambda v: v.color == "white")
        yield "root"
        if not hub.v:
            break
        yield from search(hub, finish=push)
    hub.t = hub.top
    yield "order"
    while hub.t:
        if hub.t.color == "black":
            hub.v = hub.t
            yield "root_again"
            yield from search(hub, "in_edges", fresh="black", done="labelled", enter=label)
        hub.t = hub.t.below
        yield "next"
