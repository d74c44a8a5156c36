"""Matrix-chain multiplication: the order of products that needs the fewest multiplications of numbers.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 15.2. Takes the n + 1 positive dimensions of n
matrices; matrix i (from 0) has `values[i]` rows and `values[i + 1]` columns. `split` of (i, j), for i < j, is the last
matrix of the left factor of the product i..j, the first one of equally good ones. A cell for each range i..j tries its
splits one by one, two ticks each, and waits where a part is not done: n (n - 1) + 2 ticks.

>>> import algorithms
>>> algorithms.run("matrix_chain_order", [10.0, 100.0, 5.0, 50.0])
{'cost': 7500.0, 'split': {(0, 1): 0, (0, 2): 1, (1, 2): 1}}
"""

import math
import sys

from algorithms.answers import Splits, ValueAt, close
from algorithms.author import CELL, HINT, INPUT, NODE, SCALAR, Probe, algorithm
from algorithms.dynamic._ranges import FAMILIES, PROBES, best_splits, draw, length, splits
from algorithms.errors import InputError
from algorithms.inputs.cells import Ranges


def positive(values, arguments):
    """Precondition."""
    if len(values) < 2:
        raise InputError(f"matrix_chain_order needs the n + 1 dimensions of n >= 1 matrices, not {len(values)} numbers")
    for i, x in enumerate(values):
        if x <= 0:
            raise InputError(f"matrix_chain_order: dimension {i} is {x}; it must be positive")
    top = float(max(values))
    if not math.isfinite(len(values) * top * top * top):
        raise InputError("matrix_chain_order: the dimensions are too large for a float64's cost")
    low = float(min(values))
    if min(low, low * low * low) < sys.float_info.min:  # products would lose digits, or be 0
        raise InputError("matrix_chain_order: the dimensions are too small for a float64's cost")


def columns(values):
    return {"height": values[:-1], "width": values[1:]}


def sample(rng, n, family):
    return draw(rng, length(n) + 1, family), {}


def check(outputs, values):
    """Costs by recursion over all ranges; a split must be the first of the best."""
    exact, extra = all(float(x).is_integer() for x in values), lambda i, k, j: values[i] * values[k + 1] * values[j + 1]
    best, right = best_splits(len(values) - 1, lambda i: 0.0, outputs["split"], extra, exact)
    return {"cost": [close(outputs["cost"], best)], "split": right or [outputs["split"] == {}]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 15.2",
    structure=Ranges(columns=columns, requires=(positive,)),
    probes=[
        *PROBES,
        Probe("height", INPUT, NODE, SCALAR),
        Probe("width", INPUT, NODE, SCALAR),
        Probe("inner", HINT, CELL, SCALAR),
        Probe("outer", HINT, CELL, SCALAR),
    ],
    outputs={"cost": ValueAt("last", "cost"), "split": Splits("split")},
    ticks=lambda n, m: n * n + 3,
    time=lambda n, m: n**3,
    families=FAMILIES,
    sample=sample,
    check=check,
)
def matrix_chain_order(hub, cells):
    for c in cells:
        c.inner = c.column.width
        c.outer = c.row.height * c.column.width
        if c.row == c.column:
            c.cost = 0.0
            c.done = True
        else:
            c.a = c.row_start
            c.b = c.down
    yield "init"

    def load(c):
        c.extra = c.outer * c.a.inner

    yield from splits(hub, cells, load)
