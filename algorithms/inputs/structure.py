"""The contract of what algorithms are called with: `Structure`. Those that there are stand in `graphs`, `lists`,
`records`, `cells` and `networks`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from algorithms.inputs.edges import Arguments
from algorithms.inputs.worlds import World
from algorithms.machine.probes import INPUT, Declaration
from algorithms.machine.state import Instance

__all__ = ["REQUIRED", "GraphStructure", "PairStructure", "Structure", "inputs_of_hub"]


REQUIRED = object()


def inputs_of_hub(spec: Declaration) -> dict:
    """The arguments that go into registers of the hub, each of them required."""
    return {p.name: REQUIRED for p in spec.probes if p.stage == INPUT and p.kind == "hub"}


class _Graph:
    """What a graph is: directed: True, False, or None for either; attribute: the argument that names the attribute of
    edges' numbers, "" where they have none; weighted: is that any real number? nonnegative: does `check` refuse one
    below 0? merges: what may become of parallel edges (`algorithms.merging`)."""

    directed: bool | None = None
    weighted: bool = False
    nonnegative: ClassVar[bool] = False

    @property
    def attribute(self) -> str:
        return ""

    @property
    def merges(self) -> str:
        return ""


class _Chained:
    """What a chain goes by: takes: graph, list, or columns (several scalars of a row, each by its name); per_row:
    arguments with something for each row; own_rows: are its nodes none that the algorithms beside it share?"""

    own_rows: ClassVar[bool] = False

    @property
    def takes(self) -> str:
        return "list"

    @property
    def per_row(self) -> tuple[str, ...]:
        return ()


class _Differentiated:
    """What a gradient goes by: numeric: does it take numbers that may have one? valued: NODE or EDGE, whose numbers
    make the value of a discrete solution (`Answer.solves`), or None."""

    @property
    def numeric(self) -> bool:
        return True

    @property
    def valued(self) -> str | None:
        return None


class Structure(_Graph, _Chained, _Differentiated, ABC):
    """What an algorithm is called with: it checks a caller's input, lays it out as rows and relations, and says what
    others need to know of it. It is a frozen dataclass. Most are of a kind that answers a part of this: a graph
    (`GraphStructure`), two sequences (`PairStructure`), lists.

    data: the name of what it is called with. kinds: of its rows, NODE first, the hub last. links, numbers: static
    pointers and static scalars that it lays down -> whose they are. requires: preconditions, `f(data, arguments)`
    raising InputError. compared: are its numbers only compared with one another? lists: the names of several, by which
    alone it is called (`by_name`); wide: numbers of a row; optional: names of arguments that may be left out.
    """

    links: ClassVar[dict[str, str]] = {}
    numbers: ClassVar[dict[str, str]] = {}
    requires: tuple[Callable, ...] = ()
    compared: bool = False
    lists: tuple[str, ...] = ()
    wide: ClassVar[int] = 1

    @property
    @abstractmethod
    def data(self) -> str: ...

    @property
    @abstractmethod
    def kinds(self) -> tuple[str, ...]: ...

    @property
    def optional(self) -> tuple[str, ...]:
        return ()

    @property
    def by_name(self) -> bool:
        """Is it called with keywords alone? The data are then None."""
        return bool(self.lists)

    @property
    def per_row(self) -> tuple[str, ...]:
        return self.lists

    def arguments(self, spec: Declaration) -> tuple[str, ...]:
        """Names of what the caller passes: the data, then further arguments."""
        return (*(self.lists or (self.data,)), *self._known(spec))

    def _known(self, spec: Declaration) -> dict:
        """Further arguments -> their defaults, or REQUIRED."""
        return inputs_of_hub(spec) | ({self.attribute: self.attribute} if self.attribute else {})

    @abstractmethod
    def check(self, spec: Declaration, data, given: dict) -> dict:
        """The arguments, complete. Raises ArgumentError, InputError and GraphError, before any work."""

    @abstractmethod
    def build(self, spec: Declaration, data, arguments: dict) -> Instance:
        """Lay out what was checked."""

    @abstractmethod
    def examples(self, spec: Declaration) -> list[Instance]:
        """Small inputs laid out, unchecked: by these a layout is known (`algorithms.fingerprint`)."""

    @abstractmethod
    def worlds(self, spec: Declaration) -> list[World]:
        """Every input up to a size, with every choice of further arguments (`algorithms.inputs.worlds`)."""

    def joined(self, arguments: dict):
        """The data, of what is given for each row by name; takes these out of the arguments. None where it is called by
        name."""
        return None


@dataclass(frozen=True)
class GraphStructure(Structure):
    """A graph, which may be given as arrays too."""

    requires: tuple[Callable, ...] = field(default=(), kw_only=True)

    data, takes = "graph", "graph"

    @abstractmethod
    def check(self, spec: Declaration, data, given: dict) -> Arguments:
        """As that of any structure; with the graph's edges."""

    @abstractmethod
    def arrange(self, spec: Declaration, labels: list, ends: np.ndarray, weight, directed: bool, hub: dict) -> Instance:
        """Lay out a graph given as arrays, unchecked. labels: of the n nodes; ends (m, 2) int64, each edge once; weight
        (m,) or None; hub: {argument: node's place, or number}."""


class PairStructure(Structure):
    """Two sequences of symbols: of what is compared for equality alone."""

    @abstractmethod
    def of_two(self, x, y) -> tuple[object, dict]:
        """Data and arguments, of two sequences."""
