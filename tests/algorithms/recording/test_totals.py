"""Totals: sums over what is eligible, as one instruction."""

import networkx as nx
import pytest

import algorithms
from algorithms.author import GRAPH, HINT, NODE, OUTPUT, SCALAR, Graph, Probe, algorithm, total
from algorithms.checking.checker import check
from algorithms.contexts import draw
from algorithms.errors import AuthorError
from algorithms.recording.record import Recording


def spec(program):
    return algorithm(
        source="none",
        structure=Graph(directed=True, weighted=True),
        probes=[
            Probe("sum", OUTPUT, NODE, SCALAR),
            Probe("cost", HINT, NODE, SCALAR),
            Probe("count", HINT, GRAPH, SCALAR),
        ],
        outputs={},
        ticks=lambda n, m: 3,
        families={"training": ("path",), "held_out": ()},
        sample=lambda rng, n, family: (weighted(), {}),
        check=lambda outputs, data, **_: {},
    )(program)


def weighted():
    graph = nx.empty_graph(4, create_using=nx.DiGraph)
    graph.add_weighted_edges_from([(0, 2, 0.1), (1, 2, 0.2), (3, 2, 0.3), (2, 0, 5.0), (2, 2, 7.0)])
    return graph


def run(program):
    import numpy as np

    built = spec(program)
    return draw(built, Recording(built), np.random.default_rng(0), 3, "path")[0]


def test_sums_in_index_order_over_what_is_eligible():
    def program(hub, nodes):
        for v in nodes:
            v.sum = total(v.in_edges, key=lambda u: u.weight, where=lambda u: u != v)
            v.cost = 1.0 - total(v.in_edges, key=lambda u: 2.0)
        hub.count = total(nodes, key=lambda v: v.index)
        yield "done"

    x = run(program).instance
    assert x.scalars["sum"][:4].tolist() == [5.0, 0.0, 0.1 + 0.2 + 0.3, 0.0]
    assert x.scalars["cost"][:4].tolist() == [-1.0, 1.0, 1.0 - 8.0, 1.0]
    assert x.scalars["count"][x.hubs[0]] == 6.0


def test_every_candidate_is_told_to_be_in_it_or_not():
    def program(hub, nodes):
        for v in nodes:
            v.sum = total(v.in_edges, key=lambda u: u.weight, where=lambda u: u != v)
        yield "done"

    asks = run(program).asks[0]
    asked = {int(e): bool(o) for ask in asks for e, o in zip(*ask.asked)}
    assert sorted(asked) == list(range(5)) and sum(asked.values()) == 1
    sums = {int(v): float(s) for ask in asks for v, s in zip(ask.receivers, ask.chosen)}
    assert sums == {0: 5.0, 1: 0.0, 2: 0.1 + 0.2 + 0.3, 3: 0.0}


def test_a_total_is_not_tested_and_not_read_of_another_row():
    def tested(hub, nodes):
        if total(nodes, key=lambda v: v.index) > 1.0:
            hub.count = 1.0
        yield "done"

    def remote(hub, nodes):
        some = total(nodes, key=lambda v: v.index)
        for v in nodes:
            v.sum = some
        yield "done"

    def twice(hub, nodes):
        hub.count = total(nodes, key=lambda v: v.index) + total(
            nodes, key=lambda v: v.index, where=lambda v: v.sum > 0.0
        )
        yield "done"

    for program, what in ((tested, "tests a total"), (remote, "total of another row"), (twice, "twice in one step")):
        with pytest.raises(AuthorError, match=what):
            run(program)


@pytest.mark.parametrize("name", ["pagerank", "k_core"])
def test_programs_with_totals_are_learnable(name):
    assert check(name, runs=60, sizes=(24,)).ok


def test_pagerank_agrees_with_networkx_where_nodes_dangle():
    graph = nx.DiGraph([("a", "b"), ("c", "b"), ("b", "d")])
    score = algorithms.run("pagerank", graph, alpha=0.6)["score"]
    assert score == pytest.approx(nx.pagerank(graph, alpha=0.6), abs=1e-6)


def test_the_check_of_pagerank_rejects_what_is_nearly_right_on_large_graphs():
    graph = nx.gnp_random_graph(256, 0.03, seed=1, directed=True)
    check = algorithms.get("pagerank").check
    right = algorithms.run("pagerank", graph, alpha=0.85)
    assert all(check(right, graph, 0.85)["score"])
    for wrong in (dict.fromkeys(graph, 1 / 256), dict.fromkeys(graph, 0.0)):
        assert not any(check({"score": wrong}, graph, 0.85)["score"])
