"""Gradient descent: the line y = slope * x + offset that fits points best, step by step down the squared error.

Source: Boyd and Vandenberghe, Convex Optimization, 2004, section 9.3, with steps of a fixed length. Starting at 0, both
numbers move against the gradient of the mean of half the squared residuals, times `rate`, until both its parts are at
most 1e-6, and at most 100 times. `converged`: did they get there? Takes the lists `x` and `y`, of numbers of at most
1e40, and a `rate` of at least 0 and at most 2 by the greatest curvature of the error: beyond it the steps grow. Two
ticks a step: at most 203.

>>> import algorithms
>>> algorithms.run("gradient_descent", x=[-1.0, 1.0], y=[1.0, 5.0], rate=1.0)
{'slope': 2.0, 'offset': 3.0, 'converged': True}
"""

import numpy as np

from algorithms import sampling
from algorithms.answers import Holds, Value
from algorithms.author import GRAPH, MASK, OUTPUT, Probe, algorithm, total
from algorithms.errors import InputError
from algorithms.inputs.records import Records
from algorithms.learning._lines import PROBES, curvature, draw, gradient, not_too_large


def stays_near(_, arguments):
    """Precondition."""
    not_too_large("gradient_descent", arguments["x"], arguments["y"])
    rate, most = arguments["rate"], 2 / curvature(arguments["x"])
    if not 0 <= rate <= most:
        raise InputError(f"gradient_descent: the rate is {rate}; for these x it may be from 0 to {most}")


def sample(rng, n, family):
    """Rates that are slow, or just right, or so long that steps go to and fro."""
    x, y = draw(rng, n, family)
    share = float(rng.choice([0.1, 1.0, 1.5, 1.9]))
    return None, {"x": x, "y": y, "rate": share / curvature(x)}


def check(outputs, data, x, y, rate):
    """As a loop over vectors has it, but for rounding."""
    design, y = np.stack([x, np.ones(len(x))], 1), np.array(y, np.float64)
    line, converged = np.zeros(2), False
    for step in range(101):
        slope = design.T @ (design @ line - y) / len(y)
        converged = bool((np.abs(slope) <= 1e-6).all())
        if converged or step == 100:
            break
        line = line - rate * slope
    good = [abs(outputs[k] - v) <= 1e-9 * (1 + np.abs(y).max()) for k, v in zip(("slope", "offset"), line)]
    return {"slope": good[:1], "offset": good[1:], "converged": [outputs["converged"] == converged]}


@algorithm(
    source="Convex Optimization, 2004, 9.3",
    structure=Records(("x", "y"), requires=(stays_near,)),
    probes=[*PROBES, Probe("converged", OUTPUT, GRAPH, MASK)],
    outputs={"slope": Value("slope"), "offset": Value("offset"), "converged": Holds("converged")},
    ticks=lambda n, m: 2 * 100 + 3,
    time=lambda n, m: 100 * n,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def gradient_descent(hub, nodes):
    hub.size = total(nodes, key=lambda v: 1.0)
    yield "init"
    while True:
        gradient(hub, nodes)
        yield "gradient"
        if abs(hub.down) <= 1e-6 * hub.size and abs(hub.across) <= 1e-6 * hub.size:
            hub.converged = True
            return
        if hub.count == 100.0:
            return
        hub.slope = hub.slope - hub.rate * hub.down / hub.size
        hub.offset = hub.offset - hub.rate * hub.across / hub.size
        hub.count = hub.count + 1.0
        yield "move"
