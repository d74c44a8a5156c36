"""Quickselect: the element of rank n // 2 (0-based): an upper median.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 9.2, with the partition of section 7.1 (around the
last element). Takes any list of real numbers.

>>> import algorithms
>>> algorithms.run("quickselect", [5.0, 1.0, 3.0])
{'index': 2}
"""

from algorithms import sampling
from algorithms.answers import Position
from algorithms.author import HINT, MASK_ONE, NODE, OUTPUT, Probe, Sequence, algorithm
from algorithms.sorting._lists import PROBES, load, sample, swap


def check(outputs, values):
    """Any position that holds the value of that rank."""
    i = outputs["index"]
    return {"index": [i is not None and values[i] == sorted(values)[len(values) // 2]]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 9.2",
    structure=Sequence(compared=True),
    probes=[
        *[p for p in PROBES if p.name != "item"],
        Probe("item", HINT, NODE, "pointer", init="self"),
        Probe("p", HINT, NODE, MASK_ONE),
        Probe("r", HINT, NODE, MASK_ONE),
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("j", HINT, NODE, MASK_ONE),
        Probe("x", HINT, NODE, MASK_ONE),
        Probe("answer", OUTPUT, NODE, MASK_ONE),
    ],
    outputs={"index": Position("answer")},
    ticks=lambda n, m: 2 * n * n + 8 * n + 5,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def quickselect(hub, nodes):
    hub.p = hub.first
    hub.r = hub.last
    yield "init"
    while True:
        hub.i = hub.j = hub.p
        yield "range"
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
        hub.x = hub.i
        hub.i = hub.j = None
        yield "fixed"
        if hub.x.index < hub.middle.index:
            hub.p = hub.x.next
            hub.x = None
            yield "right"
        elif hub.x.index > hub.middle.index:
            hub.r = hub.x.prev
            hub.x = None
            yield "left"
        else:
            hub.answer = hub.x.item
            yield "found"
            return
