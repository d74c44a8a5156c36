"""Best splits of all ranges, as a sub-program: matrix_chain_order and optimal_bst share it."""

import math
from math import sqrt

from algorithms.author import CELL, HINT, MASK, OUTPUT, POINTER, SCALAR, Probe

FAMILIES = {"training": ("uniform", "few_values", "ascending", "equal"), "held_out": ("descending", "gaussian")}
PROBES = [
    Probe("a", HINT, CELL, POINTER),
    Probe("b", HINT, CELL, POINTER),
    Probe("done", HINT, CELL, MASK),
    Probe("both", HINT, CELL, SCALAR),
    Probe("extra", HINT, CELL, SCALAR),
    Probe("cost", OUTPUT, CELL, SCALAR, init=math.inf),
    Probe("split", OUTPUT, CELL, POINTER),
]


def splits(hub, cells, load):
    """Give every range (i, j) the `split` k with the least cost of (i, k) + cost of (k', j) + `extra`, the first of
    equally good ones, and that `cost`. `a` walks over the cells (i, k), `b` over the (k', j) from the one below on;
    where one of them is not done a cell waits. load(c): sets `extra`, as `a` and `b` hold done cells.
    """
    while not hub.last.done:
        for c in cells:
            if c.a.done and c.b.done:
                c.both = c.a.cost + c.b.cost
                load(c)
        yield "load"
        for c in cells:
            if c.a.done and c.b.done:
                if c.both + c.extra < c.cost:
                    c.cost = c.both + c.extra
                    c.split = c.a.column
                if c.a.right == c:
                    c.done = True
                    c.a = c.b = None
                else:
                    c.a = c.a.right
                    c.b = c.b.down
        yield "try"


def best_splits(n, own, split, extra, exact):
    """For the checks: costs of all ranges of 0..n - 1, by recursion, and whether each split is the first of the best
    (`exact`: to the last bit). own(i): cost of (i, i); extra(i, k, j): beyond the two parts (i, k) and (k + 1, j)."""
    best, right = {}, []
    for i in reversed(range(n)):
        best[i, i] = own(i)
        for j in range(i + 1, n):
            ways = [best[i, k] + best[k + 1, j] + extra(i, k, j) for k in range(i, j)]
            best[i, j], k = min(ways), split[i, j]
            if exact:
                right.append(k == i + ways.index(best[i, j]))
            else:  # rounding may decide between equals
                right.append(k is not None and i <= k < j and math.isclose(ways[k - i], best[i, j], rel_tol=1e-9))
    return best[0, n - 1], right


def length(n: int) -> int:
    """How long a list to draw for about 3 n ranges."""
    return max(1, int(2.5 * sqrt(n)))


def draw(rng, n, family) -> list[float]:
    """n positive numbers."""
    if family in ("few_values", "equal"):
        return rng.integers(1, 5 if family == "few_values" else 2, size=n).astype(float).tolist()
    x = rng.uniform(0.1, 10, size=n) if family != "gaussian" else abs(rng.standard_normal(n)) + 0.01
    if family in ("ascending", "descending"):
        x.sort()
    return (x[::-1] if family == "descending" else x).tolist()
