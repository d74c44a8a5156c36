"""PageRank: how often a random walk is at each node, which goes along an edge with probability alpha, else anywhere.

Source: Page, Brin, Motwani and Winograd, The PageRank Citation Ranking, 1999; as networkx has it: power iteration until
the scores change by less than 1e-6 a node, all in all; from a node without edges out the walk goes anywhere. Takes any
graph, directed or not; weights do not matter. `alpha` is at most 0.95. Seven ticks an iteration, at most 300 of them.

>>> import networkx as nx, algorithms
>>> score = algorithms.run("pagerank", nx.DiGraph([("a", "b"), ("b", "a")]), alpha=0.85)["score"]
>>> score
{'a': 0.5, 'b': 0.5}
"""

import networkx as nx

from algorithms import sampling
from algorithms.answers import Scalars
from algorithms.author import GRAPH, HINT, INPUT, MASK, NODE, OUTPUT, SCALAR, Probe, algorithm, first, total
from algorithms.inputs.networks import RandomWalk


def sample(rng, n, family):
    alpha = round(float(rng.uniform(0.1, 0.9)), 2) if rng.random() < 0.5 else 0.85
    return sampling.graph(rng, n, family, directed=rng.random() < 0.7), {"alpha": alpha}


def check(outputs, graph, alpha):
    """As networkx has it, but for rounding: it iterates the same from the same start."""
    best = nx.pagerank(graph, alpha=alpha, weight=None, max_iter=400)
    return {"score": [abs(outputs["score"][v] - best[v]) <= 1e-12 for v in graph]}


@algorithm(
    source="Page, Brin, Motwani and Winograd, The PageRank Citation Ranking, 1999",
    structure=RandomWalk(),
    probes=[
        Probe("alpha", INPUT, GRAPH, SCALAR),
        Probe("dangling", HINT, NODE, MASK),
        Probe("score", OUTPUT, NODE, SCALAR),
        Probe("sum", HINT, NODE, SCALAR),
        Probe("change", HINT, NODE, SCALAR),
        Probe("jump", HINT, GRAPH, SCALAR),
        Probe("lost", HINT, GRAPH, SCALAR),
        Probe("error", HINT, GRAPH, SCALAR),
    ],
    outputs={"score": Scalars("score")},
    ticks=lambda n, m: 7 * 300 + 2,
    time=lambda n, m: 300 * (n + m),
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def pagerank(hub, nodes):
    hub.jump = (1.0 - hub.alpha) * hub.share
    for v in nodes:
        v.score = hub.share
        if not first(v.out_edges):
            v.dangling = True
    yield "init"
    while True:
        hub.lost = total(nodes, key=lambda v: v.score, where=lambda v: v.dangling)
        for v in nodes:
            v.sum = total(v.in_edges, key=lambda u: u.score * u.weight)
        yield "gather"
        hub.lost = hub.lost * hub.share
        for v in nodes:
            v.sum = hub.alpha * v.sum
        yield "scale"
        hub.lost = hub.alpha * hub.lost + hub.jump
        yield "jump"
        for v in nodes:
            v.sum = v.sum + hub.lost
        yield "add"
        for v in nodes:
            v.change = abs(v.sum - v.score)
            v.score = v.sum
        yield "move"
        hub.error = total(nodes, key=lambda v: v.change)
        yield "change"
        if hub.error < hub.tolerance:
            return
        yield "next"
