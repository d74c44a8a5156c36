r"""The field's usual network, to stand beside the executor: encode, process, decode, with a hidden state between steps.

Source: Veličković et al., The CLRS Algorithmic Reasoning Benchmark, ICML 2022, the MPNN baseline; messages run along
the typed edges of the graph and through its hub, not between all pairs. One processor serves all algorithms; encoder
and decoder are each algorithm's own. With f an encoder of a row's registers, h the hidden state (0 at the start),
e_uv the embedding of the edge's type plus its weight times a vector, and each W a matrix of its own:

    z_v  = [f(registers of v), h_v]
    m_v  = max_(u -> v)  W relu(W z_v + W z_u + e_uv)
    h_v <- LayerNorm(relu(W z_v + W m_v))
    out  = decoder([z_v, h_v]):  a field: logits of its values;  a scalar: its change, and a logit "is it written";
           a pointer: score(v, u) = <W out_v, W out_u> / sqrt(d) + W e_uv over the rows u of v's graph, and one for nil

Every register becomes what is predicted for it, the hub's `phase` too: the network itself decides when to halt. Edges
are the relations (those into the hub both ways), a self-loop at each row, and the pointers, static ones and the
current values of registers, both ways.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch_geometric.data import Batch
from torch_geometric.nn import MessagePassing
from torch_geometric.utils import to_dense_batch

from algorithms import registry
from algorithms.errors import UnknownAlgorithmError, did_you_mean
from algorithms.machine.probes import HALT
from algorithms.machine.state import Instance
from algorithms.spec import Spec
from algorithms.trace import read_outputs
from neural_exec.defaults import own_defaults, training_defaults
from neural_exec.files import load_tensors, need_format, read_json, write, write_tensors
from neural_exec.gnn.mpnn_training import (  # fmt: skip
    BaselineProgress,
    Layout,
    State,
    draw_runs,
    fit,
    graph_data,
    state_of,
    trace_data,
)
from neural_exec.network.verify import check_tensors, need, reading
from neural_exec.runner import Outcome, Runner

__all__ = ["BUNDLED", "FORMAT", "Baseline", "train_baseline"]

FORMAT = 1

BUNDLED = Path(__file__).parents[1] / "baselines" / "mpnn"
NEVER = -1e9  # the logit of what cannot be chosen
_linear, _embedding = partial(nn.Linear, dtype=torch.float32), partial(nn.Embedding, dtype=torch.float32)


@dataclass
class Frame:
    """What stays fixed while a batch of B graphs is executed.

    graph, local (N,): a row's graph, its place there; rows (B, R): a graph's rows, padded with 0. A *slot* is a written
    pointer of a row: holder, pointer, used (B, S), slot (N, P) its place or -1. bias (B, S, R): what static edges add
    to a slot's scores, NEVER where it may not point. edge_attr (E, hidden) of the static edges.
    """

    data: Batch
    graph: Tensor
    local: Tensor
    rows: Tensor
    holder: Tensor
    pointer: Tensor
    used: Tensor
    slot: Tensor
    bias: Tensor
    edge_attr: Tensor


@dataclass
class Prediction:
    """fields (N, F, values) logits; changes (N, S) in standard deviations; writes (N, S) logits; pointers
    (B, slots, 1 + R) scores of nil and of the graph's rows. Of written registers alone."""

    fields: Tensor
    changes: Tensor
    writes: Tensor
    pointers: Tensor


class Codec(nn.Module):
    """An algorithm's encoder and decoder."""

    place: Tensor
    offset: Tensor
    scale: Tensor
    scalar_kind: Tensor
    pointer_kind: Tensor
    may_hold: Tensor

    def __init__(self, layout: Layout, hidden: int):
        super().__init__()
        self.layout = layout
        sizes = [c.size for c in layout.fields]
        written = [[c for c in columns if c.written] for columns in (layout.fields, layout.scalars, layout.pointers)]
        self.counts: tuple[int, ...] = tuple(len(columns) for columns in written)
        self.kind = _embedding(len(layout.kinds), hidden)
        self.field = _embedding(sum(sizes) + len(sizes), hidden)
        self.number = _linear(2 * len(layout.scalars) + len(layout.constants) + len(layout.pointers), hidden)
        values, (_, scalars, pointers) = [c.size for c in written[0]], self.counts
        self.widths = [sum(values), scalars, scalars, pointers * hidden // 2, pointers]
        self.out = _linear(3 * hidden, sum(self.widths))
        self.key, self.edge = _linear(3 * hidden, hidden // 2), _linear(hidden, pointers, bias=False)
        keep = lambda name, x: self.register_buffer(name, x, persistent=False)
        place = torch.full((len(values), max(values)), sum(values))
        for i, size in enumerate(values):
            place[i, :size] = torch.arange(size) + sum(values[:i])
        kinds = lambda columns: torch.tensor([layout.kinds.index(c.kind) for c in columns])
        keep("place", place)
        keep("offset", torch.tensor([sum(sizes[:i]) + i + 1 for i in range(len(sizes))]))
        keep("scale", torch.tensor([c.scale for c in layout.scalars], dtype=torch.float64))
        keep("scalar_kind", kinds(written[1]))
        keep("pointer_kind", kinds(written[2]))
        keep("may_hold", torch.tensor([[k in c.targets for k in layout.kinds] for c in written[2]]))

    def encode(self, data: Batch, state: State) -> Tensor:
        """(N, hidden) from all registers."""
        scalars = (state.scalars / self.scale).float()
        finite = scalars.isfinite()
        scalars = torch.where(finite, scalars, 0.0).clamp(-100, 100)
        numbers = torch.cat([scalars, finite.float(), data.constants, (state.pointers >= 0).float()], 1)
        return self.field(state.fields + self.offset).sum(1) + self.kind(data.kind) + self.number(numbers)

    def frame(self, data: Batch, edge_attr: Tensor) -> Frame:
        graph, b = data.batch, data.num_graphs
        rows, real = to_dense_batch(torch.arange(data.num_nodes), graph, batch_size=b)
        slots = (data.kind[:, None] == self.pointer_kind).nonzero()
        dense, used = to_dense_batch(slots, graph[slots[:, 0]], batch_size=b)
        holder, pointer = dense.unbind(2)
        slot = torch.full((data.num_nodes, self.counts[2]), -1)
        slot[slots[:, 0], slots[:, 1]] = torch.arange(used.shape[1]).expand_as(used)[used]
        may = self.may_hold[pointer[:, :, None], data.kind[rows][:, None]] & real[:, None]
        bias = torch.full(may.shape, NEVER, dtype=torch.float32).masked_fill(may, 0.0)
        local = torch.arange(data.num_nodes) - data.ptr[graph]
        frame = Frame(data, graph, local, rows, holder, pointer, used, slot, bias, edge_attr)
        frame.bias = self.add_edges(frame, bias, data.edge_index, edge_attr)
        return frame

    def add_edges(self, frame: Frame, scores: Tensor, edge_index: Tensor, edge_attr: Tensor) -> Tensor:
        """scores (B, S, R), each raised by what the edges between the slot's row and the other row say."""
        sender, receiver = edge_index
        _, s, r = scores.shape
        slot = frame.slot[receiver]
        at = ((frame.graph[receiver] * s)[:, None] + slot) * r + frame.local[sender][:, None]
        return scores.flatten().index_add(0, at[slot >= 0], self.edge(edge_attr)[slot >= 0]).view(scores.shape)

    def decode(self, frame: Frame, out: Tensor, edge_index: Tensor, edge_attr: Tensor) -> Prediction:
        """out (N, 3 * hidden), the edges of the current pointers -> Prediction."""
        fields, changes, writes, query, nil = self.out(out).split(self.widths, 1)
        fields = torch.cat([fields, fields.new_full((len(fields), 1), NEVER)], 1)[:, self.place]
        at = frame.holder * self.counts[2] + frame.pointer
        query = query.reshape(-1, self.key.out_features)[at]
        scores = query @ self.key(out)[frame.rows].transpose(1, 2) / query.shape[2] ** 0.5 + frame.bias
        scores = self.add_edges(frame, scores, edge_index, edge_attr)
        return Prediction(fields, changes, writes, torch.cat([nil.flatten()[at][:, :, None], scores], 2))

    @torch.no_grad()
    def write(self, frame: Frame, p: Prediction, state: State) -> State:
        """The next state: what is predicted, made discrete."""
        f, s, _ = self.counts
        fields, scalars, pointers = state.fields.clone(), state.scalars.clone(), state.pointers.clone()
        fields[:, :f] = torch.where(fields[:, :f] >= 0, p.fields.argmax(2), -1)
        old = torch.where(scalars[:, :s].isfinite(), scalars[:, :s], 0.0)
        written = (p.writes > 0) & (frame.data.kind[:, None] == self.scalar_kind)
        scalars[:, :s] = torch.where(written, old + p.changes * self.scale[:s], scalars[:, :s])
        chosen = p.pointers.argmax(2)
        chosen = torch.where(chosen > 0, chosen - 1 + frame.data.ptr[:-1, None], -1)
        pointers[frame.holder[frame.used], frame.pointer[frame.used]] = chosen[frame.used]
        return State(fields, scalars, pointers)


class Processor(MessagePassing):
    """Shared by all: z (N, 2 * hidden), edge_index (2, E), edge_attr (E, hidden) -> next hidden (N, hidden)."""

    def __init__(self, hidden: int):
        super().__init__(aggr="max")
        self.receiver, self.sender = _linear(2 * hidden, hidden), _linear(2 * hidden, hidden, bias=False)
        self.out = _linear(hidden, hidden)
        self.own, self.read = _linear(2 * hidden, hidden), _linear(hidden, hidden, bias=False)
        self.norm = nn.LayerNorm(hidden, dtype=torch.float32)

    def forward(self, z: Tensor, edge_index: Tensor, edge_attr: Tensor) -> Tensor:
        m = self.propagate(edge_index, x=(self.sender(z), self.receiver(z)), edge_attr=edge_attr)
        return self.norm(torch.relu(self.own(z) + self.read(m)))

    def message(self, x_i: Tensor, x_j: Tensor, edge_attr: Tensor) -> Tensor:
        return self.out(torch.relu(x_i + x_j + edge_attr))


class Baseline(nn.Module, Runner):
    """The baseline for some algorithms. Made by `train_baseline` or `Baseline.load`.

    layouts: each algorithm's registers; found from training traces where not given.
    """

    @own_defaults(grad=True)
    def __init__(self, algorithms: list[str], hidden: int = 64, seed: int = 0, layouts: list[Layout] | None = None):
        super().__init__()
        layouts = layouts or [Layout.observe(*draw_runs(a, seed, 100)) for a in algorithms]
        self.info: dict = {}  # how it was trained
        self.hidden, self.layouts = hidden, {x.algorithm: x for x in layouts}
        self.types = {t: i for i, t in enumerate(dict.fromkeys(t for x in layouts for t in x.edge_types))}
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.codecs = nn.ModuleDict({a: Codec(self.layouts[a], hidden) for a in algorithms})
            self.edge_type, self.edge_weight = _embedding(len(self.types), hidden), _linear(1, hidden, bias=False)
            self.processor = Processor(hidden)

    @property
    def algorithms(self) -> list[str]:
        return list(self.layouts)

    def spec(self, name: str) -> Spec:
        """The algorithm's declaration. Raises UnknownAlgorithmError."""
        if name not in self.layouts:
            raise UnknownAlgorithmError(f"this baseline does not know {name!r}{did_you_mean(name, self.layouts)}")
        return registry.get(name)

    def frame(self, algorithm: str, data: Batch) -> Frame:
        """Prepare a batch of graphs (of `graph_data`) for `forward`."""
        edge_attr = self.edge_type(data.edge_type) + self.edge_weight(data.edge_weight[:, None])
        return self.codec(algorithm).frame(data, edge_attr)

    def codec(self, algorithm: str) -> Codec:
        found = self.codecs[algorithm]
        assert isinstance(found, Codec)
        return found

    def forward(self, algorithm: str, frame: Frame, state: State, hidden: Tensor) -> tuple[Prediction, Tensor]:
        """One step: state and hidden (N, hidden) -> prediction of the next state, next hidden."""
        codec = self.codec(algorithm)
        names = [self.types[c.name + end] for end in ("", "~") for c in codec.layout.pointers]
        holder, p = (state.pointers >= 0).nonzero().unbind(1)
        target = state.pointers[holder, p]
        edge_index = torch.stack([torch.cat([target, holder]), torch.cat([holder, target])])
        edge_attr = self.edge_type(torch.tensor(names)[torch.cat([p, p + len(codec.layout.pointers)])])
        z = torch.cat([codec.encode(frame.data, state), hidden], 1)
        edges = torch.cat([frame.data.edge_index, edge_index], 1), torch.cat([frame.edge_attr, edge_attr])
        hidden = self.processor(z, *edges)
        return codec.decode(frame, torch.cat([z, hidden], 1), edge_index, edge_attr), hidden

    def execute(self, lays: list[Callable[[], Instance]]) -> list[Outcome]:
        """Execute an algorithm on what each of these lays out, one after another."""
        return [self._execute(lay()) for lay in lays]

    @own_defaults()
    def _execute(self, x: Instance) -> Outcome:
        spec, name = x.spec, x.spec.name
        layout = self.layouts[name]
        frame = self.frame(name, Batch.from_data_list([graph_data(x, layout, self.types)]))
        state = state_of(x, layout, [(x.ints, x.floats)])
        state = State(state.fields[:, 0], state.scalars[:, 0], state.pointers[:, 0])
        hidden, steps, cap = torch.zeros(x.size, self.hidden, dtype=torch.float32), 0, 2 * spec.ticks(*x.sizes[0]) + 8
        phase = [c.name for c in layout.fields].index("phase")
        hub, halt = int(x.hubs[0]), layout.phases.index(HALT)
        while (running := state.fields[hub, phase] != halt) and steps < cap:
            prediction, hidden = self(name, frame, state, hidden)
            state, steps = self.codec(name).write(frame, prediction, state), steps + 1
        _put(state, layout, x)
        return Outcome(read_outputs(x), not running, steps, x)

    @own_defaults()
    def save(self, directory: str | Path) -> None:
        """As `model.safetensors` and `config.json`."""
        directory = Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        layouts = [asdict(x) for x in self.layouts.values()]
        config = dict(format=FORMAT, algorithms=self.algorithms, hidden=self.hidden, layouts=layouts, info=self.info)
        write_tensors(directory / "model.safetensors", self.state_dict(), {"config": _digest(config)})
        write(directory / "config.json", json.dumps(config, indent=1).encode())

    @classmethod
    @own_defaults(grad=True)
    def load(cls, directory: str | Path) -> Baseline:
        """The inverse of `save`. Raises ModelError where the directory holds no baseline, a damaged one, one of
        another format, or of other registers, phases or layouts than the algorithms at hand have."""
        path = Path(directory)
        config = read_json(path / "config.json")
        need_format(path / "config.json", config.get("format"), FORMAT, "train the baseline again")
        tensors, metadata = load_tensors(path / "model.safetensors")
        with reading(f"{path}/config.json"):
            need(metadata.get("config") == _digest(config), "it is not the one that model.safetensors was saved with")
            names, hidden, info = config["algorithms"], config["hidden"], dict(config["info"])
            need(type(hidden) is int and 2 <= hidden <= 4096, f"hidden is {hidden!r}")
            layouts = [Layout.from_dict(d).verified() for d in config["layouts"]]
            need(len(set(names)) == len(names) and names == [x.algorithm for x in layouts], "other algorithms")
        model = cls(names, hidden, layouts=layouts)
        check_tensors(path / "model.safetensors", tensors, model.state_dict(), {})
        model.load_state_dict(tensors)
        model.info = info
        return model.eval()


def _digest(config: dict) -> str:
    parts = json.dumps([config[k] for k in ("algorithms", "hidden", "layouts")], sort_keys=True)
    return hashlib.sha256(parts.encode()).hexdigest()


def _put(state: State, layout: Layout, x: Instance) -> None:
    """Write the registers of a state into the instance."""
    columns = ((layout.fields, state.fields), (layout.scalars, state.scalars), (layout.pointers, state.pointers))
    for names, values in columns:
        for i, c in enumerate(names):
            rows = x.rows(c.kind)
            x.register(c.name)[rows] = values.numpy()[rows, i]


@training_defaults()
def train_baseline(
    algorithms: list[str],
    seed: int = 0,
    seconds: float = 120,
    traces: int = 100,
    progress: Callable[[BaselineProgress], bool | None] = lambda p: None,
) -> Baseline:
    """Train one network on `traces` runs of each algorithm, for `seconds`; the runs are drawn as the executor's are.

    `progress` is called after each update, and ends the training where it returns True.
    """
    drawn = {a: draw_runs(a, seed, traces) for a in algorithms}
    layouts = [Layout.observe(*d) for d in drawn.values()]
    model = Baseline(algorithms, seed=seed, layouts=layouts)
    data = {a: [trace_data(r, model.layouts[a], model.types) for r in runs] for a, (_, runs) in drawn.items()}
    done = fit(model, data, seed, seconds, progress)
    model.info = dict(seed=seed, traces=traces, updates=done.updates, seconds=done.seconds)
    return model.eval()
