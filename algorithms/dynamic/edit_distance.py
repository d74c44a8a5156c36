"""Edit distance: the cheapest insertions, deletions and replacements that make one sequence another.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., problem 15-5 (with these three operations, Levenshtein's
where each costs 1). Takes a pair of sequences of any elements that can be compared for equality; either may be empty.
Costs are 1, or what the caller says: one number, or one for each element to `delete`, each to `insert`, each pair to
`replace` (of equal elements nothing is paid). A cell for each pair of prefixes; all cells of an antidiagonal are filled
in one step: length of the first + length of the second + 2 ticks.

>>> import algorithms
>>> algorithms.run("edit_distance", ("abc", "bd"))
{'distance': 2.0, 'alignment': [(0, None), (1, 0), (2, 1)]}
>>> algorithms.run("edit_distance", ("abc", "bd"), replace=2.5, insert=[1.0, 0.25])["distance"]
2.25
"""

import numpy as np

from algorithms.answers import Alignment, ValueAt
from algorithms.author import CELL, HINT, INPUT, MASK, NODE, OUTPUT, POINTER, SCALAR, Probe, algorithm, minimum
from algorithms.dynamic import _alignment
from algorithms.inputs.cells import TwoSequences


def sample(rng, n, family):
    """Half of them at other costs than 1, with ties or without."""
    (x, y), _ = _alignment.sample(rng, n, family)
    shapes = {"delete": len(x), "insert": len(y), "replace": (len(x), len(y))}
    unit, most, other = float(rng.choice([0.25, 1.0])), int(rng.choice([2, 8])), rng.random() < 0.5
    draw = lambda shape: (unit * rng.integers(0, most, shape, endpoint=True)).tolist()
    return (x, y), {k: draw(shape) if other and rng.random() < 0.8 else 1.0 for k, shape in shapes.items()}


def check(outputs, sequences, delete=1.0, insert=1.0, replace=1.0):
    """The distance against a table of one row; the alignment must use each element once, in order, at that cost."""
    x, y = sequences
    delete, insert = np.broadcast_to(delete, len(x)).tolist(), np.broadcast_to(insert, len(y)).tolist()
    replace = np.broadcast_to(replace, (len(x), len(y))) if x and y else np.zeros((len(x), len(y)))
    replace = np.where([[a == b for b in y] for a in x], 0.0, replace).tolist() if x and y else []
    best = [0.0]
    for cost in insert:
        best.append(best[-1] + cost)
    for i, cost in enumerate(delete):
        above = best
        best = [above[0] + cost]
        for j in range(len(y)):
            best.append(min(above[j] + replace[i][j], best[j] + insert[j], above[j + 1] + cost))
    steps = outputs["alignment"]
    used = [[s[side] for s in steps if s[side] is not None] for side in (0, 1)]
    paid = 0.0
    for i, j in steps:
        paid += insert[j] if i is None else delete[i] if j is None else replace[i][j]
    return {
        "distance": [outputs["distance"] == best[-1]],
        "alignment": [used == [list(range(len(x))), list(range(len(y)))] and paid == best[-1]],
    }


@algorithm(
    source="Introduction to Algorithms, 3rd ed., problem 15-5",
    structure=TwoSequences(costs=True),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("skip", INPUT, NODE, SCALAR),
        Probe("replace", INPUT, CELL, SCALAR),
        Probe("cost", HINT, CELL, SCALAR),
        Probe("done", HINT, CELL, MASK),
        Probe("length", OUTPUT, CELL, SCALAR),
        Probe("parent", OUTPUT, CELL, POINTER),
    ],
    outputs={"distance": ValueAt("last", "length"), "alignment": Alignment("parent")},
    ticks=lambda n, m: n + 2,
    time=lambda n, m: m + 1,
    sense="min",
    families=_alignment.FAMILIES,
    sample=sample,
    check=check,
)
def edit_distance(hub, cells):
    for c in cells:
        if not c.up and not c.left:
            c.done = True
        if c.row.key != c.column.key:
            c.cost = c.replace
    yield "init"
    while not hub.last.done:
        for c in cells:
            if c.done:
                continue
            if c.up.done and c.left.done:
                deleted, inserted = c.up.length + c.row.skip, c.left.length + c.column.skip
                replaced = c.diagonal.length + c.cost
                c.length = minimum(replaced, minimum(deleted, inserted))
                if replaced <= minimum(deleted, inserted):
                    c.parent = c.diagonal
                elif deleted <= inserted:
                    c.parent = c.up
                else:
                    c.parent = c.left
                c.done = True
            elif c.up.done and not c.left:
                c.length = c.up.length + c.row.skip
                c.parent = c.up
                c.done = True
            elif c.left.done and not c.up:
                c.length = c.left.length + c.column.skip
                c.parent = c.left
                c.done = True
        yield "fill"
