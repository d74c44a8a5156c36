"""Rows and numbers as a program sees them."""

import math
import operator
from types import ModuleType

import networkx as nx
import pytest

import algorithms
from algorithms.author import HINT, NODE, POINTER, SCALAR, Probe, argmin, maximum, minimum

unseen = ModuleType("unseen")  # programs may keep no notes, but for those in a module


def test_reading_through_nil_gives_nothing(record_program, final):
    seen = unseen.notes = []

    def look(hub, nodes):
        unseen.notes.append(hub.u.color)
        unseen.notes.append(bool(hub.u.parent))
        unseen.notes.append(hub.u.label < 0.0 or hub.u.label >= 0.0)
        hub.v = hub.u.parent
        yield "a"

    run, _ = record_program(look)
    assert seen == [None, False, False] and final(run, "v") == [-1]


def test_arithmetic_is_that_of_floats(record_program, final):
    def compute(hub, nodes):
        for v in nodes:
            v.label = abs(2.0 - (v.index * 3 + 1.5) * v.index - 1) + -v.index
        yield "a"
        for v in nodes:
            v.label = minimum(3.0, maximum(v.label, v.index))
        yield "b"

    run, _ = record_program(compute)
    first_labels = [abs(2.0 - (i * 3 + 1.5) * i - 1) - i for i in range(4)]
    assert run.states[1][1][run.instance.float_names.index("label")][:4].tolist() == first_labels
    assert final(run, "label") == [min(3.0, max(x, float(i))) for i, x in enumerate(first_labels)]


COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]


@pytest.mark.parametrize("compare", COMPARISONS, ids=lambda f: f.__name__)
def test_numbers_compare_as_floats_do(record_program, compare):
    pairs = [(0.0, 1.0), (1.0, 1.0), (2.0, 1.0)]
    seen = unseen.notes = []

    def look(hub, nodes):
        for v in nodes:
            unseen.notes.append((compare(v.index, 1.0), compare(1.0, v.index)))
        yield "a"

    record_program(look, nx.path_graph(3))
    assert seen == [(compare(a, b), compare(b, a)) for a, b in pairs]


def test_rows_are_equal_where_they_are_one_row(record_program):
    seen = unseen.notes = []

    def look(hub, nodes):
        unseen.notes.append((hub.u == hub.v, hub.u != hub.v, hub.u == None, not hub.u))  # noqa: E711
        hub.u = argmin(nodes)
        yield "a"
        hub.v = hub.u
        yield "b"
        unseen.notes.append((hub.u == hub.v, hub.u != hub.v, hub.u == None, not hub.u))  # noqa: E711
        for v in nodes:
            unseen.notes.append((v == hub.u, hub.u != v))
        yield "c"

    record_program(look, nx.path_graph(2))
    assert seen == [(True, False, True, True), (True, False, False, False), (True, False), (False, True)]


@pytest.mark.parametrize("choose", [minimum, maximum])
def test_an_extreme_with_something_undefined_is_undefined(record_program, final, choose):
    def compute(hub, nodes):
        hub.mean = choose(1.0, hub.u.label)  # u is nil
        yield "a"

    assert math.isnan(final(record_program(compute)[0], "mean")[0])


def test_a_selected_edge_tells_its_weight(record_program, final):
    probes = [Probe("parent", HINT, NODE, POINTER), Probe("label", HINT, NODE, SCALAR)]

    def program(hub, nodes):
        for v in nodes:
            u = argmin(v.in_edges, key=lambda u: u.weight)
            v.parent = u
            v.label = u.weight
        yield "a"

    graph = nx.Graph()
    graph.add_weighted_edges_from([(0, 1, 5.0), (1, 2, 3.0), (0, 2, 4.0)])
    run, _ = record_program(program, graph, structure=algorithms.get("dijkstra").structure, probes=probes)
    assert (final(run, "parent"), final(run, "label")) == ([2, 2, 1], [4.0, 3.0, 3.0])
