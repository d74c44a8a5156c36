"""Declarations: probes and specs."""

import math

import numpy as np
import pytest

import algorithms
from algorithms.errors import AuthorError
from algorithms.machine.probes import (
    CATEGORICAL,
    EDGE,
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
)


@pytest.mark.parametrize(
    "probe, kind, register",
    [
        (Probe("x", HINT, NODE, SCALAR), "node", "scalar"),
        (Probe("x", HINT, EDGE, SCALAR), "edge", "scalar"),
        (Probe("x", HINT, GRAPH, SCALAR), "hub", "scalar"),
        (Probe("x", HINT, NODE, MASK), "node", "field"),
        (Probe("x", HINT, GRAPH, CATEGORICAL, ("a", "b")), "hub", "field"),
        (Probe("x", HINT, NODE, POINTER), "node", "pointer"),
        (Probe("x", HINT, NODE, MASK_ONE), "hub", "pointer"),
    ],
)
def test_a_probe_lives_on_a_row_as_a_register(probe, kind, register):
    assert (probe.kind, probe.register) == (kind, register)


@pytest.mark.parametrize(
    "probe, value",
    [
        (Probe("x", HINT, NODE, SCALAR), 0.0),
        (Probe("x", OUTPUT, NODE, SCALAR, init=math.inf), math.inf),
        (Probe("x", HINT, NODE, MASK), 0),
        (Probe("x", HINT, NODE, MASK, init=True), 1),
        (Probe("x", HINT, NODE, CATEGORICAL, ("a", "b")), 0),
        (Probe("x", HINT, NODE, CATEGORICAL, ("a", "b"), init="b"), 1),
        (Probe("x", HINT, NODE, POINTER), -1),
    ],
)
def test_initial_values(probe, value):
    assert probe.initial(np.arange(3)) == value


def test_an_input_without_value_is_undefined_and_self_is_the_row():
    assert math.isnan(Probe("x", INPUT, NODE, SCALAR).initial(np.arange(3)))
    assert Probe("x", HINT, NODE, POINTER, init="self").initial(np.arange(3)).tolist() == [0, 1, 2]


def test_a_categorical_without_values_is_refused():
    with pytest.raises(AuthorError, match="probe 'color' is categorical: name its values"):
        Probe("color", HINT, NODE, CATEGORICAL)


def test_a_probe_declared_twice_is_refused(make_spec):
    def program(hub, nodes):
        yield

    with pytest.raises(AuthorError, match="program: probe 'u' is declared twice"):
        make_spec(program, probes=2 * [Probe("u", HINT, NODE, MASK_ONE)])


def test_a_spec_tells_its_registers_and_itself():
    spec = algorithms.get("binary_search")
    assert [p.name for p in spec.registers("hub")] == ["target", "low", "high", "mid", "mean"]
    assert [p.name for p in spec.registers("node")] == ["key"]
    assert repr(spec) == "Spec('binary_search', chapter='searching', 6 probes, outputs=['index'])"
    assert spec.describe()[2] == dict(name="low", stage="hint", location="node", type="mask_one", values=[])
