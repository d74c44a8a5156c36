"""Merge sort, bottom up: stable, ascending.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 2.3.1, without the recursion: linked lists, at first
of one element each, are merged in pairs, neighbour with neighbour, until one is left. Takes any list of real numbers;
equal ones keep their order. Two ticks an element and three a pair of lists, for each doubling: at most
(2 n + 3) log2(n) + 3 n + 4 of them.

>>> import algorithms
>>> algorithms.run("merge_sort", [2.0, 1.0, 2.0, 0.0])
{'order': [3, 1, 0, 2]}
"""

from math import log2

from algorithms import sampling
from algorithms.answers import LinkedList
from algorithms.author import HINT, INPUT, MASK_ONE, NODE, OUTPUT, POINTER, SCALAR, Probe, Sequence, algorithm
from algorithms.sorting._lists import check_stable, sample


def append(hub):
    """Put `hub.x` at the end of the list that is merged, or at the front of a new one."""
    if hub.end:
        hub.end.below = hub.x
    elif hub.list:
        hub.list.successor = hub.x
        hub.list = hub.x
    else:
        hub.top = hub.list = hub.x
    hub.end = hub.x
    hub.x = None


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 2.3.1",
    structure=Sequence(compared=True),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("below", OUTPUT, NODE, POINTER),
        Probe("successor", HINT, NODE, POINTER),
        Probe("top", OUTPUT, NODE, MASK_ONE),
        Probe("list", HINT, NODE, MASK_ONE),
        Probe("p", HINT, NODE, MASK_ONE),
        Probe("q", HINT, NODE, MASK_ONE),
        Probe("r", HINT, NODE, MASK_ONE),
        Probe("x", HINT, NODE, MASK_ONE),
        Probe("end", HINT, NODE, MASK_ONE),
    ],
    outputs={"order": LinkedList("top", "below")},
    ticks=lambda n, m: int((2 * n + 3) * log2(n)) + 3 * n + 4,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check_stable,
)
def merge_sort(hub, nodes):
    for v in nodes:
        v.successor = v.next
    hub.top = hub.first
    yield "init"
    while hub.top.successor:
        hub.p = hub.top
        hub.q = hub.top.successor
        hub.top = None
        yield "pass"
        while hub.p:
            hub.r = hub.q.successor
            hub.end = None
            yield "pair"
            while hub.p and hub.q:
                if hub.q.key < hub.p.key:
                    hub.x = hub.q
                    hub.q = hub.q.below
                else:
                    hub.x = hub.p
                    hub.p = hub.p.below
                yield "take"
                append(hub)
                yield "append"
            hub.x = hub.p if hub.p else hub.q
            yield "rest"
            append(hub)
            hub.p = hub.r
            hub.q = hub.r.successor
            hub.r = None
            yield "merged"
        hub.list.successor = None
        hub.list = hub.end = None
        yield "passed"
