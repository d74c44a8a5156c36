"""Depth-first search of the whole graph: a forest.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 22.3. Takes any graph. Roots and neighbours come in
the graph's own node order. At most 6 n + 2 ticks.

>>> import networkx as nx, algorithms
>>> algorithms.run("dfs", nx.cycle_graph(4))["parent"]
{0: None, 1: 0, 2: 1, 3: 2}
"""

from algorithms import sampling
from algorithms.answers import Pointers
from algorithms.author import NODE, OUTPUT, POINTER, Graph, Probe, algorithm, first
from algorithms.graphs._search import PROBES, search


def sample(rng, n, family):
    return sampling.graph(rng, n, family, directed=rng.random() < 0.4), {}


def check(outputs, graph):
    """Against a recursive-order search over adjacency lists in node order."""
    place = {v: i for i, v in enumerate(graph)}
    expected: dict = {}
    for root in graph:
        if root in expected:
            continue
        expected[root] = None
        stack = [(root, iter(sorted(graph[root], key=place.get)))]
        while stack:
            u, neighbours = stack[-1]
            v = next((v for v in neighbours if v not in expected), None)
            if v is None:
                stack.pop()
            else:
                expected[v] = u
                stack.append((v, iter(sorted(graph[v], key=place.get))))
    return {"parent": [outputs["parent"][v] == expected[v] for v in graph]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 22.3",
    structure=Graph(),
    probes=[*PROBES, Probe("parent", OUTPUT, NODE, POINTER)],
    outputs={"parent": Pointers("parent")},
    ticks=lambda n, m: 6 * n + 2,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def dfs(hub, nodes):
    while True:
        hub.v = first(nodes, where=lambda v: v.color == "white")
        yield "root"
        if not hub.v:
            return
        yield from search(hub)
