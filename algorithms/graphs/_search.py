"""Depth-first search from one root, as a sub-program: dfs, topological_sort and dag_shortest_paths share it."""

from algorithms.author import CATEGORICAL, HINT, MASK_ONE, NODE, POINTER, Probe, first

PROBES = [
    Probe("color", HINT, NODE, CATEGORICAL, ("white", "grey", "black")),
    Probe("child", HINT, NODE, POINTER),
    Probe("u", HINT, NODE, MASK_ONE),
    Probe("v", HINT, NODE, MASK_ONE),
]


def search(hub, finish=None):
    """Explore all that is white and reachable from `hub.v`; `finish(u)`, if given, as u turns black."""
    while True:
        hub.v.color = "grey"
        hub.v.parent = hub.u
        hub.u = hub.v
        hub.v = None
        yield "discover"
        while True:
            hub.u.child = first(hub.u.out_edges, where=lambda v: v.color == "white")
            yield "scan"
            hub.v = hub.u.child
            yield "look"
            if hub.v:
                break
            hub.u.color = "black"
            if finish:
                finish(hub.u)
            hub.u = hub.u.parent
            yield "finish"
            if not hub.u:
                return
