"""A program's own decisions, as its recorded runs show them: what the engine runs instead of the recorder.

In each context the decision is the first of the operations that agreed with every run so far, `keep` before others. A
context that no run has met is no guess: it raises `Missing`, until a run that meets it is added.
"""

from __future__ import annotations

import numpy as np

from algorithms.contexts import Contexts, draw
from algorithms.errors import AuthorError
from algorithms.machine.definition import Decisions
from algorithms.machine.program import Machine
from algorithms.recording.record import Recording, Run
from algorithms.spec import Spec

__all__ = ["Missing", "Saturated"]


class Missing(LookupError):
    """A context that no recorded run has met."""


class Saturated(Decisions):
    """A program's table, in terms of a machine that was recorded of it; decisions as the engine takes them.

    recording: what runs are recorded with; runs: how many have been added. Answers may change as runs are added.

    >>> import algorithms
    >>> from algorithms.machine.engine import execute
    >>> from algorithms.recording.record import Recording
    >>> from algorithms.trace import lay_out
    >>> minimum = algorithms.get("minimum")
    >>> recording = Recording(minimum)
    >>> algorithms.contexts.draw(minimum, recording, np.random.default_rng(0), 9, "ties")[0].ticks
    10
    >>> table = Saturated(minimum, recording.machine(), 20)
    >>> execute(table, lay_out(minimum, [3.0, 1.0, 2.0], {})).ticks
    4
    """

    def __init__(self, spec: Spec, machine: Machine, runs: int = 0, seed: int = 0):
        self.spec, self.machine, self.recording, self.runs = spec, machine, Recording(spec), 0
        self.contexts = Contexts(machine)
        self.answers: dict[str, dict[int, tuple | int]] = {g: {} for g in machine.groups}
        rng, families = np.random.default_rng(seed), spec.families["training"]
        drawn = [draw(spec, self.recording, rng, 1 + i % 12, families[i % len(families)])[0] for i in range(runs)]
        self.add(drawn)

    def ask(self, group: str, codes: list[int]) -> None:
        raise Missing(f"{self.machine.name}: no run has met this: {self.machine.groups[group].describe(codes[0])}")

    def add(self, runs: list[Run]) -> None:
        """Take in some runs. Raises AuthorError where two of the program's transitions have no decision in common."""
        if not runs:
            return
        self.contexts.add(runs, self.runs)
        self.runs += len(runs)
        self.answers = {name: self._answers(name) for name in self.machine.groups}
        self.changed()

    def _answers(self, name: str) -> dict[int, tuple | int]:
        table = self.contexts.table(name)
        lost = ~table.consistent.any(2)
        if lost.any():
            i, r = np.argwhere(lost)[0]
            group, code = table.group, int(table.codes[i])
            where = f"{name}.{group.registers[r][1]} where ({group.describe(code)})"
            raise AuthorError(f"{self.machine.name}: no one decision fits all runs: {where}")
        best = table.consistent.argmax(2)
        if table.group.relation:
            bits = (best << np.arange(best.shape[1])).sum(1)
            return dict(zip(table.codes.tolist(), bits.tolist()))
        decisions = [tuple((r, op) for r, op in enumerate(row) if op) for row in best.tolist()]
        return dict(zip(table.codes.tolist(), decisions))
