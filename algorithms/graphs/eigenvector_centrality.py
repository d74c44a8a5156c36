"""Eigenvector centrality: a node's score is in proportion to the sum of the scores of those with an edge to it.

Source: Bonacich, Power and centrality: a family of measures, American Journal of Sociology 92, 1987; as networkx has
it: power iteration by A + I, the scores made a vector of length 1, until they change by less than 1e-6 a node, all in
all, and at most 100 times. `converged`: did they? Takes any graph, directed or not; weights do not matter. Six ticks an
iteration.

>>> import networkx as nx, algorithms
>>> algorithms.run("eigenvector_centrality", nx.complete_graph("abcd"))
{'score': {'a': 0.5, 'b': 0.5, 'c': 0.5, 'd': 0.5}, 'converged': True}
"""

import networkx as nx
import numpy as np

from algorithms import sampling
from algorithms.answers import Holds, Scalars
from algorithms.author import (  # fmt: skip
    GRAPH,
    HINT,
    MASK,
    NODE,
    OUTPUT,
    SCALAR,
    Graph,
    Probe,
    algorithm,
    sqrt,
    total,
)


def sample(rng, n, family):
    return sampling.graph(rng, n, family, directed=rng.random() < 0.3), {}


def check(outputs, graph):
    """As networkx has it, but for rounding; where that gives up, a power of the matrix."""
    n = len(graph)
    try:
        best, converged = nx.eigenvector_centrality(graph), True
    except nx.PowerIterationFailedConvergence:
        x, step = np.ones(n), nx.to_numpy_array(graph, weight=None).T + np.eye(n)
        for _ in range(100):
            x = step @ x / np.linalg.norm(step @ x)
        best, converged = dict(zip(graph, x)), False
    score = outputs["score"]
    return {
        "score": [abs(score[v] - best[v]) <= 1e-12 for v in graph],
        "converged": [outputs["converged"] == converged],
    }


@algorithm(
    source="Bonacich, Power and centrality: a family of measures, American Journal of Sociology 92, 1987",
    structure=Graph(parallel="never"),
    probes=[
        Probe("score", OUTPUT, NODE, SCALAR),
        Probe("sum", HINT, NODE, SCALAR),
        Probe("change", HINT, NODE, SCALAR),
        Probe("size", HINT, GRAPH, SCALAR, init=1.0),
        Probe("norm", HINT, GRAPH, SCALAR, init=1.0),
        Probe("error", HINT, GRAPH, SCALAR),
        Probe("count", HINT, GRAPH, SCALAR),
        Probe("converged", OUTPUT, GRAPH, MASK),
    ],
    outputs={"score": Scalars("score"), "converged": Holds("converged")},
    ticks=lambda n, m: 6 * 100 + 2,
    time=lambda n, m: 100 * (n + m),
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def eigenvector_centrality(hub, nodes):
    hub.size = total(nodes, key=lambda v: 1.0)
    yield "init"
    for v in nodes:
        v.score = 1.0 / hub.size
    yield "share"
    while True:
        for v in nodes:
            v.sum = v.score + total(v.in_edges, key=lambda u: u.score)
        hub.count = hub.count + 1.0
        yield "gather"
        hub.norm = sqrt(total(nodes, key=lambda v: v.sum * v.sum))
        yield "norm"
        for v in nodes:
            v.change = abs(v.sum / hub.norm - v.score)
            v.score = v.sum / hub.norm
        yield "move"
        hub.error = total(nodes, key=lambda v: v.change)
        yield "change"
        if hub.error < 1e-6 * hub.size:
            hub.converged = True
            return
        yield "next"
        if hub.count == 100.0:
            return
        yield "again"
