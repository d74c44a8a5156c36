"""Bitonic sort: a network of exchanges, of which those of one layer are made at once.

Source: Batcher, Sorting networks and their applications, AFIPS Spring Joint Computer Conference 1968. Stretches of 2,
4, 8 … places are made ascending: in the first layer of each, every place is compared with its mirror image, in later
ones with the place a quarter, an eighth … of the stretch away, and the lesser always comes to the front. Where the
length is no power of two, the places that are missing would hold infinite numbers, which stay where they are: so
partners that are missing are left out. Takes any list of real numbers; equal ones may change their order. With
k = log2(n), rounded up, there are k (k + 1) / 2 layers, of two ticks each: at most k (k + 2) + 2 ticks.

>>> import algorithms
>>> algorithms.run("bitonic_sort", [3.0, 1.0, 2.0])
{'order': [1, 2, 0]}
"""

from math import ceil, log2

from algorithms import sampling
from algorithms.answers import Order
from algorithms.author import (  # fmt: skip
    GRAPH,
    HINT,
    INPUT,
    MASK,
    NODE,
    OUTPUT,
    POINTER,
    SCALAR,
    Probe,
    Sequence,
    algorithm,
    floor,
)
from algorithms.sorting._lists import check_ascending, sample


@algorithm(
    source="Sorting networks and their applications, 1968",
    structure=Sequence(compared=True),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("item", OUTPUT, NODE, POINTER, init="self"),
        Probe("p", HINT, NODE, POINTER),
        Probe("span", HINT, GRAPH, SCALAR, init=2.0),
        Probe("step", HINT, GRAPH, SCALAR),
        Probe("twice", HINT, GRAPH, SCALAR),
        Probe("wider", HINT, GRAPH, MASK),
        Probe("finer", HINT, GRAPH, MASK),
    ],
    outputs={"order": Order("item")},
    ticks=lambda n, m: ceil(log2(n)) * (ceil(log2(n)) + 2) + 2,
    time=lambda n, m: n * log2(n + 1) ** 2,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check_ascending,
)
def bitonic_sort(hub, nodes):
    hub.wider = hub.last.index > 0.0
    yield "init"
    while hub.wider:
        for v in nodes:
            v.p = nodes[2.0 * hub.span * floor(v.index / hub.span) + hub.span - 1.0 - v.index]
        hub.twice = hub.span / 2.0
        hub.step = 0.25 * hub.span  # by another operation, so that they are told apart
        yield "mirror"
        exchange(nodes)
        hub.finer = hub.twice > 1.0
        yield "swap"
        while hub.finer:
            for v in nodes:  # to the back by a step, or to the front, if behind an odd number of steps
                v.p = nodes[
                    v.index + hub.step - hub.twice * (floor(v.index / hub.step) - 2.0 * floor(v.index / hub.twice))
                ]
            hub.twice = hub.twice / 2.0
            hub.step = hub.step / 2.0
            yield "split"
            exchange(nodes)
            hub.finer = hub.twice > 1.0
            yield "exchange"
        hub.span = hub.span + hub.span
        hub.wider = hub.span <= hub.last.index
        yield "double"


def exchange(nodes):
    """Of two partners the one in front takes the lesser key."""
    for v in nodes:
        if v.p:
            if v.p.index > v.index:
                if v.p.key < v.key:
                    take(v)
            elif v.p.key > v.key:
                take(v)


def take(v):
    v.key = v.p.key
    v.item = v.p.item
