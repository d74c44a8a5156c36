"""An executor: a trained processor and the algorithms it knows, to be called on graphs and lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from algorithms import registry
from algorithms.errors import ArgumentError, UnknownAlgorithmError, did_you_mean
from algorithms.machine import Instance, Machine
from algorithms.spec import Spec
from algorithms.trace import Trace, lay_out, read_outputs
from neural_exec.meaning import Names, meanings_of
from neural_exec.policy import Policy
from neural_exec.rollout import Engine
from neural_exec.step import Step

if TYPE_CHECKING:
    from neural_exec.adding import Addition

__all__ = ["CAP", "Executor", "Rollout"]

CAP = 2  # a run may take this many times the author's bound on ticks, and a few


class Rollout:
    """What one execution came to.

    outputs: name -> answer in the caller's labels. halted: did the network end the run (False: it met the cap, and the
    outputs are those of an unfinished run). num_steps: ticks. contexts: distinct contexts met; unseen_contexts: how
    many of them were never in training; evaluations: how many the network was evaluated on for this run (the rest it
    had answered before). trace: the predicted trace, found by executing again, at first use.
    """

    def __init__(self, algorithm: str, engine: Engine, evaluations: int, replay: Callable[[], Trace]):
        trained = engine.policy.trained
        self.algorithm, self.outputs = algorithm, read_outputs(engine.instance)
        self.halted, self.num_steps = bool(engine.halted), engine.ticks
        self.contexts = sum(len(met) for met in engine.met.values())
        self.unseen_contexts = sum(len(met.keys() - trained[g]) for g, met in engine.met.items())
        self.evaluations, self._replay = evaluations, replay

    @cached_property
    def trace(self) -> Trace:
        return self._replay()

    def __repr__(self) -> str:
        state = "halted" if self.halted else "DID NOT HALT"
        return (
            f"Rollout({self.algorithm!r}, {state} after {self.num_steps} steps, outputs: {', '.join(self.outputs)}; "
            f"{self.unseen_contexts} of {self.contexts} contexts unseen in training)"
        )


class Executor:
    """A trained processor. Made by `neural_exec.load` or `neural_exec.train`.

    machines: name -> what was recorded of each algorithm; trained: name -> group -> context codes met in training;
    info: where the weights come from.

    >>> import networkx as nx, neural_exec
    >>> executor = neural_exec.load("core")
    >>> executor.run("bfs", nx.path_graph(3), source=0).outputs["parent"]
    {0: None, 1: 0, 2: 1}
    """

    def __init__(
        self,
        step: Step,
        names: Names,
        machines: dict[str, Machine],
        trained: dict[str, dict[str, np.ndarray]],
        info: dict,
    ):
        self.step, self.names, self.machines, self.trained, self.info = step.eval(), names, machines, trained, info
        self.base = len(names)  # names of the processor itself; those of algorithms added later come after them
        self.additions: dict[str, dict] = {}  # algorithm added -> its names and the report of its fit
        self._policies: dict[str, Policy] = {}

    @property
    def algorithms(self) -> list[str]:
        """The names it can run."""
        return list(self.machines)

    def spec(self, name: str) -> Spec:
        """The algorithm's declaration: inputs, probes, outputs. Raises UnknownAlgorithmError."""
        self._known(name)
        return registry.get(name)

    def parameters_of(self, name: str) -> dict[str, int]:
        """How many numbers are shared by all algorithms, and how many are this one's own."""
        self._known(name)
        code = self.step.config.code
        weights = sum(p.numel() for p in self.step.shared_parameters())
        return dict(shared=weights + code * len(self.names.shared()), own=code * len(self.names.own(name)))

    def run(self, name: str, data=None, **inputs) -> Rollout:
        """Execute an algorithm on a networkx graph or a list (None where all is given by name); `inputs` as its spec
        names them.

        Raises UnknownAlgorithmError, and GraphError, InputError or ArgumentError for input outside the contract,
        before any work. A run that does not halt within the cap is returned with `halted=False`.
        """
        spec, policy = self.spec(name), self.policy(name)
        instance, before = lay_out(spec, data, inputs), policy.evaluations
        policy.warm()
        engine = execute(policy, instance)

        def replay() -> Trace:
            states = []
            keep = lambda e: states.append((e.instance.ints.copy(), e.instance.floats.copy()))
            again = execute(policy, lay_out(spec, data, inputs), keep)
            return Trace.from_states(again.instance, states, policy.machine.domains["phase"])

        return Rollout(name, engine, policy.evaluations - before, replay)

    def run_batch(self, name: str, data: Iterable, **inputs) -> list[Rollout]:
        """`run` on several graphs or lists, of any sizes; each input is a list, one entry for each of them, or one
        value for all (a weight attribute's name, say)."""
        data = list(data)
        for key, value in inputs.items():
            if isinstance(value, list) and len(value) != len(data):
                raise ArgumentError(f"{key} has {len(value)} entries for {len(data)} graphs; give one for each")
        pick = lambda i: {k: v[i] if isinstance(v, list) else v for k, v in inputs.items()}
        return [self.run(name, x, **pick(i)) for i, x in enumerate(data)]

    def add(self, algorithm, traces=150, freeze_processor: bool = True, **options) -> Addition:
        """Teach it one more algorithm: a name, a file that holds one, or a Spec; the report says how that went.

        traces: how many to draw, or a list of (data, arguments) to take them from, each perhaps with its Trace, which
        is then checked. With the processor frozen only codes of the new algorithm's names are fitted, fewer than 1,000
        numbers (unless more than 41 names are new): unknown names get new codes, known ones a private copy, so that all
        other answers stay the same bit for bit; `save_addition` keeps them. Otherwise everything is tuned while all
        known answers are replayed. options: seed; sizes and graphs, on which it is then tried; report, called with
        progress.

        Raises AuthorError where the algorithm clashes with one that is known, InputError where a trace is malformed,
        ForgottenError where tuning changes a known answer; the executor is then as it was.

        >>> import neural_exec
        >>> executor = neural_exec.load("core")
        >>> report = executor.add("bubble_sort", traces=60, sizes=[16])
        >>> report.ok, report.numbers < 1000, executor.run("bubble_sort", [3.0, 1.0, 2.0]).outputs
        (True, True, {'order': [1, 2, 0]})
        """
        from neural_exec.adding import add

        return add(self, algorithm, traces, freeze_processor, **options)

    def take(self, step: Step, names: Names, machine: Machine, trained: dict[str, np.ndarray]) -> None:
        """Take over a step and its names, and one more algorithm on them."""
        self.step, self.names = step.eval(), names
        self.machines = {**self.machines, machine.name: machine}
        self.trained = {**self.trained, machine.name: trained}
        self._policies = {}

    def _known(self, name: str) -> None:
        if name not in self.machines:
            raise UnknownAlgorithmError(f"this executor does not know {name!r}{did_you_mean(name, self.machines)}")

    def policy(self, name: str) -> Policy:
        """The learned step of one algorithm, with its cache of answers."""
        if name not in self._policies:
            machine = self.machines[name]
            meanings = meanings_of(machine, self.names)
            self._policies[name] = Policy(self.step, machine, meanings, self.trained[name])
        return self._policies[name]

    def __repr__(self) -> str:
        return f"Executor({len(self.machines)} algorithms: {', '.join(self.machines)})"


def execute(policy: Policy, instance: Instance, watch: Callable | None = None, wake_all: bool = False) -> Engine:
    """Iterate the learned step on an instance, until it halts or meets the cap; `watch(engine)` sees every state."""
    engine = Engine(policy, instance, wake_all)
    cap = CAP * instance.spec.ticks(*instance.sizes[0]) + 8
    if watch:
        watch(engine)
    while not engine.halted and engine.ticks < cap:
        engine.tick()
        if watch:
            watch(engine)
    return engine
