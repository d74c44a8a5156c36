"""Input outside a contract ends in a typed error that helps; input inside it becomes rows and relations."""

import importlib
import math
from decimal import Decimal
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest

import algorithms
from algorithms.errors import ArgumentError, GraphError, InputError, NeuralExecError
from algorithms.inputs.graphs import Graph
from algorithms.inputs.lists import Sequence
from algorithms.inputs.structure import REQUIRED
from algorithms.trace import lay_out

GRAPHS = [n for n in algorithms.names() if isinstance(algorithms.get(n).structure, Graph)]
LISTS = [n for n in algorithms.names() if isinstance(algorithms.get(n).structure, Sequence)]
SOURCED = [n for n in GRAPHS if "source" in algorithms.get(n).inputs]
WEIGHTED = [n for n in GRAPHS if "weight" in algorithms.get(n).inputs]
ACYCLIC = ["dag_shortest_paths", "topological_sort"]
UNDIRECTED = [n for n in GRAPHS if algorithms.get(n).structure.directed is False]
DIRECTED = [n for n in GRAPHS if algorithms.get(n).structure.directed]


@pytest.fixture
def refuse(monkeypatch):
    """Both entries refuse, in these words, before a program runs."""

    def runs(*_, **__):
        raise AssertionError("a program ran")

    def refuse(kind, words, name, data, **arguments):
        for entry in (algorithms.run, algorithms.trace):
            with pytest.raises(kind) as error:
                entry(name, data, **arguments)
            assert isinstance(error.value, NeuralExecError)
            assert words in str(error.value), str(error.value)

    monkeypatch.setattr(importlib.import_module("algorithms.trace"), "record", runs)
    return refuse


def graph_for(name, nodes=3):
    """A weighted path of the right direction."""
    graph = nx.path_graph(nodes, nx.DiGraph if algorithms.get(name).structure.directed else nx.Graph)
    nx.set_edge_attributes(graph, 1.0, "weight")
    return graph


def others(name):
    """Good values for what an algorithm takes besides its data."""
    spec = algorithms.get(name)
    return {k: 0 for k, default in spec.structure._known(spec).items() if default is REQUIRED}


# ---------------------------------------------------------------- arguments
@pytest.mark.parametrize("name", SOURCED)
def test_a_missing_argument_is_named(refuse, name):
    refuse(ArgumentError, f"{name} needs source=…; it is called with source", name, graph_for(name))


def test_a_missing_target_is_named(refuse):
    refuse(ArgumentError, "binary_search needs target=…", "binary_search", [1.0])


@pytest.mark.parametrize(
    "name, argument, words",
    [
        ("bfs", "sorce", "takes no argument 'sorce'; did you mean 'source'?"),
        ("dijkstra", "weigth", "did you mean 'weight'?"),
        ("bfs", "weight", "takes no argument 'weight'; known: source"),
        ("dfs", "source", "dfs takes no argument 'source' and no other"),
    ],
)
def test_an_unexpected_argument_is_named_with_the_nearest(refuse, name, argument, words):
    refuse(ArgumentError, words, name, graph_for(name), **others(name), **{argument: 0})


def test_an_argument_of_a_list_that_takes_none(refuse):
    refuse(ArgumentError, "minimum takes no argument 'target' and no other", "minimum", [1.0], target=1.0)


@pytest.mark.parametrize("source", [7, "0", None, math.nan, [0], {0: 1}, (0,)])
@pytest.mark.parametrize("name", SOURCED)
def test_a_source_that_is_no_node(refuse, name, source):
    arguments = others(name) | {"source": source}
    refuse(InputError, f"{name}: source {source!r} is not in the graph", name, graph_for(name), **arguments)


@pytest.mark.parametrize("target", [math.nan, math.inf, None, "1", True, [1.0]])
def test_a_target_that_is_no_number(refuse, target):
    refuse(InputError, "binary_search: target is", "binary_search", [1.0, 2.0], target=target)


# ---------------------------------------------------------------- graphs
@pytest.mark.parametrize("data", [[1.0, 2.0], "graph", None, {0: [1]}, np.eye(2)], ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("name", GRAPHS)
def test_something_else_than_a_graph(refuse, name, data):
    words = f"{name} is called with a networkx graph, not with {type(data).__name__}"
    refuse(ArgumentError, words, name, data, **others(name))


@pytest.mark.parametrize("name", GRAPHS)
def test_an_empty_graph(refuse, name):
    refuse(GraphError, f"{name}: the graph is empty", name, graph_for(name, 0), **others(name))


@pytest.mark.parametrize("name", GRAPHS)
def test_a_multigraph(refuse, name):
    for kind in (nx.MultiGraph, nx.MultiDiGraph):
        refuse(GraphError, f"{name}: a multigraph; ", name, kind([(0, 1)]), **others(name))


@pytest.mark.parametrize("name", UNDIRECTED)
def test_a_directed_graph_where_an_undirected_one_is_needed(refuse, name):
    words = f"{name} needs an undirected graph, this one is directed; "
    refuse(GraphError, words, name, graph_for(name).to_directed(), **others(name))


@pytest.mark.parametrize("name", DIRECTED)
def test_an_undirected_graph_where_a_directed_one_is_needed(refuse, name):
    words = f"{name} needs a directed graph, this one is undirected; "
    refuse(GraphError, words, name, graph_for(name).to_undirected(), **others(name))


@pytest.mark.parametrize("name", ACYCLIC)
@pytest.mark.parametrize("edges, cycle", [([(1, 2), (2, 1)], "[1, 2]"), ([(2, 2)], "[2]")])
def test_a_cycle_where_there_must_be_none(refuse, name, edges, cycle):
    graph = graph_for(name)
    graph.add_edges_from(edges, weight=1.0)
    refuse(GraphError, f"the graph has a cycle, {cycle}", name, graph, **others(name))


# ---------------------------------------------------------------- weights
BAD_NUMBERS = [
    (math.nan, "only finite numbers"),
    (math.inf, "only finite numbers"),
    (-math.inf, "only finite numbers"),
    (np.float32("inf"), "only finite numbers"),
    ("1", "a real number is needed"),
    (None, "a real number is needed"),
    (True, "a real number is needed"),
    (np.True_, "a real number is needed"),
    (1j, "a real number is needed"),
    ([1.0], "a real number is needed"),
    (Decimal("nan"), "only finite numbers"),
    (Decimal("1e500000000"), "too large for a float64"),
    (np.longdouble("inf"), "only finite numbers"),
    (np.timedelta64(1, "s"), "a real number is needed"),
]
TOO_LARGE = [(10**400, "too large for a float64"), (Fraction(10**400, 3), "too large for a float64")]


def short(value) -> str:
    return repr(value)[:20]


def compared(name):
    return algorithms.get(name).structure.compared


@pytest.mark.parametrize("bad, words", BAD_NUMBERS + TOO_LARGE, ids=short)
@pytest.mark.parametrize("name", WEIGHTED)
def test_a_weight_that_is_no_finite_number(refuse, name, bad, words):
    if compared(name) and words == "too large for a float64" and not isinstance(bad, Decimal):
        pytest.skip("it is compared")
    graph = graph_for(name)
    graph.edges[1, 2]["weight"] = bad
    refuse(InputError, words, name, graph, **others(name))
    refuse(InputError, f"{name}: weight of edge (1, 2) is ", name, graph, **others(name))


@pytest.mark.parametrize("name", WEIGHTED)
def test_a_missing_weight(refuse, name):
    graph = graph_for(name)
    del graph.edges[0, 1]["weight"]
    refuse(InputError, f"{name}: edge (0, 1) has no attribute 'weight'; name another by weight=…", name, graph,
           **others(name))  # fmt: skip
    refuse(InputError, "no attribute 'cost'", name, graph_for(name), weight="cost", **others(name))
    refuse(ArgumentError, "weight=['cost']", name, graph_for(name), weight=["cost"], **others(name))


def test_a_negative_weight_for_dijkstra(refuse):
    graph = graph_for("dijkstra")
    graph.edges[1, 2]["weight"] = -1.0
    words = "edge (1, 2) has the negative weight -1.0; "
    refuse(InputError, f"{words}in an undirected graph that is a negative cycle", "dijkstra", graph, source=0)
    directed = nx.DiGraph(graph.edges(data=True))
    refuse(InputError, f"{words}use bellman_ford, which allows it", "dijkstra", directed, source=0)


@pytest.mark.parametrize(
    "edges, cycle",
    [
        ([(0, 1, 1.0), (1, 2, -2.0), (2, 0, 0.5)], "[0, 1, 2"),
        ([(0, 3, 1.0), (1, 2, -2.0), (2, 1, 1.0)], "[1, 2, 1]"),  # not reached from the source
        ([(0, 1, 1.0), (1, 1, -0.5)], "[1, 1]"),
        ([(0, 0, 1.0), (0, 1, -3.0), (1, 0, 1.0), (1, 1, 0.0)], "[0, 1, 0]"),  # self-loops that are not negative
    ],
)
def test_a_negative_cycle_for_bellman_ford(edges, cycle):
    graph = nx.DiGraph()
    graph.add_weighted_edges_from(edges, weight="cost")
    with pytest.raises(GraphError, match="has a negative cycle, ") as error:
        algorithms.run("bellman_ford", graph, source=0, weight="cost")
    told = [int(v) for v in str(error.value).split("[")[1].split("]")[0].split(",")]
    rotated = {tuple(told[i:-1] + told[:i] + [told[i]]) for i in range(len(told) - 1)}
    assert told[0] == told[-1] and any(str(list(t)).startswith(cycle) for t in rotated)
    assert sum(graph.edges[e]["cost"] for e in nx.utils.pairwise(told)) < 0


def test_a_negative_edge_of_an_undirected_graph_for_bellman_ford(refuse):
    graph = graph_for("bellman_ford")
    graph.edges[1, 2]["weight"] = -1.0
    words = "edge (1, 2) has the negative weight -1.0; in an undirected graph that is a negative cycle"
    refuse(GraphError, words, "bellman_ford", graph, source=0)


def test_a_cycle_of_weight_zero_is_allowed():
    graph = nx.DiGraph()
    graph.add_weighted_edges_from([(0, 1, -1.0), (1, 0, 1.0)])
    assert algorithms.run("bellman_ford", graph, source=0)["distance"] == {0: 0.0, 1: -1.0}


# ---------------------------------------------------------------- lists
NO_LISTS = ["123", b"123", nx.path_graph(3), None, 3.0, {1.0, 2.0}, {1.0: 2.0}, iter([1.0]), np.array(1.0)]


@pytest.mark.parametrize("data", NO_LISTS, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("name", LISTS)
def test_something_else_than_a_list(refuse, name, data):
    words = f"{name} is called with a list of numbers, not with {type(data).__name__}"
    refuse(ArgumentError, words, name, data, **others(name))


@pytest.mark.parametrize("name", LISTS)
def test_an_empty_list(refuse, name):
    for data in ([], (), np.zeros(0)):
        refuse(InputError, f"{name}: the list is empty", name, data, **others(name))


@pytest.mark.parametrize("bad, words", BAD_NUMBERS + TOO_LARGE, ids=short)
@pytest.mark.parametrize("name", LISTS)
def test_an_element_that_is_no_finite_number(refuse, name, bad, words):
    if compared(name) and words == "too large for a float64" and not isinstance(bad, Decimal):
        pytest.skip("it is compared")
    refuse(InputError, words, name, [1.0, bad], **others(name))
    refuse(InputError, f"{name}: element 1 is ", name, [1.0, bad], **others(name))


def test_a_table_is_no_list_of_numbers(refuse):
    refuse(InputError, "minimum: element 0 is [1.0, 0.0]", "minimum", np.eye(2))


def test_an_unsorted_list_for_binary_search(refuse):
    words = "needs an ascending list; element 1, 3.0, is above the next, 2.0"
    refuse(InputError, words, "binary_search", [1.0, 3.0, 2.0], target=1.0)


def test_equal_neighbours_are_ascending():
    assert algorithms.run("binary_search", [1.0, 1.0, 2.0], target=1.0) == {"index": 0}


# ---------------------------------------------------------------- layout
def relation(instance, name):
    r = instance.relations[name]
    return list(zip(r.src[:-1].tolist(), r.dst[:-1].tolist()))


def test_a_graph_is_laid_out_in_its_own_order():
    graph = nx.DiGraph()
    graph.add_nodes_from("cab")
    graph.add_weighted_edges_from([("a", "b", 2.0), ("c", "b", 1.0), ("b", "c", 3.0)])
    x = lay_out(algorithms.get("dijkstra"), graph, {"source": "b"})
    assert x.labels == [["c", "a", "b"]] and x.sizes == [(3, 3)] and x.hubs.tolist() == [3]
    assert relation(x, "in_edges") == [(2, 0), (0, 2), (1, 2)]
    assert relation(x, "out_edges") == [(2, 0), (2, 1), (0, 2)]
    assert relation(x, "nodes") == [(0, 3), (1, 3), (2, 3)]
    assert x.relations["in_edges"].weight[:-1].tolist() == [3.0, 1.0, 2.0]
    assert x.constants["index"][:3].tolist() == [0, 1, 2] and x.pointers["source"][3] == 2
    assert x.static["hub"].tolist() == [3, 3, 3, 3, -1]


def test_an_undirected_edge_goes_both_ways_a_self_loop_once():
    x = lay_out(algorithms.get("bfs"), nx.Graph([(0, 1), (1, 1)]), {"source": 0})
    assert relation(x, "in_edges") == relation(x, "out_edges") == [(1, 0), (0, 1), (1, 1)]


def test_edge_nodes_stand_between_nodes_and_hub_by_their_ends_without_self_loops():
    graph = nx.Graph()
    graph.add_nodes_from(range(3))
    graph.add_weighted_edges_from([(1, 2, 5.0), (1, 1, 9.0), (0, 2, 4.0), (0, 1, 3.0)])
    x = lay_out(algorithms.get("mst_kruskal"), graph, {})
    assert x.kind.tolist() == [0, 0, 0, 1, 1, 1, 2] and x.sizes == [(3, 3)]
    assert list(zip(x.static["tail"][3:6].tolist(), x.static["head"][3:6].tolist())) == [(0, 1), (0, 2), (1, 2)]
    assert x.scalars["weight"][3:6].tolist() == [3.0, 4.0, 5.0]
    assert relation(x, "edges") == [(3, 6), (4, 6), (5, 6)]


def test_a_list_is_a_chain_and_a_heap():
    x = lay_out(algorithms.get("heapsort"), [5.0, 6.0, 7.0, 8.0], {})
    static = {k: v[:4].tolist() for k, v in x.static.items()}
    assert static["next"] == [1, 2, 3, -1] and static["prev"] == [-1, 0, 1, 2]
    assert static["left"] == [1, 3, -1, -1] and static["right"] == [2, -1, -1, -1]
    assert (x.static["first"][4], x.static["last"][4]) == (0, 3)
    assert x.scalars["key"].tolist()[:4] == [5.0, 6.0, 7.0, 8.0] and x.pointers["item"][:4].tolist() == [0, 1, 2, 3]
    assert relation(x, "nodes") == [(i, 4) for i in range(4)]


def test_arguments_that_an_algorithm_is_called_with():
    assert algorithms.get("dijkstra").inputs == ("graph", "source", "weight")
    assert algorithms.get("dfs").inputs == ("graph",)
    assert algorithms.get("binary_search").inputs == ("values", "target")
    assert algorithms.get("heapsort").inputs == ("values",)


def test_what_is_laid_out_after_another_shares_nothing_with_it():
    spec = algorithms.get("binary_search")
    before = lay_out(spec, [1.0, 2.0, 3.0], {"target": 2.0})
    for a in (before.ints, before.floats, *before.static.values(), *before.constants.values()):
        a[:] = 7
    before.labels[0].append("more")
    after = lay_out(spec, [1.0, 2.0, 4.0], {"target": 2.0})
    anew = spec.structure._of_length(spec, 3)
    assert after.labels == [[0, 1, 2]] and after.scalars["key"][:3].tolist() == [1.0, 2.0, 4.0]
    assert all((after.static[k] == anew.static[k]).all() for k in anew.static)
    assert (after.ints == anew.ints).all() and (after.constants["index"][:3] == [0, 1, 2]).all()
