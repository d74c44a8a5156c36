"""Selections of a tick: which edges into which rows are candidates, in what order, and which is the first eligible."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from algorithms.machine.state import Instance
from algorithms.recording.branches import Turn, turns

__all__ = ["Ask", "add_up", "choose", "edges_into"]


@dataclass(slots=True)
class Ask:
    """A selection or total that rows asked for in one tick: all at one place of the program, in a loop, or the hub.

    rows: those that asked; picked: the edge each was given, or -1 (both plain numbers where one row asked). edges: all
    candidates, by row and then in order; place: of each, the position of its row, None where one row asked; stop: of
    each row, the position in `edges` of the picked one, or the end of its candidates. kept: positions of the rows whose
    question counts (the others left the turn later on, and asked in their own), None where all do. summed: of a total,
    which candidates are in it; `picked` is then the sums, and `stop` has no meaning.
    """

    head: str
    rows: np.ndarray | int
    picked: np.ndarray | int
    edges: np.ndarray
    place: np.ndarray | None
    stop: np.ndarray | list[int]
    kept: np.ndarray | None = None
    summed: np.ndarray | None = None

    def of(self, turn: Turn, version: int) -> Ask:
        """Of the rows that are left of the turn; they asked when `version` tests had split it."""
        if self.place is None or len(turn.cuts) == version:
            return self
        kept = turn.shrink(np.arange(len(self._rows)) if self.kept is None else self.kept, version)
        return replace(self, kept=kept)

    @property
    def _rows(self) -> np.ndarray:
        return np.atleast_1d(self.rows)

    @property
    def receivers(self) -> np.ndarray:
        """The rows that asked."""
        return self._rows if self.kept is None else self._rows[self.kept]

    @property
    def chosen(self) -> np.ndarray:
        """Of each receiver, the edge it was given, or -1; of a total, the sum."""
        picked = np.atleast_1d(self.picked)
        return picked if self.kept is None else picked[self.kept]

    @property
    def asked(self) -> tuple[np.ndarray, np.ndarray]:
        """All candidates; and which of them came before the chosen one (or are not in the total), and so were not
        eligible."""
        if self.summed is not None:
            before = ~self.summed
        else:
            before = np.arange(len(self.edges)) < self.stop[0 if self.place is None else self.place]
        if self.kept is None or self.place is None:
            return self.edges, before
        counts = np.zeros(len(self._rows), bool)
        counts[self.kept] = True
        here = counts[self.place]
        return self.edges[here], before[here]


def edges_into(instance: Instance, relation: str, v) -> tuple:
    """The edges into row(s) v: (edges, place, ends), by row and then in index order. place: of each edge, the position
    of its row, None where v is one row; ends: behind the last one of each row."""
    ptr = instance.relations[relation].ptr
    if type(v) is int:
        start, end = (ptr.item(v), ptr.item(v + 1)) if v >= 0 else (0, 0)
        return np.arange(start, end), None, [end - start]
    starts = ptr[v]
    counts = ptr[v + 1] - starts
    ends = counts.cumsum()
    place = np.arange(len(v)).repeat(counts)
    return np.arange(len(place)) + (starts - ends + counts)[place], place, ends


def add_up(recorder, turn: Turn, keys, count: int, place, rows: int, test) -> tuple:
    """The sum of the keys of the eligible edges into each row, in index order, and which edges those are."""
    summed = np.ones(count, bool) if test is None else np.zeros(count, bool)
    if test is not None:
        for recorder.turn in turns(turn.tick, turn, count, place):
            if test(recorder.turn.at):
                summed[recorder.turn.at] = True
    where = np.zeros(count, np.int64) if place is None else place
    sums = np.bincount(where[summed], np.broadcast_to(keys, count)[summed], minlength=rows)
    return (sums.item(0) if place is None else sums), summed


def choose(recorder, turn: Turn, edges: np.ndarray, place, ends, test) -> tuple:
    """The first eligible of the edges (in their order) into each row: (chosen edge or -1, its position or the end).

    A candidate behind one that is chosen is not looked at."""
    if test is None:
        stop = [0] if place is None else ends - np.bincount(place, minlength=len(ends))
    else:
        stop = list(ends) if place is None else ends.copy()
        for recorder.turn in turns(turn.tick, turn, len(edges), place, stop):
            if test(recorder.turn.at):
                at, where = recorder.turn.at, recorder.turn.place
                if where is None:
                    stop[0] = at if type(at) is int else at.item(0)
                elif type(at) is int:
                    stop[where] = at
                else:  # the first of each row is written last
                    stop[where[::-1]] = at[::-1]
    if place is None:
        return (edges.item(stop[0]) if stop[0] < ends[0] else -1), stop
    if not len(edges):
        return np.full(len(ends), -1), stop
    return np.where(stop < ends, edges[np.minimum(stop, len(edges) - 1)], -1), stop
