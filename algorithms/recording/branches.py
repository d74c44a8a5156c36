"""Rows taken together: a turn of a loop's body, or of a predicate, is run once for all rows that go the same way.

What a program reads of many rows is an array. Where it tests, the rows whose outcome is that of the first one stay in
the turn; the others leave it and have a later turn, of their own, from the start. So there are as many turns as ways
through the body, not as rows, and each turn is what its first row does, and what all others in it do as well.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from algorithms.machine.terms import Column

__all__ = ["FEW", "Turn", "turns"]

FEW = 4  # so many rows have their turns one by one, as plain numbers: that is faster than arrays


class Turn:
    """Some rows at the same place of a program.

    at: their positions in what is taken in turns, a number or a sorted array. parent: the turn within which this is a
    selection's. place: of each row, the position among the rows of the parent of the one that asks; None where only
    one does. cuts: of every test that split the turn, who stayed; left: positions of those who did not.
    """

    __slots__ = ("asks", "at", "count", "cuts", "depth", "left", "own", "parent", "place", "tick", "writes")

    def __init__(self, tick: int, parent: Turn | None = None, at=0, place=None):
        self.tick, self.parent, self.at, self.place = tick, parent, at, place
        self.depth: int = 0 if parent is None else parent.depth + 1  # 0: the hub's, for the whole of a tick
        self.count = 0
        self.own: dict[int, Column] = {}
        self.cuts: list[np.ndarray] = []
        self.left: list[np.ndarray] = []
        self.writes: list[tuple] = []
        self.asks: list[tuple] = []

    def agree(self, outcome: np.ndarray):
        """The outcome of the first row; rows with another one leave."""
        first = outcome.item(0)
        same = outcome if first is True else outcome == first
        kept = same.nonzero()[0]
        if len(kept) != len(same):
            self.left.append(self.at[~same])
            self.cuts.append(kept)
            self.at = self.at[kept]
            if self.place is not None:
                self.place = self.place[kept]
        return first

    def shrink(self, x, version: int):
        """What was of all rows when `version` tests had split the turn, of those still here."""
        if type(x) is np.ndarray:
            for kept in self.cuts[version:]:
                x = x[kept]
        return x


def turns(tick: int, parent: Turn, count: int, place=None, stop=None, alone: bool = False) -> Iterator[Turn]:
    """Turns for the positions 0..count - 1. stop: where given, positions at or behind `stop[place]` (or `stop[0]`,
    without places) are passed over; whoever takes the turns may lower it. alone: the first has a turn of its own."""
    if count <= FEW:
        for i in range(count):
            where = None if place is None else place.item(i)
            if stop is None or i < stop[where or 0]:
                yield Turn(tick, parent, i, where)
        return
    left = np.arange(count)
    while len(left):
        if alone or len(left) <= FEW:
            alone = False
            turn = Turn(tick, parent, left.item(0), None if place is None else place.item(left.item(0)))
            rest = left[1:]
        else:
            turn = Turn(tick, parent, left, None if place is None else place[left])
            rest = None
        yield turn
        if rest is None:
            if not turn.left:
                return
            rest = turn.left[0] if len(turn.left) == 1 else np.sort(np.concatenate(turn.left))
        if stop is not None:
            rest = rest[rest < stop[0 if place is None else place[rest]]]
        left = rest
