"""Answers about nodes and about the graph as a whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from algorithms.answers.form import ORDER, OfGraph, PerNode, TellsEdges, nodes_of, pairs_of
from algorithms.machine.probes import CELL, EDGE, MASK, MASK_ONE, NODE, POINTER, SCALAR
from algorithms.machine.state import Instance

__all__ = ["Holds", "IsValue", "Marked", "Members", "Order", "Pointers", "Position", "Scalars", "Value", "ValueAt"]


@dataclass(frozen=True)
class Pointers(PerNode, TellsEdges):
    """{node: node or None} from a node pointer."""

    name: str

    reads, port, solves = (("name", "pointer", "node"),), (NODE, POINTER), EDGE

    def edges(self, x: Instance) -> np.ndarray:
        """(k, 2) rows: from the node that a pointer holds to the node that has it."""
        rows = x.rows(NODE)
        return pairs_of(self.at(x, rows), rows)


@dataclass(frozen=True)
class Scalars(PerNode):
    """{node: float} from a node scalar; {node: int} where it is a `whole` number."""

    name: str
    whole: bool = False

    reads, port = (("name", "scalar", "node"),), (NODE, SCALAR)


@dataclass(frozen=True)
class Order(PerNode):
    """[position, …]: which element of the input each place holds, from a node pointer."""

    name: str

    reads, port, solves = (("name", "pointer", "node"),), (NODE, ORDER), NODE

    def read(self, x: Instance) -> list:
        return self._told(x, x.rows(NODE))


@dataclass(frozen=True)
class IsValue(PerNode):
    """{node: bool}: does a node's field hold one of these values?"""

    name: str
    values: tuple

    reads, port = (("name", "field", "node"),), (NODE, MASK)

    def held(self) -> tuple:
        return self.values


@dataclass(frozen=True)
class _Holding(PerNode):
    """A set of nodes: those whose field holds a value."""

    name: str
    value: object = True

    reads, port = (("name", "field", "node"),), (NODE, MASK)

    def held(self) -> tuple:
        return (self.value,)

    def _who(self, x: Instance) -> list:
        return [v for v, is_one in zip(x.labels[0], self._told(x, x.rows(NODE))) if is_one]


@dataclass(frozen=True)
class Members(_Holding):
    """[position, …]: the rows whose field holds a value, in order."""

    def read(self, x: Instance) -> list:
        return self._who(x)


@dataclass(frozen=True)
class Marked(_Holding):
    """{node, …}: the nodes whose field holds a value."""

    def read(self, x: Instance) -> set:
        return set(self._who(x))


@dataclass(frozen=True)
class Value(OfGraph):
    """A scalar of the hub; an int where it is a `whole` number."""

    name: str
    whole: bool = False

    reads = (("name", "scalar", "hub"),)


@dataclass(frozen=True)
class ValueAt(OfGraph):
    """A scalar of the row that a static pointer of the hub holds."""

    pointer: str
    name: str

    reads = (("name", "scalar", CELL),)

    def cells(self, x: Instance, rows: np.ndarray) -> np.ndarray:
        return x.static[self.pointer][rows]


@dataclass(frozen=True)
class Position(OfGraph):
    """The position that a pointer of the hub holds, or None."""

    name: str

    reads, port, solves = (("name", "pointer", "hub"),), (NODE, MASK_ONE), NODE

    def given(self, x: Instance, value) -> int:
        return int(nodes_of(x, self.at(x, x.hubs))[0])


@dataclass(frozen=True)
class Holds(OfGraph):
    """Does a field of the hub hold a value?"""

    name: str
    value: object = True

    reads, port = (("name", "field", "hub"),), None

    def held(self) -> tuple:
        return (self.value,)
