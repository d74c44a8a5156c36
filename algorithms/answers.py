"""How outputs are read off a final state, in the caller's own labels. A form serves all algorithms that need it.

`reads` says what registers a form takes: (its argument, how the register is stored, the kind of rows that hold it).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from algorithms.machine import Instance

__all__ = [
    "Chain", "Chosen", "IsValue", "Marked", "Order", "Pointers", "Position", "Scalars", "TreeEdges",
    "Value", "Walk", "close",
    "label_of",
]  # fmt: skip


def label_of(labels: list, row: int):
    """The caller's name of a node; None for nil, and for a row that is no node (a wrong run may hold one)."""
    return labels[row] if 0 <= row < len(labels) else None


def _number(scalar, whole: bool) -> float | int:
    return int(scalar) if whole and math.isfinite(scalar) else float(scalar)


@dataclass(frozen=True)
class Pointers:
    """{node: node or None} from a node pointer."""

    register: str

    reads = (("register", "pointer", "node"),)

    def read(self, x: Instance) -> dict:
        labels = x.labels[0]
        return {v: label_of(labels, int(p)) for v, p in zip(labels, x.pointers[self.register])}


@dataclass(frozen=True)
class IsValue:
    """{node: bool}: does a node's field hold one of these values?"""

    register: str
    values: tuple

    reads = (("register", "field", "node"),)

    def read(self, x: Instance) -> dict:
        wanted = [x.spec.by_name[self.register].values.index(v) for v in self.values]
        return {v: int(f) in wanted for v, f in zip(x.labels[0], x.fields[self.register])}


@dataclass(frozen=True)
class Scalars:
    """{node: float} from a node scalar; {node: int} where it is a `whole` number."""

    register: str
    whole: bool = False

    reads = (("register", "scalar", "node"),)

    def read(self, x: Instance) -> dict:
        return {v: _number(s, self.whole) for v, s in zip(x.labels[0], x.scalars[self.register])}


@dataclass(frozen=True)
class Chosen:
    """[(u, v), …]: the edges whose field holds a value."""

    register: str
    value: object

    reads = (("register", "field", "edge"),)

    def read(self, x: Instance) -> list:
        labels, wanted = x.labels[0], x.spec.by_name[self.register].values.index(self.value)
        rows = [e for e in x.rows("edge") if x.fields[self.register][e] == wanted]
        return [(labels[x.static["tail"][e]], labels[x.static["head"][e]]) for e in rows]


@dataclass(frozen=True)
class Marked:
    """{node, …}: the nodes whose field holds a value."""

    register: str
    value: object = True

    reads = (("register", "field", "node"),)

    def read(self, x: Instance) -> set:
        wanted = x.spec.by_name[self.register].values.index(self.value)
        return {v for v, f in zip(x.labels[0], x.fields[self.register]) if f == wanted}


@dataclass(frozen=True)
class TreeEdges:
    """[(parent, node), …]: a tree's edges down to the nodes whose field holds a value."""

    parent: str
    register: str
    value: object = True

    reads = (("parent", "pointer", "node"), ("register", "field", "node"))

    def read(self, x: Instance) -> list:
        labels, wanted = x.labels[0], x.spec.by_name[self.register].values.index(self.value)
        pairs = zip(x.pointers[self.parent], labels, x.fields[self.register])
        return [(labels[p], v) for p, v, f in pairs if p >= 0 and f == wanted]


@dataclass(frozen=True)
class Chain:
    """[node, …] along a linked list: from the hub's pointer `head`, on by the node pointer `link`; or `backward`."""

    head: str
    link: str
    backward: bool = False

    reads = (("head", "pointer", "hub"), ("link", "pointer", "node"))

    def read(self, x: Instance) -> list:
        out, v = [], int(x.pointers[self.head][x.hubs[0]])
        while v >= 0 and len(out) <= x.size:
            out.append(x.labels[0][v])
            v = int(x.pointers[self.link][v])
        return out[::-1] if self.backward else out


@dataclass(frozen=True)
class Walk:
    """[node, …] along a linked list of edges: from the hub's pointer `start`, over each edge to its other end."""

    start: str
    head: str
    link: str

    reads = (("start", "pointer", "hub"), ("head", "pointer", "hub"), ("link", "pointer", "edge"))

    def read(self, x: Instance) -> list:
        hub, static = x.hubs[0], x.static
        v, e = int(x.pointers[self.start][hub]), int(x.pointers[self.head][hub])
        out = [v] if v >= 0 else []
        while v >= 0 and e >= 0 and len(out) <= x.size:
            v = int(static["head"][e] if static["tail"][e] == v else static["tail"][e])
            out.append(v)
            e = int(x.pointers[self.link][e])
        return [label_of(x.labels[0], v) for v in out]


@dataclass(frozen=True)
class Order:
    """[position, …]: which element of the input each place holds, from a node pointer."""

    register: str

    reads = (("register", "pointer", "node"),)

    def read(self, x: Instance) -> list:
        return [label_of(x.labels[0], int(p)) for p in x.pointers[self.register][: len(x.labels[0])]]


@dataclass(frozen=True)
class Position:
    """The position that a pointer of the hub holds, or None."""

    register: str

    reads = (("register", "pointer", "hub"),)

    def read(self, x: Instance):
        return label_of(x.labels[0], int(x.pointers[self.register][x.hubs[0]]))


@dataclass(frozen=True)
class Value:
    """A scalar of the hub; an int where it is a `whole` number."""

    register: str
    whole: bool = False

    reads = (("register", "scalar", "hub"),)

    def read(self, x: Instance) -> float | int:
        return _number(x.scalars[self.register][x.hubs[0]], self.whole)


def close(a: float, b: float) -> bool:
    """Equal as sums of floats are, in another order."""
    return a == b or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
