"""A graph laid out once, to be run many times: `PreparedGraph`."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import networkx as nx
import numpy as np

from algorithms.errors import ArgumentError, InputError
from algorithms.inputs.checks import check_numbers, example_arguments, is_list, numbers_of, plain_arguments
from algorithms.inputs.edges import Arguments, Edges
from algorithms.inputs.exact import as_float64, hashable
from algorithms.inputs.structure import GraphStructure
from algorithms.machine.compiled import Program, program_of
from algorithms.machine.engine import Bound, execute
from algorithms.machine.state import Instance
from algorithms.spec import given_by_name
from neural_exec.defaults import Lock, eager, own_defaults
from neural_exec.errors import said_of
from neural_exec.plain_executor import PlainExecutor, no_tensors
from neural_exec.rollout import Packed, Rollout

__all__ = ["PreparedGraph"]


class _Unread(Exception):
    """A precondition wants to see the graph."""


class _NotBuilt:
    """Stands for the graph until a precondition looks at it."""

    def _look(self, *_) -> Any:
        raise _Unread

    __getattr__ = __getitem__ = __iter__ = __len__ = __contains__ = _look


def _nothing(graph, arguments) -> None:
    """In the place of a precondition that is looked at by itself."""


class _Known(Arguments):
    """Some arguments; any other is a KeyError."""

    def get(self, name, default=None):
        return self[name]


class PreparedGraph:
    """A graph laid out for one algorithm. Made by `Executor.prepare`. Several threads may use it, one after another.

    It holds a copy: what becomes of the graph afterwards is not seen. Rollouts share what it holds, but their states.
    """

    def __init__(self, executor: PlainExecutor, name: str, graph, given: dict):
        self.executor, self.spec = executor, executor.spec(name)
        spec, structure = self.spec, self.spec.structure
        if not isinstance(structure, GraphStructure):
            raise ArgumentError(
                f"{name} takes no graph; what it takes is read as it is laid out: use run, or run_batch"
            )
        no_tensors(spec, graph)
        graph, given = given_by_name(spec, graph, given)
        given = plain_arguments(given, graph)
        self._structure = replace(structure, requires=(_nothing,) * len(structure.requires))
        labels = list(graph) if isinstance(graph, nx.Graph) else []
        examples = {k: labels[v] if self._is_node(k) and labels else v for k, v in self._examples(len(labels)).items()}
        arguments = self._structure.check(self.spec, graph, examples | given)  # a run gives what is not given here
        self._hub = {k: v for k, v in given.items() if k != structure.attribute}
        self._name = {structure.attribute: arguments[structure.attribute]} if structure.attribute else {}
        self._edges = arguments.edges
        self._place = dict(zip(labels, range(len(labels))))
        self._kind = nx.DiGraph if graph.is_directed() else nx.Graph
        self._of_weights, self._of_all = self._conditions(graph)
        self._lock = Lock()
        self._bound: Bound | None = None

    def _is_node(self, name: str) -> bool:
        return self.spec.by_name[name].register == "pointer"

    def _examples(self, n: int) -> dict:
        return example_arguments(self.spec, n)

    def _conditions(self, graph) -> tuple[list[Callable], list[Callable]]:
        """Preconditions that need the edges' numbers, and those that need other arguments; those that need neither hold
        from now on, or raise their errors."""
        of_weights, of_all = [], []
        for condition in self.spec.structure.requires:
            try:
                condition(graph, _Known())
                continue
            except KeyError:
                pass
            known = _Known(self._name)
            known.edges = self._edges
            try:
                condition(graph, known)
                of_weights.append(condition)
            except KeyError:
                of_all.append(condition)
        return of_weights, of_all

    @eager
    def run(self, **inputs) -> Rollout:
        """As `Executor.run` on that graph. inputs: those that were not given when it was prepared, and others instead
        of those that were; `weight` (or `capacity`): numbers, one for each edge in the order of `graph.edges()`.

        Raises ArgumentError, InputError and GraphError as `Executor.run` does, before any work.
        """
        return self._run(self._checked(inputs))

    @eager
    def run_batch(self, **inputs) -> list[Rollout]:
        """Several runs: each input is a list, one entry for each run, or one value for all. All are checked before any
        work; an error says of which it is."""
        lists = {k: v for k, v in inputs.items() if isinstance(v, list)}
        counts = {k: len(v) for k, v in lists.items()}
        if len(set(counts.values())) != 1:
            told = f"not {counts}" if counts else "and there is none"
            raise ArgumentError(f"{self.spec.name}: a batch takes lists of one length, an entry for each run, {told}")
        calls = [inputs | dict(zip(lists, entry)) for entry in zip(*lists.values())]
        checked = []
        for i, call in enumerate(calls):
            with said_of(f"run {i} of the batch"):
                checked.append(self._checked(call))
        return [self._run(one) for one in checked]

    # ------------------------------------------------------------ arguments
    def _checked(self, inputs: dict) -> Arguments:
        """The arguments of a run, complete; `edges` are those of the preparation, or others."""
        attribute, inputs = self.spec.structure.attribute, dict(inputs)
        new = attribute in inputs
        numbers = inputs.pop(attribute) if new else None
        few = self._kind()  # the graph, but for what no argument is about
        few.add_nodes_from([next(iter(self._place)), *self._nodes(inputs)])
        given = self._hub | plain_arguments(inputs, few)
        arguments = self._structure.check(self.spec, few, given | ({attribute: None} if attribute else {}))
        arguments.update({attribute: attribute} if new else self._name)
        arguments.edges = self._numbered(numbers, given) if new else self._edges
        for condition in self._of_all + (self._of_weights if new else []):
            try:
                condition(_NotBuilt(), arguments)
            except _Unread:
                condition(self._graph(arguments.edges), arguments)
        return arguments

    def _nodes(self, inputs: dict) -> list:
        """Nodes of the graph among the values, also in arrays of no dimension."""
        every = [*self._hub.values(), *inputs.values(), *plain_arguments(inputs, None).values()]
        return [v for v in every if hashable(v) and v in self._place]

    def _numbered(self, given, others: dict) -> Edges:
        """The edges with other numbers."""
        spec, attribute, m = self.spec, self.spec.structure.attribute, len(self._edges.ends)
        if not is_list(given):
            raise ArgumentError(
                f"{spec.name}: {attribute}={given!r}; a prepared graph takes numbers here, one for each edge in the "
                "order of graph.edges(); an attribute's name is given when it is prepared"
            )
        numbers = numbers_of(given, lambda i: f"{spec.name}: element {i} of {attribute}")
        if len(numbers) != m:
            raise InputError(f"{spec.name}: {attribute} has {len(numbers)} numbers for {m} edges; give one for each")
        array = as_float64(numbers)
        edges = Edges(self._edges.labels, self._edges.ends, numbers if array is None else array)
        if array is None or edges.negative:  # messages name the edge
            return self._structure.check(self.spec, self._graph(edges), others | {attribute: attribute}).edges
        check_numbers(spec, None, edges, attribute)
        return edges

    def _graph(self, edges: Edges) -> nx.Graph:
        """A graph of these edges, their numbers under the attribute's own name."""
        out, labels = self._kind(), edges.labels
        out.add_nodes_from(labels)
        numbers = [1] * len(edges.ends) if edges.numbers is None else edges.numbers
        numbers = numbers.tolist() if isinstance(numbers, np.ndarray) else numbers
        name = self._name.get(self.spec.structure.attribute)
        names = dict.fromkeys([self.spec.structure.attribute, *([] if name is None else [name])])
        out.add_edges_from(
            (labels[u], labels[v], dict.fromkeys(names, x)) for (u, v), x in zip(edges.ends.tolist(), numbers)
        )
        return out

    # ------------------------------------------------------------ runs
    def _laid(self, program: Program, arguments: Arguments) -> Bound:
        """What is laid once; anew where the executor has another program for it."""
        bound = self._bound
        if bound is None or bound.program is not program:
            bound = self._bound = self._lay(program, arguments)
            self._start = bound.instance.ints.copy(), bound.instance.floats.copy()
        return bound

    def _lay(self, program: Program, arguments: Arguments) -> Bound:
        instance = self._structure.build(self.spec, self._kind(), arguments)
        instance.make_plain()
        return Bound(program, instance)

    def _started(self, instance: Instance, arguments: Arguments) -> Instance:
        """Its own state, with these arguments; all else is shared."""
        out = copy.copy(instance)
        out.__setstate__(dict(ints=self._start[0].copy(), floats=self._start[1].copy()))
        hub = int(out.hubs[0])
        for name in self._examples(0):
            out.register(name)[hub] = self._place[arguments[name]] if self._is_node(name) else arguments[name]
        out.floats += 0.0  # zero has no sign
        return out

    @own_defaults()
    def _run(self, arguments: Arguments) -> Rollout:
        policy = self.executor.policy(self.spec.name)
        policy.warm()
        before = policy.asked
        program = program_of(policy, self.spec)
        with self._lock:
            if arguments.edges is not self._edges:
                bound = self._lay(program, arguments)
                instance = bound.instance
            else:
                bound = self._laid(program, arguments)
                instance = self._started(bound.instance, arguments)
            start = Packed(instance.ints), Packed(instance.floats)
            run = execute(policy, instance, bound=bound)
        return Rollout(run, policy, policy.asked - before, start)

    def __getstate__(self) -> dict:
        """Without what the kernel holds."""
        return {**self.__dict__, "_bound": None}

    def __repr__(self) -> str:
        return f"PreparedGraph({self.spec.name!r}, {len(self._place)} nodes, {len(self._edges.ends)} edges)"
