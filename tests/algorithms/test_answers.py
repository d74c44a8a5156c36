"""Outputs, read off a final state in the caller's labels."""

import math

import networkx as nx
import pytest

import algorithms
from algorithms.answers import Chosen, IsValue, LinkedList, Order, Pointers, Position, Scalars, close
from algorithms.trace import lay_out


@pytest.fixture
def state():
    """bfs-like registers on nodes c, a, b."""
    graph = nx.DiGraph([("c", "a"), ("a", "b")])
    return lay_out(algorithms.get("topological_sort"), graph, {})


def test_pointers_are_labels_or_none(state):
    state.pointers["parent"][:3] = [-1, 0, 1]
    assert Pointers("parent").read(state) == {"c": None, "a": "c", "b": "a"}


def test_is_value_takes_any_of_several(state):
    state.fields["color"][:3] = [0, 1, 2]
    assert IsValue("color", ("grey", "black")).read(state) == {"c": False, "a": True, "b": True}


def test_a_chain_is_followed_to_nil_and_never_for_ever(state):
    state.pointers["top"][3], state.pointers["below"][:3] = 1, [-1, 2, 0]
    assert LinkedList("top", "below").read(state) == ["a", "b", "c"]
    state.pointers["below"][:3] = [1, 2, 0]
    assert len(LinkedList("top", "below").read(state)) > 3
    state.pointers["top"][3] = -1
    assert LinkedList("top", "below").read(state) == []


def test_a_position_is_a_label_or_none(state):
    state.pointers["u"][3] = 2
    assert (Position("u").read(state), Position("v").read(state)) == ("b", None)


def test_scalars_are_floats():
    x = lay_out(algorithms.get("dijkstra"), nx.empty_graph(["a", "b"]), {"source": "a"})
    x.scalars["distance"][0] = 2
    got = Scalars("distance").read(x)
    assert got == {"a": 2.0, "b": math.inf} and {type(v) for v in got.values()} == {float}


def test_chosen_edges_are_pairs_of_labels():
    graph = nx.Graph()
    graph.add_weighted_edges_from([("a", "b", 1.0), ("b", "c", 1.0), ("c", "a", 1.0)])
    x = lay_out(algorithms.get("mst_kruskal"), graph, {})
    x.fields["state"][3:6] = [2, 0, 2]
    assert Chosen("state", "taken").read(x) == [("a", "b"), ("b", "c")]


def test_an_order_is_of_positions():
    x = lay_out(algorithms.get("heapsort"), [5.0, 6.0, 7.0], {})
    x.pointers["item"][:3] = [2, 0, 1]
    assert Order("item").read(x) == [2, 0, 1]


@pytest.mark.parametrize(
    "a, b, verdict",
    [
        (0.1 + 0.2, 0.3, True),
        (math.inf, math.inf, True),
        (1e-15, 0.0, True),
        (1.0, 1.0 + 1e-6, False),
        (math.inf, 1.0, False),
        (math.nan, 0.0, False),
    ],
)
def test_close_is_equal_up_to_the_order_of_a_sum(a, b, verdict):
    assert close(a, b) is verdict and close(b, a) is verdict
