"""What the algorithms on points share: which way three points turn, samples of points, the independent check."""

from fractions import Fraction

import numpy as np

from algorithms.author import GRAPH, HINT, INPUT, MASK_ONE, NODE, OUTPUT, SCALAR, Probe, argmin

COORDINATES = [Probe("x", INPUT, NODE, SCALAR), Probe("y", INPUT, NODE, SCALAR)]
LOWEST = [
    Probe("q", HINT, NODE, MASK_ONE),
    Probe("py", HINT, GRAPH, SCALAR),
    Probe("plus", HINT, NODE, SCALAR),
    Probe("minus", HINT, NODE, SCALAR),
    Probe("top", OUTPUT, NODE, MASK_ONE),
]
TURN = [
    Probe("p", HINT, NODE, MASK_ONE),
    Probe("q", HINT, NODE, MASK_ONE),
    Probe("r", HINT, NODE, MASK_ONE),
    Probe("qx", HINT, GRAPH, SCALAR),
    Probe("qy", HINT, GRAPH, SCALAR),
    Probe("rx", HINT, GRAPH, SCALAR),
    Probe("ry", HINT, GRAPH, SCALAR),
    Probe("ccw", HINT, GRAPH, SCALAR),
    Probe("cw", HINT, GRAPH, SCALAR),
]
FAMILIES = {
    "training": ("uniform", "grid", "circle", "line", "repeated"),
    "held_out": ("gaussian", "clusters"),
}


def lowest(hub, nodes):
    """Set `hub.q` and `hub.top` to the lowest point, the leftmost of several, the first of equal ones."""
    hub.q = argmin(nodes, key=lambda v: v.y)
    yield "least"
    hub.py = hub.q.y
    yield "height"
    for v in nodes:
        v.plus = v.y
        v.minus = hub.py
    yield "heights"
    hub.q = hub.top = argmin(nodes, key=lambda v: v.x, where=lambda v: v.plus == v.minus)
    yield "leftmost"


def turn(hub):
    """The way from `hub.p` by `hub.q` to `hub.r`, as the two products of a cross product: it turns left where `hub.ccw`
    is above `hub.cw`, right where it is below, and goes straight (or back) where they are equal."""
    hub.qx = hub.q.x - hub.p.x
    hub.qy = hub.q.y - hub.p.y
    hub.rx = hub.r.x - hub.p.x
    hub.ry = hub.r.y - hub.p.y
    yield "vectors"
    hub.ccw = hub.qx * hub.ry
    hub.cw = hub.qy * hub.rx
    yield "products"


def points(rng, n, family):
    """n points: reals in general position, or whole numbers, with points on a line and repeated ones among them."""
    if family == "grid":
        xy = rng.integers(0, max(2, round(n**0.5)), size=(n, 2), endpoint=True)
    elif family == "repeated":
        few = rng.integers(-9, 9, size=(max(1, n // 3), 2))
        xy = few[rng.integers(len(few), size=n)]
    elif family == "line":
        xy = rng.integers(-3, 3, size=2) + rng.permutation(n)[:, None] * rng.integers(-2, 2, size=2, endpoint=True)
    elif family == "circle":
        angle = rng.uniform(0, 2 * np.pi, size=n)
        xy = np.stack([np.cos(angle), np.sin(angle)], 1)
    elif family == "clusters":
        xy = rng.normal(0, 0.1, (n, 2)) + rng.integers(-1, 1, size=(n, 2), endpoint=True)
    else:
        xy = rng.uniform(-1, 1, (n, 2)) if family == "uniform" else rng.normal(0, 10, (n, 2))
    return [(x, y) for x, y in xy.astype(float).tolist()]


def cross(p, q, r):
    """Exactly: above 0 where p, q, r turn left."""
    (px, py), (qx, qy), (rx, ry) = (map(Fraction, point) for point in (p, q, r))
    return (qx - px) * (ry - py) - (qy - py) * (rx - px)


def sample(rng, n, family):
    return points(rng, n, family), {}


def check_hull(outputs, data):
    """Against Andrew's monotone chain in exact arithmetic: its corners, counter-clockwise from the lowest (leftmost of
    several)."""

    def half(row):
        out = []
        for point in row:
            while len(out) >= 2 and cross(out[-2], out[-1], point) <= 0:
                out.pop()
            out.append(point)
        return out

    row = sorted({(float(x), float(y)) for x, y in data})
    corners = half(row)[:-1] + half(row[::-1])[:-1] if len(row) > 1 else row
    at = corners.index(min(corners, key=lambda point: point[::-1]))
    hull = outputs["hull"]
    return {"hull": [[tuple(map(float, data[i])) for i in hull] == corners[at:] + corners[:at]]}
