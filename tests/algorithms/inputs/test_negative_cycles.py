"""Whether there is a negative cycle is found exactly, and what is named is one."""

import ast
from decimal import Decimal
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import algorithms
from algorithms.errors import GraphError
from algorithms.graphs._paths import negative_cycle, no_negative_cycle
from algorithms.inputs.exact import real

NEED_NONE = [n for n in algorithms.names() if no_negative_cycle in getattr(algorithms.get(n).structure, "requires", ())]
OTHERS = {"bellman_ford": {"source": 0}, "floyd_warshall": {}}
EXACT = [-2, -1, 0, 1, 3, 1e16, -1e16, 1e-16, -1e-16, 0.1, 0.7, -0.8, Fraction(1, 3), Fraction(-2, 3), 5e-324, -1e308]


def has_one(edges) -> bool:
    """By Floyd and Warshall, in fractions."""
    nodes = {v for u, v, _ in edges} | {u for u, v, _ in edges}
    best: dict = {}
    for u, v, w in edges:
        best[u, v] = min(best.get((u, v), Fraction(w)), Fraction(w))
    for k in nodes:
        for u in nodes:
            for v in nodes:
                if (u, k) in best and (k, v) in best:
                    way = best[u, k] + best[k, v]
                    best[u, v] = min(best.get((u, v), way), way)
    return any(best.get((v, v), 0) < 0 for v in nodes)


@settings(deadline=None, max_examples=400)
@given(st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 5)), st.sampled_from(EXACT), max_size=14))
def test_a_cycle_is_found_where_there_is_one_and_is_negative(weights):
    edges = [(u, v, w) for (u, v), w in weights.items()]
    cycle = negative_cycle(edges)
    assert (cycle is not None) == has_one(edges)
    if cycle:
        assert cycle[0] == cycle[-1] and len({*cycle}) == len(cycle) - 1
        assert sum(Fraction(weights[e]) for e in nx.utils.pairwise(cycle)) < 0


@pytest.mark.parametrize("n", [1, 2, 3000])
def test_a_long_cycle_just_below_zero_and_at_zero(n):
    """Against the order of the nodes, where a distance changes often."""
    ring = [(v + 1, v, -1) for v in range(n - 1)]
    assert negative_cycle([*ring, (0, n - 1, n - 1)]) is None
    found = negative_cycle([*ring, (0, n - 1, n - 1 - 1e-9)])
    assert (len(found) == n + 1) if n > 1 else found == [0, 0]


CYCLES = [  # weights round a cycle, and whether they sum up to less than 0
    ([-1, 0, -1], True), ([1.0, 7.0, -8.0], False), ([0.1, 0.7, -0.8], True), ([0.3, -0.1, -0.2], True),
    ([16777216, 3, -16777216, -3, -0.5], True), ([1e16, 1.0, -1e16, -1.5], True), ([1e16, 1.0, -1e16, -1.0], False),
    ([1e-16, -2e-16], True), ([8e307, -8e307, -5e-324], True), ([Fraction(1, 3), Fraction(1, 3), Fraction(-2, 3)], False),
    ([Decimal("0.1"), Decimal("0.7"), Decimal("-0.8")], True),  # not below 0, but their float64 are
    ([Fraction(1, 3), Fraction(-1, 3) - Fraction(1, 10**17)], True),  # below 0, but their float64 are not
    ([10**15, -(10**15) - 1], True),
]  # fmt: skip


@pytest.mark.parametrize("kind", [None, np.float32, np.float16, np.longdouble])
@pytest.mark.parametrize("weights, negative", CYCLES, ids=str)
@pytest.mark.parametrize("name", NEED_NONE)
def test_all_that_need_no_negative_cycle_find_it_exactly(name, weights, negative, kind):
    graph = nx.DiGraph()
    if kind:
        with np.errstate(over="ignore"):
            weights = [kind(float(w)) for w in weights]
        if not np.isfinite(weights).all() or len({*weights}) < len(weights):
            pytest.skip("not of this kind")
        negative = sum(map(Fraction, (real(w, "w") for w in weights))) < 0
    n = len(weights)
    graph.add_weighted_edges_from((v, (v + 1) % n, w) for v, w in enumerate(weights))
    if not negative:
        algorithms.run(name, graph, **OTHERS[name])
        return
    with pytest.raises(GraphError, match="the graph has a negative cycle, ") as error:
        algorithms.run(name, graph, **OTHERS[name])
    told = ast.literal_eval(str(error.value).split("cycle, ")[1].split(";")[0])
    assert told[0] == told[-1] and {*told} == {*graph}


def test_two_algorithms_need_none():
    assert {*NEED_NONE} == {*OTHERS}
