"""A graph's edges, read once, are networkx's."""

from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from algorithms import get
from algorithms.errors import GraphError
from algorithms.inputs.edges import read_edges
from algorithms.trace import lay_out


def weighed(graph: nx.Graph) -> nx.Graph:
    for i, (_, _, d) in enumerate(graph.edges(data=True)):
        d["weight"] = float(i + 1)
    return graph


def graphs() -> dict[str, nx.Graph]:
    plain = weighed(nx.gnp_random_graph(30, 0.2, seed=1))
    looped = weighed(nx.Graph([(0, 1), (1, 1), (2, 0), (2, 2)]))
    shuffled = nx.relabel_nodes(plain, {i: (7 * i) % 30 for i in plain})
    equal = weighed(nx.Graph([(1, 2.0), (True, 3), (np.int64(2), 3)]))
    return {
        "undirected": plain,
        "directed": weighed(nx.gnp_random_graph(30, 0.2, seed=1, directed=True)),
        "loops": looped,
        "ints in another order": shuffled,
        "far ints": nx.relabel_nodes(plain, {i: -(10**20) + 10**9 * i for i in plain}),
        "strings": nx.relabel_nodes(plain, {i: f"v{i}" for i in plain}),
        "labels that are equal": equal,
        "no edge": nx.empty_graph(3),
        "a view of part of it": plain.subgraph(range(5, 25)),
        "a reversed view": nx.reverse_view(weighed(nx.gnp_random_graph(9, 0.4, seed=2, directed=True))),
    }


@pytest.mark.parametrize("what", graphs())
def test_they_are_those_of_networkx_in_its_order(what):
    graph = graphs()[what]
    edges = read_edges(graph, weight="weight")
    named = [(edges.labels[u], edges.labels[v], w) for (u, v), w in zip(edges.ends, edges.numbers)]
    assert edges.labels == list(graph) and named == list(graph.edges(data="weight"))
    assert edges.ends.dtype == np.int32 and edges.ends.shape == (graph.number_of_edges(), 2)


@pytest.mark.parametrize("exact", [2**53 + 1, Fraction(1, 3), np.float32(0.5), True, 10**400])
def test_numbers_of_other_types_are_seen_to_one_by_one(exact):
    graph = nx.Graph([(0, 1, {"weight": 1}), (1, 2, {"weight": exact})])
    if exact is True:
        with pytest.raises(Exception, match=r"weight of edge \(1, 2\) is True"):
            read_edges(graph, weight="weight")
    else:
        numbers = read_edges(graph, weight="weight").numbers
        assert type(numbers) is list and numbers == [1, exact]


@pytest.mark.parametrize("numbers, below", [([1.0, -0.0], False), ([1, -1], True), ([Fraction(-1, 3), 1], True)])
def test_one_below_0(numbers, below):
    graph = nx.Graph([(i, i + 1, {"weight": w}) for i, w in enumerate(numbers)])
    assert read_edges(graph, weight="weight").negative is below
    assert not read_edges(graph).negative


def test_the_ways_there_and_back_share_rows_but_not_numbers():
    x = lay_out(get("pagerank"), nx.path_graph(3), {"alpha": 0.5})
    there, back = x.relations["in_edges"], x.relations["out_edges"]
    assert there.src is back.src and there.weight[:-1].tolist() == [0.5, 1.0, 1.0, 0.5]
    assert np.isnan(back.weight).all()


@pytest.mark.parametrize("arcs", [[(2, 1), (1, 0), (0, 2)], [(0, 1), (1, 1)], [(0, 1), (1, 2), (3, 2), (2, 1)]])
def test_a_cycle_is_told(arcs):
    graph = nx.DiGraph([(3, 4), *arcs])
    with pytest.raises(GraphError, match=r"the graph has a cycle, \[.*\]; a directed acyclic graph is needed"):
        lay_out(get("topological_sort"), graph, {})


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12))
def test_what_has_no_cycle_is_taken_in_any_order_of_nodes(arcs):
    graph = nx.DiGraph([(-1, -2), *arcs])
    if nx.is_directed_acyclic_graph(graph):
        assert lay_out(get("topological_sort"), graph, {}).sizes[0] == (len(graph), graph.number_of_edges())
    else:
        with pytest.raises(GraphError):
            lay_out(get("topological_sort"), graph, {})
