"""The baseline: batches of unequal graphs, training, running, saving."""

import json

import networkx as nx
import numpy as np
import pytest
import torch
from torch_geometric.data import Batch

from algorithms import registry
from algorithms.errors import ArgumentError, InputError, UnknownAlgorithmError
from algorithms.trace import lay_out
from neural_exec.errors import ModelError
from neural_exec.files import write_tensors
from neural_exec.gnn import mpnn as baseline
from neural_exec.gnn.mpnn import BUNDLED, Baseline, train_baseline
from neural_exec.gnn.mpnn_training import (  # fmt: skip
    Layout,
    State,
    draw_batch,
    draw_runs,
    fit,
    graph_data,
    loss,
    state_of,
    trace_data,
)

NAMES = ["bfs", "mst_kruskal", "minimum"]


def fresh(name, seed=0, n=9):
    spec = registry.get(name)
    data, arguments = spec.sample(np.random.default_rng(seed), n, spec.families["training"][0])
    return spec, data, arguments


@pytest.fixture(scope="module")
def drawn():
    return {a: draw_runs(a, 0, 12) for a in registry.suite("core")}


@pytest.fixture(scope="module")
def model(drawn):
    return Baseline(list(drawn), hidden=16, layouts=[Layout.observe(*d) for d in drawn.values()]).eval()


def start(model, name, instances):
    """Frame, state and hidden of a batch of instances at their start."""
    layout, states, offset = model.layouts[name], [], 0
    for x in instances:
        s = state_of(x, layout, [(x.ints, x.floats)])
        pointers = torch.where(s.pointers >= 0, s.pointers + offset, -1)
        states.append(State(s.fields[:, 0], s.scalars[:, 0], pointers[:, 0]))
        offset += x.size
    frame = model.frame(name, Batch.from_data_list([graph_data(x, layout, model.types) for x in instances]))
    state = State(*(torch.cat([getattr(s, k) for s in states]) for k in ("fields", "scalars", "pointers")))
    return frame, state, torch.zeros(offset, model.hidden)


@pytest.mark.parametrize("name", registry.suite("core"))
@torch.no_grad()
def test_a_batch_of_unequal_graphs_is_each_of_them_alone(model, name):
    def steps(instances):
        frame, state, hidden = start(model, name, instances)
        for _ in range(3):
            prediction, hidden = model(name, frame, state, hidden)
            state = model.codecs[name].write(frame, prediction, state)
        return state, hidden

    instances = []
    for i, n in enumerate((1, 5, 12)):
        spec, data, arguments = fresh(name, i, n)
        instances.append(lay_out(spec, data, arguments))
    together, hidden = steps(instances)
    offset = 0
    for x in instances:
        alone, own = steps([x])
        rows = slice(offset, offset + x.size)
        torch.testing.assert_close(hidden[rows], own, rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(together.scalars[rows], alone.scalars, rtol=1e-3, atol=1e-4, equal_nan=True)
        assert torch.equal(together.fields[rows], alone.fields)
        assert torch.equal(torch.where(alone.pointers >= 0, alone.pointers + offset, -1), together.pointers[rows])
        offset += x.size


@pytest.mark.parametrize("name", registry.suite("core"))
def test_every_algorithm_trains_and_runs(model, drawn, name):
    layout, rng = model.layouts[name], np.random.default_rng(0)
    data = [trace_data(r, layout, model.types) for r in drawn[name][1]]
    batch = draw_batch(data, rng, graphs=4, length=4)
    assert batch.fields.shape[1] == batch.alive.shape[1] + 1 <= 5
    value = loss(model, name, batch, rng)
    value.backward()
    assert value.isfinite() and all(p.grad.isfinite().all() for p in model.processor.parameters())
    model.zero_grad()
    spec, x, arguments = fresh(name, n=4)
    rollout = model.run(name, x, **arguments)
    spec.check(rollout.outputs, x, **arguments)
    assert list(rollout.outputs) == list(spec.outputs) and rollout.unseen_contexts is None


def test_a_window_follows_the_trace(drawn):
    recording, runs = drawn["mst_kruskal"]
    layout, run = Layout.observe(recording, runs), max(runs, key=lambda r: r.ticks)
    types = {t: i for i, t in enumerate(layout.edge_types)}
    whole = trace_data(run, layout, types)
    batch = draw_batch([whole], np.random.default_rng(1), graphs=5, length=8)
    assert batch.alive.all() and batch.num_graphs == 5
    windows = whole.fields.unfold(1, 9, 1).permute(1, 0, 3, 2)
    for i in range(5):
        assert (batch[i].fields == windows).flatten(1).all(1).any()


def test_loss_falls(drawn):
    names, seen = ["bfs", "minimum"], []
    model = Baseline(names, hidden=16, layouts=[Layout.observe(*drawn[a]) for a in names])
    data = {a: [trace_data(r, model.layouts[a], model.types) for r in drawn[a][1]] for a in names}

    def progress(p):
        seen.append(sum(p.losses.values()))
        return p.updates == 50

    fit(model, data, seed=0, seconds=600, progress=progress)
    assert len(seen) == 50 and seen[-1] < 0.8 * seen[1]


def test_train_and_run_in_the_callers_labels():
    model = train_baseline(["bfs"], seconds=1.0, traces=10)
    graph = nx.relabel_nodes(nx.path_graph(5), dict(enumerate("abcde")))
    rollout = model.run("bfs", graph, source="c")
    assert set(rollout.outputs["parent"]) == set("abcde")
    assert set(rollout.outputs["parent"].values()) <= {*"abcde", None}
    assert set(rollout.outputs["reached"].values()) <= {True, False}


def halting(model, name, logit):
    """The model with the logit of `halt` raised."""
    codec = model.codecs[name]
    layout = codec.layout
    field = [c.name for c in layout.fields].index("phase")
    with torch.no_grad():
        codec.out.bias[codec.place[field, layout.phases.index("halt")]] += logit
    return model


def test_the_network_decides_when_to_halt(drawn):
    make = lambda: Baseline(["bfs"], hidden=16, layouts=[Layout.observe(*drawn["bfs"])])
    spec, graph, arguments = fresh("bfs")
    never = halting(make(), "bfs", -1e6).run("bfs", graph, **arguments)
    assert not never.halted and never.num_steps == 2 * spec.ticks(len(graph), graph.number_of_edges()) + 8
    once = halting(make(), "bfs", 1e6).run("bfs", graph, **arguments)
    assert once.halted and once.num_steps == 1


def test_saved_and_loaded_is_the_same(model, tmp_path):
    model.save(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"model.safetensors", "config.json"}
    loaded = Baseline.load(tmp_path)
    assert loaded.layouts == model.layouts and loaded.algorithms == model.algorithms
    for name in NAMES:
        _, data, arguments = fresh(name)
        assert loaded.run(name, data, **arguments) == model.run(name, data, **arguments)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="config.json"):
        Baseline.load(tmp_path)


@pytest.mark.parametrize("forged", [False, True])
def test_a_mutated_baseline_is_refused_or_harmless(model, tmp_path, forged):
    """Its config, at random; with the checksum made anew too."""
    model.save(tmp_path)
    whole, tensors, refused = (tmp_path / "config.json").read_text(), model.state_dict(), 0
    for seed in range(60):
        rng, config = np.random.default_rng(seed), json.loads(whole)
        at, key = config, str(rng.choice(["algorithms", "hidden", "layouts", "info"], p=[0.1, 0.1, 0.7, 0.1]))
        while isinstance(at[key], dict | list) and at[key] and rng.random() < 0.85:
            at = at[key]
            key = sorted(at)[rng.integers(len(at))] if isinstance(at, dict) else int(rng.integers(len(at)))
        if rng.random() < 0.2 and isinstance(at, list):
            at.reverse()
        else:
            at[key] = [None, -1, 2, "x", [], {}, 1.5, True, ["x"]][rng.integers(9)]
        (tmp_path / "config.json").write_text(json.dumps(config))
        if forged:
            write_tensors(tmp_path / "model.safetensors", tensors, {"config": baseline._digest(config)})
        try:
            loaded = Baseline.load(tmp_path)
        except ModelError:
            refused += 1
            continue
        for name in NAMES:
            _, data, arguments = fresh(name)
            rollout = loaded.run(name, data, **arguments)
            assert forged or rollout == model.run(name, data, **arguments), seed
    assert refused > 40


def test_the_seed_decides(drawn):
    layouts = [Layout.observe(*drawn["bfs"])]
    weights = [Baseline(["bfs"], 16, seed, layouts).state_dict()["edge_type.weight"] for seed in (0, 0, 1)]
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])


def test_input_outside_the_contract(model):
    with pytest.raises(UnknownAlgorithmError, match="did you mean 'bfs'"):
        model.run("bfss", nx.path_graph(2), source=0)
    with pytest.raises(ArgumentError, match="needs source"):
        model.run("bfs", nx.path_graph(2))
    with pytest.raises(InputError, match="not in the graph"):
        model.run("bfs", nx.path_graph(2), source=5)


def test_the_shipped_one_loads_and_runs():
    model = Baseline.load(BUNDLED)
    assert model.algorithms == registry.suite("core")
    for name in model.algorithms:
        spec, data, arguments = fresh(name, n=5)
        assert model.run(name, data, **arguments).outputs.keys() == spec.outputs.keys()
