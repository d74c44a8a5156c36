"""Every form of answer: how an output is read off a final state. A form serves all algorithms that need it.

A form is one class: whose its entries are, what they are on which rows, how they are told in the caller's labels. What
tensors (`neural_exec.tensors.outputs`) and chains (`neural_exec.chains.ports`) make of it follows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from algorithms.machine.probes import CELL, EDGE, GRAPH, MASK, MASK_ONE, NODE, POINTER, SCALAR, Declaration
from algorithms.machine.state import Instance

__all__ = [
    "LIST", "ORDER", "Alignment", "Answer", "Chain", "Chosen", "Common", "Flow", "Holds", "IsValue", "Listed", "Marked",
    "Members", "OfEdges", "OfGraph", "Order", "PerNode", "Pointers", "Position", "Scalars", "Splits", "Table",
    "TreeEdges", "Value", "ValueAt", "Walk", "close", "label_of",
]  # fmt: skip

LIST = "list"  # the location of an answer that has as many entries as the run makes
ORDER = "order"  # the type of an order of nodes


def label_of(labels: list, row: int):
    """The caller's name of a node; None for nil, and for a row that is no node (a wrong run may hold one)."""
    return labels[row] if 0 <= row < len(labels) else None


def _labels_of(labels: list, rows: np.ndarray) -> list:
    """The caller's names of many (`label_of`)."""
    n = len(labels)
    return list(map([*labels, None].__getitem__, np.where((rows >= 0) & (rows < n), rows, n).tolist()))


def close(a: float, b: float) -> bool:
    """Equal as sums of floats are, in another order."""
    return a == b or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


class Answer:  # no ABC: each has a `register` of its own, which dataclasses would take for a default
    """A form of answer. It is a dataclass whose field `register` names where its entries are, or has `stored` and `at`
    of its own.

    reads: what registers it takes: (its field, how the register is stored, the kind of rows that hold it).
    location: whose its entries are: NODE, EDGE, GRAPH or CELL, or LIST.
    port: location and type of what a chain takes of it (`given`), None for nothing.
    solves: NODE where it tells nodes in an order, or one, EDGE where it tells edges (`edges`): such a solution has a
    value, by the keys of the nodes or the weights of the edges.
    whole: are its numbers whole ones?
    """

    reads: ClassVar[tuple[tuple[str, str, str], ...]]
    location: ClassVar[str]
    port: ClassVar[tuple[str, str] | None] = None
    solves: ClassVar[str | None] = None
    whole = False

    def read(self, x: Instance):
        """The answer about one graph, in the caller's labels."""
        raise NotImplementedError(type(self).__name__)

    def held(self) -> tuple:
        """The values of its field that count, where it reads one."""
        return ()

    def stored(self, spec: Declaration) -> str:
        """How its entries are stored: field, scalar or pointer (to a node)."""
        return spec.by_name[self.register].register

    def has_gradient(self, spec: Declaration) -> bool:
        return self.stored(spec) == "scalar" and not self.whole

    def cells(self, x: Instance, rows: np.ndarray) -> np.ndarray:
        """Where the register holds the entries of these rows, of its location."""
        return rows

    def at(self, x: Instance, rows: np.ndarray) -> np.ndarray:
        """The entries of rows of its location, in order: float64, bool, or int64 rows of nodes. A row below 0 is none,
        and so is one that is no node (a wrong run may hold one)."""
        cells = self.cells(x, rows)
        if not (held := self.held()):
            return x.register(self.register)[cells]
        return np.isin(x.fields[self.register][cells], [x.spec.by_name[self.register].values.index(v) for v in held])

    def given(self, x: Instance, value) -> np.ndarray | float | int:
        """What a chain takes of it, as `neural_exec.chains.ports.Port.read` has it."""
        raise NotImplementedError(type(self).__name__)

    def _told(self, x: Instance, rows: np.ndarray) -> list:
        """The entries of rows, in the caller's labels and Python's numbers."""
        entries = self.at(x, rows)
        if self.stored(x.spec) == "pointer":
            return _labels_of(x.labels[0], entries)
        if self.whole and (np.abs(entries) < 2.0**63).all():
            return entries.astype(np.int64).tolist()
        return [int(v) if self.whole and math.isfinite(v) else v for v in entries.tolist()]


def _nodes(x: Instance, rows: np.ndarray) -> np.ndarray:
    """Rows of one graph; -1 for what is no node."""
    return np.where(rows < np.count_nonzero(x.kind == x.kinds.index(NODE)), rows, -1)


# ---------------------------------------------------------------- of each node
class PerNode(Answer):
    """An entry for each node: {node: entry}."""

    location = NODE

    def read(self, x: Instance) -> dict:
        return dict(zip(x.labels[0], self._told(x, x.rows(NODE))))

    def given(self, x: Instance, value) -> np.ndarray:
        entries = self.at(x, x.rows(NODE))
        if entries.dtype == bool:
            return entries == bool(value)
        return _nodes(x, entries) if self.stored(x.spec) == "pointer" else entries


@dataclass(frozen=True)
class Pointers(PerNode):
    """{node: node or None} from a node pointer."""

    register: str

    reads, port, solves = (("register", "pointer", "node"),), (NODE, POINTER), EDGE

    def edges(self, x: Instance) -> np.ndarray:
        """(k, 2) rows: from the node that a pointer holds to the node that has it."""
        rows = x.rows(NODE)
        return _pairs(self.at(x, rows), rows)


@dataclass(frozen=True)
class Scalars(PerNode):
    """{node: float} from a node scalar; {node: int} where it is a `whole` number."""

    register: str
    whole: bool = False

    reads, port = (("register", "scalar", "node"),), (NODE, SCALAR)


@dataclass(frozen=True)
class Order(PerNode):
    """[position, …]: which element of the input each place holds, from a node pointer."""

    register: str

    reads, port, solves = (("register", "pointer", "node"),), (NODE, ORDER), NODE

    def read(self, x: Instance) -> list:
        return self._told(x, x.rows(NODE))


class _OfNodes(PerNode):
    """A set of nodes: those whose field holds one of some values."""

    reads, port = (("register", "field", "node"),), (NODE, MASK)

    def held(self) -> tuple:
        return (self.value,)


@dataclass(frozen=True)
class IsValue(_OfNodes):
    """{node: bool}: does a node's field hold one of these values?"""

    register: str
    values: tuple

    def held(self) -> tuple:
        return self.values


@dataclass(frozen=True)
class Members(_OfNodes):
    """[position, …]: the rows whose field holds a value, in order."""

    register: str
    value: object = True

    def read(self, x: Instance) -> list:
        return [v for v, is_one in zip(x.labels[0], self._told(x, x.rows(NODE))) if is_one]


@dataclass(frozen=True)
class Marked(Members):
    """{node, …}: the nodes whose field holds a value."""

    def read(self, x: Instance) -> set:
        return {*super().read(x)}


# ---------------------------------------------------------------- of the graph
class OfGraph(Answer):
    """One entry, of the graph."""

    location, port = GRAPH, (GRAPH, SCALAR)

    def read(self, x: Instance):
        return self._told(x, x.hubs)[0]

    def given(self, x: Instance, value) -> float | int:
        return float(self.at(x, x.hubs)[0])


@dataclass(frozen=True)
class Value(OfGraph):
    """A scalar of the hub; an int where it is a `whole` number."""

    register: str
    whole: bool = False

    reads = (("register", "scalar", "hub"),)


@dataclass(frozen=True)
class ValueAt(OfGraph):
    """A scalar of the row that a static pointer of the hub holds."""

    pointer: str
    register: str

    reads = (("register", "scalar", CELL),)

    def cells(self, x: Instance, rows: np.ndarray) -> np.ndarray:
        return x.static[self.pointer][rows]


@dataclass(frozen=True)
class Position(OfGraph):
    """The position that a pointer of the hub holds, or None."""

    register: str

    reads, port, solves = (("register", "pointer", "hub"),), (NODE, MASK_ONE), NODE

    def given(self, x: Instance, value) -> int:
        return int(_nodes(x, self.at(x, x.hubs))[0])


@dataclass(frozen=True)
class Holds(OfGraph):
    """Does a field of the hub hold a value?"""

    register: str
    value: object = True

    reads, port = (("register", "field", "hub"),), None

    def held(self) -> tuple:
        return (self.value,)


# ---------------------------------------------------------------- of each edge
def _pairs(tail: np.ndarray, head: np.ndarray) -> np.ndarray:
    """(k, 2) rows, without those that have no tail."""
    return np.stack([tail, head], 1)[tail >= 0]


class OfEdges(Answer):
    """[(u, v), …]: a set of edges, those whose field holds a value."""

    location, port, solves = EDGE, (EDGE, MASK), EDGE

    def held(self) -> tuple:
        return (self.value,)

    def edges(self, x: Instance) -> np.ndarray:
        """(k, 2) rows of the edges' ends; of several graphs, of one after another."""
        raise NotImplementedError(type(self).__name__)

    def read(self, x: Instance) -> list:
        ends = self.given(x, None)
        return list(zip(*(_labels_of(x.labels[0], ends[:, i]) for i in (0, 1))))

    def given(self, x: Instance, value) -> np.ndarray:
        ends = self.edges(x)
        return _pairs(_nodes(x, ends[:, 0]), ends[:, 1])


@dataclass(frozen=True)
class Chosen(OfEdges):
    """[(u, v), …]: the edges whose field holds a value."""

    register: str
    value: object

    reads = (("register", "field", "edge"),)

    def edges(self, x: Instance) -> np.ndarray:
        rows = x.rows(EDGE)
        rows = rows[self.at(x, rows)]
        return _pairs(x.static["tail"][rows], x.static["head"][rows])


@dataclass(frozen=True)
class TreeEdges(OfEdges):
    """[(parent, node), …]: a tree's edges down to the nodes whose field holds a value."""

    parent: str
    register: str
    value: object = True

    reads = (("parent", "pointer", "node"), ("register", "field", "node"))

    def edges(self, x: Instance) -> np.ndarray:
        rows = x.rows(NODE)
        rows = rows[self.at(x, rows)]
        return _pairs(x.pointers[self.parent][rows], rows)


@dataclass(frozen=True)
class Flow(Answer):
    """{u: {v: flow}} for every edge, from the flows of arcs: one way of two opposite edges is 0."""

    register: str

    reads, location = (("register", "scalar", "edge"),), EDGE

    def read(self, x: Instance) -> dict:
        labels, arcs = x.labels[0], x.rows(EDGE)
        used = self.at(x, arcs).tolist()
        flow = dict(zip(zip(x.static["tail"][arcs].tolist(), x.static["head"][arcs].tolist()), used))
        out: dict = {v: {} for v in labels}
        edges = x.relations["in_edges"]
        for u, v in sorted(zip(edges.src[:-1].tolist(), edges.dst[:-1].tolist())):
            out[labels[u]][labels[v]] = max(0.0, flow.get((u, v), 0.0))
        return out


# ---------------------------------------------------------------- of each cell
def _cells(x: Instance) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cells, and of each the row's node or -1, the column's node or -1."""
    cells = x.rows(CELL)
    return cells, x.static["row"][cells], x.static["column"][cells]


@dataclass(frozen=True)
class Table(Answer):
    """{node: {node: value}} from a register of the cells: a scalar; or a pointer to the node before the second on the
    way from the first (a node or None), which there is none of from a node to itself."""

    register: str

    reads, location = (("register", "scalar or pointer", CELL),), CELL

    def at(self, x: Instance, rows: np.ndarray) -> np.ndarray:
        entries = super().at(x, rows)
        if self.stored(x.spec) == "scalar":
            return entries
        return np.where(x.static["row"][rows] == x.static["column"][rows], -1, entries)

    def read(self, x: Instance) -> dict:
        labels, (cells, row, column) = x.labels[0], _cells(x)
        out: dict = {v: {} for v in labels}
        for i, j, value in zip(row.tolist(), column.tolist(), self._told(x, cells)):
            out[labels[i]][labels[j]] = value
        return out


# ---------------------------------------------------------------- lists
class Listed(Answer):
    """As many entries as the run makes; `places` is what tensors hold."""

    location = LIST

    def stored(self, spec: Declaration) -> str:
        return "pointer"

    def places(self, x: Instance) -> list:
        """The answer about one graph, as nested lists of the places of nodes; -1 for none."""
        raise NotImplementedError(type(self).__name__)


class _Linked(Listed):
    """Nodes along a linked list; it is broken off where it goes round."""

    def read(self, x: Instance) -> list:
        return _labels_of(x.labels[0], np.array(self.places(x), np.int64))


@dataclass(frozen=True)
class Chain(_Linked):
    """[node, …] along a linked list: from the hub's pointer `head`, on by the node pointer `link`; or `backward`."""

    head: str
    link: str
    backward: bool = False

    reads = (("head", "pointer", "hub"), ("link", "pointer", "node"))
    port, solves = (NODE, ORDER), NODE

    def places(self, x: Instance) -> list:
        out, v, link = [], int(x.pointers[self.head][x.hubs[0]]), x.pointers[self.link].tolist()
        while v >= 0 and len(out) <= x.size:
            out.append(v)
            v = link[v]
        return out[::-1] if self.backward else out

    def given(self, x: Instance, value) -> np.ndarray:
        return _nodes(x, np.array(self.places(x), np.int64))


@dataclass(frozen=True)
class Walk(_Linked):
    """[node, …] along a linked list of edges: from the hub's pointer `start`, over each edge to its other end."""

    start: str
    head: str
    link: str

    reads = (("start", "pointer", "hub"), ("head", "pointer", "hub"), ("link", "pointer", "edge"))

    def places(self, x: Instance) -> list:
        hub, static = x.hubs[0], x.static
        v, e = int(x.pointers[self.start][hub]), int(x.pointers[self.head][hub])
        out = [v] if v >= 0 else []
        while v >= 0 and e >= 0 and len(out) <= x.size:
            v = int(static["head"][e] if static["tail"][e] == v else static["tail"][e])
            out.append(v)
            e = int(x.pointers[self.link][e])
        return out


@dataclass(frozen=True)
class Splits(Listed):
    """{(i, j): place} for i < j, from a pointer of the cells to nodes. before: of a range i..j - 1, named i..j by its
    cell, so that its last element is counted."""

    register: str
    before: bool = False

    reads = (("register", "pointer", CELL),)

    def read(self, x: Instance) -> dict:
        cells, row, column = _cells(x)
        every = zip(row.tolist(), column.tolist(), x.pointers[self.register][cells].tolist())
        return {(i, j - self.before): label_of(x.labels[0], k) for i, j, k in every if i < j}

    def places(self, x: Instance) -> list:
        table = np.full((len(x.labels[0]),) * 2, -1)
        for (i, j), k in self.read(x).items():
            table[i, j] = -1 if k is None else k
        return table.tolist()


class _Aligned(Listed):
    """Two sequences, element by element, by a pointer of the cells, which leads from the hub's `last` to the first."""

    reads = (("link", "pointer", CELL),)

    def _steps(self, x: Instance) -> list[tuple[int | None, int | None]]:
        out, cell = [], int(x.static["last"][x.hubs[0]])
        row, column = x.static["row"], x.static["column"]
        second = column[column >= 0].min(initial=x.size)  # the second's first element
        while (before := int(x.pointers[self.link][cell])) >= 0 and len(out) <= x.size:
            i, j = int(row[cell]), int(column[cell])
            down, across = row[before] != i and i >= 0, column[before] != j and j >= 0
            out.append((i if down else None, j - int(second) if across else None))
            cell = before
        return out[::-1]


@dataclass(frozen=True)
class Alignment(_Aligned):
    """[(i or None, j or None), …]: which elements of two sequences face each other; None faces a left-out one."""

    link: str

    def read(self, x: Instance) -> list[tuple]:
        return self._steps(x)

    def places(self, x: Instance) -> list:
        return [[-1 if i is None else i for i in step] for step in self._steps(x)]


@dataclass(frozen=True)
class Common(_Aligned):
    """The elements that two sequences share: a string of two strings, else a list."""

    link: str

    def read(self, x: Instance):
        first, second = x.labels[0].given
        out = [first[i] for i in self.places(x)]
        return "".join(out) if isinstance(first, str) and isinstance(second, str) else out

    def places(self, x: Instance) -> list:
        return [i for i, j in self._steps(x) if i is not None and j is not None]
