"""Heapsort: ascending, not stable.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 6.4. The list is read as a binary heap. Takes any
list of finite numbers. Four ticks for each level an element sinks.

>>> import algorithms
>>> algorithms.run("heapsort", [2.0, 1.0, 3.0])
{'order': [1, 0, 2]}
"""

from math import log2

from algorithms import sampling
from algorithms.answers import Order
from algorithms.author import HINT, MASK, MASK_ONE, NODE, Probe, Sequence, algorithm
from algorithms.sorting._lists import PROBES, check_ascending, load, sample, swap


def sink(hub):
    """Let the element at `hub.i` sink to its place in the heap."""
    while True:
        hub.l = hub.i.left
        yield "left"
        hub.g = hub.l if hub.l and not hub.l.sorted and hub.l.key > hub.i.key else hub.i
        hub.l = None
        hub.r = hub.i.right
        yield "right"
        if hub.r and not hub.r.sorted and hub.r.key > hub.g.key:
            hub.g = hub.r
            load(hub, hub.i, hub.r)
        elif hub.g != hub.i:
            load(hub, hub.i, hub.g)
        else:
            hub.g = hub.r = None
            return
        hub.r = None
        yield "load"
        swap(hub, hub.i, hub.g)
        hub.i = hub.g
        hub.g = None
        yield "swap"


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 6.4",
    structure=Sequence(compared=True),
    probes=[
        *PROBES,
        Probe("sorted", HINT, NODE, MASK),
        Probe("build", HINT, NODE, MASK_ONE),
        Probe("end", HINT, NODE, MASK_ONE),
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("l", HINT, NODE, MASK_ONE),
        Probe("r", HINT, NODE, MASK_ONE),
        Probe("g", HINT, NODE, MASK_ONE),
    ],
    outputs={"order": Order("item")},
    ticks=lambda n, m: int(2 * n * (4 * log2(n + 1) + 6)) + 5,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check_ascending,
)
def heapsort(hub, nodes):
    hub.build = hub.end = hub.last
    yield "init"
    while hub.build:
        hub.i = hub.build
        hub.build = hub.build.prev
        yield "build"
        yield from sink(hub)
        hub.i = None
        yield "built"
    while hub.end != hub.first:
        hub.i = hub.first
        load(hub, hub.first, hub.end)
        yield "extract"
        swap(hub, hub.i, hub.end)
        hub.end.sorted = True
        hub.end = hub.end.prev
        yield "swap_end"
        yield from sink(hub)
        hub.i = None
        yield "sunk"
