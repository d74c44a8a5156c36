"""An execution of a chain, stage by stage, and what it came to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import networkx as nx
import numpy as np

from algorithms.inputs.checks import numbers_of, plain_arguments
from algorithms.inputs.exact import floats
from algorithms.inputs.graphs import Graph
from algorithms.inputs.lists import Sequence
from algorithms.machine.probes import Declaration
from algorithms.machine.state import Instance
from algorithms.trace import Trace
from neural_exec.chains.adapters import Adapter, argument
from neural_exec.chains.data import Net, Numbers
from neural_exec.chains.links import Ran
from neural_exec.chains.stage import Stage, read_input
from neural_exec.errors import DidNotHaltError, said_of

__all__ = ["ChainRun", "Passage", "advance"]


@dataclass(frozen=True)
class _Caller(Declaration):
    """The chain itself, where the caller's input is checked. like: the algorithm that messages name."""

    name: str = "the chain"
    probes: tuple = ()
    ticks: Callable[[int, int], int] = lambda n, m: 0
    like: str = ""

    kinds = ()


def _nothing() -> Numbers:
    return Numbers([], np.zeros(0, np.int64), None)


@dataclass
class ChainRun:
    """What one execution of a chain came to.

    names: of the algorithms; stages: their rollouts, each with outputs, num_steps and trace; data: what the last stage
    or adapter left.
    """

    names: list[str]
    data: Net | Numbers = field(default_factory=_nothing, repr=False)
    stages: list = field(default_factory=list, repr=False)

    @property
    def outputs(self) -> list[dict]:
        """Each stage's outputs, in the caller's labels; positions of the caller's list; (u, v) for lists of edges."""
        return [s.outputs for s in self.stages]

    @property
    def halted(self) -> bool:
        return all(s.halted for s in self.stages)

    @property
    def num_steps(self) -> int:
        """Ticks of all stages."""
        return sum(s.num_steps for s in self.stages)

    @property
    def traces(self) -> list[Trace]:
        """Each stage's predicted trace, found at first use."""
        return [s.trace for s in self.stages]

    @property
    def labels(self) -> list:
        """The nodes of the graph, or the elements of the list, that the chain left, in its order."""
        return self.data.names

    @property
    def values(self) -> list[float] | None:
        """The numbers of the list that the chain left; None where it left a graph."""
        return None if isinstance(self.data, Net) or self.data.keys is None else self.data.keys.tolist()

    @property
    def graph(self) -> nx.Graph | None:
        """The graph that the chain left, or the one its list came from."""
        net = self.data if isinstance(self.data, Net) else self.data.graph
        return None if net is None else net.graph


class Passage:
    """One execution, part by part. where: what messages call it, in a batch."""

    def __init__(self, chain, data, inputs: dict, where: str = ""):
        self.chain, self.inputs, self.where = chain, plain_arguments(inputs, data), where
        self.befores: list[Ran] = []
        self.result = ChainRun([s.spec.name for s in chain.stages])
        self.given_data = data
        with said_of(where):
            self._take(data)

    def _take(self, data) -> None:
        chain = self.chain
        if chain.takes_graph:
            attribute = self.inputs.get("weight", "weight")
            merges = {s.spec.name: s.spec.structure.merges for s in chain.stages if s.takes == "graph"}
            parallel = next(iter(merges.values())) if len({*merges.values()}) == 1 else "several"
            kind = Graph(directed=chain.directed, weighted=chain.weighted, parallel=parallel)
            kind.check(_Caller(like=next(iter(merges), "")), data, {"weight": attribute} if chain.weighted else {})
            self.result.data = Net.of(data, attribute, chain.weighted)
        elif chain.first is None:
            Sequence().check(_Caller(), data, {})
            numbers = np.array(floats(numbers_of(data, str)))
            self.result.data = Numbers(list(range(len(numbers))), np.arange(len(numbers)), numbers)

    def given(self, name: str):
        return self.inputs[name]

    def prepare(self, part: Stage | Adapter) -> Callable[[], Instance] | None:
        """Apply an adapter to what is at hand; of a stage, what lays that out."""
        result, before = self.result, self.befores[-1] if self.befores else None
        place = f"after stage {before.place}, {before.spec.name}" if before else "before stage 0"
        with said_of(self.where), said_of(part.text if isinstance(part, Stage) else place):
            if isinstance(part, Adapter):
                result.data = part.apply(result.data, before, self.given)
                return None
            if part is not self.chain.first:
                return part.prepare(result.data, self.befores, self.given)
            arguments = {n: part.arguments.get(n, argument(n)) for n in part.inputs(True)}
            arguments = {n: self.given(v.name) if isinstance(v, argument) else v for n, v in arguments.items()}
            result.data, lay = read_input(part, self.given_data, arguments)
            return lay

    def take(self, stage: Stage, done) -> None:
        """What a stage came to."""
        result = self.result
        result.stages.append(done)
        if not done.halted:
            of = f"{stage.text}, of {len(self.chain.stages)} did not halt within {done.num_steps} steps"
            with said_of(self.where):
                raise DidNotHaltError(f"{of}; the chain ends there", stage.spec.name, stage.place, result.stages)
        self.befores.append(Ran(stage.spec, stage.place, result.data, done.instance))


def advance(part: Stage | Adapter, flows: list[Passage], executor) -> None:
    """Run a stage on all flows at once, or an adapter on each."""
    lays = [flow.prepare(part) for flow in flows]
    if isinstance(part, Stage):
        for flow, done in zip(flows, executor.execute(lays)):
            flow.take(part, done)
