"""A stage of a chain: one algorithm, what it takes from those before it, and how that is laid out."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace

import numpy as np

from algorithms.errors import did_you_mean
from algorithms.inputs.checks import nodes_among, numbers_of
from algorithms.inputs.exact import fits, floats
from algorithms.inputs.structure import GraphStructure, PairStructure, inputs_of_hub
from algorithms.machine.probes import GRAPH, MASK_ONE, NODE, POINTER, SCALAR
from algorithms.machine.state import Instance
from algorithms.spec import Spec
from algorithms.trace import lay_out
from neural_exec.chains.data import Net, Numbers, Shape
from neural_exec.chains.links import Before, Ran, argument, at_data, find_port, output, read, to_data
from neural_exec.chains.ports import ports
from neural_exec.errors import ArgumentError, ChainError, InputError, NothingLeftError

__all__ = ["Stage", "argument_error", "read_input"]


@dataclass(frozen=True)
class Stage:
    """An algorithm at a place among those of a chain. arguments: name -> a value, an `output`, or an `argument`."""

    spec: Spec
    place: int
    arguments: dict = field(default_factory=dict)

    @property
    def text(self) -> str:
        return f"stage {self.place}, {self.spec.name}"

    # ---------------------------------------------------------------- what it takes
    @property
    def takes(self) -> str:
        """graph, list, or columns: several scalars per row, each by its name."""
        return self.spec.structure.takes

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of what takes a scalar per node (or element)."""
        return self.spec.structure.per_row

    @property
    def directed(self) -> bool | None:
        return self.spec.structure.directed

    @property
    def weighted(self) -> bool:
        return bool(self.spec.structure.attribute)

    def inputs(self, first: bool) -> list[str]:
        """Names of its arguments. first: the data come from the caller."""
        whole = first and self.takes == "columns" and not self.spec.structure.by_name
        costs = [n for n in self.arguments if n in self.costs]
        return [*(() if whole else self.columns), *inputs_of_hub(self.spec), *costs]

    @property
    def costs(self) -> tuple[str, ...]:
        """Names of arguments that may be left out."""
        return self.spec.structure.optional

    def shape_after(self) -> Shape:
        """Of what the caller gave, where this is the first stage."""
        if self.takes == "graph":
            return Shape("graph", self.directed)
        left = "nothing" if self.spec.structure.own_rows else "rows"
        return Shape("list" if self.takes == "list" else left)

    # ---------------------------------------------------------------- the check
    def check(self, shape: Shape, befores: list[Before], first: bool) -> Shape:
        """What becomes of the shape of the data at hand; raises ChainError."""
        known = [*self.inputs(first), *self.costs]
        for name in self.arguments:
            if name not in known:
                hint = did_you_mean(name, known) if known else " and no other"
                raise ChainError(f"{self.text}, takes no argument {name!r}{hint}")
        before = befores[-1] if befores else None
        if not first:
            self._check_data(shape, before)
        probes = self.spec.by_name
        for name, value in self.arguments.items():
            if isinstance(value, output):
                of = self._stage(value, befores, name)
                if name in self.columns:
                    types = (NODE, SCALAR)
                else:
                    types = (NODE, MASK_ONE) if probes[name].type == MASK_ONE else (GRAPH, SCALAR)
                find_port(f"{name} of {self.text},", value.name, of, shape, types)
        if shape.data == "graph" and self.takes == "graph" and shape.directed is None:
            return replace(shape, directed=self.directed)
        return shape

    def _stage(self, value: output, befores: list[Before], name: str) -> Before | None:
        if value.stage == -1:
            return befores[-1] if befores else None
        if not (isinstance(value.stage, int) and 0 <= value.stage < len(befores)):
            raise ChainError(f"{name} of {self.text}, comes from stage {value.stage!r}; {len(befores)} come before it")
        return befores[value.stage]

    def _check_data(self, shape: Shape, before: Before | None) -> None:
        end = f"stage {before.place}, {before.spec.name}," if before else "the input"
        fits = []
        given = [p for p in ports(before.spec) if p.name in before.spec.outputs] if before else []
        scalars = [p.name for p in given if (p.location, p.type) == (NODE, SCALAR)]
        pointers = [p.name for p in given if (p.location, p.type) == (NODE, POINTER)]
        if self.takes == "list" and shape.data != "list":
            fits = [f"keys({n!r})" for n in scalars] + ["keys()"] * (shape.data == "graph")
            need = "a list"
        elif self.takes == "graph" and shape.data != "graph":
            if shape.origin:
                fits = ["restrict()" if shape.space == "nodes" else "subgraph()"]
            need = "a graph"
        elif self.takes == "graph" and None is not self.directed is not shape.directed is not None:
            fits = [f"tree({n!r}{', directed=True' * self.directed})" for n in pointers]
            need = "a directed graph" if self.directed else "an undirected graph"
        elif self.takes == "columns" and shape.data == "nothing":
            need = "rows"
        else:
            return
        fitting = f"between them would fit {' or '.join(fits)}" if fits else "no adapter leads from one to the other"
        raise ChainError(f"{self.text}, takes {need}; {end} leaves {shape}; {fitting}")

    # ---------------------------------------------------------------- the run
    def prepare(self, data: Net | Numbers, befores: list[Ran], given: Callable) -> Callable[[], Instance]:
        """Check the data at hand, and return what lays them out; raises the typed errors of the algorithm's input."""
        if not len(data):
            raise NothingLeftError("nothing is left for it")
        arguments = {n: self._argument(n, data, befores, given) for n in self.inputs(False)}
        if self.takes == "graph":
            assert isinstance(data, Net)
            return self._graph(data, arguments)
        spec, names = self.spec, data.names
        if self.takes == "list":
            assert isinstance(data, Numbers)
            whole = data.keys
        else:
            whole = spec.structure.joined(arguments)

        def lay() -> Instance:
            instance = lay_out(spec, whole, arguments)
            if not spec.structure.own_rows:
                instance.labels = [[*names, *instance.labels[0][len(names) :]]]  # a pattern has labels of its own
            return instance

        lay()  # checks
        return lay

    def _argument(self, name: str, data: Net | Numbers, befores: list[Ran], given: Callable):
        value = self.arguments.get(name, argument(name))
        if isinstance(value, argument):
            value = given(value.name)
        if isinstance(value, output):
            before = befores[value.stage]
            port, found = read(before, value.name)
            if port.location == GRAPH:
                return float(found)
            if port.type == SCALAR:
                return at_data(before, data, found, np.nan)
            row = int(to_data(before, data, found[None])[0])
            if row < 0:
                raise InputError(f"{name} is {value.name} of stage {before.place}, and that is no node that is left")
            return row
        if self.spec.by_name.get(name) and self.spec.by_name[name].type == MASK_ONE:
            names = data.names
            if not isinstance(value, Hashable) or value not in names:
                raise InputError(f"{name} {value!r} is not in the graph, or no longer")
            return names.index(value)
        return value

    def _graph(self, net: Net, hub: dict) -> Callable[[], Instance]:
        spec, structure = self.spec, self.spec.structure
        assert isinstance(structure, GraphStructure)
        if self.weighted:
            assert net.weight is not None
            if (missing := np.isnan(net.weight)).any():
                u, v = net.edge_names[int(missing.argmax())]
                raise InputError(f"edge ({u!r}, {v!r}) has no weight: it is no edge of the graph before")
        names = net.names
        if structure.requires or structure.nonnegative:
            weight = {structure.attribute: net.attribute} if self.weighted else {}
            nodes = nodes_among(spec, hub)
            structure.check(spec, net.graph, {n: names[x] if n in nodes else x for n, x in hub.items()} | weight)
        return lambda: structure.arrange(spec, names, net.ends, net.weight, net.directed, hub)


def read_input(stage: Stage, data, arguments: dict) -> tuple[Numbers, Callable[[], Instance]]:
    """A first stage that is called with no graph: what it leaves for the next, and what lays it out."""
    lay = lambda: lay_out(stage.spec, data, arguments)
    x = lay()
    n, keys = x.sizes[0][0], None
    if stage.takes == "list" and isinstance(stage.spec.structure, PairStructure):
        keys = x.scalars["key"][:n].copy()
    elif stage.takes == "list":
        given = numbers_of(data, str)
        fits(given, lambda i: f"element {i}")  # another stage may do more than compare them
        keys = np.array(floats(given))
        n = len(keys)
    return Numbers(list(range(n)), np.arange(n), keys), lay


def argument_error(name: str, takes: dict[str, str]) -> ArgumentError:
    hint = did_you_mean(name, takes) if takes else " and no other"
    return ArgumentError(f"the chain takes no argument {name!r}{hint}")
