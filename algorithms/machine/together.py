"""Inputs that are laid out alike, run in one call of the kernel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from algorithms.machine.compiled import Program
from algorithms.machine.engine import Bound
from algorithms.machine.state import Instance

__all__ = ["Together", "alike"]


def alike(instances: Sequence[Instance], program: Program) -> list[list[int]]:
    """The places of instances of one graph that the program's machine sees laid out alike."""
    groups: dict[tuple, list[int]] = {}
    for i, x in enumerate(instances):
        relations = (x.relations[name] for name in program.bytecode.relations)
        parts = (x.kind, *x.static.values(), *(ends for r in relations for ends in (r.src, r.dst)))
        groups.setdefault((x.sizes[0], *(a.tobytes() for a in parts)), []).append(i)
    return list(groups.values())


class Together:
    """A program on instances that are laid out alike, whose own state is not touched. One thread at a time.

    ints (B, registers, N + 1), scalars (B, scalars, N + 1): the states; ticks (B,): what each run took, or has so far.

    >>> import algorithms
    >>> from algorithms.machine.compiled import program_of
    >>> from algorithms.recording.record import Recording
    >>> from algorithms.saturated import Saturated
    >>> from algorithms.trace import lay_out
    >>> spec, recording = algorithms.get("minimum"), Recording(algorithms.get("minimum"))
    >>> run = algorithms.contexts.draw(spec, recording, np.random.default_rng(0), 9, "ties")
    >>> program = program_of(Saturated(spec, recording.machine(), 20), spec)
    >>> instances = [lay_out(spec, values, {}) for values in ([3.0, 1.0], [2.0], [1.0, 3.0])]
    >>> alike(instances, program)
    [[0, 2], [1]]
    >>> together = Together(program, instances[::2])
    >>> together.run()
    >>> together.ticks.tolist(), together.halted.tolist()
    ([3, 3], [True, True])
    """

    def __init__(self, program: Program, instances: Sequence[Instance]):
        self.instances, self.bound = instances, Bound(program, instances[0])
        self._begin()

    def again(self, program: Program) -> None:
        """From the start, with other decisions of the same machine."""
        self.bound.program = program
        self.bound.load()
        self.bound.forget()
        self._begin()

    def run(self, log: bool = False, met: dict[str, set[int]] | None = None) -> None:
        """Run all; one after another, up to the first that meets what its decisions do not answer for."""
        self.bound.run(self.ints, self.scalars, self.weights, ticks=self.ticks, log=log, met=met)

    @property
    def halted(self) -> np.ndarray:
        """(B,) bool."""
        halt = self.bound.program.decisions.machine.halt()
        return self.ints[:, 0, 1 + int(self.instances[0].hubs[0])] == halt

    def _begin(self) -> None:
        bound, count = self.bound, len(self.instances)
        self.ticks = np.zeros(count, np.int64)
        if count == 1:
            self.ints, self.scalars, self.weights = bound.ints[None].copy(), bound.scalars[None].copy(), bound.weights
            return
        code = bound.program.bytecode
        together = lambda of: np.stack([of(x)[..., :-1] for x in self.instances])
        ints, scalars, weights = (np.repeat(a[None], count, 0) for a in (bound.ints, bound.scalars, bound.weights))
        ints[:, : code.written[0], 1:] = together(lambda x: x.ints)
        scalars[:, : code.written[1], 1:] = together(lambda x: x.floats)
        for name, i in list(code.scalars.items())[code.written[1] :]:
            if name in self.instances[0].constants:
                scalars[:, i, 1:] = together(lambda x, name=name: x.constants[name])
        for name, first in zip(code.weighed, bound.layout["edge_start"].tolist()):
            own = together(lambda x, name=name: x.relations[name].weight)
            weights[:, 1 + first : 1 + first + own.shape[1]] = own
        self.ints, self.scalars, self.weights = ints, scalars, weights
