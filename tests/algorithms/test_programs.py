"""Properties of every algorithm that there is: a new file is tested as soon as it exists."""

import bisect
import copy
import doctest
import importlib
import math
from functools import cache

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import algorithms
from algorithms import registry
from algorithms.answers import close
from algorithms.checking.checker import check
from algorithms.errors import InputError
from algorithms.inputs.graphs import Graph
from algorithms.inputs.lists import Sequence
from algorithms.inputs.networks import Network
from algorithms.recording.record import Recording, record
from algorithms.trace import lay_out, read_outputs

NAMES = algorithms.names()
ON_GRAPHS = [n for n in NAMES if isinstance(algorithms.get(n).structure, Graph | Network)]
NO_LOOPS = {"eulerian_circuit", "floyd_cycle_detection", "bipartite_matching"}  # a self-loop breaks their contract,
NO_LOOPS |= {"max_flow"}  # or is in the answer
ON_ANY_CYCLE = [
    n
    for n in ON_GRAPHS
    if n not in (*NO_LOOPS, "pagerank")
    and not any(f.__name__ == "acyclic" for f in algorithms.get(n).structure.requires)
]
ON_LISTS = [n for n in NAMES if isinstance(algorithms.get(n).structure, Sequence)]
SORTS = algorithms.chapters()["sorting"]


def families(name):
    return sum(algorithms.get(name).families.values(), ())


@cache
def sampled(name, family, n):
    """(data, arguments, outputs, ticks, (n, m)) of one sample."""
    spec = algorithms.get(name)
    data, arguments = spec.sample(np.random.default_rng([n, len(family)]), n, family)
    instance = lay_out(spec, data, arguments)
    run = record(spec, instance, Recording(spec), states=False)
    return data, arguments, read_outputs(instance), run.ticks, instance.sizes[0]


# ---------------------------------------------------------------- samples of every family
@pytest.mark.parametrize("n", [1, 2, 3, 8, 16])
@pytest.mark.parametrize("name", NAMES)
def test_answers_agree_with_the_independent_reference(name, n):
    for family in families(name):
        data, arguments, outputs, _, _ = sampled(name, family, n)
        verdict = algorithms.get(name).check(outputs, data, **arguments)
        assert set(verdict) == set(outputs), family
        assert all(all(v) for v in verdict.values()), (family, data, arguments, outputs)


@pytest.mark.parametrize("n", [1, 2, 3, 8, 16])
@pytest.mark.parametrize("name", NAMES)
def test_ticks_are_within_the_authors_bound(name, n):
    for family in families(name):
        *_, ticks, sizes = sampled(name, family, n)
        assert 0 < ticks <= algorithms.get(name).ticks(*sizes), family


@pytest.mark.parametrize("shape", [nx.empty_graph, nx.path_graph, nx.star_graph, nx.cycle_graph, nx.complete_graph])
@pytest.mark.parametrize("name", ON_GRAPHS)
def test_ticks_are_within_the_bound_on_extreme_graphs(name, shape):
    spec, plain = algorithms.get(name), shape(9)
    up = nx.DiGraph()
    up.add_nodes_from(plain)
    up.add_edges_from(plain.edges)
    arguments = {
        k: v for k, v in {"source": 0, "sink": 8, "start": 0, "node": 0, "alpha": 0.85}.items() if k in spec.inputs
    }
    for graph in (plain, up):
        graph.add_edges_from(list(graph.edges), weight=1.0, capacity=1.0)
        try:
            instance = lay_out(spec, graph, arguments)
        except InputError:  # of another kind, or against a precondition
            continue
        assert record(spec, instance, Recording(spec), states=False).ticks <= spec.ticks(*instance.sizes[0])


@pytest.mark.parametrize("values", [range(12), range(12, 0, -1), [0] * 12], ids=["sorted", "reversed", "equal"])
@pytest.mark.parametrize("name", ON_LISTS)
def test_ticks_are_within_the_bound_on_extreme_lists(name, values):
    spec, arguments = algorithms.get(name), {}
    if name == "binary_search":
        values, arguments = sorted(values), {"target": 99.0}
    instance = lay_out(spec, values, arguments)
    assert record(spec, instance, Recording(spec), states=False).ticks <= spec.ticks(12, 0)


@pytest.mark.parametrize("name", NAMES)
def test_one_seed_gives_one_sample_and_one_trace(name):
    spec = algorithms.get(name)

    def traced(seed):
        data, arguments = spec.sample(np.random.default_rng(seed), 6, families(name)[0])
        return algorithms.trace(name, data, **arguments).to_dict()

    assert traced(3) == traced(3)
    assert any(traced(3) != traced(seed) for seed in range(4, 8))


@pytest.mark.parametrize("name", NAMES)
def test_the_checker_finds_nothing_to_object_to(name):
    verdict = check(name, runs=100, sizes=(16,))
    assert (verdict.conflicts, verdict.wrong, verdict.new) == ([], [], {16: 0}), str(verdict)
    assert verdict.ok


# ---------------------------------------------------------------- what must not matter
def renamed(x, names):
    """An output in other labels."""
    if isinstance(x, dict):
        return {names[k]: renamed(v, names) for k, v in x.items()}
    if isinstance(x, list | tuple | set):
        return type(x)(renamed(v, names) for v in x)
    return names[x] if type(x) is int else x


COUNTS = {"core_number", "color", "cycle_length", "discovery", "finish"}  # outputs whose whole numbers are no labels


def renamed_all(values, names):
    out = {k: renamed(v, names) for k, v in values.items() if k not in COUNTS}
    for k in COUNTS & values.keys():
        x = values[k]
        out[k] = {names[v]: count for v, count in x.items()} if isinstance(x, dict) else x
    return out


LABELS = {
    "strings against the order": lambda v: f"v{99 - v}",
    "tuples": lambda v: (v // 2, (str(v),)),
    "of several types": lambda v: [v, str(v), (v,), frozenset([v])][v % 4],
}


@pytest.mark.parametrize("label", LABELS.values(), ids=LABELS)
@pytest.mark.parametrize("name", ON_GRAPHS)
def test_labels_do_not_matter(name, label):
    for family in families(name):
        graph, arguments, outputs, _, _ = sampled(name, family, 8)
        names = {v: label(v) for v in graph}
        got = algorithms.run(name, nx.relabel_nodes(graph, names), **renamed_all(arguments, names))
        assert got == renamed_all(outputs, names), family


@pytest.mark.parametrize("name", ON_GRAPHS)
def test_the_order_in_which_edges_were_added_does_not_matter(name):
    for family in families(name):
        graph, arguments, outputs, _, _ = sampled(name, family, 8)
        other = graph.__class__()
        other.add_nodes_from(graph)
        other.add_edges_from(reversed(list(graph.edges(data=True))))
        assert algorithms.run(name, other, **arguments) == outputs, family


@pytest.mark.parametrize("name", ON_ANY_CYCLE)
def test_self_loops_do_not_matter(name):
    for family in families(name):
        graph, arguments, outputs, _, _ = sampled(name, family, 8)
        looped = graph.copy()
        looped.add_edges_from(((v, v) for v in graph), weight=0.0)
        assert algorithms.run(name, looped, **arguments) == outputs, family


@pytest.mark.parametrize("name", ON_GRAPHS)
def test_the_callers_graph_is_only_read(name):
    graph, arguments, outputs, _, _ = sampled(name, families(name)[0], 8)
    frozen = nx.freeze(copy.deepcopy(graph))
    assert algorithms.run(name, frozen, **arguments) == outputs
    assert nx.utils.graphs_equal(frozen, graph)


@pytest.mark.parametrize("name", ON_LISTS)
@pytest.mark.parametrize("form", [tuple, np.array, lambda x: [np.float32(v) for v in x]])
def test_any_sequence_of_real_numbers_is_a_list(name, form):
    values, arguments = [float(v) for v in range(5)], {"target": 2.5} if name == "binary_search" else {}
    assert algorithms.run(name, form(values), **arguments) == algorithms.run(name, values, **arguments)


@pytest.mark.parametrize("name", [n for n in ON_GRAPHS if "weight" in algorithms.get(n).inputs])
def test_weights_may_be_of_any_real_type_and_under_any_attribute(name):
    graph = nx.DiGraph() if algorithms.get(name).structure.directed else nx.Graph()
    graph.add_weighted_edges_from([(0, 1, 4.0), (0, 2, 1.0), (2, 1, 2.0)])
    other = graph.__class__()
    other.add_edge(0, 1, cost=np.int64(4))
    other.add_edge(0, 2, cost=np.float32(1.0))
    other.add_edge(2, 1, cost=2)
    source = {"source": 0} if "source" in algorithms.get(name).inputs else {}
    assert algorithms.run(name, other, weight="cost", **source) == algorithms.run(name, graph, **source)


def test_numbers_up_to_the_greatest_float_are_taken():
    assert algorithms.run("insertion_sort", [10**300, 2**64, -(10**300)])["order"] == [2, 1, 0]


# ---------------------------------------------------------------- random input, against networkx and Python
EASY = settings(max_examples=60, deadline=None, derandomize=True)
numbers = st.one_of(st.integers(-3, 3), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False))
lists = st.lists(numbers, min_size=1, max_size=9)
weights = st.sampled_from([0, 0.0, 0.5, 1, 1.0, 2, 3]) | st.floats(0, 10)


@st.composite
def graphs(draw, directed=None, weights=weights, acyclic=False):
    """A graph of at most 7 nodes, self-loops, ties and zeros among it; edges in the order of their ends."""
    n = draw(st.integers(1, 7))
    directed = draw(st.booleans()) if directed is None else directed
    pairs = [(u, v) for u in range(n) for v in range(n) if u < v or (not acyclic and (u == v or directed))]
    edges = sorted(draw(st.lists(st.sampled_from(pairs), unique=True, max_size=12))) if pairs else []
    graph = nx.DiGraph() if directed else nx.Graph()
    graph.add_nodes_from(draw(st.permutations(range(n))) if acyclic else range(n))
    graph.add_weighted_edges_from((u, v, draw(weights)) for u, v in edges)
    return graph


def assert_shortest_paths(outputs, graph, source):
    best = nx.single_source_bellman_ford_path_length(graph, source)
    distance, parent = outputs["distance"], outputs["parent"]
    for v in graph:
        assert close(distance[v], best.get(v, math.inf))
        if v == source or v not in best:
            assert parent[v] is None
        else:
            assert close(distance[parent[v]] + graph[parent[v]][v]["weight"], distance[v])
            path = [v]
            while path[-1] != source and len(path) <= len(graph):
                path.append(parent[path[-1]])
            assert path[-1] == source


@EASY
@given(graphs())
def test_dijkstra_finds_shortest_paths(graph):
    assert_shortest_paths(algorithms.run("dijkstra", graph, source=0), graph, 0)


@EASY
@given(graphs(directed=True), st.lists(st.integers(-3, 3), min_size=7, max_size=7))
def test_bellman_ford_finds_shortest_paths_over_negative_edges(graph, potential):
    for u, v, d in graph.edges(data=True):
        d["weight"] = math.ceil(d["weight"]) + potential[u] - potential[v]
    assert_shortest_paths(algorithms.run("bellman_ford", graph, source=0), graph, 0)


@EASY
@given(graphs(directed=False))
def test_bellman_ford_takes_undirected_graphs(graph):
    assert_shortest_paths(algorithms.run("bellman_ford", graph, source=0), graph, 0)


@EASY
@given(graphs(directed=True, acyclic=True, weights=st.integers(-3, 3)))
def test_dag_shortest_paths_over_negative_edges(graph):
    assert_shortest_paths(algorithms.run("dag_shortest_paths", graph, source=0), graph, 0)


@EASY
@given(graphs(directed=False, weights=st.integers(-2, 3) | st.floats(-1, 1)))
def test_kruskal_and_prim_find_minimum_spanning_forests(graph):
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    forest = nx.Graph(algorithms.run("mst_kruskal", graph)["edges"])
    forest.add_nodes_from(graph)
    assert nx.is_forest(forest) and nx.number_connected_components(forest) == nx.number_connected_components(graph)
    total = sum(graph.edges[e]["weight"] for e in forest.edges)
    assert math.isclose(total, nx.minimum_spanning_tree(graph).size("weight"), abs_tol=1e-9)

    parent = algorithms.run("mst_prim", graph, source=0)["parent"]
    tree = nx.Graph((v, u) for v, u in parent.items() if u is not None)
    tree.add_node(0)
    component = graph.subgraph(nx.node_connected_component(graph, 0))
    assert set(tree) == set(component) and nx.is_tree(tree)
    total = sum(graph.edges[e]["weight"] for e in tree.edges)
    assert math.isclose(total, nx.minimum_spanning_tree(component).size("weight"), abs_tol=1e-9)


@EASY
@given(graphs(directed=False))
def test_connected_components_are_those_of_networkx(graph):
    component = algorithms.run("connected_components", graph)["component"]
    assert all(component[component[v]] == component[v] for v in graph)
    sets = {frozenset(v for v in graph if component[v] == r) for r in component.values()}
    assert sets == set(map(frozenset, nx.connected_components(graph)))


@EASY
@given(graphs())
def test_bfs_finds_paths_of_fewest_edges(graph):
    outputs, level = algorithms.run("bfs", graph, source=0), nx.single_source_shortest_path_length(graph, 0)
    for v in graph:
        assert outputs["reached"][v] == (v in level)
        u = outputs["parent"][v]
        assert u is None if level.get(v, 0) == 0 else graph.has_edge(u, v) and level[u] == level[v] - 1


@EASY
@given(graphs())
def test_dfs_is_that_of_networkx(graph):
    """networkx searches in the order of its adjacency lists; here that is the order of the nodes."""
    predecessors = nx.dfs_predecessors(graph)
    assert algorithms.run("dfs", graph)["parent"] == {v: predecessors.get(v) for v in graph}


@EASY
@given(graphs(directed=True, acyclic=True))
def test_topological_sort_puts_every_edge_forward(graph):
    order = algorithms.run("topological_sort", graph)["order"]
    place = {v: i for i, v in enumerate(order)}
    assert sorted(order) == sorted(graph) and all(place[u] < place[v] for u, v in graph.edges)


@EASY
@pytest.mark.parametrize("name", SORTS)
@given(values=lists)
def test_sorting_is_that_of_python(name, values):
    order = algorithms.run(name, values)["order"]
    assert sorted(order) == list(range(len(values))) and [values[i] for i in order] == sorted(values)
    if name == "insertion_sort":
        assert order == sorted(range(len(values)), key=values.__getitem__)


@EASY
@given(lists)
def test_minimum_is_the_first_of_the_least(values):
    assert algorithms.run("minimum", values)["index"] == values.index(min(values))


@EASY
@given(lists, numbers, st.booleans())
def test_binary_search_is_bisect_left(values, other, among):
    values.sort()
    target = values[len(values) // 2] if among else other
    index = bisect.bisect_left(values, target)
    assert algorithms.run("binary_search", values, target=target)["index"] == (index if index < len(values) else None)


# ---------------------------------------------------------------- files
@pytest.mark.parametrize("name", NAMES)
def test_a_file_names_its_source_and_has_an_example_that_runs(name):
    spec = algorithms.get(name)
    module = importlib.import_module(registry._files()[name])
    results = doctest.testmod(module)
    assert results.attempted > 0 and results.failed == 0
    assert spec.source.split(",")[0] in " ".join(spec.doc.split()) and spec.chapter in algorithms.chapters()
    assert spec.doc.splitlines()[0].endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_a_specs_own_declaration_is_consistent(name):
    spec = algorithms.get(name)
    assert spec.outputs and spec.name == name
    assert not set(spec.families["training"]) & set(spec.families["held_out"])
    assert {type(p) for p in spec.describe()} == {dict} and len(spec.describe()) == len(spec.probes)
    assert spec.inputs[0] == spec.structure.data


@pytest.mark.parametrize("name", algorithms.names())
def test_a_copy_of_an_instance_has_the_same_outputs(name):
    spec = algorithms.get(name)
    data, arguments = spec.sample(np.random.default_rng(3), 7, spec.families["training"][0])
    instance = lay_out(spec, data, arguments)
    record(spec, instance, Recording(spec), states=False)
    assert repr(read_outputs(instance.copy())) == repr(read_outputs(instance))
