"""The last rung: the field's usual network, told inputs, outputs and the number of ticks, and no state in between.

The baseline's network (`neural_exec.gnn.mpnn`) takes as many steps as the program takes ticks, from the input's
registers, with its hidden state alone changing; then the output registers are read off. Nothing else is compared with
the program. The number of ticks is told in execution, too: halting is not asked of it.
"""

from __future__ import annotations

import time
from types import SimpleNamespace

import torch
from torch_geometric.data import Batch, Data

from algorithms import registry
from algorithms.contexts import draw
from algorithms.recording.record import Recording, Run, record
from algorithms.trace import lay_out, read_outputs
from neural_exec.examples import MAX_NODES, rng_of
from neural_exec.gnn.mpnn import Baseline, Frame, Prediction, _put
from neural_exec.gnn.mpnn_training import Layout, State, fit, graph_data, state_of

TRACES, TICKS, SECONDS = 300, 40, 360


class EndToEnd(Baseline):
    """One call is a whole run: `ticks` steps from the same registers, and the prediction after them."""

    def forward(self, algorithm: str, frame: Frame, state: State, hidden: torch.Tensor) -> tuple[Prediction, None]:
        codec = self.codecs[algorithm]
        names = [self.types[c.name + end] for end in ("", "~") for c in codec.layout.pointers]
        holder, p = (state.pointers >= 0).nonzero().unbind(1)
        target = state.pointers[holder, p]
        edge_index = torch.stack([torch.cat([target, holder]), torch.cat([holder, target])])
        edge_attr = self.edge_type(torch.tensor(names)[torch.cat([p, p + len(codec.layout.pointers)])])
        edges = torch.cat([frame.data.edge_index, edge_index], 1), torch.cat([frame.edge_attr, edge_attr])
        inputs, ticks = codec.encode(frame.data, state), frame.data.ticks
        for t in range(int(ticks.max())):
            running = (t < ticks)[frame.graph, None]
            hidden = torch.where(running, self.processor(torch.cat([inputs, hidden], 1), *edges), hidden)
        out = torch.cat([inputs, hidden, hidden], 1)
        return codec.decode(frame, out, edge_index, edge_attr), hidden

    @torch.no_grad()
    def run(self, name: str, data=None, **inputs) -> SimpleNamespace:
        spec, layout = registry.get(name), self.layouts[name]
        ticks = record(spec, lay_out(spec, data, inputs), Recording(spec), states=False).ticks
        x = lay_out(spec, data, inputs)
        graph = graph_data(x, layout, self.types)
        graph.ticks = torch.tensor([ticks])
        frame = self.frame(name, Batch.from_data_list([graph]))
        state = state_of(x, layout, [(x.ints, x.floats)])
        state = State(state.fields[:, 0], state.scalars[:, 0], state.pointers[:, 0])
        prediction, _ = self(name, frame, state, torch.zeros(x.size, self.hidden))
        _put(self.codecs[name].write(frame, prediction, state), layout, x)
        return SimpleNamespace(outputs=read_outputs(x), halted=True)


def task(run: Run, layout: Layout, types: dict[str, int]) -> Data:
    """A run as two states: the input, and the same with those registers of the end that the answers are read from."""
    x = run.instance
    (ints, floats), (last_ints, last_floats) = run.states[0], run.states[-1]
    ints, floats = ints.copy(), floats.copy()
    read = {value for answer in x.spec.outputs.values() for value in vars(answer).values() if isinstance(value, str)}
    for p in x.spec.probes:
        if p.name in read:
            names, end, last = (
                (x.float_names, floats, last_floats) if p.register == "scalar" else (x.int_names, ints, last_ints)
            )
            end[names.index(p.name)] = last[names.index(p.name)]
    data, state = graph_data(x, layout, types), state_of(x, layout, [run.states[0], (ints, floats)])
    data.fields, data.scalars, data.pointers = state.fields, state.scalars, state.pointers
    data.ticks = torch.tensor([run.ticks])
    return data


def examples(algorithm: str, seed: int, traces: int) -> tuple[Layout, list[Run]]:
    """Runs of at most `TICKS` ticks and 16 nodes."""
    spec, rng = registry.get(algorithm), rng_of("outputs", algorithm, seed)
    recording, families, runs = Recording(spec), spec.families["training"], []
    for i in range(20 * traces):
        n = int(rng.integers(1, MAX_NODES + 1))
        run, _, _ = draw(spec, recording, rng, n, families[i % len(families)])
        if run.ticks <= TICKS:
            runs.append(run)
        if len(runs) == traces:
            break
    return Layout.observe(recording, runs), runs


def measure(seed: int, graphs: int, exactness, quick: bool = False) -> dict:
    """Train on the core suite jointly, execute at 16 and at 64."""
    names, traces, seconds = registry.suite("core"), TRACES, SECONDS
    if quick:
        names, traces, seconds = ["bfs", "minimum"], 20, 5
    start = time.monotonic()
    drawn = {a: examples(a, seed, traces) for a in names}
    model = EndToEnd(names, seed=seed, layouts=[layout for layout, _ in drawn.values()])
    data = {a: [task(r, layout, model.types) for r in runs] for a, (layout, runs) in drawn.items()}
    done = fit(model, data, seed, seconds)
    model.eval()
    training = dict(updates=done.updates, seconds=done.seconds, losses=done.losses)
    result = dict(traces={a: len(x) for a, x in data.items()}, seed=seed, training=training)
    result["prepare_seconds"] = time.monotonic() - start - done.seconds
    result["exact_16"] = exactness(model.run, names, seed, graphs, 16)
    result["exact"] = exactness(model.run, names, seed, graphs)
    return result
