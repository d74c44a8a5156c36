"""Majority vote: a position of the element that more than half of all positions hold, or None.

Source: Boyer and Moore, MJRTY - A Fast Majority Vote Algorithm, 1991. An element is kept as the candidate as long as it
is not outvoted by others; a second pass counts how often the last one occurs. Takes any list of real numbers. At most
2 n + 2 ticks.

>>> import algorithms
>>> algorithms.run("boyer_moore_majority", [1.0, 2.0, 2.0, 3.0, 2.0])
{'index': 4}
>>> algorithms.run("boyer_moore_majority", [1.0, 2.0, 2.0, 3.0])
{'index': None}
"""

from collections import Counter

from algorithms import sampling
from algorithms.answers import Position
from algorithms.author import GRAPH, HINT, INPUT, MASK_ONE, NODE, OUTPUT, SCALAR, Probe, Sequence, algorithm


def sample(rng, n, family):
    """Half of them have an element at about half of the positions."""
    values = sampling.numbers(rng, n, family)
    if rng.random() < 0.5:
        often, most = values[rng.integers(n)], min(n, n // 2 + int(rng.integers(3)))
        for i in rng.permutation(n)[:most].tolist():
            values[i] = often
    return values, {}


def check(outputs, values):
    """Any position that holds the majority."""
    (value, count), i = Counter(values).most_common(1)[0], outputs["index"]
    return {"index": [i is not None and values[i] == value if 2 * count > len(values) else i is None]}


@algorithm(
    source="MJRTY - A Fast Majority Vote Algorithm, 1991",
    structure=Sequence(compared=True),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("candidate", OUTPUT, NODE, MASK_ONE),
        Probe("count", HINT, GRAPH, SCALAR),
    ],
    outputs={"index": Position("candidate")},
    ticks=lambda n, m: 2 * n + 3,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def boyer_moore_majority(hub, nodes):
    hub.i = hub.first
    yield "init"
    while hub.i:
        if hub.count == 0.0:
            hub.candidate = hub.i
            hub.count = 1.0
        elif hub.i.key == hub.candidate.key:
            hub.count = hub.count + 1.0
        else:
            hub.count = hub.count - 1.0
        hub.i = hub.i.next
        yield "scan"
    hub.i = hub.first
    hub.count = 0.0
    yield "again"
    while hub.i:
        if hub.i.key == hub.candidate.key:
            hub.count = hub.count + 1.0
        hub.i = hub.i.next
        yield "count"
    if hub.count <= hub.middle.index:
        hub.candidate = None
