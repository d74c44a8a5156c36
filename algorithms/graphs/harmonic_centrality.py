"""Harmonic centrality: a node's score is the sum of 1 / distance from every other node to it; out of reach counts 0.

Source: Marchiori and Latora, Harmony in the small-world, Physica A 285, 2000; Boldi and Vigna, Axioms for centrality,
Internet Mathematics 10, 2014; as networkx has it. Breadth-first search (Cormen et al., Introduction to Algorithms, 3rd
ed., section 22.2) from each node in turn: as it meets a node, that node adds 1 / distance. Takes any graph, directed or
not; weights and self-loops do not matter. A tick a level, and three a search: at most n n + 3 n + 1.

>>> import networkx as nx, algorithms
>>> algorithms.run("harmonic_centrality", nx.path_graph("abc"))
{'score': {'a': 1.5, 'b': 2.0, 'c': 1.5}}
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
)


def sample(rng, n, family):
    return sampling.graph(rng, n, family, directed=rng.random() < 0.4), {}


def check(outputs, graph):
    best = nx.harmonic_centrality(graph)
    return {"score": [close(outputs["score"][v], best[v]) for v in graph]}


@algorithm(
    source="Boldi and Vigna, Axioms for centrality, Internet Mathematics 10, 2014",
    structure=Graph(),
    probes=[
        Probe("source", HINT, NODE, MASK_ONE),
        Probe("done", HINT, NODE, MASK),
        Probe("color", HINT, NODE, CATEGORICAL, ("white", "grey", "black")),
        Probe("score", OUTPUT, NODE, SCALAR),
        Probe("count", HINT, GRAPH, SCALAR, init=1.0),
    ],
    outputs={"score": Scalars("score")},
    ticks=lambda n, m: n * (n + 4) + 2,
    time=lambda n, m: n * (n + m),
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def harmonic_centrality(hub, nodes):
    while True:
        hub.source = first(nodes, where=lambda v: not v.done)
        yield "root"
        if not hub.source:
            return
        for v in nodes:
            if v == hub.source:
                v.color = "grey"
                v.done = True
            else:
                v.color = "white"
        hub.count = 1.0
        yield "begin"
        while first(nodes, where=lambda v: v.color == "grey"):
            for v in nodes:
                if v.color == "white" and first(v.in_edges, where=lambda u: u.color == "grey"):
                    v.color = "grey"
                    v.score = v.score + 1.0 / hub.count
                elif v.color == "grey":
                    v.color = "black"
            hub.count = hub.count + 1.0
            yield "spread"
        yield "reached"
