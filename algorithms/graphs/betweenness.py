"""Betweenness: of the shortest paths between all other pairs of nodes, the share that leads through a node.

Source: Brandes, A faster algorithm for betweenness centrality, Journal of Mathematical Sociology 25, 2001; as networkx
has it, normalised: over the number of ordered pairs, (n - 1)(n - 2). From each node in turn a breadth-first search
counts the shortest paths to every node, and then the levels, the farthest first, tell what depends on them: `share` is
1 / paths and the shares of those one level farther, so that no level needs a second tick. Takes any graph, directed or
not; weights and self-loops do not matter. Two ticks a level, and five a search: at most 2 n n + 6 n + 3.

>>> import networkx as nx, algorithms
>>> algorithms.run("betweenness", nx.path_graph("abc"))
{'score': {'a': 0.0, 'b': 1.0, 'c': 0.0}}
"""

import networkx as nx

from algorithms import sampling
from algorithms.answers import Scalars, close
from algorithms.author import (  # fmt: skip
    CATEGORICAL,
    GRAPH,
    HINT,
    MASK,
    MASK_ONE,
    NODE,
    OUTPUT,
    SCALAR,
    Graph,
    Probe,
    algorithm,
    first,
    maximum,
    total,
)


def sample(rng, n, family):
    return sampling.graph(rng, n, family, directed=rng.random() < 0.4), {}


def check(outputs, graph):
    best = nx.betweenness_centrality(graph)
    return {"score": [close(outputs["score"][v], best[v]) for v in graph]}


@algorithm(
    source="Brandes, A faster algorithm for betweenness centrality, Journal of Mathematical Sociology 25, 2001",
    structure=Graph(),
    probes=[
        Probe("source", HINT, NODE, MASK_ONE),
        Probe("done", HINT, NODE, MASK),
        Probe("color", HINT, NODE, CATEGORICAL, ("white", "grey", "black")),
        Probe("distance", HINT, NODE, SCALAR),
        Probe("paths", HINT, NODE, SCALAR, init=1.0),
        Probe("share", HINT, NODE, SCALAR),
        Probe("score", OUTPUT, NODE, SCALAR),
        Probe("count", HINT, GRAPH, SCALAR),
        Probe("size", HINT, GRAPH, SCALAR),
    ],
    outputs={"score": Scalars("score")},
    ticks=lambda n, m: n * (2 * n + 6) + 4,
    time=lambda n, m: n * (n + m),
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def betweenness(hub, nodes):
    while True:
        hub.source = first(nodes, where=lambda v: not v.done)
        yield "root"
        if not hub.source:
            break
        for v in nodes:
            if v == hub.source:
                v.color = "grey"
                v.done = True
                v.paths = 1.0
            else:
                v.color = "white"
        hub.count = 0.0
        yield "begin"
        while first(nodes, where=lambda v: v.color == "grey"):
            for v in nodes:
                if v.color == "white" and first(v.in_edges, where=lambda u: u.color == "grey"):
                    v.color = "grey"
                    v.distance = hub.count + 1.0
                    v.paths = total(v.in_edges, key=lambda u: u.paths, where=lambda u: u.color == "grey")
                elif v.color == "grey":
                    v.color = "black"
            hub.count = hub.count + 1.0
            yield "spread"
        hub.count = hub.count - 1.0
        yield "reached"
        hub.source.color = "white"
        yield "turn"
        while first(nodes, where=lambda v: v.color == "black"):
            for v in nodes:
                if v.color == "black" and v.distance == hub.count:
                    farther = total(v.out_edges, key=lambda w: w.share, where=lambda w: w.color == "grey")
                    v.color = "grey"
                    v.share = 1.0 / v.paths + farther
                    v.score = v.score + v.paths * farther
            hub.count = hub.count - 1.0
            yield "back"
        yield "home"
    hub.size = total(nodes, key=lambda v: 1.0)
    yield "size"
    for v in nodes:
        v.score = v.score / maximum((hub.size - 1.0) * (hub.size - 2.0), 1.0)
