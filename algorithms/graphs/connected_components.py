"""Connected components: every node learns the first node, in the graph's order, of its component.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., sections 22.2 and 22.3: a breadth-first search from every
node that none before has reached. Takes undirected graphs. At most 5 n + 2 ticks: a component of k nodes takes at most
k + 4.

>>> import networkx as nx, algorithms
>>> algorithms.run("connected_components", nx.Graph([("a", "b"), ("c", "d")]))["component"]
{'a': 'a', 'b': 'a', 'c': 'c', 'd': 'c'}
"""

import networkx as nx

from algorithms import sampling
from algorithms.answers import Pointers
from algorithms.author import CATEGORICAL, HINT, MASK_ONE, NODE, OUTPUT, POINTER, Graph, Probe, algorithm, first


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
    source="Introduction to Algorithms, 3rd ed., 22.2, 22.3",
    structure=Graph(directed=False),
    probes=[
        Probe("root", OUTPUT, NODE, POINTER, init="self"),
        Probe("color", HINT, NODE, CATEGORICAL, ("white", "grey", "black")),
        Probe("u", HINT, NODE, MASK_ONE),
    ],
    outputs={"component": Pointers("root")},
    ticks=lambda n, m: 5 * n + 2,
    time=lambda n, m: n + m,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def connected_components(hub, nodes):
    while True:
        hub.u = first(nodes, where=lambda v: v.color == "white")
        yield "root"
        if not hub.u:
            return
        hub.u.color = "grey"
        yield "begin"
        while first(nodes, where=lambda v: v.color == "grey"):
            for v in nodes:
                near = first(v.in_edges, where=lambda u: u.color == "grey")
                if v.color == "white" and near:
                    v.color = "grey"
                    v.root = hub.u
                elif v.color == "grey":
                    v.color = "black"
            yield "spread"
        yield "found"
