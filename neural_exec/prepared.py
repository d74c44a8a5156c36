"""Problems laid out once, run many times: `Prepared`."""

from __future__ import annotations

import numpy as np

from algorithms.joining import join
from algorithms.machine import Instance
from neural_exec.batch import BatchEngine, together
from neural_exec.batch_whole import small
from neural_exec.defaults import Lock
from neural_exec.errors import NotHaltedError
from neural_exec.gradients import Log
from neural_exec.policy import Policy
from neural_exec.problems import Problem
from neural_exec.rollout import execute

__all__ = ["Prepared"]


class Prepared:
    """Problems side by side, to be run by one policy on any numbers.

    Laying the problems out a second time with the places of their inputs (1 … P) as numbers shows which cells are
    copies of which input; a run writes its numbers there and starts. logged: keep a Log for gradients. Who shares it
    among threads holds `lock` from a run until its results are read.
    """

    def __init__(self, policy: Policy, problems: list[Problem], logged: bool = True):
        self.policy, self.problems, self.lock = policy, problems, Lock()
        each = {id(p): p for p in problems}  # often one, many times
        laid = {i: (p.lay(np.zeros(p.numbers)), p.lay(np.arange(1.0, 1.0 + p.numbers))) for i, p in each.items()}
        self.instance, placed = (join(list(xs)) for xs in zip(*(laid[id(p)] for p in problems)))
        starts = np.cumsum([0] + [p.numbers for p in problems])
        self.inputs = int(starts[-1])
        self.ints, self.floats = self.instance.ints.copy(), self.instance.floats.copy()
        places, self.cells = {}, []
        for name, a, b in _scalars(self.instance, placed):
            rows, which = _differing(a, b)
            if len(rows):
                which += starts[self.instance.graph[rows]]
                places[name] = np.zeros(len(a), np.int64)
                places[name][rows] = which
                self.cells.append((a, rows, which - 1))
        weights = {}
        for name, relation in self.instance.relations.items():
            rows, which = _differing(relation.weight, placed.relations[name].weight)
            which += starts[self.instance.graph[relation.dst[rows]]]
            weights[name] = np.zeros(len(relation.weight), np.int64)
            weights[name][rows] = which
            if len(rows):
                self.cells.append((relation.weight, rows, which - 1))
        log = Log(self.instance, policy.machine.heads, places, weights, self.inputs) if logged else None
        whole = small(policy.machine, self.instance)
        self.engine = BatchEngine(policy, self.instance, log, whole)
        self.one_by_one = log is None and not together(laid[id(problems[0])][0], len(problems), whole)

    def run(self, values: np.ndarray) -> None:
        """Execute on these numbers (P,); `instance` is then in the final state. Raises NotHaltedError."""
        self.instance.ints[:], self.instance.floats[:] = self.ints, self.floats
        for array, rows, which in self.cells:
            array[rows] = values[which] + 0.0  # zero has no sign
        if self.one_by_one:
            self._each(values)
        else:
            if self.engine.log:
                self.engine.log.reset()
            self.engine.reset()
            self.engine.run()
        if not self.engine.halted.all():
            bad = np.flatnonzero(~self.engine.halted)
            name, of = self.instance.spec.name, len(self.problems)
            raise NotHaltedError(
                f"{name} did not halt within {self.engine.caps[bad[0]]} steps on graph {bad[0]} of {of} ({len(bad)} of "
                "them did not); its input may be outside the algorithm's contract (a negative cycle, for one)"
            )

    def _each(self, values: np.ndarray) -> None:
        """Where only few problems take many ticks, one after another."""
        stops = np.cumsum([p.numbers for p in self.problems])
        done = [p.lay(values[stop - p.numbers : stop] + 0.0) for p, stop in zip(self.problems, stops.tolist())]
        for instance in done:
            execute(self.policy, instance)
        final = join(done)
        self.instance.ints[:], self.instance.floats[:] = final.ints, final.floats


def _scalars(a: Instance, b: Instance):
    for name in a.scalars:
        yield name, a.scalars[name], b.scalars[name]
    for name in a.constants:
        yield name, a.constants[name], b.constants[name]


def _differing(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows = np.flatnonzero((a != b) & ((a == a) | (b == b)))
    return rows, b[rows].astype(np.int64)
