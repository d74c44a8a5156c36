"""Push-relabel: a maximum flow, by nodes that pass on what they have received too much of.

Source: Goldberg and Tarjan, A new approach to the maximum-flow problem, Journal of the ACM 35, 1988 (Cormen et al.,
Introduction to Algorithms, 3rd ed., section 26.4), all nodes at once. Takes directed graphs with finite capacities of
at least 0, and a sink other than the source; of two opposite edges one carries flow. Arcs, both directions of every
edge, are nodes of the machine. In a round every node with an excess pushes along the open arc that leads lowest, or is
lifted. Sums are right but for rounding beside the largest capacity. Four ticks a round: at most 4 n n + n m of these.
No gradient goes through it, as it takes totals (`max_flow` has one).

>>> import networkx as nx, algorithms
>>> G = nx.DiGraph()
>>> G.add_edge("s", "a", capacity=3.0)
>>> G.add_edge("a", "t", capacity=2.0)
>>> algorithms.run("push_relabel", G, source="s", sink="t")
{'value': 2.0, 'flow': {'s': {'a': 2.0}, 'a': {'t': 2.0}, 't': {}}}
"""

import math

import networkx as nx

from algorithms import sampling
from algorithms.answers import FlowDict, Value
from algorithms.author import GRAPH, OUTPUT, SCALAR, Probe, algorithm
from algorithms.graphs._preflow import PROBES, alike, apart, discharge, fill, sample
from algorithms.inputs.networks import Network


def check(outputs, graph, source, sink, capacity="capacity"):
    """A flow within the capacities, conserved at every other node, of networkx's value."""
    flow, same = outputs["flow"], alike(graph, capacity)
    fits = [0 <= flow[u][v] <= c for u, v, c in graph.edges(data=capacity)]
    into = {v: math.fsum(flow[u][v] for u in graph.pred[v]) for v in graph}
    out = {v: math.fsum(flow[v].values()) for v in graph}
    kept = [same(into[v], out[v]) for v in graph if v not in (source, sink)]
    plain = nx.DiGraph(graph)
    plain.remove_edges_from(list(nx.selfloop_edges(plain)))
    best = nx.maximum_flow_value(plain, source, sink, capacity=capacity, flow_func=nx.algorithms.flow.dinitz)
    ends = [same(into[sink], best + out[sink]), same(out[source], best + into[source])]
    return {"value": [same(outputs["value"], best)], "flow": [*fits, *kept, *ends]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 26.4",
    structure=Network(requires=(apart,)),
    probes=[*PROBES, Probe("value", OUTPUT, GRAPH, SCALAR)],
    outputs={"value": Value("value"), "flow": FlowDict("flow")},
    ticks=lambda n, m: 4 * n * (4 * n + m + 1) + 8,
    time=lambda n, m: n**3,
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def push_relabel(hub, nodes, edges):
    yield from fill(hub, nodes, edges)
    hub.limit = hub.limit + hub.limit
    yield "init"
    yield from discharge(hub, nodes, edges)
    hub.value = hub.sink.excess
