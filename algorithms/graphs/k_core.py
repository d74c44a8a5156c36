"""Core numbers: the greatest k for which a node is in a subgraph where every node has k neighbours or more.

Source: Batagelj and Zaversnik, An O(m) Algorithm for Cores Decomposition of Networks, 2003: take a node of least degree
out of the graph, again and again; its degree then is its core number. Before that all nodes count their neighbours, in
one step. Takes undirected graphs; self-loops do not matter. 2 n + 2 ticks.

>>> import networkx as nx, algorithms
>>> algorithms.run("k_core", nx.Graph([(0, 1), (1, 2), (2, 0), (2, 3)]))["core_number"]
{0: 2, 1: 2, 2: 2, 3: 1}
"""

import networkx as nx

from algorithms import sampling
from algorithms.answers import Scalars
from algorithms.author import (  # fmt: skip
    CATEGORICAL,
    HINT,
    MASK_ONE,
    NODE,
    OUTPUT,
    SCALAR,
    Graph,
    Probe,
    algorithm,
    argmin,
    first,
    total,
)


def sample(rng, n, family):
    return sampling.graph(rng, n, family), {}


def check(outputs, graph):
    plain = nx.Graph(graph)
    plain.remove_edges_from(list(nx.selfloop_edges(plain)))
    best = nx.core_number(plain)
    return {"core_number": [outputs["core_number"][v] == best[v] for v in graph]}


@algorithm(
    source="Batagelj and Zaversnik, An O(m) Algorithm for Cores Decomposition of Networks, 2003",
    structure=Graph(directed=False, parallel="never"),
    probes=[
        Probe("u", HINT, NODE, MASK_ONE),
        Probe("color", HINT, NODE, CATEGORICAL, ("grey", "black")),
        Probe("degree", OUTPUT, NODE, SCALAR),
    ],
    outputs={"core_number": Scalars("degree", whole=True)},
    ticks=lambda n, m: 2 * n + 3,
    time=lambda n, m: n + m,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def k_core(hub, nodes):
    for v in nodes:
        v.degree = total(v.in_edges, key=lambda u: 1.0, where=lambda u: u != v)
    yield "count"
    while True:
        hub.u = argmin(nodes, key=lambda v: v.degree, where=lambda v: v.color == "grey")
        yield "extract"
        if not hub.u:
            return
        for v in nodes:
            u = first(v.in_edges, where=lambda u: u == hub.u)
            if v == hub.u:
                v.color = "black"
            elif u.degree < v.degree:
                v.degree = v.degree - 1.0
        yield "relax"
