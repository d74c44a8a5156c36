"""Numbers of very different size beside one another: answers are right to the rounding of what they themselves are.

Each is held against an independent reference in fractions, which rounds nothing.
"""

from fractions import Fraction
from functools import cache
from itertools import pairwise, product

import networkx as nx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import algorithms
from algorithms.errors import InputError

SIZES = [1e17, 2.0**53, 1e10, 3.0, 0.3, 0.1, 1e-16, 1e-300, 5e-324]
some = st.builds(lambda x, k: x * k, st.sampled_from(SIZES), st.integers(1, 7))
either = st.builds(lambda x, s: x * s, some, st.sampled_from([1, -1]))
maybe = st.one_of(some, st.just(0.0))
few = settings(deadline=None, max_examples=150)


def near(x: float, exact: Fraction, terms: int) -> bool:
    """Is x the exact number, but for one rounding a term?"""
    return abs(Fraction(x) - exact) <= abs(exact) * terms * Fraction(2) ** -52


# ---------------------------------------------------------------- flows
def least_cut(capacity: dict, nodes: range, source: int, sink: int) -> Fraction:
    others = [v for v in nodes if v not in (source, sink)]
    sides = (
        {source, *(v for v, side in zip(others, choice) if side)} for choice in product((0, 1), repeat=len(others))
    )
    return min(sum((Fraction(c) for (u, v), c in capacity.items() if u in s and v not in s), Fraction()) for s in sides)


REROUTED = {  # a short path of 1e17 over (1, 2) is undone by two longer ones; what went there beside it was .1
    (0, 1): 1e17, (1, 2): 4e17, (2, 9): 1e17, (0, 3): 0.1, (3, 1): 0.1, (2, 4): 0.1, (4, 9): 0.1,
    (0, 5): 1e17, (5, 6): 1e17, (6, 2): 1e17, (1, 7): 1e17, (7, 8): 1e17, (8, 9): 1e17,
}  # fmt: skip


@few
@given(st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 5)), maybe, max_size=16))
@example({(0, 1): 1e17, (1, 5): 0.1})
@example({(0, 1): 0.1, (1, 5): 1e10, (5, 1): 1e17, (1, 0): 3.0})
@example({(0, 1): 0.3, (1, 5): 0.1, (1, 2): 0.2, (2, 5): 1e17})
@example(REROUTED)
def test_a_flow(capacity):
    capacity = {(u, v): c for (u, v), c in capacity.items() if u != v}
    n = 10 if capacity == REROUTED else 6
    graph, sink = nx.DiGraph(), n - 1
    graph.add_nodes_from(range(n))
    graph.add_edges_from((u, v, {"capacity": c}) for (u, v), c in capacity.items())
    found = algorithms.run("max_flow", graph, source=0, sink=sink)
    flow, best = found["flow"], least_cut(capacity, range(n), 0, sink)
    assert near(found["value"], best, 16)
    assert all(0 <= flow[u][v] <= c for (u, v), c in capacity.items())
    assert not any(flow[u][v] and flow[v][u] for u, v in capacity if (v, u) in capacity)
    into = {v: sum((Fraction(flow[u][v]) for u in graph.pred[v]), Fraction()) for v in graph}
    out = {v: sum(map(Fraction, flow[v].values()), Fraction()) for v in graph}
    into[0], out[sink] = into[0] + best, out[sink] + best
    assert all(abs(into[v] - out[v]) <= max(into[v], out[v]) * 16 * Fraction(2) ** -52 for v in graph)


@pytest.mark.parametrize("large", [1e6, 1e10, 2.0**53, 1e17, 2.0**63, 1e300])
@pytest.mark.parametrize("small", [3.0, 0.1, 1e-16, 1e-300, 5e-324])
def test_a_small_flow_beside_a_large_capacity_is_exact(large, small):
    graph = nx.DiGraph()
    for u, v, c in (("s", "a", large), ("a", "b", small), ("b", "t", large), ("t", "b", large), ("b", "a", large)):
        graph.add_edge(u, v, capacity=c)
    found = algorithms.run("max_flow", graph, source="s", sink="t")
    assert found["value"] == found["flow"]["s"]["a"] == found["flow"]["a"]["b"] == found["flow"]["b"]["t"] == small
    assert found["flow"]["b"]["a"] == found["flow"]["t"]["b"] == 0


def test_the_check_of_a_flow_sees_what_is_wrong_at_any_size():
    check = algorithms.get("max_flow").check
    for unit in (1e-300, 1e-12, 1.0, 1e17):
        graph = nx.DiGraph()
        for u, v in (("s", "a"), ("a", "t")):
            graph.add_edge(u, v, capacity=unit)
        right = {"value": unit, "flow": {"s": {"a": unit}, "a": {"t": unit}, "t": {}}}
        none = {"value": 0.0, "flow": {"s": {"a": 0.0}, "a": {"t": 0.0}, "t": {}}}
        lost = {"value": unit, "flow": {"s": {"a": unit}, "a": {"t": 0.0}, "t": {}}}
        good = [all(map(all, check(x, graph, "s", "t").values())) for x in (right, none, lost)]
        assert good == [True, False, False], unit


# ---------------------------------------------------------------- sums
@few
@given(st.lists(either, min_size=1, max_size=9))
@example([0.1, -1e17, 0.1])
@example([1e17, -1e17, 0.1])
@example([-5e-324])
def test_the_greatest_stretch(values):
    exact = list(map(Fraction, values))
    sums = {(i, j): sum(exact[i : j + 1]) for i in range(len(exact)) for j in range(i, len(exact))}
    best, found = max(sums.values()), algorithms.run("find_maximum_subarray_kadane", values)
    assert near(found["value"], best, len(values)) and near(sums[found["start"], found["end"]], best, len(values))


@few
@given(st.lists(maybe, min_size=1, max_size=9))
def test_huffman(weights):
    found, heap, best = algorithms.run("huffman", weights), sorted(map(Fraction, weights)), Fraction()
    while len(heap) > 1:
        both, heap = heap[0] + heap[1], heap[2:]
        best, heap = best + both, sorted([*heap, both])
    paid = sum(Fraction(w) * found["length"][i] for i, w in enumerate(weights))
    assert near(found["cost"], best, 16) and near(float(paid), best, 16)


def best_of_ranges(n: int, own, extra) -> Fraction:
    @cache
    def best(i: int, j: int) -> Fraction:
        return own(i) if i == j else min(best(i, k) + best(k + 1, j) + extra(i, k, j) for k in range(i, j))

    return best(0, n - 1)


@few
@given(st.lists(st.tuples(maybe, maybe), min_size=1, max_size=5), maybe)
def test_a_search_tree(keys, last):
    p, q = [x for x, _ in keys], [*(x for _, x in keys), last]
    hit, miss = list(map(Fraction, p)), list(map(Fraction, q))
    best = best_of_ranges(len(q), lambda i: miss[i], lambda i, k, j: sum(hit[i:j]) + sum(miss[i : j + 1]))
    assert near(algorithms.run("optimal_bst", p=p, q=q)["cost"], best, 40)


@few
@given(st.lists(st.sampled_from([1e60, 1e17, 3.0, 0.1, 1e-16, 1e-100]), min_size=2, max_size=6))
def test_a_chain_of_matrices(sizes):
    exact = list(map(Fraction, sizes))
    extra = lambda i, k, j: exact[i] * exact[k + 1] * exact[j + 1]
    best = best_of_ranges(len(sizes) - 1, lambda i: Fraction(), extra)
    assert near(algorithms.run("matrix_chain_order", sizes)["cost"], best, 40)


@few
@given(st.lists(maybe, max_size=4), st.lists(maybe, max_size=4), st.lists(maybe, min_size=16, max_size=16))
def test_an_edit_distance(delete, insert, replace):
    n, m = len(delete), len(insert)
    table = [[replace[4 * i + j] for j in range(m)] for i in range(n)]

    @cache
    def best(i: int, j: int) -> Fraction:
        ways = [best(i - 1, j) + Fraction(delete[i - 1])] if i else []
        ways += [best(i, j - 1) + Fraction(insert[j - 1])] if j else []
        ways += [best(i - 1, j - 1) + Fraction(table[i - 1][j - 1])] if i and j else []
        return min(ways, default=Fraction())

    costs = {"delete": delete or 1.0, "insert": insert or 1.0, "replace": table if n and m else 1.0}
    found = algorithms.run("edit_distance", (list(range(n)), list(range(9, 9 + m))), **costs)
    assert near(found["distance"], best(n, m), 10)


@few
@given(st.lists(st.tuples(st.integers(1, 8), maybe), min_size=1, max_size=7))
def test_tasks(tasks):
    deadline, weight = map(list, zip(*tasks))
    found = algorithms.run("task_scheduling", deadline=deadline, weight=weight)
    in_time = lambda some: all(
        deadline[i] >= place for place, i in enumerate(sorted(some, key=lambda i: deadline[i]), 1)
    )
    ways = ([i for i, taken in enumerate(c) if taken] for c in product((0, 1), repeat=len(tasks)))
    most = max(sum((Fraction(weight[i]) for i in way), Fraction()) for way in ways if in_time(way))
    assert in_time(found["selected"]) and sum((Fraction(weight[i]) for i in found["selected"]), Fraction()) == most
    assert near(found["penalty"], sum(map(Fraction, weight), Fraction()) - most, len(tasks))


# ---------------------------------------------------------------- ways
@few
@given(st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), maybe, max_size=12))
@pytest.mark.parametrize("name", ["bellman_ford", "dijkstra", "floyd_warshall", "dag_shortest_paths"])
def test_distances_over_weights_of_at_least_0(name, weights):
    if name == "dag_shortest_paths":
        weights = {(u, v): w for (u, v), w in weights.items() if u < v}
    graph = nx.DiGraph()
    graph.add_nodes_from(range(5))
    graph.add_weighted_edges_from((u, v, w) for (u, v), w in weights.items())
    found = algorithms.run(name, graph, **({} if name == "floyd_warshall" else {"source": 0}))
    exact = nx.DiGraph(graph)
    for u, v in weights:
        exact[u][v]["weight"] = Fraction(weights[u, v])
    distance = found["distance"][0] if name == "floyd_warshall" else found["distance"]
    parent = found["parent"][0] if name == "floyd_warshall" else found["parent"]
    for v, best in nx.single_source_dijkstra_path_length(exact, 0).items():
        assert near(distance[v], Fraction(best), 5)
        way = [v]
        while way[-1] != 0 and len(way) <= 5:  # back to the source, at that cost
            way.append(parent[way[-1]])
        assert way[-1] == 0 and near(
            distance[v], sum((Fraction(weights[e[::-1]]) for e in pairwise(way)), Fraction()), 5
        )


@pytest.mark.parametrize("alpha", [5e-324, 1e-300, 1e-16, 0.1, 0.85, 0.95])
@pytest.mark.parametrize(
    "edges", [[(0, 1), (1, 2), (2, 0), (2, 1)], [(v, 0) for v in range(1, 9)], [(0, 1), (1, 0), (2, 0)]]
)
def test_a_walk_that_jumps_always_or_hardly_ever(alpha, edges):
    """The fixed point, solved in fractions: scores stand still by the tolerance, whatever alpha is."""
    graph, a = nx.DiGraph(edges), Fraction(alpha)
    n, place = len(graph), {v: i for i, v in enumerate(graph)}
    rows = [[Fraction(i == j) for j in range(n)] + [(1 - a) / n] for i in range(n)]
    for v in graph:
        for u in graph[v] or graph:
            rows[place[u]][place[v]] -= a / (len(graph[v]) or n)
    for k in range(n):
        pivot = next(r for r in range(k, n) if rows[r][k])
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        rows = [r if i == k else [x - r[k] * y for x, y in zip(r, rows[k])] for i, r in enumerate(rows)]
    found = algorithms.run("pagerank", graph, alpha=alpha)["score"]
    assert all(abs(found[v] - float(rows[place[v]][n])) <= n * 1e-6 * alpha / (1 - alpha) + 1e-15 for v in graph)


# ---------------------------------------------------------------- what no product holds
@pytest.mark.parametrize("sizes", [[1e-160, 3.0, 1e-160, 2.0], [5e-324, 1.0], [1e-103] * 4])
def test_products_that_would_vanish_are_refused(sizes):
    with pytest.raises(InputError, match="too small for a float64's cost"):
        algorithms.run("matrix_chain_order", sizes)


def test_order_alone_decides_where_numbers_are_compared():
    values = [1e17, 0.1, -1e17, 5e-324, 0.0, -5e-324, 1e-300, 0.3, 2.0**53]
    rising = sorted(range(len(values)), key=values.__getitem__)
    for name in algorithms.registry.chapters()["sorting"]:
        assert algorithms.run(name, values)["order"] == rising
    assert algorithms.run("minimum", values)["index"] == rising[0]
    assert algorithms.run("quickselect", values)["index"] == rising[len(values) // 2]
    for i, j in pairwise(rising):
        found = algorithms.run("activity_selector", start=[values[i], values[j]], finish=[values[j], 1e18])
        assert found["selected"] == [0, 1]
