"""Depth-first search from one root, as a sub-program: dfs, topological_sort and dag_shortest_paths share it."""

from algorithms.author import CATEGORICAL, HINT, MASK_ONE, NODE, POINTER, Probe, first

PROBES = [
    Probe("color", HINT, NODE, CATEGORICAL, ("white", "grey", "black")),
    Probe("child", HINT, NODE, POINTER),
    Probe("u", HINT, NODE, MASK_ONE),
    Probe("v", HINT, NODE, MASK_ONE),
]


def search(hub, relation="out_edges", fresh="white", done="black", enter=None, closing=None, finish=None):
    """Explore all that is `fresh` and reachable from `hub.v` along a relation; what is finished turns `done`.

    enter(v): as v turns grey; closing(): a sub-program, run at `hub.u` when it has no fresh neighbour left; finish(u):
    as u turns `done`.
    """
    while True:
        hub.v.color = "grey"
        hub.v.parent = hub.u
        if enter:
            enter(hub.v)
        hub.u = hub.v
        hub.v = None
        yield "discover"
        while True:
            hub.u.child = first(getattr(hub.u, relation), where=lambda v: v.color == fresh)
            yield "scan"
            hub.v = hub.u.child
            yield "look"
            if hub.v:
                break
            if closing:
                yield from closing()
            hub.u.color = done
            if finish:
                finish(hub.u)
            hub.u = hub.u.parent
            yield "finish"
            if not hub.u:
                return
