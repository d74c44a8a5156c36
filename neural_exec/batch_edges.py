"""What the edges of many graphs select, all at once: `BatchEdges`.

A receiver selects anew from all its edges where one of them became eligible or ceased to be, or the hub points at one;
where nothing but keys changed, what it had is held against the edges with new keys alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from algorithms.machine import Group, Relation
from neural_exec.batch_rows import BatchRows, spread
from neural_exec.wake import ranges

__all__ = ["BatchEdges"]


class BatchEdges(BatchRows):
    """The edges of a relation, and what each receiver's heads select among them, or add up."""

    def __init__(self, group: Group, relation: Relation, engine, heads: dict):
        self.src, self.dst, self.ptr = relation.src, relation.dst, relation.ptr
        self.by_src = np.argsort(self.src[:-1], kind="stable")
        self.src_ptr = np.searchsorted(self.src[:-1][self.by_src], np.arange(len(self.ptr)))
        self.heads = [h for _, h in group.registers]
        self.keys = [heads[h].key for h in self.heads]
        self.total = [heads[h].total for h in self.heads]
        self.key_of = [k and engine.compiled(k.source(group.relation)) for k in self.keys]
        self.receivers = np.unique(self.dst[:-1])
        self.row_flag = np.zeros(len(self.ptr), bool)
        self.row_graph = engine.instance.graph
        self.asked: tuple = (None, None)  # the last rows that edges were looked up for
        super().__init__(group, np.arange(len(relation)), self.row_graph[self.dst[:-1]], len(relation), engine)

    def reset(self) -> None:
        super().reset()
        self.active = np.zeros((self.engine.count, 1), np.int64)
        self.special = np.zeros(0, np.int64)
        self.stale: list[np.ndarray] = []  # edges whose keys changed
        self.new = np.full(len(self.ptr), -1)
        self.best = np.full((len(self.heads), len(self.ptr)), np.inf)  # the key of what each row selected

    def edges_from(self, rows: np.ndarray) -> np.ndarray:
        if rows is not self.asked[0]:
            self.asked = rows, self.by_src[ranges(self.src_ptr[rows], self.src_ptr[rows + 1])]
        return self.asked[1]

    def selectors(self, head: str, rows: np.ndarray) -> np.ndarray:
        """Receivers whose selection is an edge from one of these rows."""
        edges = self.edges_from(rows)
        into = self.dst[edges]
        return into[(self.engine.selected[head][into] == edges).nonzero()[0]]

    def edges_into(self, rows: np.ndarray) -> np.ndarray:
        return ranges(self.ptr[rows], self.ptr[rows + 1])

    def _pointed(self, targets: np.ndarray, end: str) -> np.ndarray:
        targets = targets[targets >= 0]
        return self.edges_from(targets) if end == "src" else self.edges_into(targets)

    def _receivers(self, parts: list[np.ndarray]) -> np.ndarray:
        """Rows of these lists, ascending, each once."""
        parts = [p for p in parts if len(p)]
        if not parts:
            return self.special[:0]
        if sum(map(len, parts)) < 64:
            return np.unique(np.concatenate(parts))
        for p in parts:
            self.row_flag[p] = True
        rows = self.row_flag.nonzero()[0]
        self.row_flag[rows] = False
        return rows

    def select(self, changed: Callable) -> None:
        """Bring the selections up to date; `changed(head, rows)` is told where one became another."""
        moved = self.refresh()
        special, bits = self.pointed_rows()
        decisions, masks = self.look(special, bits)
        running = self.engine.running
        if decisions.shape[1] > self.active.shape[1]:
            self.active = np.pad(self.active, [(0, 0), (0, decisions.shape[1] - self.active.shape[1])])
        other = (decisions != self.active).any(1) & running
        live = decisions.any(1)
        self.active[running] = decisions[running]
        into = self.dst[special]
        again = [self.special, into]
        if other.any():
            again.append(self.receivers if other.all() else self.receivers[other[self.row_graph[self.receivers]]])
        if live.any():
            again.append(self.dst[moved])
            kept = live & ~other
            if self.stale and kept.any():
                stale = self.unique(self.stale)
                if not kept.all():
                    stale = stale[kept[self.graph[stale]]]
                again += self._improve(stale, decisions, changed)
        self.stale, self.special = [], into
        receivers = self._receivers(again)
        if not running.all():
            receivers = receivers[running[self.row_graph[receivers]]]
        if len(receivers):
            self._reselect(receivers, decisions, live, special, masks, changed)

    def _improve(self, edges: np.ndarray, decisions: np.ndarray, changed: Callable) -> list[np.ndarray]:
        """Select anew where nothing but the keys of these edges changed. What was selected was the least of all, so
        that a changed edge that is less is it now; returns the receivers where that does not settle it."""
        unsettled, one = [], int(decisions.max())
        allowed = None if (decisions[:, : len(self.classes)] == one).all() else self.of_each(decisions, edges)
        for h, head in enumerate(self.heads):
            if self.keys[h] is None or (allowed is None and not one >> h & 1):
                continue
            chosen = edges if allowed is None else edges[(allowed >> h & 1).astype(bool)]
            if self.total[h]:
                unsettled.append(self.dst[chosen])
                continue
            key, into = self._keys(chosen, h), self.dst[chosen]
            now, best = self.engine.selected[head][into], self.best[h][into]
            unsettled.append(into[(now == chosen) & (key > best)])
            less = ((key < best) | ((key == best) & (chosen <= now)) | (now < 0)).nonzero()[0]
            chosen, key = chosen[less], key[less]
            if len(chosen):
                least, key = self._least(chosen, key)
                into = self.dst[least]
                self.best[h][into] = key
                self._move(head, into, least, changed)
        return unsettled

    def _reselect(self, receivers, decisions, live, special, masks, changed: Callable) -> None:
        """Select anew at these rows, from all their edges."""
        whole = len(receivers) == len(self.receivers) and live.all()
        if whole:
            edges = slice(len(self.members))
        else:
            edges = self.edges_into(receivers if live.all() else receivers[live[self.row_graph[receivers]]])
        allowed = self.of_each(decisions, edges)
        if whole:
            edges = self.members
        if len(special):
            if whole:
                allowed[special] = masks
            else:
                self.flag[special] = True
                allowed[self.flag[edges]] = 0
                self.flag[special] = False
                keep = masks > 0
                edges, allowed = np.concatenate([edges, special[keep]]), np.concatenate([allowed, masks[keep]])
                order = np.argsort(edges, kind="stable")
                edges, allowed = edges[order], allowed[order]
        for h, head in enumerate(self.heads):
            eligible = (allowed >> h & 1).astype(bool)
            chosen = edges if eligible.all() else edges[eligible]
            if self.total[h]:
                sums = np.bincount(self.dst[chosen], spread(self.key_of[h](chosen), chosen), minlength=len(self.ptr))
                self.engine.totals[head][receivers] = sums[receivers]
                continue
            self.new[receivers] = -1
            self.best[h][receivers] = np.inf
            if len(chosen):
                least, key = self._least(chosen, self._keys(chosen, h))
                into = self.dst[least]
                self.new[into] = least
                if key is not None:
                    self.best[h][into] = key
            self._move(head, receivers, self.new[receivers], changed)

    def _move(self, head: str, receivers: np.ndarray, edges: np.ndarray, changed: Callable) -> None:
        selected = self.engine.selected[head]
        moved = selected[receivers] != edges
        if moved.any():
            rows = receivers[moved]
            selected[rows] = edges[moved]
            changed(head, rows)

    def _keys(self, edges: np.ndarray, h: int) -> np.ndarray | None:
        """What a head goes by, inf for an undefined one; None for a head that takes the first."""
        if self.key_of[h] is None:
            return None
        key = spread(self.key_of[h](edges), edges)
        return np.where(key == key, key, np.inf) if len(key) and np.isnan(key.min()) else key

    def _least(self, edges: np.ndarray, key: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
        """Of each receiver's edges the first with the least key, and that key; edges ascending, so by receiver."""
        first = _first(self.dst[edges])
        starts = first.nonzero()[0]
        if key is None or len(starts) == len(edges):
            return edges[starts], key
        best = np.minimum.reduceat(key, starts)
        least = edges[(key == best[first.cumsum() - 1]).nonzero()[0]]
        return least[_first(self.dst[least]).nonzero()[0]], best


def _first(into: np.ndarray) -> np.ndarray:
    """Which of ascending numbers are not the one before them."""
    out = np.empty(len(into), bool)
    out[:1] = True
    np.not_equal(into[1:], into[:-1], out=out[1:])
    return out
