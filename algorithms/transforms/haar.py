"""The Haar wavelet transform: a list as its mean, and differences on all scales.

Source: Mallat, A Wavelet Tour of Signal Processing, 3rd ed., section 7.3.1, with (a + b) / 2 and (a - b) / 2 in place
of the sum and difference by the root of 2, so that the first coefficient is the mean. In a step, neighbours a and b
become their mean, in the first half, and half their difference, in the second; the next step does so with the first
half. Takes any list of finite numbers whose length is a power of two. Two ticks a step: 2 log2(n) + 2.

>>> import algorithms
>>> algorithms.run("haar", [9.0, 7.0, 3.0, 5.0])
{'coefficient': {0: 6.0, 1: 2.0, 2: 1.0, 3: -1.0}}
"""

from math import log2

import numpy as np

from algorithms import sampling
from algorithms.answers import Scalars
from algorithms.author import GRAPH, HINT, INPUT, MASK, NODE, OUTPUT, POINTER, SCALAR, Probe, Sequence, algorithm
from algorithms.errors import InputError
from algorithms.inputs.checks import summable


def power_of_two(values, arguments):
    """Precondition."""
    if len(values) & (len(values) - 1):
        raise InputError(f"haar: the list has {len(values)} elements; it needs a power of two, as 8 or 16")
    summable(values, "haar: the numbers")


def sample(rng, n, family):
    """As many numbers as the power of two up to n; half of them are shifted, so that some are below 0."""
    values, shift = sampling.numbers(rng, 1 << (n.bit_length() - 1), family), int(rng.integers(2))
    return [x - shift * 0.5 for x in values], {}


def check(outputs, values):
    """By arrays, from the definition."""
    mean, parts = np.array(values, np.float64), []
    while len(mean) > 1:
        parts.insert(0, (mean[0::2] - mean[1::2]) / 2)
        mean = (mean[0::2] + mean[1::2]) / 2
    best = np.concatenate([mean, *parts]).tolist()
    return {"coefficient": [outputs["coefficient"][i] == x for i, x in enumerate(best)]}


@algorithm(
    source="A Wavelet Tour of Signal Processing, 3rd ed., 7.3.1",
    structure=Sequence(requires=(power_of_two,)),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("p", HINT, NODE, POINTER),
        Probe("q", HINT, NODE, POINTER),
        Probe("span", HINT, GRAPH, SCALAR),
        Probe("more", HINT, GRAPH, MASK),
        Probe("coefficient", OUTPUT, NODE, SCALAR),
    ],
    outputs={"coefficient": Scalars("coefficient")},
    ticks=lambda n, m: 2 * int(log2(n)) + 2,
    time=lambda n, m: n,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def haar(hub, nodes):
    for v in nodes:
        v.coefficient = v.key
    hub.span = hub.last.index + 1.0
    hub.more = hub.last.index > 0.0
    yield "init"
    while hub.more:
        for v in nodes:
            if v.index >= hub.span:
                v.p = v.q = None
            elif 2.0 * v.index < hub.span:
                v.p = nodes[2.0 * v.index]
                v.q = nodes[v.index + v.index + 1.0]  # reads other things than p, so that they are told apart
            else:
                v.p = nodes[2.0 * v.index - hub.span]
                v.q = nodes[v.index + v.index + 1.0 - hub.span]
        yield "neighbours"
        for v in nodes:
            if v.p:
                if 2.0 * v.index < hub.span:
                    v.coefficient = 0.5 * (v.p.coefficient + v.q.coefficient)
                else:
                    v.coefficient = (v.p.coefficient - v.q.coefficient) / 2.0
        hub.span = hub.span / 2.0
        hub.more = hub.span > 2.0
        yield "halve"
