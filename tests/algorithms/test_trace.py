"""What a trace offers: probes, as data, as JSON, on disk."""

import json
import math
from dataclasses import fields, replace

import networkx as nx
import numpy as np
import pytest

import algorithms
from algorithms import registry
from algorithms.errors import InputError
from algorithms.machine.probes import CATEGORICAL, GRAPH, HINT, INPUT, MASK, MASK_ONE, NODE, OUTPUT, POINTER, SCALAR
from algorithms.trace import ProbeData, Trace, lay_out

DTYPES = {SCALAR: np.float64, MASK: np.bool_, CATEGORICAL: np.int64, POINTER: np.int64, MASK_ONE: np.int64}


def traced(name, n=6, seed=0):
    spec = algorithms.get(name)
    data, arguments = spec.sample(np.random.default_rng(seed), n, spec.families["training"][0])
    return algorithms.trace(name, data, **arguments)


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


def test_an_input_is_a_hint_as_well_whether_it_changes_or_not():
    t = algorithms.trace("insertion_sort", [3.0])
    assert t.hints["key"].data.tolist() == [[3.0]] * (t.num_steps + 1)
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
    assert t.ends.tolist() == [[0, 0, 1], [1, 2, 2]] and t.cells.shape == (2, 0)


def test_rows_of_arcs_and_of_cells_say_what_they_join():
    t = algorithms.trace("max_flow", nx.DiGraph([("s", "t", {"capacity": 2.0})]), source="s", sink="t")
    assert t.ends.tolist() == [[0, 1], [1, 0]] and t.inputs["capacity"].data.tolist() == [2.0, 0.0] and t.directed
    t = algorithms.trace("lcs_length", ("ab", "b"))
    assert t.labels == [(0, 0), (0, 1), (1, 0)]
    assert t.cells.tolist() == [[-1, -1, 0, 0, 1, 1], [-1, 2, -1, 2, -1, 2]] and t.ends.shape == (2, 0)
    t = algorithms.trace("floyd_warshall", nx.DiGraph([(0, 1, {"weight": 3.0})]))
    assert t.cells.tolist() == [[0, 0, 1, 1], [0, 1, 0, 1]] and t.hints["weight"].data.shape[1] == 4


@pytest.mark.parametrize("name", algorithms.names())
def test_statics_are_all_that_the_layout_gives(name):
    spec = algorithms.get(name)
    for n, family in ((1, "held_out"), (7, "training")):
        data, arguments = spec.sample(np.random.default_rng(0), n, spec.families[family][0])
        x = lay_out(spec, data, arguments)
        t = algorithms.trace(name, data, **arguments)
        assert {*t.statics} == {*x.static, *x.constants} - {"hub", "tail", "head", "row", "column"}
        for key, p in t.statics.items():
            every = x.static[key] if p.type == POINTER else x.constants[key]
            elsewhere = np.delete(every, x.rows("hub" if p.location == GRAPH else p.location))
            assert (elsewhere == -1).all() if p.type == POINTER else np.isnan(elsewhere).all(), key


def test_a_trace_says_whether_its_graph_is_directed():
    assert not algorithms.trace("dfs", nx.path_graph(2)).directed
    assert algorithms.trace("dfs", nx.DiGraph([(0, 1)])).directed
    assert not algorithms.trace("minimum", [1.0]).directed


def test_a_graph_without_edges_has_weights_none_the_less():
    for graph in (nx.empty_graph(2), nx.empty_graph(1)):
        t = algorithms.trace("dijkstra", graph, source=0)
        assert t.edge_index.shape == (2, 0) and t.weight.shape == (0,) and t.weight.dtype == np.float64


@pytest.mark.parametrize("name", registry.suite("core"))
def test_probes_are_as_declared(name):
    spec, t = algorithms.get(name), traced(name)
    n, steps = len(t.labels), t.num_steps
    m = t.edge_index.shape[1] // 2 if "edge" in spec.structure.kinds else None
    rows = {"node": n, "edge": m, "hub": 1}
    declared = {s: {p.name for p in spec.probes if p.stage == s} for s in (INPUT, HINT, OUTPUT)}
    read = {"color"} if name == "bfs" else set()  # off which `reached` is read
    assert set(t.inputs) == declared[INPUT] and set(t.outputs) == declared[OUTPUT] | read
    assert list(t.hints) == [*(p.name for p in spec.probes), "phase"]
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


LABELS = [
    True, False, None, 0, 1, -1, 2**63, -(2**200), 10**5000, 1.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, "", "a\0",
    "\ud800", "日本", b"\xff", (), (True, (1, 1.0, None)),
]  # fmt: skip


@pytest.mark.parametrize("label", LABELS, ids=lambda v: repr(v)[:20] if v != 10**5000 else "5001 digits")
def test_labels_come_back_as_they_were(label, tmp_path):
    graph = nx.Graph()
    graph.add_edges_from([("x", "y")])
    t = replace(algorithms.trace("bfs", graph, source="x"), labels=[label, "y"])
    t.save(tmp_path / "t.npz")
    back = Trace.load(tmp_path / "t.npz")
    assert back == t and type(back.labels[0]) is type(label)
    if label == 0 and isinstance(label, float):
        assert math.copysign(1, back.labels[0]) == math.copysign(1, label)


@pytest.mark.parametrize("label", [np.int64(7), np.float32(0.5), np.str_("a"), np.bool_(True), (np.int8(1), 2)])
def test_numpys_labels_come_back_as_pythons(label, tmp_path):
    t = algorithms.trace("bfs", nx.Graph([(label, "y")]), source=label)
    t.save(tmp_path / "t.npz")
    back = Trace.load(tmp_path / "t.npz")
    assert back == t and back.index[label] == 0 and not isinstance(back.labels[0], np.generic)
    assert json.loads(json.dumps(t.to_dict()))["labels"][1] == "y"


class Word(str):
    pass


@pytest.mark.parametrize("label", [frozenset([1]), Word("a"), 1j, object, (1, frozenset())], ids=repr)
def test_labels_that_no_file_holds_are_refused_before_it_is_written(label, tmp_path):
    t = algorithms.trace("bfs", nx.Graph([("y", label)]), source=label)
    with pytest.raises(InputError, match=r"label of node 1, .*convert_node_labels_to_integers"):
        t.save(tmp_path / "t.npz")
    assert not (tmp_path / "t.npz").exists()
    if not isinstance(label, str):
        with pytest.raises(InputError, match="JSON"):
            t.to_dict()


# ---------------------------------------------------------------- equality
def test_traces_are_equal_by_value():
    graph = nx.Graph([("a", "b"), ("b", "c")])
    t, same = (algorithms.trace("bfs", graph, source="a") for _ in range(2))
    assert t == same and t.hints["color"] == same.hints["color"]
    assert t != algorithms.trace("bfs", graph, source="b") and t != "bfs" and t.hints["color"] != t.hints["parent"]
    with pytest.raises(TypeError, match="unhashable"):
        hash(t)


def other(t: Trace, name: str):
    """The same trace but for one thing."""
    value = getattr(t, name)
    if isinstance(value, np.ndarray):
        return replace(t, **{name: np.concatenate([value, value], -1) if value.size else value.astype(np.int32)})
    if isinstance(value, dict):
        key, p = next(iter(value.items()))
        changed = p.data.copy()
        changed.flat[-1] = changed.flat[-1] == 0
        return replace(t, **{name: value | {key: replace(p, data=changed)}})
    return replace(t, **{name: {str: "dfs", int: 7, bool: True, list: ["a", "b", True, 1]}[type(value)]})


def test_nothing_of_a_trace_is_left_out_of_the_comparison():
    graph = nx.Graph()
    graph.add_weighted_edges_from([("a", "b", 1.0), ("b", 1, 1.0), ("a", True, 2.0)])
    t = algorithms.trace("mst_kruskal", graph)
    for field in fields(Trace):
        assert other(t, field.name) != t, field.name
        assert other(t, field.name) == other(t, field.name)
    p = t.hints["state"]
    assert all(replace(p, **{k: v}) != p for k, v in (("values", ()), ("stage", OUTPUT), ("data", p.data[1:])))


def test_labels_count_with_their_type_and_what_is_undefined_is_equal():
    t = algorithms.trace("bfs", nx.path_graph(2), source=0)
    assert replace(t, labels=[True, 0]) != replace(t, labels=[1, 0])
    assert replace(t, labels=[(1, math.nan)]) == replace(t, labels=[(1, float("nan"))])
    p = ProbeData("x", HINT, NODE, SCALAR, np.array([[math.nan, math.inf]]))
    assert p == replace(p, data=p.data.copy()) and p != replace(p, data=-p.data)


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
@pytest.mark.parametrize("name", algorithms.names())
def test_saving_and_loading_gives_the_same_trace(name, tmp_path):
    t = traced(name)
    t.save(tmp_path / "t.npz")
    assert Trace.load(tmp_path / "t.npz") == t
    with np.load(tmp_path / "t.npz", allow_pickle=False) as f:
        assert all(f[k].dtype != object for k in f.files)


def test_a_file_may_have_any_name(tmp_path):
    t = traced("bfs")
    t.save(tmp_path / "trace")
    t.save(str(tmp_path / "trace.of.bfs"))
    assert Trace.load(tmp_path / "trace") == Trace.load(str(tmp_path / "trace.of.bfs")) == t
    assert sorted(p.name for p in tmp_path.iterdir()) == ["trace", "trace.of.bfs"]


def truncated(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def damaged(path):
    data = bytearray(path.read_bytes())
    data[60:100] = bytes(40)
    path.write_bytes(bytes(data))


def without_a_probe(path):
    with np.load(path) as f:
        arrays = {k: f[k] for k in f.files if k != "hints/color/rows"}
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


def as_the_first_version_wrote_it(path):
    with np.load(path) as f:
        arrays = {k: f[k] for k in f.files if k not in ("ends", "cells")}
    meta = json.loads(str(arrays["meta"]))
    old = {k: v for k, v in meta.items() if k not in ("format", "version", "directed")}
    old["probes"] = [[stage, name, stage[:-1], *rest] for stage, name, *rest in meta["probes"]]
    np.savez(path, **{**arrays, "meta": np.array(json.dumps(old))})


def with_meta(path, **changed):
    with np.load(path) as f:
        arrays = {k: f[k] for k in f.files}
    arrays["meta"] = np.array(json.dumps(json.loads(str(arrays["meta"])) | changed))
    np.savez(path, **arrays)


def test_a_file_of_another_format_is_refused_with_the_reason(tmp_path):
    path = tmp_path / "t.npz"
    traced("bfs").save(path)
    as_the_first_version_wrote_it(path)
    with pytest.raises(
        InputError,
        match=r"^\S*t\.npz is a trace of format 1, written by a version that .*reads format 3.*Make it again",
    ):
        Trace.load(path)
    traced("bfs").save(path)
    with_meta(path, format=9, version="9.8.7")
    with pytest.raises(
        InputError, match=r"^\S*t\.npz is a trace of format 9, written by neural-exec 9\.8\.7; .*Make it again"
    ):
        Trace.load(path)


def test_a_file_whose_arrays_are_not_as_it_says_is_refused(tmp_path):
    path = tmp_path / "t.npz"
    traced("bfs").save(path)
    with np.load(path) as f:
        arrays = {k: f[k] for k in f.files}
    for name, wrong in (
        ("hints/color/first", arrays["hints/color/first"][None]),
        ("hints/color/ticks", arrays["hints/color/ticks"] - 1),
        ("hints/color/rows", arrays["hints/color/rows"] + 9),
        ("hints/parent/rows", arrays["hints/parent/rows"][:1]),
        ("hints/parent/values", arrays["hints/parent/values"] + 0.5),
        ("hints/parent/ticks", arrays["hints/parent/ticks"][::-1]),
        ("outputs/parent", arrays["outputs/parent"] + 0.5),
    ):
        np.savez(path, **{**arrays, name: wrong})
        with pytest.raises(InputError, match=f"no trace saved by Trace.save: {name.split('/')[1]}"):
            Trace.load(path)


def test_probe_data_is_a_value():
    with pytest.raises(AttributeError):
        ProbeData("x", HINT, NODE, SCALAR, np.zeros(1)).name = "y"
