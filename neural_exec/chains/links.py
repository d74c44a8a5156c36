"""What the parts of a chain refer to: outputs of stages before, arguments of the caller; and the base of adapters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from algorithms.machine.probes import GRAPH
from neural_exec.chains.data import Net, Numbers, Shape, same_rows
from neural_exec.chains.ports import Port, ports, words
from neural_exec.errors import ChainError

__all__ = ["Adapter", "argument", "at_data", "find_port", "output", "to_data"]


@dataclass(frozen=True)
class argument:
    """What the caller passes to `run` under this name."""

    name: str


@dataclass(frozen=True)
class output:
    """An output or probe of the stage before, as an argument of the next; or of the algorithm at a place (from 0)."""

    name: str
    stage: int = -1


class Adapter(ABC):
    """check: what shape becomes what, or ChainError. apply: the same of the data. `before` is the stage before: a
    `spec`, the `shape` and the `data` that it ran on, its final `instance`."""

    @abstractmethod
    def check(self, shape: Shape, before) -> Shape: ...

    @abstractmethod
    def apply(self, data: Net | Numbers, before, given: Callable) -> Net | Numbers: ...

    def __repr__(self) -> str:
        shown = ((f, getattr(self, f.name)) for f in fields(self))
        parts = [f"{v!r}" if i == 0 else f"{f.name}={v!r}" for i, (f, v) in enumerate(shown) if v != f.default]
        return f"{type(self).__name__}({', '.join(parts)})"

    def need(self, name: str, before, shape: Shape, *types: tuple[str, str]) -> Port:
        """The port of that name, of one of these types; ChainError otherwise."""
        return find_port(repr(self), name, before, shape, *types)


def find_port(who: str, name: str, before, shape: Shape, *types: tuple[str, str]) -> Port:
    wanted = " or ".join(words(*t) for t in types)
    if before is None:
        raise ChainError(f"{who} takes {wanted} of the algorithm before it, and no algorithm comes before it")
    here, end = ports(before.spec), f"stage {before.place}, {before.spec.name}"
    fitting = [p.name for p in here if (p.location, p.type) in types]
    fits = (
        f"of {before.spec.name} would fit: {', '.join(fitting)}" if fitting else f"nothing of {before.spec.name} fits"
    )
    port = next((p for p in here if p.name == name), None)
    if port is None:
        raise ChainError(f"{who} takes {wanted}; {end}, gives no {name!r}; {fits}")
    if (port.location, port.type) not in types:
        raise ChainError(f"{who} takes {wanted}; {name} of {end}, is {port.text}; {fits}")
    if port.location != GRAPH and before.shape.space != shape.space:
        raise ChainError(f"{who}: the rows of {end}, are {before.shape.space}; those at hand are other {shape.space}")
    return port


def to_data(before, data: Net | Numbers, rows: np.ndarray) -> np.ndarray:
    """Rows of a stage's instance as places in the data at hand; -1 where they are no longer there."""
    place = same_rows(before.data, data)
    rows = np.where(rows < len(before.data), rows, -1)
    return place[rows]


def at_data(before, data: Net | Numbers, values: np.ndarray, missing) -> np.ndarray:
    """Values of a stage's rows, at the rows of the data at hand; `missing` for what that stage did not know."""
    place = same_rows(data, before.data)[:-1]
    return np.where(place >= 0, values[place], missing)
