"""Lowest discovery times that subtrees of a depth-first search reach: bridges and articulation_points share them."""

from algorithms.author import GRAPH, HINT, NODE, OUTPUT, POINTER, SCALAR, Probe, argmin
from algorithms.graphs._search import PROBES as SEARCH

PROBES = [
    *SEARCH,
    Probe("parent", OUTPUT, NODE, POINTER),
    Probe("time", HINT, GRAPH, SCALAR),
    Probe("discovery", HINT, NODE, SCALAR),
    Probe("low_link", HINT, NODE, SCALAR),
]


def numbering(hub):
    """What a search does as it enters a node: give it the next number."""

    def number(v):
        v.discovery = hub.time
        v.low_link = hub.time
        hub.time = hub.time + 1.0

    return number


def low_links(hub, nodes, lowered=None):
    """The low link of `hub.u`, whose children have theirs. lowered(x): where it is less than x's own discovery."""
    for x in nodes:
        if x == hub.u:
            w = argmin(x.out_edges, key=lambda v: v.discovery, where=lambda v: v != x.parent)
            if w.discovery < x.low_link:
                x.low_link = w.discovery
                if lowered:
                    lowered(x)
    yield "back"
    for x in nodes:
        if x == hub.u:
            w = argmin(x.out_edges, key=lambda v: v.low_link, where=lambda v: v.parent == x)
            if w.low_link < x.low_link:
                x.low_link = w.low_link
                if lowered:
                    lowered(x)
    yield "children"
