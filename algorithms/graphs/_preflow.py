"""Pushing a preflow on through a network, as a sub-program: push_relabel and minimum_cut share it."""

import math

from algorithms import sampling
from algorithms.author import (  # fmt: skip
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
    argmin,
    first,
    maximum,
    minimum,
    total,
)
from algorithms.errors import InputError

PROBES = [
    Probe("source", INPUT, NODE, MASK_ONE),
    Probe("sink", INPUT, NODE, MASK_ONE),
    Probe("capacity", INPUT, EDGE, SCALAR),
    Probe("flow", OUTPUT, EDGE, SCALAR),
    Probe("open", HINT, EDGE, MASK),
    Probe("low", HINT, EDGE, SCALAR),
    Probe("room", HINT, EDGE, SCALAR),
    Probe("gain", HINT, EDGE, SCALAR),
    Probe("inner", HINT, NODE, MASK),
    Probe("height", HINT, NODE, SCALAR),
    Probe("excess", HINT, NODE, SCALAR),
    Probe("amount", HINT, NODE, SCALAR),
    Probe("choice", HINT, NODE, POINTER),
    Probe("active", HINT, NODE, MASK),
    Probe("lifted", HINT, NODE, MASK),
    Probe("limit", HINT, GRAPH, SCALAR),
]


def apart(graph, arguments):
    """Precondition."""
    if arguments["source"] == arguments["sink"]:
        raise InputError(f"source and sink are the same node, {arguments['source']!r}")


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


def alike(graph, capacity):
    """Are two flows the same, but for rounding beside the largest capacity?"""
    rounding = 1e-13 * max((c for *_, c in graph.edges(data=capacity)), default=0.0)
    return lambda a, b: math.isclose(a, b, rel_tol=1e-9, abs_tol=rounding)


def fill(hub, nodes, edges):
    """All arcs out of the source carry what they can, and it is as high as there are nodes: `hub.limit`."""
    hub.limit = total(nodes, key=lambda v: 1.0)
    for v in nodes:
        if v != hub.source and v != hub.sink:
            v.inner = True
    for e in edges:
        if e.tail == hub.source:
            e.flow = e.gain = e.capacity
        elif e.head == hub.source:
            e.flow = 0.0 - e.reverse.capacity
    yield "saturate"
    hub.source.height = hub.limit
    yield "rise"


def discharge(hub, nodes, edges):
    """Every inner node that has an excess, and is lower than `hub.limit`, looks at the open arc that leads lowest: it
    pushes along it, or is lifted, if that does not lead down. Until there is none.

    What is lifted receives nothing in that round. For a node to choose from the arcs that lead into it, each holds what
    the arc the other way has room for. Where no arc is open, rounding has left an excess: it is let go."""
    while True:
        for v in nodes:
            v.excess = maximum(v.excess + total(v.in_arcs, key=lambda e: e.gain), 0.0)
            v.choice = None
            v.lifted = False
        for e in edges:
            e.open = e.reverse.flow < e.reverse.capacity
            e.room = e.reverse.capacity - e.reverse.flow
            e.low = e.tail.height
        yield "gather"
        for v in nodes:
            v.active = v.inner and v.excess > 0.0 and v.height < hub.limit
        yield "wake"
        if not first(nodes, where=lambda v: v.active):
            return
        for v in nodes:
            e = argmin(v.in_arcs, key=lambda e: e.low, where=lambda e: e.open)
            if v.active:
                if v.height > e.low:
                    v.choice = e
                    v.amount = minimum(v.excess, e.room)
                elif e:
                    v.height = e.low + 1.0
                    v.lifted = True
                else:
                    v.excess = 0.0
        yield "choose"
        for e in edges:
            if e.head.choice == e and not e.tail.lifted:
                e.flow = 0.0 - minimum(e.reverse.flow + e.head.amount, e.reverse.capacity)
                e.gain = 0.0 - e.head.amount
            elif e.tail.choice == e.reverse and not e.head.lifted:
                e.flow = minimum(e.flow + e.tail.amount, e.capacity)
                e.gain = e.tail.amount
            else:
                e.gain = 0.0
        yield "push"
