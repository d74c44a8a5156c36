"""Edmonds-Karp: a maximum flow, along shortest augmenting paths.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 26.2. Takes directed graphs with finite capacities
of at least 0, and a sink other than the source; of two opposite edges one carries flow. Arcs, both directions of every
edge, are nodes of the machine, and hold their flow, which is minus that of the arc the other way; what is left of a
capacity is found when it is needed, so that a small flow is exact beside a large capacity. The search carries along how
much can flow (`width`), three ticks a level; the hub then walks the path back, two ticks an arc, and all arcs of it
change at once. At most 5 n + 6 ticks a path.

>>> import networkx as nx, algorithms
>>> G = nx.DiGraph()
>>> G.add_edge("s", "a", capacity=3.0)
>>> G.add_edge("a", "t", capacity=2.0)
>>> algorithms.run("max_flow", G, source="s", sink="t")
{'value': 2.0, 'flow': {'s': {'a': 2.0}, 'a': {'t': 2.0}, 't': {}}}
"""

import math

import networkx as nx

from algorithms import sampling
from algorithms.answers import FlowDict, Value
from algorithms.author import (  # fmt: skip
    CATEGORICAL,
    EDGE,
    GRAPH,
    HINT,
    INPUT,
    MASK,
    MASK_ONE,
    NODE,
    OUTPUT,
    POINTER,
    SCALAR,
    Probe,
    algorithm,
    first,
    minimum,
)
from algorithms.errors import InputError
from algorithms.inputs.networks import Network


def apart(graph, arguments):
    """Precondition."""
    if arguments["source"] == arguments["sink"]:
        raise InputError(f"max_flow: source and sink are the same node, {arguments['source']!r}")


def sample(rng, n, family):
    """Source and sink at random; half of the time all their edges lead away from, and into, them."""
    graph = sampling.weigh(rng, sampling.graph(rng, max(2, n), family, directed=True))
    source, sink = (int(v) for v in rng.choice(len(graph), size=2, replace=False))
    if rng.random() < 0.5:
        for u, v, d in list(graph.edges(data=True)):
            if v == source or u == sink:
                graph.remove_edge(u, v)
                graph.add_edge(v, u, **d)
    for _, _, d in graph.edges(data=True):
        d["capacity"] = d.pop("weight")
    return graph, {"source": source, "sink": sink}


def check(outputs, graph, source, sink, capacity="capacity"):
    """A flow within the capacities, conserved at every other node, of networkx's value."""
    flow = outputs["flow"]
    fits = [0 <= flow[u][v] <= c for u, v, c in graph.edges(data=capacity)]
    into = {v: math.fsum(flow[u][v] for u in graph.pred[v]) for v in graph}
    out = {v: math.fsum(flow[v].values()) for v in graph}
    same = lambda a, b: math.isclose(a, b, rel_tol=1e-9)  # flows are not negative, and may all be tiny
    kept = [same(into[v], out[v]) for v in graph if v not in (source, sink)]
    copy = nx.DiGraph(graph)
    copy.remove_edges_from(list(nx.selfloop_edges(copy)))
    best = nx.maximum_flow_value(copy, source, sink, capacity=capacity, flow_func=nx.algorithms.flow.dinitz)
    ends = [same(into[sink], best + out[sink]), same(out[source], best + into[source])]
    return {"value": [same(outputs["value"], best)], "flow": [*fits, *kept, *ends]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 26.2",
    structure=Network(requires=(apart,)),
    probes=[
        Probe("source", INPUT, NODE, MASK_ONE),
        Probe("sink", INPUT, NODE, MASK_ONE),
        Probe("capacity", INPUT, EDGE, SCALAR),
        Probe("flow", OUTPUT, EDGE, SCALAR),
        Probe("open", HINT, EDGE, MASK),
        Probe("room", HINT, EDGE, SCALAR),
        Probe("taken", HINT, EDGE, MASK),
        Probe("color", HINT, NODE, CATEGORICAL, ("white", "grey", "black")),
        Probe("parent", HINT, NODE, POINTER),
        Probe("width", HINT, NODE, SCALAR),
        Probe("u", HINT, NODE, MASK_ONE),
        Probe("v", HINT, NODE, MASK_ONE),
        Probe("e", HINT, EDGE, MASK_ONE),
        Probe("bottleneck", HINT, GRAPH, SCALAR),
        Probe("value", OUTPUT, GRAPH, SCALAR),
    ],
    outputs={"value": Value("value"), "flow": FlowDict("flow")},
    ticks=lambda n, m: (n * m + 1) * (5 * n + 6),
    time=lambda n, m: n * m * m + 1,
    sense="min",
    families=sampling.GRAPHS,
    sample=sample,
    check=check,
)
def max_flow(hub, nodes, edges):
    hub.source.width = math.inf
    hub.source.color = "grey"
    hub.u = hub.source
    yield "init"
    while hub.u:
        for e in edges:
            if e.tail.color == "grey" and e.flow < e.capacity:
                e.open = True
                e.room = minimum(e.tail.width, e.capacity - e.flow)
        yield "offer"
        for v in nodes:
            e = first(v.in_arcs, where=lambda e: e.open)
            if v.color == "white" and e:
                v.color = "grey"
                v.parent = e
                v.width = e.room
            elif v.color == "grey":
                v.color = "black"
        for e in edges:
            e.open = False
        yield "spread"
        hub.u = first(nodes, where=lambda v: v.color == "grey")
        if hub.sink.color == "white":
            yield "look"
            continue
        hub.v = hub.sink
        hub.bottleneck = hub.sink.width
        yield "reached"
        while hub.v != hub.source:
            hub.e = hub.v.parent
            yield "back"
            hub.e.taken = True
            hub.v = hub.e.tail
            yield "take"
        hub.e = hub.v = None
        hub.u = hub.source
        yield "walked"
        for e in edges:
            if e.taken:  # by rounding the sum may come out above
                e.flow = minimum(e.flow + hub.bottleneck, e.capacity)
                e.taken = False
            elif e.reverse.taken:
                e.flow = 0.0 - minimum(e.reverse.flow + hub.bottleneck, e.reverse.capacity)
        for v in nodes:
            if v == hub.source:
                v.color = "grey"
            else:
                v.color = "white"
        hub.value = hub.value + hub.bottleneck
        yield "augment"
