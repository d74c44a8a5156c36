"""Who is looked at in a tick, when many graphs run at once: `BatchRows`; of edges `neural_exec.batch_edges`.

As in `neural_exec.wake`, a context's code is a sum of a part that the row reads of itself and its neighbours (kept, and
renewed where one of those registers was written), a part that it reads of its hub, and the bits "the hub points at
me". Here all three are numbers of a `Codebook`: rows of graph g whose kept part is class k, with the hub's part h, have
the decision `table[h, k]`; how many rows of each class a graph has is counted.
"""

from __future__ import annotations

import numpy as np

from algorithms.machine import Group
from algorithms.terms import FieldIs, NilTest
from neural_exec.wake import pointed_at

__all__ = ["BatchRows", "Codebook", "spread"]

UNKNOWN = -1
SMALL = 1 << 16  # codes below this are looked up in a table


class Codebook:
    """Codes of contexts, numbered in the order in which they are first met."""

    def __init__(self):
        self.array = np.zeros(0, np.int64)
        self._sorted, self._ids, self._table = (np.zeros(0, np.int64) for _ in range(3))

    def __len__(self) -> int:
        return len(self.array)

    def __call__(self, codes: np.ndarray) -> np.ndarray:
        """codes (n,) -> their numbers (n,)."""
        if len(self._table):
            if len(codes) and codes.max() < len(self._table) - 1 and codes.min() >= -1:
                ids = self._table[codes + 1]
                if ids.min() >= 0:
                    return ids
        elif len(self.array):
            at = np.minimum(self._sorted.searchsorted(codes), len(self.array) - 1)
            if (self._sorted[at] == codes).all():
                return self._ids[at]
        self.array = np.append(self.array, np.setdiff1d(codes, self.array))
        self._ids = np.argsort(self.array, kind="stable")
        self._sorted = self.array[self._ids]
        if len(self.array) and self._sorted[0] >= -1 and self._sorted[-1] < SMALL:
            self._table = np.full(self._sorted[-1] + 2, -1)
            self._table[self.array + 1] = np.arange(len(self.array))
        else:
            self._table = self.array[:0]
        return self._ids[self._sorted.searchsorted(codes)]


def spread(value, rows: np.ndarray) -> np.ndarray:
    """A value for each row, where a source gave one for all."""
    return value if isinstance(value, np.ndarray) and value.shape == rows.shape else np.full(len(rows), value)


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
        self.classes, self.parts, self.special_codes = Codebook(), Codebook(), Codebook()
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
        self.counts = np.zeros((self.engine.count, self.table.shape[1]), np.int64)
        self.met = np.zeros((self.engine.count, *self.table.shape), bool)
        self.special_met = np.zeros((self.engine.count, len(self.special_table)), bool)
        self.dirty: list[np.ndarray] = [self.members]
        self.last: tuple = (None, None, None, None)  # what was found without special rows, and what from
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
        new = self.classes(spread(self.local_part(rows), rows))
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
            self._slots()
        if len(self.special_codes) > (s := len(self.special_table)):
            self.special_table = np.pad(self.special_table, (0, s), constant_values=UNKNOWN)
            self.special_met = np.pad(self.special_met, [(0, 0), (0, s)])
            self._grow()

    # ---------------------------------------------------------------- decisions
    def look(self, special: np.ndarray, bits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """This tick's decisions: of each class in each graph (B, K), 0 for those with no rows but special ones; and of
        the special rows, at which the hub points (with these bits)."""
        engine = self.engine
        here = self.counts
        if len(special):
            here = here.copy()
            np.subtract.at(here, (self.graph[special], self.cls[special]), 1)
        here = here > 0
        codes = self.hub_part(self.first)
        same = not len(special) and self.last[0] is engine.running_hubs
        if same and np.array_equal(codes, self.last[1]) and np.array_equal(here, self.last[2]):
            return self.last[3], bits
        graphs, parts = self.graphs, self.parts(spread(codes, self.first))
        if not (at := engine.running[graphs]).all():
            graphs, parts = graphs[at], parts[at]
        self.part[:] = 0
        self.part[graphs] = parts
        self._grow()
        if here.shape[1] < self.table.shape[1]:
            here = np.pad(here, [(0, 0), (0, self.table.shape[1] - here.shape[1])])
        decisions = self.table[self.part]
        unknown = here & (decisions == UNKNOWN)
        if unknown.any():
            g, k = np.nonzero(unknown)
            pairs = np.unique(np.stack([self.part[g], k]), axis=1)
            codes = self.parts.array[pairs[0]] + self.classes.array[pairs[1]]
            self.table[pairs[0], pairs[1]] = engine.decide(self.group.name, codes.tolist())
            decisions = self.table[self.part]
        self.met[np.arange(len(self.part)), self.part] |= here
        decisions = np.where(here, decisions, 0)
        if not len(special):
            self.last = engine.running_hubs, codes, here, decisions
            return decisions, bits
        codes = self.classes.array[self.cls[special]] + self.parts.array[self.part[self.graph[special]]]
        ids = self.special_codes(codes + bits)
        self._grow()
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
        return {*codes.tolist(), *self.special_codes.array[self.special_met[g].nonzero()[0]].tolist()}
