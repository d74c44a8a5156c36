"""What the parts of a chain refer to: outputs of stages before, arguments of the caller; and the base of adapters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from algorithms.machine.probes import GRAPH
from algorithms.machine.state import Instance
from algorithms.spec import Spec
from neural_exec.chains.data import Net, Numbers, Shape, same_rows
from neural_exec.chains.ports import Port, port_of, ports, words
from neural_exec.errors import ChainError

__all__ = ["Adapter", "Before", "Ran", "argument", "at_data", "find_port", "output", "read", "to_data"]


@dataclass(frozen=True)
class argument:
    """What the caller passes to `run` under this name."""

    name: str


@dataclass(frozen=True)
class output:
    """An output or probe of the stage before, as an argument of the next; or of the algorithm at a place (from 0)."""

    name: str
    stage: int = -1


@dataclass(frozen=True)
class Before:
    """An algorithm that comes before: its spec and place, and the shape of the data that it runs on."""

    spec: Spec
    place: int
    shape: Shape


@dataclass(frozen=True)
class Ran:
    """An algorithm that has run before: its spec and place, the data that it ran on, its final state."""

    spec: Spec
    place: int
    data: Net | Numbers
    instance: Instance


@dataclass(frozen=True, repr=False)
class Adapter(ABC):
    """check: what shape becomes what, or ChainError. apply: the same of the data. `before` is the stage before."""

    @abstractmethod
    def check(self, shape: Shape, before: Before | None) -> Shape: ...

    @abstractmethod
    def apply(self, data: Net | Numbers, before: Ran | None, given: Callable) -> Net | Numbers: ...

    def __repr__(self) -> str:
        shown = ((f, getattr(self, f.name)) for f in fields(self))
        parts = [f"{v!r}" if i == 0 else f"{f.name}={v!r}" for i, (f, v) in enumerate(shown) if v != f.default]
        return f"{type(self).__name__}({', '.join(parts)})"

    def need(self, name: str, before: Before | None, shape: Shape, *types: tuple[str, str]) -> Port:
        """The port of that name, of one of these types; ChainError otherwise."""
        return find_port(repr(self), name, before, shape, *types)


def find_port(who: str, name: str, before: Before | None, shape: Shape, *types: tuple[str, str]) -> Port:
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


def read(before: Ran, name: str, value: object = None) -> tuple[Port, np.ndarray]:
    """A port of an algorithm that has run, which `find_port` found, and what it gives; a number has no dimension."""
    port = port_of(before.spec, name)
    assert port is not None
    return port, np.asarray(port.read(before.instance, value))


def to_data(before: Ran, data: Net | Numbers, rows: np.ndarray) -> np.ndarray:
    """Rows of a stage's instance as places in the data at hand; -1 where they are no longer there."""
    place = same_rows(before.data, data)
    rows = np.where(rows < len(before.data), rows, -1)
    return place[rows]


def at_data(before: Ran, data: Net | Numbers, values: np.ndarray, missing) -> np.ndarray:
    """Values of a stage's rows, at the rows of the data at hand; `missing` for what that stage did not know."""
    place = same_rows(data, before.data)[:-1]
    return np.where(place >= 0, values[place], missing)
