"""What is learned from transitions: contexts, and the operations that agree with what was done."""

import networkx as nx
import numpy as np
import pytest

import algorithms
from algorithms.author import argmin, first, minimum
from algorithms.contexts import Contexts, collect, draw, transitions
from algorithms.recording.record import Recording, record
from algorithms.tiles import Tiles
from algorithms.trace import lay_out

NAMES = algorithms.names()


def some_runs(name, sizes=(3, 6)):
    spec = algorithms.get(name)
    recording, rng = Recording(spec), np.random.default_rng(1)
    runs = [draw(spec, recording, rng, n, f)[0] for n in sizes for f in spec.families["training"]]
    return recording.machine(), runs


@pytest.mark.parametrize("name", NAMES)
def test_tiles_are_copies_of_the_graphs_each_in_its_state(name):
    _, runs = some_runs(name, (2, 5))
    tiles, copy, start = Tiles(runs), 0, 0
    tiled, begin = tiles.instance, dict.fromkeys(tiles.instance.relations, 0)
    for k, run in enumerate(runs):
        x = run.instance
        for t, (ints, floats) in enumerate(run.states):
            rows = slice(start, start + x.size)
            assert (tiles.run[copy], tiles.tick[copy], tiles.first[copy]) == (k, t, start)
            assert (tiled.graph[rows] == copy).all() and tiled.hubs[copy] == x.hubs[0] + start
            assert np.array_equal(tiled.floats[:, rows], floats[:, :-1], equal_nan=True)
            for i, register in enumerate(x.int_names):
                mine, own = tiled.register(register)[rows], ints[i, :-1]
                moved = np.where(own >= 0, own + start, own) if register in x.pointers else own
                assert np.array_equal(mine, moved)
            for relation, r in x.relations.items():
                edges = slice(begin[relation], begin[relation] + len(r))
                one = tiled.relations[relation]
                assert np.array_equal(one.src[edges], r.src[:-1] + start)
                assert np.array_equal(one.dst[edges], r.dst[:-1] + start)
                assert np.array_equal(one.ptr[rows], r.ptr[:-1] + begin[relation])
                begin[relation] += len(r)
            copy, start = copy + 1, start + x.size
    assert tiled.size == start and len(tiles.run) == copy


@pytest.mark.parametrize("name", NAMES)
def test_every_transition_is_met_and_explained(name):
    machine, runs = some_runs(name)
    contexts = collect(machine, runs)
    for group in machine.groups.values():
        table = contexts.table(group.name)
        each = [transitions(machine, run).get(group.name, ([],))[0] for run in runs]
        assert table.counts.sum() == sum(map(len, each)) > 0
        assert set(table.codes.tolist()) == {int(c) for codes in each for c in codes}
        assert len(set(table.codes.tolist())) == len(table.codes)
        assert table.consistent.any(2).all()
        assert not table.consistent[:, ~group.valid].any()


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_runs_does_not_matter(name):
    machine, runs = some_runs(name)
    there, back = collect(machine, runs), collect(machine, runs[::-1])
    for group in machine.groups:
        a, b = there.table(group), back.table(group)
        for x, y in ((a.codes, b.codes), (a.consistent, b.consistent), (a.counts, b.counts)):
            assert np.array_equal(x, y)


def test_a_group_that_was_never_met_has_an_empty_table():
    machine, _ = some_runs("dijkstra")
    for name, group in machine.groups.items():
        table = Contexts(machine).table(name)
        assert table.codes.shape == (0,) and table.counts.shape == (0,)
        assert table.consistent.shape == (0, *group.valid.shape)


def test_operations_are_consistent_where_they_give_the_next_value_and_write_if_the_program_does(record_program):
    def program(hub, nodes):
        hub.u = first(nodes)
        yield "a"
        hub.v = hub.u
        hub.u = None
        yield "b"

    run, recording = record_program(program)
    machine = recording.machine()
    group = machine.groups["hub"]
    codes, masks, place = transitions(machine, run)["hub"]
    assert [group.describe(int(c)) for c in codes] == ["phase: start", "phase: program.a", "phase: program.b"]
    told = [
        {r: {group.operation_text(o) for o in np.flatnonzero(masks[t, i])} for i, (_, r) in enumerate(group.registers)}
        for t in range(3)
    ]
    assert told[0]["u"] == {"nodes"} and told[0]["v"] == {
        "keep"
    }  # not written, though nil, and u, would leave it as it is
    assert told[1]["u"] == {"nil"} and told[1]["v"] == {"u"}  # nobody selected: what `nodes` would be is not known
    assert told[2] == {"u": {"keep"}, "v": {"keep"}, "phase": {"= halt"}}
    assert [place(t) for t in range(3)] == [(0, 0, 4), (0, 1, 4), (0, 2, 4)]


def test_an_equal_value_written_again_is_no_keep(record_program):
    def program(hub, nodes):
        hub.mean = 0.0 + hub.mean
        yield "a"

    run, recording = record_program(program)
    table = collect(recording.machine(), [run]).table("hub")
    register = table.group.registers.index(("scalar", "mean"))
    told = [[table.group.operation_text(o) for o in np.flatnonzero(m[register])] for m in table.consistent]
    assert told == [["(0 + mean)"], ["keep"]]
    assert all(np.array_equal(floats, run.states[0][1], equal_nan=True) for _, floats in run.states)


def test_an_undefined_number_is_explained_by_an_undefined_value(record_program):
    def program(hub, nodes):
        hub.mean = minimum(1.0, hub.u.label)  # u is nil
        yield "a"

    run, recording = record_program(program)
    table = collect(recording.machine(), [run]).table("hub")
    register = table.group.registers.index(("scalar", "mean"))
    told = {
        table.group.describe(int(c)): [table.group.operation_text(o) for o in np.flatnonzero(m[register])]
        for c, m in zip(table.codes, table.consistent)
    }
    assert told == {"phase: start": ["minimum(1, u.label)"], "phase: program.a": ["keep"]}


def test_an_edge_is_eligible_if_chosen_not_if_before_and_unknown_after(record_program):
    def program(hub, nodes):
        hub.u = argmin(nodes, key=lambda v: 3.0 - v.index, where=lambda v: v.index < 2.0)
        yield "a"

    run, recording = record_program(program)
    machine = recording.machine()
    (relation,) = (g for g in machine.groups if g.startswith("relation:"))
    _, masks, _ = transitions(machine, run)[relation]
    asked, not_asked = masks[:4, 0].tolist(), masks[4:, 0]  # [not eligible, eligible]
    assert asked == [[True, True], [False, True], [True, False], [True, False]]
    assert not not_asked.any()


def test_what_was_never_asked_is_not_eligible(record_program):
    def program(hub, nodes):
        hub.u = first(nodes, where=lambda v: v.color == "grey")
        yield "a"
        for v in nodes:
            v.color = "grey"
        yield "b"

    run, recording = record_program(program)
    machine = recording.machine()
    table = collect(machine, [run]).table("relation:nodes")
    told = {table.group.describe(int(c)): m[0].tolist() for c, m in zip(table.codes, table.consistent)}
    assert told == {
        "hub.phase: start, src.color: white": [True, False],
        "hub.phase: program.a": [True, False],
        "hub.phase: program.b": [True, False],
    }


def test_a_draw_is_one_run_with_its_input():
    spec = algorithms.get("bfs")
    run, graph, arguments = draw(spec, Recording(spec), np.random.default_rng(2), 9, "tree")
    assert len(graph) == 9 and set(arguments) == {"source"}
    again = record(spec, lay_out(spec, graph, arguments), Recording(spec))
    assert again.ticks == run.ticks and all(np.array_equal(a[0], b[0]) for a, b in zip(again.states, run.states))
    assert nx.is_weakly_connected(graph) if graph.is_directed() else nx.is_connected(graph)
    assert draw(spec, Recording(spec), np.random.default_rng(2), 9, "tree", states=False)[0].states == []
