"""Binary search: the first position whose element is not below the target, or None.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., exercise 2.3-5, as a lower bound; None where every
element is below the target. Takes an ascending list of real numbers and a target. The middle is the element whose index
is nearest to the mean of the ends. At most 3 log2(n) + 5 ticks.

>>> import algorithms
>>> algorithms.run("binary_search", [1.0, 3.0, 5.0], target=2.0)
{'index': 1}
"""

from bisect import bisect_left
from itertools import pairwise
from math import log2

from algorithms import sampling
from algorithms.answers import Position
from algorithms.author import GRAPH, HINT, INPUT, MASK_ONE, NODE, OUTPUT, SCALAR, Probe, Sequence, algorithm, argmin
from algorithms.errors import InputError
from algorithms.inputs.exact import shown


def ascending(values, arguments):
    """Precondition."""
    for i, (a, b) in enumerate(pairwise(values)):
        if a > b:
            raise InputError(
                f"binary_search needs an ascending list; element {i}, {shown(a)}, is above the next, {shown(b)}"
            )


def sample(rng, n, family):
    values = sorted(sampling.numbers(rng, n, family))
    kind = rng.integers(3)
    low, high = values[0], values[-1]
    target = (
        values[rng.integers(n)] if kind == 0 else rng.uniform(low - 0.3, high + 0.3) if kind == 1 else low + high / 2
    )
    return values, {"target": float(target)}


def check(outputs, values, target):
    place = bisect_left(values, target)
    return {"index": [outputs["index"] == (place if place < len(values) else None)]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 2.3-5",
    structure=Sequence(requires=(ascending,), compared=True),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("target", INPUT, GRAPH, SCALAR),
        Probe("low", HINT, NODE, MASK_ONE),
        Probe("high", OUTPUT, NODE, MASK_ONE),
        Probe("mid", HINT, NODE, MASK_ONE),
        Probe("mean", HINT, GRAPH, SCALAR),
    ],
    outputs={"index": Position("high")},
    ticks=lambda n, m: int(3 * log2(n)) + 6,
    time=lambda n, m: log2(n + 1),
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def binary_search(hub, nodes):
    hub.low = hub.first
    hub.high = hub.last
    yield "init"
    while hub.low != hub.high:
        hub.mean = (hub.low.index + hub.high.index) * 0.5
        yield "mean"
        hub.mid = argmin(nodes, key=lambda v: abs(v.index - hub.mean))
        yield "middle"
        if hub.mid.key < hub.target:
            hub.low = hub.mid.next
        else:
            hub.high = hub.mid
        yield "halve"
    if hub.high.key < hub.target:
        hub.high = None
