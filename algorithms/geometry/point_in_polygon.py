"""Whether a point is within a polygon: crossings of a ray from it are counted, of all sides at once.

Source: Shimrat, Algorithm 112: position of point relative to polygon, Communications of the ACM 5, 1962. Takes the
corners of a polygon, in order, and then the point that is asked about, as the last of the list: two points at least.
Sides go from corner to corner, and from the last corner to the first. A ray from the point to the right crosses a side
one end of which is above the point and the other is not, if the side passes on the right, which is told exactly. The
point is inside where the crossings are odd in number, whether sides cross or not. What is on a side or a corner is
`on_border`, and counts as inside. 5 ticks.

>>> import algorithms
>>> algorithms.run("point_in_polygon", [(0.0, 0.0), (4.0, 0.0), (0.0, 4.0), (1.0, 1.0)])
{'inside': True, 'on_border': False}
"""

from fractions import Fraction

from algorithms.answers import Holds
from algorithms.author import (  # fmt: skip
    GRAPH,
    HINT,
    MASK,
    MASK_ONE,
    NODE,
    OUTPUT,
    POINTER,
    SCALAR,
    Probe,
    algorithm,
    first,
    floor,
    maximum,
    minimum,
    orientation,
    total,
)
from algorithms.errors import InputError
from algorithms.geometry._points import COORDINATES, FAMILIES, points
from algorithms.inputs.records import Points


def two(points, arguments):
    """Precondition."""
    if len(points) < 2:
        raise InputError("point_in_polygon: one point is given; the polygon's corners, and then the point, are needed")


def sample(rng, n, family):
    """Points in any order, whose sides cross, or in order of angle; one more is asked about, at times on a side."""
    n = max(2, n)
    corners, (point,) = points(rng, n - 1, family), points(rng, 1, family)
    if rng.random() < 0.5:
        x, y = (sum(c) / len(corners) for c in zip(*corners))
        corners.sort(key=lambda c: _angle(c[0] - x, c[1] - y))
    kind = rng.integers(6)
    a, b = (corners[i] for i in rng.integers(len(corners), size=2).tolist())
    if kind == 0:
        point = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
    elif kind == 1:
        point = a
    elif kind == 2:
        point = (point[0], a[1])
    elif kind == 3:
        i = int(rng.integers(len(corners)))
        point = tuple((p + q) / 2 for p, q in zip(corners[i - 1], corners[i]))
    return [*corners, point], {}


def _angle(x, y):
    """In place of the arc tangent: in the same order."""
    size = abs(x) + abs(y)
    return 0.0 if size == 0 else (1 - x / size if y >= 0 else 3 + x / size)


def check(outputs, data):
    """Exactly: where each side is at the height of the point."""
    *corners, (x, y) = [tuple(map(Fraction, point)) for point in data]
    border, inside = False, False
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]]):
        if ay == by:
            border |= y == ay and min(ax, bx) <= x <= max(ax, bx)
            continue
        share = (y - ay) / (by - ay)
        at = ax + share * (bx - ax)
        border |= 0 <= share <= 1 and at == x
        if min(ay, by) <= y < max(ay, by) and at > x:
            inside = not inside
    return {"inside": [outputs["inside"] == (inside or border)], "on_border": [outputs["on_border"] == border]}


@algorithm(
    source="Algorithm 112, 1962",
    structure=Points(requires=(two,)),
    probes=[
        *COORDINATES,
        Probe("px", HINT, GRAPH, SCALAR),
        Probe("py", HINT, GRAPH, SCALAR),
        Probe("j", HINT, NODE, POINTER),
        Probe("dx", HINT, NODE, SCALAR),
        Probe("dy", HINT, NODE, SCALAR),
        Probe("above", HINT, NODE, MASK),
        Probe("cut", HINT, NODE, MASK),
        Probe("touched", HINT, NODE, MASK),
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("count", HINT, GRAPH, SCALAR),
        Probe("inside", OUTPUT, GRAPH, MASK),
        Probe("on_border", OUTPUT, GRAPH, MASK),
    ],
    outputs={"inside": Holds("inside"), "on_border": Holds("on_border")},
    ticks=lambda n, m: 5,
    time=lambda n, m: n,
    families=FAMILIES,
    sample=sample,
    check=check,
)
def point_in_polygon(hub, nodes):
    hub.px = hub.last.x
    hub.py = hub.last.y
    for v in nodes:
        if v.next == hub.last:
            v.j = hub.first
        else:
            v.j = v.next
    yield "init"
    for v in nodes:
        v.above = v.y > hub.py
        if v.j:
            v.dx = beyond(v.x, v.j.x, hub.px)
            v.dy = beyond(v.y, v.j.y, hub.py)
    yield "height"
    for v in nodes:
        if v.j:
            if orientation(v, v.j, hub.last) == "straight":
                v.touched = v.dx + v.dy == 0.0
            elif v.above:
                v.cut = not v.j.above and orientation(v, v.j, hub.last) == "right"
            else:
                v.cut = v.j.above and orientation(v, v.j, hub.last) == "left"
    yield "cross"
    hub.i = first(nodes, where=lambda v: v.touched)
    hub.count = total(nodes, key=lambda v: 1.0, where=lambda v: v.cut)
    yield "gather"
    if hub.i:
        hub.inside = hub.on_border = True
    elif hub.count > 2.0 * floor(hub.count / 2.0):
        hub.inside = True


def beyond(a, b, x):
    """How far x is from what lies between a and b."""
    return abs(maximum(minimum(a, b), minimum(x, maximum(a, b))) - x)
