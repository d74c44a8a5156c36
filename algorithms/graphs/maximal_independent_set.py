"""A maximal independent set: no two of its nodes have an edge, and every other node has one to some of them.

Source: Blelloch, Fineman and Shun, Greedy sequential maximal independent set and matching are parallel on average,
2012: the set that a greedy pass in the graph's order takes. All nodes ask at once for the first neighbour before them
that is not left out: where there is none a node is taken, and where that one is taken it is left out. Takes undirected
graphs; self-loops do not matter. At most n + 2 ticks; in a random order few are needed.

>>> import networkx as nx, algorithms
>>> algorithms.run("maximal_independent_set", nx.path_graph(4))["nodes"]
{0, 2}
"""

from algorithms import sampling
from algorithms.answers import Marked
from algorithms.author import CATEGORICAL, NODE, OUTPUT, Graph, Probe, algorithm, first


def sample(rng, n, family):
    return sampling.graph(rng, n, family), {}


def check(outputs, graph):
    """The greedy pass, one node after another."""
    taken = set()
    for v in graph:
        if taken.isdisjoint(graph[v]):
            taken.add(v)
    return {"nodes": [(v in taken) == (v in outputs["nodes"]) for v in graph]}


@algorithm(
    source="Blelloch, Fineman and Shun, Greedy sequential maximal independent set and matching are parallel, 2012",
    structure=Graph(directed=False),
    probes=[Probe("state", OUTPUT, NODE, CATEGORICAL, ("waiting", "rejected", "taken"))],
    outputs={"nodes": Marked("state", "taken")},
    ticks=lambda n, m: n + 2,
    time=lambda n, m: n + m,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def maximal_independent_set(hub, nodes):
    yield "init"
    while first(nodes, where=lambda v: v.state == "waiting"):
        for v in nodes:
            before = first(v.in_edges, where=lambda u: u.state != "rejected" and u.index < v.index)
            if v.state == "waiting" and not before:
                v.state = "taken"
            elif v.state == "waiting" and before.state == "taken":
                v.state = "rejected"
        yield "take"
