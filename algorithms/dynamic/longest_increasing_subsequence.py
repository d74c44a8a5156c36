"""Longest increasing subsequence: positions of elements that ascend strictly, as many as there can be.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., exercise 15.4-5: each element keeps, of those before it that
are less, the first that ends a longest subsequence. All elements walk along the list at once, each up to itself, so
that what it comes to is known by then. The answer ends with the first element that ends a longest one. Takes any list
of real numbers. n + 3 ticks.

>>> import algorithms
>>> algorithms.run("longest_increasing_subsequence", [3.0, 1.0, 4.0, 1.0, 5.0, 2.0])
{'subsequence': [0, 2, 4], 'length': 3}
"""

from bisect import bisect_left
from itertools import pairwise

from algorithms import sampling
from algorithms.answers import LinkedList, Value
from algorithms.author import (  # fmt: skip
    GRAPH,
    HINT,
    INPUT,
    MASK_ONE,
    NODE,
    OUTPUT,
    POINTER,
    SCALAR,
    Probe,
    Sequence,
    algorithm,
    argmin,
)


def sample(rng, n, family):
    return sampling.numbers(rng, n, family), {}


def check(outputs, values):
    """Any ascending subsequence of the length that piles of cards (patience) tell."""
    piles: list[float] = []  # of each length: the least that ends one
    for x in values:
        k = bisect_left(piles, x)
        piles[k : k + 1] = [x]
    chosen = outputs["subsequence"]
    ascends = None not in chosen and all(i < j and values[i] < values[j] for i, j in pairwise(chosen))
    return {"subsequence": [ascends and len(chosen) == len(piles)], "length": [outputs["length"] == len(piles)]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 15.4-5",
    structure=Sequence(compared=True),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("j", HINT, NODE, POINTER),
        Probe("length", HINT, NODE, SCALAR, init=1.0),
        Probe("parent", OUTPUT, NODE, POINTER),
        Probe("end", OUTPUT, NODE, MASK_ONE),
        Probe("count", OUTPUT, GRAPH, SCALAR),
    ],
    outputs={
        "subsequence": LinkedList("end", "parent", backward=True),
        "length": Value("count", whole=True),
    },
    ticks=lambda n, m: n + 3,
    time=lambda n, m: n * n,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def longest_increasing_subsequence(hub, nodes):
    for v in nodes:
        v.j = hub.first
    yield "init"
    while hub.last.j:
        for v in nodes:
            if v.j == v:
                v.j = None
            elif v.j:
                if v.j.key < v.key and v.j.length >= v.length:
                    v.length = v.j.length + 1.0
                    v.parent = v.j
                v.j = v.j.next
        yield "relax"
    hub.end = argmin(nodes, key=lambda v: 0.0 - v.length)
    yield "select"
    hub.count = hub.end.length
