"""Random inputs: by family and seed."""

import networkx as nx
import numpy as np
import pytest

from algorithms import sampling

GRAPHS = sum(sampling.GRAPHS.values(), ())
SEQUENCES = sum(sampling.SEQUENCES.values(), ())


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("n", [1, 2, 3, 9, 16])
@pytest.mark.parametrize("family", GRAPHS)
def test_a_graph_has_about_n_nodes_and_the_right_kind(family, n):
    for draw in (sampling.graph, sampling.dag):
        graph = draw(rng(n), n, family)
        assert n / 2 < len(graph) <= n and list(graph) == list(range(len(graph)))
    assert type(sampling.graph(rng(), n, family)) is nx.Graph
    assert type(sampling.graph(rng(), n, family, directed=True)) is nx.DiGraph
    assert nx.is_directed_acyclic_graph(sampling.dag(rng(), n, family))


@pytest.mark.parametrize("family", GRAPHS)
def test_a_seed_fixes_a_graph(family):
    def edges(seed, draw):
        graph = sampling.weigh(rng(seed), draw(rng(seed), 12, family))
        return sorted(graph.edges(data="weight"))

    for draw in (sampling.graph, sampling.dag):
        assert edges(1, draw) == edges(1, draw)
        assert edges(1, draw) != edges(2, draw)


def test_families_are_what_they_are_called():
    def degrees(family, n=16):
        graph = sampling.graph(rng(3), n, family)
        graph.remove_edges_from(list(nx.selfloop_edges(graph)))
        return graph, sorted(d for _, d in graph.degree)

    assert degrees("path")[1] == [1, 1] + 14 * [2]
    assert degrees("cycle")[1] == 16 * [2]
    assert degrees("star")[1] == 15 * [1] + [15]
    assert nx.is_tree(degrees("tree")[0])
    assert nx.is_isomorphic(degrees("grid")[0], nx.grid_2d_graph(4, 4))
    assert all(not nx.is_connected(sampling.graph(rng(s), 16, "disconnected")) for s in range(5))
    assert degrees("dense")[0].size() > degrees("erdos_renyi")[0].size()


def test_node_numbers_say_nothing_of_the_shape():
    centres = {max(g.degree, key=lambda x: x[1])[0] for g in (sampling.graph(rng(s), 8, "star") for s in range(40))}
    assert centres == set(range(8))
    directions = {u < v for s in range(5) for u, v in sampling.dag(rng(s), 8, "tree").edges}
    assert directions == {True, False}


def test_self_loops_and_both_directions_occur():
    plain = [sampling.graph(rng(s), 8, "path") for s in range(60)]
    directed = [sampling.graph(rng(s), 8, "path", directed=True) for s in range(20)]
    assert 0 < sum(nx.number_of_selfloops(g) > 0 for g in plain) < 30
    assert any(g.has_edge(v, u) for g in directed for u, v in g.edges if u != v)
    assert any(not g.has_edge(v, u) for g in directed for u, v in g.edges)


def test_weights_are_within_bounds_and_have_ties_now_and_then():
    drawn = []
    for seed in range(30):
        graph = sampling.weigh(rng(seed), nx.complete_graph(6), low=-1.0, high=1.0)
        drawn.append([w for *_, w in graph.edges(data="weight")])
        assert all(type(w) is float for w in drawn[-1])
    ties = [w for w in drawn if len(set(w)) < len(w)]
    assert 0 < len(ties) < 30 and all(w == int(w) for ws in ties for w in ws)
    assert all(-1 <= w < 1 for ws in drawn if ws not in ties for w in ws)
    assert min(map(min, drawn)) < 0 < max(map(max, drawn))


@pytest.mark.parametrize("n", [1, 2, 7, 16])
@pytest.mark.parametrize("family", SEQUENCES)
def test_n_numbers_fixed_by_a_seed(family, n):
    values = sampling.numbers(rng(n), n, family)
    assert len(values) == n and all(type(x) is float for x in values)
    assert values == sampling.numbers(rng(n), n, family)
    assert n < 7 or values != sampling.numbers(rng(n + 1), n, family)


def test_lists_are_what_they_are_called():
    draw = {f: sampling.numbers(rng(5), 16, f) for f in SEQUENCES}
    assert draw["sorted"] == sorted(draw["sorted"]) and draw["reversed"] == sorted(draw["reversed"], reverse=True)
    assert len(set(draw["ties"])) < 16 and set(draw["repeated"]) == {0.0, 1.0}
    assert draw["uniform"] != sorted(draw["uniform"]) and draw["nearly_sorted"] != sorted(draw["nearly_sorted"])
    assert np.abs(np.argsort(draw["nearly_sorted"]) - np.arange(16)).max() < 8
    assert max(map(abs, draw["gaussian"])) > 10


def test_training_and_held_out_families_are_apart():
    for families in (sampling.GRAPHS, sampling.SEQUENCES):
        assert set(families) == {"training", "held_out"} and not set(families["training"]) & set(families["held_out"])


@pytest.mark.parametrize("draw", [sampling.graph, sampling.dag, sampling.numbers])
def test_an_unknown_family_is_told_with_those_there_are(draw):
    with pytest.raises(KeyError, match="'lattice'; known: "):
        draw(rng(), 5, "lattice")
