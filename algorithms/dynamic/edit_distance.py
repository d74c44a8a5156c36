"""Edit distance: the fewest insertions, deletions and replacements that make one sequence another.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., problem 15-5 (with these three operations, Levenshtein's).
Takes a pair of sequences of any elements that can be compared for equality; either may be empty. A cell for each pair
of prefixes; all cells of an antidiagonal are filled in one step: length of the first + length of the second + 2 ticks.

>>> import algorithms
>>> algorithms.run("edit_distance", ("abc", "bd"))
{'distance': 2.0, 'alignment': [(0, None), (1, 0), (2, 1)]}
"""

from algorithms.author import HINT, INPUT, MASK, NODE, OUTPUT, POINTER, SCALAR, Probe, algorithm, minimum
from algorithms.cells import CELL, Alignment, TwoSequences, ValueAt
from algorithms.dynamic._alignment import FAMILIES, sample


def check(outputs, sequences):
    """The distance against a table of one row; the alignment must use each element once, in order, at that cost."""
    x, y = sequences
    best = list(range(len(y) + 1))
    for i, a in enumerate(x):
        above = best
        best = [i + 1]
        for j, b in enumerate(y):
            best.append(min(above[j] + (a != b), best[j] + 1, above[j + 1] + 1))
    steps = outputs["alignment"]
    used = [[s[side] for s in steps if s[side] is not None] for side in (0, 1)]
    cost = sum(i is None or j is None or x[i] != y[j] for i, j in steps)
    return {
        "distance": [outputs["distance"] == best[-1]],
        "alignment": [used == [list(range(len(x))), list(range(len(y)))] and cost == best[-1]],
    }


@algorithm(
    source="Introduction to Algorithms, 3rd ed., problem 15-5",
    structure=TwoSequences(),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("done", HINT, CELL, MASK),
        Probe("length", OUTPUT, CELL, SCALAR),
        Probe("parent", OUTPUT, CELL, POINTER),
    ],
    outputs={"distance": ValueAt("last", "length"), "alignment": Alignment("parent")},
    ticks=lambda n, m: n + 2,
    families=FAMILIES,
    sample=sample,
    check=check,
)
def edit_distance(hub, cells):
    for c in cells:
        if not c.up and not c.left:
            c.done = True
    yield "init"
    while not hub.last.done:
        for c in cells:
            if c.done:
                continue
            if c.up.done and c.left.done:
                if c.row.key == c.column.key:
                    c.length = c.diagonal.length
                    c.parent = c.diagonal
                else:
                    c.length = minimum(c.diagonal.length, minimum(c.up.length, c.left.length)) + 1.0
                    if c.diagonal.length <= minimum(c.up.length, c.left.length):
                        c.parent = c.diagonal
                    elif c.up.length <= c.left.length:
                        c.parent = c.up
                    else:
                        c.parent = c.left
                c.done = True
            elif c.up.done and not c.left:
                c.length = c.up.length + 1.0
                c.parent = c.up
                c.done = True
            elif c.left.done and not c.up:
                c.length = c.left.length + 1.0
                c.parent = c.left
                c.done = True
        yield "fill"
