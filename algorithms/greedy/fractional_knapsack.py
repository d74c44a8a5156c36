"""Fractional knapsack: how much of each item to take, so that what fits the capacity is worth most.

Source: Cormen et al., Introduction to Algorithms, 3rd ed., section 16.2: of what is left, the item with the greatest
value per weight is taken next (ties to the first in order), as much of it as there is room for. Takes the lists
`value` (of at least 0) and `weight` (above 0), and a `capacity` of at least 0. `fraction` is what is taken of each
item, `worth` what all of that is worth. Two ticks an item taken: at most 2 n + 3.

>>> import algorithms
>>> algorithms.run("fractional_knapsack", value=[6.0, 10.0, 12.0], weight=[1.0, 2.0, 4.0], capacity=5.0)
{'fraction': {0: 1.0, 1: 1.0, 2: 0.5}, 'worth': 22.0}
"""

import math
import sys
from math import log2

from algorithms import sampling
from algorithms.answers import Scalars, Value, close
from algorithms.author import (  # fmt: skip
    CATEGORICAL,
    GRAPH,
    HINT,
    INPUT,
    MASK_ONE,
    NODE,
    OUTPUT,
    SCALAR,
    Probe,
    algorithm,
    argmin,
    minimum,
)
from algorithms.errors import InputError
from algorithms.inputs.checks import summable
from algorithms.inputs.records import Records


def proper_items(_, arguments):
    """Precondition."""
    summable(arguments["value"], "fractional_knapsack: value")
    if arguments["capacity"] < 0:
        raise InputError(f"fractional_knapsack: the capacity is {arguments['capacity']}; it may not be negative")
    for i, (value, weight) in enumerate(zip(arguments["value"], arguments["weight"])):
        if value < 0:
            raise InputError(f"fractional_knapsack: the value of item {i} is {value}; it may not be negative")
        if weight <= 0:
            raise InputError(f"fractional_knapsack: the weight of item {i} is {weight}; it must be above 0")
        ratio = math.inf if float(weight) == 0.0 else float(value) / float(weight)
        if value and not sys.float_info.min <= ratio < math.inf:
            raise InputError(f"fractional_knapsack: the value of item {i} by its weight is too large or small a number")


def sample(rng, n, family):
    """Values and weights of one family, in orders of their own; the capacity is at times none, and at times ample."""
    value, weight = ([abs(x) for x in sampling.numbers(rng, n, family)] for _ in range(2))
    weight = [weight[i] + (1.0 if weight[i].is_integer() else 0.01) for i in rng.permutation(n).tolist()]
    share = float(rng.choice([0.0, 1.0, 1.5])) if rng.random() < 0.2 else float(rng.random())
    capacity = math.fsum(weight) * share
    capacity = float(round(capacity)) if weight[0].is_integer() else capacity
    return None, {"value": value, "weight": weight, "capacity": capacity}


def check(outputs, data, value, weight, capacity):
    """What is taken fits, and is worth as much as the linear program's dual allows: at some price p of a unit of
    capacity, p * capacity and what each item is worth beyond its price."""
    n, fraction = len(value), outputs["fraction"]
    prices = [0.0, *(v / w for v, w in zip(value, weight))]
    best = min(p * capacity + math.fsum(max(0.0, v - p * w) for v, w in zip(value, weight)) for p in prices)
    used = math.fsum(fraction[i] * weight[i] for i in range(n))
    fits = (used <= capacity or close(used, capacity)) and all(0.0 <= x <= 1.0 for x in fraction.values())
    good = fits and close(math.fsum(fraction[i] * value[i] for i in range(n)), best)
    return {"fraction": [good] * n, "worth": [close(outputs["worth"], best)]}


@algorithm(
    source="Introduction to Algorithms, 3rd ed., 16.2",
    structure=Records(("value", "weight"), requires=(proper_items,)),
    probes=[
        Probe("value", INPUT, NODE, SCALAR),
        Probe("weight", INPUT, NODE, SCALAR),
        Probe("capacity", INPUT, GRAPH, SCALAR),
        Probe("density", HINT, NODE, SCALAR),
        Probe("state", HINT, NODE, CATEGORICAL, ("waiting", "taken")),
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("room", HINT, GRAPH, SCALAR),
        Probe("fraction", OUTPUT, NODE, SCALAR),
        Probe("worth", OUTPUT, GRAPH, SCALAR),
    ],
    outputs={"fraction": Scalars("fraction"), "worth": Value("worth")},
    ticks=lambda n, m: 2 * n + 3,
    time=lambda n, m: n * log2(n + 1),
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def fractional_knapsack(hub, nodes):
    hub.room = hub.capacity
    for v in nodes:
        v.density = v.value / v.weight
    yield "init"
    while hub.room > 0.0:
        hub.i = argmin(nodes, key=lambda v: 0.0 - v.density, where=lambda v: v.state == "waiting")
        yield "select"
        if not hub.i:
            return
        hub.i.state = "taken"
        hub.i.fraction = minimum(hub.room, hub.i.weight) / hub.i.weight
        hub.worth = hub.worth + minimum(hub.room, hub.i.weight) / hub.i.weight * hub.i.value
        hub.room = hub.room - minimum(hub.room, hub.i.weight)
        yield "take"
