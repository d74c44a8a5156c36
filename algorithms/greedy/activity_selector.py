"""Activity selection: the most activities, no two of which overlap.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 16.1: of the activities that start when the last one
chosen has finished, or later, the one that finishes first; ties to the first in order. Takes the lists `start` and
`finish`, every activity starting before it finishes. Two ticks an activity chosen, and two: at most 2 n + 2.

>>> import algorithms
>>> algorithms.run("activity_selector", start=[1.0, 3.0, 0.0, 5.0], finish=[4.0, 5.0, 6.0, 7.0])
{'selected': [0, 3]}
"""

import math
from itertools import pairwise
from math import log2

from algorithms import sampling
from algorithms.answers import Members
from algorithms.author import (  # fmt: skip
    CATEGORICAL,
    GRAPH,
    HINT,
    INPUT,
    MASK_ONE,
    NODE,
    OUTPUT,
    SCALAR,
    Probe,
    algorithm,
    argmin,
)
from algorithms.errors import InputError
from algorithms.inputs.exact import shown
from algorithms.inputs.records import Records


def positive_lengths(_, arguments):
    """Precondition."""
    for i, (s, f) in enumerate(zip(arguments["start"], arguments["finish"])):
        if s >= f:
            times = f"starts at {shown(s)} and finishes at {shown(f)}"
            raise InputError(f"activity_selector: activity {i} {times}; it must start before")


def sample(rng, n, family):
    start = sampling.numbers(rng, n, family)
    if all(s.is_integer() for s in start):
        lengths = rng.integers(1, 4, size=n)
    else:
        lengths = (max(start) - min(start) + 0.1) * rng.uniform(0.02, 0.4, size=n)
    return None, {"start": start, "finish": [s + d for s, d in zip(start, lengths.tolist())]}


def check(outputs, data, start, finish):
    """Compatible, as many as a dynamic program finds, and those that finish first, position by position."""
    selected, order = outputs["selected"], sorted(range(len(start)), key=lambda i: finish[i])
    best: list[int] = []  # of the first activities by finish: how many can be chosen
    for place, i in enumerate(order):
        before = sum(finish[j] <= start[i] for j in order[:place])
        best.append(max(1 + (best[before - 1] if before else 0), best[-1] if best else 0))
    chosen = sorted(selected, key=lambda i: finish[i])
    compatible = all(finish[i] <= start[j] for i, j in pairwise(chosen))
    good = compatible and len(selected) == best[-1]
    time, greedy = -math.inf, set()
    for i in order:
        if start[i] >= time:
            time = finish[i]
            greedy.add(i)
    return {"selected": [good and (i in selected) == (i in greedy) for i in range(len(start))]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 16.1",
    structure=Records(("start", "finish"), requires=(positive_lengths,), compared=True),
    probes=[
        Probe("start", INPUT, NODE, SCALAR),
        Probe("finish", INPUT, NODE, SCALAR),
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("time", HINT, GRAPH, SCALAR, init=-math.inf),
        Probe("state", OUTPUT, NODE, CATEGORICAL, ("waiting", "taken")),
    ],
    outputs={"selected": Members("state", "taken")},
    ticks=lambda n, m: 2 * n + 2,
    time=lambda n, m: n * log2(n + 1),
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def activity_selector(hub, nodes):
    while True:
        hub.i = argmin(nodes, key=lambda v: v.finish, where=lambda v: v.start >= hub.time)
        yield "select"
        if not hub.i:
            return
        hub.i.state = "taken"
        hub.time = hub.i.finish
        yield "take"
