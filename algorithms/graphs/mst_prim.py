"""Prim: a minimum spanning tree of the source's component.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 23.2. Takes undirected graphs with finite weights.
Two ticks a node: extract the nearest, offer its edges.

>>> import networkx as nx, algorithms
>>> G = nx.Graph()
>>> G.add_weighted_edges_from([("a", "b", 4.0), ("a", "c", 1.0), ("c", "b", 2.0)])
>>> algorithms.run("mst_prim", G, source="a")["parent"]
{'a': None, 'b': 'c', 'c': 'a'}
"""

import math
from math import log2

import networkx as nx

from algorithms import sampling
from algorithms.answers import Pointers, close
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
)


def sample(rng, n, family):
    graph = sampling.weigh(rng, sampling.graph(rng, n, family), low=-1.0 if rng.random() < 0.3 else 0.0)
    return graph, {"source": sampling.node(rng, graph)}


def check(outputs, graph, source, weight="weight"):
    """A tree of the source's component, of the weight that networkx finds; elsewhere no parents."""
    parent = outputs["parent"]
    component = nx.node_connected_component(graph, source)
    real = [graph.has_edge(parent[v], v) if v in component and v != source else parent[v] is None for v in graph]
    if all(real):
        tree = nx.Graph((v, parent[v]) for v in component if v != source)
        tree.add_node(source)
        best = nx.minimum_spanning_tree(graph.subgraph(component), weight=weight).size(weight)
        total = sum(graph[v][parent[v]][weight] for v in component if v != source)
        if not (nx.is_tree(tree) and close(total, best)):
            return {"parent": [v not in component for v in graph]}
    return {"parent": real}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 23.2",
    structure=Graph(directed=False, weighted=True, compared=True),
    probes=[
        Probe("source", INPUT, NODE, MASK_ONE),
        Probe("u", HINT, NODE, MASK_ONE),
        Probe("color", HINT, NODE, CATEGORICAL, ("white", "grey", "black")),
        Probe("key", HINT, NODE, SCALAR, init=math.inf),
        Probe("parent", OUTPUT, NODE, POINTER),
    ],
    outputs={"parent": Pointers("parent")},
    ticks=lambda n, m: 2 * n + 3,
    time=lambda n, m: (n + m) * log2(n + 1),
    sense="min",
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def mst_prim(hub, nodes):
    hub.source.key = -math.inf
    hub.source.color = "grey"
    yield "init"
    while True:
        hub.u = argmin(nodes, key=lambda v: v.key, where=lambda v: v.color == "grey")
        yield "extract"
        if not hub.u:
            return
        for v in nodes:
            u = first(v.in_edges, where=lambda u: u == hub.u)
            if v == hub.u:
                v.color = "black"
            elif v.color != "black" and u.weight < v.key:
                v.key = u.weight
                v.parent = u
                v.color = "grey"
        yield "relax"
