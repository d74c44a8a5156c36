"""Transitive closure: which nodes can be reached from which.

Source: Warshall, A theorem on Boolean matrices, Journal of the ACM 9, 1962; Cormen et al., Introduction to Algorithms,
3rd ed., section 25.2. Takes any graph, directed or not; weights do not matter. A cell for each pair (i, j):
`reachable` is 1 where a path leads from i to j, also one of no edges, and else 0. At the k-th tick all cells ask at
once whether one leads by node k, with two pointers that walk over the cells (i, k) and (k, j): n + 2 ticks.

>>> import networkx as nx, algorithms
>>> algorithms.run("transitive_closure", nx.DiGraph([("a", "b"), ("b", "c")]))["reachable"]["b"]
{'a': 0.0, 'b': 1.0, 'c': 1.0}
"""

import math
from dataclasses import dataclass

import networkx as nx
import numpy as np

from algorithms import sampling
from algorithms.answers import PairTable
from algorithms.author import (  # fmt: skip
    CELL,
    HINT,
    INPUT,
    MASK_ONE,
    NODE,
    OUTPUT,
    POINTER,
    SCALAR,
    Probe,
    algorithm,
    maximum,
    minimum,
)
from algorithms.inputs.cells import NodePairs


@dataclass(frozen=True)
class Adjacency(NodePairs):
    """`NodePairs` of a graph without weights: the scalar `weight` of a cell is 1 of an edge."""

    def arrange(self, spec, labels, ends, weight, directed, hub):
        return super().arrange(spec, labels, ends, np.ones(len(ends)), directed, hub)


def sample(rng, n, family):
    """About n / 2 nodes (n * n / 4 cells)."""
    return sampling.graph(rng, (n + 1) // 2, family, directed=rng.random() < 0.7), {}


def check(outputs, graph):
    best, reachable = nx.transitive_closure(graph, reflexive=True), outputs["reachable"]
    return {"reachable": [reachable[u][v] == best.has_edge(u, v) for u in graph for v in graph]}


@algorithm(
    source="Warshall, A theorem on Boolean matrices, Journal of the ACM 9, 1962",
    structure=Adjacency(),
    probes=[
        Probe("weight", INPUT, CELL, SCALAR),
        Probe("k", HINT, NODE, MASK_ONE),
        Probe("a", HINT, CELL, POINTER),
        Probe("b", HINT, CELL, POINTER),
        Probe("reached", OUTPUT, CELL, SCALAR),
    ],
    outputs={"reachable": PairTable("reached")},
    ticks=lambda n, m: n + 3,
    time=lambda n, m: n**3,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def transitive_closure(hub, cells):
    hub.k = hub.first
    for c in cells:
        c.a = c.row_start
        c.b = c.column_start
        if c.weight < math.inf:
            c.reached = 1.0
    yield "init"
    while hub.k:
        for c in cells:
            c.reached = maximum(c.reached, minimum(c.a.reached, c.b.reached))
            c.a = c.a.right
            c.b = c.b.down
        hub.k = hub.k.next
        yield "relax"
