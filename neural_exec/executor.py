"""An executor: a trained processor and the algorithms it knows, to be called on graphs and lists."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from functools import cached_property, partial, wraps
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
from torch import Tensor
from torch_geometric.data import Data

from algorithms import registry
from algorithms.errors import ArgumentError, UnknownAlgorithmError, did_you_mean
from algorithms.machine import Instance, Machine
from algorithms.machine.engine import CAP, Run, execute
from algorithms.spec import Spec
from algorithms.structures import given_by_name
from algorithms.trace import Trace, lay_out, read_outputs
from neural_exec.defaults import Lock, eager, own_defaults
from neural_exec.errors import said_of
from neural_exec.meaning import Names, meanings_of
from neural_exec.policy import Policy
from neural_exec.step import Step

if TYPE_CHECKING:
    from neural_exec.adding import Addition

__all__ = ["CAP", "Executor", "Rollout", "execute"]


class Rollout:
    """What one execution came to.

    outputs: name -> answer in the caller's labels. halted: did the network end the run (False: it met the cap, and the
    outputs are those of an unfinished run). num_steps: ticks. contexts: how many distinct contexts the run was given a
    decision for (of what nothing reads, none is asked); unseen_contexts: how many of them were never in training;
    evaluations: how many the network was evaluated on for this run (the rest it had answered before). engine: `kernel`,
    or `definition` where none could be loaded. trace: the predicted trace, found by executing again, at first use.
    instance: the final state.
    """

    def __init__(self, run: Run, evaluations: int, start: tuple[np.ndarray, np.ndarray]):
        self.algorithm, self.instance = run.instance.spec.name, run.instance
        self.outputs = read_outputs(run.instance)
        self.halted, self.num_steps, self.engine = run.halted, run.ticks, run.engine
        self.contexts = sum(map(len, run.met.values()))
        self.unseen_contexts = sum(len(met - run.decisions.trained[g]) for g, met in run.met.items())
        self.evaluations, self._policy, self._start = evaluations, run.decisions, start

    @cached_property
    @own_defaults()
    def trace(self) -> Trace:
        instance, states = copy.copy(self.instance), []
        instance.__setstate__(dict(ints=self._start[0].copy(), floats=self._start[1].copy()))
        execute(self._policy, instance, lambda ticks, x: states.append((x.ints.copy(), x.floats.copy())))
        return Trace.from_states(instance, states)

    def __repr__(self) -> str:
        state = "halted" if self.halted else "DID NOT HALT"
        return (
            f"Rollout({self.algorithm!r}, {state} after {self.num_steps} steps, outputs: {', '.join(self.outputs)}; "
            f"{self.unseen_contexts} of {self.contexts} contexts unseen in training)"
        )


def _no_tensors(spec: Spec, data) -> None:
    """Raises ArgumentError for PyG's data, which `Executor.__call__` takes."""
    if isinstance(data, Data):
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


def alone(f: Callable) -> Callable:
    """Decorator of what reads or changes an executor, the first argument, as a whole: while nothing else does."""

    @wraps(f)
    def waiting(executor, *args, **options):
        with executor.adding:
            return f(executor, *args, **options)

    return waiting


class Executor:
    """A trained processor. Made by `neural_exec.load` or `neural_exec.train`. Several threads may call it.

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
        self.adding = Lock()  # held while an algorithm is added, or all is saved
        self._lock, self._policies, self._exact = Lock(), {}, None

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
        _no_tensors(spec, data)
        return self.execute([lambda: lay_out(spec, data, inputs)])[0]

    @eager
    def run_batch(self, name: str, data: Iterable | None = None, **inputs) -> list[Rollout]:
        """`run` on several graphs or lists, of any sizes; each input is a list, one entry for each of them, or one
        value for all (a weight attribute's name, say). An error says of which of them it is."""
        spec = self.spec(name)
        data, inputs = given_by_name(spec, data, inputs)
        _no_tensors(spec, data)
        if data is None and spec.structure.by_name:
            data = [None] * len(inputs.get(spec.structure.data, ()))

        def lay(where: str, one, arguments: dict) -> Instance:
            with said_of(where):
                _no_tensors(spec, one)
                return lay_out(spec, one, arguments)

        return self.execute([partial(lay, *entry) for entry in entries(data, inputs)])

    @own_defaults()
    def execute(self, lays: list[Callable[[], Instance]]) -> list[Rollout]:
        """Execute one algorithm on what each of `lays` lays out, all of which is laid out first."""
        instances, out = [lay() for lay in lays], []
        if not instances:
            return out
        policy = self.policy(instances[0].spec.name)
        before = policy.asked
        policy.warm()
        for instance in instances:
            start = instance.ints.copy(), instance.floats.copy()
            run = execute(policy, instance)
            out.append(Rollout(run, policy.asked - before, start))
            before = policy.asked
        return out

    def __call__(self, name: str, data=None, **inputs) -> dict[str, Tensor]:
        """Execute on tensors, with gradients from every scalar output to weights, keys and other scalar inputs.

        data: for graphs a PyG `Data`, a `Batch` or a list of `Data`: `edge_index` (2, E); weights (E,) under `weight`,
        `edge_weight` or `edge_attr` (or `weight=` a tensor, an attribute's name, or None for 1 each; `capacity` of
        networks); nodes such
        as `source=` counted within each graph, one for all or one for each. An algorithm for undirected graphs takes
        each edge once, or all in both directions with equal weights (the gradient is then shared by the two). For
        lists a tensor (n,) or (B, n), a list of tensors, or a `Data` with `key` or `x`; lists by name as tensors.

        Returns the outputs in the order of the caller's nodes and edges: scalars float64; pointers int64, nodes of the
        batch (positions of a list), -1 for none; sets of nodes and of edges as masks, bool. Lists (B, …), padded with
        -1. Where no output is a scalar but the solution has a value, that is `value`: the weight of the chosen edges
        (B,), the keys in order (B, n), the key at a position: float64, or int64 where whole numbers were given that are
        no float64 (an algorithm that does more than compare them takes none). An unreachable node is inf, its gradient
        0.

        Raises UnknownAlgorithmError; ArgumentError, GraphError and InputError outside the contract; GradientError for
        inputs that require a gradient where no output has one; NotHaltedError where a run does not end.

        >>> import neural_exec, torch
        >>> from torch_geometric.data import Data
        >>> w = torch.tensor([4.0, 1.0, 2.0], requires_grad=True)
        >>> graph = Data(edge_index=torch.tensor([[0, 0, 2], [1, 2, 1]]), weight=w, num_nodes=3)
        >>> out = neural_exec.load()("dijkstra", graph, source=0)
        >>> out["distance"].tolist(), out["parent"].tolist()
        ([0.0, 3.0, 1.0], [-1, 2, 0])
        >>> torch.autograd.grad(out["distance"][1], w)[0].tolist()
        [0.0, 1.0, 1.0]
        """
        return self._call(name, data, inputs)

    @eager
    def _call(self, name: str, data, inputs: dict) -> dict[str, Tensor]:
        from neural_exec.calls import call

        return call(self.spec(name), self.policy(name), data, inputs)

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
        >>> executor = neural_exec.load("core")  # which does not know it yet
        >>> report = executor.add("bubble_sort", traces=60, sizes=[16])
        >>> report.ok, report.numbers < 1000, executor.run("bubble_sort", [3.0, 1.0, 2.0]).outputs
        (True, True, {'order': [1, 2, 0]})
        """
        from neural_exec.adding import add

        return add(self, algorithm, traces, freeze_processor, **options)

    def take(self, step: Step, names: Names, machine: Machine, trained: dict[str, np.ndarray]) -> None:
        """Take over a step and its names, and one more algorithm on them."""
        with self._lock:
            self.step, self.names = step.eval(), names
            self.machines = {**self.machines, machine.name: machine}
            self.trained = {**self.trained, machine.name: trained}
            self._policies, self._exact = {}, None

    def __getstate__(self) -> dict:
        """Without what is found anew; with algorithms that are not the package's, so that they are known there too."""
        added = [registry.get(name) for name in self.machines if registry.file_of(name)]
        return {**self.__dict__, "_policies": {}, "_exact": None, "_added": added}

    def _known(self, name: str) -> None:
        if not isinstance(name, str) or name not in self.machines:
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
