"""The Z-algorithm: of each position, how long the stretch from there on is like the beginning.

Source: Gusfield, Algorithms on Strings, Trees, and Sequences, 1997, section 1.4. Within the stretch that reaches
farthest so far, a position is like its counterpart in the beginning, as far as that stretch goes; symbols are compared
only beyond it. Takes any list of numbers, of which equal ones are the same symbol; the first position's answer is 0, as
nothing is told by it. Three ticks a position, and one for each symbol that is found alike: at
most 4 n.

>>> import algorithms
>>> algorithms.run("z_function", [1.0, 1.0, 2.0, 1.0, 1.0, 1.0])
{'length': {0: 0, 1: 1, 2: 0, 3: 2, 4: 2, 5: 1}}
"""

from algorithms.answers import Scalars
from algorithms.author import (  # fmt: skip
    GRAPH,
    HINT,
    INPUT,
    MASK_ONE,
    NODE,
    OUTPUT,
    SCALAR,
    Probe,
    Sequence,
    algorithm,
    maximum,
    minimum,
)
from algorithms.strings import _matching


def sample(rng, n, family):
    """The texts of the string matchers, as numbers."""
    text, _ = _matching.sample(rng, n, family)
    return [float("abcd".index(c)) for c in text], {}


def check(outputs, values):
    """Symbol by symbol."""
    n = len(values)
    best = [next((k for k in range(n - i) if values[k] != values[i + k]), n - i) if i else 0 for i in range(n)]
    return {"length": [outputs["length"][i] == x for i, x in enumerate(best)]}


@algorithm(
    source="Algorithms on Strings, Trees, and Sequences, 1997, 1.4",
    structure=Sequence(compared=True),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("k", HINT, NODE, MASK_ONE),
        Probe("j", HINT, NODE, MASK_ONE),
        Probe("r", HINT, NODE, MASK_ONE),
        Probe("count", HINT, GRAPH, SCALAR),
        Probe("end", HINT, GRAPH, SCALAR),
        Probe("length", OUTPUT, NODE, SCALAR),
    ],
    outputs={"length": Scalars("length", whole=True)},
    ticks=lambda n, m: 4 * n,
    time=lambda n, m: n,
    families=_matching.FAMILIES,
    sample=sample,
    check=check,
)
def z_function(hub, nodes):
    hub.i = hub.k = hub.first.next
    yield "init"
    while hub.i:
        hub.count = known(hub)
        hub.j = nodes[known(hub)]
        hub.r = nodes[hub.i.index + known(hub)]
        yield "copy"
        while hub.r and hub.r.key == hub.j.key:
            hub.count = hub.count + 1.0
            hub.j = hub.j.next
            hub.r = hub.r.next
            yield "scan"
        yield "end"
        hub.i.length = hub.count
        if hub.i.index + hub.count > hub.end:
            hub.end = hub.i.index + hub.count
            hub.k = hub.first.next
        else:
            hub.k = hub.k.next
        hub.i = hub.i.next
        yield "next"


def known(hub):
    """How far position i goes on like the beginning, as its counterpart k does, up to the end of their stretch."""
    return maximum(0.0, minimum(hub.k.length, hub.end - hub.i.index))
