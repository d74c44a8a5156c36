"""The contract of a form of answer: `Answer`, and the parts that most are made of."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import ClassVar, Protocol

import numpy as np

from algorithms.machine.probes import EDGE, GRAPH, MASK, NODE, SCALAR, Declaration
from algorithms.machine.state import Instance

__all__ = [
    "LIST", "ORDER", "Answer", "Entries", "Given", "Listed", "OfEdges", "OfGraph", "PerNode", "Place", "TellsEdges",
    "close", "label_of", "labels_of", "nodes_of", "pairs_of",
]  # fmt: skip

LIST = "list"  # the location of an answer that has as many entries as the run makes
ORDER = "order"  # the type of an order of nodes


def label_of(labels: list, row: int):
    """The caller's name of a node; None for nil, and for a row that is no node (a wrong run may hold one)."""
    return labels[row] if 0 <= row < len(labels) else None


def labels_of(labels: list, rows: np.ndarray) -> list:
    """The caller's names of many (`label_of`)."""
    n = len(labels)
    return list(map([*labels, None].__getitem__, np.where((rows >= 0) & (rows < n), rows, n).tolist()))


def close(a: float, b: float) -> bool:
    """Equal as sums of floats are, in another order."""
    return a == b or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


def nodes_of(x: Instance, rows: np.ndarray) -> np.ndarray:
    """Rows of one graph; -1 for what is no node."""
    return np.where(rows < np.count_nonzero(x.kind == x.kinds.index(NODE)), rows, -1)


def pairs_of(tail: np.ndarray, head: np.ndarray) -> np.ndarray:
    """(k, 2) int64 rows, without those that have no tail."""
    return np.stack([tail, head], 1, dtype=np.int64)[tail >= 0]


class Answer(ABC):
    """A form of answer, a frozen dataclass. Most are `Entries` or `Listed`.

    reads: what registers it takes: (its field, how the register is stored, the kind of rows that hold it).
    location: whose its entries are: NODE, EDGE, GRAPH or CELL, or LIST.
    solves: NODE where it tells nodes in an order, or one, EDGE where it tells edges (`TellsEdges`): such a solution has
    a value, by the keys of the nodes or the weights of the edges.
    whole: are its numbers whole ones?
    """

    reads: ClassVar[tuple[tuple[str, str, str], ...]]
    location: ClassVar[str]
    solves: ClassVar[str | None] = None
    whole: bool = False

    @abstractmethod
    def read(self, x: Instance) -> object:
        """The answer about one graph, in the caller's labels."""

    @abstractmethod
    def stored(self, spec: Declaration) -> str:
        """How its entries are stored: field, scalar or pointer (to a node)."""

    def held(self) -> tuple:
        """The values of its field that count, where it reads one."""
        return ()

    def has_gradient(self, spec: Declaration) -> bool:
        return self.stored(spec) == "scalar" and not self.whole


class Given(Answer):
    """What a chain takes. port: location and type of it; None where this one form of its kind is not taken."""

    port: ClassVar[tuple[str, str] | None]

    @abstractmethod
    def given(self, x: Instance, value: object) -> np.ndarray | float | int:
        """What a chain takes of it, as `neural_exec.chains.ports.Port.read` has it."""


class TellsEdges(Answer):
    """What tells edges."""

    @abstractmethod
    def edges(self, x: Instance) -> np.ndarray:
        """(k, 2) rows of the edges' ends; of several graphs, of one after another."""


class Entries(Answer):
    """An entry for each row of its location. name: of the register where they are."""

    name: str

    def stored(self, spec: Declaration) -> str:
        return spec.by_name[self.name].register

    def cells(self, x: Instance, rows: np.ndarray) -> np.ndarray:
        """Where the register holds the entries of these rows, of its location."""
        return rows

    def at(self, x: Instance, rows: np.ndarray) -> np.ndarray:
        """The entries of rows of its location, in order: float64, bool, or int64 rows of nodes. A row below 0 is none,
        and so is one that is no node (a wrong run may hold one)."""
        cells = self.cells(x, rows)
        if not (held := self.held()):
            return x.register(self.name)[cells].astype(np.float64 if self.stored(x.spec) == "scalar" else np.int64)
        return np.isin(x.fields[self.name][cells], [x.spec.by_name[self.name].values.index(v) for v in held])

    def _told(self, x: Instance, rows: np.ndarray) -> list:
        """The entries of rows, in the caller's labels and Python's numbers."""
        entries = self.at(x, rows)
        if self.stored(x.spec) == "pointer":
            return labels_of(x.labels[0], entries)
        if self.whole and (np.abs(entries) < 2.0**63).all():
            return entries.astype(np.int64).tolist()
        return [int(v) if math.isfinite(v) else v for v in entries.tolist()] if self.whole else entries.tolist()


class PerNode(Entries, Given):
    """An entry for each node: {node: entry}."""

    location = NODE

    def read(self, x: Instance) -> object:
        return dict(zip(x.labels[0], self._told(x, x.rows(NODE))))

    def given(self, x: Instance, value: object) -> np.ndarray:
        entries = self.at(x, x.rows(NODE))
        if entries.dtype == bool:
            return entries == bool(value)
        return nodes_of(x, entries) if self.stored(x.spec) == "pointer" else entries


class OfGraph(Entries, Given):
    """One entry, of the graph."""

    location = GRAPH
    port: ClassVar[tuple[str, str] | None] = GRAPH, SCALAR

    def read(self, x: Instance) -> object:
        return self._told(x, x.hubs)[0]

    def given(self, x: Instance, value: object) -> float | int:
        return float(self.at(x, x.hubs)[0])


class OfEdges(Entries, Given, TellsEdges):
    """[(u, v), …]: a set of edges, those whose field holds a value."""

    value: object

    location, port, solves = EDGE, (EDGE, MASK), EDGE

    def held(self) -> tuple:
        return (self.value,)

    def read(self, x: Instance) -> list:
        ends = self.given(x, None)
        return list(zip(*(labels_of(x.labels[0], ends[:, i]) for i in (0, 1))))

    def given(self, x: Instance, value: object) -> np.ndarray:
        ends = self.edges(x)
        return pairs_of(nodes_of(x, ends[:, 0]), ends[:, 1])


class Place(Protocol):
    """One graph's final state, as far as a list looks: `Instance` is one."""

    size: int
    hubs: np.ndarray
    labels: list
    pointers: dict[str, np.ndarray]
    static: dict[str, np.ndarray]

    def rows(self, kind: str) -> np.ndarray: ...


class Listed(Answer):
    """As many entries as the run makes; `places` is what tensors hold."""

    location = LIST

    def stored(self, spec: Declaration) -> str:
        return "pointer"

    @abstractmethod
    def places(self, x: Place) -> list:
        """The answer about one graph, as nested lists of the places of nodes; -1 for none."""
