"""Greedy colouring: every node, in the graph's order, has the least colour that no neighbour before it has.

Source: Welsh and Powell, An upper bound for the chromatic number of a graph, The Computer Journal 10, 1967: colour by
colour, the first node left that has no neighbour of the colour takes it, until none can; in place of their order, by
degree, the graph's own. Takes undirected graphs; self-loops do not matter. Two ticks a node, two a colour.

>>> import networkx as nx, algorithms
>>> algorithms.run("greedy_coloring", nx.cycle_graph(5))["color"]
{0: 0, 1: 1, 2: 0, 3: 1, 4: 2}
"""

import networkx as nx

from algorithms import sampling
from algorithms.answers import Scalars
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


def sample(rng, n, family):
    return sampling.graph(rng, n, family), {}


def check(outputs, graph):
    """The one colouring that networkx's greedy finds in the graph's order."""
    best = nx.greedy_color(graph, strategy=lambda graph, colors: list(graph))
    return {"color": [outputs["color"][v] == best[v] for v in graph]}


@algorithm(
    source="Welsh and Powell, An upper bound for the chromatic number of a graph, 1967",
    structure=Graph(directed=False),
    probes=[
        Probe("u", HINT, NODE, MASK_ONE),
        Probe("state", HINT, NODE, CATEGORICAL, ("waiting", "rejected", "taken")),
        Probe("count", HINT, GRAPH, SCALAR),
        Probe("label", OUTPUT, NODE, SCALAR),
    ],
    outputs={"color": Scalars("label", whole=True)},
    ticks=lambda n, m: 4 * n + 3,
    time=lambda n, m: n + m,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def greedy_coloring(hub, nodes):
    while True:
        hub.u = first(nodes, where=lambda v: v.state == "waiting")
        yield "select"
        if hub.u:
            for v in nodes:
                if v == hub.u:
                    v.state = "taken"
                    v.label = hub.count
                elif v.state == "waiting" and first(v.in_edges, where=lambda u: u == hub.u):
                    v.state = "rejected"
            yield "color"
        elif first(nodes, where=lambda v: v.state == "rejected"):
            for v in nodes:
                if v.state == "rejected":
                    v.state = "waiting"
            hub.count = hub.count + 1.0
            yield "next"
        else:
            return
