"""Quicksort: ascending, not stable.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 7.1 (partition around the last element). In place
of a stack of ranges, elements at their final place are marked, and the first unmarked stretch is sorted next. Takes
any list of real numbers.

>>> import algorithms
>>> algorithms.run("quicksort", [2.0, 1.0, 3.0])
{'order': [1, 0, 2]}
"""

from algorithms import sampling
from algorithms.answers import Order
from algorithms.author import HINT, MASK, MASK_ONE, NODE, Probe, Sequence, algorithm
from algorithms.sorting._lists import PROBES, check_ascending, load, sample, swap


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 7.1",
    structure=Sequence(compared=True),
    probes=[
        *PROBES,
        Probe("sorted", HINT, NODE, MASK),
        Probe("p", HINT, NODE, MASK_ONE),
        Probe("r", HINT, NODE, MASK_ONE),
        Probe("x", HINT, NODE, MASK_ONE),
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("j", HINT, NODE, MASK_ONE),
    ],
    outputs={"order": Order("item")},
    ticks=lambda n, m: 3 * n * n + 8 * n + 5,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check_ascending,
)
def quicksort(hub, nodes):
    hub.p = hub.first
    yield "init"
    while hub.p:
        if hub.p.sorted:
            hub.p = hub.p.next
            yield "skip"
            continue
        hub.r = hub.i = hub.j = hub.p
        hub.x = hub.p.next
        yield "range"
        while hub.x and not hub.x.sorted:
            hub.r = hub.x
            hub.x = hub.x.next
            yield "grow"
        hub.x = None
        yield "partition"
        while hub.j != hub.r:
            if hub.j.key <= hub.r.key:
                load(hub, hub.i, hub.j)
                yield "load"
                swap(hub, hub.i, hub.j)
                hub.i = hub.i.next
                hub.j = hub.j.next
                yield "swap"
            else:
                hub.j = hub.j.next
                yield "pass"
        load(hub, hub.i, hub.r)
        yield "load_pivot"
        swap(hub, hub.i, hub.r)
        hub.i.sorted = True
        hub.r = hub.i = hub.j = None
        yield "fixed"
