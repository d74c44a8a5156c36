"""What the algorithms on points share: the lowest point, samples of points, the independent check."""

from fractions import Fraction

import numpy as np

from algorithms.author import GRAPH, HINT, INPUT, MASK_ONE, NODE, OUTPUT, SCALAR, Probe, argmin

COORDINATES = [Probe("x", INPUT, NODE, SCALAR), Probe("y", INPUT, NODE, SCALAR)]
LOWEST = [
    Probe("q", HINT, NODE, MASK_ONE),
    Probe("py", HINT, GRAPH, SCALAR),
    Probe("top", OUTPUT, NODE, MASK_ONE),
]
FAMILIES = {
    "training": ("uniform", "grid", "circle", "line", "nearly", "sides", "repeated"),
    "held_out": ("gaussian", "clusters"),
}


def lowest(hub, nodes):
    """Set `hub.q` and `hub.top` to the lowest point, the leftmost of several, the first of equal ones."""
    hub.q = argmin(nodes, key=lambda v: v.y)
    yield "least"
    hub.py = hub.q.y
    yield "height"
    hub.q = hub.top = argmin(nodes, key=lambda v: v.x, where=lambda v: v.y == hub.py)
    yield "leftmost"


def points(rng, n, family):
    """n points: reals in general position, or whole numbers, with points on a line and repeated ones among them."""
    if family == "grid":
        xy = rng.integers(0, max(2, round(n**0.5)), size=(n, 2), endpoint=True)
    elif family == "repeated":
        few = rng.integers(-9, 9, size=(max(1, n // 3), 2))
        xy = few[rng.integers(len(few), size=n)]
    elif family == "line":
        xy = rng.integers(-3, 3, size=2) + rng.permutation(n)[:, None] * rng.integers(-2, 2, size=2, endpoint=True)
    elif family == "nearly":  # on one line, but for the last bits
        xy = rng.uniform(-1, 1, 2) + rng.uniform(-1, 1, n)[:, None] * rng.uniform(-1, 1, 2)
    elif family == "sides":  # of a polygon, several on each
        corners = rng.integers(-3, 3, size=(4, 2), endpoint=True)
        at = rng.integers(4, size=n)
        xy = 4 * corners[at] + rng.integers(4, size=n)[:, None] * (corners[at - 1] - corners[at])
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

    row = sorted({(x, y) for x, y in data})
    corners = half(row)[:-1] + half(row[::-1])[:-1] if len(row) > 1 else row
    at = corners.index(min(corners, key=lambda point: point[::-1]))
    hull = outputs["hull"]
    return {"hull": [[tuple(data[i]) for i in hull] == corners[at:] + corners[:at]]}
