"""A run as what it wrote: the state it began in, and every change since, register by register.

States are made of it where they are asked for. A run of half a million ticks on a thousand rows, 40 GB of states, is
some 20 MB of changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from algorithms.machine.log import Log, log_of
from algorithms.machine.state import Instance

__all__ = ["Changes", "Course"]

_HELD = 1_000_000  # so many numbers of states are kept before they become changes


@dataclass(frozen=True, eq=False)
class Course:
    """A register of some rows, over a run.

    first (rows,): at the start. ticks, rows (W,) int32, values (W,): each change, by tick and then by row; a write that
    changed nothing is none. steps: T. Equal by value, what is undefined to itself too.

    >>> course = Course.of_states(np.array([[5, 6], [5, 7], [4, 7]]))
    >>> course.ticks.tolist(), course.rows.tolist(), course.values.tolist(), course.at(1).tolist()
    ([1, 2], [1, 0], [7, 4], [5, 7])
    """

    first: np.ndarray
    ticks: np.ndarray
    rows: np.ndarray
    values: np.ndarray
    steps: int

    @classmethod
    def of_states(cls, states: np.ndarray) -> Course:
        """Of an array (T + 1, rows)."""
        before, after = states[:-1], states[1:]
        ticks, rows = np.nonzero((before != after) & ((before == before) | (after == after)))
        values = after[ticks, rows]
        return cls(states[0], (ticks + 1).astype(np.int32), rows.astype(np.int32), _small(values), len(states) - 1)

    @property
    def shape(self) -> tuple[int, int]:
        """Of its states."""
        return self.steps + 1, len(self.first)

    @property
    def nbytes(self) -> int:
        return sum(a.nbytes for a in (self.first, self.ticks, self.rows, self.values))

    def states(self) -> np.ndarray:
        """All of them (T + 1, rows), a new array each time."""
        n = len(self.first)
        rows, ticks = np.concatenate([np.arange(n), self.rows]), np.concatenate([np.zeros(n, np.int64), self.ticks])
        order = np.lexsort((ticks, rows))
        lengths = np.diff(ticks[order], append=0)
        lengths[lengths <= 0] += self.steps + 1  # the last of its row
        values = np.concatenate([self.first, self.values.astype(self.first.dtype)])[order]
        return np.ascontiguousarray(values.repeat(lengths).reshape(n, self.steps + 1).T)

    def at(self, tick: int) -> np.ndarray:
        """The state (rows,) after so many ticks; a negative number counts from the end."""
        tick, out = range(self.steps + 1)[tick], self.first.copy()
        until = self.ticks.searchsorted(tick, "right")
        out[self.rows[:until]] = self.values[:until]
        return out

    def verify(self, name: str) -> None:
        """Raises ValueError where its arrays do not fit together."""
        first, ticks, rows = self.first, self.ticks, self.rows
        fits = first.ndim == ticks.ndim == 1 and ticks.shape == rows.shape == self.values.shape
        fits = fits and ticks.dtype == rows.dtype == np.int32 and self.values.dtype == _small(first[:0]).dtype
        if fits and len(ticks):
            order = np.diff(ticks.astype(np.int64) * len(first) + rows)
            inside = rows.min() >= 0 and rows.max() < len(first) and ticks.min() > 0 and ticks.max() <= self.steps
            fits = bool((order > 0).all() and inside)
        if not fits:
            raise ValueError(f"{name}: its changes are not as a course has them")

    def until(self, steps: int) -> Course:
        """Its first part."""
        kept = slice(self.ticks.searchsorted(steps, "right"))
        return Course(self.first, self.ticks[kept], self.rows[kept], self.values[kept], min(steps, self.steps))

    def __eq__(self, other) -> bool:
        if not isinstance(other, Course):
            return NotImplemented
        undefined = self.first.dtype.kind == "f"
        return (self.steps, self.first.dtype) == (other.steps, other.first.dtype) and all(
            np.array_equal(getattr(self, name), getattr(other, name), equal_nan=undefined)
            for name in ("first", "ticks", "rows", "values")
        )


class Changes:
    """What a run changes, noted while it goes: by logs of the engine (`add`), or by looks at each state (`see`).

    >>> import algorithms
    >>> from algorithms.recording.record import Recording, record
    >>> from algorithms.trace import lay_out
    >>> minimum = algorithms.get("minimum")
    >>> instance = lay_out(minimum, [3.0, 1.0, 2.0], {})
    >>> changes = Changes(instance)
    >>> record(minimum, instance, Recording(minimum), watch=changes.see).ticks
    4
    >>> changes.course("min", instance.rows("hub"), "int64").states().T.tolist()
    [[-1, 0, 1, 1, 1]]
    """

    def __init__(self, instance: Instance):
        self.instance, self.ticks = instance, 0
        self.first = instance.ints[:, :-1].copy(), instance.floats[:, :-1].copy()
        self._seen = [self.first]
        self._parts: dict[int, list[tuple]] = {}

    def see(self, instance: Instance) -> None:
        """The state after one more tick."""
        self._seen.append((instance.ints[:, :-1].copy(), instance.floats[:, :-1].copy()))
        if len(self._seen) * (self.first[0].size + self.first[1].size) > _HELD:
            self._noted()

    def _noted(self) -> None:
        self._seen, seen = self._seen[-1:], self._seen
        self.add(log_of([seen]))

    def add(self, log: Log) -> None:
        """What the next ticks changed."""
        count = len(log.ends)
        ticks = np.arange(self.ticks + 1, self.ticks + 1 + count, dtype=np.int32).repeat(np.diff(log.ends, prepend=0))
        order = np.argsort(log.registers, kind="stable")
        registers = log.registers[order]
        starts = np.flatnonzero(np.diff(registers, prepend=np.iinfo(np.int32).min))
        for register, at in zip(registers[starts].tolist(), np.split(order, starts[1:])):
            at = at[np.lexsort((log.rows[at], ticks[at]))]
            values = log.values[at].view(np.float64) if register < 0 else log.values[at].astype(np.int32)
            self._parts.setdefault(register, []).append((ticks[at], log.rows[at], values))
        self.ticks += count

    def start(self, name: str) -> np.ndarray:
        """What a register was, on all rows."""
        place = self._place(name)
        return self.first[0][place] if place >= 0 else self.first[1][-1 - place]

    def _place(self, name: str) -> int:
        x = self.instance
        return x.int_names.index(name) if name in x.int_names else -1 - x.float_names.index(name)

    def course(self, name: str, rows: np.ndarray, dtype: str) -> Course:
        """Of a register, on the rows of a kind (they are next to one another)."""
        if len(self._seen) > 1:
            self._noted()
        register, first, whole = self._place(name), self.start(name)[rows].astype(dtype), None
        if parts := self._parts.get(register):
            whole = [np.concatenate(part) for part in zip(*parts)] if len(parts) > 1 else parts[0]
            self._parts[register] = [tuple(whole)]
        ticks, at, values = whole or (np.zeros(0, np.int32), np.zeros(0, np.int32), _small(first[:0]))
        values = values.astype(bool) if first.dtype == bool else values
        return Course(first, ticks, at - int(rows[0]) if len(rows) else at, values, self.ticks)

    def differs(self, other: Changes) -> str:
        """The first register of which a run that this is the beginning of shows other changes, if there is one."""
        x = self.instance
        kinds = {"phase": "hub"} | {p.name: p.kind for p in x.spec.probes if p.kind in x.kinds}
        for name, kind in kinds.items():
            ours, theirs = (c.course(name, x.rows(kind), str(c.start(name).dtype)) for c in (self, other))
            if ours != theirs.until(ours.steps):
                return name
        return ""


def _small(values: np.ndarray) -> np.ndarray:
    return values.astype(np.int32) if values.dtype == np.int64 else values
