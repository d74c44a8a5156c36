"""Longest common subsequence of two strings or lists.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 15.4. Takes a pair of sequences of any elements that
can be compared for equality; either may be empty. A cell for each pair of prefixes; all cells of an antidiagonal are
filled in one step: length of the first + length of the second + 2 ticks.

>>> import algorithms
>>> algorithms.run("lcs_length", ("ABCBDAB", "BDCABA"))
{'length': 4.0, 'subsequence': 'BCBA'}
"""

from algorithms.answers import Common, ValueAt
from algorithms.author import CELL, HINT, INPUT, MASK, NODE, OUTPUT, POINTER, SCALAR, Probe, algorithm
from algorithms.dynamic._alignment import FAMILIES, sample
from algorithms.inputs.cells import TwoSequences


def check(outputs, sequences):
    """The length against a table of one row; the subsequence must be one of both."""
    x, y = sequences
    best = [0] * (len(y) + 1)
    for a in x:
        above = best
        best = [0]
        for j, b in enumerate(y):
            best.append(above[j] + 1 if a == b else max(best[j], above[j + 1]))
    common = outputs["subsequence"]

    def inside(whole):
        rest = iter(whole)
        return all(any(c == d for d in rest) for c in common)

    return {
        "length": [outputs["length"] == best[-1]],
        "subsequence": [len(common) == best[-1] and inside(x) and inside(y)],
    }


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 15.4",
    structure=TwoSequences(),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("done", HINT, CELL, MASK),
        Probe("length", OUTPUT, CELL, SCALAR),
        Probe("parent", OUTPUT, CELL, POINTER),
    ],
    outputs={"length": ValueAt("last", "length"), "subsequence": Common("parent")},
    ticks=lambda n, m: n + 2,
    time=lambda n, m: m + 1,
    families=FAMILIES,
    sample=sample,
    check=check,
)
def lcs_length(hub, cells):
    for c in cells:
        if not c.diagonal:
            c.done = True
    yield "init"
    while not hub.last.done:
        for c in cells:
            if c.up.done and c.left.done and not c.done:
                if c.row.key == c.column.key:
                    c.length = c.diagonal.length + 1.0
                    c.parent = c.diagonal
                elif c.up.length >= c.left.length:
                    c.length = c.up.length
                    c.parent = c.up
                else:
                    c.length = c.left.length
                    c.parent = c.left
                c.done = True
        yield "fill"
