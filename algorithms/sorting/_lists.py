"""What the sorting algorithms share: samples, the independent check, the exchange of two elements."""

from algorithms import sampling
from algorithms.author import GRAPH, HINT, INPUT, MASK_ONE, NODE, OUTPUT, POINTER, SCALAR, Probe

PROBES = [
    Probe("key", INPUT, NODE, SCALAR),
    Probe("item", OUTPUT, NODE, POINTER, init="self"),
    Probe("swap_key_a", HINT, GRAPH, SCALAR),
    Probe("swap_key_b", HINT, GRAPH, SCALAR),
    Probe("swap_item_a", HINT, NODE, MASK_ONE),
    Probe("swap_item_b", HINT, NODE, MASK_ONE),
]


def load(hub, a, b):
    """First half of an exchange: the hub takes both elements. A tick later, `swap`."""
    hub.swap_key_a = a.key
    hub.swap_key_b = b.key
    hub.swap_item_a = a.item
    hub.swap_item_b = b.item


def swap(hub, a, b):
    """Second half: each gets the other's."""
    a.key = hub.swap_key_b
    b.key = hub.swap_key_a
    a.item = hub.swap_item_b
    b.item = hub.swap_item_a


def sample(rng, n, family):
    return sampling.numbers(rng, n, family), {}


def check_ascending(outputs, values):
    """A permutation in ascending order; equal elements may come in any order."""
    order, best = outputs["order"], sorted(values)
    if sorted(order, key=lambda i: -1 if i is None else i) != list(range(len(values))):
        return {"order": [False] * len(values)}
    return {"order": [values[i] == x for i, x in zip(order, best)]}


def check_stable(outputs, values):
    """The one order that keeps equal elements as they came."""
    best = sorted(range(len(values)), key=lambda i: values[i])
    if len(outputs["order"]) != len(best):
        return {"order": [False] * len(best)}
    return {"order": [i == j for i, j in zip(outputs["order"], best)]}
