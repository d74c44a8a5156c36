"""Huffman codes: how many bits each character of a prefix code gets, so that the whole is shortest.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 16.3. The two lightest trees are united until one is
left; a tree is the set of its characters, each of which points at a root that bears the weight of all (as the disjoint
sets of `mst_boruvka`), and gets one bit longer with every union. Takes a list of weights of at least 0; `cost` is the
sum of weight times length. A single character gets the empty code, of length 0. Four ticks a union: 4 n - 1.

>>> import algorithms
>>> algorithms.run("huffman", [5.0, 1.0, 2.0])
{'length': {0: 1, 1: 2, 2: 2}, 'cost': 11.0}
"""

import heapq
from math import log2

from algorithms import sampling
from algorithms.answers import Scalars, Value, close
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
from algorithms.errors import InputError
from algorithms.inputs.checks import summable


def not_negative(values, arguments):
    """Precondition."""
    for i, x in enumerate(values):
        if x < 0:
            raise InputError(f"huffman: element {i} is {x}; a weight may not be negative")
    summable(values, "huffman: the weights", times=len(values))


def sample(rng, n, family):
    return [abs(x) for x in sampling.numbers(rng, n, family)], {}


def check(outputs, values):
    """The lengths are those of a full binary tree (Kraft's sum is 1), of the cost that a heap finds."""
    n, best, heap = len(values), 0.0, sorted(values)
    while len(heap) > 1:
        both = heapq.heappop(heap) + heapq.heappop(heap)
        best += both
        heapq.heappush(heap, both)
    length = outputs["length"]
    whole = all(isinstance(x, int) and 0 <= x < n for x in length.values())
    full = whole and sum(2 ** (n - x) for x in length.values()) == 2**n
    good = full and close(sum(w * length[i] for i, w in enumerate(values)), best)
    return {"length": [good] * n, "cost": [close(outputs["cost"], best)]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 16.3",
    structure=Sequence(requires=(not_negative,)),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("j", HINT, NODE, MASK_ONE),
        Probe("sum", HINT, GRAPH, SCALAR),
        Probe("root", HINT, NODE, POINTER, init="self"),
        Probe("count", OUTPUT, NODE, SCALAR),
        Probe("cost", OUTPUT, GRAPH, SCALAR),
    ],
    outputs={"length": Scalars("count", whole=True), "cost": Value("cost")},
    ticks=lambda n, m: 4 * n - 1,
    time=lambda n, m: n * log2(n + 1),
    sense="min",
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def huffman(hub, nodes):
    while True:
        hub.i = argmin(nodes, key=lambda v: v.key, where=lambda v: v.root == v)
        yield "lightest"
        hub.j = argmin(nodes, key=lambda v: v.key, where=lambda v: v.root == v and v != hub.i)
        yield "second"
        if not hub.j:
            return
        hub.sum = hub.i.key + hub.j.key
        yield "weigh"
        hub.cost = hub.cost + hub.sum
        hub.i.key = hub.sum
        for v in nodes:
            if v.root == hub.i or v.root == hub.j:
                v.root = hub.i
                v.count = v.count + 1.0
        hub.j = None
        yield "union"
