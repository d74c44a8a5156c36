"""Optimal binary search tree: the one in which a search looks at the fewest keys, on average.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 15.5. Takes the probabilities (or counts) `p` of the
n keys and `q` of the n + 1 gaps: `q[i]` of a search that ends before key i, the last one behind all keys. `root` of
(i, j), for i <= j, is the root of the best tree of the keys i..j (from 0), the first one of equally good ones. `cost`
counts the dummy leaves, as the book does. A cell for each range tries its roots one by one, two ticks each, and waits
where a subtree is not done: n (n + 1) + 2 ticks.

>>> import algorithms
>>> algorithms.run("optimal_bst", p=[0.5, 0.25], q=[0.0, 0.25, 0.0])
{'cost': 1.75, 'root': {(0, 0): 0, (0, 1): 0, (1, 1): 1}}
"""

import math

from algorithms.answers import Splits, ValueAt, close
from algorithms.author import INPUT, NODE, SCALAR, Probe, algorithm
from algorithms.dynamic._ranges import FAMILIES, PROBES, best_splits, draw, length, splits
from algorithms.errors import InputError
from algorithms.inputs.cells import Ranges


def gaps(values, arguments):
    """Precondition."""
    p, q = arguments["p"], arguments["q"]
    if len(q) != len(p) + 1:
        raise InputError(f"optimal_bst: {len(p)} keys have {len(p) + 1} gaps; q has {len(q)}")
    for name, numbers in (("key", p), ("gap", q)):
        for i, x in enumerate(numbers):
            if x < 0:
                raise InputError(f"optimal_bst: {name} {i} has the negative probability {x}")


def columns(p, q):
    """Of the n + 1 places between keys: the key before (none before the first), the gap."""
    return {"hit": [0.0, *p], "miss": q}


def sample(rng, n, family):
    n = length(n) - 1
    p, q = draw(rng, n, family), draw(rng, n + 1, family)
    if family not in ("few_values", "equal"):
        total = math.fsum([*p, *q])  # on every Python the same
        p, q = [x / total for x in p], [x / total for x in q]
    return None, {"p": p, "q": [0.0] * (n + 1) if rng.random() < 0.2 else q}


def check(outputs, data, p, q):
    """Costs by recursion over all ranges; a root must be the first of the best."""
    weight = lambda i, j: sum(p[i:j]) + sum(q[i : j + 1])
    exact = all(float(x).is_integer() for x in (*p, *q))
    split = {(i, j + 1): r for (i, j), r in outputs["root"].items()}
    best, right = best_splits(len(q), lambda i: q[i], split, lambda i, k, j: weight(i, j), exact)
    return {"cost": [close(outputs["cost"], best)], "root": right or [outputs["root"] == {}]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 15.5",
    structure=Ranges(columns=columns, lists=("p", "q"), requires=(gaps,)),
    probes=[
        *PROBES,
        Probe("hit", INPUT, NODE, SCALAR),
        Probe("miss", INPUT, NODE, SCALAR),
    ],
    outputs={"cost": ValueAt("last", "cost"), "root": Splits("split", before=True)},
    ticks=lambda n, m: n * n + 3,
    time=lambda n, m: n**3,
    sense="min",
    families=FAMILIES,
    sample=sample,
    check=check,
)
def optimal_bst(hub, cells):
    for c in cells:
        if c.row == c.column:
            c.cost = c.extra = c.column.miss
            c.done = True
        else:
            c.a = c.row_start
            c.b = c.down
    yield "init"

    def load(c):  # the probability of the whole range; the one to the left began before
        c.extra = c.left.extra + c.column.hit + c.column.miss

    yield from splits(hub, cells, load)
