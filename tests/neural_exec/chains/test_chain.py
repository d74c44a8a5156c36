"""Chains: types are checked when they are built, runs are exact, ready-made ones agree with networkx."""

import re
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

import neural_exec
from algorithms import sampling
from neural_exec.chains.adapters import argument, keys, negate, output, permute, restrict, reverse, subgraph, tree
from neural_exec.chains.chain import Chain
from neural_exec.chains.random_chains import draw_chain, same_outputs
from neural_exec.chains.ready_made import CLUSTERS, CRITICAL, NEAREST, TOUR
from neural_exec.errors import (
    ArgumentError,
    ChainError,
    DidNotHaltError,
    GraphError,
    InputError,
    NeuralExecError,
    NothingLeftError,
    UnknownAlgorithmError,
)
from neural_exec.executor import Executor
from neural_exec.runner import Textbook

ROOT = Path(__file__).resolve().parents[3]
DOCS = (ROOT / "docs" / "chains.md").read_text()


@pytest.fixture(scope="module")
def executor():
    return neural_exec.load("all")


def weighted(rng, n, family="erdos_renyi", ties=False):
    """A graph with weights, its nodes named by strings that do not sort as they come."""
    graph = sampling.graph(rng, n, family)
    for _, _, d in graph.edges(data=True):
        d["weight"] = float(rng.integers(1, 4) if ties else rng.random())
    return nx.relabel_nodes(graph, {v: f"{7 * v % n}-{v}" for v in graph})


# ---------------------------------------------------------------- types, when a chain is built
@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (["mst_prim", "topological_sort"], r"topological_sort, takes a directed graph; stage 0, mst_prim, leaves an undirected graph; between them would fit tree\('parent', directed=True\)"),
        (["dijkstra", "heapsort"], r"stage 1, heapsort, takes a list; stage 0, dijkstra, leaves a graph; between them would fit keys\('distance'\)"),
        (["heapsort", "bfs"], "stage 1, bfs, takes a graph; stage 0, heapsort, leaves a list; no adapter leads"),
        (["mst_kruskal", keys(), "heapsort", "bfs"], r"leaves a list; between them would fit subgraph\(\)"),
        (["bfs", keys("parent")], r"keys\('parent'\) takes a scalar per node; parent of stage 0, bfs, is a pointer per node; nothing of bfs fits"),
        (["dijkstra", tree("distance")], "is a scalar per node; of dijkstra would fit: parent"),
        (["dfs", permute("order")], "stage 0, dfs, gives no 'order'"),
        (["bfs", subgraph("reached")], "takes a set of edges or a category per edge; reached of stage 0, bfs, is a set of nodes"),
        (["bfs", restrict("color", value="green")], "color of bfs is one of 'white', 'grey', 'black'"),
        (["mst_prim", reverse()], "takes a directed graph, or a list; what comes before gives an undirected graph"),
        (["bfs", keys(), restrict()], r"takes a list of a graph's nodes; what comes before gives a list; subgraph\(\) makes"),
        (["dijkstra", keys("distance"), ("binary_search", {"target": output("distance")})], "target of stage 1, binary_search, takes a scalar of the graph; distance of stage 0"),
        (["bfs", ("dijkstra", {"source": output("parent")})], "source of stage 1, dijkstra, takes one node; parent of stage 0, bfs, is a pointer per node; of bfs would fit: source"),
        (["dijkstra", keys(), "heapsort", ("graham_scan", {"x": output("distance", 0), "y": output("key")})], "the rows of stage 0, dijkstra, are nodes; those at hand are other edges"),
        (["bfs", ("dijkstra", {"sorce": 1})], "takes no argument 'sorce'; did you mean 'source'"),
        ([keys("distance"), "heapsort"], "no algorithm comes before it"),
        (["bfs", ("dijkstra", {"source": output("source", 1)})], "comes from stage 1; 1 come before it"),
        (["bfs", keys], r"part 1 of the chain is .*write keys\(…\)"),
        ([], "at least one algorithm"),
        ("bfs", r"takes a list of its parts, as Chain\(\['bfs'\]\), not 'bfs'"),
        (None, "takes a list of its parts"),
        (["bfs", output("parent")], "part 1 of the chain is output"),
        (["bfs", tree("parent", "yes")], "directed is True or False"),
        (["bfs", ("dijkstra", {"source": output("source", "bfs")})], "comes from stage 'bfs'; 1 come before it"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_when_it_is_built(parts, said):
    with pytest.raises(ChainError, match=said):
        Chain(parts, Textbook())


def test_an_unknown_algorithm_and_wrong_arguments(executor):
    with pytest.raises(UnknownAlgorithmError, match="did you mean 'bfs'"):
        Chain(["bfss"], executor)
    chain = Chain(["bfs", tree("parent"), "connected_components"], executor)
    with pytest.raises(ArgumentError, match="needs source=…, for stage 0, bfs"):
        chain.run(nx.path_graph(3))
    with pytest.raises(ArgumentError, match="no argument 'sorce'; did you mean 'source'"):
        chain.run(nx.path_graph(3), sorce=0)
    for source in (7, None, [0], (0, 1)):
        with pytest.raises(InputError, match="stage 0, bfs: source .* is not in the graph"):
            chain.run(nx.path_graph(3), source=source)
    with pytest.raises(ArgumentError, match=r"executor is 'all'; give a loaded one, such as neural_exec.load\('all'\)"):
        Chain(["bfs"], "all")
    with pytest.raises(ArgumentError, match="progress is 'yes'; give True, or a function"):
        Chain(["bfs"], executor, progress="yes")
    with pytest.raises(GraphError, match="needs an undirected graph"):
        Chain(["bfs", "connected_components"], executor).run(nx.DiGraph([(0, 1)]), source=0)


@pytest.mark.parametrize("data", [None, "karate", [(0, 1)], {0: [1]}, np.eye(3)])
def test_what_is_no_graph(executor, data):
    with pytest.raises(ArgumentError, match="the chain is called with a networkx graph, not with"):
        Chain(["bfs", tree("parent"), "dfs"], executor).run(data, source=0)


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), "a", None, True])
def test_what_is_no_weight(executor, weight):
    graph = nx.Graph([("a", "b", {"weight": 1.0}), ("b", "c", {"weight": weight})])
    with pytest.raises(InputError, match=r"the chain: weight of edge \('b', 'c'\) is"):
        Chain(["dijkstra", keys("distance"), "heapsort"], executor).run(graph, source="a")


def test_the_smallest_graphs(executor):
    chain = Chain(["bfs", tree("parent"), "dfs"], executor)
    with pytest.raises(GraphError, match="the graph is empty"):
        chain.run(nx.Graph(), source=0)
    for graph in (nx.empty_graph(1), nx.Graph([(0, 0)]), nx.empty_graph(1, nx.DiGraph())):
        assert chain.run(graph, source=0).outputs[1]["parent"] == {0: None}
    with pytest.raises(InputError, match="the chain: the list is empty"):
        Chain([negate(), "heapsort"], executor).run([])
    assert len(neural_exec.critical_path(nx.empty_graph(3, nx.DiGraph()), executor).nodes) == 1


def test_labels_that_are_tuples_are_one_value_for_a_batch(executor):
    graph = nx.grid_2d_graph(2, 2)
    nx.set_edge_attributes(graph, 1.0, "weight")
    chain = Chain(["dijkstra", keys("distance"), "heapsort"], executor)
    orders = lambda source: [r.outputs[1]["order"][0] for r in chain.run_batch([graph, graph], source=source)]
    assert orders((0, 1)) == [(0, 1), (0, 1)] and orders([(0, 1), (1, 1)]) == [(0, 1), (1, 1)]


def test_input_that_a_later_stage_refuses_is_told_with_the_stage(executor):
    graph = nx.DiGraph([(0, 1), (1, 0)])
    with pytest.raises(GraphError, match=r"stage 1, topological_sort: the graph has a cycle, \[0, 1\]"):
        Chain(["bfs", "topological_sort"], executor).run(graph, source=0)
    graph = nx.Graph()
    graph.add_weighted_edges_from([(0, 1, 1.0), (2, 3, 1.0)])
    with pytest.raises(InputError, match=r"after stage 0, dijkstra: .* 2 has inf; .*restrict\('distance'\) before it"):
        Chain(["dijkstra", keys("distance"), "heapsort"], executor).run(graph, source=0)
    with pytest.raises(InputError, match="negative weight"):
        Chain(["dijkstra", negate(), "dijkstra"], executor).run(graph, source=0)
    with pytest.raises(NothingLeftError, match="restrict"):
        Chain(["articulation_points", restrict("nodes"), "bfs"], executor).run(nx.cycle_graph(4), source=0)


# ---------------------------------------------------------------- runs
def test_a_stage_that_does_not_halt_ends_the_chain_with_its_name(executor, monkeypatch):
    chain = Chain(["mst_kruskal", keys(), "heapsort", "minimum"], executor)
    graph = nx.Graph()
    graph.add_weighted_edges_from([(0, 1, 2.0), (1, 2, 1.0)])
    monkeypatch.setattr("algorithms.machine.engine.CAP", -1)
    with pytest.raises(DidNotHaltError, match="stage 0, mst_kruskal, of 3 did not halt within 0 steps") as e:
        chain.run(graph)
    assert (e.value.name, e.value.place, len(e.value.stages)) == ("mst_kruskal", 0, 1)
    assert not e.value.stages[0].halted


def test_traces_progress_and_batches(executor):
    seen = []
    chain = Chain(["bfs", tree("parent"), "dfs"], executor, progress=lambda *p: seen.append(p))
    graphs = [nx.path_graph(4), nx.cycle_graph(5)]
    runs = chain.run_batch(graphs, source=[1, 2])
    assert seen == [(0, 2, "bfs"), (1, 2, "dfs"), (2, 2, "")]
    for run, graph, source in zip(runs, graphs, (1, 2)):
        assert run.halted and run.num_steps == sum(t.num_steps for t in run.traces)
        alone = executor.run("bfs", graph, source=source)
        assert run.outputs[0] == alone.outputs
        assert (run.traces[0].hints["color"].data == alone.trace.hints["color"].data).all()
        assert nx.is_tree(run.graph) and [t.algorithm for t in run.traces] == ["bfs", "dfs"]


def same_runs(a, b):
    assert same_outputs(a.outputs, b.outputs) and a.labels == b.labels and repr(a.values) == repr(b.values)
    assert [s.num_steps for s in a.stages] == [s.num_steps for s in b.stages] and a.halted and b.halted
    assert [s.contexts for s in a.stages] == [s.contexts for s in b.stages]
    for s, t in zip(a.traces, b.traces):
        assert s.algorithm == t.algorithm and s.num_steps == t.num_steps
        for these, those in ((s.inputs, t.inputs), (s.hints, t.hints), (s.outputs, t.outputs)):
            assert list(these) == list(those)
            for name, probe in these.items():
                np.testing.assert_array_equal(probe.data, those[name].data)


@pytest.mark.parametrize("seed", range(12))
def test_a_batch_is_its_runs_one_by_one(executor, seed, monkeypatch):
    """Random chains, on inputs of several sizes that every stage takes; from 2 graphs on at once."""
    rng = np.random.default_rng([7, seed])
    while True:
        drawn = draw_chain(rng, 10, 1 + seed % 4)
        chain = Chain(drawn.parts, executor)
        if chain.takes_graph:
            break
    name, items = drawn.algorithms[0], []
    families = sum(executor.spec(name).families.values(), ())
    for i in range(40):
        graph, _ = executor.spec(name).sample(rng, int(rng.integers(8, 14)), families[i % len(families)])
        for _, _, d in graph.edges(data=True):
            d.setdefault(drawn.inputs.get("weight", "weight"), float(rng.random()))
        try:
            steps = Chain(drawn.parts, Textbook()).run(graph, **drawn.inputs).num_steps
        except NeuralExecError:
            continue  # a source that is no node of it, a cycle, …
        if steps < 1000:  # not long tables, whose traces are large
            items.append(graph)
    assert len(items) > 1
    batch = chain.run_batch(items[:6], **drawn.inputs)
    for x, run in zip(items[:6], batch, strict=True):
        same_runs(run, chain.run(x, **drawn.inputs))


@pytest.mark.parametrize("parts", [TOUR, CLUSTERS, CRITICAL, NEAREST], ids=["tour", "clusters", "critical", "nearest"])
def test_a_batch_of_the_ready_made_chains(executor, parts):
    rng, graphs, chain = np.random.default_rng(2), [], Chain(parts, executor)
    for n in (1, 2, 5, 9, 9, 14) if parts is not CLUSTERS else (3, 5, 9, 9, 14):
        graph = sampling.dag(rng, n, "erdos_renyi") if chain.directed else nx.complete_graph(n)
        if chain.directed:
            graph.add_edges_from(("start", v) for v in list(graph))
        graphs.append(sampling.weigh(rng, graph))
    inputs = dict(source=0, edges=[len(g) - 2 for g in graphs], facilities=[set(list(g)[::2]) for g in graphs], k=3)
    inputs = {k: v for k, v in inputs.items() if k in chain.takes}
    pick = lambda i: {k: v[i] if isinstance(v, list) else v for k, v in inputs.items()}
    for i, (graph, run) in enumerate(zip(graphs, chain.run_batch(graphs, **inputs), strict=True)):
        same_runs(run, chain.run(graph, **pick(i)))


def test_a_stage_of_a_batch_is_one_execution(executor, monkeypatch):
    seen, execute = [], Executor.execute

    def counted(self, lays):
        done = execute(self, lays)
        seen.append((done[0].algorithm, len(done)))
        return done

    monkeypatch.setattr(Executor, "execute", counted)
    Chain(["bfs", tree("parent"), "dfs"], executor).run_batch([nx.path_graph(n) for n in (2, 3, 4, 5)], source=0)
    assert seen == [("bfs", 4), ("dfs", 4)]


def test_a_batch_says_which_graph_it_was(executor, monkeypatch):
    good, cycle = nx.DiGraph([(0, 1)]), nx.DiGraph([(0, 1), (1, 0)])
    chain = Chain(["bfs", "topological_sort"], executor)
    with pytest.raises(GraphError, match=r"^graph 1 of the batch: stage 1, topological_sort: the graph has a cycle"):
        chain.run_batch([good, cycle], source=0)
    with pytest.raises(InputError, match=r"^graph 1 of the batch: stage 0, bfs: source 7 is not in the graph"):
        chain.run_batch([good, good], source=[0, 7])
    with pytest.raises(GraphError, match=r"^graph 2 of the batch: the chain needs a directed graph, this one is undir"):
        chain.run_batch([good, good, nx.path_graph(2)], source=0)
    with pytest.raises(
        ArgumentError, match=r"^input 1 of the batch: the chain is called with a networkx graph, not wi"
    ):
        chain.run_batch([good, [1.0]], source=0)
    with pytest.raises(ArgumentError, match=r"^source has 1 entries for 2 graphs"):
        chain.run_batch([good, good], source=[0])
    with pytest.raises(ArgumentError, match=r"^the chain needs source=…"):
        chain.run_batch([good, good])
    for one in (good, "karate", None, 3):
        with pytest.raises(ArgumentError, match="a batch is several graphs or lists, not"):
            chain.run_batch(one, source=0)
    assert chain.run_batch([], source=0) == []
    with pytest.raises(NothingLeftError, match=r"^graph 0 of the batch: after stage 0, articulation_points: restrict"):
        Chain(["articulation_points", restrict("nodes"), "dfs"], executor).run_batch([nx.cycle_graph(4)])
    monkeypatch.setattr("algorithms.machine.engine.cap_of", lambda x: 99 if len(x.labels[0]) < 9 else 3)
    for count in (2, 5):
        graphs = [good] * (count - 1) + [nx.path_graph(9, create_using=nx.DiGraph)]
        with pytest.raises(DidNotHaltError, match=rf"^graph {count - 1} of the batch: stage 0, bfs, of 2 did not") as e:
            chain.run_batch(graphs, source=0)
        assert (e.value.name, e.value.place, len(e.value.stages)) == ("bfs", 0, 1) and not e.value.stages[0].halted


def test_a_batch_of_directed_and_undirected_graphs(executor):
    chain = Chain(["bfs", tree("parent"), "dfs"], executor)
    graphs = [nx.path_graph(3), nx.DiGraph([(0, 1), (0, 2)]), nx.Graph([(0, "x")]), nx.DiGraph([(0, 1)])]
    for graph, run in zip(graphs, chain.run_batch(graphs, source=0), strict=True):
        same_runs(run, chain.run(graph, source=0))


def test_labels_do_not_matter(executor):
    rng = np.random.default_rng(3)
    graph = weighted(rng, 12)
    names = {v: (i, "x") for i, v in enumerate(graph)}
    parts = ["dijkstra", restrict("distance"), keys("distance"), "heapsort", permute("order"), restrict(), "bridges"]
    chain, source = Chain(parts, executor), next(iter(graph))
    a = chain.run(graph, source=source).outputs
    b = chain.run(nx.relabel_nodes(graph, names), source=names[source]).outputs
    assert b[0]["distance"] == {names[v]: d for v, d in a[0]["distance"].items()}
    assert b[1]["order"] == [names[v] for v in a[1]["order"]]
    assert b[2]["edges"] == [(names[u], names[v]) for u, v in a[2]["edges"]]


def test_columns_from_two_stages_and_one_node_from_another(executor):
    """How far from two landmarks: the hull of that picture; and a search from the node that is farthest."""
    graph = nx.grid_2d_graph(4, 3)
    nx.set_edge_attributes(graph, 1.0, "weight")
    first, second = (0, 0), (3, 0)
    parts = [("dijkstra", {"source": first}), ("dijkstra", {"source": argument("other")})]
    points = ("graham_scan", {"x": output("distance", 0), "y": output("distance", 1)})
    run = Chain([*parts, points], executor).run(graph, other=second)
    far = [nx.single_source_dijkstra_path_length(graph, v) for v in (first, second)]
    points = [(far[0][v], far[1][v]) for v in graph]
    hull = neural_exec.load("all").run("graham_scan", points).outputs["hull"]
    assert run.outputs[2]["hull"] == [list(graph)[i] for i in hull]
    parts = [("dijkstra", {"source": first}), keys("distance"), negate(), "minimum", restrict()]
    run = Chain([*parts, ("bfs", {"source": output("index")})], executor).run(graph)
    assert run.outputs[1]["index"] == (3, 2) and run.outputs[2]["parent"][3, 2] is None


def test_edges_of_an_undirected_graph_have_no_direction():
    """A tree's edges go from parent to child; laid out as an undirected graph, from the earlier node to the later."""
    executor, graph = neural_exec.load("all"), nx.DiGraph([(0, 2), (1, 3), (2, 1), (3, 0)])
    parts = [("floyd_cycle_detection", {"start": 0}), tree("successor"), "eulerian_circuit"]
    assert same_outputs(Chain(parts, executor).run(graph).outputs, Chain(parts, Textbook()).run(graph).outputs)


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 6, 7, 8])
def test_random_chains_are_exact(executor, length):
    rng = np.random.default_rng([11, length])
    for n in (8, 16, 16):
        drawn = draw_chain(rng, n, length)
        assert len(drawn.algorithms) == length
        run = Chain(drawn.parts, executor).run(drawn.data, **drawn.inputs)
        best = Chain(drawn.parts, Textbook()).run(drawn.data, **drawn.inputs)
        assert same_outputs(run.outputs, best.outputs) and run.halted


def test_the_seed_decides_the_chain(executor):
    drawn = [draw_chain(np.random.default_rng(5), 12, 4, executor) for _ in range(2)]
    assert repr(drawn[0].parts) == repr(drawn[1].parts)


# ---------------------------------------------------------------- ready-made ones
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("n", [1, 2, 9, 14])
def test_tour(executor, n, ties):
    rng = np.random.default_rng(n)
    points = {f"p{i}": (rng.integers(0, 4, 2) if ties else rng.random(2)) for i in rng.permutation(n).tolist()}
    graph = nx.complete_graph(list(points))
    for u, v, d in graph.edges(data=True):
        d["far"] = float(np.hypot(*(points[u] - points[v])))
    found = neural_exec.tour(graph, executor, weight="far")
    assert sorted(found.nodes) == sorted(graph) and found.nodes[0] == next(iter(graph))
    best = nx.minimum_spanning_tree(graph, weight="far")
    assert found.length <= 2 * best.size("far") + 1e-9
    if not ties:
        place = {v: i for i, v in enumerate(graph)}
        in_order = lambda vs: iter(sorted(vs, key=place.get))
        assert found.nodes == list(nx.dfs_preorder_nodes(best, found.nodes[0], sort_neighbors=in_order))
    if n > 2:
        graph.remove_edge(*list(graph)[:2])
        with pytest.raises(GraphError, match="complete graph"):
            neural_exec.tour(graph, executor, weight="far")


@pytest.mark.parametrize("family", ["erdos_renyi", "tree", "dense", "disconnected"])
@pytest.mark.parametrize("ties", [False, True])
def test_single_linkage(executor, family, ties):
    rng = np.random.default_rng(len(family))
    graph = weighted(rng, 13, family, ties)
    forest = nx.minimum_spanning_tree(graph)
    lengths, parts = sorted(w for *_, w in forest.edges(data="weight")), nx.number_connected_components(graph)
    for k in {parts, parts + 1, parts + 3, len(graph)}:
        clusters = neural_exec.single_linkage(graph, k, executor).clusters
        assert len(clusters) == k and sorted(set.union(*clusters)) == sorted(graph)
        of = {v: i for i, c in enumerate(clusters) for v in c}
        apart = [w for u, v, w in graph.edges(data="weight") if of[u] != of[v]]
        assert min(apart, default=None) == (lengths[parts - k] if k > parts else None)  # the greatest there is
        if not ties:
            kept = nx.Graph((u, v) for u, v, w in forest.edges(data="weight") if k == parts or w < lengths[parts - k])
            kept.add_nodes_from(graph)
            assert {frozenset(c) for c in clusters} == {frozenset(c) for c in nx.connected_components(kept)}
    if parts > 1:
        with pytest.raises(GraphError, match=f"{parts} components"):
            neural_exec.single_linkage(graph, 1, executor)
    with pytest.raises(ArgumentError, match="from 1 to 13"):
        neural_exec.single_linkage(graph, 14, executor)


def test_single_linkage_without_edges(executor):
    assert neural_exec.single_linkage(nx.empty_graph(1), 1, executor).clusters == [{0}]
    assert neural_exec.single_linkage(nx.empty_graph(2), np.int64(2), executor).clusters == [{0}, {1}]


@pytest.mark.parametrize("low", [0.0, -1.0])
@pytest.mark.parametrize("family", ["erdos_renyi", "path", "disconnected", "dense"])
def test_critical_path(executor, family, low):
    rng = np.random.default_rng(int(10 + low))
    for n in (1, 6, 15):
        graph = sampling.weigh(rng, sampling.dag(rng, n, family), low=low)
        found = neural_exec.critical_path(graph, executor)
        assert found.nodes
        assert found.length == pytest.approx(max(0.0, nx.dag_longest_path_length(graph)))
        steps = zip(found.nodes, found.nodes[1:])
        assert sum(graph[u][v]["weight"] for u, v in steps) == pytest.approx(found.length)
    with pytest.raises(GraphError, match="stage 0, topological_sort: the graph has a cycle"):
        neural_exec.critical_path(nx.DiGraph([(0, 1, {"weight": 1}), (1, 0, {"weight": 1})]), executor)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("family", ["erdos_renyi", "disconnected", "star"])
def test_nearest_facilities(executor, family, ties):
    rng = np.random.default_rng(4)
    graph = weighted(rng, 14, family, ties)
    nodes = list(graph)
    facilities = {nodes[i] for i in rng.choice(14, 6, replace=False)}
    far = nx.single_source_dijkstra_path_length(graph, nodes[0])
    best = sorted(((v, far[v]) for v in nodes if v in far and v in facilities), key=lambda x: x[1])
    for k in (0, 1, 3, 14):
        found = neural_exec.nearest_facilities(graph, nodes[0], facilities, k, executor).nodes
        assert found == best[:k]
    assert neural_exec.nearest_facilities(nx.empty_graph(2), 0, [1], executor=executor, weight="w").nodes == []
    with pytest.raises(InputError, match="'nowhere' is not in the graph"):
        neural_exec.nearest_facilities(graph, nodes[0], ["nowhere"], executor=executor)
    with pytest.raises(ArgumentError, match="first is -1"):
        neural_exec.nearest_facilities(graph, nodes[0], facilities, -1, executor)


# ---------------------------------------------------------------- the page
@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL))
def test_the_page_s_examples_run(code):
    exec(code, {})


def test_the_page_s_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", DOCS):
        assert (ROOT / "docs" / target).exists(), target


def test_costs_of_an_edit_distance(executor):
    words = ("abc", "bd")
    plain = Chain(["edit_distance"], executor).run(words)
    assert plain.outputs[0]["distance"] == 2.0
    fixed = Chain([("edit_distance", {"replace": 2.5, "insert": argument("insert")})], executor)
    assert fixed.takes.keys() == {"insert"}
    assert fixed.run(words, insert=[1.0, 0.25]).outputs[0]["distance"] == 2.25
    with pytest.raises(ChainError, match="replace"):
        Chain([("edit_distance", {"replaced": 2.5})], executor)
    with pytest.raises(InputError, match="delete has shape"):
        Chain([("edit_distance", {"delete": [1.0]})], executor).run(words)
