"""Chains: executors plugged together on one graph. What one leaves in its registers, the next is laid out from.

Everything between two stages is arrays: registers of a final state, read by their location and type
(`chains.ports`), turned into a graph or a list by an adapter (`chains.adapters`), laid out as rows of the
next. Labels serve to name what is answered. (A stage whose algorithm has preconditions of its own, no cycle, say, is
shown the graph to check them.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext

from neural_exec.chains.adapters import Adapter, argument, keys, negate, subgraph, tree
from neural_exec.chains.data import Shape
from neural_exec.chains.links import Before
from neural_exec.chains.run import ChainRun, Passage, advance
from neural_exec.chains.stage import Stage, argument_error
from neural_exec.checkpoint import everything
from neural_exec.defaults import own_defaults
from neural_exec.errors import ArgumentError, ChainError
from neural_exec.plain_executor import entries
from neural_exec.progress import Bar
from neural_exec.runner import Runner

__all__ = ["Chain", "ChainRun"]

_EDGES = "the graph's edges"


class Chain:
    """Algorithms plugged together, outputs of one becoming inputs of the next.

    parts: algorithms and adapters, in order. An algorithm is its name, or (name, {argument: value}); a value may be an
    `output` of an algorithm before, or an `argument` that the caller passes under another name. Arguments that are not
    set are the caller's: one `source` serves all stages that take a source. executor: what runs the stages, the bundled
    `all` by default. progress: show it on stderr, or a function of (stages done, stages, name of the next).

    Raises ChainError where two parts do not fit, UnknownAlgorithmError, ArgumentError.

    >>> import networkx as nx
    >>> from neural_exec import Chain
    >>> from neural_exec.chains.adapters import subgraph
    >>> chain = Chain(["bridges", subgraph("edges", False), "connected_components"])
    >>> chain.run(nx.barbell_graph(3, 0)).outputs[-1]["component"]
    {0: 0, 1: 0, 2: 0, 3: 3, 4: 3, 5: 3}
    """

    def __init__(self, parts: Iterable, executor=None, progress: bool | Callable[[int, int, str], None] = False):
        if isinstance(parts, str) or not isinstance(parts, Iterable):
            raise ChainError(f"a chain takes a list of its parts, as Chain(['bfs']), not {parts!r}")
        self.executor, self.progress = everything() if executor is None else executor, progress
        if not isinstance(self.executor, Runner):
            raise ArgumentError(f"executor is {executor!r}; give a loaded one, such as neural_exec.load('all')")
        if not (callable(progress) or isinstance(progress, bool)):
            raise ArgumentError(f"progress is {progress!r}; give True, or a function of (done, total, name)")
        self.parts: list[Stage | Adapter] = []
        for part in parts:
            place = sum(isinstance(p, Stage) for p in self.parts)
            self.parts.append(self._part(part, place))
        self.stages = [p for p in self.parts if isinstance(p, Stage)]
        if not self.stages:
            raise ChainError("a chain needs at least one algorithm, by its name")
        self.weighted = False
        self.directed: bool | None = None
        self.takes: dict[str, str] = {}  # what the caller passes -> who takes it
        self.shape = self._check()

    def _part(self, part, place: int) -> Stage | Adapter:
        if isinstance(part, Adapter):
            return part
        name, arguments = part if isinstance(part, tuple) and len(part) == 2 else (part, {})
        if not isinstance(name, str) or not isinstance(arguments, dict):
            hint = f"; write {part.__name__}(…)" if isinstance(part, type) and issubclass(part, Adapter) else ""
            raise ChainError(
                f"part {len(self.parts)} of the chain is {part!r}; it takes an algorithm's name, (name, {{argument: "
                f"value}}), or an adapter{hint}"
            )
        return Stage(self.executor.spec(name), place, arguments)

    def _check(self) -> Shape:
        """The shape of what the chain leaves; finds what it takes."""
        decides = next((p for p in self.parts if isinstance(p, Stage | keys | tree | subgraph)), None)
        stage = decides if isinstance(decides, Stage) and decides.takes != "graph" else None
        graph, first = stage is None, stage if stage is self.parts[0] else None
        self.takes_graph, self.first = graph, first
        shape = Shape("graph") if graph else first.shape_after() if first else Shape("list")
        befores: list[Before] = []
        known_input = False
        for part in self.parts:
            was = shape
            if isinstance(part, Stage):
                shape = part.check(was, befores, part is first)
                self.weighted |= part.weighted
                for name in part.inputs(part is first):
                    self._take(part.arguments.get(name, argument(name)), part.text)
                befores.append(Before(part.spec, part.place, shape))
            else:
                shape = part.check(was, befores[-1] if befores else None)
                self.weighted |= was.data == "graph" and (part == keys() or isinstance(part, negate))
                for value in vars(part).values():
                    self._take(value, repr(part))
            if shape.data == "graph" and was.directed is None and not isinstance(part, tree) and not known_input:
                self.directed = shape.directed
            known_input |= shape.directed is not None or isinstance(part, tree)
        if self.weighted:
            if "weight" in self.takes:
                raise ChainError(
                    f"weight is the edges' attribute, and {self.takes['weight']}, takes one too: rename that, "
                    "{'weight': argument('penalty')}"
                )
            self.takes["weight"] = _EDGES
        return shape

    def _take(self, value, who: str) -> None:
        if isinstance(value, argument):
            self.takes.setdefault(value.name, who)

    # ---------------------------------------------------------------- execution
    def run(self, data=None, **inputs) -> ChainRun:
        """Execute it on a networkx graph, or on what its first algorithm is called with; inputs: `weight`, the name of
        the edges' attribute, and what its stages take.

        Raises GraphError, InputError or ArgumentError for input outside the contract of a stage, naming the stage;
        DidNotHaltError, with the stage's name and place, where one meets its cap.

        >>> import networkx as nx
        >>> from neural_exec import Chain
        >>> from neural_exec.chains.adapters import keys
        >>> roads = nx.Graph([("a", "b", {"km": 2.0}), ("b", "c", {"km": 1.0})])
        >>> run = Chain(["dijkstra", keys("distance"), "heapsort"]).run(roads, source="c", weight="km")
        >>> run.outputs[1]["order"], run.halted, [t.algorithm for t in run.traces]
        (['c', 'b', 'a'], True, ['dijkstra', 'heapsort'])
        """
        self._check_inputs(inputs)
        return self._execute([Passage(self, data, inputs)])[0]

    def run_batch(self, data: Iterable, **inputs) -> list[ChainRun]:
        """`run` on several inputs, of any sizes, each stage on all of them at once; each argument is a list, one entry
        for each of them, or one value for all. The answers are those of `run`, bit by bit.

        Raises what `run` does, naming the graph of the batch.

        >>> import networkx as nx
        >>> from neural_exec import Chain
        >>> from neural_exec.chains.adapters import tree
        >>> chain = Chain(["bfs", tree("parent"), "bridges"])
        >>> runs = chain.run_batch([nx.path_graph(2), nx.cycle_graph(4)], source=[0, 2])
        >>> [run.outputs[1]["edges"] for run in runs]
        [[(0, 1)], [(0, 1), (1, 2), (2, 3)]]
        """
        self._check_inputs(inputs)
        return self._execute([Passage(self, x, kw, where) for where, x, kw in entries(data, inputs)])

    def _check_inputs(self, inputs: dict) -> None:
        for name in inputs:
            if name not in self.takes:
                raise argument_error(name, self.takes)
        for name, who in self.takes.items():
            if name not in inputs and who != _EDGES:
                raise ArgumentError(f"the chain needs {name}=…, for {who}")

    @own_defaults()
    def _execute(self, flows: list[Passage]) -> list[ChainRun]:
        with self._shown() as report:
            for part in self.parts if flows else ():
                if isinstance(part, Stage):
                    report(part.place, len(self.stages), part.spec.name)
                advance(part, flows, self.executor)
            report(len(self.stages), len(self.stages), "")
        return [flow.result for flow in flows]

    def _shown(self):
        """A context whose value reports progress."""
        if self.progress is True:
            return _Shown(len(self.stages))
        return nullcontext(self.progress or (lambda done, total, name: None))

    def __repr__(self) -> str:
        return f"Chain({' -> '.join(p.spec.name if isinstance(p, Stage) else repr(p) for p in self.parts)})"


class _Shown:
    """Progress on stderr."""

    def __init__(self, total: int):
        self.bar = Bar("chain", total)

    def __enter__(self):
        self.bar.__enter__()
        return lambda done, total, name: self.bar.show(done, name)

    def __exit__(self, *e) -> None:
        self.bar.__exit__(*e)
