"""Who is looked at in a tick, when many graphs run at once: `BatchRows`, `BatchEdges`.

As in `neural_exec.wake`, a context's code is a sum of a part that the row reads of itself and its neighbours (kept, and
renewed where one of those registers was written), a part that it reads of its hub, and the bits "the hub points at
me". Here all three are numbers of a `Codebook`: rows of graph g whose kept part is class k, with the hub's part h, have
the decision `table[h, k]`; how many rows of each class a graph has is counted.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from algorithms.machine import Group, Relation
from algorithms.terms import FieldIs, NilTest
from neural_exec.wake import pointed_at, ranges

__all__ = ["BatchEdges", "BatchRows", "Codebook"]

UNKNOWN = -1
TABLE = 1 << 14


class Codebook:
    """Codes of contexts, numbered in the order in which they are first met. stop: all codes are less, and -1 at least;
    where these are few, a code's number is looked up in a table."""

    def __init__(self, stop: int = TABLE):
        self.array = np.zeros(0, np.int64)
        self._sorted, self._ids = np.zeros(0, np.int64), np.zeros(0, np.int64)
        self._table = np.full(stop + 1, UNKNOWN) if stop < TABLE else None  # the last entry is that of code -1

    def __len__(self) -> int:
        return len(self.array)

    def __call__(self, codes: np.ndarray) -> np.ndarray:
        """codes (n,) -> their numbers (n,)."""
        if self._table is not None:
            ids = self._table[codes]
            if len(ids) and ids.min() == UNKNOWN:
                new = np.unique(codes[ids == UNKNOWN])
                self._table[new] = np.arange(len(self.array), len(self.array) + len(new))
                self.array = np.append(self.array, new)
                ids = self._table[codes]
            return ids
        if len(self._sorted):
            at = self._sorted.searchsorted(codes)
            at[at == len(self._sorted)] = 0
            known = self._sorted[at] == codes
            if known.all():
                return self._ids[at]
            new = np.unique(codes[~known])
        else:
            new = np.unique(codes)
            if not len(new):
                return np.zeros(0, np.int64)
        self.array = np.append(self.array, new)
        self._ids = np.argsort(self.array, kind="stable")
        self._sorted = self.array[self._ids]
        return self._ids[self._sorted.searchsorted(codes)]


class BatchRows:
    """The rows of a kind, or the edges of a relation, of all graphs.

    members (n,), ascending; graph: of every row (or edge); hubs (B,). decide: codes -> decisions, as numbers of which 0
    is to do nothing. classes, hubs_part: codebooks; count (B, K); table (H, K) decisions; met (B, H, K) bool.
    """

    def __init__(self, group: Group, members: np.ndarray, graph: np.ndarray, size: int, engine):
        self.group, self.members, self.graph, self.size, self.engine = group, members, graph, size, engine
        local, hub, self.pointed = [], [], []
        for c, column in enumerate(group.columns):
            end = pointed_at(column)
            if isinstance(column, FieldIs | NilTest) and column.path[:1] == ("hub",):
                hub.append(c)
            elif end is not None:
                self.pointed.append((*end, group.weights[c]))
            else:
                local.append(c)
        self.local_part, self.hub_part = (
            engine.compiled(group.code_source(local)),
            engine.compiled(group.code_source(hub)),
        )
        self.local = [group.columns[c] for c in local]
        self.graphs, first = np.unique(graph[members], return_index=True)  # graphs that have such rows
        self.first = members[first]
        self.inside = np.zeros(size + 1, bool)
        self.inside[members] = True
        self.flag = np.zeros(size + 1, bool)
        stop = int(np.prod(np.array(group.radix, float)))
        self.classes, self.parts, self.special_codes = (Codebook(stop) for _ in range(3))
        self.parts(np.array([-1]))  # number 0: a graph that has halted
        self.table = np.full((8, 8), UNKNOWN)
        self.table[0] = 0
        self.special_table = np.full(8, UNKNOWN)
        self.reset()

    def reset(self) -> None:
        """Look at everything again, as before the first tick."""
        self.cls = np.zeros(self.size + 1, np.int64)
        self._slots()
        self.fresh = bool(self.local)
        self.part = np.zeros(self.engine.count, np.int64)
        self.decided: np.ndarray | None = None  # of each class in each graph, until something changes
        self.counts = np.zeros((self.engine.count, self.table.shape[1]), np.int64)
        self.met = np.zeros((self.engine.count, *self.table.shape), bool)
        self.special_met = np.zeros((self.engine.count, len(self.special_table)), bool)
        self.dirty: list[np.ndarray] = [self.members]
        if not self.local:  # all are of one class
            self.classes(np.zeros(1, np.int64))
            self.counts[:, 0] = np.bincount(self.graph[self.members], minlength=self.engine.count)
            self.dirty = []

    # ---------------------------------------------------------------- what is kept
    def dirty_add(self, rows: np.ndarray) -> None:
        self.dirty.append(rows)

    def unique(self, parts: list[np.ndarray]) -> np.ndarray:
        """Rows of these lists, ascending, each once."""
        if len(parts) == 1 and len(parts[0]) <= 1:
            return parts[0]
        if sum(map(len, parts)) < self.size >> 9:
            return np.unique(np.concatenate(parts))
        for p in parts:
            self.flag[p] = True
        rows = self.flag.nonzero()[0]
        self.flag[rows] = False
        return rows

    def refresh(self) -> np.ndarray:
        """Renew the classes of the rows marked as dirty; returns those whose class changed."""
        if not self.dirty:
            return self.members[:0]
        rows = self.unique(self.dirty)
        rows, self.dirty = rows[self.inside[rows]], []
        if not len(rows):
            return rows
        new = self.classes(_like(self.local_part(rows), rows))
        self._grow()
        if not self.fresh:
            old = self.cls[rows]
            moved = new != old
            rows, new = rows[moved], new[moved]
            self._count(self.slot[rows], -1)
        self.fresh = False
        self.cls[rows] = new
        self.slot[rows] = slots = self.graph[rows] * self.counts.shape[1] + new
        self._count(slots, 1)
        return rows

    def _count(self, slots: np.ndarray, sign: int) -> None:
        self.decided = None
        counts = self.counts.reshape(-1)
        if len(slots) * 16 > len(counts):
            counts += sign * np.bincount(slots, minlength=len(counts))
        else:
            np.add.at(counts, slots, sign)

    def _slots(self) -> None:
        """slot (n + 1,): where a row's graph and class stand in a table (B, K)."""
        self.slot = np.zeros(self.size + 1, np.int64)
        self.slot[self.members] = self.graph[self.members] * self.table.shape[1] + self.cls[self.members]

    def _grow(self) -> None:
        h, k = self.table.shape
        if len(self.classes) > k or len(self.parts) > h:
            more = [(0, max(0, 2 * n - s) if n > s else 0) for n, s in ((len(self.parts), h), (len(self.classes), k))]
            self.table = np.pad(self.table, more, constant_values=UNKNOWN)
            self.table[0] = 0
            self.met = np.pad(self.met, [(0, 0), *more])
            self.counts = np.pad(self.counts, [(0, 0), more[1]])
            self.decided = None
            self._slots()
        if len(self.special_codes) > (s := len(self.special_table)):
            self.special_table = np.pad(self.special_table, (0, s), constant_values=UNKNOWN)
            self.special_met = np.pad(self.special_met, [(0, 0), (0, s)])
            self._grow()

    # ---------------------------------------------------------------- decisions
    def look(self, special: np.ndarray, bits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """This tick's decisions: of each class in each graph (B, K), 0 for those with no rows but special ones; and of
        the special rows, at which the hub points (with these bits)."""
        engine, running = self.engine, self.engine.running
        if engine.all_running and len(self.graphs) == len(running):
            part = self.parts(_like(self.hub_part(self.first), self.first))
        else:
            at = running[self.graphs]
            first = self.first[at]
            part = np.zeros(len(running), np.int64)
            part[self.graphs[at]] = self.parts(_like(self.hub_part(first), first))
        if self.decided is not None and not len(special) and not np.count_nonzero(part != self.part):
            return self.decided, bits
        self.part = part
        self._grow()
        here = self.counts
        if len(special):
            here = here.copy()
            np.subtract.at(here, (self.graph[special], self.cls[special]), 1)
        here = here > 0
        decisions = self.table[self.part] * here
        if decisions.min() == UNKNOWN:
            g, k = np.nonzero(decisions == UNKNOWN)
            pairs = np.unique(np.stack([self.part[g], k]), axis=1)
            codes = self.parts.array[pairs[0]] + self.classes.array[pairs[1]]
            self.table[pairs[0], pairs[1]] = engine.decide(self.group.name, codes.tolist())
            decisions = self.table[self.part] * here
        if engine.keep_met:
            self.met[np.arange(len(self.part)), self.part] |= here
        self.decided = None if len(special) else decisions
        if not len(special):
            return decisions, bits
        codes = self.classes.array[self.cls[special]] + self.parts.array[self.part[self.graph[special]]]
        ids = self.special_codes(codes + bits)
        self._grow()
        if engine.keep_met:
            self.special_met[self.graph[special], ids] = True
        chosen = self.special_table[ids]
        if (chosen == UNKNOWN).any():
            new = np.unique(ids[chosen == UNKNOWN])
            self.special_table[new] = engine.decide(self.group.name, self.special_codes.array[new].tolist())
            chosen = self.special_table[ids]
        return decisions, chosen

    def of_each(self, decisions: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """The decision of each row's class in its graph."""
        return decisions.reshape(-1)[self.slot[rows]]

    def pointed_rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows at which the hub of a running graph points, ascending, and the bits that this adds to their codes."""
        found, weights = [], []
        for pointer, end, weight in self.pointed:
            rows = self._pointed(self.engine.arrays[f"P_{pointer}"][self.engine.running_hubs], end)
            found.append(rows)
            weights.append(np.full(len(rows), weight))
        if not found:
            return self.members[:0], self.members[:0]
        if len(found) == 1 and (len(found[0]) < 2 or (found[0][1:] > found[0][:-1]).all()):
            return found[0], weights[0]
        rows, where = np.unique(np.concatenate(found), return_inverse=True)
        bits = np.zeros(len(rows), np.int64)
        np.add.at(bits, where, np.concatenate(weights))
        return rows, bits

    def _pointed(self, targets: np.ndarray, end: str) -> np.ndarray:
        return targets[self.inside[targets]]  # through nil: the last entry, which is not inside

    def act(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows that do something in this tick, and the numbers of their decisions."""
        self.refresh()
        special, bits = self.pointed_rows()
        decisions, chosen = self.look(special, bits)
        live = decisions.any(1)
        if not live.any():
            keep = chosen > 0
            return special[keep], chosen[keep]
        rows = self.members
        if not live.all():
            rows = rows[live[self.graph[rows]]]
        does = self.of_each(decisions, rows)
        if len(special):
            self.flag[special] = True
            does[self.flag[rows]] = 0
            self.flag[special] = False
            rows, does = np.concatenate([rows, special]), np.concatenate([does, chosen])
        keep = does.nonzero()[0]
        return rows[keep], does[keep]

    def codes_met(self, g: int) -> set[int]:
        """The context codes that graph g met since the last reset."""
        h, k = np.nonzero(self.met[g, :, : len(self.classes)])
        codes = self.parts.array[h[h > 0]] + self.classes.array[k[h > 0]]
        return {*codes.tolist(), *self.special_codes.array[np.flatnonzero(self.special_met[g])].tolist()}


class BatchEdges(BatchRows):
    """The edges of a relation, and what each receiver's heads select among them."""

    def __init__(self, group: Group, relation: Relation, engine, heads: dict):
        self.src, self.dst, self.ptr = relation.src, relation.dst, relation.ptr
        self.by_src = np.argsort(self.src[:-1], kind="stable")
        self.src_ptr = np.searchsorted(self.src[:-1][self.by_src], np.arange(len(self.ptr)))
        self.heads = [h for _, h in group.registers]
        self.keys = [heads[h][1] for h in self.heads]
        self.key_of = [k and engine.compiled(k.source(group.relation)) for k in self.keys]
        self.receivers = np.unique(self.dst[:-1])
        self.row_flag = np.zeros(len(self.ptr), bool)
        self.row_graph = engine.instance.graph
        self.asked: tuple = (None, None)  # the last rows that edges were looked up for
        super().__init__(group, np.arange(len(relation)), self.row_graph[self.dst[:-1]], len(relation), engine)

    def reset(self) -> None:
        super().reset()
        self.active = np.zeros((self.engine.count, self.table.shape[1]), np.int64)
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
        return into[self.engine.selected[head][into] == edges]

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
        running, whole = self.engine.running, self.engine.all_running
        if decisions.shape[1] > self.active.shape[1]:
            self.active = np.pad(self.active, [(0, 0), (0, decisions.shape[1] - self.active.shape[1])])
        other = (decisions != self.active).any(1)
        live = decisions.any(1)
        if whole:
            self.active = decisions
        else:
            other &= running
            self.active[running] = decisions[running]
        into = self.dst[special]
        again = [self.special, into]
        if np.count_nonzero(other):
            again.append(self.receivers if other.all() else self.receivers[other[self.row_graph[self.receivers]]])
        if np.count_nonzero(live):
            again.append(self.dst[moved])
            kept = live & ~other
            if self.stale and kept.any():
                stale = self.unique(self.stale)
                if not kept.all():
                    stale = stale[kept[self.graph[stale]]]
                again += self._improve(stale, decisions, changed)
        self.stale, self.special = [], into
        receivers = self._receivers(again)
        if not whole:
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
            key, into = self._keys(chosen, h), self.dst[chosen]
            now, best = self.engine.selected[head][into], self.best[h][into]
            unsettled.append(into[(now == chosen) & (key > best)])
            less = (key < best) | ((key == best) & (chosen <= now)) | (now < 0)
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
        key = _like(self.key_of[h](edges), edges)
        return np.where(key == key, key, np.inf)

    def _least(self, edges: np.ndarray, key: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
        """Of each receiver's edges the first with the least key, and that key; edges ascending, so by receiver."""
        first = _first(self.dst[edges])
        starts = first.nonzero()[0]
        if key is None:
            return edges[starts], None
        best = np.minimum.reduceat(key, starts)
        least = edges[key == best[first.cumsum() - 1]]
        return least[_first(self.dst[least])], best


def _like(value: np.ndarray | int, rows: np.ndarray) -> np.ndarray:
    """What was computed for rows, which may be one number for all of them."""
    return value if np.shape(value) == rows.shape else np.full(rows.shape, value)


def _first(into: np.ndarray) -> np.ndarray:
    """Which of ascending numbers are not the one before them."""
    out = np.empty(len(into), bool)
    out[:1] = True
    np.not_equal(into[1:], into[:-1], out=out[1:])
    return out
