"""A program's own decisions, as its recorded runs show them: what the engine runs instead of the recorder.

In each context a row does what the program did there, operation by operation. A context that no run has met is no
guess: it raises `Missing`, until a run that meets it is added.

Of edges less is known: those behind the chosen one may be eligible or not. Where that is so in all runs, the context is
*open*. Two tables are kept, in one no open edge is eligible, in the other each is: where both come to the same run, it
did not turn on them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from algorithms.contexts import Contexts, draw
from algorithms.errors import AuthorError
from algorithms.machine.compiled import program_of
from algorithms.machine.definition import Decisions
from algorithms.machine.program import Machine
from algorithms.machine.state import Instance
from algorithms.machine.together import Together, alike
from algorithms.recording.record import Recording, Run
from algorithms.spec import Spec

__all__ = ["Missing", "Saturated", "grown"]


class Missing(LookupError):
    """A context that no recorded run has met."""


class Saturated(Decisions):
    """A program's table, in terms of a machine that was recorded of it; decisions as the engine takes them.

    recording: what runs are recorded with; runs: how many have been added. Answers may change as runs are added.
    open: group of edges -> contexts of which it is open whether one is eligible; here it is not. generous: the
    decisions where it is.

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
        self.contexts = Contexts(machine, meant=True)
        self.generous = _Generous(self)
        self.answers: dict[str, dict[int, tuple | int]] = {g: {} for g in machine.groups}
        self.open: dict[str, set[int]] = {}
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
        for name, group in self.machine.groups.items():
            codes, consistent = self._consistent(name)
            if group.relation:
                bits = 1 << np.arange(consistent.shape[1])
                eligible, possible = ((m * bits).sum(1).tolist() for m in (~consistent[..., 0], consistent[..., 1]))
                self.answers[name] = dict(zip(codes, eligible))
                self.generous.answers[name] = dict(zip(codes, possible))
                self.open[name] = {c for c, e, p in zip(codes, eligible, possible) if e != p}
            else:
                best = consistent.argmax(2).tolist()
                decisions = [tuple((r, op) for r, op in enumerate(row) if op) for row in best]
                self.answers[name] = self.generous.answers[name] = dict(zip(codes, decisions))
        self.changed()
        self.generous.changed()

    def unmet(self, instances: Sequence[Instance]) -> int | None:
        """The place of the first of some instances whose run meets what no recorded run has; None: there is none."""
        program, found = program_of(self, self.spec), []
        for places in alike(instances, program):
            together = Together(program, [instances[i] for i in places])
            try:
                together.run()
            except Missing:
                found.append(places[int(np.argmin(together.halted))])
        return min(found, default=None)

    def _consistent(self, name: str) -> tuple[list[int], np.ndarray]:
        table = self.contexts.table(name)
        lost = ~table.consistent.any(2)
        if lost.any():
            i, r = np.argwhere(lost)[0]
            group, code = table.group, int(table.codes[i])
            where = f"{name}.{group.registers[r][1]} where ({group.describe(code)})"
            raise AuthorError(f"{self.machine.name}: no one decision fits all runs: {where}")
        return table.codes.tolist(), table.consistent


def grown(table: Saturated, recording: Recording, runs: list[Run]) -> Saturated:
    """The table with the last of these runs taken in; a new one of them all, where the program did something in it that
    is not in the table's machine."""
    machine = recording.machine()
    if machine.to_dict() == table.machine.to_dict():
        table.add(runs[-1:])
        return table
    table = Saturated(table.spec, machine)
    table.add(runs)
    return table


class _Generous(Decisions):
    """Those of a table, but that edges of which it is open are eligible."""

    def __init__(self, table: Saturated):
        self.table, self.machine = table, table.machine
        self.answers: dict[str, dict[int, tuple | int]] = {g: {} for g in table.machine.groups}

    def ask(self, group: str, codes: list[int]) -> None:
        self.table.ask(group, codes)
