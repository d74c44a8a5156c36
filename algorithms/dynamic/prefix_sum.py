"""Prefix sums: of each position, the sum of all elements up to it, by pointer doubling.

Source: Hillis and Steele, Data Parallel Algorithms, Communications of the ACM 29, 1986. Each element knows the sum of
a stretch that ends with it, and points at the last element before that stretch; in one step every one adds what that
element knows, and takes its pointer, so that all stretches double. Takes any list of finite numbers. Additions are
n log2(n), ticks at most log2(n) + 3.

>>> import algorithms
>>> algorithms.run("prefix_sum", [3.0, 1.0, -2.0, 5.0])
{'sum': {0: 3.0, 1: 4.0, 2: 2.0, 3: 7.0}}
"""

from fractions import Fraction
from itertools import accumulate
from math import log2

from algorithms import sampling
from algorithms.answers import Scalars
from algorithms.author import HINT, INPUT, NODE, OUTPUT, POINTER, SCALAR, Probe, Sequence, algorithm
from algorithms.inputs.checks import summable


def finite_sums(values, arguments):
    """Precondition."""
    summable(values, "prefix_sum: the numbers")


def sample(rng, n, family):
    """Half of them are shifted, so that sums go up and down."""
    values, shift = sampling.numbers(rng, n, family), int(rng.integers(2))
    return [x - shift * 0.5 for x in values], {}


def check(outputs, values):
    """Exact sums, but for the rounding of log2(n) additions."""
    exact, size = accumulate(map(Fraction, values)), accumulate(abs(Fraction(x)) for x in values)
    return {"sum": [abs(Fraction(outputs["sum"][i]) - x) <= s / 2**44 for i, (x, s) in enumerate(zip(exact, size))]}


@algorithm(
    source="Data Parallel Algorithms, 1986",
    structure=Sequence(requires=(finite_sums,)),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("p", HINT, NODE, POINTER),
        Probe("sum", OUTPUT, NODE, SCALAR),
    ],
    outputs={"sum": Scalars("sum")},
    ticks=lambda n, m: int(log2(n)) + 3,
    time=lambda n, m: n * log2(n + 1),
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def prefix_sum(hub, nodes):
    for v in nodes:
        v.sum = v.key
        v.p = v.prev
    yield "init"
    while hub.last.p:
        for v in nodes:
            if v.p:
                v.sum = v.p.sum + v.sum
                v.p = v.p.p
        yield "double"
