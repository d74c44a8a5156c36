"""The state of one graph, or of several: rows with registers, and relations between them.

State lives on *rows*: nodes, edge nodes, one hub per graph. A row holds fields (small finite sets), scalars (float64)
and pointers (a row or nil). Relations are static typed edges, sorted by receiver. Every array has one more entry than
rows: the last is the nil row, so that reading through nil (-1) gives field -1, scalar NaN, pointer -1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from algorithms.machine.probes import Declaration

__all__ = ["Instance", "Relation"]


@dataclass
class Relation:
    """Static edges src -> dst, sorted by dst and then src. Shapes (E + 1,), the last entry nil; `ptr` (rows + 1,)."""

    src: np.ndarray
    dst: np.ndarray
    weight: np.ndarray
    ptr: np.ndarray

    @classmethod
    def build(cls, src, dst, weight, size: int) -> Relation:
        src, dst = np.asarray(src, np.int64), np.asarray(dst, np.int64)
        weight = np.full(len(src), np.nan) if weight is None else np.asarray(weight, np.float64)
        key, ptr = dst * size + src, np.zeros(size + 1, np.int64)
        np.cumsum(np.bincount(dst, minlength=size), out=ptr[1:])
        if (key[1:] < key[:-1]).any():
            order = np.argsort(key)
            key = key[order]
            if (key[1:] == key[:-1]).any():  # parallel edges stay in their order
                order = np.argsort(dst * size + src, kind="stable")
            src, dst, weight = src[order], dst[order], weight[order]
        return cls(np.append(src, -1), np.append(dst, -1), np.append(weight, np.nan), ptr)

    def __len__(self) -> int:
        return len(self.src) - 1


class Instance:
    """One or several graphs laid out as rows.

    kind (N,) index into `kinds`; graph (N,) which graph; hubs (B,) the hub's row of each graph; labels: per graph the
    caller's names of its nodes, in row order. `fields`, `scalars`, `pointers`: name -> (N + 1,) array, all of them
    slices of two blocks (`ints`, `floats`) so that a snapshot is two copies. `static`: read-only pointers.
    `sizes`: per graph (n, m) for the author's bound. `directed`: is what was laid out a directed graph?
    """

    def __init__(self, spec: Declaration, kinds: tuple[str, ...], kind: np.ndarray, labels: list, sizes=(0, 0)):
        self.spec, self.kinds, self.kind, self.labels = spec, kinds, np.asarray(kind), [labels]
        self.size = len(self.kind)
        self.graph = np.zeros(self.size, np.int64)
        self.hubs = np.flatnonzero(self.kind == kinds.index("hub"))
        self.sizes = [sizes]
        self.directed = False
        self.static: dict[str, np.ndarray] = {}
        self.constants: dict[str, np.ndarray] = {}
        self.relations: dict[str, Relation] = {}
        ints = [p.name for p in spec.probes if p.register != "scalar"]
        floats = [p.name for p in spec.probes if p.register == "scalar"]
        self.int_names, self.float_names = ["phase", *ints], floats
        self._blocks(np.full((len(ints) + 1, self.size + 1), -1), np.full((len(floats), self.size + 1), np.nan))
        self.fields["phase"][:-1] = 0
        for p in spec.probes:
            rows = np.flatnonzero(self.kind == kinds.index(p.kind)) if p.kind in kinds else np.zeros(0, int)
            if p.register == "field":
                self.fields[p.name][:-1] = 0
            self.register(p.name)[rows] = p.initial(rows)
        self.link("hub", np.arange(self.size), np.full(self.size, self.hubs[0]))

    def _blocks(self, ints: np.ndarray, floats: np.ndarray) -> None:
        self.ints, self.floats = ints, floats
        pointers = {p.name for p in self.spec.probes if p.register == "pointer"}
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
        """Its own state and numbers; the topology is shared."""
        out = object.__new__(Instance)
        out.__setstate__({**self.__getstate__(), "ints": self.ints.copy(), "floats": self.floats.copy()})
        out.constants = {n: a.copy() for n, a in self.constants.items()}
        out.relations = {n: Relation(r.src, r.dst, r.weight.copy(), r.ptr) for n, r in self.relations.items()}
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
        self.static.setdefault(name, np.full(self.size + 1, -1))[rows] = targets

    def constant(self, name: str, rows, values) -> None:
        """A static scalar."""
        self.constants.setdefault(name, np.full(self.size + 1, np.nan))[rows] = values

    def relate(self, name: str, src, dst, weight=None) -> None:
        self.relations[name] = Relation.build(src, dst, weight, self.size)

    def make_plain(self) -> None:
        """One zero and one NaN, in what a run starts from as in what it writes (`algorithms.machine.definition`)."""
        for a in (self.floats, *self.constants.values(), *(r.weight for r in self.relations.values())):
            a += 0.0
            a[a != a] = np.nan
