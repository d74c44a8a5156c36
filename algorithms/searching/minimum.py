"""Minimum: the position of the least element, the first of equal ones.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 9.1. Takes any list of real numbers. n + 1 ticks.

>>> import algorithms
>>> algorithms.run("minimum", [2.0, 1.0, 3.0])
{'index': 1}
"""

from algorithms import sampling
from algorithms.answers import Position
from algorithms.author import HINT, INPUT, MASK_ONE, NODE, OUTPUT, SCALAR, Probe, Sequence, algorithm


def sample(rng, n, family):
    return sampling.numbers(rng, n, family), {}


def check(outputs, values):
    return {"index": [outputs["index"] == values.index(min(values))]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 9.1",
    structure=Sequence(compared=True),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("min", OUTPUT, NODE, MASK_ONE),
    ],
    outputs={"index": Position("min")},
    ticks=lambda n, m: n + 2,
    sense="min",
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def minimum(hub, nodes):
    hub.min = hub.first
    hub.i = hub.first.next
    yield "init"
    while hub.i:
        if hub.i.key < hub.min.key:
            hub.min = hub.i
        hub.i = hub.i.next
        yield "scan"
