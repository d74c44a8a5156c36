"""Who is looked at in a tick: rows and edges counted by class, and what the heads select.

A context's code is a sum of the part that a row reads of itself and its neighbours (kept here, and renewed when one of
those registers is written), the part that it reads of the hub, and the bits "the hub points at me". Rows with the same
kept part form a class. Edges are rows of their own here, with a src, a dst and the hub.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from algorithms.machine import Group, Machine, Relation
from algorithms.terms import Equal, FieldIs, NilTest, Orientation

if TYPE_CHECKING:
    from neural_exec.rollout import Engine

__all__ = ["FEW", "EdgeRows", "Rows", "pointed_at", "ranges", "reads"]

FEW = 12  # rows up to which a loop over single rows is faster than arrays


class Rows:
    """The rows of a kind, or the edges of a relation: the kept parts of their contexts, counted by class."""

    def __init__(self, group: Group, members: np.ndarray, size: int, few: dict, many: dict):
        self.group, self.members, self.heads = group, members, [h for _, h in group.registers]
        local, hub, self.pointed = [], [], []
        for c, column in enumerate(group.columns):
            end = pointed_at(column)
            if isinstance(column, FieldIs | NilTest) and column.path[:1] == ("hub",):
                hub.append(c)
            elif end is not None:
                self.pointed.append((*end, group.weights[c]))
            else:
                local.append(c)
        compile_ = lambda columns, names: eval(f"lambda r: {group.code_source(columns)}", names)
        self.local_few, self.local_many = compile_(local, few), compile_(local, many)
        self.hub_part = compile_(hub, few)
        self.local = [group.columns[c] for c in local]
        self.codes = np.full(size, -1)
        self.cells = memoryview(self.codes)
        self.inside = np.zeros(size, bool)
        self.inside[members] = True
        self.is_member = self.inside.tolist() if size < 1 << 20 else self.inside
        self.count: dict[int, int] = {}
        self.version = 0  # of the set of classes
        self.live: dict[int, tuple[int, list]] = {}  # hub part -> (version, classes whose decision is not keep)
        self.few: list[int] = []
        self.many: list[np.ndarray] = [members]

    def refresh(self) -> np.ndarray | list[int]:
        """Renew the kept part of the rows marked as dirty; returns those whose class changed."""
        if self.many or len(self.few) > 4 * FEW:
            rows = np.unique(np.concatenate([*self.many, np.array(self.few, np.int64)]))
            rows = rows[self.inside[rows]]
            new = np.broadcast_to(self.local_many(rows), rows.shape)
            moved = new != self.codes[rows]
            rows, new = rows[moved], new[moved]
            for codes, sign in ((self.codes[rows], -1), (new, 1)):
                for code, n in zip(*(x.tolist() for x in np.unique(codes, return_counts=True))):
                    self._count(code, sign * n)
            self.codes[rows] = new
            self.many = []
        else:
            cells, local, is_member, rows = self.cells, self.local_few, self.is_member, []
            for r in self.few:
                if is_member[r]:
                    new, old = local(r), cells[r]
                    if new != old:
                        self._count(old, -1)
                        self._count(new, 1)
                        cells[r] = new
                        rows.append(r)
        self.few = []
        return rows

    def _count(self, code: int, n: int) -> None:
        if code >= 0:
            left = self.count.get(code, 0) + n
            if left:
                if code not in self.count:
                    self.version += 1
                self.count[code] = left
            else:
                del self.count[code]
                self.version += 1


def pointed_at(column) -> tuple[str, str] | None:
    """(hub's pointer, which end) of a column "the hub points at me" (or at the edge's src or dst)."""
    if isinstance(column, Equal):
        for a, b in ((column.a, column.b), (column.b, column.a)):
            if len(a) == 2 and a[0] == "hub" and b in ((), ("src",), ("dst",)):
                return a[1], b[0] if b else "self"
    return None


def reads(columns: list) -> set[tuple[str, tuple]]:
    """(register, along which path from the row) of everything that these columns read."""
    out = set()
    for c in columns:
        if isinstance(c, FieldIs):
            places = [(c.path, c.name)]
        elif isinstance(c, NilTest):
            places = [(c.path, None)]
        elif isinstance(c, Equal):
            places = [(c.a, None), (c.b, None)]
        elif isinstance(c, Orientation):  # positions do not change
            places = [(path, None) for path in c.paths]
        else:
            places = [(a.path, a.name) for e in (c.a, c.b) for a in e.atoms()]
        for path, name in places:
            full = path if name is None or (name == "weight" and path and path[-1].startswith("@")) else (*path, name)
            for i, register in enumerate(full):
                if register not in ("src", "dst", "hub"):
                    out.add((register, full[:i]))
    return out


class EdgeRows(Rows):
    """The edges of a relation, and what each receiver's heads select among them, or add up."""

    def __init__(self, group: Group, members: np.ndarray, relation: Relation, engine: Engine, machine: Machine):
        super().__init__(group, members, len(members), engine.cells, engine.arrays)
        self.src, self.dst, self.ptr = relation.src, relation.dst, relation.ptr
        self.by_src = np.argsort(self.src[:-1], kind="stable")
        self.src_ptr = np.searchsorted(self.src[:-1][self.by_src], np.arange(len(self.ptr)))
        self.receivers = np.unique(self.dst[:-1])
        self.selected = [engine.totals[h] if machine.heads[h].total else engine.selected[h] for h in self.heads]
        self.keys = [machine.heads[h].key for h in self.heads]
        self.total = [machine.heads[h].total for h in self.heads]
        self.key_many = [k and eval(f"lambda r: {k.source(group.relation)}", engine.arrays) for k in self.keys]
        self.active: list = []  # live classes at the last tick
        self.special: np.ndarray = np.zeros(0, np.int64)  # receivers of edges that the hub pointed at
        self.stale: list[np.ndarray] = []  # receivers whose keys changed
        self.readers = {h: [r for r in engine.rows.values() if _sees(r, h)] for h in self.heads}

    def edges_from(self, y: int) -> np.ndarray:
        return self.by_src[self.src_ptr[y] : self.src_ptr[y + 1]]

    def edges_from_all(self, rows: np.ndarray) -> np.ndarray:
        return self.by_src[ranges(self.src_ptr[rows], self.src_ptr[rows + 1])]

    def marker(self, way: tuple) -> Callable:
        """Marks edges when rows at their src or dst are written; a column that also looks at the hub, all edges."""
        if way[0] == "hub":
            return lambda few, many: self.many.append(self.members)

        def mark(few, many):
            for y in few:
                self._mark(way[0], y)
            for m in many:
                ends = self.edges_from_all(m) if way[0] == "src" else ranges(self.ptr[m], self.ptr[m + 1])
                self.many.append(ends)

        return mark

    def _mark(self, end: str, y: int) -> None:
        if end == "src":
            first, last = self.src_ptr[y], self.src_ptr[y + 1]
            edges = self.by_src[first:last]
        else:
            first, last = self.ptr[y], self.ptr[y + 1]
            edges = np.arange(first, last)
        if last - first <= 2:
            self.few.extend(edges.tolist())
        elif last > first:
            self.many.append(edges)

    def key_marker(self, end: str) -> Callable:
        """Marks receivers when a scalar that their keys are made of is written."""

        def mark(few, many):
            rows = np.concatenate([np.array(few, np.int64), *many])
            if end == "src":
                self.stale.append(self.dst[self.edges_from_all(rows)])
            else:
                self.stale.append(self.receivers if end == "hub" else np.intersect1d(rows, self.receivers))

        return mark

    def select(self, engine: Engine, name: str) -> None:
        """Bring the selections up to date."""
        moved = self.refresh()
        hub_part = self.hub_part(0)
        special, masks = self._pointed_edges(engine, name, hub_part)
        active = engine.live_classes(name, self, hub_part, self.codes[special].tolist())
        pointed_now = np.unique(self.dst[special]) if len(special) else special
        if active or self.active:
            if active == self.active and not engine.wake_all:
                changed = [self.dst[moved]] if len(moved) else []
                receivers = [*changed, *self.stale, self.special, pointed_now]
                receivers = np.unique(np.concatenate(receivers)) if len(receivers) > 0 else self.special
            else:
                receivers = self.receivers
        else:
            receivers = np.union1d(self.special, pointed_now) if len(self.special) else pointed_now
        self.active, self.special, self.stale = active, pointed_now, []
        if len(receivers):
            self._reselect(receivers, active, special, masks)

    def _pointed_edges(self, engine: Engine, name: str, hub_part: int) -> tuple[np.ndarray, np.ndarray]:
        """Edges at whose ends the hub points (ascending), and the heads that may select them."""
        found = []
        for pointer, end, weight in self.pointed:
            y = engine.cells[f"P_{pointer}"][engine.hub]
            if y >= 0:
                edges = self.edges_from(y) if end == "src" else np.arange(self.ptr[y], self.ptr[y + 1])
                found.append((edges, weight))
        if not found:
            return self.special[:0], self.special[:0]
        if len(found) == 1:
            edges, codes = found[0][0], self.codes[found[0][0]] + (hub_part + found[0][1])
        else:
            edges = np.unique(np.concatenate([e for e, _ in found]))
            codes = self.codes[edges] + hub_part
            for e, weight in found:
                codes[np.searchsorted(edges, e)] += weight
        if len(edges) <= 4 * FEW:
            masks = np.array([engine.decision(name, c) for c in codes.tolist()], np.int64)
        else:
            kinds, which = np.unique(codes, return_inverse=True)
            masks = np.array([engine.decision(name, c) for c in kinds.tolist()], np.int64)[which]
        return edges, masks

    def _reselect(self, receivers: np.ndarray, active: list, special: np.ndarray, masks: np.ndarray) -> None:
        if not active:
            edges = special
        elif len(receivers) == len(self.receivers):
            edges = self.members
        else:
            edges = ranges(self.ptr[receivers], self.ptr[receivers + 1])
        codes = self.codes[edges]
        for h, (head, selected) in enumerate(zip(self.heads, self.selected)):
            wanted = [c for c, mask in active if mask >> h & 1]
            eligible = np.isin(codes, wanted) if len(wanted) != 1 else codes == wanted[0]
            if len(special):
                at = np.searchsorted(edges, special) if active else slice(None)
                eligible[at] = masks >> h & 1 == 1
            chosen = edges[eligible]
            if self.total[h]:
                key = np.broadcast_to(self.key_many[h](chosen), chosen.shape)
                into = np.searchsorted(receivers, self.dst[chosen])
                selected[receivers] = np.bincount(into, key, minlength=len(receivers))
                continue
            if len(chosen):
                into = self.dst[chosen]
                starts = np.flatnonzero(np.r_[True, into[1:] != into[:-1]])
                if self.key_many[h] is not None:
                    key = np.nan_to_num(self.key_many[h](chosen), nan=np.inf, posinf=np.inf, neginf=-np.inf)
                    best = np.minimum.reduceat(key, starts)
                    least = np.flatnonzero(key == np.repeat(best, np.diff(np.r_[starts, len(into)])))
                    chosen, into = chosen[least], into[least]
                    starts = np.flatnonzero(np.r_[True, into[1:] != into[:-1]])
                chosen, into = chosen[starts], into[starts]
            new = np.full(len(receivers), -1)
            if len(chosen):
                new[np.searchsorted(receivers, into)] = chosen
            moved = receivers[selected[receivers] != new]
            selected[receivers] = new
            if len(moved):
                for rows in self.readers[head]:
                    rows.many.append(moved)


def _sees(rows: Rows, head: str) -> bool:
    return any(p == "@" + head for register, way in reads(rows.local) for p in (*way, register))


def ranges(starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """np.concatenate([np.arange(a, b) for a, b in zip(starts, stops)])"""
    sizes = stops - starts
    total = int(sizes.sum())
    if not total:
        return np.zeros(0, np.int64)
    first = np.cumsum(sizes) - sizes
    return np.repeat(starts - first, sizes) + np.arange(total)
