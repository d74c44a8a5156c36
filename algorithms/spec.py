"""What an algorithm declares: its probes, its input structure, its outputs, its bound on ticks.

A *probe* is a register with the field's three words: stage (input, hint, output), location (node, edge, graph) and
type. A register located at the graph, and every `mask_one` (one node marked among all: a pointer of the hub), lives
on the hub; the others live on each node, or on each edge where edges are nodes of their own.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from algorithms.errors import AuthorError
from algorithms.phases import phases_of

if TYPE_CHECKING:
    from algorithms.answers import Answer
    from algorithms.structure import Structure

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
    "Probe",
    "Spec",
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
    init: object = None

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
class Spec:
    """An algorithm: declaration, textbook code (`program`), sampler and independent check.

    structure: what it is called with and how that becomes nodes and relations (`algorithms.structure`).
    outputs: name -> how it is read off the final state (`algorithms.answers`).
    ticks: the author's bound on the number of steps, from n nodes and m edges.
    time: the textbook's bound on time, from the same, up to a factor; None says that it grows as `ticks`.
    sample: `sample(rng, n, family)` -> (data, arguments), of the `families` "training" and "held_out".
    check: `check(outputs, data, **inputs)` -> {output: one bool per element}, by an independent reference.
    """

    name: str
    chapter: str
    source: str
    structure: Structure
    probes: tuple[Probe, ...]
    outputs: dict[str, Answer]
    ticks: Callable[[int, int], int]
    families: dict[str, tuple[str, ...]]
    sample: Callable
    check: Callable
    program: Callable
    doc: str = ""
    time: Callable[[int, int], float] | None = None
    by_name: dict[str, Probe] = field(init=False, repr=False)

    def __post_init__(self):
        names = [p.name for p in self.probes]
        twice = {n for n in names if names.count(n) > 1}
        if twice:
            raise AuthorError(f"{self.name}: probe {sorted(twice)[0]!r} is declared twice")
        object.__setattr__(self, "by_name", {p.name: p for p in self.probes})

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of what a caller passes: the data, then further arguments."""
        return self.structure.arguments(self)

    @cached_property
    def phases(self) -> tuple[str, ...]:
        """Where the program may stand: the values of the hub's field `phase`, known before any run.

        Raises AuthorError where the program's text does not tell them (`algorithms/phases.py`).
        """
        return (START, HALT, *phases_of(self.name, self.program))

    def bound(self, instance) -> float:
        """The author's bound on the number of ticks, of an instance of one graph. Raises AuthorError."""
        return self._number("ticks", self.ticks, instance, "a number of ticks is needed")

    def textbook(self, instance) -> float:
        """The textbook's bound on time, up to a factor, of an instance of one graph. Raises AuthorError."""
        if self.time is None:
            return self.bound(instance)
        return self._number("time", self.time, instance, "a number of steps is needed")

    def _number(self, what: str, f: Callable, instance, need: str) -> float:
        n, m = instance.sizes[0]
        try:
            bound = f(n, m)
        except Exception as e:
            raise AuthorError(f"{self.name}: `{what}` fails at n = {n}, m = {m}: {type(e).__name__}: {e}") from e
        if isinstance(bound, bool) or not isinstance(bound, numbers.Real) or not 0 < bound < math.inf:
            raise AuthorError(f"{self.name}: `{what}` gives {bound!r} at n = {n}, m = {m}; {need}")
        return bound

    def registers(self, kind: str) -> list[Probe]:
        return [p for p in self.probes if p.kind == kind]

    def describe(self) -> list[dict]:
        """The probes as plain records, for files and for comparison."""
        return [
            dict(name=p.name, stage=p.stage, location=p.location, type=p.type, values=[str(v) for v in p.values])
            for p in self.probes
        ]

    def __repr__(self) -> str:
        return f"Spec({self.name!r}, chapter={self.chapter!r}, {len(self.probes)} probes, outputs={list(self.outputs)})"
