"""Selection sort: ascending, not stable.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., exercise 2.2-2: the least of what is left, the first of
equal ones, changes places with the first of what is left. Takes any list of real numbers. One tick an element looked
at and three an exchange: at most n (n - 1) / 2 + 3 n of them.

>>> import algorithms
>>> algorithms.run("selection_sort", [2.0, 1.0, 2.0, 0.0])
{'order': [3, 1, 2, 0]}
"""

from algorithms import sampling
from algorithms.answers import Order
from algorithms.author import HINT, MASK_ONE, NODE, Probe, Sequence, algorithm
from algorithms.sorting._lists import PROBES, check_ascending, load, sample, swap


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 2.2-2",
    structure=Sequence(compared=True),
    probes=[
        *PROBES,
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("j", HINT, NODE, MASK_ONE),
        Probe("min", HINT, NODE, MASK_ONE),
    ],
    outputs={"order": Order("item")},
    ticks=lambda n, m: n * (n - 1) // 2 + 3 * n + 1,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check_ascending,
)
def selection_sort(hub, nodes):
    hub.i = hub.first
    yield "init"
    while hub.i != hub.last:
        hub.min = hub.i
        hub.j = hub.i.next
        yield "pass"
        while hub.j:
            if hub.j.key < hub.min.key:
                hub.min = hub.j
            hub.j = hub.j.next
            yield "scan"
        load(hub, hub.i, hub.min)
        yield "load"
        swap(hub, hub.i, hub.min)
        hub.i = hub.i.next
        hub.min = None
        yield "swap"
