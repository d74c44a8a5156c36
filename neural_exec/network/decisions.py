"""The learned step as a rollout asks it: context codes in, decisions out, each distinct context evaluated once.

The cache holds the network's own answers and nothing else: a context that was never seen, in training or since, is
evaluated by the network when it is first met.
"""

from __future__ import annotations

from threading import get_ident

import numpy as np

from algorithms.machine.definition import Decisions
from algorithms.machine.program import Machine
from algorithms.machine.terms import Keep
from neural_exec.defaults import Lock, own_defaults
from neural_exec.network.meaning import Meaning
from neural_exec.network.step import Step

__all__ = ["Policy"]


class Policy(Decisions):
    """One algorithm on a trained step.

    trained: group -> context codes met in training. answers: group -> {code: decision}. A decision for a row is the
    tuple of (register, operation) places other than keep; for an edge, a bit mask of the heads that may select it.
    evaluations: how many contexts the network was evaluated on; asked: the same, for the thread that asks. Several
    threads may ask.
    """

    def __init__(self, step: Step, machine: Machine, meanings: dict[str, Meaning], trained: dict[str, np.ndarray]):
        self.step, self.machine, self.meanings = step, machine, meanings
        self.trained = {g: set(codes.tolist()) for g, codes in trained.items()}
        self.answers: dict[str, dict[int, tuple | int]] = {g: {} for g in machine.groups}
        self.evaluations, self._lock = 0, Lock()
        self._asked: dict[int, int] = {}  # by thread
        self._keep = {g: [isinstance(o, Keep) for o in group.operations] for g, group in machine.groups.items()}

    @property
    def asked(self) -> int:
        return self._asked.get(get_ident(), 0)

    def warm(self) -> None:
        """Evaluate all contexts met in training, in one batch, where that was not done yet."""
        for g, codes in self.trained.items():
            if not codes <= self.answers[g].keys():
                self.ask(g, sorted(codes))

    def ask(self, group: str, codes: list[int]) -> None:
        """Have the network answer for those of these contexts of a group that it has not answered yet."""
        with self._lock:
            if new := [c for c in codes if c not in self.answers[group]]:
                self._evaluate(group, new)

    @own_defaults()
    def _evaluate(self, group: str, codes: list[int]) -> None:
        self.evaluations += len(codes)
        self._asked[get_ident()] = self.asked + len(codes)
        meaning, answers = self.meanings[group], self.answers[group]
        logits = self.step([(meaning, meaning.tokens(np.array(codes, np.int64)))])[0]
        keep = self._keep[group]
        for code, best in zip(codes, logits.argmax(2).tolist()):
            if meaning.group.relation:
                answers[code] = sum(1 << head for head, op in enumerate(best) if op == 1)
            else:
                answers[code] = tuple((r, op) for r, op in enumerate(best) if not keep[op])
