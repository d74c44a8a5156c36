"""A trace: what a run offers to others. Inputs, hints over time, outputs; each a probe. It holds what the run wrote;
states are made of it when asked for (`algorithms/course.py`).

What probes there are, and of what type, is known from an algorithm alone (`schema`): the same for every trace of it,
a program's or a predicted one, so that traces can be stacked. Files of them are in `algorithms/trace_files.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from algorithms import registry
from algorithms.course import Changes, Course
from algorithms.inputs.checks import plain_arguments
from algorithms.machine.probes import CATEGORICAL, EDGE, GRAPH, HINT, INPUT, MASK, OUTPUT, POINTER, SCALAR, Probe
from algorithms.machine.state import Instance
from algorithms.probe_data import ProbeData, ProbeSchema, same
from algorithms.recording.record import Recording, record
from algorithms.spec import Spec, given_by_name, spec_of
from algorithms.trace_files import json_label, plain, reading, write

__all__ = ["ProbeData", "ProbeSchema", "Trace", "lay_out", "read_outputs", "run", "schema"]

STAGES = {"statics": "static", "inputs": INPUT, "hints": HINT, "outputs": OUTPUT}
_INDICES = ("edge_index", "ends", "cells")
_COURSE = ("first", "ticks", "rows", "values")
_JOINS = {EDGE: ("tail", "head"), "cell": ("row", "column")}  # kind of row -> the static pointers to what it joins


@dataclass(frozen=True, eq=False)
class Trace:
    """A run of an algorithm on one graph (or list).

    algorithm: its name; labels: the caller's name of each of the n nodes; edge_index (2, m) int64 and weight (m,)
    float64, or None where the algorithm takes none: the graph's directed edges, both ways if it is not `directed`;
    statics, inputs, hints, outputs: name -> ProbeData, every register a hint as well; num_steps: T. Statics are what
    the layout gives a program to read: links such as `next` or `left`, numbers such as `index`. Outputs are all that
    an answer is read off, hints too: `reached` of bfs off `color`.

    ends: (2, rows) int64, the nodes that each row of a probe on edges joins, tail and head; an undirected edge is one
    row, its tail the earlier node. cells: (2, rows) int64, the nodes of each cell's row and column, or -1 for none.
    Both (2, 0) where an algorithm has no such rows.

    Equal by value (undefined numbers, too, are equal), and not hashable.

    >>> import networkx as nx, algorithms
    >>> t = algorithms.trace("bfs", nx.path_graph(3), source=0)
    >>> t
    Trace('bfs', 3 nodes, 5 steps; inputs: source; hints: source, color, parent, phase; outputs: color, parent)
    >>> t.hints["color"].data.shape
    (6, 3)
    >>> t.schema == algorithms.schema("bfs")
    True
    """

    algorithm: str
    labels: list
    edge_index: np.ndarray
    weight: np.ndarray | None
    statics: dict[str, ProbeData]
    inputs: dict[str, ProbeData]
    hints: dict[str, ProbeData]
    outputs: dict[str, ProbeData]
    num_steps: int
    directed: bool
    ends: np.ndarray
    cells: np.ndarray

    @property
    def index(self) -> dict:
        """label -> node index."""
        return {v: i for i, v in enumerate(self.labels)}

    @property
    def schema(self) -> dict[str, dict[str, ProbeSchema]]:
        """What its algorithm alone says of its data: that of `algorithms.schema`."""
        return {stage: {name: p.schema for name, p in getattr(self, stage).items()} for stage in STAGES}

    def __eq__(self, other) -> bool:
        if not isinstance(other, Trace):
            return NotImplemented
        return all(same(getattr(self, f.name), getattr(other, f.name)) for f in fields(Trace))

    def __repr__(self) -> str:
        parts = (f"{s}: {', '.join(getattr(self, s)) or 'none'}" for s in ("inputs", "hints", "outputs"))
        return f"Trace({self.algorithm!r}, {len(self.labels)} nodes, {self.num_steps} steps; {'; '.join(parts)})"

    @classmethod
    def of(cls, changes: Changes) -> Trace:
        """Of an instance of one graph, in the state at the end of a run, and what changed since its start."""
        instance = changes.instance
        spec = spec_of(instance)
        stages: dict[str, dict[str, ProbeData]] = {}
        for stage, probes in _probes(spec).items():
            stages[stage] = {}
            for p in probes:
                rows = instance.rows(p.kind)
                if stage == "hints":
                    data = changes.course(p.name, rows, _dtype(p.type))
                elif stage == "statics":
                    held = instance.constants if p.type == SCALAR else instance.static
                    data = held[p.name][rows].astype(_dtype(p.type))
                elif stage == "inputs":
                    data = changes.start(p.name)[rows].astype(_dtype(p.type))
                else:
                    data = instance.register(p.name)[rows].astype(_dtype(p.type))
                stages[stage][p.name] = ProbeData(p.name, STAGES[stage], p.location, p.type, data, _words(p))
        edges = instance.relations.get("in_edges")
        index = (
            np.zeros((2, 0), np.int64) if edges is None else np.stack([edges.src[:-1], edges.dst[:-1]]).astype(np.int64)
        )
        weight = edges.weight[:-1] if edges is not None and spec.structure.weighted else None
        ends, cells = (_joined(instance, kind) for kind in _JOINS)
        return cls(
            spec.name,
            list(instance.labels[0]),
            index,
            weight,
            **stages,
            num_steps=changes.ticks,
            directed=bool(instance.directed),
            ends=ends,
            cells=cells,
        )

    @property
    def nbytes(self) -> int:
        """That its arrays hold."""
        probes = [p for stage in STAGES for p in getattr(self, stage).values()]
        arrays = [*(getattr(self, name) for name in _INDICES), *([] if self.weight is None else [self.weight])]
        return sum(x.nbytes for x in (*probes, *arrays))

    def to_dict(self) -> dict:
        """Plain lists, strings and numbers, as JSON takes them: not-finite numbers as strings, tuples as lists.

        Raises InputError where JSON has no form for a label.
        """
        probe = lambda p: dict(
            stage=p.stage, location=p.location, type=p.type, values=list(p.values), data=plain(p.data)
        )
        return dict(
            algorithm=self.algorithm,
            labels=[json_label(v, i) for i, v in enumerate(self.labels)],
            num_steps=self.num_steps,
            directed=self.directed,
            weight=None if self.weight is None else plain(self.weight),
            **{name: getattr(self, name).tolist() for name in _INDICES},
            **{stage: {n: probe(p) for n, p in getattr(self, stage).items()} for stage in STAGES},
        )

    def save(self, path: str | Path) -> None:
        """As `.npz`, without pickle; `load` gives an equal trace. Labels may be None, truth values, integers of any
        size, floats, strings, bytes, and tuples of them; numpy's come back as Python's.

        Raises InputError for any other label, before anything is written.
        """
        arrays, probes = {name: getattr(self, name) for name in _INDICES}, []
        if self.weight is not None:
            arrays["weight"] = self.weight
        for stage in STAGES:
            for p in getattr(self, stage).values():
                of_course = ((part, getattr(p.course, part)) for part in _COURSE) if p.course else [("", p.data)]
                arrays |= {f"{stage}/{p.name}{part and '/'}{part}": a for part, a in of_course}
                probes.append([stage, p.name, p.location, p.type, list(p.values)])
        record = dict(algorithm=self.algorithm, num_steps=self.num_steps, directed=self.directed, probes=probes)
        write(path, arrays, self.labels, record)

    @classmethod
    def load(cls, path: str | Path) -> Trace:
        """The inverse of `save`. Raises InputError where the file is no trace, or one of another format."""
        stages: dict[str, dict] = {stage: {} for stage in STAGES}
        with reading(path) as (arrays, labels, record):
            for stage, name, location, type_, values in record["probes"]:
                if stage == "hints":
                    parts = {part: arrays[f"hints/{name}/{part}"] for part in _COURSE}
                    data = Course(**parts, steps=record["num_steps"])
                    data.verify(name)
                else:
                    data = arrays[f"{stage}/{name}"]
                p = ProbeData(name, STAGES[stage], location, type_, data, tuple(values))
                if (p.schema.dtype, p.schema.ndim) != (_dtype(type_), 1 + (stage == "hints")):
                    raise ValueError(f"{p!r} is not as its type has it")
                stages[stage][name] = p
            return cls(
                record["algorithm"],
                labels,
                arrays["edge_index"],
                arrays.get("weight"),
                **stages,
                num_steps=record["num_steps"],
                directed=record["directed"],
                ends=arrays["ends"],
                cells=arrays["cells"],
            )


def _joined(instance: Instance, kind: str) -> np.ndarray:
    if kind not in instance.kinds:
        return np.zeros((2, 0), np.int64)
    return np.stack([instance.static[name][instance.rows(kind)] for name in _JOINS[kind]], dtype=np.int64)


# ---------------------------------------------------------------- what is known from the algorithm alone
def _probes(spec: Spec) -> dict[str, list[Probe]]:
    """What is at which stage. Every register is a hint: whether it changed is for the data to say."""
    given = lambda laid, type_: [Probe(name, STAGES["statics"], location, type_) for name, location in laid.items()]
    phase = Probe("phase", HINT, GRAPH, CATEGORICAL, spec.phases)
    at = lambda stage: [p for p in spec.probes if p.stage == stage]
    statics = given(spec.structure.links, POINTER) + given(spec.structure.numbers, SCALAR)
    read = {getattr(form, name) for form in spec.outputs.values() for name, _, _ in form.reads}
    outputs = [p for p in spec.probes if p.stage == OUTPUT or p.name in read]
    return dict(statics=statics, inputs=at(INPUT), hints=[*spec.probes, phase], outputs=outputs)


def _dtype(type_: str) -> str:
    return {SCALAR: "float64", MASK: "bool"}.get(type_, "int64")


def _words(p: Probe) -> tuple[str, ...]:
    return tuple(str(v) for v in p.values)


def schema(name: str) -> dict[str, dict[str, ProbeSchema]]:
    """Of every trace of an algorithm: stage -> name -> ProbeSchema, without a run. Raises UnknownAlgorithmError.

    >>> import algorithms
    >>> algorithms.schema("minimum")["outputs"]
    {'min': ProbeSchema(name='min', stage='output', location='node', type='mask_one', values=(), dtype='int64', ndim=1)}
    >>> list(algorithms.schema("minimum")["hints"])
    ['key', 'i', 'min', 'phase']
    """
    return {
        stage: {
            p.name: ProbeSchema(
                p.name, STAGES[stage], p.location, p.type, _words(p), _dtype(p.type), 1 + (stage == "hints")
            )
            for p in probes
        }
        for stage, probes in _probes(registry.get(name)).items()
    }


# ---------------------------------------------------------------- running a program
def lay_out(spec: Spec, data, arguments: dict) -> Instance:
    """Check an input and lay it out; raises the typed errors of `algorithms.errors`."""
    data, arguments = given_by_name(spec, data, arguments)
    arguments = plain_arguments(arguments, data)
    instance = spec.structure.build(spec, data, spec.structure.check(spec, data, arguments))
    instance.make_plain()
    return instance


def read_outputs(instance: Instance) -> dict:
    """An instance's outputs, in the caller's labels."""
    return {name: answer.read(instance) for name, answer in spec_of(instance).outputs.items()}


def run(name: str, data=None, **inputs) -> dict:
    """The outputs of the textbook program itself (no network), in the caller's labels. The data may be given by their
    name as well: `run("heapsort", values=[…])`.

    >>> import algorithms
    >>> algorithms.run("heapsort", [3.0, 1.0, 2.0])
    {'order': [1, 2, 0]}
    """
    spec = registry.get(name)
    instance = lay_out(spec, data, inputs)
    record(spec, instance, Recording(spec), states=False)
    return read_outputs(instance)
