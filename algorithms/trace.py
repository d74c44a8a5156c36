"""A trace: what a run offers to others. Inputs, hints over time, outputs; each a probe."""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from algorithms import registry
from algorithms.errors import InputError
from algorithms.machine import Instance
from algorithms.recorder import Recording, record
from algorithms.spec import CATEGORICAL, GRAPH, HINT, INPUT, OUTPUT, Probe, Spec
from algorithms.structures import given_by_name

__all__ = ["ProbeData", "Trace", "lay_out", "read_outputs", "run", "trace"]


@dataclass(frozen=True)
class ProbeData:
    """A probe and its data.

    data: (rows,) or (T + 1, rows) for a hint, rows being n nodes, m edges or 1 for the graph. scalar: float64;
    mask: bool; categorical: int64, a place in `values`; pointer: int64, a row's index or -1 for none; mask_one:
    int64 (1,) or (T + 1, 1), the index of the one row that is marked, or -1. An edge's index is n + its place.
    """

    name: str
    stage: str
    location: str
    type: str
    data: np.ndarray
    values: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"{self.name}: {self.stage} {self.location} {self.type} {self.data.dtype}{list(self.data.shape)}"


@dataclass(frozen=True)
class Trace:
    """A run of an algorithm on one graph (or list).

    algorithm: its name; labels: the caller's name of each node; edge_index (2, m) int64 and weight (m,) float64 or
    None: the graph's directed edges, both ways if undirected; inputs, hints, outputs: name -> ProbeData;
    num_steps: T.

    >>> import networkx as nx, algorithms
    >>> t = algorithms.trace("bfs", nx.path_graph(3), source=0)
    >>> t
    Trace('bfs', 3 nodes, 5 steps; inputs: source; hints: color, parent, phase; outputs: parent)
    >>> t.hints["color"].data.shape
    (6, 3)
    """

    algorithm: str
    labels: list
    edge_index: np.ndarray
    weight: np.ndarray | None
    inputs: dict[str, ProbeData]
    hints: dict[str, ProbeData]
    outputs: dict[str, ProbeData]
    num_steps: int

    @property
    def index(self) -> dict:
        """label -> node index."""
        return {v: i for i, v in enumerate(self.labels)}

    def __repr__(self) -> str:
        parts = (f"{stage}: {', '.join(getattr(self, stage)) or 'none'}" for stage in ("inputs", "hints", "outputs"))
        return f"Trace({self.algorithm!r}, {len(self.labels)} nodes, {self.num_steps} steps; {'; '.join(parts)})"

    @classmethod
    def from_states(cls, instance: Instance, states: list, phases: list[str]) -> Trace:
        """From snapshots (ints, floats) of an instance of one graph."""
        spec = instance.spec
        ints, floats = (np.stack([s[i] for s in states]) for i in (0, 1))
        stages: dict[str, dict] = {INPUT: {}, HINT: {}, OUTPUT: {}}
        for p in (*spec.probes, Probe("phase", HINT, GRAPH, CATEGORICAL, tuple(phases))):
            rows = instance.rows(p.kind)
            if p.register == "scalar":
                data = floats[:, instance.float_names.index(p.name)][:, rows]
            else:
                data = ints[:, instance.int_names.index(p.name)][:, rows]
                data = data.astype(bool) if p.type == "mask" else data
            values = tuple(str(v) for v in p.values)
            make = lambda stage, d, p=p, v=values: ProbeData(p.name, stage, p.location, p.type, d, v)
            if p.stage == INPUT:
                stages[INPUT][p.name] = make(INPUT, data[0])
            if p.stage != INPUT or (data != data[:1]).any():
                stages[HINT][p.name] = make(HINT, data)
            if p.stage == OUTPUT:
                stages[OUTPUT][p.name] = make(OUTPUT, data[-1])
        edges = instance.relations.get("in_edges")
        index = np.stack([edges.src[:-1], edges.dst[:-1]]) if edges else np.zeros((2, 0), np.int64)
        weight = edges.weight[:-1] if edges and getattr(spec.structure, "weighted", False) else None
        return cls(spec.name, list(instance.labels[0]), index, weight, *stages.values(), len(states) - 1)

    def to_dict(self) -> dict:
        """Plain lists, strings and numbers, as JSON takes them (not-finite numbers as strings)."""
        probe = lambda p: dict(
            stage=p.stage, location=p.location, type=p.type, values=list(p.values), data=_plain(p.data)
        )
        return dict(
            algorithm=self.algorithm,
            labels=[_json_label(v) for v in self.labels],
            num_steps=self.num_steps,
            edge_index=self.edge_index.tolist(),
            weight=None if self.weight is None else _plain(self.weight),
            **{s: {n: probe(p) for n, p in getattr(self, s).items()} for s in ("inputs", "hints", "outputs")},
        )

    def save(self, path: str | Path) -> None:
        """As `.npz`, without pickle. Labels other than numbers, strings and tuples of them are saved as their repr."""
        arrays, probes = {"edge_index": self.edge_index}, []
        if self.weight is not None:
            arrays["weight"] = self.weight
        for stage in ("inputs", "hints", "outputs"):
            for p in getattr(self, stage).values():
                arrays[f"{stage}/{p.name}"] = p.data
                probes.append([stage, p.name, p.stage, p.location, p.type, list(p.values)])
        labels = [_json_label(v) for v in self.labels]
        meta = dict(algorithm=self.algorithm, labels=labels, num_steps=self.num_steps, probes=probes)
        with open(path, "wb") as f:  # given a path, numpy would append .npz to it
            np.savez_compressed(f, meta=np.array(json.dumps(meta)), **arrays)

    @classmethod
    def load(cls, path: str | Path) -> Trace:
        """The inverse of `save`. Raises InputError where the file is no trace."""
        try:
            with np.load(path, allow_pickle=False) as f:
                meta = json.loads(str(f["meta"]))
                stages: dict[str, dict] = {"inputs": {}, "hints": {}, "outputs": {}}
                for group, name, stage, location, type_, values in meta["probes"]:
                    data = f[f"{group}/{name}"]
                    stages[group][name] = ProbeData(name, stage, location, type_, data, tuple(values))
                weight = f.get("weight")
                labels = [_label(v) for v in meta["labels"]]
                return cls(meta["algorithm"], labels, f["edge_index"], weight, *stages.values(), meta["num_steps"])
        except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as e:
            raise InputError(f"{path} is no trace saved by Trace.save: {e}") from e


def _plain(a: np.ndarray) -> list:
    if a.dtype == np.float64:
        return np.where(np.isfinite(a), a, np.char.mod("%g", a).astype(object)).tolist()
    return a.tolist()


def _json_label(v):
    if isinstance(v, tuple):
        return [_json_label(x) for x in v]
    if isinstance(v, np.generic):
        v = v.item()
    return v if isinstance(v, int | float | str) or v is None else repr(v)


def _label(v):
    """The inverse of `_json_label`."""
    return tuple(_label(x) for x in v) if isinstance(v, list) else v


def lay_out(spec: Spec, data, arguments: dict) -> Instance:
    """Check an input and lay it out; raises the typed errors of `algorithms.errors`."""
    data, arguments = given_by_name(spec, data, arguments)
    return spec.structure.build(spec, data, spec.structure.check(spec, data, arguments))


def read_outputs(instance: Instance) -> dict:
    """An instance's outputs, in the caller's labels."""
    return {name: answer.read(instance) for name, answer in instance.spec.outputs.items()}


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


def trace(name: str, data=None, **inputs) -> Trace:
    """The trace of the textbook program on a networkx graph or a list (None where all is given by name).
    Where an algorithm only compares numbers, and one of them is no float64, its probes hold their ranks.

    Raises UnknownAlgorithmError, and GraphError, InputError or ArgumentError for input outside the contract.
    """
    spec = registry.get(name)
    instance, recording = lay_out(spec, data, inputs), Recording(spec)
    states = record(spec, instance, recording).states
    return Trace.from_states(instance, states, list(recording.phases))
