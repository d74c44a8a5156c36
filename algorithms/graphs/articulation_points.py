"""Articulation points: the nodes without which the graph would have more components.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., problem 22-2: a depth-first search that numbers the nodes;
a root is one where it has two children (its last was not met right after it), any other node where the subtree of
some child reaches back no further than to itself. Takes undirected graphs; self-loops do not matter. At most 10 n + 2
ticks.

>>> import networkx as nx, algorithms
>>> algorithms.run("articulation_points", nx.Graph([(0, 1), (1, 2), (2, 0), (2, 3)]))["nodes"]
{2}
"""

import networkx as nx

from algorithms import sampling
from algorithms.answers import Marked
from algorithms.author import HINT, MASK, MASK_ONE, NODE, OUTPUT, Graph, Probe, algorithm, argmin, first
from algorithms.graphs._low_links import PROBES, low_links, numbering
from algorithms.graphs._search import search


def sample(rng, n, family):
    return sampling.graph(rng, n, family), {}


def check(outputs, graph):
    best = set(nx.articulation_points(graph))
    return {"nodes": [(v in best) == (v in outputs["nodes"]) for v in graph]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., problem 22-2",
    structure=Graph(directed=False),
    probes=[*PROBES, Probe("root", HINT, NODE, MASK_ONE), Probe("cut", OUTPUT, NODE, MASK)],
    outputs={"nodes": Marked("cut")},
    ticks=lambda n, m: 10 * n + 2,
    time=lambda n, m: n + m,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def articulation_points(hub, nodes):
    def closing():
        yield from low_links(hub, nodes)
        for x in nodes:
            if x == hub.u:
                w = argmin(x.out_edges, key=lambda v: -v.low_link, where=lambda v: v.parent == x)
                if w.low_link >= x.discovery:
                    x.cut = True
        yield "cut"

    while True:
        hub.v = first(nodes, where=lambda v: v.color == "white")
        yield "root"
        if not hub.v:
            return
        hub.root = hub.v
        yield from search(hub, enter=numbering(hub), closing=closing)
        hub.u = hub.root
        yield "tree"
        for x in nodes:
            if x == hub.u:
                w = argmin(x.out_edges, key=lambda v: -v.discovery, where=lambda v: v.parent == x)
                if not w.discovery > x.discovery + 1.0:
                    x.cut = False
        hub.u = None
        yield "next"
