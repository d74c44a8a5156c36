"""Topological sort: an order of the nodes in which every edge points forward.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 22.4: depth-first search, each node put on the
front of a linked list as it is finished. Takes directed acyclic graphs. At most 6 n + 2 ticks.

>>> import networkx as nx, algorithms
>>> algorithms.run("topological_sort", nx.DiGraph([("shirt", "tie"), ("tie", "jacket")]))["order"]
['shirt', 'tie', 'jacket']
"""

from algorithms import sampling
from algorithms.answers import LinkedList
from algorithms.author import HINT, MASK_ONE, NODE, OUTPUT, POINTER, Graph, Probe, algorithm, first
from algorithms.graphs._paths import acyclic
from algorithms.graphs._search import PROBES, search


def sample(rng, n, family):
    return sampling.dag(rng, n, family), {}


def check(outputs, graph):
    """Every node once, every edge forward (all such orders count)."""
    place = {v: i for i, v in enumerate(outputs["order"])}
    if len(outputs["order"]) != len(graph) or len(place) != len(graph):
        return {"order": [False] * len(graph)}
    return {"order": [all(place[u] < place[v] for v in graph[u]) for u in graph]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 22.4",
    structure=Graph(directed=True, requires=(acyclic,)),
    probes=[
        *PROBES,
        Probe("parent", HINT, NODE, POINTER),
        Probe("top", OUTPUT, NODE, MASK_ONE),
        Probe("below", OUTPUT, NODE, POINTER),
    ],
    outputs={"order": LinkedList("top", "below")},
    ticks=lambda n, m: 6 * n + 2,
    time=lambda n, m: n + m,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def topological_sort(hub, nodes):
    def push(u):
        u.below = hub.top
        hub.top = u

    while True:
        hub.v = first(nodes, where=lambda v: v.color == "white")
        yield "root"
        if not hub.v:
            return
        yield from search(hub, finish=push)
