"""Problems laid out once, run many times: `Prepared`."""

from __future__ import annotations

import numpy as np

from algorithms.machine.compiled import program_of
from algorithms.machine.derivatives import History, Terms
from algorithms.machine.engine import Bound, cap_of
from algorithms.machine.joining import join
from algorithms.machine.terms import Set
from neural_exec.defaults import Lock
from neural_exec.errors import GradientError, NotHaltedError
from neural_exec.network.decisions import Policy
from neural_exec.tensors.problems import Problem

__all__ = ["Prepared"]


class Prepared:
    """Problems side by side, to be run by one policy on any numbers.

    Laying a problem out a second time with the places of its inputs (1 … P) as numbers shows which cells are copies of
    which input; a run writes its numbers there and starts. logged: keep what makes gradients. instance: all problems in
    one, in the final state of the last run; versions: scalar -> of each of its rows (N + 1,), where logged; ticks (B,):
    of each problem. Who shares it among threads holds `lock` from a run until its results are read.
    """

    def __init__(self, policy: Policy, problems: list[Problem], logged: bool = True):
        self.policy, self.problems, self.lock, self.logged = policy, problems, Lock(), logged
        spec = problems[0].lay(np.zeros(problems[0].numbers)).spec
        program = program_of(policy, spec)
        if logged and any(a.name.startswith("+") for a in _written(policy.machine)):
            raise GradientError(f"{spec.name}: no gradient goes through a total; detach its inputs")
        starts = np.cumsum([0] + [p.numbers for p in problems])
        self.inputs = int(starts[-1])
        places: dict[int, list[int]] = {}
        for i, p in enumerate(problems):
            places.setdefault(id(p), []).append(i)
        self.kinds = [_Kind(program, problems[at[0]], np.array(at), starts[at], logged) for at in places.values()]
        laid = {int(b): k.bound.instance for k in self.kinds for b in k.at}
        self.instance = join([laid[i] for i in range(len(problems))])
        sizes = [laid[i].size for i in range(len(problems))]
        self.first_row = np.cumsum([0, *sizes])
        self.ticks = np.zeros(len(problems), np.int64)
        names = {**self.instance.scalars, **self.instance.constants, **program.bytecode.scalars}
        self.versions = {n: np.zeros(self.instance.size + 1, np.int64) for n in names} if logged else {}
        self._shifts = np.array([n in self.instance.pointers for n in self.instance.int_names])[:, None]

    def run(self, values: np.ndarray) -> None:
        """Execute on these numbers (P,); `instance` is then in the final state. Raises NotHaltedError."""
        halt, halted, known = self.policy.machine.halt(), np.ones(len(self.problems), bool), self.inputs
        for kind in self.kinds:
            self.ticks[kind.at] = kind.run(values + 0.0, known)  # zero has no sign
            known += len(kind.bound.terms().ends) if self.logged and len(self.kinds) > 1 else 0
            halted[kind.at] = kind.ints[:, 0, 1 + int(kind.bound.instance.hubs[0])] == halt
            self._store(kind)
        if not halted.all():
            bad = np.flatnonzero(~halted)
            kind = next(k for k in self.kinds if bad[0] in k.at)
            raise NotHaltedError(
                f"{self.instance.spec.name} did not halt within {cap_of(kind.bound.instance)} steps on graph {bad[0]} "
                f"of {len(self.problems)} ({len(bad)} of them did not); its input may be outside the algorithm's "
                "contract (a negative cycle, for one)"
            )

    def _store(self, kind: _Kind) -> None:
        """What a kind of problem came to, into the instance of all."""
        x, first = self.instance, self.first_row[kind.at]
        count, rows = len(kind.at), kind.bound.instance.size
        at = (first[:, None] + np.arange(rows)).ravel()
        ints, floats = kind.ints[:, : len(x.int_names), 1:], kind.scalars[:, : len(x.float_names), 1:]
        shift = np.where(self._shifts & (ints >= 0), first[:, None, None], 0)
        x.ints[:, at] = (ints + shift).swapaxes(0, 1).reshape(-1, count * rows)
        x.floats[:, at] = floats.swapaxes(0, 1).reshape(-1, count * rows)
        for name, i in kind.bound.program.bytecode.scalars.items() if self.logged else ():
            self.versions[name][at] = kind.versions[:, i, 1:].ravel()

    def scalars(self, register: str, rows: np.ndarray) -> np.ndarray:
        """A scalar of rows (Q,) of the instance, after a run."""
        return (self.instance.scalars | self.instance.constants)[register][rows]

    def history(self, cells: list[tuple[str, np.ndarray]]) -> History:
        """What scalars of rows of the instance are made of, after a run; infinite ones are constants."""
        outputs = [np.where(np.isfinite(self.scalars(*cell)), self.versions[cell[0]][cell[1]], 0) for cell in cells]
        terms = Terms.joined([kind.bound.terms() for kind in self.kinds])
        return terms.keep(np.concatenate([np.zeros(0, np.int64), *outputs]), self.inputs)


class _Kind:
    """Problems of one topology: their states (B, registers, rows + 1), and where their inputs stand in them.

    at (B,): which of all problems; starts (B,): the first input of each.
    """

    def __init__(self, program, problem: Problem, at: np.ndarray, starts: np.ndarray, logged: bool):
        self.at, self.starts, self.logged = at, starts, logged
        self.bound = a = Bound(program, problem.lay(np.zeros(problem.numbers)))
        b = Bound(program, problem.lay(np.arange(1.0, 1.0 + problem.numbers)))
        self.start_ints, self.start_scalars = a.ints.copy(), a.scalars.copy()
        self.cells, self.which = _differing(a.scalars, b.scalars)
        self.edges, self.which_edge = _differing(a.weights, b.weights)
        count = len(at)
        many = lambda x: np.repeat(x[None], count, 0)
        self.ints, self.scalars, self.weights = many(a.ints), many(a.scalars), many(a.weights)
        self.inputs_of_cells = self.starts[:, None] + self.which
        self.inputs_of_edges = self.starts[:, None] + self.which_edge
        self.versions = np.zeros(self.scalars.shape if logged else 0, np.int64)
        self.weight_versions = np.zeros(self.weights.shape if logged else 0, np.int64)
        if logged:
            self.weight_versions[:, self.edges] = 1 + self.inputs_of_edges

    def run(self, values: np.ndarray, known: int) -> np.ndarray:
        """Ticks (B,). known: so many versions there are already."""
        self.ints[:], self.scalars[:] = self.start_ints, self.start_scalars
        count = len(self.at)
        self.scalars.reshape(count, -1)[:, self.cells] = values[self.inputs_of_cells]
        self.weights[:, self.edges] = values[self.inputs_of_edges]
        versions = None
        if self.logged:
            self.bound.forget()
            self.versions[:] = 0
            self.versions.reshape(count, -1)[:, self.cells] = 1 + self.inputs_of_cells
            versions = self.versions, self.weight_versions, known
        return self.bound.run(self.ints, self.scalars, self.weights, versions=versions)


def _written(machine):
    """The scalars that written values are made of."""
    operations = [op for g in machine.groups.values() for op in g.operations]
    return [a for op in operations if isinstance(op, Set) for a in op.value.atoms()]


def _differing(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where two layouts differ, counted flat; and the input that is copied there."""
    at = np.flatnonzero(((a != b) & ((a == a) | (b == b))).ravel())
    return at, b.ravel()[at].astype(np.int64) - 1
