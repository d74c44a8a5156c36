"""Floyd's tortoise and hare: where a walk that can only go on in one way enters its cycle, and the cycle's length.

Source: Knuth, The Art of Computer Programming, vol. 2, 3rd ed., section 3.1,
exercise 6 (Floyd). Takes directed graphs
in which every node has exactly one outgoing edge (a self-loop is one), and a start. The hare takes one step a tick, the
tortoise every other; when they have met, one goes on from there, one from the start, and they meet at the entry. At
most 3 n + 3 ticks.

>>> import networkx as nx, algorithms
>>> algorithms.run("floyd_cycle_detection", nx.DiGraph([(0, 1), (1, 2), (2, 3), (3, 1)]), start=0)
{'entry': 1, 'cycle_length': 3}
"""

import networkx as nx
import numpy as np

from algorithms import sampling
from algorithms.answers import Position, Value
from algorithms.author import (  # fmt: skip
    GRAPH,
    HINT,
    INPUT,
    MASK_ONE,
    NODE,
    OUTPUT,
    POINTER,
    SCALAR,
    Graph,
    Probe,
    algorithm,
    first,
)
from algorithms.errors import GraphError


def functional(graph, arguments):
    """Precondition."""
    for v, degree in graph.out_degree():
        if degree != 1:
            raise GraphError(f"node {v!r} has {degree} outgoing edges; every node needs exactly one, its successor")


FAMILIES = {"training": ("random", "lasso", "tail", "trees"), "held_out": ("cycle",)}


def sample(rng, n, family):
    """random: any successors; lasso: a walk that ends in a cycle, the rest hung on; tail: all of it a walk into a short
    cycle; trees: walks that end in a self-loop; cycle: one cycle."""
    after, low, length = rng.integers(n, size=n), 0, n
    if family == "lasso":
        length = int(rng.integers(1, n + 1))
        low = int(rng.integers(length))
    elif family == "tail":
        low = max(0, n - int(rng.integers(1, 4)))
    elif family == "trees":
        after = rng.integers(np.arange(n) + 1)
    if family in ("lasso", "tail", "cycle"):
        after[:length] = [*range(1, length), low]
    name = rng.permutation(n).tolist()
    graph = nx.DiGraph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from((name[v], name[u]) for v, u in enumerate(after.tolist()))
    return graph, {"start": name[0] if rng.random() < 0.5 else sampling.node(rng, graph)}


def check(outputs, graph, start):
    """Against the walk itself."""
    place, v = {}, start
    while v not in place:
        place[v] = len(place)
        (v,) = graph[v]
    return {"entry": [outputs["entry"] == v], "cycle_length": [outputs["cycle_length"] == len(place) - place[v]]}


@algorithm(
    source="The Art of Computer Programming, vol. 2, 3rd ed., section 3.1, exercise 6",
    structure=Graph(directed=True, requires=(functional,)),
    probes=[
        Probe("start", INPUT, NODE, MASK_ONE),
        Probe("successor", HINT, NODE, POINTER),
        Probe("tortoise", OUTPUT, NODE, MASK_ONE),
        Probe("hare", HINT, NODE, MASK_ONE),
        Probe("count", OUTPUT, GRAPH, SCALAR),
    ],
    outputs={"entry": Position("tortoise"), "cycle_length": Value("count", whole=True)},
    ticks=lambda n, m: 3 * n + 4,
    families=FAMILIES,
    sample=sample,
    check=check,
)
def floyd_cycle_detection(hub, nodes):
    for v in nodes:
        v.successor = first(v.out_edges)
    hub.tortoise = hub.hare = hub.start
    yield "init"
    while True:
        hub.hare = hub.hare.successor
        yield "ahead"
        hub.tortoise = hub.tortoise.successor
        hub.hare = hub.hare.successor
        yield "both"
        if hub.tortoise == hub.hare:
            break
    hub.tortoise = hub.start
    yield "met"
    while hub.tortoise != hub.hare:
        hub.tortoise = hub.tortoise.successor
        hub.hare = hub.hare.successor
        yield "entry"
    while True:
        hub.hare = hub.hare.successor
        hub.count = hub.count + 1.0
        yield "count"
        if hub.hare == hub.tortoise:
            return
