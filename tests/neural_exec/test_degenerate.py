"""Degenerate input of every algorithm beyond the core suite: the textbook's answer, from the program and from the learned
executor alike, or a typed error from both before any work."""

import importlib
import math
from fractions import Fraction

import networkx as nx
import pytest

import algorithms
from neural_exec import plain_executor as executors
from neural_exec.errors import ArgumentError, GraphError, InputError

INF, NAN = math.inf, math.nan


def answer(everything, name, data, arguments):
    """What both answer."""
    outputs, rollout = algorithms.run(name, data, **arguments), everything.run(name, data, **arguments)
    assert rollout.halted and rollout.outputs == outputs
    return outputs


def graph(*edges, nodes=(), of=nx.Graph, attribute="weight"):
    """Of edges (u, v[, weight])."""
    out = of()
    out.add_nodes_from(nodes)
    for u, v, *weight in edges:
        out.add_edge(u, v, **{attribute: weight[0] if weight else 1.0})
    return out


def digraph(*edges, **given):
    return graph(*edges, of=nx.DiGraph, **given)


def network(*edges, **given):
    return digraph(*edges, attribute="capacity", **given)


# ---------------------------------------------------------------- geometry
HULLS = {
    "one point": ([(1.0, 2.0)], [0]),
    "two points": ([(1.0, 2.0), (0.0, 0.0)], [1, 0]),
    "two equal points": ([(1.0, 2.0)] * 2, [0]),
    "five equal points": ([(1.0, 2.0)] * 5, [0]),
    "three on a line": ([(1.0, 1.0), (0.0, 0.0), (2.0, 2.0)], [1, 2]),
    "on a horizontal line": ([(1.0, 0.0), (2.0, 0.0), (0.0, 0.0), (1.0, 0.0)], [2, 1]),
    "on a vertical line": ([(0.0, 1.0), (0.0, 3.0), (0.0, 0.0)], [2, 1]),
    "on a falling line": ([(1.0, 1.0), (0.0, 2.0), (2.0, 0.0)], [2, 1]),
    "a corner twice": ([(0.0, 0.0), (1.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)], [0, 1, 3]),
    "on every side": ([(1, 0), (0, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1), (1, 1)], [1, 2, 4, 6]),
    "zeros of both signs": ([(0.0, -0.0), (-0.0, 0.0), (1.0, -0.0), (-0.0, 1.0)], [0, 2, 3]),
    "huge": ([(-1.7e308, -1.7e308), (1.7e308, -1.7e308), (0.0, 1.7e308), (0.0, 0.0)], [0, 1, 2]),
    "tiny": ([(0.0, 0.0), (5e-324, 0.0), (0.0, 5e-324), (5e-324, 5e-324)], [0, 1, 3, 2]),
    "huge and tiny": ([(0.0, 0.0), (1.7e308, 5e-324), (1e308, 0.0), (-1e308, 5e-324)], [0, 2, 1, 3]),
    "nearly on a line": (
        [
            (27.643564356435643, -21.881188118811881),
            (83.366336633663366, 15.544554455445542),
            (4.0, 4.0),
            (73.415841584158414, 8.8613861386138595),
        ],
        [0, 1, 2],
    ),
    "on a line but for one": ([(2**60, 2**60), (0, 0), (2**61 + 1, 2**61), (2**61, 2**61)], [1, 2, 3]),
    "whole numbers that floats take for equal": ([(2**53, 0), (2**53 + 1, 0), (2**53, 2)], [0, 1, 2]),
}


@pytest.mark.parametrize("points, hull", HULLS.values(), ids=HULLS)
@pytest.mark.parametrize("name", ["graham_scan", "jarvis_march"])
def test_hulls(everything, name, points, hull):
    outputs = answer(everything, name, points, {})
    assert [points[i] for i in outputs["hull"]] == [points[i] for i in hull]  # of equal points, either


SEGMENTS = {
    "ends touch": ([(0, 0), (1, 1), (1, 1), (2, 0)], True),
    "an end touches a side": ([(0, 0), (2, 0), (1, 0), (1, 1)], True),
    "an end would touch, were it longer": ([(0, 0), (2, 0), (3, 0), (3, 1)], False),
    "overlap on a line": ([(0, 0), (2, 2), (1, 1), (3, 3)], True),
    "one inside the other": ([(0, 0), (3, 3), (1, 1), (2, 2)], True),
    "touch on a line": ([(0, 0), (1, 1), (1, 1), (2, 2)], True),
    "apart on a line": ([(0, 0), (1, 1), (2, 2), (3, 3)], False),
    "the same": ([(0, 0), (1, 1), (1, 1), (0, 0)], True),
    "parallel": ([(0, 0), (2, 0), (0, 1), (2, 1)], False),
    "a point on the other": ([(1, 1), (1, 1), (0, 0), (2, 2)], True),
    "a point on the other's line": ([(3, 3), (3, 3), (0, 0), (2, 2)], False),
    "a point beside": ([(1, 0), (1, 0), (0, 0), (2, 2)], False),
    "two equal points": ([(1, 2)] * 4, True),
    "two points": ([(1, 2), (1, 2), (2, 1), (2, 1)], False),
    "two points of one height": ([(1, 2), (1, 2), (2, 2), (2, 2)], False),
    "huge": ([(-1e308, -1e308), (1e308, 1e308), (-1e308, 1e308), (1e308, -1e308)], True),
    "near": ([(0, 0), (10**9, 10**9 - 1), (10**9 - 1, 10**9 - 2), (10**9 + 5, 0)], False),
    "near, in large numbers": ([(0, 0), (2**60 + 2, 2**60 + 1), (2**60 + 1, 2**60), (2**60 + 9, 0)], False),
    "touch in large numbers": ([(-(2**61) - 4, 0), (2**61, 0), (2**61, 1), (2**61, -(2**60) - 1)], True),
}


@pytest.mark.parametrize("points, intersect", SEGMENTS.values(), ids=SEGMENTS)
def test_segments(everything, points, intersect):
    a, b, c, d = points
    for ends in (points, [b, a, c, d], [c, d, a, b], [d, c, b, a]):
        assert answer(everything, "segments_intersect", ends, {}) == {"intersect": intersect}


# ---------------------------------------------------------------- strings
MATCHES = {
    "empty pattern": ("abc", "", 0),
    "longer than the text": ("ab", "abc", None),
    "longer than a text of the same letter": ("aa", "aaa", None),
    "the text itself": ("abab", "abab", 0),
    "one letter": ("a", "a", 0),
    "one other letter": ("a", "b", None),
    "at the end": ("aab", "ab", 1),
    "over the end": ("aab", "abb", None),
    "no letter of the text": ("aaa", "bb", None),
    "lists": ([1, 2, (3,)], [(3,)], 2),
    "equal of several types": ([0, 1, 2], [1.0, 2.0], 1),
    "zeros of both signs": ([0.0, 1.0], [-0.0], 0),
}


@pytest.mark.parametrize("text, pattern, index", MATCHES.values(), ids=MATCHES)
@pytest.mark.parametrize("name", ["naive_string_matcher", "kmp_matcher"])
def test_matchers(everything, name, text, pattern, index):
    assert answer(everything, name, text, {"pattern": pattern}) == {"index": index}


# ---------------------------------------------------------------- dynamic programs
SEQUENCES = {
    "empty": ("", "", "", 0),
    "first empty": ("", "ab", "", 2),
    "second empty": ("ab", "", "", 2),
    "equal": ("abc", "abc", "abc", 0),
    "one letter": ("a", "a", "a", 0),
    "nothing in common": ("ab", "cde", "", 3),
    "a letter repeated": ("aaaa", "aa", "aa", 2),
    "lists": ([1, (2,)], [(2,)], [(2,)], 1),
    "a list and a string": (["a", "b"], "b", ["b"], 1),
}


@pytest.mark.parametrize("x, y, common, distance", SEQUENCES.values(), ids=SEQUENCES)
def test_two_sequences(everything, x, y, common, distance):
    assert answer(everything, "lcs_length", (x, y), {}) == {"length": len(common), "subsequence": common}
    outputs = answer(everything, "edit_distance", (x, y), {})
    assert outputs["distance"] == distance
    assert [i for i, _ in outputs["alignment"] if i is not None] == list(range(len(x)))
    assert [j for _, j in outputs["alignment"] if j is not None] == list(range(len(y)))


ANSWERS = {
    "one matrix": ("matrix_chain_order", [3, 4], {}, {"cost": 0, "split": {}}),
    "two matrices": ("matrix_chain_order", [2, 3, 4], {}, {"cost": 24, "split": {(0, 1): 0}}),
    "equal dimensions": (
        "matrix_chain_order", [2, 2, 2, 2], {}, {"cost": 16, "split": {(0, 1): 0, (0, 2): 0, (1, 2): 1}}),
    "no key": ("optimal_bst", None, {"p": [], "q": [0.5]}, {"cost": 0.5, "root": {}}),
    "one key": ("optimal_bst", None, {"p": [0.5], "q": [0.25, 0.25]}, {"cost": 1.5, "root": {(0, 0): 0}}),
    "one key, all zeros": ("optimal_bst", None, {"p": [0], "q": [0, 0]}, {"cost": 0, "root": {(0, 0): 0}}),
    "zeros": (
        "optimal_bst", None, {"p": [0, 0, 0], "q": [0, -0.0, 0, 0]},
        {"cost": 0, "root": {(0, 0): 0, (0, 1): 0, (0, 2): 0, (1, 1): 1, (1, 2): 1, (2, 2): 2}}),
    "zero but for one": (
        "optimal_bst", None, {"p": [0, 1, 0], "q": [0, 0, 0, 0]},
        {"cost": 1, "root": {(0, 0): 0, (0, 1): 1, (0, 2): 1, (1, 1): 1, (1, 2): 1, (2, 2): 2}}),
    # -------- greedy
    "one activity": ("activity_selector", None, {"start": [0], "finish": [1]}, {"selected": [0]}),
    "equal activities": ("activity_selector", None, {"start": [0, 0], "finish": [1, 1]}, {"selected": [0]}),
    "equal finish times": (
        "activity_selector", None, {"start": [2, 0, 1], "finish": [3, 3, 3]}, {"selected": [0]}),
    "one starts as the other finishes": (
        "activity_selector", None, {"start": [1, 0, 2], "finish": [2, 1, 3]}, {"selected": [0, 1, 2]}),
    "negative times": (
        "activity_selector", None, {"start": [-1e308, -0.0], "finish": [0.0, 1e308]}, {"selected": [0, 1]}),
    "one task": ("task_scheduling", None, {"deadline": [1], "weight": [3]}, {"selected": [0], "penalty": 0}),
    "equal deadlines": (
        "task_scheduling", None, {"deadline": [2, 2, 2], "weight": [1, 3, 2]}, {"selected": [1, 2], "penalty": 1}),
    "equal tasks": (
        "task_scheduling", None, {"deadline": [2, 2, 2], "weight": [4, 4, 4]}, {"selected": [0, 1], "penalty": 4}),
    "weight zero": (
        "task_scheduling", None, {"deadline": [1, 1], "weight": [0, 0]}, {"selected": [0], "penalty": 0}),
    "weight zero of both signs": (
        "task_scheduling", None, {"deadline": [1, 1], "weight": [-0.0, 0.0]}, {"selected": [0], "penalty": 0}),
    "late deadlines": (
        "task_scheduling", None, {"deadline": [1e300, 9], "weight": [1, 2]}, {"selected": [0, 1], "penalty": 0}),
    "the textbook's tasks": (
        "task_scheduling", None,
        {"deadline": [4, 2, 4, 3, 1, 4, 6], "weight": [70, 60, 50, 40, 30, 20, 10]},
        {"selected": [0, 1, 2, 3, 6], "penalty": 50}),
    "the textbook's tasks, as the benchmark has them": (
        "task_scheduling_clrs30", None,
        {"deadline": [4, 2, 4, 3, 1, 4, 6], "weight": [70, 60, 50, 40, 30, 20, 10]},
        {"selected": [0, 1, 2, 5, 6], "penalty": 70}),
    "a small flow beside a large capacity": (
        "max_flow", network(("s", "a", 1e17), ("a", "b", 0.1), ("b", "a", 1e10), ("b", "t", 2.0**63)), {"source": "s", "sink": "t"},
        {"value": 0.1, "flow": {"s": {"a": 0.1}, "a": {"b": 0.1}, "b": {"a": 0, "t": 0.1}, "t": {}}}),
    "a target above all": ("binary_search", [1, 2], {"target": 3}, {"index": None}),
    "a target below all": ("binary_search", [1, 2], {"target": 0}, {"index": 0}),
    "one weight": ("huffman", [5], {}, {"length": {0: 0}, "cost": 0}),
    "two weights": ("huffman", [5, 0], {}, {"length": {0: 1, 1: 1}, "cost": 5}),
    "equal weights": ("huffman", [1] * 4, {}, {"length": dict.fromkeys(range(4), 2), "cost": 8}),
    "zero weights": ("huffman", [0, -0.0, 0, 0], {}, {"length": {0: 3, 1: 3, 2: 2, 3: 1}, "cost": 0}),
    # -------- lists
    "one number": ("find_maximum_subarray_kadane", [-2.0], {}, {"start": 0, "end": 0, "value": -2.0}),
    "equal numbers": ("find_maximum_subarray_kadane", [3] * 4, {}, {"start": 0, "end": 3, "value": 12}),
    "equal negative numbers": ("find_maximum_subarray_kadane", [-3] * 4, {}, {"start": 0, "end": 0, "value": -3}),
    "a number of rank": ("quickselect", [7.0], {}, {"index": 0}),
    # -------- graphs
    "a self-loop": ("floyd_cycle_detection", digraph((0, 0)), {"start": 0}, {"entry": 0, "cycle_length": 1}),
    "into a self-loop": (
        "floyd_cycle_detection", digraph((0, 1), (1, 2), (2, 2)), {"start": 0}, {"entry": 2, "cycle_length": 1}),
    "all a cycle": (
        "floyd_cycle_detection", digraph((0, 1), (1, 2), (2, 0)), {"start": 1}, {"entry": 1, "cycle_length": 3}),
    "a cycle of two": (
        "floyd_cycle_detection", digraph((0, 1), (1, 0)), {"start": 1}, {"entry": 1, "cycle_length": 2}),
    "a circuit of one node": ("eulerian_circuit", graph(nodes="a"), {}, {"circuit": ["a"]}),
    "nobody to match": ("bipartite_matching", graph(nodes="ab"), {}, {"matching": {"a": None, "b": None}}),
    "out of reach": ("eccentricity", graph((0, 1), nodes=range(3)), {"node": 0}, {"eccentricity": INF}),
    "against the edge": ("eccentricity", digraph((0, 1)), {"node": 1}, {"eccentricity": INF}),
    "eccentricity of one node": ("eccentricity", digraph((0, 0)), {"node": 0}, {"eccentricity": 0}),
    "a forest": (
        "mst_boruvka", graph((0, 1), (1, 2), (2, 0), (4, 5), nodes=range(6)), {}, {"edges": [(0, 1), (0, 2), (4, 5)]}),
    "a cut at both": ("articulation_points", graph((0, 1), (1, 2), (2, 3)), {}, {"nodes": {1, 2}}),
    "no cut in a pair": ("articulation_points", graph((0, 1), (0, 0)), {}, {"nodes": set()}),
    "a loop is no bridge": ("bridges", graph((0, 1), (0, 0), (3, 4)), {}, {"edges": [(0, 1), (3, 4)]}),
    "no path": (
        "floyd_warshall", digraph((0, 1, 2.0)), {},
        {"distance": {0: {0: 0, 1: 2}, 1: {0: INF, 1: 0}}, "parent": {0: {0: None, 1: 0}, 1: {0: None, 1: None}}}),
    "loops beside a path": (
        "floyd_warshall", digraph((0, 0, 5.0), (0, 1, 0.0), (1, 1, 0.0)), {},
        {"distance": {0: {0: 0, 1: 0}, 1: {0: INF, 1: 0}}, "parent": {0: {0: None, 1: 0}, 1: {0: None, 1: None}}}),
    # -------- flow
    "no way to the sink": (
        "max_flow", network(("s", "a", 2.0), ("t", "s", 1.0)), {"source": "s", "sink": "t"},
        {"value": 0, "flow": {"s": {"a": 0}, "a": {}, "t": {"s": 0}}}),
    "no edge": (
        "max_flow", network(nodes="st"), {"source": "s", "sink": "t"}, {"value": 0, "flow": {"s": {}, "t": {}}}),
    "capacity 0": (
        "max_flow", network(("s", "a", 2.0), ("a", "t", 0.0)), {"source": "s", "sink": "t"},
        {"value": 0, "flow": {"s": {"a": 0}, "a": {"t": 0}, "t": {}}}),
    "opposite edges": (
        "max_flow", network(("s", "a", 3.0), ("a", "s", 2.0), ("a", "t", 2.0), ("t", "a", 5.0)),
        {"source": "s", "sink": "t"},
        {"value": 2, "flow": {"s": {"a": 2}, "a": {"s": 0, "t": 2}, "t": {"a": 0}}}),
    "self-loops": (
        "max_flow", network(("s", "s", 9.0), ("s", "t", 1.0), ("t", "t", 9.0)), {"source": "s", "sink": "t"},
        {"value": 1, "flow": {"s": {"s": 0, "t": 1}, "t": {"t": 0}}}),
}  # fmt: skip


@pytest.mark.parametrize("name, data, arguments, expected", ANSWERS.values(), ids=ANSWERS)
def test_answers(everything, name, data, arguments, expected):
    assert answer(everything, name, data, arguments) == expected


# ---------------------------------------------------------------- refusals
PAIR, ST = network(("s", "t", 1.0)), {"source": "s", "sink": "t"}
REFUSALS = {
    "empty text": (InputError, "naive_string_matcher", "", {"pattern": "a"}),
    "empty text and pattern": (InputError, "kmp_matcher", "", {"pattern": ""}),
    "length zero": (InputError, "activity_selector", None, {"start": [1.0], "finish": [1.0]}),
    "finish before start": (InputError, "activity_selector", None, {"start": [1.0], "finish": [0.5]}),
    "lists of two lengths": (InputError, "activity_selector", None, {"start": [1.0, 2.0], "finish": [3.0]}),
    "deadline zero": (InputError, "task_scheduling", None, {"deadline": [0], "weight": [1]}),
    "deadline and a half": (InputError, "task_scheduling", None, {"deadline": [1.5], "weight": [1]}),
    "penalty below zero": (InputError, "task_scheduling", None, {"deadline": [1], "weight": [-1]}),
    "weight below zero": (InputError, "huffman", [1.0, -1e-300], {}),
    "no matrix": (InputError, "matrix_chain_order", [3.0], {}),
    "dimension zero": (InputError, "matrix_chain_order", [3.0, 0.0], {}),
    "cost too large": (InputError, "matrix_chain_order", [1e200, 1e200, 1e200], {}),
    "a gap too few": (InputError, "optimal_bst", None, {"p": [0.5], "q": [0.5]}),
    "a probability below zero": (InputError, "optimal_bst", None, {"p": [0.5], "q": [0.5, -0.5]}),
    "probabilities too large": (InputError, "optimal_bst", None, {"p": [1e308], "q": [0, 1e308]}),
    "penalties too large": (InputError, "task_scheduling", None, {"deadline": [1, 1], "weight": [1e308, 1e308]}),
    "a way too long": (InputError, "floyd_warshall", digraph((0, 1, 1e308), (1, 2, 1e308)), {}),
    "a way too short": (InputError, "bellman_ford", digraph((0, 1, -1e308), (1, 2, -1e308)), {"source": 0}),
    "a flow too large": (InputError, "max_flow", network(("s", "t", 1e308), ("t", "s", 1e308)), ST),
    "three points": (InputError, "segments_intersect", [(0, 0), (1, 1), (2, 2)], {}),
    "a point of three": (InputError, "graham_scan", [(0, 0, 0)], {}),
    "too far": (InputError, "jarvis_march", [(0, 10**400)], {}),
    "too fine": (InputError, "jarvis_march", [(0, 0), (Fraction(1, 3**99), 1), (1, 0)], {}),
    "one sequence": (ArgumentError, "lcs_length", ("ab",), {}),
    "a sequence and a number": (ArgumentError, "edit_distance", ("ab", 3), {}),
    "odd degree": (GraphError, "eulerian_circuit", graph((0, 1)), {}),
    "two circuits": (GraphError, "eulerian_circuit", graph(*nx.cycle_graph(3).edges, (4, 5), (5, 6), (6, 4)), {}),
    "a circuit and a lone node": (GraphError, "eulerian_circuit", graph(*nx.cycle_graph(3).edges, nodes="a"), {}),
    "a circuit with a self-loop": (GraphError, "eulerian_circuit", graph((0, 0)), {}),
    "an odd cycle": (GraphError, "bipartite_matching", graph(*nx.cycle_graph(3).edges), {}),
    "matched with itself": (GraphError, "bipartite_matching", graph((0, 0)), {}),
    "no successor": (GraphError, "floyd_cycle_detection", digraph((0, 1)), {"start": 0}),
    "two successors": (GraphError, "floyd_cycle_detection", digraph((0, 1), (1, 0), (0, 0)), {"start": 0}),
    "negative cycle": (GraphError, "floyd_warshall", digraph((0, 1, 1.0), (1, 0, -2.0)), {}),
    "negative self-loop": (GraphError, "floyd_warshall", digraph((0, 0, -1.0)), {}),
    "source is sink": (InputError, "max_flow", PAIR, {"source": "s", "sink": "s"}),
    "capacity below zero": (InputError, "max_flow", network(("s", "t", -1.0)), ST),
    "infinite capacity": (InputError, "max_flow", network(("s", "t", INF)), ST),
    "no such capacity": (InputError, "max_flow", PAIR, ST | {"capacity": "weight"}),
    "undirected network": (GraphError, "max_flow", PAIR.to_undirected(), ST),
    "multigraph network": (GraphError, "max_flow", nx.MultiDiGraph(PAIR), ST),
}


@pytest.fixture
def no_work(monkeypatch):
    """Neither a program nor the network runs."""

    def runs(*_, **__):
        raise AssertionError("it ran")

    monkeypatch.setattr(importlib.import_module("algorithms.trace"), "record", runs)
    monkeypatch.setattr(executors, "execute", runs)


@pytest.mark.parametrize("error, name, data, arguments", REFUSALS.values(), ids=REFUSALS)
def test_refusals(everything, no_work, error, name, data, arguments):
    for run in (algorithms.run, algorithms.trace, everything.run):
        with pytest.raises(error):
            run(name, data, **arguments)
