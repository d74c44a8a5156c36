"""Many programs at once, on a few inputs whose outputs are told: what `without_traces.py` searches with.

A *program* here is a table: one operation for each register in each context, drawn from the processor's softmax (the
first program takes the likeliest throughout). The kernel runs them (`algorithms.machine.many`).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from algorithms.answers import Answer, OfGraph, PerNode
from algorithms.machine import many
from algorithms.machine.compiled import Program
from algorithms.machine.definition import Decisions
from algorithms.machine.program import Machine
from algorithms.machine.state import Instance
from algorithms.recording.record import Recording, record
from algorithms.spec import Spec
from algorithms.trace import lay_out
from neural_exec.network.meaning import Names, meanings_of
from neural_exec.network.step import Step, join

__all__ = ["Programs", "Sandbox", "entries"]


def entries(form: Answer, x: Instance) -> np.ndarray:
    """The entries, in an instance of one graph, of an output that has one for each node or one for the graph."""
    return form.at(x, _rows(form, x))


def _rows(form: Answer, x: Instance) -> np.ndarray:
    return x.hubs if isinstance(form, OfGraph) else x.rows("node")


class _Nothing(Decisions):
    """A machine without decisions: those of many programs are handed over apart."""

    def __init__(self, machine: Machine):
        self.machine, self.answers = machine, {g: {} for g in machine.groups}

    def ask(self, group: str, codes: list[int]) -> None:
        raise LookupError(f"{self.machine.name}: no program was asked")


class Programs:
    """`count` programs of one algorithm, drawn anew by `begin`; contexts are met, and decided, as they come.

    own (names, code): what is searched, the codes of the algorithm's names; all else of the step is frozen.
    contexts: group -> those met since `forget`; operations, seen: group -> (count, contexts, R) and (count, contexts).
    """

    def __init__(self, step: Step, names: Names, spec: Spec, machine: Machine, rows: Tensor, count: int, rng):
        self.step, self.count, self.rng, self.rows = step.requires_grad_(False), count, rng, rows
        self.meanings, self.base = meanings_of(machine, names), step.codes.detach().clone()
        self.own = nn.Parameter(self.base[rows].clone())
        self.many = many.Programs(Program(_Nothing(machine), spec), count)
        self._joined = self._scored = None, None  # contexts scored last; the logits of those known, of these codes

    def forget(self) -> None:
        """Contexts met so far count no more."""
        self.many.clear()
        self._scored = None, None

    @property
    def operations(self) -> dict[str, np.ndarray]:
        return self.many.operations

    @property
    def contexts(self) -> dict[str, np.ndarray]:
        return self.many.codes

    @property
    def seen(self) -> dict[str, np.ndarray]:
        return self.many.met

    def codes(self) -> Tensor:
        return self.base.index_copy(0, self.rows, self.own)

    def logits(self) -> dict[str, Tensor]:
        """group -> (contexts, R, O) of all contexts met, differentiable in `own`; made once for the codes of now."""
        key = self.own._version, {g: len(c) for g, c in self.contexts.items()}
        if self._scored[0] != key:
            self._scored = key, self._score(self.contexts)
        return self._scored[1]

    def _score(self, contexts: dict[str, np.ndarray]) -> dict[str, Tensor]:
        asked = {g: c for g, c in contexts.items() if len(c)}
        if not asked:
            return {}
        key = [(g, c.tobytes()) for g, c in asked.items()]
        if self._joined[0] != key:
            self._joined = key, join([(self.meanings[g], self.meanings[g].tokens(c)) for g, c in asked.items()])
        with torch.enable_grad():
            return dict(zip(asked, self.step.score(self._joined[1], self.codes())))

    def begin(self, heat: float, uniform: float = 0.0) -> None:
        """Draw new programs: at this temperature; or the likeliest operations, but with this probability any."""
        self.heat, self.uniform = heat, uniform
        self.many.decide(self.operations | self._draw(self.logits()))

    def ask(self, contexts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Contexts (n,) of groups -> what the programs do in them (count, n, R)."""
        return self._draw(self._score(contexts))

    def _draw(self, logits: dict[str, Tensor]) -> dict[str, np.ndarray]:
        return {g: self._drawn(x.detach()) for g, x in logits.items()}

    def _drawn(self, logits: Tensor) -> np.ndarray:
        """(C, R, O) -> (count, C, R): first whether another operation than the likeliest, then which."""
        odds, likeliest = torch.softmax(logits / self.heat, 2).numpy(), logits.argmax(2).numpy()
        best = likeliest[..., None]
        if self.uniform:
            valid = (logits > -1e8).numpy()
            odds = self.uniform * valid / valid.sum(2, keepdims=True, dtype=np.float32)
            np.put_along_axis(odds, best, np.take_along_axis(odds, best, 2) + np.float32(1 - self.uniform), 2)
        stays = (np.take_along_axis(odds, best, 2)[..., 0] / odds.sum(2)).astype(np.float32)
        out = np.tile(likeliest.astype(np.int32), (self.count, 1, 1))
        p, c, r = np.nonzero(self.rng.random((self.count - 1, *stays.shape), dtype=np.float32) >= stays)
        np.put_along_axis(odds, best, 0.0, 2)
        sums = np.cumsum(odds, 2)[c, r]
        u = self.rng.random(len(p), dtype=np.float32) * np.float32(1 - 1e-6) * sums[:, -1]
        out[p + 1, c, r] = (u[:, None] >= sums).sum(1)
        return out

    def did(self, i: int) -> dict[str, tuple[Tensor, Tensor]]:
        """What program i did: group -> contexts that it met (n,), operations (n, R)."""
        return {
            g: (torch.from_numpy(s[i].nonzero()[0]), torch.from_numpy(self.operations[g][i][s[i]].astype(np.int64)))
            for g, s in self.seen.items()
            if s[i].any()
        }


class Sandbox:
    """Inputs with their outputs, and room for `count` programs to run on all of them; a run may take the author's bound
    on ticks, and two."""

    def __init__(self, spec: Spec, machine: Machine, inputs: list[tuple], count: int):
        given = [lay_out(spec, data, arguments) for data, arguments in inputs]
        done = [x.copy() for x in given]
        for x in done:
            record(spec, x, Recording(spec), states=False)
        program = Program(_Nothing(machine), spec)
        self.trials = many.Trials(program, given, count, [spec.ticks(*x.sizes[0]) + 2 for x in given])
        self.forms = [f for f in spec.outputs.values() if isinstance(f, (PerNode, OfGraph))]
        self.graphs = [np.repeat(range(len(given)), [len(_rows(f, x)) for x in given]) for f in self.forms]
        self._told = [np.concatenate([entries(f, x) for x in done]) for f in self.forms]
        self._held, self._cells, self._share = [], [], []
        for form, graphs in zip(self.forms, self.graphs):
            rows = np.concatenate([form.cells(x, _rows(form, x)) for x in given])
            places = program.bytecode.scalars if form.stored(spec) == "scalar" else program.bytecode.ints
            self._cells.append(self.trials.cells(places[form.name], graphs, rows, len(places)))
            self._held.append([spec.by_name[form.name].values.index(v) for v in form.held()])
            share = np.zeros((len(graphs), len(given)))
            share[np.arange(len(graphs)), graphs] = 1 / np.bincount(graphs)[graphs] / len(self.forms)
            self._share.append(share)

    def run(self, programs: Programs) -> tuple[np.ndarray, np.ndarray]:
        """Share of entries right, mean over outputs, and did it halt: (programs, inputs) each."""
        self.trials.run(programs.many, programs.ask)
        right = 0.0
        for i, told in enumerate(self._told):
            got = self.entries(i)
            equal = (got == told) | ((got != got) & (told != told)) if got.dtype == np.float64 else got == told
            right = right + equal @ self._share[i]
        return np.minimum(1.0, np.round(right, 12)), self.trials.halted

    def entries(self, i: int) -> np.ndarray:
        """The entries of output i, all inputs' side by side, under each program: (programs, entries)."""
        values = self.trials.scalars if self._told[i].dtype == np.float64 else self.trials.ints
        got = values[self._cells[i]]
        if not self._held[i]:
            return got
        equal = got == self._held[i][0]
        for value in self._held[i][1:]:
            equal |= got == value
        return equal
