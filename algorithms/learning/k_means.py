"""k-means of numbers in two clusters, by Lloyd's algorithm.

Source: Lloyd, Least squares quantization in PCM, IEEE Transactions on Information Theory 28, 1982. The centres start at
the first and the last number; every number joins the nearer centre (of two alike the first), then each centre moves to
the mean of those that joined it, where there are any, until no number changes sides. `label` is 0 of those that are
with the first centre, 1 with the second. Takes any list of finite numbers. Three ticks an iteration, of which there are
few: at most 3 n + 9.

>>> import algorithms
>>> algorithms.run("k_means", [1.0, 2.0, 9.0, 5.0])
{'label': {0: 0, 1: 0, 2: 1, 3: 1}, 'first_centre': 1.5, 'second_centre': 7.0}
"""

import numpy as np

from algorithms import sampling
from algorithms.answers import Scalars, Value
from algorithms.author import (  # fmt: skip
    GRAPH,
    HINT,
    INPUT,
    NODE,
    OUTPUT,
    SCALAR,
    Probe,
    Sequence,
    algorithm,
    maximum,
    sign,
    total,
)
from algorithms.inputs.checks import summable


def finite_sums(values, arguments):
    """Precondition."""
    summable(values, "k_means: the numbers")


def sample(rng, n, family):
    """In an order of their own half of the time."""
    values = sampling.numbers(rng, n, family)
    return values if rng.random() < 0.5 else [values[i] for i in rng.permutation(n).tolist()], {}


def check(outputs, values):
    """As a loop over vectors has it, bit by bit."""
    x = np.array(values, np.float64)
    centres, second = np.array([x[0], x[-1]]), None
    while True:
        before, second = second, np.abs(x - centres[0]) > np.abs(x - centres[1])
        if before is not None and (before == second).all():
            break
        sums, counts = np.bincount(second, x, minlength=2), np.bincount(second, minlength=2)
        centres = np.where(counts > 0, sums / np.maximum(counts, 1), centres)
    return {
        "label": [outputs["label"][i] == s for i, s in enumerate(second.tolist())],
        "first_centre": [outputs["first_centre"] == centres[0]],
        "second_centre": [outputs["second_centre"] == centres[1]],
    }


@algorithm(
    source="Least squares quantization in PCM, 1982",
    structure=Sequence(requires=(finite_sums,)),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("label", OUTPUT, NODE, SCALAR, init=-1.0),
        Probe("change", HINT, NODE, SCALAR),
        Probe("error", HINT, GRAPH, SCALAR),
        Probe("first_sum", HINT, GRAPH, SCALAR),
        Probe("first_count", HINT, GRAPH, SCALAR),
        Probe("second_sum", HINT, GRAPH, SCALAR),
        Probe("second_count", HINT, GRAPH, SCALAR),
        Probe("first_centre", OUTPUT, GRAPH, SCALAR),
        Probe("second_centre", OUTPUT, GRAPH, SCALAR),
    ],
    outputs={
        "label": Scalars("label", whole=True),
        "first_centre": Value("first_centre"),
        "second_centre": Value("second_centre"),
    },
    ticks=lambda n, m: 3 * n + 9,
    time=lambda n, m: n * n,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def k_means(hub, nodes):
    hub.first_centre = hub.first.key
    hub.second_centre = hub.last.key
    yield "init"
    while True:
        for v in nodes:
            v.change = abs(nearer(hub, v) - v.label)
            v.label = nearer(hub, v)
        yield "join"
        hub.error = total(nodes, key=lambda v: v.change)
        hub.first_sum = total(nodes, key=lambda v: (1.0 - v.label) * v.key)
        hub.first_count = total(nodes, key=lambda v: 1.0 - v.label)
        hub.second_sum = total(nodes, key=lambda v: v.label * v.key)
        hub.second_count = total(nodes, key=lambda v: v.label)
        yield "gather"
        if hub.error == 0.0:
            return
        if hub.first_count > 0.0:
            hub.first_centre = hub.first_sum / hub.first_count
        if hub.second_count > 0.0:
            hub.second_centre = hub.second_sum / hub.second_count
        yield "move"


def nearer(hub, v):
    """0 or 1: the label of the centre that is nearer."""
    return maximum(0.0, sign(abs(v.key - hub.first_centre) - abs(v.key - hub.second_centre)))
