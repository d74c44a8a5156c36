"""A probe and its data; a hint's are the changes of its register, of which states are made when asked."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from algorithms.course import Course
from algorithms.machine.probes import HINT

__all__ = ["ProbeData", "ProbeSchema", "same"]


@dataclass(frozen=True)
class ProbeSchema:
    """What an algorithm alone says of a probe's data: all but the numbers, and how many there are.

    location: whose register it is, node, edge, cell or graph. values: of a categorical (or mask), in words. ndim: 2 for
    a hint, else 1.
    """

    name: str
    stage: str
    location: str
    type: str
    values: tuple[str, ...]
    dtype: str
    ndim: int


@dataclass(frozen=True, eq=False, repr=False, init=False)
class ProbeData:
    """A probe and its data.

    data: (rows,) or (T + 1, rows) for a hint, rows being n nodes, m edges, the cells or 1 for the graph. scalar:
    float64; mask: bool; categorical: int64, a place in `values`; pointer: int64, a row's index or -1 for none;
    mask_one: int64 (1,) or (T + 1, 1), the index of the one row that is marked, or -1. Nodes come first among the rows:
    the index of an edge, or of a cell, is n + its place.

    A hint holds its changes (`course`), whether these or all states are given; `data` makes a new array of them each
    time, `at(tick)` gives one state. Equal by value, undefined numbers too.
    """

    name: str
    stage: str
    location: str
    type: str
    data: np.ndarray
    values: tuple[str, ...] = ()
    _held: np.ndarray | Course = field(init=False)

    def __init__(self, name: str, stage: str, location: str, type: str, data: np.ndarray | Course, values=()):
        if stage == HINT and not isinstance(data, Course) and np.ndim(data) == 2 and len(data):
            data = Course.of_states(np.asarray(data))
        self.__dict__.update(name=name, stage=stage, location=location, type=type, values=values, _held=data)

    @property  # type: ignore[no-redef]  # the field of that name, which `replace` takes
    def data(self) -> np.ndarray:
        held = self._held
        return held.states() if isinstance(held, Course) else held

    @property
    def course(self) -> Course | None:
        """A hint's changes."""
        return self._held if isinstance(self._held, Course) else None

    def at(self, tick: int) -> np.ndarray:
        """A hint's state (rows,) after so many ticks; -1 is the last."""
        return self.data[tick] if self.course is None else self.course.at(tick)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of its data."""
        return self._held.shape

    @property
    def nbytes(self) -> int:
        """That it holds."""
        return self._held.nbytes

    @property
    def schema(self) -> ProbeSchema:
        kept = self._held.first if isinstance(self._held, Course) else np.asarray(self._held)
        return ProbeSchema(
            self.name, self.stage, self.location, self.type, tuple(self.values), str(kept.dtype), len(self.shape)
        )

    def __eq__(self, other) -> bool:
        if not isinstance(other, ProbeData):
            return NotImplemented
        return self.schema == other.schema and same(self._held, other._held)

    def __repr__(self) -> str:
        return f"{self.name}: {self.stage} {self.location} {self.type} {self.schema.dtype}{list(self.shape)}"


def same(a, b) -> bool:
    """Equal by value and type; what is undefined is equal to itself."""
    if isinstance(a, np.generic) or isinstance(b, np.generic):  # labels: numpy's are as Python's
        a, b = (x.item() if isinstance(x, np.generic) else x for x in (a, b))
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b or (a != a and b != b))
