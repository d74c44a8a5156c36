"""The perceptron: a line that has the points of one class on one side and all others on the other, learned by mistakes.

Source: Rosenblatt, The perceptron: a probabilistic model for information storage and organization in the brain,
Psychological Review 65, 1958. The points are looked at in order, over and over; where the sign of x_weight * x +
y_weight * y + bias is not the point's label, the point times its label is added to the weights, which start at 0. It
ends after a pass without a mistake, which comes where a line separates the classes, or after 100 passes. `separated`:
was there such a pass? Takes the lists `x` and `y`, of numbers of at most 1e40, and `label`, of 1 and -1 (0 is taken
for -1). A tick a point and one a pass: at most 100 n + 102.

>>> import algorithms
>>> algorithms.run("perceptron", x=[2.0, 0.0], y=[1.0, 1.0], label=[1, -1])
{'x_weight': 2.0, 'y_weight': -1.0, 'bias': -1.0, 'separated': True}
"""

import numpy as np

from algorithms import sampling
from algorithms.answers import Holds, Value
from algorithms.author import GRAPH, HINT, INPUT, MASK, MASK_ONE, NODE, OUTPUT, SCALAR, Probe, algorithm, sign
from algorithms.errors import InputError
from algorithms.inputs.records import Records
from algorithms.learning._lines import not_too_large


def of_two_classes(_, arguments):
    """Precondition."""
    not_too_large("perceptron", arguments["x"], arguments["y"])
    for i, label in enumerate(arguments["label"]):
        if label not in (-1, 0, 1):
            raise InputError(f"perceptron: element {i} of label is {label}; a label is 1, or -1 (or 0)")


def sample(rng, n, family):
    """Points on both sides of a line, at times too near it; or labels that no line tells apart, now and then; or one
    class alone."""
    x, y = sampling.numbers(rng, n, family), sampling.numbers(rng, n, family)
    y = [y[i] for i in rng.permutation(n).tolist()]
    slope = rng.normal(0, 1, 2)
    height = slope[0] * np.array(x) + slope[1] * np.array(y)
    height -= rng.choice(height) + float(rng.choice([0.0, 0.1]))
    label = np.where(height > 0, 1.0, -1.0)
    if rng.random() < 0.1:
        label = rng.choice([1.0, -1.0], n)
    return None, {"x": x, "y": y, "label": label.tolist()}


def check(outputs, data, x, y, label):
    """The same sums as of vectors, bit by bit; and what separates has no point on the wrong side."""
    rows = np.stack([x, y, np.ones(len(x))], 1)
    signs, weights, separated = np.where(np.array(label) > 0, 1.0, -1.0), np.zeros(3), False
    for _ in range(100):
        before = weights
        for row, label_of in zip(rows, signs):
            if not label_of * (weights[0] * row[0] + weights[1] * row[1] + weights[2]) > 0:
                weights = weights + label_of * row
        separated = weights is before
        if separated:
            break
    names = ("x_weight", "y_weight", "bias")
    return {
        **{name: [outputs[name] == value] for name, value in zip(names, weights)},
        "separated": [outputs["separated"] == separated],
    }


@algorithm(
    source="The perceptron, Psychological Review 65, 1958",
    structure=Records(("x", "y", "label"), requires=(of_two_classes,)),
    probes=[
        Probe("x", INPUT, NODE, SCALAR),
        Probe("y", INPUT, NODE, SCALAR),
        Probe("label", INPUT, NODE, SCALAR),
        Probe("i", HINT, NODE, MASK_ONE),
        Probe("changed", HINT, GRAPH, MASK),
        Probe("count", HINT, GRAPH, SCALAR),
        Probe("x_weight", OUTPUT, GRAPH, SCALAR),
        Probe("y_weight", OUTPUT, GRAPH, SCALAR),
        Probe("bias", OUTPUT, GRAPH, SCALAR),
        Probe("separated", OUTPUT, GRAPH, MASK),
    ],
    outputs={
        "x_weight": Value("x_weight"),
        "y_weight": Value("y_weight"),
        "bias": Value("bias"),
        "separated": Holds("separated"),
    },
    ticks=lambda n, m: 100 * n + 102,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def perceptron(hub, nodes):
    for v in nodes:
        v.label = sign(v.label - 0.5)
    hub.i = hub.first
    yield "init"
    while True:
        while hub.i:
            if hub.i.label * (hub.x_weight * hub.i.x + hub.y_weight * hub.i.y + hub.bias) <= 0.0:
                hub.x_weight = hub.x_weight + hub.i.label * hub.i.x
                hub.y_weight = hub.y_weight + hub.i.label * hub.i.y
                hub.bias = hub.bias + hub.i.label
                hub.changed = True
            hub.i = hub.i.next
            yield "scan"
        if not hub.changed:
            hub.separated = True
            return
        if hub.count == 99.0:
            return
        hub.count = hub.count + 1.0
        hub.changed = False
        hub.i = hub.first
        yield "next"
