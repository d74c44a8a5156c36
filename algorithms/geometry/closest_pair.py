"""The closest pair of points: all pairs, n of them at a time.

Source: Shamos and Hoey, Closest-point problems, FOCS 1975: all pairs are compared, which is the simple way there, at n
points at a time. All points walk along the list at once, each up to itself, and keep the nearest they came by.
Takes any list of points whose coordinates are float64 of at most 1e150; `distance` is squared, as float64 has it, so
that what is nearer than 1e-162 is at the same place. p comes before q; of pairs that are equally close it is the one
with the first q, and the first p. One point alone has no pair, and its distance is inf. n + 4 ticks.

>>> import algorithms
>>> algorithms.run("closest_pair", [(0.0, 0.0), (3.0, 4.0), (1.0, 0.0), (3.0, 2.0)])
{'p': 0, 'q': 2, 'distance': 1.0}
"""

import math

from algorithms.answers import Position, Value
from algorithms.author import (  # fmt: skip
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
)
from algorithms.errors import InputError
from algorithms.geometry._points import COORDINATES, FAMILIES, sample
from algorithms.inputs.exact import elements, holds, real
from algorithms.inputs.records import Points


def can_be_squared(points, arguments):
    """Precondition."""
    for i, point in enumerate(points):
        for name, x in zip("xy", elements(point)):
            what = f"closest_pair: {name} of point {i}"
            number = real(x, what)
            if not holds(number):
                raise InputError(f"{what} is {x}, which is no float64; round it")
            if not -1e150 <= number <= 1e150:
                raise InputError(f"{what} is {x}, too large; its square is no float64")


def check(outputs, data):
    """Every pair, one after another."""
    pairs = [(p, q) for q in range(len(data)) for p in range(q)]
    squared = [sum((b - a) ** 2 for a, b in zip(data[p], data[q])) for p, q in pairs]
    distance = min(squared, default=math.inf)
    p, q = pairs[squared.index(distance)] if pairs else (None, None)
    return {"p": [outputs["p"] == p], "q": [outputs["q"] == q], "distance": [outputs["distance"] == distance]}


@algorithm(
    source="Closest-point problems, FOCS 1975",
    structure=Points(requires=(can_be_squared,)),
    probes=[
        *COORDINATES,
        Probe("j", HINT, NODE, POINTER),
        Probe("closest", HINT, NODE, SCALAR, init=math.inf),
        Probe("parent", HINT, NODE, POINTER),
        Probe("p", OUTPUT, NODE, MASK_ONE),
        Probe("q", OUTPUT, NODE, MASK_ONE),
        Probe("distance", OUTPUT, GRAPH, SCALAR, init=math.inf),
    ],
    outputs={"p": Position("p"), "q": Position("q"), "distance": Value("distance")},
    ticks=lambda n, m: n + 4,
    time=lambda n, m: n * n,
    families=FAMILIES,
    sample=sample,
    check=check,
)
def closest_pair(hub, nodes):
    for v in nodes:
        v.j = hub.first
    yield "init"
    while hub.last.j:
        for v in nodes:
            if v.j == v:
                v.j = None
            elif v.j:
                if squared(v, v.j) < v.closest:
                    v.closest = squared(v, v.j)
                    v.parent = v.j
                v.j = v.j.next
        yield "scan"
    hub.q = argmin(nodes, key=lambda v: v.closest, where=lambda v: v.parent)
    yield "select"
    if hub.q:
        hub.p = hub.q.parent
        hub.distance = hub.q.closest


def squared(v, u):
    return (v.x - u.x) * (v.x - u.x) + (v.y - u.y) * (v.y - u.y)
