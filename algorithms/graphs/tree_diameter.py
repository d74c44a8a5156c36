"""The diameter of a tree: a longest path, its two ends and how many edges it has.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., exercise 22.2-8, by two breadth-first searches: a node that
the first search, from the first node, meets last is one end; a node that the second search, from there, meets last is
the other. Of those met last the first in the graph's order is taken. Takes trees (undirected, connected, no cycle, no
self-loop). At most 2 n + 6 ticks: a tick for each level of either search.

>>> import networkx as nx, algorithms
>>> algorithms.run("tree_diameter", nx.path_graph("abc"))
{'source': 'c', 'target': 'a', 'length': 2.0}
"""

from itertools import pairwise

import networkx as nx

from algorithms import sampling
from algorithms.answers import Position, Value
from algorithms.author import (  # fmt: skip
    CATEGORICAL,
    GRAPH,
    HINT,
    MASK_ONE,
    NODE,
    OUTPUT,
    SCALAR,
    Graph,
    Probe,
    algorithm,
    first,
)
from algorithms.errors import GraphError


def is_tree(graph, arguments):
    """Precondition."""
    if not nx.is_tree(graph):
        raise GraphError("the graph is not a tree: it is in pieces, or has a cycle (or a self-loop)")


def sample(rng, n, family):
    """A random spanning tree of a graph of the family; where that is in pieces, they are joined first."""
    graph = sampling.graph(rng, n, family)
    ends = [min(nodes) for nodes in nx.connected_components(graph)]
    graph.add_edges_from(pairwise(ends))
    for *_, d in graph.edges(data=True):
        d["order"] = rng.random()
    tree = nx.Graph()
    tree.add_nodes_from(graph)
    tree.add_edges_from(nx.minimum_spanning_edges(graph, weight="order", data=False))
    return tree, {}


def check(outputs, graph):
    """The ends have to be as far apart as networkx's diameter."""
    best, (source, target) = nx.diameter(graph), (outputs["source"], outputs["target"])
    real = source in graph and target in graph and nx.shortest_path_length(graph, source, target) == best
    return {"source": [real], "target": [real], "length": [outputs["length"] == best]}


def search(hub, nodes):
    """Let the frontier spread from the grey node on; `hub.u` is in the end the first node of the last."""
    while u := first(nodes, where=lambda v: v.color == "grey"):
        hub.u = u
        for v in nodes:
            if v.color == "white" and first(v.in_edges, where=lambda u: u.color == "grey"):
                v.color = "grey"
            elif v.color == "grey":
                v.color = "black"
        hub.count = hub.count + 1.0
        yield "level"


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 22.2",
    structure=Graph(directed=False, requires=(is_tree,)),
    probes=[
        Probe("color", HINT, NODE, CATEGORICAL, ("white", "grey", "black")),
        Probe("u", OUTPUT, NODE, MASK_ONE),
        Probe("start", OUTPUT, NODE, MASK_ONE),
        Probe("count", OUTPUT, GRAPH, SCALAR),
    ],
    outputs={"source": Position("start"), "target": Position("u"), "length": Value("count")},
    ticks=lambda n, m: 2 * n + 6,
    time=lambda n, m: n + m,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def tree_diameter(hub, nodes):
    hub.start = first(nodes)
    yield "root"
    hub.start.color = "grey"
    yield "init"
    yield from search(hub, nodes)
    yield "reached"
    hub.start = hub.u
    for v in nodes:
        v.color = "white"
    yield "turn"
    hub.start.color = "grey"
    hub.count = -1.0
    yield "begin"
    yield from search(hub, nodes)
