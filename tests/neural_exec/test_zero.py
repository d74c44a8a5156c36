"""Zero has no sign in the machine: not where an input has one, not where a step makes one, in no engine. And there is one NaN."""

from functools import partial

import networkx as nx
import numpy as np
import pytest

from algorithms import registry
from algorithms.machine.definition import Definition
from algorithms.machine.engine import execute
from algorithms.recording.record import Recording, record
from algorithms.trace import lay_out
from neural_exec.examples import rng_of


def negative(x):
    """The same input, all its zeros negative."""
    if isinstance(x, nx.Graph):
        for *_, d in x.edges(data=True):
            d.update({k: negative(v) for k, v in d.items()})
        return x
    if isinstance(x, dict):
        return {k: negative(v) for k, v in x.items()}
    if isinstance(x, list | tuple):
        return type(x)(map(negative, x))
    return -0.0 if isinstance(x, float) and x == 0 else x


def signed_zeros(floats):
    return int((np.signbit(floats) & (floats == 0)).sum())


@pytest.mark.parametrize("name", registry.names())
def test_no_register_holds_a_negative_zero(everything, name):
    spec, policy = registry.get(name), everything.policy(name)
    for family in spec.families["training"]:
        data, arguments = spec.sample(rng_of("zero", name, family), 9, family)
        lay = partial(lay_out, spec, negative(data), negative(arguments))
        run = record(spec, lay(), Recording(spec))
        assert sum(signed_zeros(floats) for _, floats in run.states) == 0
        single = execute(policy, lay()).instance
        np.testing.assert_array_equal(single.floats, run.instance.floats)
        assert signed_zeros(single.floats) == 0
        judge = Definition(policy, lay())
        while not judge.halted:
            judge.tick()
        assert (judge.instance.floats.view(np.int64) == single.floats.view(np.int64)).all()
