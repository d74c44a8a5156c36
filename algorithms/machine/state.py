"""The state of one graph, or of several: rows with registers, and relations between them.

State lives on *rows*: nodes, edge nodes, one hub per graph. A row holds fields (small finite sets), scalars (float64)
and pointers (a row or nil). Relations are static typed edges, sorted by receiver. Every array has one more entry than
rows: the last is the nil row, so that reading through nil (-1) gives field -1, scalar NaN, pointer -1.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np

from algorithms.errors import ArgumentError
from algorithms.machine.library import load
from algorithms.machine.probes import Declaration

__all__ = ["Instance", "Relation", "Relations", "kept", "laid_out", "made_plain"]

T = TypeVar("T")


_NIL = np.full(1, -1, np.int32)
_KEPT = 1 << 16  # rows of layouts that a specification keeps


@dataclass
class Relation:
    """Static edges src -> dst, sorted by dst and then src. src, dst (E + 1,) int32, weight (E + 1,) float64, the last
    entry nil; `ptr` (rows + 1,) int64."""

    src: np.ndarray
    dst: np.ndarray
    weight: np.ndarray
    ptr: np.ndarray

    @classmethod
    def build(cls, src, dst, weight, size: int) -> Relation:
        """Of any edges between `size` rows; parallel ones stay in their order. weight: None for none.

        Raises ArgumentError for an edge that leads elsewhere.
        """
        weight = None if weight is None else np.asarray(weight, np.float64)
        return cls.of_rows(_rows(src, size), _rows(dst, size), weight, size)

    @classmethod
    def of_rows(cls, src: np.ndarray, dst: np.ndarray, weight: np.ndarray | None, size: int) -> Relation:
        """Of edges that are known to be between `size` rows, as int32. weight: float64, or None."""
        ptr = np.zeros(size + 1, np.int64)
        np.cumsum(np.bincount(dst, minlength=size), out=ptr[1:])
        key = dst.astype(np.int64) * size + src
        if (key[1:] < key[:-1]).any():
            order = _sorted(src, dst, size)
            src, dst, weight = src[order], dst[order], None if weight is None else weight[order]
        weights = np.full(len(src) + 1, np.nan)
        if weight is not None:
            weights[:-1] = weight
        return cls(np.append(src, _NIL), np.append(dst, _NIL), weights, ptr)

    def copy(self) -> Relation:
        """With numbers of its own."""
        return Relation(self.src, self.dst, self.weight.copy(), self.ptr)

    def __len__(self) -> int:
        return len(self.src) - 1


def _rows(rows, size: int) -> np.ndarray:
    """A copy as int32."""
    rows = np.asarray(rows)
    if len(rows) and (rows.min() < 0 or rows.max() >= size):
        raise ArgumentError("an edge leads out of the instance")
    return rows.astype(np.int32)


def _sorted(src: np.ndarray, dst: np.ndarray, size: int) -> np.ndarray:
    """The order of edges by dst, then src, then place."""
    if (kernel := load()) is None:
        return np.lexsort((src, dst))
    count, aside, order = np.empty(size + 1, np.int32), np.empty_like(src), np.empty_like(src)
    arrays = (ctypes.c_void_p(a.ctypes.data) for a in (src, dst, count, aside, order))
    kernel.sort_edges(ctypes.c_int64(size), ctypes.c_int64(len(src)), *arrays)
    return order


class Relations(MutableMapping[str, Relation]):
    """Relations by name. What is put in by `later` is laid out when it is first asked for; `again`: by the rows of
    another one, with numbers of its own."""

    def __init__(self, held: Mapping[str, Relation | str | Callable[[], Relation]] = {}):
        self._held = {**held}

    def later(self, name: str, lay: Callable[[], Relation]) -> None:
        self._held[name] = lay

    def again(self, name: str, of: str) -> None:
        self._held[name] = of

    def copy(self) -> Relations:
        """With numbers of their own; what is not laid out yet stays so."""
        return Relations({n: r.copy() if isinstance(r, Relation) else r for n, r in self._held.items()})

    @property
    def laid_out(self) -> list[Relation]:
        """Those that are by now."""
        return [r for r in self._held.values() if isinstance(r, Relation)]

    @contextmanager
    def briefly(self) -> Iterator[None]:
        """What is laid out within is laid out anew when it is asked for after."""
        held = dict(self._held)
        try:
            yield
        finally:
            self._held = held

    def __getitem__(self, name: str) -> Relation:
        held = self._held[name]
        if isinstance(held, str):
            held = self._held[name] = self[held].copy()
        elif not isinstance(held, Relation):
            held = self._held[name] = held()
        return held

    def __contains__(self, name: object) -> bool:
        return name in self._held

    def __setitem__(self, name: str, relation: Relation) -> None:
        self._held[name] = relation

    def __delitem__(self, name: str) -> None:
        del self._held[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __reduce__(self) -> tuple:
        return Relations, (dict(self),)


class Instance:
    """One or several graphs laid out as rows.

    kind (N,) index into `kinds`; graph (N,) which graph; hubs (B,) the hub's row of each graph; labels: per graph the
    caller's names of its nodes, in row order. `fields`, `scalars`, `pointers`: name -> (N + 1,) array, all of them
    slices of two blocks (`ints`, `floats`) so that a snapshot is two copies. `static`: read-only pointers.
    `sizes`: per graph (n, m) for the author's bound. `directed`: is what was laid out a directed graph?
    """

    def __init__(self, spec: Declaration, kinds: tuple[str, ...], kind: np.ndarray, labels: list, sizes=(0, 0)):
        self.spec, self.kinds, self.kind, self.labels = spec, kinds, np.asarray(kind, np.int8), [labels]
        self.size = len(self.kind)
        if self.size >= 2**31:
            raise ArgumentError(f"{self.size} rows are more than can be run")
        self.graph = np.zeros(self.size, np.int64)
        self.hubs = np.flatnonzero(self.kind == kinds.index("hub"))
        self.sizes = [sizes]
        self.directed = False
        self.static: dict[str, np.ndarray] = {}
        self.constants: dict[str, np.ndarray] = {}
        self.relations = Relations()
        self.int_names, self.float_names = spec.names
        ints, floats = kept(spec, (kinds, self.kind.tobytes()), self.size, self._blank)
        self._blocks(ints.copy(), floats.copy())
        self.link("hub", slice(-1), self.hubs[0])

    def _blank(self) -> tuple[np.ndarray, np.ndarray]:
        """Registers as they are before there is any input."""
        shape = self.size + 1
        self._blocks(np.full((len(self.int_names), shape), -1), np.full((len(self.float_names), shape), np.nan))
        self.fields["phase"][:-1] = 0
        for p in self.spec.probes:
            rows = self.rows(p.kind) if p.kind in self.kinds else np.zeros(0, int)
            if p.register == "field":
                self.fields[p.name][:-1] = 0
            self.register(p.name)[rows] = p.initial(rows)
        return self.ints, self.floats

    def _blocks(self, ints: np.ndarray, floats: np.ndarray) -> None:
        self.ints, self.floats = ints, floats
        pointers = self.spec.pointers
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
            self.static[name] = np.full(self.size + 1, -1)
        self.static[name][rows] = targets

    def constant(self, name: str, rows, values) -> None:
        """A static scalar."""
        if name not in self.constants:
            self.constants[name] = np.full(self.size + 1, np.nan)
        self.constants[name][rows] = values

    def relate(self, name: str, src, dst, weight=None) -> None:
        """Edges (E,) between rows, with numbers or none; laid out when they are first asked for."""
        weight = None if weight is None else made_plain(np.array(weight, np.float64))
        src, dst = _rows(src, self.size), _rows(dst, self.size)
        self.relations.later(name, partial(Relation.of_rows, src, dst, weight, self.size))

    def make_plain(self) -> None:
        """One zero and one NaN, in what a run starts from as in what it writes (`algorithms.machine.definition`)."""
        for a in (self.floats, *self.constants.values(), *(r.weight for r in self.relations.laid_out)):
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


def made_plain(a: np.ndarray) -> np.ndarray:
    """With one zero and one NaN, in place."""
    a += 0.0
    a[a != a] = np.nan
    return a
