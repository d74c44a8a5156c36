"""Depth-first search of the whole graph: a forest, and when each node is discovered and finished.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 22.3. Takes any graph. Roots and neighbours come in
the graph's own node order. Times count from 1, one for each discovery and each finish. At most 6 n + 2 ticks.

>>> import networkx as nx, algorithms
>>> algorithms.run("dfs", nx.cycle_graph(4))["parent"]
{0: None, 1: 0, 2: 1, 3: 2}
>>> algorithms.run("dfs", nx.star_graph(2))["finish"]
{0: 6, 1: 3, 2: 5}
"""

from algorithms import sampling
from algorithms.answers import Pointers, Scalars
from algorithms.author import GRAPH, HINT, NODE, OUTPUT, POINTER, SCALAR, Graph, Probe, algorithm, first
from algorithms.graphs._search import PROBES, search


def sample(rng, n, family):
    return sampling.graph(rng, n, family, directed=rng.random() < 0.4), {}


def check(outputs, graph):
    """Against a recursive-order search over adjacency lists in node order."""
    place = {v: i for i, v in enumerate(graph)}
    expected: dict = {}
    discovery, finish, time = {}, {}, 0
    for root in graph:
        if root in expected:
            continue
        expected[root] = None
        discovery[root] = time = time + 1
        stack = [(root, iter(sorted(graph[root], key=place.get)))]
        while stack:
            u, neighbours = stack[-1]
            v = next((v for v in neighbours if v not in expected), None)
            time += 1
            if v is None:
                finish[u] = time
                stack.pop()
            else:
                expected[v], discovery[v] = u, time
                stack.append((v, iter(sorted(graph[v], key=place.get))))
    wanted = {"parent": expected, "discovery": discovery, "finish": finish}
    return {name: [outputs[name][v] == right[v] for v in graph] for name, right in wanted.items()}


TIMES = [
    Probe("time", HINT, GRAPH, SCALAR),
    Probe("discovery", OUTPUT, NODE, SCALAR),
    Probe("finish", OUTPUT, NODE, SCALAR),
]


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 22.3",
    structure=Graph(),
    probes=[*PROBES, *TIMES, Probe("parent", OUTPUT, NODE, POINTER)],
    outputs={
        "parent": Pointers("parent"),
        "discovery": Scalars("discovery", whole=True),
        "finish": Scalars("finish", whole=True),
    },
    ticks=lambda n, m: 6 * n + 2,
    time=lambda n, m: n + m,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def dfs(hub, nodes):
    def discover(v):
        v.discovery = hub.time + 1.0
        hub.time = hub.time + 1.0

    def leave(u):
        u.finish = hub.time + 1.0
        hub.time = hub.time + 1.0

    while True:
        hub.v = first(nodes, where=lambda v: v.color == "white")
        yield "root"
        if not hub.v:
            return
        yield from search(hub, enter=discover, finish=leave)
