"""Jarvis's march: the convex hull of points, wrapped around them corner by corner.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 33.3 (in place of polar angles, the sign of a cross
product, of all points at once: as long as some point lies to the right of the way to the next corner, it is that).
Takes any list of points. The hull is its corners' positions, counter-clockwise from the lowest point (the leftmost of
several); points on its sides are not in it, and of equal points only the first is. Of points on one line it is the two
ends, of equal points one. Five ticks a corner and three for each point that is tried as the next: at most
3 n^2 + 5 n + 6, about 20 a corner on random points. Where rounded cross products contradict each other, as among
floats nearly on one line, the march may go round for ever: the program then raises, an executor's run did not halt.

>>> import algorithms
>>> algorithms.run("jarvis_march", [(0.0, 0.0), (2.0, 0.0), (1.0, 1.0), (2.0, 2.0), (0.0, 2.0)])
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
    first,
)  # fmt: skip
from algorithms.geometry._points import COORDINATES, FAMILIES, LOWEST, check_hull, lowest, sample
from algorithms.records import Points


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 33.3",
    structure=Points(),
    probes=[
        *COORDINATES,
        *LOWEST,
        Probe("p", HINT, NODE, MASK_ONE),
        Probe("px", HINT, GRAPH, SCALAR),
        Probe("dx", HINT, NODE, SCALAR),
        Probe("dy", HINT, NODE, SCALAR),
        Probe("distance", HINT, NODE, SCALAR),
        Probe("qx", HINT, GRAPH, SCALAR),
        Probe("qy", HINT, GRAPH, SCALAR),
        Probe("state", HINT, NODE, CATEGORICAL, ("waiting", "taken")),
        Probe("below", OUTPUT, NODE, POINTER),
    ],
    outputs={"hull": Chain("top", "below")},
    ticks=lambda n, m: 3 * n * n + 5 * n + 6,
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
        for v in nodes:
            v.dx = v.x - hub.px
            v.dy = v.y - hub.py
        yield "corner"
        for v in nodes:
            v.distance = abs(v.dx) + abs(v.dy)
        yield "distances"
        hub.q = argmin(nodes, key=lambda v: 0.0 - v.distance)
        yield "farthest"
        while hub.q:
            hub.qx = hub.q.dx
            hub.qy = hub.q.dy
            yield "direction"
            for v in nodes:
                v.plus = hub.qx * v.dy
                v.minus = hub.qy * v.dx
            yield "products"
            hub.q = first(nodes, where=lambda v: v.plus < v.minus)
            yield "nearer"
        hub.q = argmin(nodes, key=lambda v: 0.0 - v.distance, where=lambda v: v.plus == v.minus)
        yield "end"
