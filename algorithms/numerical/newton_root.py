"""Newton's method: the square root of each element, of all at once.

Source: Burden and Faires, Numerical Analysis, 9th ed., section 2.3: x becomes (x + key / x) / 2, from 1 on (Heron's
rule). After its first step x is not below the root, and sinks until rounding stops it: so no tolerance is needed, and
an element is done when the next x is not less. Takes any list of numbers of at least 0. A tick a step, in which the
digits that are right double once x is near: some 9 for numbers near 1, and one more for each factor of 4 between the
number and 1; at most 560.

>>> import algorithms
>>> algorithms.run("newton_root", [4.0, 0.0, 2.25])
{'root': {0: 2.0, 1: 0.0, 2: 1.5}}
"""

import numpy as np

from algorithms import sampling
from algorithms.answers import Scalars
from algorithms.author import HINT, INPUT, MASK_ONE, NODE, OUTPUT, SCALAR, Probe, Sequence, algorithm, first
from algorithms.errors import InputError


def not_negative(values, arguments):
    """Precondition."""
    for i, x in enumerate(values):
        if x < 0:
            raise InputError(f"newton_root: element {i} is {x}; what is below 0 has no root")


def sample(rng, n, family):
    """Half of them in another unit."""
    unit = float(rng.choice([1.0, 1.0, 1e-6, 1e6]))
    return [abs(x) * unit for x in sampling.numbers(rng, n, family)], {}


def check(outputs, values):
    best = np.sqrt(np.array(values, np.float64)).tolist()
    return {"root": [abs(outputs["root"][i] - x) <= 1e-15 * x for i, x in enumerate(best)]}


@algorithm(
    source="Numerical Analysis, 9th ed., 2.3",
    structure=Sequence(requires=(not_negative,)),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("guess", OUTPUT, NODE, SCALAR),
        Probe("better", HINT, NODE, SCALAR, init=1.0),
        Probe("i", HINT, NODE, MASK_ONE),
    ],
    outputs={"root": Scalars("guess")},
    ticks=lambda n, m: 560,
    time=lambda n, m: n,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def newton_root(hub, nodes):
    for v in nodes:
        if v.key > 0.0:
            v.guess = v.key + 1.0
            v.better = (v.key + 1.0) / 2.0
    yield "init"
    while True:
        hub.i = first(nodes, where=lambda v: v.better < v.guess)
        for v in nodes:
            if v.better < v.guess:
                v.guess = v.better
                v.better = (v.better + v.key / v.better) / 2.0
        yield "relax"
        if not hub.i:
            return
