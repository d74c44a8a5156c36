"""All rows and edges looked at in every tick: `WholeRows`, `WholeEdges`, for small batches.

What `neural_exec.batch_rows` and `neural_exec.batch_edges` save by looking only where something was written they pay
for in bookkeeping, some hundred array operations a tick. Where graphs are small, or few rows in all, it is sooner done
to make all contexts anew and look their decisions up in one table: one and a half to three times as fast on graphs of
25 to 144 nodes. Both come to the same, bit by bit.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from algorithms.machine import Instance, Machine
from neural_exec.batch_edges import BatchEdges
from neural_exec.batch_rows import SMALL, UNKNOWN, BatchRows, spread

__all__ = ["WholeEdges", "WholeRows", "small"]

WHOLE, COUNT = 2500, 32  # rows and edges of a graph up to which all are looked at; of so many graphs at least
SEQUENTIAL = 500  # the same where a run has many more ticks than rows, so that little happens in each of them
SLOTS = 8  # edges into a row, up to which they stand beside each other


def small(machine: Machine, instance: Instance) -> bool:
    """Is it sooner to look at everything in each tick? The contexts have to fit a table."""
    size, graphs = instance.size + sum(map(len, instance.relations.values())), len(instance.hubs)
    sequential = instance.spec.ticks(*instance.sizes[0]) * graphs > 6 * instance.size
    return size <= (SEQUENTIAL if sequential else WHOLE) * max(COUNT, graphs) and all(
        prod(group.radix) < SMALL for group in machine.groups.values()
    )


class WholeRows(BatchRows):
    """whole (contexts + 1,): decisions by code, the last of a row whose graph has halted. alike: is there nothing but
    the hub's part to a code?"""

    def __init__(self, *of):
        super().__init__(*of)
        count = len(self.members)
        self.alike = not self.local and not self.pointed
        self.own = self.graph[self.members]
        self.place = np.full(self.size + 1, count)  # among the members
        self.place[self.members] = np.arange(count)
        self.codes = np.zeros(count + 1, np.int64)  # the last one is nobody's
        self.whole = np.full(prod(self.group.radix) + 1, UNKNOWN)
        self.whole[-1] = 0

    def reset(self) -> None:
        """Nothing is kept from tick to tick."""

    def decided(self) -> np.ndarray:
        """The decision of every member (n,), or of every graph's (B,) if they are alike."""
        engine, codes = self.engine, self.codes[:-1]
        halted = len(engine.running_hubs) < engine.count
        hub = np.full(engine.count, -1)
        hub[self.graphs] = self.hub_part(self.first)
        if self.alike:
            hub[~engine.running] = -1
            return self._look_up(hub)
        hub.take(self.own, out=codes, mode="clip")
        if self.local:
            codes += self.local_part(self.members)
        for pointer, end, weight in self.pointed:
            self.codes[self._pointed(engine.arrays[f"P_{pointer}"][engine.running_hubs], end)] += weight
        if halted:
            codes[~engine.running[self.own]] = -1
        return self._look_up(codes)

    def _look_up(self, codes: np.ndarray) -> np.ndarray:
        decisions = self.whole[codes]
        if decisions.min() == UNKNOWN:
            new = np.unique(codes[decisions == UNKNOWN])
            self.whole[new] = self.engine.decide(self.group.name, new.tolist())
            decisions = self.whole[codes]
        return decisions

    def _pointed(self, targets: np.ndarray, end: str) -> np.ndarray:
        return self.place[targets]

    def act(self) -> tuple[np.ndarray, np.ndarray]:
        decisions = self.decided()[self.own] if self.alike else self.decided()
        acting = decisions.nonzero()[0]
        return self.members[acting], decisions[acting]


class WholeEdges(WholeRows, BatchEdges):
    """slots (D, R): the edges into each receiver in their order, nil where there are fewer than D; None if many."""

    def __init__(self, *of):
        super().__init__(*of)
        self.whole[-1] = (1 << len(self.heads)) - 1  # what a halted graph selects nobody reads
        starts, stops = self.ptr[self.receivers], self.ptr[self.receivers + 1]
        slots = starts + np.arange(min(SLOTS + 1, int((stops - starts).max())))[:, None]
        self.slots = np.where(slots < stops, slots, -1) if len(slots) <= SLOTS else None

    _pointed = BatchEdges._pointed

    def select(self, changed: Callable) -> None:
        masks = self.decided()
        for h, head in enumerate(self.heads):
            eligible = (masks >> h & 1).astype(bool)
            if (every := eligible.all()) or not eligible.any():
                chosen = self.members if every else self.members[:0]
            else:
                chosen = (eligible[self.own] if self.alike else eligible).nonzero()[0]
            if self.total[h]:
                sums = np.bincount(self.dst[chosen], spread(self.key_of[h](chosen), chosen), minlength=len(self.ptr))
                self.engine.totals[head][:] = sums
                continue
            selected = self.engine.selected[head]
            if every and self.slots is not None and self.keys[h] is not None:
                selected[self.receivers] = self._least_of_slots(h)
                continue
            selected[:] = -1
            if len(chosen):
                least, _ = self._least(chosen, self._keys(chosen, h))
                selected[self.dst[least]] = least

    def _least_of_slots(self, h: int) -> np.ndarray:
        """Of all edges of each receiver the first with the least key (R,)."""
        key = spread(self.key_of[h](slice(None)), self.src)  # the last one is nil's, never the least
        if np.isnan(key[:-1].min()):
            key = np.where(key == key, key, np.inf)
        first, *others = self.slots
        least, best = first, key[first]
        for edges in others:
            here = key[edges]
            less = here < best
            least, best = np.where(less, edges, least), np.where(less, here, best)
        return least
