"""A trained processor and the algorithms it knows: it runs them on graphs and lists. `Executor` is one that takes
tensors too, and learns more."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterable
from functools import partial, wraps

import networkx as nx
import numpy as np

from algorithms import registry
from algorithms.errors import ArgumentError, UnknownAlgorithmError, did_you_mean
from algorithms.machine.engine import execute
from algorithms.machine.program import Machine
from algorithms.machine.state import Instance
from algorithms.recording.record import Recording, record
from algorithms.spec import Spec, given_by_name
from algorithms.trace import lay_out
from neural_exec.defaults import Lock, eager, own_defaults
from neural_exec.errors import said_of
from neural_exec.network.decisions import Policy
from neural_exec.network.meaning import Names, meanings_of
from neural_exec.network.step import Step
from neural_exec.rollout import Packed, Rollout
from neural_exec.runner import Runner

__all__ = ["PlainExecutor", "alone", "entries", "no_tensors"]


def no_tensors(spec: Spec, data) -> None:
    """Raises ArgumentError for PyG's data, which `Executor.__call__` takes."""
    if hasattr(data, "edge_index"):
        raise ArgumentError(
            f"{spec.name}: run takes a networkx graph or a list; executor({spec.name!r}, data) takes "
            "torch_geometric's data"
        )


def entries(data: Iterable, inputs: dict) -> list[tuple[str, object, dict]]:
    """The graphs or lists of a batch: what messages call each, itself, and its inputs."""
    if isinstance(data, nx.Graph | str) or not isinstance(data, Iterable):
        raise ArgumentError(f"a batch is several graphs or lists, not {type(data).__name__}; run takes one of them")
    data = list(data)
    for key, value in inputs.items():
        if isinstance(value, list) and len(value) != len(data):
            raise ArgumentError(f"{key} has {len(value)} entries for {len(data)} graphs; give one for each")
    pick = lambda i: {k: v[i] if isinstance(v, list) else v for k, v in inputs.items()}
    what = ["graph" if isinstance(x, nx.Graph) else "input" for x in data]
    return [(f"{what[i]} {i} of the batch", x, pick(i)) for i, x in enumerate(data)]


def _digest(x: Instance) -> bytes:
    """A state's, by which it is compared: states in full are more than memory holds."""
    return hashlib.blake2b(x.ints.tobytes() + x.floats.tobytes(), digest_size=16).digest()


def alone(f: Callable) -> Callable:
    """Decorator of what reads or changes an executor, the first argument, as a whole: while nothing else does."""

    @wraps(f)
    def waiting(executor, *args, **options):
        with executor.adding:
            return f(executor, *args, **options)

    return waiting


class PlainExecutor(Runner):
    """An `Executor` but for tensors, and for learning more: it runs on networkx graphs and lists. Several threads
    may call it.

    machines: name -> what was recorded of each algorithm; trained: name -> group -> context codes met in training;
    info: where the weights come from.

    >>> import networkx as nx, neural_exec
    >>> executor = neural_exec.load()
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
        self.certificates: dict[str, dict] = {}  # algorithm -> what was certified of it (`neural_exec.certificates`)
        self.additions: dict[str, dict] = {}  # algorithm added -> its names and the report of its fit
        self.left_out: dict[str, str] = {}  # algorithm of its file that is not known here -> why, and what to do
        self.adding = Lock()  # held while an algorithm is added, or all is saved
        self._lock = Lock()
        self._policies: dict[str, Policy] = {}
        self._exact: Step | None = None  # in float64

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

    @eager
    def run(self, name: str, data=None, **inputs) -> Rollout:
        """Execute an algorithm on a networkx graph or a list; `inputs` as its spec names them, the data among them if
        they are not given before: `run("heapsort", values=[…])`. An edge attribute that is None counts each edge as 1.

        Raises UnknownAlgorithmError, and GraphError, InputError or ArgumentError for input outside the contract,
        before any work. A run that does not halt within the cap is returned with `halted=False`.
        """
        spec = self.spec(name)
        no_tensors(spec, data)
        return self.execute([lambda: lay_out(spec, data, inputs)])[0]

    @eager
    def run_batch(self, name: str, data: Iterable | None = None, **inputs) -> list[Rollout]:
        """`run` on several graphs or lists, of any sizes; each input is a list, one entry for each of them, or one
        value for all (a weight attribute's name, say). An error says of which of them it is."""
        spec = self.spec(name)
        data, inputs = given_by_name(spec, data, inputs)
        no_tensors(spec, data)
        if data is None and spec.structure.by_name:
            data = [None] * len(inputs.get(spec.structure.data, ()))

        def lay(where: str, one, arguments: dict) -> Instance:
            with said_of(where):
                no_tensors(spec, one)
                return lay_out(spec, one, arguments)

        return self.execute([partial(lay, *entry) for entry in entries(data, inputs)])

    @own_defaults()
    def execute(self, lays: list[Callable[[], Instance]]) -> list[Rollout]:
        """Execute one algorithm on what each of `lays` lays out, all of which is laid out first."""
        instances, out = [lay() for lay in lays], list[Rollout]()
        if not instances:
            return out
        policy = self.policy(instances[0].spec.name)
        policy.warm()
        before = policy.asked
        for instance in instances:
            start = Packed(instance.ints), Packed(instance.floats)
            run = execute(policy, instance)
            out.append(Rollout(run, policy, policy.asked - before, start))
            before = policy.asked
        return out

    @own_defaults()
    def follows(self, spec: Spec, data, arguments: dict) -> bool:
        """Is the execution the program's own run: the same registers after every tick?"""
        x, agreed = lay_out(spec, data, arguments), list[bool]()
        states = [_digest(x)]
        record(spec, x, Recording(spec), states=False, watch=lambda x: states.append(_digest(x)))

        def watch(ticks: int, x: Instance) -> None:
            if ticks < len(states):
                agreed.append(_digest(x) == states[ticks])

        run = execute(self.policy(spec.name), lay_out(spec, data, arguments), watch)
        return run.ticks == len(states) - 1 and all(agreed)

    def take(self, step: Step, names: Names, machine: Machine, trained: dict[str, np.ndarray]) -> None:
        """Take over a step and its names, and one more algorithm on them."""
        with self._lock:
            self.step, self.names = step.eval(), names
            self.machines = {**self.machines, machine.name: machine}
            self.trained = {**self.trained, machine.name: trained}
            self.left_out = {k: why for k, why in self.left_out.items() if k != machine.name}
            self._policies, self._exact = {}, None

    def __getstate__(self) -> dict:
        """Without what is found anew; with algorithms that are not the package's, so that they are known there too."""
        added = [registry.get(name) for name in self.machines if registry.file_of(name)]
        return {**self.__dict__, "_policies": {}, "_exact": None, "_added": added}

    def _known(self, name: str) -> None:
        if not isinstance(name, str) or name not in self.machines:
            if isinstance(name, str) and name in self.left_out:
                raise UnknownAlgorithmError(f"{name} is left out: {self.left_out[name]}")
            there = isinstance(name, str) and name in registry.names()
            remedy = "; the bundled model 'all' may know it; or add it" if there else did_you_mean(name, self.machines)
            raise UnknownAlgorithmError(f"this executor does not know {name!r}{remedy}")

    def policy(self, name: str) -> Policy:
        """The learned step of one algorithm, with its cache of answers. It is evaluated in float64: then no rounding
        that hangs on the processor, its threads or what is asked together changes a decision."""
        with self._lock:
            if name not in self._policies:
                self._policies[name] = self._policy(name)
            return self._policies[name]

    @own_defaults()
    def _policy(self, name: str) -> Policy:
        self._exact = self._exact or copy.deepcopy(self.step).double()
        machine = self.machines[name]
        return Policy(self._exact, machine, meanings_of(machine, self.names), self.trained[name])

    def __repr__(self) -> str:
        return f"Executor({len(self.machines)} algorithms: {', '.join(self.machines)})"
