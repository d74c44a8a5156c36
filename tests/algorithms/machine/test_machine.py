"""Rows, relations and groups of contexts."""

import json
from functools import cache

import networkx as nx
import numpy as np
import pytest

import algorithms
from algorithms.contexts import collect, draw
from algorithms.errors import AuthorError
from algorithms.machine.definition import View
from algorithms.machine.program import Group, Machine
from algorithms.machine.terms import Const, Eligible, Equal, FieldIs, Keep, NilTest, Number, Point, Set, Sign
from algorithms.recording.record import Recording
from algorithms.trace import lay_out

NAMES = algorithms.names()


@cache
def recorded(name):
    """(machine, runs) of a few samples."""
    spec = algorithms.get(name)
    recording, rng = Recording(spec), np.random.default_rng(0)
    runs = [draw(spec, recording, rng, n, f)[0] for f in spec.families["training"] for n in (2, 7)]
    return recording.machine(), runs


@pytest.mark.parametrize("name", NAMES)
def test_a_machine_survives_json(name):
    machine, _ = recorded(name)
    back = Machine.from_dict(json.loads(json.dumps(machine.to_dict())))
    assert (back.name, back.domains, back.heads) == (machine.name, machine.domains, machine.heads)
    assert list(back.groups) == list(machine.groups)
    for one, other in zip(back.groups.values(), machine.groups.values()):
        assert (one.name, one.columns, one.operations) == (other.name, other.columns, other.operations)
        assert (one.registers, one.radix, one.weights) == (other.registers, other.radix, other.weights)
        assert np.array_equal(one.valid, other.valid)
    assert back.to_dict() == machine.to_dict()


@pytest.mark.parametrize("name", NAMES)
def test_a_loaded_machine_gives_every_context_the_same_code_and_operations(name):
    machine, runs = recorded(name)
    back = Machine.from_dict(json.loads(json.dumps(machine.to_dict())))
    ours, theirs = collect(machine, runs), collect(back, runs)
    for group in machine.groups:
        a, b = ours.table(group), theirs.table(group)
        assert len(a.codes) and np.array_equal(a.codes, b.codes) and np.array_equal(a.consistent, b.consistent)


@pytest.mark.parametrize("name", NAMES)
def test_a_code_and_its_values_say_the_same(name):
    machine, runs = recorded(name)
    for group in machine.groups.values():
        codes = collect(machine, runs).table(group.name).codes
        values = group.values(codes)
        assert values.shape == (len(codes), len(group.columns)) and (values < group.radix).all() and (values >= 0).all()
        assert np.array_equal(values @ np.array(group.weights), codes)


def example() -> Group:
    columns = [FieldIs((), "color"), NilTest(("parent",)), Equal(("hub", "u"), ()), Sign(Number(0.0), Number(1.0))]
    domains = {"color": ["white", "grey"], "phase": ["start", "halt", "p.a"]}
    operations = [Keep(), Const("color", 0), Const("color", 1), Point(("parent",)), Set(Number(1.0))]
    return Group("node", columns, [("field", "color"), ("pointer", "parent"), ("scalar", "key")], operations, domains)


def test_a_context_is_described_in_words():
    group = example()
    assert group.radix == [3, 2, 2, 4] and group.weights == [1, 3, 6, 12]
    code = 2 * 1 + 1 * 3 + 0 * 6 + 2 * 12
    assert group.values(np.array([code, 0])).tolist() == [[2, 1, 0, 2], [0, 0, 0, 0]]
    assert group.describe(code) == "color: grey, parent?: set, hub.u == self: no, 0 vs 1: smaller"
    assert group.describe(0) == "color: nil, parent?: nil, hub.u == self: no, 0 vs 1: equal"
    assert [group.value_name(3, v) for v in range(4)] == ["equal", "greater", "smaller", "undefined"]
    assert group.operation_text(2) == "= grey" and group.operation_text(3) == "parent"


def test_an_operation_fits_the_registers_of_its_kind():
    assert example().valid.tolist() == [
        [True, True, True, False, False],
        [True, False, False, True, False],
        [True, False, False, False, True],
    ]
    heads = Group("relation:in_edges", [], [("select", "in_edges")], [Eligible(False), Eligible(True)], {})
    assert heads.valid.all() and heads.relation == "in_edges" and example().relation == ""


def test_more_tests_than_a_code_can_hold_are_refused():
    columns = [NilTest((f"p{i}",)) for i in range(62)]
    assert Group("node", columns[:61], [], [], {}).weights[-1] == 2**60
    with pytest.raises(AuthorError, match="test 62 things"):
        Group("node", columns, [], [], {})


def test_a_code_is_the_sum_of_its_columns():
    x = lay_out(algorithms.get("bfs"), nx.path_graph(3), {"source": 1})
    x.fields["color"][:3] = [0, 1, 2]
    columns = [FieldIs((), "color"), Equal(("hub", "source"), ()), NilTest(("parent",))]
    group = Group("node", columns, [], [], {"color": ["white", "grey", "black"]})
    view = View(x, {})
    assert group.values(view.codes(group, np.arange(3))).tolist() == [[1, 0, 0], [2, 1, 0], [3, 0, 0]]
    assert view.codes(group, np.arange(3), [1]).tolist() == [0, 4, 0]
    assert view.codes(group, np.arange(3), []).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    "a, b, value", [(1.0, 1.0, 0), (2.0, 1.0, 1), (1.0, 2.0, 2), (np.nan, 1.0, 3), (1.0, np.nan, 3)]
)
def test_sign(a, b, value):
    view, column = View(lay_out(algorithms.get("bfs"), nx.path_graph(3), {"source": 1}), {}), Sign(Number(a), Number(b))
    assert view.column(column, 0) == value


@pytest.mark.parametrize("name", NAMES)
def test_the_nil_row_reads_as_nothing_before_and_after_a_run(name):
    for run in recorded(name)[1]:
        x = run.instance
        assert (x.ints[:, -1] == -1).all() and np.isnan(x.floats[:, -1]).all()
        for array in (
            *x.static.values(),
            *(r.src for r in x.relations.values()),
            *(r.dst for r in x.relations.values()),
        ):
            assert array[-1] == -1
        assert all(np.isnan(a[-1]) for a in x.constants.values())


def test_registers_are_slices_of_the_two_blocks():
    x = lay_out(algorithms.get("dijkstra"), nx.empty_graph(2), {"source": 1})
    x.ints[:] = 7
    x.floats[:] = 0.5
    assert set(x.fields["color"]) == set(x.pointers["u"]) == {7} and set(x.register("distance")) == {0.5}
    with pytest.raises(KeyError):
        x.register("nothing")
