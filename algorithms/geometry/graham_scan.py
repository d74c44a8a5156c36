"""Graham's scan: the convex hull of points, taken around the lowest one in order of angle.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 33.3. In place of polar angles, every point counts
those before it: to its right as seen from the lowest, or on the way to it. Takes any list of points. The hull is its
corners' positions, counter-clockwise from the lowest point (the leftmost of several); points on its sides are not in
it, and of equal points only one is. Of points on one line it is the two ends, of equal points one. At most 11 n + 3
ticks.

>>> import algorithms
>>> algorithms.run("graham_scan", [(0.0, 0.0), (2.0, 0.0), (1.0, 1.0), (2.0, 2.0), (0.0, 2.0)])
{'hull': [0, 1, 3, 4]}
"""

from algorithms.answers import Chain
from algorithms.author import (
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
)  # fmt: skip
from algorithms.geometry._points import COORDINATES, FAMILIES, LOWEST, TURN, check_hull, lowest, sample, turn
from algorithms.records import Points


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 33.3",
    structure=Points(),
    probes=[
        *COORDINATES,
        *LOWEST,
        *(probe for probe in TURN if probe not in LOWEST),
        Probe("px", HINT, GRAPH, SCALAR),
        Probe("dx", HINT, NODE, SCALAR),
        Probe("dy", HINT, NODE, SCALAR),
        Probe("distance", HINT, NODE, SCALAR),
        Probe("length", HINT, GRAPH, SCALAR),
        Probe("count", HINT, NODE, SCALAR),
        Probe("j", HINT, NODE, MASK_ONE),
        Probe("state", HINT, NODE, CATEGORICAL, ("waiting", "taken")),
        Probe("below", OUTPUT, NODE, POINTER),
    ],
    outputs={"hull": Chain("top", "below", backward=True)},
    ticks=lambda n, m: 11 * n + 3,
    families=FAMILIES,
    sample=sample,
    check=check_hull,
)
def graham_scan(hub, nodes):
    yield from lowest(hub, nodes)
    hub.px = hub.q.x
    yield "pole"
    for v in nodes:
        v.dx = v.x - hub.px
        v.dy = v.y - hub.py
    yield "vectors"
    for v in nodes:
        v.distance = abs(v.dx) + abs(v.dy)
    yield "distances"
    for v in nodes:
        if v.distance <= hub.length:  # 0: the lowest point, and what equals it
            v.state = "taken"
    hub.j = hub.first
    yield "others"
    while hub.j:
        hub.rx = hub.j.dx
        hub.ry = hub.j.dy
        hub.length = hub.j.distance
        yield "direction"
        for v in nodes:
            v.plus = hub.rx * v.dy
            v.minus = hub.ry * v.dx
        yield "products"
        for v in nodes:
            if v.plus > v.minus or (v.plus == v.minus and v.distance > hub.length):
                v.count = v.count + 1.0
        hub.j = hub.j.next
        yield "count"
    hub.length = 0.0
    for v in nodes:
        v.plus = v.minus = v.distance = 0.0
    yield "counted"
    while True:
        hub.r = argmin(nodes, key=lambda v: v.count, where=lambda v: v.state == "waiting")
        yield "select"
        if not hub.r:
            hub.top = hub.q
            return
        while hub.p:
            yield from turn(hub)
            hub.ccw = hub.cw = 0.0
            if hub.ccw > hub.cw:
                break
            hub.q = hub.p
            hub.p = hub.p.below
            yield "pop"
        yield "keep"
        hub.r.below = hub.q
        hub.r.state = "taken"
        hub.p = hub.q
        hub.q = hub.r
        hub.r = None
        yield "push"
