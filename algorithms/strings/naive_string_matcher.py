"""Naive string matching: where a pattern first occurs in a text, every shift tried.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 32.1. Takes a text and a pattern, strings or lists;
the text has at least one character. The index is None where the pattern does not occur; the empty pattern occurs at
index 0. One tick a comparison: at most (n + 1) (m + 1) + 2 of them.

>>> import algorithms
>>> algorithms.run("naive_string_matcher", "abacab", pattern="aca")
{'index': 2}
"""

from algorithms.answers import Position
from algorithms.author import HINT, INPUT, MASK_ONE, NODE, OUTPUT, SCALAR, Probe, algorithm
from algorithms.inputs.records import Text
from algorithms.strings._matching import FAMILIES, check, sample


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 32.1",
    structure=Text(),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("s", OUTPUT, NODE, MASK_ONE),
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("j", HINT, NODE, MASK_ONE),
    ],
    outputs={"index": Position("s")},
    ticks=lambda n, m: (n + 1) * (m + 1) + 2,
    families=FAMILIES,
    sample=sample,
    check=check,
)
def naive_string_matcher(hub, nodes):
    hub.s = hub.i = hub.first
    hub.j = hub.pattern
    yield "init"
    while hub.j:
        if not hub.i:  # the text is over, and would be at any later shift
            hub.s = None
            return
        if hub.i.key == hub.j.key:
            hub.i = hub.i.next
            hub.j = hub.j.next
        else:
            hub.i = hub.s = hub.s.next
            hub.j = hub.pattern
        yield "scan"
