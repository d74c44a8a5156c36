"""Jarvis's march: the convex hull of points, wrapped around them corner by corner.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 33.3 (in place of polar angles, which way three
points turn, told exactly: as long as some point lies to the right of the way to the next corner, it is that). Takes any
list of points. The hull is its corners' positions, counter-clockwise from the lowest point (the leftmost of several);
points on its sides are not in it, and of equal points only the first is. Of points on one line it is the two ends, of
equal points one. Three ticks a corner and two for each point that is tried as the next: at most 2 n^2 + 3 n + 5, about
20 a corner on random points.

>>> import algorithms
>>> algorithms.run("jarvis_march", [(0.0, 0.0), (2.0, 0.0), (1.0, 1.0), (2.0, 2.0), (0.0, 2.0)])
{'hull': [0, 1, 3, 4]}
"""

from algorithms.answers import LinkedList
from algorithms.author import (  # fmt: skip
    CATEGORICAL,
    GRAPH,
    HINT,
    MASK_ONE,
    NODE,
    OUTPUT,
    POINTER,
    SCALAR,
    Probe,
    algorithm,
    argmin,
    first,
    orientation,
)
from algorithms.geometry._points import COORDINATES, FAMILIES, LOWEST, check_hull, lowest, sample
from algorithms.inputs.records import Points


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 33.3",
    structure=Points(),
    probes=[
        *COORDINATES,
        *LOWEST,
        Probe("p", HINT, NODE, MASK_ONE),
        Probe("r", HINT, NODE, MASK_ONE),
        Probe("px", HINT, GRAPH, SCALAR),
        Probe("state", HINT, NODE, CATEGORICAL, ("waiting", "taken")),
        Probe("below", OUTPUT, NODE, POINTER),
    ],
    outputs={"hull": LinkedList("top", "below")},
    ticks=lambda n, m: 2 * n * n + 3 * n + 5,
    families=FAMILIES,
    sample=sample,
    check=check_hull,
)
def jarvis_march(hub, nodes):
    yield from lowest(hub, nodes)
    while hub.q.state == "waiting":
        hub.px = hub.q.x
        hub.py = hub.q.y
        yield "next"
        if hub.p:
            hub.p.below = hub.q
        hub.p = hub.q
        hub.q.state = "taken"
        hub.q = argmin(nodes, key=lambda v: 0.0 - abs(v.x - hub.px) - abs(v.y - hub.py))  # far, so that few follow
        yield "corner"
        while hub.q:
            hub.r = hub.q
            yield "direction"
            hub.q = first(nodes, where=lambda v: orientation(hub.p, hub.r, v) == "right")
            yield "nearer"
        if hub.r.x > hub.p.x:  # of those on the way to it the farthest
            hub.q = argmin(nodes, key=lambda v: 0.0 - v.x, where=lambda v: straight(hub, v))
        elif hub.r.x < hub.p.x:
            hub.q = argmin(nodes, key=lambda v: v.x, where=lambda v: straight(hub, v))
        elif hub.r.y > hub.p.y:
            hub.q = argmin(nodes, key=lambda v: 0.0 - v.y, where=lambda v: straight(hub, v))
        elif hub.r.y < hub.p.y:
            hub.q = argmin(nodes, key=lambda v: v.y, where=lambda v: straight(hub, v))
        hub.r = None
        yield "end"


def straight(hub, v):
    return orientation(hub.p, hub.r, v) == "straight"
