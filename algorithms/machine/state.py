"""The state of one graph, or of several: rows with registers, and relations between them.

State lives on *rows*: nodes, edge nodes, one hub per graph. A row holds fields (small finite sets), scalars (float64)
and pointers (a row or nil). Relations are static typed edges, sorted by receiver. Every array has one more entry than
rows: the last is the nil row, so that reading through nil (-1) gives field -1, scalar NaN, pointer -1.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import TypeVar

import numpy as np

from algorithms.errors import ArgumentError
from algorithms.machine.probes import Declaration
from algorithms.machine.relations import Arcs, Relations, made_plain

__all__ = ["Instance", "kept", "laid_out"]

T = TypeVar("T")

_KEPT = 1 << 16  # rows of layouts that a specification keeps


class Instance:
    """One or several graphs laid out as rows.

    kind (N,) index into `kinds`; graph (N,) which graph; hubs (B,) the hub's row of each graph; labels: per graph the
    caller's names of its nodes, in row order. `fields`, `scalars`, `pointers`: name -> (N + 1,) array, all of them
    slices of two blocks (`ints`, int32, and `floats`) so that a snapshot is two copies. `static`: read-only pointers.
    `sizes`: per graph (n, m) for the author's bound. `directed`: is what was laid out a directed graph?
    """

    def __init__(self, spec: Declaration, kinds: tuple[str, ...], kind: np.ndarray, labels: list, sizes=(0, 0)):
        self.spec, self.kinds, self.kind, self.labels = spec, kinds, np.asarray(kind, np.int8), [labels]
        self.size = len(self.kind)
        if self.size >= 2**31:
            raise ArgumentError(f"{self.size} rows are more than can be run")
        self.graph = np.broadcast_to(np.int64(0), self.size)
        self.hubs = np.flatnonzero(self.kind == kinds.index("hub"))
        self.sizes = [sizes]
        self.directed = False
        self.static: dict[str, np.ndarray] = {}
        self.constants: dict[str, np.ndarray] = {}
        self.relations = Relations()
        self.int_names, self.float_names = spec.names
        if self.size > _KEPT:
            self._blank()
        else:
            blank = kept(spec, (kinds, self.kind.tobytes()), self.size, self._blank)
            self._blocks(*(a.copy() for a in blank))
        self.link("hub", slice(-1), self.hubs[0])

    def _blank(self) -> tuple[np.ndarray, np.ndarray]:
        """Registers as they are before there is any input."""
        shape = self.size + 1
        ints, floats = len(self.int_names), len(self.float_names)
        self._blocks(np.full((ints, shape), -1, np.int32), np.full((floats, shape), np.nan))
        self.fields["phase"][:-1] = 0
        for p in self.spec.probes:
            rows = self.rows(p.kind) if p.kind in self.kinds else np.zeros(0, int)
            if p.register == "field":
                self.fields[p.name][:-1] = 0
            self.register(p.name)[rows] = p.initial(rows)
        return self.ints, self.floats

    def _blocks(self, ints: np.ndarray, floats: np.ndarray) -> None:
        self.ints, self.floats = ints.astype(np.int32, copy=False), floats
        ints, pointers = self.ints, self.spec.pointers
        self.fields = {n: ints[i] for i, n in enumerate(self.int_names) if n not in pointers}
        self.pointers = {n: ints[i] for i, n in enumerate(self.int_names) if n in pointers}
        self.scalars = {n: floats[i] for i, n in enumerate(self.float_names)}

    def __getstate__(self) -> dict:
        """Registers are slices of the blocks, also in a copy."""
        return {k: v for k, v in self.__dict__.items() if k not in ("fields", "pointers", "scalars")}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._blocks(self.ints, self.floats)

    def copy(self) -> Instance:
        """Its own state, numbers and labels; the topology is shared."""
        out = object.__new__(Instance)
        out.__setstate__({**self.__getstate__(), "ints": self.ints.copy(), "floats": self.floats.copy()})
        out.labels = [labels if isinstance(labels, range) else copy(labels) for labels in self.labels]
        out.constants = {n: a.copy() for n, a in self.constants.items()}
        out.relations = self.relations.copy()
        return out

    def register(self, name: str) -> np.ndarray:
        for registers in (self.fields, self.scalars, self.pointers):
            if name in registers:
                return registers[name]
        raise KeyError(name)

    def rows(self, kind: str) -> np.ndarray:
        return np.flatnonzero(self.kind == self.kinds.index(kind))

    def link(self, name: str, rows, targets) -> None:
        """A static pointer."""
        if name not in self.static:
            self.static[name] = np.full(self.size + 1, -1, np.int32)
        self.static[name][rows] = targets

    def constant(self, name: str, rows, values) -> None:
        """A static scalar."""
        if name not in self.constants:
            self.constants[name] = np.full(self.size + 1, np.nan)
        self.constants[name][rows] = values

    def relate(self, name: str, src, dst, weight=None) -> None:
        """Edges (E,) between rows, with numbers or none; laid out when they are first asked for (`Arcs.of`)."""
        self.relations.put(name, Arcs.of(src, dst, weight, self.size))

    def make_plain(self) -> None:
        """One zero and one NaN, in what a run starts from as in what it writes (`algorithms.machine.definition`)."""
        weights = (r.weight for r in self.relations.laid_out if r.weight.flags.writeable)  # else one NaN for all
        for a in (self.floats, *self.constants.values(), *weights):
            made_plain(a)


def kept(spec: Declaration, key: object, rows: int, make: Callable[[], T]) -> T:
    """What was made for a specification under this key before, of so many rows; it stays as it is. All are given up
    where they come to too many rows."""
    held = spec.__dict__.setdefault("_kept", {})
    if (found := held.get(key)) is None:
        if sum(size for size, _ in list(held.values())) > _KEPT:
            held.clear()
        found = held[key] = rows, make()
    return found[1]


def laid_out(spec: Declaration, key: object, rows: int, lay: Callable[[], Instance]) -> Instance:
    """A copy of what was laid out under this key before, with static pointers of its own: for inputs that differ in
    numbers alone."""
    found = kept(spec, key, rows, lay)
    for name in found.relations:
        found.relations[name]  # laid out once
    out = found.copy()
    out.static = {name: a.copy() for name, a in found.static.items()}
    return out
