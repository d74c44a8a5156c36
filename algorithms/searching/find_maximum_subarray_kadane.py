"""Kadane: the contiguous stretch of a list with the greatest sum.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., exercise 4.1-5. Takes any list of finite numbers; the
stretch has at least one element. n + 2 ticks.

>>> import algorithms
>>> algorithms.run("find_maximum_subarray_kadane", [-2.0, 3.0, -1.0, 2.0, -5.0])
{'start': 1, 'end': 3, 'value': 4.0}
"""

import math

from algorithms import sampling
from algorithms.answers import Position, Value, close
from algorithms.author import GRAPH, HINT, INPUT, MASK_ONE, NODE, OUTPUT, SCALAR, Probe, Sequence, algorithm
from algorithms.inputs.checks import summable


def finite_sums(values, arguments):
    """Precondition."""
    summable(values, "find_maximum_subarray_kadane: the numbers")


def sample(rng, n, family):
    values, kind = sampling.numbers(rng, n, family), rng.random()
    shift = math.fsum(values) / n if kind < 0.6 else 0.0 if kind < 0.9 else max(values) + 1.0  # all below 0
    return [x - shift for x in values] if family not in ("ties", "repeated") else [x - round(shift) for x in values], {}


def check(outputs, values):
    """The sum is the greatest of all stretches, and that of the stretch given."""
    best = max(sum(values[i : j + 1]) for i in range(len(values)) for j in range(i, len(values)))
    i, j = outputs["start"], outputs["end"]
    good = i is not None and j is not None and i <= j and close(sum(values[i : j + 1]), best)
    return {"start": [good], "end": [good], "value": [close(outputs["value"], best)]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 4.1-5",
    structure=Sequence(requires=(finite_sums,)),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("start", HINT, NODE, MASK_ONE),
        Probe("sum", HINT, GRAPH, SCALAR),
        Probe("low", OUTPUT, NODE, MASK_ONE),
        Probe("high", OUTPUT, NODE, MASK_ONE),
        Probe("best", OUTPUT, GRAPH, SCALAR),
    ],
    outputs={"start": Position("low"), "end": Position("high"), "value": Value("best")},
    ticks=lambda n, m: 2 * n + 3,
    sense="max",
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def find_maximum_subarray_kadane(hub, nodes):
    hub.i = hub.first.next
    hub.start = hub.low = hub.high = hub.first
    hub.sum = hub.first.key
    hub.best = hub.first.key
    yield "init"
    while hub.i:
        if hub.sum > 0.0:
            hub.sum = hub.sum + hub.i.key
        else:
            hub.sum = hub.i.key
            hub.start = hub.i
        yield "extend"
        if hub.sum > hub.best:
            hub.best = hub.sum
            hub.low = hub.start
            hub.high = hub.i
        hub.i = hub.i.next
        yield "scan"
