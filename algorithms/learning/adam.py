"""Adam: the line y = slope * x + offset that fits points best, by steps that running means of the gradient scale.

Source: Kingma and Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, algorithm 1, with the constants given
there (0.9, 0.999, 1e-8). 100 steps are made from 0, each by the gradient of the mean of half the squared residuals.
Takes the lists `x` and `y`, of numbers of at most 1e40, and a `rate` of at least 0 and at most 1e40. Five ticks a
step: 502.

>>> import algorithms
>>> {k: round(v, 1) for k, v in algorithms.run("adam", x=[-1.0, 1.0], y=[1.0, 5.0], rate=0.1).items()}
{'slope': 2.0, 'offset': 3.0}
"""

import numpy as np

from algorithms import sampling
from algorithms.answers import Value
from algorithms.author import GRAPH, HINT, SCALAR, Probe, algorithm, sqrt, total
from algorithms.errors import InputError
from algorithms.inputs.records import Records
from algorithms.learning._lines import LARGEST, PROBES, draw, gradient, not_too_large


def not_beyond(_, arguments):
    """Precondition."""
    not_too_large("adam", arguments["x"], arguments["y"])
    if not 0 <= arguments["rate"] <= LARGEST:
        raise InputError(f"adam: the rate is {arguments['rate']}; it may be from 0 to {LARGEST}")


def sample(rng, n, family):
    x, y = draw(rng, n, family)
    return None, {"x": x, "y": y, "rate": float(rng.choice([0.001, 0.1, 1.0]))}


def check(outputs, data, x, y, rate):
    """As a loop over vectors has it, but for rounding."""
    x, y = np.array(x, np.float64), np.array(y, np.float64)
    line, mean, square = np.zeros(2), np.zeros(2), np.zeros(2)
    for step in range(1, 101):
        away = line[0] * x + line[1] - y
        slope = np.array([np.cumsum(away * x)[-1], np.cumsum(away)[-1]]) / len(x)
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope * slope
        line = line - rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    good = [abs(outputs[k] - v) <= 1e-9 * max(rate, abs(v)) for k, v in zip(("slope", "offset"), line)]
    return {"slope": good[:1], "offset": good[1:]}


@algorithm(
    source="Adam: A Method for Stochastic Optimization, ICLR 2015",
    structure=Records(("x", "y"), requires=(not_beyond,)),
    probes=[
        *PROBES,
        Probe("slope_mean", HINT, GRAPH, SCALAR),
        Probe("offset_mean", HINT, GRAPH, SCALAR),
        Probe("slope_square", HINT, GRAPH, SCALAR),
        Probe("offset_square", HINT, GRAPH, SCALAR),
        Probe("slope_step", HINT, GRAPH, SCALAR),
        Probe("offset_step", HINT, GRAPH, SCALAR),
        Probe("mean_power", HINT, GRAPH, SCALAR, init=1.0),
        Probe("square_power", HINT, GRAPH, SCALAR, init=1.0),
    ],
    outputs={"slope": Value("slope"), "offset": Value("offset")},
    ticks=lambda n, m: 5 * 100 + 2,
    time=lambda n, m: 100 * n,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def adam(hub, nodes):
    hub.size = total(nodes, key=lambda v: 1.0)
    yield "init"
    while hub.count < 100.0:
        gradient(hub, nodes)
        hub.count = hub.count + 1.0
        yield "gradient"
        hub.down = hub.down / hub.size
        hub.across = hub.across / hub.size
        hub.mean_power = 0.9 * hub.mean_power
        hub.square_power = 0.999 * hub.square_power
        yield "mean"
        hub.slope_mean = 0.9 * hub.slope_mean + 0.1 * hub.down
        hub.offset_mean = 0.9 * hub.offset_mean + 0.1 * hub.across
        hub.slope_square = 0.999 * hub.slope_square + 0.001 * hub.down * hub.down
        hub.offset_square = 0.999 * hub.offset_square + 0.001 * hub.across * hub.across
        yield "moments"
        hub.slope_step = unbiased(hub, hub.slope_mean, hub.slope_square)
        hub.offset_step = unbiased(hub, hub.offset_mean, hub.offset_square)
        yield "correct"
        hub.slope = hub.slope - hub.rate * hub.slope_step
        hub.offset = hub.offset - hub.rate * hub.offset_step
        yield "move"


def unbiased(hub, mean, square):
    """By how much to move, at a rate of 1."""
    return mean / (1.0 - hub.mean_power) / (sqrt(square / (1.0 - hub.square_power)) + 1e-8)
