"""Balanced parentheses: the partner of every bracket, and whether all have one.

Source: Sedgewick and Wayne, Algorithms, 4th ed., exercise 1.3.4: brackets that are open are kept on a stack, a linked
list here. Takes any list of numbers: above 0 one opens, below 0 it closes, and 0 is any other character. `match` is
each bracket's partner, as far as the list was read: up to the first that closes none. Two ticks a bracket, at most
2 n + 2.

>>> import algorithms
>>> algorithms.run("balanced_parentheses", [1.0, 1.0, -1.0, 0.0, -1.0])
{'match': {0: 4, 1: 2, 2: 1, 3: None, 4: 0}, 'balanced': True}
"""

from algorithms.answers import Holds, Pointers
from algorithms.author import (  # fmt: skip
    GRAPH,
    HINT,
    INPUT,
    MASK,
    MASK_ONE,
    NODE,
    OUTPUT,
    POINTER,
    SCALAR,
    Probe,
    Sequence,
    algorithm,
)

FAMILIES = {
    "training": ("balanced", "exchanged", "nested", "random", "text"),
    "held_out": ("pairs", "cut"),
}


def sample(rng, n, family):
    """Balanced ones, all in pairs or within one another; the same with two exchanged, or the end cut off."""
    if family in ("random", "text"):
        return rng.choice([-1.0, 1.0, 1.0] if family == "random" else [-1.0, 0.0, 1.0], n).tolist(), {}
    half = n // 2
    if family == "nested":
        out = [1.0] * half + [0.0] * (n % 2) + [-1.0] * half
    elif family == "pairs":
        out = [1.0, -1.0] * half + [0.0] * (n % 2)
    else:
        out, opened = [], 0
        while len(out) < 2 * half:  # any that can still be closed
            up = opened == 0 or (opened < 2 * half - len(out) and rng.random() < 0.5)
            out.append(1.0 if up else -1.0)
            opened += 1 if up else -1
        out += [0.0] * (n % 2)
    if family == "exchanged":
        i, j = rng.integers(n, size=2).tolist()
        out[i], out[j] = out[j], out[i]
    elif family == "cut":
        out = [*out[1:], 1.0] if rng.random() < 0.5 else [1.0, *out[:-1]]
    return out, {}


def check(outputs, values):
    """By replacing innermost pairs, over and over, until none is left."""
    best = dict.fromkeys(range(len(values)))
    left = [i for i, x in enumerate(values) if x]
    k = 0
    while k + 1 < len(left):
        i, j = left[k : k + 2]
        if values[i] > 0 > values[j]:
            best[i], best[j] = j, i
            del left[k : k + 2]
            k = max(0, k - 1)
        else:
            k += 1
    end = next((i for i in left if values[i] < 0), len(values))  # closes none: what follows it is not read
    best = {i: None if i >= end or (j or 0) >= end else j for i, j in best.items()}
    return {
        "match": [outputs["match"][i] == j for i, j in best.items()],
        "balanced": [outputs["balanced"] == (not left)],
    }


@algorithm(
    source="Algorithms, 4th ed., 1.3.4",
    structure=Sequence(),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("top", HINT, NODE, MASK_ONE),
        Probe("below", HINT, NODE, POINTER),
        Probe("match", OUTPUT, NODE, POINTER),
        Probe("balanced", OUTPUT, GRAPH, MASK),
    ],
    outputs={"match": Pointers("match"), "balanced": Holds("balanced")},
    ticks=lambda n, m: 2 * n + 2,
    families=FAMILIES,
    sample=sample,
    check=check,
)
def balanced_parentheses(hub, nodes):
    hub.i = hub.first
    yield "init"
    while hub.i:
        if hub.i.key > 0.0:
            yield "open"
            hub.i.below = hub.top
            hub.top = hub.i
        elif hub.i.key < 0.0:
            yield "close"
            if not hub.top:
                return
            hub.i.match = hub.top
            hub.top.match = hub.i
            hub.top = hub.top.below
        hub.i = hub.i.next
        yield "scan"
    if not hub.top:
        hub.balanced = True
