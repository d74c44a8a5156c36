"""Euclid's algorithm: the greatest common divisor of whole numbers.

Source: Knuth, The Art of Computer Programming, volume 2, 3rd ed., section 4.5.2, algorithm A, and its extension to more
than two. A remainder is a - b floor(a / b), which is exact for such numbers. Takes any list of whole numbers from
-2**53 to 2**53; signs do not matter, and the divisor of zeros alone is 0. A tick a number and one a division, of
which there are two a number, and 78 more, at most: 3 n + 80.

>>> import algorithms
>>> algorithms.run("euclid", [12.0, -18.0, 0.0, 27.0])
{'divisor': 3}
"""

from functools import reduce
from math import gcd

from algorithms.answers import Value
from algorithms.author import GRAPH, HINT, INPUT, MASK_ONE, NODE, OUTPUT, SCALAR, Probe, Sequence, algorithm, floor
from algorithms.errors import InputError

FAMILIES = {"training": ("small", "multiples", "zeros", "large", "fibonacci"), "held_out": ("primes", "powers")}


def whole(values, arguments):
    """Precondition."""
    for i, x in enumerate(values):
        if x != x // 1 or abs(x) > 2**53:
            raise InputError(f"euclid: element {i} is {x}; a whole number from -2**53 to 2**53 is needed")


def sample(rng, n, family):
    """Numbers without a common divisor mostly, or multiples of one; neighbours in Fibonacci's sequence take longest."""
    if family == "multiples":
        out = rng.integers(1, 1000) * rng.integers(-1000, 1000, n)
    elif family == "large":
        out = rng.integers(-(2**53), 2**53, n, endpoint=True) // rng.integers(1, 9) * rng.integers(1, 9)
        out = out.clip(-(2**53), 2**53)
    elif family == "fibonacci":
        sequence = [0, 1]
        while sequence[-1] < 2**52:
            sequence.append(sequence[-2] + sequence[-1])
        at = int(rng.integers(2, len(sequence)))
        out = sequence[at], *rng.choice(sequence[:at], n)
        out = list(out)[-n:] if rng.random() < 0.5 else [*sequence[at : at - 2 : -1], *out][:n]
    elif family == "powers":
        out = 2 ** rng.integers(0, 30, n) * 3 ** rng.integers(0, 12, n)
    elif family == "primes":
        out = rng.choice([2, 3, 5, 7, 11, 13, 17, 19], (n, 3)).prod(1)
    elif family == "zeros":
        out = rng.integers(0, 20, n) * rng.integers(0, 2, n)
    else:
        out = rng.integers(-20, 20, n)
    return [float(x) for x in out], {}


def check(outputs, values):
    return {"divisor": [outputs["divisor"] == reduce(gcd, map(int, values), 0)]}


@algorithm(
    source="The Art of Computer Programming, volume 2, 3rd ed., 4.5.2",
    structure=Sequence(requires=(whole,)),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("rest", HINT, GRAPH, SCALAR),
        Probe("divisor", OUTPUT, GRAPH, SCALAR),
    ],
    outputs={"divisor": Value("divisor", whole=True)},
    ticks=lambda n, m: 3 * n + 80,
    time=lambda n, m: n,
    families=FAMILIES,
    sample=sample,
    check=check,
)
def euclid(hub, nodes):
    hub.i = hub.first
    yield "init"
    while hub.i:
        hub.rest = hub.divisor
        hub.divisor = abs(hub.i.key)
        hub.i = hub.i.next
        yield "load"
        while hub.rest > 0.0:
            hub.divisor = hub.rest
            hub.rest = hub.divisor - hub.rest * floor(hub.divisor / hub.rest)
            yield "divide"
