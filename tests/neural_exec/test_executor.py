"""Calling executors: answers in the caller's labels, traces, stopping, what is reported, and that nothing else computes."""

import math
import sys

import networkx as nx
import numpy as np
import pytest

import algorithms
import neural_exec
from algorithms import registry
from algorithms.inputs.lists import Sequence
from neural_exec.errors import (  # fmt: skip
    ArgumentError,
    GraphError,
    InputError,
    NeuralExecError,
    UnknownAlgorithmError,
)
from neural_exec.examples import MAX_NODES, rng_of
from neural_exec.executor import Executor

FIVE = ["bfs", "dijkstra", "minimum", "insertion_sort", "heapsort"]
CORE = registry.suite("core")
NODES = {"parent", "component", "order", "edges"}  # outputs that say nodes; the others say values of nodes


def data_of(spec, size, family, *seed):
    return spec.sample(rng_of("test", spec.name, size, family, *seed), size, family)


def families_of(spec):
    return [*spec.families["training"], *spec.families["held_out"]]


def is_list(name):
    return isinstance(registry.get(name).structure, Sequence)


GRAPHS = [a for a in CORE if not is_list(a)]
LISTS = [a for a in CORE if is_list(a)]


def graph_for(name, edges, nodes=(), weight=1.0):
    """(graph, arguments) of the kind that an algorithm takes; edges (u, v[, weight]) point up where it must be acyclic."""
    spec = registry.get(name)
    graph = nx.DiGraph() if spec.structure.directed else nx.Graph()
    graph.add_nodes_from(nodes)
    graph.add_weighted_edges_from(e if len(e) == 3 else (*e, weight) for e in edges)
    return graph, {"source": next(iter(graph))} if "source" in spec.inputs else {}


def assert_right(executor, name, data, arguments, **more):
    rollout = executor.run(name, data, **arguments, **more)
    right = registry.get(name).check(rollout.outputs, data, **arguments, **more)
    assert rollout.halted and all(all(x) for x in right.values()), f"{rollout}: {rollout.outputs} on {data}"
    return rollout


# ---------------------------------------------------------------- answers
def test_answers(trained):
    graph = nx.Graph([("a", "b"), ("b", "c"), ("d", "e")])
    assert trained.run("bfs", graph, source="a").outputs == {
        "parent": {"a": None, "b": "a", "c": "b", "d": None, "e": None},
        "reached": {"a": True, "b": True, "c": True, "d": False, "e": False},
    }
    graph = nx.Graph()
    graph.add_weighted_edges_from([("a", "b", 4.0), ("a", "c", 1.0), ("c", "b", 2.0)])
    graph.add_node("far")
    assert trained.run("dijkstra", graph, source="a").outputs == {
        "distance": {"a": 0.0, "b": 3.0, "c": 1.0, "far": math.inf},
        "parent": {"a": None, "b": "c", "c": "a", "far": None},
    }
    assert trained.run("minimum", [3.0, 1.0, 1.0]).outputs == {"index": 1}
    assert trained.run("insertion_sort", [2, 1, 2, 1]).outputs == {"order": [1, 3, 0, 2]}
    assert trained.run("minimum", (5,)).outputs == {"index": 0}
    assert trained.run("minimum", np.array([2.0, 1.0])).outputs == {"index": 1}


def test_executor_describes_itself(trained):
    assert trained.algorithms == FIVE
    assert repr(trained) == "Executor(5 algorithms: bfs, dijkstra, minimum, insertion_sort, heapsort)"
    assert trained.spec("bfs") is registry.get("bfs")
    rollout = trained.run("minimum", [1.0, 2.0])
    assert repr(rollout) == (
        f"Rollout('minimum', halted after {rollout.num_steps} steps, outputs: index; "
        f"{rollout.unseen_contexts} of {rollout.contexts} contexts unseen in training)"
    )


class Thing:
    """A label that only knows itself."""


@pytest.mark.parametrize("name", ["bfs", "dijkstra"])
def test_labels_of_any_hashable_kind(trained, name):
    spec = registry.get(name)
    graph, arguments = data_of(spec, 17, "erdos_renyi", "labels")
    kinds = [lambda i: ("t", i), lambda i: f"s{i}", lambda i: frozenset({i}), lambda i: Thing(), lambda i: i + 0.5]
    label = {v: kinds[i % 5](i) for i, v in enumerate(graph)}
    plain = trained.run(name, graph, **arguments).outputs
    other = nx.relabel_nodes(graph, label)
    ours = trained.run(name, other, source=label[arguments["source"]]).outputs
    label[None] = None
    for output, answer in plain.items():
        assert ours[output] == {label[v]: label[x] if output in NODES else x for v, x in answer.items()}


# ---------------------------------------------------------------- batches
def test_a_batch_is_its_graphs_one_by_one(trained):
    spec = registry.get("dijkstra")
    drawn = [data_of(spec, n, f) for n, f in ((1, "tree"), (12, "erdos_renyi"), (30, "grid"), (5, "disconnected"))]
    graphs, sources = [g for g, _ in drawn], [a["source"] for _, a in drawn]
    batch = trained.run_batch("dijkstra", graphs, source=sources)
    assert len(batch) == 4
    for graph, source, ours in zip(graphs, sources, batch):
        alone = trained.run("dijkstra", graph, source=source)
        assert ours.outputs == alone.outputs and ours.num_steps == alone.num_steps
        assert (ours.halted, ours.contexts, ours.unseen_contexts) == (True, alone.contexts, alone.unseen_contexts)


def test_a_batch_takes_one_value_for_all_and_any_iterable(trained):
    lists = ([x, 0.0, 1.0] for x in (2.0, -1.0))
    assert [r.outputs["index"] for r in trained.run_batch("minimum", lists)] == [1, 0]
    graphs = [nx.path_graph(4), nx.star_graph(3)]
    parents = [r.outputs["parent"] for r in trained.run_batch("bfs", graphs, source=0)]
    assert parents == [{0: None, 1: 0, 2: 1, 3: 2}, {0: None, 1: 0, 2: 0, 3: 0}]
    for g in graphs:
        nx.set_edge_attributes(g, 2.0, "cost")
    ours = trained.run_batch("dijkstra", graphs, source=[3, 0], weight="cost")
    assert [r.outputs["distance"] for r in ours] == [{0: 6.0, 1: 4.0, 2: 2.0, 3: 0.0}, {0: 0.0, 1: 2.0, 2: 2.0, 3: 2.0}]
    assert trained.run_batch("minimum", []) == []


def test_a_batch_needs_an_entry_for_each(trained):
    with pytest.raises(ArgumentError, match="source has 1 entries for 2 graphs"):
        trained.run_batch("bfs", [nx.path_graph(2)] * 2, source=[0])


def test_a_batch_says_which_of_it_is_wrong(trained):
    graph = nx.path_graph(2)
    with pytest.raises(InputError, match=r"^graph 1 of the batch: bfs: source 5 is not in the graph"):
        trained.run_batch("bfs", [graph, graph], source=[0, 5])
    with pytest.raises(InputError, match=r"^input 2 of the batch: minimum: element 0 is nan"):
        trained.run_batch("minimum", [[1.0], [2.0], [float("nan")]])
    with pytest.raises(ArgumentError, match="a batch is several graphs or lists, not Graph; run takes one of them"):
        trained.run_batch("bfs", graph, source=0)


# ---------------------------------------------------------------- the predicted trace
@pytest.mark.parametrize("name", FIVE)
def test_the_predicted_trace_is_the_programs(trained, name):
    spec = registry.get(name)
    for i, family in enumerate(families_of(spec)[::2]):
        data, arguments = data_of(spec, (1, 9, 20)[i % 3], family, "trace")
        rollout = trained.run(name, data, **arguments)
        ours, theirs = rollout.trace, algorithms.trace(name, data, **arguments)
        assert ours.num_steps == rollout.num_steps == theirs.num_steps
        assert ours.labels == theirs.labels and (ours.edge_index == theirs.edge_index).all()
        for stage in ("inputs", "hints", "outputs"):
            a, b = getattr(ours, stage), getattr(theirs, stage)
            assert a.keys() == b.keys()
            for p in a:
                assert (a[p].stage, a[p].location, a[p].type) == (b[p].stage, b[p].location, b[p].type)
                assert a[p].values == b[p].values
                np.testing.assert_array_equal(a[p].data, b[p].data)


def test_the_trace_is_found_at_first_use_and_once(trained_dir):
    executor = neural_exec.load(trained_dir)
    rollout = executor.run("bfs", nx.path_graph(5), source=0)
    before = executor.policy("bfs").evaluations
    trace = rollout.trace
    assert rollout.trace is trace and executor.policy("bfs").evaluations == before
    assert trace.hints["color"].data.shape == (rollout.num_steps + 1, 5)


# ---------------------------------------------------------------- what is reported
def test_evaluations_are_reported_and_the_second_run_needs_none(trained_dir):
    executor = neural_exec.load(trained_dir)
    graph = nx.barabasi_albert_graph(40, 2, seed=0)
    known = sum(len(c) for c in executor.trained["bfs"].values())
    first, second = (executor.run("bfs", graph, source=0) for _ in range(2))
    assert first.evaluations == first.unseen_contexts and second.evaluations == 0
    assert first.outputs == second.outputs
    assert (first.contexts, first.unseen_contexts) == (second.contexts, second.unseen_contexts)
    assert 0 < first.contexts <= known + first.unseen_contexts


def test_contexts_that_were_never_in_training_are_counted_and_answered_by_the_network(trained_dir):
    spec = registry.get("dijkstra")
    data, arguments = data_of(spec, 14, "erdos_renyi", "unseen")
    whole = neural_exec.load(trained_dir)
    reference = whole.run("dijkstra", data, **arguments)
    less = neural_exec.load(trained_dir)
    met = sorted(c for c in whole.policy("dijkstra").trained["node"])
    counted = 0
    for code in met[:10]:
        less = neural_exec.load(trained_dir)
        codes = less.trained["dijkstra"]["node"]
        less.trained["dijkstra"]["node"] = codes[codes != code]
        rollout = less.run("dijkstra", data, **arguments)
        assert rollout.outputs == reference.outputs and rollout.num_steps == reference.num_steps
        assert rollout.unseen_contexts - reference.unseen_contexts in (0, 1)
        counted += rollout.unseen_contexts - reference.unseen_contexts
    assert counted > 0
    none = neural_exec.load(trained_dir)
    none.trained["dijkstra"] = {g: c[:0] for g, c in none.trained["dijkstra"].items()}
    rollout = none.run("dijkstra", data, **arguments)
    assert rollout.unseen_contexts == rollout.contexts == rollout.evaluations == reference.contexts
    assert rollout.outputs == reference.outputs, "no table: the network's own answers"


def test_runs_of_training_meet_no_unseen_context(trained):
    spec, rng = registry.get("heapsort"), rng_of("traces", "heapsort", trained.info["seed"])
    for i in range(10):
        n = int(rng.integers(1, MAX_NODES + 1))
        data, arguments = spec.sample(rng, n, spec.families["training"][i % len(spec.families["training"])])
        rollout = trained.run("heapsort", data, **arguments)
        assert rollout.unseen_contexts == 0 and rollout.contexts > 0


# ---------------------------------------------------------------- nothing else computes
@pytest.fixture
def no_programs():
    """The authors' programs, references and samplers are out of reach."""

    def forbidden(*args, **kwargs):
        raise AssertionError("the author's own code was called")

    kept = []
    for name in CORE:
        spec = registry.get(name)
        for part in ("program", "check", "sample"):
            kept.append((spec, part, getattr(spec, part)))
            object.__setattr__(spec, part, forbidden)
    yield
    for spec, part, value in kept:
        object.__setattr__(spec, part, value)


def test_the_program_is_never_called(trained_dir, no_programs):
    executor = neural_exec.load(trained_dir)
    graph = nx.path_graph(3)
    nx.set_edge_attributes(graph, 1.0, "weight")
    assert executor.run("bfs", graph, source=0).outputs["parent"] == {0: None, 1: 0, 2: 1}
    rollout = executor.run("dijkstra", graph, source=0)
    assert rollout.outputs["distance"] == {0: 0.0, 1: 1.0, 2: 2.0} and rollout.trace.num_steps == rollout.num_steps
    for name in ("insertion_sort", "heapsort"):
        assert executor.run(name, [3.0, 1.0, 2.0]).outputs["order"] == [1, 2, 0]
    assert executor.run("minimum", [3.0, 1.0, 2.0]).outputs["index"] == 1
    with pytest.raises((AssertionError, NeuralExecError)):
        algorithms.run("bfs", graph, source=0)


def called_files(f):
    """Files of all Python functions that are called in f()."""
    files = set()
    sys.setprofile(lambda frame, event, _: files.add(frame.f_code.co_filename) if event == "call" else None)
    try:
        f()
    finally:
        sys.setprofile(None)
    return {name.replace("\\", "/") for name in files}


def test_no_algorithm_of_networkx_and_no_recorder_on_the_way_to_an_answer(trained_dir):
    executor = neural_exec.load(trained_dir)
    graph = nx.barabasi_albert_graph(20, 2, seed=1)
    nx.set_edge_attributes(graph, 1.0, "weight")
    runs = {
        "bfs": lambda: executor.run("bfs", graph, source=0),
        "dijkstra": lambda: executor.run("dijkstra", graph, source=0),
        "heapsort": lambda: executor.run("heapsort", [3.0, 1.0, 2.0, 5.0]),
    }
    bad = (
        "/networkx/algorithms/",
        "/algorithms/recording/record.py",
        "/algorithms/recording/proxies.py",
        "/algorithms/checking/checker.py",
    )
    for run in runs.values():
        files = called_files(run)
        assert any(f.endswith("algorithms/machine/engine.py") for f in files)
        assert not [f for f in files if any(b in f for b in bad)]
    watched = called_files(lambda: (algorithms.run("bfs", graph, source=0), nx.is_connected(graph)))
    assert all(any(b in f for f in watched) for b in bad[:2]), "the watch sees them where they are"


# ---------------------------------------------------------------- errors
def test_an_unknown_algorithm_is_named_with_its_nearest(trained):
    for call in (
        trained.run,
        lambda name, *a, **k: trained.spec(name),
        lambda name, *a, **k: trained.parameters_of(name),
    ):
        with pytest.raises(UnknownAlgorithmError, match="'djikstra'; did you mean 'dijkstra'"):
            call("djikstra", nx.path_graph(2), source=0)
    with pytest.raises(UnknownAlgorithmError, match="does not know 'quicksort'; the bundled model 'all' may know it"):
        trained.run("quicksort", [1.0])


def weighted(*edges, of=nx.Graph):
    graph = of()
    graph.add_weighted_edges_from(edges)
    return graph


BAD = {
    "no source": (ArgumentError, "bfs", nx.path_graph(2), {}),
    "unexpected argument": (ArgumentError, "bfs", nx.path_graph(2), dict(source=0, wieght="w")),
    "not a graph": (ArgumentError, "bfs", [1, 2], dict(source=0)),
    "not a list": (ArgumentError, "minimum", nx.path_graph(2), {}),
    "a string": (ArgumentError, "minimum", "123", {}),
    "source elsewhere": (InputError, "bfs", nx.path_graph(2), dict(source=7)),
    "source unhashable": (InputError, "bfs", nx.path_graph(2), dict(source=[0])),
    "empty graph": (GraphError, "bfs", nx.Graph(), dict(source=0)),
    "multigraph": (GraphError, "bfs", nx.MultiGraph([(0, 1)]), dict(source=0)),
    "empty list": (InputError, "heapsort", [], {}),
    "nan key": (InputError, "heapsort", [1.0, math.nan], {}),
    "infinite key": (InputError, "minimum", [math.inf], {}),
    "text key": (InputError, "minimum", [1.0, "2"], {}),
    "no weight": (InputError, "dijkstra", nx.path_graph(2), dict(source=0)),
    "other weight": (InputError, "dijkstra", weighted((0, 1, 1.0)), dict(source=0, weight="cost")),
    "nan weight": (InputError, "dijkstra", weighted((0, 1, math.nan)), dict(source=0)),
    "text weight": (InputError, "dijkstra", weighted((0, 1, "1")), dict(source=0)),
    "negative weight": (InputError, "dijkstra", weighted((0, 1, -1.0)), dict(source=0)),
}
BAD_OF_CORE = {
    "negative cycle": (GraphError, "bellman_ford", weighted((0, 1, 1.0), (1, 0, -2.0), of=nx.DiGraph), dict(source=0)),
    "negative undirected": (GraphError, "bellman_ford", weighted((0, 1, -1.0)), dict(source=0)),
    "cycle": (GraphError, "topological_sort", nx.DiGraph([(0, 1), (1, 0)]), {}),
    "undirected": (GraphError, "topological_sort", nx.path_graph(2), {}),
    "directed": (GraphError, "mst_kruskal", weighted((0, 1, 1.0), of=nx.DiGraph), {}),
    "unsorted": (InputError, "binary_search", [2.0, 1.0], dict(target=1.0)),
    "no target": (ArgumentError, "binary_search", [1.0], {}),
    "text target": (InputError, "binary_search", [1.0], dict(target="1")),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_ends_in_its_error_before_any_work(trained_dir, case):
    error, name, data, arguments = BAD[case]
    executor = neural_exec.load(trained_dir)
    with pytest.raises(error) as e:
        executor.run(name, data, **arguments)
    assert isinstance(e.value, NeuralExecError)
    assert executor.policy(name).evaluations == 0, "it was refused before any work"


@pytest.mark.parametrize("case", BAD_OF_CORE)
def test_bad_input_of_the_core_ends_in_its_error(core, case):
    error, name, data, arguments = BAD_OF_CORE[case]
    with pytest.raises(error) as e:
        core.run(name, data, **arguments)
    assert isinstance(e.value, NeuralExecError)


# ---------------------------------------------------------------- the bundled model, all fourteen
def test_the_bundled_model_knows_the_core(core):
    assert isinstance(core, Executor) and core.algorithms == CORE and core.info["inexact"] == []


@pytest.mark.parametrize("name", CORE)
def test_exact_on_fresh_graphs_of_every_family(core, name):
    spec = registry.get(name)
    report = neural_exec.evaluate(core, [name], sizes=[1, 2, 16, 64], graphs=len(families_of(spec)), seeds=[2024])
    assert {r.family for r in report.rows} == set(families_of(spec)) and len(report.rows) == 4 * len(families_of(spec))
    assert not report.failures, [f"{r.family}, n = {r.size}" for r in report.failures]
    assert all(r.same == r.graphs == r.halted for r in report.rows), "exact, but not as the program does it"


@pytest.mark.parametrize("name", CORE)
def test_exact_at_256(core, name):
    spec = registry.get(name)
    family = families_of(spec)[CORE.index(name) % len(families_of(spec))]
    data, arguments = data_of(spec, 256, family, "large")
    assert_right(core, name, data, arguments)


@pytest.mark.parametrize("name", GRAPHS)
def test_relabelled_graphs_give_relabelled_answers(core, name):
    spec = registry.get(name)
    graph, arguments = data_of(spec, 15, "erdos_renyi", "relabel")
    label = {v: ("node", str(v)) for v in graph}
    other = nx.relabel_nodes(graph, label)
    plain = core.run(name, graph, **arguments).outputs
    ours = core.run(name, other, **{k: label[v] for k, v in arguments.items()}).outputs
    label[None] = None
    for output, answer in plain.items():
        if isinstance(answer, dict):
            assert ours[output] == {label[v]: label[x] if output in NODES else x for v, x in answer.items()}
        else:
            assert ours[output] == [tuple(map(label.get, x)) if isinstance(x, tuple) else label[x] for x in answer]


@pytest.mark.parametrize("name", GRAPHS)
def test_nodes_in_another_order_are_a_graph_like_any_other(core, name):
    graph, arguments = data_of(registry.get(name), 14, "barabasi_albert", "order")
    for seed in range(2):
        other = type(graph)()
        other.add_nodes_from(np.random.default_rng(seed).permutation(len(graph)).tolist())
        other.add_edges_from(list(graph.edges(data=True))[::-1])
        assert_right(core, name, other, arguments)


@pytest.mark.parametrize("name", GRAPHS)
def test_disconnected_graphs(core, name):
    for edges, nodes in (
        ([(0, 1), (1, 2), (4, 5), (5, 6), (4, 6)], range(9)),
        ([], range(5)),
        ([(3, 4)], range(5)),
    ):
        assert_right(core, name, *graph_for(name, edges, nodes))


@pytest.mark.parametrize("weight", [0.0, 1.0, 0.1])
@pytest.mark.parametrize("name", GRAPHS)
def test_ties(core, name, weight):
    complete = [(u, v) for u in range(7) for v in range(u + 1, 7)]
    grid = [
        (3 * i + j, 3 * i + j + d)
        for i in range(3)
        for j in range(3)
        for d in (1, 3)
        if (d == 3 and i < 2) or (d == 1 and j < 2)
    ]
    for edges in (complete, grid):
        assert_right(core, name, *graph_for(name, edges, range(9), weight))


@pytest.mark.parametrize("name", [a for a in GRAPHS if a not in ("dag_shortest_paths", "topological_sort")])
def test_self_loops_are_harmless(core, name):
    edges = [(0, 1, 3.0), (1, 2, 1.0), (0, 2, 5.0)]
    graph, arguments = graph_for(name, edges)
    looped, _ = graph_for(name, [*edges, (0, 0, 0.5), (2, 2, 9.0)])
    assert core.run(name, looped, **arguments).outputs == core.run(name, graph, **arguments).outputs


@pytest.mark.parametrize("name", LISTS)
def test_duplicates_and_extremes(core, name):
    lists = [
        [2.0, 1.0, 2.0, 1.0, 1.0, 2.0],
        [5.0] * 9,
        [0.0, -0.0, 0.0],
        [1e308, -1e308, 1e-308, -5e-324, 0.0],
        [1, True + 1, 3, 2, 1, 0, -1],
        [np.float64(2.5), np.int64(2), 2.5],
        list(range(20, 0, -1)),
    ]
    for values in lists:
        if name == "binary_search":
            for target in (values[0], min(values) - 1.0, max(values), 0.5):
                assert_right(core, name, sorted(values), {"target": target})
        else:
            assert_right(core, name, values, {})


@pytest.mark.parametrize("name", [a for a in GRAPHS if "weight" in registry.get(a).inputs])
def test_weights_under_another_name(core, name):
    graph, arguments = graph_for(name, [(0, 1, 3.0), (1, 2, 1.0), (0, 2, 5.0)])
    named = graph.copy()
    for _, _, d in named.edges(data=True):
        d["cost"] = d.pop("weight")
    assert core.run(name, named, **arguments, weight="cost").outputs == core.run(name, graph, **arguments).outputs


def test_no_algorithm_of_networkx_beyond_preconditions(core):
    """Laid out by the structure (which checks preconditions), a run calls no program, recorder or networkx algorithm."""
    from algorithms.machine.engine import execute
    from algorithms.trace import lay_out, read_outputs

    bad = ("/networkx/algorithms/", "/algorithms/recording/record.py", "/algorithms/recording/proxies.py", "/algorithms/graphs/",
           "/algorithms/sorting/", "/algorithms/searching/")  # fmt: skip
    for name in CORE:
        spec = registry.get(name)
        data, arguments = data_of(spec, 8, families_of(spec)[0], "watched")
        instance, policy = lay_out(spec, data, arguments), core.policy(name)
        files = called_files(lambda: read_outputs(execute(policy, instance).instance))
        allowed = registry.get(name).ticks.__code__.co_filename  # the bound on ticks
        assert not [f for f in files - {allowed} if any(b in f for b in bad)], name


def test_only_the_bound_is_asked_of_the_author(core, no_programs):
    for name in LISTS:
        arguments = {"target": 1.0} if name == "binary_search" else {}
        assert core.run(name, [0.0, 1.0, 2.0], **arguments).halted
    for name in GRAPHS:
        graph, arguments = graph_for(name, [(0, 1), (1, 2)])
        assert core.run(name, graph, **arguments).halted
