"""A new form of answer is one class: labels, tensors and chains read it."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

import algorithms
from algorithms.answers import Listed, OfGraph, PerNode
from algorithms.machine.joining import join
from algorithms.machine.probes import GRAPH, MASK, NODE, SCALAR
from algorithms.trace import lay_out, read_outputs
from neural_exec.chains.ports import port_of
from neural_exec.tensors.outputs import Reader, scalar_outputs
from neural_exec.tensors.problems import Call, problem_of_list


@dataclass(frozen=True)
class Above(PerNode):
    """{node: bool}: is a scalar of it above a bound?"""

    name: str
    bound: float

    reads, port = (("name", "scalar", "node"),), (NODE, MASK)

    def stored(self, spec) -> str:
        return "field"

    def at(self, x, rows):
        return x.scalars[self.name][rows] > self.bound


@dataclass(frozen=True)
class Ends(Listed):
    """[first, last]."""

    reads = ()

    def read(self, x) -> list:
        return [x.labels[0][v] for v in self.places(x)]

    def places(self, x) -> list:
        return [int(x.static[name][x.hubs[0]]) for name in ("first", "last")]


@dataclass(frozen=True)
class First(OfGraph):
    """The first row's scalar."""

    name: str

    reads = (("name", "scalar", "node"),)

    def cells(self, x, rows):
        return x.static["first"][rows]


@pytest.fixture
def spec():
    spec = algorithms.get("minimum")
    return replace(spec, outputs={"above": Above("key", 2.0), "ends": Ends(), "first": First("key")})


def test_labels(spec):
    x = lay_out(spec, [3.0, 1.0, 4.0], {})
    assert read_outputs(x) == {"above": {0: True, 1: False, 2: True}, "ends": [0, 2], "first": 3.0}


def test_ports(spec):
    x = lay_out(spec, [3.0, 1.0, 4.0], {})
    above, first = port_of(spec, "above"), port_of(spec, "first")
    assert (above.location, above.type, first.location, first.type) == (NODE, MASK, GRAPH, SCALAR)
    assert above.read(x, True).tolist() == [True, False, True] == (~above.read(x, False)).tolist()
    assert first.read(x, None) == 3.0 and port_of(spec, "ends") is None


def test_tensors(spec):
    lists = [[3.0, 1.0, 4.0], [2.0, 5.0]]
    problems = [problem_of_list(spec, {"values": (len(values),)}) for values in lists]
    call = Call(spec, problems, torch.tensor([x for values in lists for x in values]), True)
    read = Reader(call, join([p.lay(np.array(values)) for p, values in zip(problems, lists)]))

    above, ends = (read.discrete(spec.outputs[name]).tolist() for name in ("above", "ends"))
    assert [row[: len(values)] for row, values in zip(above, lists)] == [[True, False, True], [False, True]]
    assert ends == [[0, 2], [0, 1]]
    assert scalar_outputs(spec) == ["first"]
    register, rows = read.cells_of(spec.outputs["first"])
    assert read.x.scalars[register][rows].tolist() == [3.0, 2.0]
