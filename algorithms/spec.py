"""What an algorithm declares: its probes, its input structure, its outputs, its bound on ticks."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from algorithms.answers import Answer
from algorithms.errors import ArgumentError, AuthorError
from algorithms.inputs.structure import Structure
from algorithms.machine.probes import HALT, START, Declaration
from algorithms.machine.state import Instance
from algorithms.phases import phases_of

__all__ = ["Spec", "given_by_name", "spec_of"]


@dataclass(frozen=True, kw_only=True)
class Spec(Declaration):
    """An algorithm: declaration, textbook code (`program`), sampler and independent check.

    structure: what it is called with and how that becomes nodes and relations (`algorithms.inputs.structure`).
    outputs: name -> how it is read off the final state (`algorithms.answers`).
    time: the textbook's bound on time, from the same, up to a factor; None says that it grows as `ticks`.
    sense: "min" or "max", where its value is the least or greatest w·y over solutions y, w its numbers.
    sample: `sample(rng, n, family)` -> (data, arguments), of the `families` "training" and "held_out".
    check: `check(outputs, data, **inputs)` -> {output: one bool per element}, by an independent reference.
    """

    chapter: str
    source: str
    structure: Structure
    outputs: dict[str, Answer]
    families: dict[str, tuple[str, ...]]
    sample: Callable
    check: Callable
    program: Callable
    doc: str = ""
    time: Callable[[int, int], float] | None = None
    sense: str | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        return self.structure.kinds

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
        if isinstance(bound, bool) or not isinstance(bound, numbers.Real) or not 0 < float(bound) < math.inf:
            raise AuthorError(f"{self.name}: `{what}` gives {bound!r} at n = {n}, m = {m}; {need}")
        return float(bound)

    def __repr__(self) -> str:
        return f"Spec({self.name!r}, chapter={self.chapter!r}, {len(self.probes)} probes, outputs={list(self.outputs)})"


def given_by_name(spec: Spec, data, given: dict) -> tuple[Any, dict]:
    """The data and the arguments, of a call that may have named its data too: `graph=…`, `values=…`. Raises
    ArgumentError where they are given twice."""
    name = spec.structure.data
    if name not in given or spec.structure.by_name:
        return data, given
    if data is not None:
        raise ArgumentError(f"{spec.name}: {name} is given twice, once by its name")
    return given[name], {k: v for k, v in given.items() if k != name}


def spec_of(instance: Instance) -> Spec:
    """Whose instance it is."""
    assert isinstance(instance.spec, Spec)
    return instance.spec
