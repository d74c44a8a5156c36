"""What the algorithms share that fit a line y = slope * x + offset to points: registers, samples, preconditions.

They go down the mean of half the squared residuals. Both parts of its gradient are totals over the points.
"""

import numpy as np

from algorithms import sampling
from algorithms.author import GRAPH, HINT, INPUT, NODE, OUTPUT, SCALAR, Probe, total
from algorithms.errors import InputError

LARGEST = 1e40  # squares of such numbers, and their sums, are float64
PROBES = [
    Probe("x", INPUT, NODE, SCALAR),
    Probe("y", INPUT, NODE, SCALAR),
    Probe("rate", INPUT, GRAPH, SCALAR),
    Probe("size", HINT, GRAPH, SCALAR),
    Probe("count", HINT, GRAPH, SCALAR),
    Probe("down", HINT, GRAPH, SCALAR),
    Probe("across", HINT, GRAPH, SCALAR),
    Probe("slope", OUTPUT, GRAPH, SCALAR),
    Probe("offset", OUTPUT, GRAPH, SCALAR),
]


def residual(hub, v):
    return hub.slope * v.x + hub.offset - v.y


def gradient(hub, nodes):
    """How steeply the error rises with the slope, and with the offset, n times over."""
    hub.down = total(nodes, key=lambda v: residual(hub, v) * v.x)
    hub.across = total(nodes, key=lambda v: residual(hub, v))


def not_too_large(name, x, y):
    for column, values in (("x", x), ("y", y)):
        for i, value in enumerate(values):
            if abs(value) > LARGEST:
                raise InputError(f"{name}: element {i} of {column} is {value}, too large; squares are added up")


def curvature(x):
    """The greatest curvature of the error: the greater eigenvalue of the mean of (x, 1) (x, 1)^T."""
    design = np.stack([np.array(x, np.float64), np.ones(len(x))], 1)
    return float(np.linalg.eigvalsh(design.T @ design / len(x))[-1])


def draw(rng, n, family):
    """Points near a line; the scales of x and y are those of the family."""
    x = sampling.numbers(rng, n, family)
    line = rng.uniform(-2, 2, 2)
    noise = rng.normal(0, 0.1, n) if rng.random() < 0.7 else np.zeros(n)
    return x, (line[0] * np.array(x) + line[1] + noise).tolist()
