"""Graham's scan: the convex hull of points, taken around the lowest one in order of angle.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 33.3. In place of a sort by polar angle, every
point counts those to its right as seen from the lowest: n rounds in which all count, n squared work. Takes any list of
points; which way three of them turn is told exactly. The hull is its corners' positions, counter-clockwise from the
lowest point (the leftmost of several); points on its sides are not in it, and of equal points only one is. Of points on
one line it is the two ends, of equal points one. At most 7 n + 4 ticks.

>>> import algorithms
>>> algorithms.run("graham_scan", [(0.0, 0.0), (2.0, 0.0), (1.0, 1.0), (2.0, 2.0), (0.0, 2.0)])
{'hull': [0, 1, 3, 4]}
"""

from math import log2

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
        Probe("j", HINT, NODE, MASK_ONE),
        Probe("qx", HINT, GRAPH, SCALAR),
        Probe("qy", HINT, GRAPH, SCALAR),
        Probe("rx", HINT, GRAPH, SCALAR),
        Probe("ry", HINT, GRAPH, SCALAR),
        Probe("count", HINT, NODE, SCALAR),
        Probe("state", HINT, NODE, CATEGORICAL, ("waiting", "taken")),
        Probe("below", OUTPUT, NODE, POINTER),
    ],
    outputs={"hull": LinkedList("top", "below", backward=True)},
    ticks=lambda n, m: 7 * n + 4,
    time=lambda n, m: n * log2(n + 1),
    families=FAMILIES,
    sample=sample,
    check=check_hull,
)
def graham_scan(hub, nodes):
    yield from lowest(hub, nodes)
    hub.q.state = "taken"
    hub.j = hub.first
    yield "pole"
    while hub.j:
        for v in nodes:
            if orientation(hub.top, hub.j, v) == "left":
                v.count = v.count + 1.0
        hub.j = hub.j.next
        yield "count"
    while True:
        hub.r = argmin(nodes, key=lambda v: v.count, where=lambda v: v.state == "waiting")
        yield "select"
        if not hub.r:
            hub.top = hub.q
            return
        hub.r.state = "taken"
        hub.qx = hub.q.x
        hub.qy = hub.q.y
        hub.rx = hub.r.x
        hub.ry = hub.r.y
        yield "places"
        hub.qx = hub.qy = hub.rx = hub.ry = 0.0
        if orientation(hub.top, hub.q, hub.r) == "straight":  # of those on one ray the farthest
            if not (hub.ry > hub.qy or (hub.ry == hub.qy and hub.rx > hub.qx)):
                yield "nearer"
                continue
            if hub.p:
                hub.q = hub.p
                hub.p = hub.p.below
        yield "farther"
        while hub.p:
            if orientation(hub.p, hub.q, hub.r) == "left":
                break
            hub.q = hub.p
            hub.p = hub.p.below
            yield "pop"
        yield "keep"
        hub.r.below = hub.q
        hub.p = hub.q
        hub.q = hub.r
        hub.r = None
        yield "push"
