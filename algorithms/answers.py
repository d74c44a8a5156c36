"""How outputs are read off a final state, in the caller's own labels. A form serves all algorithms that need it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from algorithms.machine import Instance

__all__ = ["Chain", "Chosen", "IsValue", "Order", "Pointers", "Position", "Scalars", "close"]


def _label(labels: list, row: int):
    return labels[row] if row >= 0 else None


@dataclass(frozen=True)
class Pointers:
    """{node: node or None} from a node pointer."""

    register: str

    def read(self, x: Instance) -> dict:
        labels = x.labels[0]
        return {v: _label(labels, int(p)) for v, p in zip(labels, x.pointers[self.register])}


@dataclass(frozen=True)
class IsValue:
    """{node: bool}: does a node's field hold one of these values?"""

    register: str
    values: tuple

    def read(self, x: Instance) -> dict:
        wanted = [x.spec.by_name[self.register].values.index(v) for v in self.values]
        return {v: int(f) in wanted for v, f in zip(x.labels[0], x.fields[self.register])}


@dataclass(frozen=True)
class Scalars:
    """{node: float} from a node scalar."""

    register: str

    def read(self, x: Instance) -> dict:
        return {v: float(s) for v, s in zip(x.labels[0], x.scalars[self.register])}


@dataclass(frozen=True)
class Chosen:
    """[(u, v), …]: the edges whose field holds a value."""

    register: str
    value: object

    def read(self, x: Instance) -> list:
        labels, wanted = x.labels[0], x.spec.by_name[self.register].values.index(self.value)
        rows = [e for e in x.rows("edge") if x.fields[self.register][e] == wanted]
        return [(labels[x.static["tail"][e]], labels[x.static["head"][e]]) for e in rows]


@dataclass(frozen=True)
class Chain:
    """[node, …] along a linked list: from the hub's pointer `head`, on by the node pointer `link`."""

    head: str
    link: str

    def read(self, x: Instance) -> list:
        out, v = [], int(x.pointers[self.head][x.hubs[0]])
        while v >= 0 and len(out) <= x.size:
            out.append(x.labels[0][v])
            v = int(x.pointers[self.link][v])
        return out


@dataclass(frozen=True)
class Order:
    """[position, …]: which element of the input each place holds, from a node pointer."""

    register: str

    def read(self, x: Instance) -> list:
        return [_label(x.labels[0], int(p)) for p in x.pointers[self.register][: len(x.labels[0])]]


@dataclass(frozen=True)
class Position:
    """The position that a pointer of the hub holds, or None."""

    register: str

    def read(self, x: Instance):
        return _label(x.labels[0], int(x.pointers[self.register][x.hubs[0]]))


def close(a: float, b: float) -> bool:
    """Equal as sums of floats are, in another order."""
    return a == b or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
