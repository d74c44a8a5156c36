"""Probes: the registers of an algorithm, as it declares them.

A *probe* is a register with the field's three words: stage (input, hint, output), location (node, edge, graph) and
type. A register located at the graph, and every `mask_one` (one node marked among all: a pointer of the hub), lives
on the hub; the others live on each node, or on each edge where edges are nodes of their own.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from algorithms.errors import AuthorError

__all__ = [
    "CATEGORICAL",
    "CELL",
    "EDGE",
    "GRAPH",
    "HALT",
    "HINT",
    "INPUT",
    "MASK",
    "MASK_ONE",
    "NODE",
    "OUTPUT",
    "POINTER",
    "SCALAR",
    "START",
    "Declaration",
    "Probe",
]  # fmt: skip

INPUT, HINT, OUTPUT = "input", "hint", "output"
NODE, EDGE, CELL, GRAPH = "node", "edge", "cell", "graph"
SCALAR, MASK, MASK_ONE, CATEGORICAL, POINTER = "scalar", "mask", "mask_one", "categorical", "pointer"
START, HALT = "start", "halt"  # the hub's first and last phase


@dataclass(frozen=True)
class Probe:
    """One register.

    name: a standard name of `algorithms.vocabulary` where one fits (its code is then shared by all algorithms).
    values: of a categorical, in order; the first is the initial one.
    init: initial value; a number for a scalar, a value for a categorical, `"self"` for a pointer (default nil).
    """

    name: str
    stage: str
    location: str
    type: str
    values: tuple = ()
    init: float | str | None = None

    def __post_init__(self):
        if self.type == MASK:
            object.__setattr__(self, "values", (False, True))
        if self.type == CATEGORICAL and not self.values:
            raise AuthorError(f"probe {self.name!r} is categorical: name its values=(...)")

    @property
    def kind(self) -> str:
        """The kind of row that holds the register: hub, node or edge."""
        return "hub" if self.type == MASK_ONE or self.location == GRAPH else self.location

    @property
    def register(self) -> str:
        """field, scalar or pointer: how the machine stores it."""
        if self.type == SCALAR:
            return "scalar"
        return "pointer" if self.type in (POINTER, MASK_ONE) else "field"

    def initial(self, rows: np.ndarray) -> np.ndarray | float | int:
        if self.register == "pointer":
            return rows if self.init == "self" else -1
        if self.register == "field":
            return self.values.index(self.init) if self.init is not None else 0
        return math.nan if self.init is None and self.stage == INPUT else float(self.init or 0.0)


@dataclass(frozen=True)
class Declaration(ABC):
    """What the machine needs to know of an algorithm: all else is in its `algorithms.spec.Spec`.

    ticks: the author's bound on the number of steps, from n nodes and m edges.
    """

    name: str
    probes: tuple[Probe, ...]
    ticks: Callable[[int, int], int]
    by_name: dict[str, Probe] = field(init=False, repr=False)

    def __post_init__(self):
        names = [p.name for p in self.probes]
        twice = {n for n in names if names.count(n) > 1}
        if twice:
            raise AuthorError(f"{self.name}: probe {sorted(twice)[0]!r} is declared twice")
        object.__setattr__(self, "by_name", {p.name: p for p in self.probes})

    @property
    @abstractmethod
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its rows, NODE first, the hub last."""

    @cached_property
    def names(self) -> tuple[list[str], list[str]]:
        """Of the registers that hold whole numbers, and of the scalars, in the order of an instance's blocks."""
        scalars = [p.name for p in self.probes if p.register == "scalar"]
        return ["phase", *(p.name for p in self.probes if p.register != "scalar")], scalars

    @cached_property
    def pointers(self) -> set[str]:
        return {p.name for p in self.probes if p.register == "pointer"}

    def registers(self, kind: str) -> list[Probe]:
        """Those on rows of a kind."""
        return [p for p in self.probes if p.kind == kind]

    def describe(self) -> list[dict]:
        """The probes as plain records, for files and for comparison."""
        return [
            dict(name=p.name, stage=p.stage, location=p.location, type=p.type, values=[str(v) for v in p.values])
            for p in self.probes
        ]
