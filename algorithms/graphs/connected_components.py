"""Connected components: every node learns the first node, in the graph's order, of its component.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 21.1, with labels that spread in parallel in place
of disjoint sets. Takes undirected graphs. At most n + 2 ticks (the longest shortest path, in fact).

>>> import networkx as nx, algorithms
>>> algorithms.run("connected_components", nx.Graph([("a", "b"), ("c", "d")]))["component"]
{'a': 'a', 'b': 'a', 'c': 'c', 'd': 'c'}
"""

import networkx as nx

from algorithms import sampling
from algorithms.answers import Pointers
from algorithms.author import HINT, MASK, NODE, OUTPUT, POINTER, SCALAR, Graph, Probe, algorithm, argmin, first


def sample(rng, n, family):
    return sampling.graph(rng, n, family), {}


def check(outputs, graph):
    component = outputs["component"]
    out = {}
    for nodes in nx.connected_components(graph):
        root = next(v for v in graph if v in nodes)
        out |= {v: component[v] == root for v in nodes}
    return {"component": [out[v] for v in graph]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 21.1",
    structure=Graph(directed=False),
    probes=[
        Probe("root", OUTPUT, NODE, POINTER, init="self"),
        Probe("label", HINT, NODE, SCALAR),
        Probe("changed", HINT, NODE, MASK, init=True),
    ],
    outputs={"component": Pointers("root")},
    ticks=lambda n, m: n + 3,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def connected_components(hub, nodes):
    for v in nodes:
        v.label = v.index
    yield "init"
    while first(nodes, where=lambda v: v.changed):
        for v in nodes:
            u = argmin(v.in_edges, key=lambda u: u.label)
            if u.label < v.label:
                v.label = u.label
                v.root = u.root
                v.changed = True
            elif v.changed:
                v.changed = False
        yield "spread"
