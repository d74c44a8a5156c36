"""Selections of one tick: which edges into which rows are candidates, in what order, and which is the first eligible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from algorithms.machine import Instance
from algorithms.turns import Turn, turns

__all__ = ["Ask", "choose", "edges_into"]


@dataclass(slots=True)
class Ask:
    """A selection that rows asked for in one tick: all at one place of the program, in a loop, or the hub.

    receivers, chosen: the rows, and the edge each was given, or -1 (both plain numbers where one row asked). edges: all
    candidates, by receiver and then in order; place: of each, the position of its receiver; stop: of each receiver,
    the position in `edges` of the chosen one, or the end of its candidates.
    """

    head: str
    receivers: np.ndarray | int
    chosen: np.ndarray | int
    edges: np.ndarray
    place: np.ndarray | None
    stop: np.ndarray | list

    @property
    def before(self) -> np.ndarray:
        """The edges that came before the chosen ones: none of them was eligible."""
        if self.place is None:
            return self.edges[: self.stop[0]]
        return self.edges[np.arange(len(self.edges)) < self.stop[self.place]]

    def pairs(self) -> list[tuple[int, int]]:
        """(receiver, edge chosen or -1)"""
        return list(zip(np.atleast_1d(self.receivers).tolist(), np.atleast_1d(self.chosen).tolist()))

    def of(self, turn: Turn, version: int) -> Ask:
        """Of the rows that are left of the turn; they asked when `version` tests had split it."""
        if type(self.receivers) is int or len(turn.cuts) == version:
            return self
        kept = turn.shrink(np.arange(len(self.receivers)), version)
        new = np.full(len(self.receivers), -1)
        new[kept] = np.arange(len(kept))
        place = new[self.place]
        here = place >= 0
        moved = np.append(0, np.cumsum(here))  # where an edge is now
        return Ask(
            self.head,
            self.receivers[kept],
            self.chosen[kept],
            self.edges[here],
            place[here],
            moved[self.stop[kept]],
        )


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
