"""Joining two sets by an edge, as a sub-program. The sets are trees of height one: every node points at its root."""

from algorithms.author import HINT, MASK, MASK_ONE, NODE, POINTER, Probe

PROBES = [
    Probe("u", HINT, NODE, MASK_ONE),
    Probe("v", HINT, NODE, MASK_ONE),
    Probe("root", HINT, NODE, POINTER, init="self"),
    Probe("dying", HINT, NODE, MASK),
]


def union(hub, nodes):
    """Let the set of `hub.e`'s head join the set of its tail, another one; `hub.v` is left at the root that was."""
    hub.u = hub.e.tail
    hub.v = hub.e.head
    yield "ends"
    hub.u = hub.u.root
    hub.v = hub.v.root
    yield "roots"
    hub.v.dying = True
    yield "mark"
    for x in nodes:
        if x.root.dying:
            x.root = hub.u
    hub.v.dying = False
