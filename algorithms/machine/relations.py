"""Static edges between rows: as they are given (`Arcs`), and sorted by who receives (`Relation`)."""

from __future__ import annotations

import ctypes
from collections.abc import Collection, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from algorithms.errors import ArgumentError
from algorithms.machine.library import load

__all__ = ["Arcs", "Block", "Relation", "Relations", "made_plain"]


@dataclass(frozen=True, eq=False)
class Arcs:
    """Edges src -> dst between `size` rows, not laid out yet. src, dst (E,) int32; weight (E,) float64, None for none;
    both: each leads back as well, a loop but once."""

    src: np.ndarray
    dst: np.ndarray
    weight: np.ndarray | None
    size: int
    both: bool = False

    @classmethod
    def of(cls, src, dst, weight, size: int, both: bool = False) -> Arcs:
        """Of any edges; arrays of the right type are kept as they are, and are not to be changed after.

        Raises ArgumentError for an edge that leads out of the rows, or, with `both`, is not given from its lower row.
        """
        ends = [np.asarray(rows) for rows in (src, dst)]
        if any(len(rows) and (rows.min() < 0 or rows.max() >= size) for rows in ends):
            raise ArgumentError("an edge leads out of the instance")
        src, dst = (np.ascontiguousarray(rows, np.int32) for rows in ends)
        if both and (src > dst).any():  # else one could not tell afterwards how they were given
            raise ArgumentError("an edge that leads both ways is given from its lower row")
        return cls(src, dst, None if weight is None else np.ascontiguousarray(weight, np.float64), size, both)

    def __len__(self) -> int:
        """How many edges, counted both ways."""
        return self._count

    @cached_property
    def _count(self) -> int:
        return 2 * len(self.src) - int((self.src == self.dst).sum()) if self.both else len(self.src)

    def lay(self, src: np.ndarray, dst: np.ndarray, weight: np.ndarray, into: np.ndarray) -> None:
        """Write the edges by dst, then src, then place (those that lead back after all others) into contiguous arrays
        (len(self),) int32, int32 and float64, and where those into each row begin into (size + 1,) int32. weight may be
        empty: the weights are not needed."""
        weights = self.weight if len(weight) else None
        if self.weight is None:
            weight[:] = np.nan
        if (kernel := load()) is not None:
            at = lambda a: ctypes.c_void_p(None if a is None else a.ctypes.data)
            counts = (ctypes.c_int64(x) for x in (self.size, len(self.src), self.both))
            kernel.lay_edges(*counts, *map(at, (self.src, self.dst, weights, src, dst, weight, into)))
            return
        back = np.flatnonzero(self.src != self.dst) if self.both else slice(0)
        tail, head = np.append(self.src, self.dst[back]), np.append(self.dst, self.src[back])
        order = np.lexsort((tail, head))
        src[:], dst[:] = tail[order], head[order]
        if weights is not None:
            weight[:] = made_plain(np.append(weights, weights[back])[order])
        into[:] = np.searchsorted(dst, np.arange(self.size + 1))


@dataclass
class Relation:
    """Static edges src -> dst, sorted by dst and then src. src, dst (E + 1,) int32, weight (E + 1,) float64, the last
    entry nil; `ptr` (rows + 1,) int32."""

    src: np.ndarray
    dst: np.ndarray
    weight: np.ndarray
    ptr: np.ndarray

    @classmethod
    def of(cls, arcs: Arcs) -> Relation:
        """Laid out."""
        src, dst, into = (np.full(n + 1, -1, np.int32) for n in (len(arcs), len(arcs), arcs.size))
        weight = np.full(len(arcs) + 1, np.nan)
        arcs.lay(src[:-1], dst[:-1], weight[:-1], into)
        return cls(src, dst, weight, into)

    def lay(self, src: np.ndarray, dst: np.ndarray, weight: np.ndarray, into: np.ndarray) -> None:
        """As `Arcs.lay`."""
        src[:], dst[:], into[:] = self.src[:-1], self.dst[:-1], self.ptr
        if len(weight):
            weight[:] = self.weight[:-1]

    def given(self, both: bool, weighed: bool) -> Arcs:
        """Arcs that are laid out as this is. both: each leads back as well, with the same weight."""
        one = self.src[:-1] <= self.dst[:-1] if both else slice(None)
        src, dst = self.src[:-1][one].copy(), self.dst[:-1][one].copy()
        weight = self.weight[:-1][one].copy() if weighed else None
        return Arcs(src, dst, weight, len(self.ptr) - 1, both)

    def copy(self) -> Relation:
        """With numbers of its own."""
        return Relation(self.src, self.dst, self.weight.copy(), self.ptr)

    def __len__(self) -> int:
        return len(self.src) - 1


class Relations(MutableMapping[str, Relation]):
    """Relations by name. Arcs that are put in (`put`) are laid out when they are first asked for; `again`: by the rows
    of another one, with numbers of its own."""

    def __init__(self, held: Mapping[str, Relation | Arcs | str] = {}):
        self._held = {**held}

    def put(self, name: str, arcs: Arcs) -> None:
        self._held[name] = arcs

    def again(self, name: str, of: str) -> None:
        self._held[name] = of

    def copy(self) -> Relations:
        """With numbers of their own; what is not laid out yet stays so."""
        return Relations({n: r.copy() if isinstance(r, Relation) else r for n, r in self._held.items()})

    @property
    def laid_out(self) -> list[Relation]:
        """Those that are by now."""
        return [r for r in self._held.values() if isinstance(r, Relation)]

    def held(self, name: str) -> Relation | Arcs:
        """As it is, laid out or not: both have a length and `lay`."""
        held = self._held[name]
        return self.held(held) if isinstance(held, str) else held

    def replace(self, held: Relation | Arcs, by: Relation | Arcs) -> None:
        """The same edges, held otherwise."""
        self._held = {n: by if r is held else r for n, r in self._held.items()}

    def __getitem__(self, name: str) -> Relation:
        held = self._held[name]
        if isinstance(held, str):
            held = self._held[name] = self[held].copy()
        elif isinstance(held, Arcs):
            held = self._held[name] = Relation.of(held)
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


class Block:
    """Relations of so many rows one after another, as the kernel takes them: a nil entry first, and one after each.

    source, target (E,) int32; weights (W,) float64, of the first `weighed` relations alone; start (relations + 1,)
    int64: the first edge of each, nil not counted; into (relations, rows + 1) int32: the first edge into each row. Arcs
    are no longer held, where all they had is here: in their place are relations that are part of these arrays.
    """

    def __init__(self, relations: Relations, names: Collection[str], weighed: int, rows: int):
        self.start = np.cumsum([0, *(len(relations.held(name)) + 1 for name in names)], dtype=np.int64)
        self.source, self.target = (np.full(self.start[-1] + 1, -1, np.int32) for _ in range(2))
        self.weights = np.full(self.start[weighed] + 1, np.nan)
        self.into = np.zeros((max(1, len(names)), rows + 1), np.int32)
        self._instead: list[tuple[Relation, bool, bool]] = []  # and of the arcs: lead both ways? have weights?
        for i, (name, first, into) in enumerate(zip(names, self.start.tolist(), self.into)):
            given = relations.held(name)
            at, whole = (slice(1 + first, 1 + first + len(given) + nil) for nil in (0, 1))
            given.lay(self.source[at], self.target[at], self.weights[at], into)
            if isinstance(given, Arcs) and (i < weighed or given.weight is None):
                weight = self.weights[whole] if i < weighed else np.broadcast_to(np.nan, len(given) + 1)
                laid = Relation(self.source[whole], self.target[whole], weight, into.copy() if first else into)
                self._instead.append((laid, given.both, given.weight is not None))
                relations.replace(given, laid)
            into += first

    def release(self, relations: Relations) -> None:
        """Give back the arcs."""
        for laid, both, weighed in self._instead:
            relations.replace(laid, laid.given(both, weighed))


def made_plain(a: np.ndarray) -> np.ndarray:
    """With one zero and one NaN, in place."""
    a += 0.0
    a[a != a] = np.nan
    return a
