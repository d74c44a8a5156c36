"""Answers about edges and about cells, which are pairs of nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from algorithms.answers.form import Entries, OfEdges, pairs_of
from algorithms.machine.probes import CELL, EDGE, NODE
from algorithms.machine.state import Instance

__all__ = ["Chosen", "FlowDict", "PairTable", "TreeEdges"]


@dataclass(frozen=True)
class Chosen(OfEdges):
    """[(u, v), …]: the edges whose field holds a value."""

    name: str
    value: object

    reads = (("name", "field", "edge"),)

    def edges(self, x: Instance) -> np.ndarray:
        rows = x.rows(EDGE)
        rows = rows[self.at(x, rows)]
        return pairs_of(x.static["tail"][rows], x.static["head"][rows])


@dataclass(frozen=True)
class TreeEdges(OfEdges):
    """[(parent, node), …]: a tree's edges down to the nodes whose field holds a value."""

    parent: str
    name: str
    value: object = True

    reads = (("parent", "pointer", "node"), ("name", "field", "node"))

    def edges(self, x: Instance) -> np.ndarray:
        rows = x.rows(NODE)
        rows = rows[self.at(x, rows)]
        return pairs_of(x.pointers[self.parent][rows], rows)


@dataclass(frozen=True)
class FlowDict(Entries):
    """{u: {v: flow}} for every edge, from the flows of arcs: one way of two opposite edges is 0."""

    name: str

    reads, location = (("name", "scalar", "edge"),), EDGE

    def read(self, x: Instance) -> dict:
        labels, arcs = x.labels[0], x.rows(EDGE)
        used = self.at(x, arcs).tolist()
        flow = dict(zip(zip(x.static["tail"][arcs].tolist(), x.static["head"][arcs].tolist()), used))
        out: dict = {v: {} for v in labels}
        edges = x.relations["in_edges"]
        for u, v in sorted(zip(edges.src[:-1].tolist(), edges.dst[:-1].tolist())):
            out[labels[u]][labels[v]] = max(0.0, flow.get((u, v), 0.0))
        return out


@dataclass(frozen=True)
class PairTable(Entries):
    """{node: {node: value}} from a register of the cells: a scalar; or a pointer to the node before the second on the
    way from the first (a node or None), which there is none of from a node to itself."""

    name: str

    reads, location = (("name", "scalar or pointer", CELL),), CELL

    def at(self, x: Instance, rows: np.ndarray) -> np.ndarray:
        entries = super().at(x, rows)
        if self.stored(x.spec) == "scalar":
            return entries
        return np.where(x.static["row"][rows] == x.static["column"][rows], -1, entries)

    def read(self, x: Instance) -> dict:
        labels, cells = x.labels[0], x.rows(CELL)
        row, column = x.static["row"][cells], x.static["column"][cells]
        out: dict = {v: {} for v in labels}
        for i, j, value in zip(row.tolist(), column.tolist(), self._told(x, cells)):
            out[labels[i]][labels[j]] = value
        return out
