"""Do two line segments intersect? A common end, touching and overlapping count.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 33.1. Takes four points: the ends of one segment,
then those of the other. Each end is tried whether it lies left or right of the other segment's line, which is told
exactly; one that lies on the line, whether it is within the box around the segment. At most 16 ticks.

>>> import algorithms
>>> algorithms.run("segments_intersect", [(0.0, 0.0), (2.0, 2.0), (0.0, 2.0), (2.0, 0.0)])
{'intersect': True}
"""

from algorithms.answers import Holds
from algorithms.author import (  # fmt: skip
    CATEGORICAL,
    GRAPH,
    HINT,
    MASK,
    MASK_ONE,
    NODE,
    OUTPUT,
    SCALAR,
    Probe,
    algorithm,
    maximum,
    minimum,
    orientation,
)
from algorithms.errors import InputError
from algorithms.geometry._points import COORDINATES, FAMILIES, cross, points
from algorithms.inputs.records import Points


def four(points, arguments):
    """Precondition."""
    if len(points) != 4:
        raise InputError(
            f"segments_intersect: {len(points)} points are given; four are needed, the ends of one segment, "
            "then those of the other"
        )


def sample(rng, n, family):
    """Small whole coordinates, and ends put on the other's line, make all the cases that have to be told apart."""
    whole = family in ("grid", "circle", "repeated")
    a, b, c, d = points(rng, 4, "grid" if whole else family)
    on = lambda t: (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]))
    kind = rng.integers(7) if whole else 0
    if kind in (1, 2):  # touches, or would if it were longer
        c = on((0.5, 0.0, -1.0, 2.0)[rng.integers(4)])
    elif kind == 3:  # on one line
        c, d = (on(t) for t in rng.integers(-1, 3, size=2).tolist())
    elif kind == 4:
        b = a
    ends = [pair[::-1] if rng.random() < 0.5 else pair for pair in ((a, b), (c, d))]
    if rng.random() < 0.5:
        ends.reverse()
    return [*ends[0], *ends[1]], {}


def check(outputs, data):
    """Exactly: bounding boxes that meet, and no segment all on one side of the other."""
    a, b, c, d = data
    boxes = all(max(min(a[k], b[k]), min(c[k], d[k])) <= min(max(a[k], b[k]), max(c[k], d[k])) for k in (0, 1))
    apart = cross(a, b, c) * cross(a, b, d) > 0 or cross(c, d, a) * cross(c, d, b) > 0
    return {"intersect": [outputs["intersect"] == (boxes and not apart)]}


def touch(hub):
    """`hub.r` is on the line through `hub.p` and `hub.q`; where it is between them, the segments intersect."""
    hub.px = minimum(hub.p.x, hub.q.x)
    hub.py = minimum(hub.p.y, hub.q.y)
    hub.qx = maximum(hub.p.x, hub.q.x)
    hub.qy = maximum(hub.p.y, hub.q.y)
    yield "box"
    hub.px = minimum(maximum(hub.px, hub.r.x), hub.qx)
    hub.py = minimum(maximum(hub.py, hub.r.y), hub.qy)
    hub.qx = hub.r.x
    hub.qy = hub.r.y
    yield "nearest"
    hub.px = hub.py = hub.qx = hub.qy = 0.0
    if hub.px == hub.qx and hub.py == hub.qy:
        hub.intersect = True


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 33.1",
    structure=Points(requires=(four,)),
    probes=[
        *COORDINATES,
        Probe("p", HINT, NODE, MASK_ONE),
        Probe("q", HINT, NODE, MASK_ONE),
        Probe("r", HINT, NODE, MASK_ONE),
        Probe("px", HINT, GRAPH, SCALAR),
        Probe("py", HINT, GRAPH, SCALAR),
        Probe("qx", HINT, GRAPH, SCALAR),
        Probe("qy", HINT, GRAPH, SCALAR),
        Probe("side", HINT, GRAPH, CATEGORICAL, ("on", "left", "right")),
        Probe("intersect", OUTPUT, GRAPH, MASK),
    ],
    outputs={"intersect": Holds("intersect")},
    ticks=lambda n, m: 16,
    families=FAMILIES,
    sample=sample,
    check=check,
)
def segments_intersect(hub, nodes):
    hub.p = hub.last.prev
    hub.q = hub.last
    hub.r = hub.first
    yield "init"
    while True:
        if orientation(hub.p, hub.q, hub.r) == "straight":
            yield from touch(hub)
        else:
            hub.side = orientation(hub.p, hub.q, hub.r)
        hub.r = hub.r.next
        yield "other_end"
        if orientation(hub.p, hub.q, hub.r) == "straight":
            hub.side = "on"
            yield from touch(hub)
        elif hub.side == orientation(hub.p, hub.q, hub.r):  # both ends are on one side
            return
        elif hub.side != "on" and hub.r == hub.last:
            hub.intersect = True
        if hub.r == hub.last:
            return
        hub.side = "on"
        hub.p = hub.first
        hub.q = hub.first.next
        hub.r = hub.last.prev
        yield "other_segment"
