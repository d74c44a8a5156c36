"""What a trace offers: probes, as data, as JSON, on disk."""

import json

import networkx as nx
import numpy as np
import pytest

import algorithms
from algorithms import registry
from algorithms.errors import InputError
from algorithms.spec import CATEGORICAL, GRAPH, HINT, INPUT, MASK, MASK_ONE, NODE, OUTPUT, POINTER, SCALAR
from algorithms.trace import ProbeData, Trace

DTYPES = {SCALAR: np.float64, MASK: np.bool_, CATEGORICAL: np.int64, POINTER: np.int64, MASK_ONE: np.int64}


def traced(name, n=6, seed=0):
    spec = algorithms.get(name)
    data, arguments = spec.sample(np.random.default_rng(seed), n, spec.families["training"][0])
    return algorithms.trace(name, data, **arguments)


def assert_same(a: Trace, b: Trace):
    assert (a.algorithm, a.labels, a.num_steps) == (b.algorithm, b.labels, b.num_steps)
    assert [type(v) for v in a.labels] == [type(v) for v in b.labels]
    arrays = [(a.edge_index, b.edge_index), (a.weight, b.weight)]
    for stage in ("inputs", "hints", "outputs"):
        ours, theirs = getattr(a, stage), getattr(b, stage)
        assert list(ours) == list(theirs)
        for p, q in zip(ours.values(), theirs.values()):
            assert (p.name, p.stage, p.location, p.type, p.values) == (q.name, q.stage, q.location, q.type, q.values)
            arrays.append((p.data, q.data))
    for x, y in arrays:
        assert (x is None and y is None) or (x.dtype == y.dtype and np.array_equal(x, y, equal_nan=x.dtype.kind == "f"))


# ---------------------------------------------------------------- content
def test_a_trace_of_bfs_step_by_step():
    t = algorithms.trace("bfs", nx.Graph([("a", "b"), ("b", "c")]), source="b")
    assert t.edge_index.tolist() == [[1, 0, 2, 1], [0, 1, 1, 2]] and t.weight is None
    assert t.inputs["source"].data.tolist() == [1]
    assert t.hints["color"].values == ("white", "grey", "black")
    assert t.hints["color"].data.tolist() == [[0, 0, 0], [0, 1, 0], [1, 2, 1], [2, 2, 2], [2, 2, 2]]
    assert t.hints["parent"].data.tolist() == [[-1, -1, -1], [-1, -1, -1], [1, -1, 1], [1, -1, 1], [1, -1, 1]]
    assert t.hints["phase"].values == ("start", "halt", "bfs.init", "bfs.spread")
    assert t.hints["phase"].data.tolist() == [[0], [2], [3], [3], [1]]
    assert t.outputs["parent"].data.tolist() == [1, -1, 1]


def test_a_trace_of_a_list_has_no_edges_and_its_numbers_as_input():
    t = algorithms.trace("minimum", [3.0, 1.0, 2.0])
    assert t.edge_index.shape == (2, 0) and t.weight is None and t.labels == [0, 1, 2]
    assert t.inputs["key"].data.tolist() == [3.0, 1.0, 2.0] and t.outputs["min"].data.tolist() == [1]
    assert t.hints["i"].data.tolist() == [[-1], [1], [2], [-1], [-1]]


def test_an_input_that_changes_is_a_hint_as_well():
    t = algorithms.trace("insertion_sort", [3.0, 1.0, 2.0])
    assert t.inputs["key"].data.tolist() == t.hints["key"].data[0].tolist() == [3.0, 1.0, 2.0]
    assert t.hints["key"].stage == "hint" and t.hints["key"].data[-1].tolist() == [1.0, 2.0, 3.0]
    assert t.outputs["item"].data.tolist() == [1, 2, 0]


def test_edges_come_both_ways_with_their_weight_or_one_way():
    graph = nx.Graph()
    graph.add_weighted_edges_from([("a", "b", 2.0), ("b", "c", 1.0)])
    t = algorithms.trace("dijkstra", graph, source="a")
    edges = {(int(u), int(v)): w for (u, v), w in zip(t.edge_index.T, t.weight)}
    assert edges == {(0, 1): 2.0, (1, 0): 2.0, (1, 2): 1.0, (2, 1): 1.0}
    t = algorithms.trace("dijkstra", graph.to_directed(as_view=True).edge_subgraph([("a", "b")]), source="a")
    assert t.edge_index.tolist() == [[0], [1]] and t.weight.tolist() == [2.0]


def test_registers_of_edges_are_hints_over_edges():
    graph = nx.Graph()
    graph.add_weighted_edges_from([(0, 1, 4.0), (0, 2, 1.0), (2, 1, 2.0)])
    t = algorithms.trace("mst_kruskal", graph)
    assert t.inputs["weight"].data.tolist() == [4.0, 1.0, 2.0]
    assert [t.outputs["state"].values[i] for i in t.outputs["state"].data] == ["rejected", "taken", "taken"]
    assert t.hints["e"].data.max() == 3 + 2  # an edge's index comes after the nodes'


@pytest.mark.parametrize("name", registry.suite("core"))
def test_probes_are_as_declared(name):
    spec, t = algorithms.get(name), traced(name)
    n, steps = len(t.labels), t.num_steps
    m = t.edge_index.shape[1] // 2 if "edge" in spec.structure.kinds else None
    rows = {"node": n, "edge": m, "hub": 1}
    declared = {s: {p.name for p in spec.probes if p.stage == s} for s in (INPUT, HINT, OUTPUT)}
    assert set(t.inputs) == declared[INPUT] and set(t.outputs) == declared[OUTPUT]
    assert declared[HINT] | declared[OUTPUT] | {"phase"} <= set(t.hints)
    for stage, probes in ((INPUT, t.inputs), (HINT, t.hints), (OUTPUT, t.outputs)):
        for key, p in probes.items():
            own = spec.by_name.get(key)
            if own is None:
                assert (key, p.location, p.type) == ("phase", GRAPH, CATEGORICAL)
            else:
                assert (p.location, p.type, p.values) == (own.location, own.type, tuple(map(str, own.values)))
            assert (p.name, p.stage, p.data.dtype) == (key, stage, DTYPES[p.type])
            count = 1 if own is None else rows[own.kind]
            assert p.data.shape == ((steps + 1, count) if stage == HINT else (count,))
            if p.type == CATEGORICAL:
                assert p.data.min() >= 0 and p.data.max() < len(p.values)
            if p.type in (POINTER, MASK_ONE):
                assert p.data.min() >= -1 and p.data.max() < n + (m or 0)
    for key, p in t.outputs.items():
        assert np.array_equal(p.data, t.hints[key].data[-1], equal_nan=p.type == SCALAR)


@pytest.mark.parametrize("name", registry.suite("core"))
def test_the_phase_leads_from_start_to_halt(name):
    phase = traced(name).hints["phase"]
    words = [phase.values[i] for i in phase.data[:, 0]]
    assert words[0] == "start" and words[-1] == "halt" and not {"start", "halt"} & set(words[1:-1])


@pytest.mark.parametrize("labels", [["b", "a", "c"], [(0, 1), (0, 0), (1, 0)], [2, "x", (1, (2, "y"))], [1.5, -1, "z"]])
def test_labels_lead_to_indices_and_back(labels, tmp_path):
    graph = nx.path_graph(3)
    t = algorithms.trace("bfs", nx.relabel_nodes(graph, dict(enumerate(labels))), source=labels[0])
    assert t.labels == labels and t.index == {v: i for i, v in enumerate(labels)}
    t.save(tmp_path / "t.npz")
    assert Trace.load(tmp_path / "t.npz").labels == labels
    assert Trace.load(tmp_path / "t.npz").index == t.index


def test_labels_of_other_types_are_saved_as_their_repr(tmp_path):
    v = frozenset([1])
    algorithms.trace("bfs", nx.Graph([(v, np.int64(7))]), source=v).save(tmp_path / "t.npz")
    assert Trace.load(tmp_path / "t.npz").labels == ["frozenset({1})", 7]


def test_repr_tells_what_there_is():
    t = algorithms.trace("minimum", [3.0, 1.0, 2.0])
    assert repr(t) == "Trace('minimum', 3 nodes, 4 steps; inputs: key; hints: i, min, phase; outputs: min)"
    assert repr(t.inputs["key"]) == "key: input node scalar float64[3]"
    assert repr(t.hints["min"]) == "min: hint node mask_one int64[5, 1]"
    assert "inputs: none" in repr(algorithms.trace("dfs", nx.path_graph(2)))


# ---------------------------------------------------------------- JSON
@pytest.mark.parametrize("name", registry.suite("core"))
def test_a_trace_is_json_without_nan(name):
    t = traced(name)
    data = json.loads(json.dumps(t.to_dict(), allow_nan=False))
    assert data["algorithm"] == name and data["labels"] == t.labels and data["num_steps"] == t.num_steps
    assert data["edge_index"] == t.edge_index.tolist()
    for stage in ("inputs", "hints", "outputs"):
        for key, p in getattr(t, stage).items():
            got = data[stage][key]
            assert (got["stage"], got["location"], got["type"]) == (p.stage, p.location, p.type)
            assert tuple(got["values"]) == p.values
            back = np.array(got["data"], float if p.type == SCALAR else None).reshape(p.data.shape)
            assert np.array_equal(back, p.data, equal_nan=p.type == SCALAR)


def test_infinities_are_words_in_json():
    data = algorithms.trace("dijkstra", nx.empty_graph(2), source=0).to_dict()
    assert data["outputs"]["distance"]["data"] == [0.0, "inf"]
    data = algorithms.trace("mst_prim", nx.empty_graph(1), source=0).to_dict()
    assert data["hints"]["key"]["data"][:2] == [["inf"], ["-inf"]]


# ---------------------------------------------------------------- on disk
@pytest.mark.parametrize("name", registry.suite("core"))
def test_saving_and_loading_gives_the_same_trace(name, tmp_path):
    t = traced(name)
    t.save(tmp_path / "t.npz")
    assert_same(Trace.load(tmp_path / "t.npz"), t)
    with np.load(tmp_path / "t.npz", allow_pickle=False) as f:
        assert all(f[k].dtype != object for k in f.files)


def test_a_file_may_have_any_name(tmp_path):
    t = traced("bfs")
    t.save(tmp_path / "trace")
    t.save(str(tmp_path / "trace.of.bfs"))
    assert_same(Trace.load(tmp_path / "trace"), Trace.load(str(tmp_path / "trace.of.bfs")))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["trace", "trace.of.bfs"]


def truncated(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def damaged(path):
    data = bytearray(path.read_bytes())
    data[60:100] = bytes(40)
    path.write_bytes(bytes(data))


def without_a_probe(path):
    with np.load(path) as f:
        arrays = {k: f[k] for k in f.files if k != "hints/color"}
    np.savez(path, **arrays)


BROKEN = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "truncated": truncated,
    "damaged": damaged,
    "without a probe": without_a_probe,
    "text": lambda path: path.write_text("not a trace\n"),
    "array": lambda path: np.save(path.open("wb"), np.ones(3)),
    "other arrays": lambda path: np.savez(path, a=np.ones(3)),
    "foreign meta": lambda path: np.savez(path, meta=np.array("[1, 2]")),
    "meta that is not json": lambda path: np.savez(path, meta=np.array("{")),
    "pickle": lambda path: np.savez(path, meta=np.array([{}], object)),
    "folder": lambda path: path.unlink() or path.mkdir(),
}


@pytest.mark.parametrize("harm", BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_no_trace_is_refused(harm, tmp_path):
    path = tmp_path / "t.npz"
    traced("bfs").save(path)
    harm(path)
    with pytest.raises(InputError, match=r"t\.npz is no trace saved by Trace\.save: "):
        Trace.load(path)


def test_probe_data_is_a_value():
    with pytest.raises(AttributeError):
        ProbeData("x", HINT, NODE, SCALAR, np.zeros(1)).name = "y"
