"""Answers with as many entries as a run makes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from algorithms.answers.form import ORDER, Given, Listed, Place, label_of, labels_of, nodes_of
from algorithms.inputs.cells import Elements
from algorithms.machine.probes import CELL, NODE
from algorithms.machine.state import Instance

__all__ = ["Alignment", "Common", "LinkedList", "Splits", "Walk"]


class _Linked(Listed):
    """Nodes along a linked list; it is broken off where it goes round."""

    def read(self, x: Instance) -> list:
        return labels_of(x.labels[0], np.array(self.places(x), np.int64))


@dataclass(frozen=True)
class LinkedList(_Linked, Given):
    """[node, …] along a linked list: from the hub's pointer `head`, on by the node pointer `link`; or `backward`."""

    head: str
    link: str
    backward: bool = False

    reads = (("head", "pointer", "hub"), ("link", "pointer", "node"))
    port, solves = (NODE, ORDER), NODE

    def places(self, x: Place) -> list:
        link, out = x.pointers[self.link], x.pointers[self.head][x.hubs[:1]]
        while out[-1] >= 0 and len(out) <= x.size:  # link: as many nodes on as there are
            out, link = np.append(out, link[out]), link[link]  # after the last one comes nil, and after nil nil
        out = out[out >= 0][: x.size + 1]
        return (out[::-1] if self.backward else out).tolist()

    def given(self, x: Instance, value: object) -> np.ndarray:
        return nodes_of(x, np.array(self.places(x), np.int64))


@dataclass(frozen=True)
class Walk(_Linked):
    """[node, …] along a linked list of edges: from the hub's pointer `start`, over each edge to its other end."""

    start: str
    head: str
    link: str

    reads = (("start", "pointer", "hub"), ("head", "pointer", "hub"), ("link", "pointer", "edge"))

    def places(self, x: Place) -> list:
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

    name: str
    before: bool = False

    reads = (("name", "pointer", CELL),)

    def _every(self, x: Place) -> list[tuple[int, int, int]]:
        """(i, j, place) of each range."""
        cells, pointer = x.rows(CELL), x.pointers[self.name]
        row, column = x.static["row"][cells], x.static["column"][cells]
        every = zip(row.tolist(), column.tolist(), pointer[cells].tolist())
        return [(i, j - self.before, k) for i, j, k in every if i < j]

    def read(self, x: Instance) -> dict:
        return {(i, j): label_of(x.labels[0], k) for i, j, k in self._every(x)}

    def places(self, x: Place) -> list:
        n = len(x.labels[0])
        table = np.full((n, n), -1)
        for i, j, k in self._every(x):
            table[i, j] = k if k < n else -1
        return table.tolist()


class _Aligned(Listed):
    """Two sequences, element by element, by a pointer of the cells, which leads from the hub's `last` to the first."""

    link: str

    reads = (("link", "pointer", CELL),)

    def _steps(self, x: Place) -> list[tuple[int | None, int | None]]:
        out, cell = list[tuple[int | None, int | None]](), int(x.static["last"][x.hubs[0]])
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

    def places(self, x: Place) -> list:
        return [[-1 if i is None else i for i in step] for step in self._steps(x)]


@dataclass(frozen=True)
class Common(_Aligned):
    """The elements that two sequences share: a string of two strings, else a list."""

    link: str

    def read(self, x: Instance):
        elements = x.labels[0]
        assert isinstance(elements, Elements)  # as `TwoSequences` lays them out
        first, second = elements.given
        out = [first[i] for i in self.places(x)]
        return "".join(out) if isinstance(first, str) and isinstance(second, str) else out

    def places(self, x: Place) -> list:
        return [i for i, j in self._steps(x) if i is not None and j is not None]
