"""Knuth-Morris-Pratt: where a pattern first occurs in a text, no character of which is compared in vain.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 32.4; the prefix function is a pointer of each
character of the pattern, to the one that is compared next where it does not match. Takes a text and a pattern, strings
or lists; the text has at least one character. The index is None where the pattern does not occur; the empty pattern
occurs at index 0. At most 2 n + 4 m ticks.

>>> import algorithms
>>> algorithms.run("kmp_matcher", "abacab", pattern="aca")
{'index': 2}
"""

from algorithms.answers import Position
from algorithms.author import HINT, INPUT, MASK_ONE, NODE, OUTPUT, POINTER, SCALAR, Probe, algorithm
from algorithms.inputs.records import Text
from algorithms.strings._matching import FAMILIES, check, sample


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 32.4",
    structure=Text(),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("s", OUTPUT, NODE, MASK_ONE),
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("j", HINT, NODE, MASK_ONE),
        Probe("fail", HINT, NODE, POINTER),
    ],
    outputs={"index": Position("s")},
    ticks=lambda n, m: 2 * n + 4 * m,
    time=lambda n, m: n + m,
    families=FAMILIES,
    sample=sample,
    check=check,
)
def kmp_matcher(hub, nodes):
    if not hub.pattern:
        hub.s = hub.first
        return
    hub.i = hub.pattern.next
    hub.j = hub.pattern
    yield "init"
    while hub.i:  # the pattern against itself: j goes on from its longest border
        hub.i.fail = hub.j
        yield "prefix"
        while hub.j and hub.i.key != hub.j.key:
            hub.j = hub.j.fail
            yield "prefix_fall"
        hub.i = hub.i.next
        hub.j = hub.j.next if hub.j else hub.pattern
        yield "prefix_next"
    hub.i = hub.first
    hub.j = hub.pattern
    yield "search"
    while hub.i:
        while hub.j and hub.i.key != hub.j.key:
            hub.j = hub.j.fail
            yield "fall"
        hub.i = hub.i.next
        hub.j = hub.j.next if hub.j else hub.pattern
        yield "scan"
        if not hub.j:
            break
    else:
        return
    hub.s = hub.i.prev if hub.i else hub.last
    hub.j = hub.pattern.next
    yield "found"
    while hub.j:  # from the last character matched back to the first
        hub.s = hub.s.prev
        hub.j = hub.j.next
        yield "back"
