"""What a step of a program does, and what is recorded of it."""

import networkx as nx
import numpy as np
import pytest

import algorithms
from algorithms.author import GRAPH, HINT, MASK, NODE, POINTER, Probe, Sequence, argmin, first
from algorithms.contexts import collect, draw
from algorithms.machine.terms import Head
from algorithms.recording.record import Recording, record
from algorithms.trace import lay_out


def told(ask):
    """(selection, who asked, what each was given, what came before that)"""
    edges, before = ask.asked
    return ask.head, ask.receivers.tolist(), ask.chosen.tolist(), edges[before].tolist()


# ---------------------------------------------------------------- what a step does
def test_writes_of_a_step_are_simultaneous(record_program, final):
    def exchange(hub, nodes):
        hub.u = first(nodes)
        yield "one"
        hub.v = first(nodes, where=lambda v: v.index > 1.0)
        yield "other"
        hub.u = hub.v
        hub.v = hub.u
        yield "exchanged"

    run, _ = record_program(exchange)
    assert (final(run, "u"), final(run, "v")) == ([2], [0])


def test_every_row_of_a_loop_sees_the_state_before(record_program, final):
    def shift(hub, nodes):
        for v in nodes:
            v.label = v.index
        yield "init"
        for v in nodes:
            u = argmin(v.in_edges, key=lambda u: u.label)
            v.label = u.label
            v.parent = u
        yield "shifted"

    run, _ = record_program(shift)
    assert final(run, "label") == [1.0, 0.0, 1.0, 2.0]
    assert final(run, "parent") == [1, 0, 1, 2]


def test_first_takes_the_first_eligible_in_index_order_or_nil(record_program, final):
    def look(hub, nodes):
        hub.u = first(nodes, where=lambda v: v.index >= 2.0)
        yield "a"
        hub.v = first(nodes, where=lambda v: v.index > 3.0)
        yield "b"

    run, _ = record_program(look)
    assert (final(run, "u"), final(run, "v")) == ([2], [-1])
    assert [[told(ask) for ask in asks] for asks in run.asks] == [
        [("nodes", [4], [2], [0, 1])],
        [("nodes", [4], [-1], [0, 1, 2, 3])],
        [],
    ]


@pytest.mark.parametrize("keys, chosen", [([2.0, 1.0, 1.0], 1), ([0.0, 0.0, 0.0], 0), ([3.0, 2.0, 1.0], 2)])
def test_argmin_gives_ties_to_the_first(record_program, final, keys, chosen):
    def least(hub, nodes):
        hub.u = argmin(nodes, key=lambda v: v.key)
        yield "a"

    run, _ = record_program(least, keys, structure=Sequence())
    assert final(run, "u") == [chosen]


def test_argmin_by_a_constant_is_first(record_program, final):
    def least(hub, nodes):
        hub.u = argmin(nodes, key=lambda v: 1.0, where=lambda v: v.index > 1.0)
        yield "a"

    assert final(record_program(least)[0], "u") == [2]


def test_same_value_twice_in_one_step_is_no_conflict(record_program, final):
    def program(hub, nodes):
        hub.u = first(nodes)
        yield "a"
        hub.u.color = "grey"
        hub.u.color = "grey"
        hub.mean = hub.v.label  # undefined, twice
        hub.mean = hub.v.label
        yield "b"

    assert final(record_program(program)[0], "color") == [1, 0, 0, 0]


# ---------------------------------------------------------------- what is recorded
def test_phases_are_the_yields_by_word_or_place_outermost_first(record_program):
    def sub(hub):
        yield
        yield "word"

    def program(hub, nodes):
        yield
        yield "named"
        yield from sub(hub)
        yield

    run, recording = record_program(program)
    assert list(recording.phases) == ["start", "halt", "program.0", "program.named", "program.2/sub.0",
                                      "program.2/sub.word", "program.3"]  # fmt: skip
    assert [int(s[0][0, 4]) for s in run.states] == [0, 2, 3, 4, 5, 6, 1]


def test_snapshots_are_one_more_than_ticks_and_end_in_the_final_state():
    spec = algorithms.get("bfs")
    run = record(spec, lay_out(spec, nx.path_graph(3), {"source": 0}), Recording(spec))
    assert (run.ticks, len(run.states), len(run.asks), len(run.lines)) == (5, 6, 5, 5)
    assert np.array_equal(run.states[-1][0], run.instance.ints)
    bare = record(spec, lay_out(spec, nx.path_graph(3), {"source": 0}), Recording(spec), states=False)
    assert (bare.ticks, bare.states, bare.lines) == (5, [], [])
    assert np.array_equal(bare.instance.ints, run.instance.ints)


def program(hub, nodes):
    hub.u = first(nodes, where=lambda v: v.color == "white")
    yield "select"
    if hub.u:
        hub.u.color = "grey"
    yield "paint"
    for v in nodes:
        if v.label < hub.mean:
            v.parent = hub.u
    yield "follow"


def test_groups_hold_what_was_tested_written_and_done(record_program):
    _, recording = record_program(program)
    machine = recording.machine()
    done = {g.name: {o.text for o in g.operations} for g in machine.groups.values()}
    texts = {g.name: [c.text for c in g.columns] for g in machine.groups.values()}
    assert texts == {
        "hub": ["phase", "u?"],
        "node": ["hub.phase", "hub.u == self", "hub.mean vs label"],
        "relation:nodes": ["hub.phase", "src.color"],
    }
    assert machine.groups["hub"].registers == [("pointer", "u"), ("phase", "phase")]
    assert machine.groups["node"].registers == [("field", "color")]
    phases = {f"phase = #{i}" for i in range(5)}
    assert done == {
        "hub": {"keep", "nil", "nodes", *phases},
        "node": {"keep", "color = #0", "color = #1", "color = #2"},
        "relation:nodes": {"eligible", "not eligible"},
    }
    assert machine.heads == {"nodes": Head("nodes")}


def test_a_machine_says_what_is_looked_at_in_each_phase(record_program):
    machine = record_program(program)[1].machine()
    looks = {
        name: {
            phase: [g.columns[c].text for c in seen]
            for phase, seen in zip(machine.domains["phase"], g.looks)
            if len(seen) > 1
        }
        for name, g in machine.groups.items()
    }
    assert looks == {
        "hub": {"program.select": ["phase", "u?"]},
        "node": {
            "program.select": ["hub.phase", "hub.u == self"],
            "program.paint": ["hub.phase", "hub.mean vs label"],
        },
        "relation:nodes": {"start": ["hub.phase", "src.color"]},
    }


def test_a_column_is_nothing_in_a_phase_that_does_not_look_at_it(record_program):
    def program(hub, nodes):
        for v in nodes:
            v.color = "grey" if v.parent else "black"
        yield "a"
        for v in nodes:
            v.label = 0.0 - v.label
        yield "b"

    run, recording = record_program(program)
    table = collect(recording.machine(), [run]).table("node")
    said = ["hub.phase: start, parent?: nil", "hub.phase: program.a", "hub.phase: program.b"]
    assert [table.group.describe(c) for c in table.codes.tolist()] == said
    assert table.group.looked_at(table.codes).tolist() == [[True, True], [True, False], [True, False]]
    assert table.group.says(table.codes, 1, 0).tolist() == [True, False, False]
    assert not table.group.says(int(table.codes[1]), 1, 0)


def test_a_row_written_on_a_test_of_the_hub_sees_that_test(record_program):
    def program(hub, nodes):
        hub.u = first(nodes)
        yield "init"
        if hub.v:
            hub.u.color = "grey"
        if not hub.v:
            hub.u.color = "black"
        yield "paint"

    _, recording = record_program(program)
    assert "hub.v?" in [c.text for c in recording.machine().groups["node"].columns]


def test_rows_that_act_on_a_field_of_the_hub_see_it(record_program):
    probes = [Probe("changed", HINT, GRAPH, MASK), Probe("parent", HINT, NODE, POINTER)]

    def program(hub, nodes):
        if not hub.changed:
            for v in nodes:
                v.parent = first(v.in_edges)
        yield "a"

    groups = record_program(program, probes=probes)[1].machine().groups
    texts = {g.name: [c.text for c in g.columns] for g in groups.values()}
    assert texts == {
        "hub": ["phase", "changed"],
        "node": ["hub.phase", "hub.changed"],
        "relation:in_edges": ["hub.phase", "hub.changed"],
    }


def test_edges_see_what_their_receiver_tested_before_it_asked(record_program):
    def program(hub, nodes):
        for v in nodes:
            if v.color == "white":
                v.parent = first(v.in_edges)
        yield "a"

    groups = record_program(program)[1].machine().groups
    assert [c.text for c in groups["relation:in_edges"].columns] == ["hub.phase", "dst.color"]


@pytest.mark.parametrize("name", algorithms.registry.suite("core"))
def test_runs_in_another_order_record_the_same_columns_operations_and_heads(name):
    spec = algorithms.get(name)

    def machine(seeds):
        recording = Recording(spec)
        for seed in seeds:
            draw(spec, recording, np.random.default_rng(seed), 6, spec.families["training"][seed % 5], states=False)
        return recording.machine()

    there, back = machine(range(10)), machine(reversed(range(10)))
    assert list(there.groups) == list(back.groups) and there.heads == back.heads
    for one, other in zip(there.groups.values(), back.groups.values()):
        assert (one.columns, one.registers) == (other.columns, other.registers)
        assert {o.text for o in one.operations} == {o.text for o in other.operations}
