"""Gradient descent with momentum, the heavy ball: the line y = slope * x + offset that fits points best.

Source: Polyak, Some methods of speeding up the convergence of iteration methods, USSR Computational Mathematics and
Mathematical Physics 4, 1964. A step is the last one times `momentum`, less the gradient of the mean of half the squared
residuals times `rate`. It starts at 0, at rest, and ends when both parts of the gradient are at most 1e-6, or after 100
steps. `converged`: did it get there? Takes the lists `x` and `y`, of numbers of at most 1e40, a `momentum` of at least
0 and below 1, and a `rate` of at least 0 and at most 2 (1 + momentum) by the greatest curvature of the error: beyond it
the steps grow. Two ticks a step: at most 203.

>>> import algorithms
>>> algorithms.run("momentum", x=[-1.0, 1.0], y=[1.0, 5.0], rate=1.0, momentum=0.0)
{'slope': 2.0, 'offset': 3.0, 'converged': True}
"""

import numpy as np

from algorithms import sampling
from algorithms.answers import Holds, Value
from algorithms.author import GRAPH, HINT, INPUT, MASK, OUTPUT, SCALAR, Probe, algorithm, total
from algorithms.errors import InputError
from algorithms.inputs.records import Records
from algorithms.learning._lines import PROBES, curvature, draw, gradient, not_too_large


def stays_near(_, arguments):
    """Precondition."""
    not_too_large("momentum", arguments["x"], arguments["y"])
    rate, momentum = arguments["rate"], arguments["momentum"]
    if not 0 <= momentum < 1:
        raise InputError(f"momentum: the momentum is {momentum}; it may be from 0 to below 1")
    most = 2 * (1 + float(momentum)) / curvature(arguments["x"])
    if not 0 <= rate <= most:
        raise InputError(f"momentum: the rate is {rate}; for these x and this momentum it may be from 0 to {most}")


def sample(rng, n, family):
    """Rates that are slow, or just right, or so long that steps go to and fro; at times no momentum at all."""
    x, y = draw(rng, n, family)
    share, momentum = float(rng.choice([0.1, 1.0, 1.9])), float(rng.choice([0.0, 0.5, 0.9]))
    return None, {"x": x, "y": y, "rate": share / curvature(x), "momentum": momentum}


def check(outputs, data, x, y, rate, momentum):
    """As a loop over vectors has it, but for rounding."""
    design, y = np.stack([x, np.ones(len(x))], 1), np.array(y, np.float64)
    line, last, converged = np.zeros(2), np.zeros(2), False
    for step in range(101):
        slope = design.T @ (design @ line - y) / len(y)
        converged = bool((np.abs(slope) <= 1e-6).all())
        if converged or step == 100:
            break
        line, last = line - rate * slope + momentum * (line - last), line
    good = [abs(outputs[k] - v) <= 1e-9 * (1 + np.abs(y).max()) for k, v in zip(("slope", "offset"), line)]
    return {"slope": good[:1], "offset": good[1:], "converged": [outputs["converged"] == converged]}


@algorithm(
    source="Some methods of speeding up the convergence of iteration methods, 1964",
    structure=Records(("x", "y"), requires=(stays_near,)),
    probes=[
        *PROBES,
        Probe("momentum", INPUT, GRAPH, SCALAR),
        Probe("slope_step", HINT, GRAPH, SCALAR),
        Probe("offset_step", HINT, GRAPH, SCALAR),
        Probe("converged", OUTPUT, GRAPH, MASK),
    ],
    outputs={"slope": Value("slope"), "offset": Value("offset"), "converged": Holds("converged")},
    ticks=lambda n, m: 2 * 100 + 3,
    time=lambda n, m: 100 * n,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def momentum(hub, nodes):
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
        hub.slope_step = step_of(hub, hub.slope_step, hub.down)
        hub.offset_step = step_of(hub, hub.offset_step, hub.across)
        hub.slope = hub.slope + step_of(hub, hub.slope_step, hub.down)
        hub.offset = hub.offset + step_of(hub, hub.offset_step, hub.across)
        hub.count = hub.count + 1.0
        yield "move"


def step_of(hub, last, gradient):
    return hub.momentum * last - hub.rate * gradient / hub.size
