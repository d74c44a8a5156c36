"""The contract of what runs algorithms: the executor, a network beside it, the textbook's own programs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from algorithms import registry
from algorithms.machine.state import Instance
from algorithms.recording.record import Recording, record
from algorithms.spec import Spec, spec_of
from algorithms.trace import lay_out, read_outputs

__all__ = ["Outcome", "Runner", "Textbook"]


@dataclass
class Outcome:
    """What one run came to.

    outputs: name -> answer in the caller's labels. halted: did it end by itself (False: it met the cap, and the outputs
    are those of an unfinished run). num_steps: ticks. instance: the final state. unseen_contexts: how many contexts it
    met that were never in training; None where there are no contexts.
    """

    outputs: dict[str, object]
    halted: bool
    num_steps: int
    instance: Instance = field(repr=False, compare=False)
    unseen_contexts: int | None = None


class Runner(ABC):
    """What `evaluate` judges and a `Chain` is made of. To be one, say which `algorithms` it knows, and `execute`: of
    each `lay` make an instance, leave it in the state that is answered (a network of one's own writes its registers:
    `x.fields`, `x.scalars` and `x.pointers` are arrays by row), and tell the outcome.

    >>> class Start(Runner):
    ...     algorithms = ("bfs",)
    ...     def execute(self, lays):  # answers what stands there before the first step
    ...         return [Outcome(read_outputs(x), True, 0, x) for x in (lay() for lay in lays)]
    >>> import networkx as nx
    >>> Start().run("bfs", nx.path_graph(2), source=0).outputs["parent"]
    {0: None, 1: None}
    """

    @property
    @abstractmethod
    def algorithms(self) -> list[str]:
        """The names it can run."""

    @abstractmethod
    def execute(self, lays: list[Callable[[], Instance]]) -> Sequence[Outcome]:
        """Execute one algorithm on what each of `lays` lays out."""

    def spec(self, name: str) -> Spec:
        """The algorithm's declaration: inputs, probes, outputs. Raises UnknownAlgorithmError."""
        return registry.get(name)

    def run(self, name: str, data=None, **inputs) -> Outcome:
        """Execute an algorithm on a networkx graph or a list; `inputs` as its spec names them.

        Raises UnknownAlgorithmError, and GraphError, InputError or ArgumentError for input outside the contract.
        """
        spec = self.spec(name)
        (outcome,) = self.execute([lambda: lay_out(spec, data, inputs)])
        return outcome

    def follows(self, spec: Spec, data, arguments: dict) -> bool | None:
        """Is its run the program's own, the same registers after every tick? None where it has no such registers."""
        return None


class Textbook(Runner):
    """Runs the textbook programs themselves."""

    @property
    def algorithms(self) -> list[str]:
        return registry.names()

    def execute(self, lays: list[Callable[[], Instance]]) -> list[Outcome]:
        return [self._execute(lay()) for lay in lays]

    def _execute(self, instance: Instance) -> Outcome:
        spec = spec_of(instance)
        ticks = record(spec, instance, Recording(spec), states=False).ticks
        return Outcome(read_outputs(instance), True, ticks, instance)
