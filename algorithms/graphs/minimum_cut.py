"""A minimum cut: two sides, the source on one and the sink on the other, with as little capacity across as can be.

Source: Goldberg and Tarjan, A new approach to the maximum-flow problem, Journal of the ACM 35, 1988: the first half of
push-relabel, in which only nodes lower than there are nodes push on; what then can still reach the sink over open arcs
is its side (Cormen et al., Introduction to Algorithms, 3rd ed., theorem 26.6), found breadth-first from there. Of all
minimum cuts it is the one with the smallest side of the sink. Takes directed graphs with finite capacities of at least
0, and a sink other than the source. Four ticks a round, at most 4 n n + n m of these, and two a level of the search. No
gradient goes through it, as it takes totals (`max_flow` has one).

>>> import networkx as nx, algorithms
>>> G = nx.DiGraph()
>>> G.add_edge("s", "a", capacity=3.0)
>>> G.add_edge("a", "t", capacity=2.0)
>>> algorithms.run("minimum_cut", G, source="s", sink="t")
{'value': 2.0, 'source_side': {'s': True, 'a': True, 't': False}}
"""

import math

import networkx as nx

from algorithms import sampling
from algorithms.answers import IsValue, Value
from algorithms.author import CATEGORICAL, EDGE, GRAPH, HINT, MASK, NODE, OUTPUT, SCALAR, Probe, algorithm, first
from algorithms.graphs._preflow import PROBES, alike, apart, discharge, fill, sample
from algorithms.inputs.networks import Network


def check(outputs, graph, source, sink, capacity="capacity"):
    """Source and sink apart, and across, from side to side, the capacity of networkx's minimum cut."""
    side, same = outputs["source_side"], alike(graph, capacity)
    plain = nx.DiGraph(graph)
    plain.remove_edges_from(list(nx.selfloop_edges(plain)))
    best = nx.minimum_cut_value(plain, source, sink, capacity=capacity)
    across = math.fsum(c for u, v, c in graph.edges(data=capacity) if side[u] and not side[v])
    cuts = side[source] and not side[sink] and same(across, best)
    return {"value": [same(outputs["value"], best)], "source_side": [cuts] * len(graph)}


@algorithm(
    source="Goldberg and Tarjan, A new approach to the maximum-flow problem, Journal of the ACM 35, 1988",
    structure=Network(requires=(apart,)),
    probes=[
        *PROBES,
        Probe("reached", HINT, EDGE, MASK),
        Probe("color", OUTPUT, NODE, CATEGORICAL, ("white", "grey", "black")),
        Probe("value", OUTPUT, GRAPH, SCALAR),
    ],
    outputs={"value": Value("value"), "source_side": IsValue("color", ("white",))},
    ticks=lambda n, m: 4 * n * (4 * n + m + 1) + 2 * n + 8,
    time=lambda n, m: n**3,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def minimum_cut(hub, nodes, edges):
    yield from fill(hub, nodes, edges)
    yield from discharge(hub, nodes, edges)
    hub.value = hub.sink.excess
    yield "value"
    hub.sink.color = "grey"
    yield "init"
    while first(nodes, where=lambda v: v.color == "grey"):
        for e in edges:
            if e.tail.color == "grey" and e.open:
                e.reached = True
        yield "offer"
        for v in nodes:
            if v.color == "white" and first(v.in_arcs, where=lambda e: e.reached):
                v.color = "grey"
            elif v.color == "grey":
                v.color = "black"
        yield "spread"
