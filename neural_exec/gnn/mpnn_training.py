"""The baseline's training: traces as PyG data, windows of them, and a model unrolled over those.

A window is at most `WINDOW` consecutive steps of a trace, with the hidden state 0 at its start: the whole trace where
it is no longer than that, otherwise a window at a random place. (Where it starts within a trace, the network thus
learns to go on from the registers alone.) Each next step is fed the true registers with probability one half, drawn
for each graph and step, otherwise what the network predicted, made discrete. The loss is cross-entropy for fields and
pointers; for scalars the squared error of the change, in standard deviations, where the target is finite, and the
cross-entropy of whether it is written. It is averaged over rows and steps, and summed over registers.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import Batch, Data

from algorithms import registry
from algorithms.contexts import draw
from algorithms.machine.state import Instance
from algorithms.recording.record import Recording, Run
from neural_exec.examples import MAX_NODES, rng_of
from neural_exec.network.verify import need

__all__ = [
    "BaselineProgress", "Column", "Layout", "State", "draw_batch", "draw_runs", "fit", "graph_data", "loss", "state_of",
    "trace_data",
]  # fmt: skip

WINDOW = 16
GRAPHS = 8  # in an update
LR = 3e-3  # in the last third of the time it falls linearly, to nothing
CLIP = 1.0
FORCED = 0.5  # probability of the true registers


@dataclass(frozen=True)
class Column:
    """A register. kind: of the rows that hold it. size: values of a field; scale: standard deviation of a scalar;
    targets: kinds of rows that a pointer was seen to hold. written: does the program ever write it?"""

    name: str
    kind: str
    written: bool
    size: int = 0
    scale: float = 1.0
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """An algorithm's registers as columns of tensors, those that the program writes first; `phases` in words."""

    algorithm: str
    kinds: tuple[str, ...]
    phases: tuple[str, ...]
    fields: tuple[Column, ...]
    scalars: tuple[Column, ...]
    pointers: tuple[Column, ...]
    constants: tuple[str, ...]
    edge_types: tuple[str, ...]

    @classmethod
    def observe(cls, recording: Recording, runs: list[Run]) -> Layout:
        """From some recorded runs."""
        spec, x = recording.spec, runs[0].instance
        writes = {name for group in recording.writes.values() for _, name in group} | {"phase"}
        fields = [Column("phase", "hub", True, len(recording.phases))]
        scalars, pointers = [], []
        for p in spec.probes:
            column = partial(Column, p.name, p.kind, p.name in writes)
            if p.register == "field":
                fields.append(column(size=len(p.values)))
            elif p.register == "scalar":
                seen = np.concatenate([s[1][x.float_names.index(p.name)] for r in runs for s in r.states])
                seen = seen[np.isfinite(seen)]
                scalars.append(column(scale=float(seen.std()) or 1.0 if len(seen) else 1.0))
            else:
                i, held = x.int_names.index(p.name), set()
                for r in runs:
                    rows = np.unique([s[0][i] for s in r.states])
                    held |= {x.kinds[k] for k in r.instance.kind[rows[rows >= 0]]}
                pointers.append(column(targets=tuple(sorted(held))))
        types, columns = _edge_types(x), (_first(fields), _first(scalars), _first(pointers))
        return cls(spec.name, x.kinds, tuple(recording.phases), *columns, tuple(x.constants), types)

    @classmethod
    def from_dict(cls, d: dict) -> Layout:
        columns = lambda k: tuple(Column(**(c | {"targets": tuple(c["targets"])})) for c in d[k])
        words = lambda k: tuple(d[k])
        registers = columns("fields"), columns("scalars"), columns("pointers")
        return cls(d["algorithm"], words("kinds"), words("phases"), *registers, words("constants"), words("edge_types"))

    def verified(self) -> Layout:
        """Itself, where it is one of its algorithm. Raises ValueError, TypeError or KeyError."""
        spec = registry.get(self.algorithm)
        x = spec.structure.examples(spec)[0]
        whole = (self.kinds, self.phases) == (x.kinds, spec.phases) and self.edge_types == _edge_types(x)
        need(whole and self.constants == tuple(x.constants), f"{spec.name}: other rows, phases or edges")
        for register, columns in (("field", self.fields), ("scalar", self.scalars), ("pointer", self.pointers)):
            known = {p.name: (p.kind, len(p.values)) for p in spec.probes if p.register == register}
            known = {"phase": ("hub", len(spec.phases)), **known} if register == "field" else known
            order = _first([c for name in known for c in columns if c.name == name])
            need(len(columns) == len(known) and order == columns, f"{spec.name}: other {register}s, or not in order")
            for c in columns:
                size = known[c.name][1] if register == "field" else 0
                need((c.kind, c.size) == (known[c.name][0], size), f"{spec.name}: {c.name} is of another kind or size")
                scale = type(c.scale) is float and 0 < c.scale < math.inf
                need(scale and type(c.written) is bool, f"{spec.name}: {c.name} has no scale")
                need(set(c.targets) <= set(self.kinds), f"{spec.name}: {c.name} points nowhere")
        return self


@dataclass
class State:
    """Registers of N rows: fields (N, F) int64 (-1 where a row has none), scalars (N, S) float64 (NaN where none),
    pointers (N, P) int64, a row or -1."""

    fields: Tensor
    scalars: Tensor
    pointers: Tensor


def _first(columns: list[Column]) -> tuple[Column, ...]:
    """Those that are written come first."""
    return tuple(sorted(columns, key=lambda c: not c.written))


def _edge_types(x: Instance) -> tuple[str, ...]:
    pointers = [p.name + end for p in x.spec.probes if p.register == "pointer" for end in ("", "~")]
    return tuple(dict.fromkeys(["self", *(t for t, _, _, _ in _static_edges(x)), *pointers]))


def draw_runs(algorithm: str, seed: int, traces: int) -> tuple[Recording, list[Run]]:
    """The runs that training sees: the first of those that `neural_exec.examples.draw_examples` draws."""
    spec = registry.get(algorithm)
    recording, rng = Recording(spec), rng_of("traces", algorithm, seed)
    families = spec.families["training"]
    runs = []
    for i in range(traces):
        n = int(rng.integers(1, MAX_NODES + 1))
        runs.append(draw(spec, recording, rng, n, families[i % len(families)])[0])
    return recording, runs


def _static_edges(x: Instance) -> Iterable[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
    """(type, senders, receivers, weights) of all edges that stay."""
    for name, r in x.relations.items():
        src, dst = r.src[:-1].astype(np.int64), r.dst[:-1].astype(np.int64)
        yield name, src, dst, r.weight[:-1]
        if name in ("nodes", "edges"):
            yield name + "~", dst, src, r.weight[:-1]
    for name, target in x.static.items():
        if name != "hub":
            holder = np.flatnonzero(target >= 0)
            yield name, target[holder], holder, np.zeros(len(holder))
            yield name + "~", holder, target[holder], np.zeros(len(holder))


def graph_data(x: Instance, layout: Layout, types: dict[str, int]) -> Data:
    """What stays of an instance of one graph, as PyG data: kind (N,), constants (N, C) over n, edge_index (2, E) from
    sender to receiver, edge_type (E,), edge_weight (E,), 0 where there is none."""
    rows = np.arange(x.size)
    name, sender, receiver, weight = zip(("self", rows, rows, np.zeros(x.size)), *_static_edges(x))
    constants = np.stack([x.constants[c][:-1] for c in layout.constants], 1) / x.sizes[0][0]
    return Data(
        kind=torch.from_numpy(x.kind).long(),
        constants=torch.from_numpy(np.nan_to_num(constants)).float(),
        edge_index=torch.from_numpy(np.stack([np.concatenate(sender), np.concatenate(receiver)])).long(),
        edge_type=torch.tensor([types[t] for t in name]).repeat_interleave(torch.tensor([len(s) for s in sender])),
        edge_weight=torch.from_numpy(np.nan_to_num(np.concatenate(weight))).float(),
        num_nodes=x.size,
    )


def state_of(x: Instance, layout: Layout, states: list[tuple[np.ndarray, np.ndarray]]) -> State:
    """T snapshots of an instance of one graph, with a dimension T after the rows: fields (N, T, F) and so on."""
    ints, floats = (np.stack([s[i] for s in states], -1)[:, :-1].transpose(1, 2, 0) for i in (0, 1))
    kinds = np.array([layout.kinds.index(c.kind) for c in layout.fields])
    pick = lambda a, names, columns: torch.from_numpy(a[:, :, [names.index(c.name) for c in columns]])
    ints = ints.astype(np.int64)
    fields = pick(ints, x.int_names, layout.fields)
    owned = torch.from_numpy(x.kind[:, None, None] == kinds)
    scalars, pointers = pick(floats, x.float_names, layout.scalars), pick(ints, x.int_names, layout.pointers)
    return State(torch.where(owned, fields, -1), scalars, pointers)


def trace_data(run: Run, layout: Layout, types: dict[str, int]) -> Data:
    """A run as PyG data: that of its graph, and the registers of its T + 1 states, fields (N, T + 1, F) and so on;
    pointers hold places in the graph."""
    data, state = graph_data(run.instance, layout, types), state_of(run.instance, layout, run.states)
    data.fields, data.scalars, data.pointers = state.fields, state.scalars, state.pointers
    return data


def draw_batch(traces: list[Data], rng: np.random.Generator, graphs: int = GRAPHS, length: int = WINDOW) -> Batch:
    """Windows of W steps of random traces; `alive` (B, W): is that step one of the trace's (else it has halted)?"""
    drawn = [traces[i] for i in rng.integers(len(traces), size=graphs)]
    ticks = [d.fields.shape[1] - 1 for d in drawn]
    length, windows = min(length, max(ticks)), []
    for d, n in zip(drawn, ticks):
        steps = torch.arange(length + 1) + int(rng.integers(max(0, n - length) + 1))
        d, at = d.clone(), steps.clamp(max=n)
        d.fields, d.scalars, d.pointers = d.fields[:, at], d.scalars[:, at], d.pointers[:, at]
        d.alive = (steps < n)[None, :-1]
        windows.append(d)
    return Batch.from_data_list(windows)


class Codes(Protocol):
    """An algorithm's encoder and decoder, as far as training looks."""

    counts: tuple[int, ...]
    scale: Tensor
    scalar_kind: Tensor

    def write(self, frame, p, state: State) -> State: ...


class Model(Protocol):
    """What is trained: see `neural_exec.gnn.mpnn.Baseline`."""

    hidden: int

    def frame(self, algorithm: str, data: Batch): ...
    def codec(self, algorithm: str) -> Codes: ...
    def parameters(self) -> Iterator[nn.Parameter]: ...
    def __call__(self, algorithm: str, frame, state: State, hidden: Tensor): ...


def loss(model: Model, algorithm: str, batch: Batch, rng: np.random.Generator) -> Tensor:
    """Unroll a model over a batch of windows; the loss, a number."""
    frame, codec, graph = model.frame(algorithm, batch), model.codec(algorithm), batch.batch
    fields, scalars = batch.fields.transpose(0, 1), batch.scalars.transpose(0, 1)
    pointers = torch.where(batch.pointers >= 0, batch.pointers + batch.ptr[graph][:, None, None], -1).transpose(0, 1)
    state = State(fields[0], scalars[0], pointers[0])
    hidden = torch.zeros(len(graph), model.hidden, dtype=torch.float32)
    steps = batch.alive.shape[1]
    forced = torch.from_numpy(rng.random((steps, batch.num_graphs)) < FORCED)[:, graph, None]
    predictions, before = [], []
    for t in range(steps):
        prediction, hidden = model(algorithm, frame, state, hidden)
        predictions.append(prediction)
        before.append(state.scalars)
        own = codec.write(frame, prediction, state)
        pairs = ((fields, own.fields), (scalars, own.scalars), (pointers, own.pointers))
        state = State(*(torch.where(forced[t], true[t + 1], mine) for true, mine in pairs))
    stacked = lambda name: torch.stack([getattr(p, name) for p in predictions])
    f, s, p = codec.counts
    alive = batch.alive.T[:, graph, None]
    total = _mean(_cross_entropy(stacked("fields"), fields[1:, :, :f].clamp(min=0)), alive & (fields[1:, :, :f] >= 0))

    old, new, owned = scalars[:-1, :, :s], scalars[1:, :, :s], alive & (batch.kind[:, None] == codec.scalar_kind)
    here = torch.stack(before)[:, :, :s]
    change = (new - torch.where(here.isfinite(), here, 0.0)) / codec.scale[:s]
    finite = new.isfinite()
    error = (stacked("changes") - torch.where(finite, change, 0.0).float()) ** 2
    written = ((new != old) & ~(new.isnan() & old.isnan())).float()
    total = total + _mean(error, owned & finite)
    total = total + _mean(F.binary_cross_entropy_with_logits(stacked("writes"), written, reduction="none"), owned)

    target = pointers[1:, frame.holder, frame.pointer]
    target = torch.where(frame.used & (target >= 0), target - batch.ptr[:-1, None] + 1, 0)
    each = _cross_entropy(stacked("pointers"), target)
    of = F.one_hot(frame.pointer, p).bool() & (frame.used & batch.alive.T[:, :, None])[..., None]
    return total + _mean(each[..., None].expand(of.shape).flatten(1, 2), of.flatten(1, 2))


def _cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    return F.cross_entropy(logits.flatten(0, -2), target.flatten(), reduction="none").view(target.shape)


def _mean(values: Tensor, chosen: Tensor) -> Tensor:
    """The mean of the chosen (steps, rows, registers), per register; their sum."""
    return (torch.where(chosen, values, 0.0).sum((0, 1)) / chosen.sum((0, 1)).clamp(min=1)).sum()


@dataclass
class BaselineProgress:
    """Where training stands. losses: algorithm -> moving average of its loss."""

    updates: int = 0
    seconds: float = 0.0
    losses: dict[str, float] = field(default_factory=dict)


def fit(
    model: Model,
    traces: dict[str, list[Data]],
    seed: int,
    seconds: float,
    progress: Callable[[BaselineProgress], bool | None] = lambda p: None,
) -> BaselineProgress:
    """Train for `seconds`, every update on windows of one algorithm, all in turn; `progress` is called after each
    update, and ends the training where it returns True."""
    optimizer, rng, p = torch.optim.Adam(model.parameters(), LR), rng_of("baseline", seed), BaselineProgress()
    start = time.monotonic()
    while p.seconds < seconds:
        if p.updates % len(traces) == 0:
            order = rng.permutation(list(traces)).tolist()
        algorithm = order[p.updates % len(traces)]
        value = loss(model, algorithm, draw_batch(traces[algorithm], rng), rng)
        optimizer.param_groups[0]["lr"] = LR * min(1.0, 3 * (1 - p.seconds / seconds))
        optimizer.zero_grad()
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        p.updates, p.seconds = p.updates + 1, time.monotonic() - start
        p.losses[algorithm] = 0.9 * p.losses.get(algorithm, value.item()) + 0.1 * value.item()
        if progress(p):
            break
    return p
