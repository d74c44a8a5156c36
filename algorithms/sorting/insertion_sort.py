"""Insertion sort: stable, ascending.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 2.1. Takes any list of real numbers; equal ones
keep their order. Two ticks an exchange: at most n (n + 3) of them.

>>> import algorithms
>>> algorithms.run("insertion_sort", [2.0, 1.0, 2.0, 0.0])
{'order': [3, 1, 0, 2]}
"""

from algorithms import sampling
from algorithms.answers import Order
from algorithms.author import HINT, MASK_ONE, NODE, Probe, Sequence, algorithm
from algorithms.sorting._lists import PROBES, check_stable, load, sample, swap


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 2.1",
    structure=Sequence(compared=True),
    probes=[
        *PROBES,
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("j", HINT, NODE, MASK_ONE),
        Probe("k", HINT, NODE, MASK_ONE),
    ],
    outputs={"order": Order("item")},
    ticks=lambda n, m: n * n + 3 * n + 2,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check_stable,
)
def insertion_sort(hub, nodes):
    hub.i = hub.first
    yield "init"
    while hub.i:
        hub.j = hub.i
        hub.k = hub.i.prev
        hub.i = hub.i.next
        yield "insert"
        while hub.k.key > hub.j.key:
            load(hub, hub.k, hub.j)
            yield "load"
            swap(hub, hub.k, hub.j)
            hub.j = hub.k
            hub.k = hub.k.prev
            yield "swap"
