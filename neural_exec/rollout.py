"""What one execution came to: `Rollout`."""

from __future__ import annotations

import copy
import math
from functools import cached_property

import numpy as np

from algorithms.course import Changes
from algorithms.machine.engine import Execution, execute
from algorithms.trace import Trace, read_outputs
from neural_exec.defaults import own_defaults
from neural_exec.network.decisions import Policy
from neural_exec.runner import Outcome

__all__ = ["Packed", "Rollout"]


class Packed:
    """A copy of an array of numbers; where most are equal to the one before, without these."""

    def __init__(self, a: np.ndarray):
        bits = a.ravel().view(f"i{a.itemsize}")
        new = np.ones(a.size, bool)
        np.not_equal(bits[1:], bits[:-1], out=new[1:])
        self.shape, self.first = a.shape, None
        if 2 * np.count_nonzero(new) < a.size:
            self.first = np.flatnonzero(new)
        self.kept = a.copy() if self.first is None else a.ravel()[self.first]

    def array(self) -> np.ndarray:
        if self.first is None:
            return self.kept.copy()
        return self.kept.repeat(np.diff(self.first, append=math.prod(self.shape))).reshape(self.shape)


class Rollout(Outcome):
    """What one execution came to.

    outputs: name -> answer in the caller's labels. halted: did the network end the run (False: it met the cap, and the
    outputs are those of an unfinished run). num_steps: ticks. contexts: how many distinct contexts the run was given a
    decision for (of what nothing reads, none is asked); unseen_contexts: how many of them were never in training;
    evaluations: how many the network was evaluated on in this run (those of training it answers before the first, the
    rest it had met). engine: `kernel`,
    or `definition` where none could be loaded. trace: the predicted trace, found by executing again, at first use.
    instance: the final state.
    """

    def __init__(self, run: Execution, policy: Policy, evaluations: int, start: tuple[Packed, Packed]):
        unseen = sum(len(met - policy.trained[g]) for g, met in run.met.items())
        super().__init__(read_outputs(run.instance), run.halted, run.ticks, run.instance, unseen)
        self.algorithm, self.engine = run.instance.spec.name, run.engine
        self.contexts, self.evaluations = sum(map(len, run.met.values())), evaluations
        self._policy, self._start = policy, start

    @cached_property
    @own_defaults()
    def trace(self) -> Trace:
        instance = copy.copy(self.instance)
        instance.__setstate__(dict(ints=self._start[0].array(), floats=self._start[1].array()))
        changes = Changes(instance)
        execute(self._policy, instance, log=changes.add)
        return Trace.of(changes)

    def __repr__(self) -> str:
        state = "halted" if self.halted else "DID NOT HALT"
        return (
            f"Rollout({self.algorithm!r}, {state} after {self.num_steps} steps, outputs: {', '.join(self.outputs)}; "
            f"{self.unseen_contexts} of {self.contexts} contexts unseen in training)"
        )
