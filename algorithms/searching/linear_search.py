"""Linear search: the first position that holds the target, or None.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., exercise 2.1-3. Takes any list of real numbers and a target.
At most n + 2 ticks.

>>> import algorithms
>>> algorithms.run("linear_search", [5.0, 3.0, 1.0, 3.0], target=3.0)
{'index': 1}
>>> algorithms.run("linear_search", [5.0, 3.0, 1.0, 3.0], target=2.0)
{'index': None}
"""

from algorithms import sampling
from algorithms.answers import Position
from algorithms.author import GRAPH, INPUT, MASK_ONE, NODE, OUTPUT, SCALAR, Probe, Sequence, algorithm


def sample(rng, n, family):
    """Two targets in three are in the list, one of these its last; others lie between its numbers or beyond them."""
    values = sampling.numbers(rng, n, family)
    kind = rng.integers(3)
    target = rng.uniform(min(values) - 0.3, max(values) + 0.3) if kind == 0 else values[rng.integers(n)]
    return values, {"target": float(values[n - 1] if kind == 1 else target)}


def check(outputs, values, target):
    return {"index": [outputs["index"] == (values.index(target) if target in values else None)]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 2.1-3",
    structure=Sequence(compared=True),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("target", INPUT, GRAPH, SCALAR),
        Probe("i", OUTPUT, NODE, MASK_ONE),
    ],
    outputs={"index": Position("i")},
    ticks=lambda n, m: n + 2,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def linear_search(hub, nodes):
    hub.i = hub.first
    yield "init"
    while hub.i and hub.i.key != hub.target:
        hub.i = hub.i.next
        yield "scan"
