"""Rows that go the same way through a loop's body, or a predicate, go it together."""

from types import ModuleType

import networkx as nx
import numpy as np
import pytest

from algorithms.author import argmin, first
from algorithms.errors import AuthorError
from algorithms.recording.branches import Turn, turns

unseen = ModuleType("unseen")  # programs may keep no notes, but for those in a module


def test_a_body_runs_once_for_each_way_through_it(record_program, final):
    ways = unseen.notes = []

    def paint(hub, nodes):
        for v in nodes:
            if v.index < 4.0:
                v.color = "grey"
                unseen.notes.append("low")
            elif v.index == 7.0:
                v.color = "black"
                unseen.notes.append("seven")
            else:
                unseen.notes.append("other")
        yield "a"

    run, _ = record_program(paint, nx.path_graph(12))
    assert ways == ["low", "low", "other", "seven"]  # the first row on its own, as the loop is new
    assert final(run, "color") == [1] * 4 + [0] * 3 + [2] + [0] * 4


def test_what_a_turn_did_before_a_test_holds_for_those_that_stay_and_is_done_again_for_the_others(
    record_program, final
):
    def program(hub, nodes):
        for v in nodes:
            u = argmin(v.in_edges, key=lambda u: 0.0 - u.index, where=lambda u: u.index < 8.0)
            v.parent = u
            v.label = v.index + u.index
            if v.index > 5.0:
                v.label = v.index + u.index  # the same once more is no conflict
                v.color = "grey"
        yield "a"

    run, _ = record_program(program, nx.path_graph(12))
    parents = [1, 2, 3, 4, 5, 6, 7, 6, 7, -1, -1, -1]
    assert final(run, "parent") == parents
    labels = final(run, "label")
    assert labels[:9] == [float(i + p) for i, p in enumerate(parents[:9])] and np.isnan(labels[9:]).all()
    assert final(run, "color") == [0] * 6 + [1] * 6
    receivers = np.concatenate([ask.receivers for ask in run.asks[0]])
    chosen = np.concatenate([ask.chosen for ask in run.asks[0]])
    edges = run.instance.relations["in_edges"]
    assert sorted(receivers.tolist()) == list(range(12))
    assert [int(edges.src[e]) for _, e in sorted(zip(receivers.tolist(), chosen.tolist()))] == parents
    asked = np.concatenate([ask.asked[0] for ask in run.asks[0]])
    assert sorted(asked.tolist()) == list(range(len(edges)))
    before = np.concatenate([ask.asked[0][ask.asked[1]] for ask in run.asks[0]])
    assert {(int(edges.src[e]), int(edges.dst[e])) for e in before} == {(8, 7), (9, 8), (8, 9), (10, 9), (9, 10),
                                                                         (11, 10), (10, 11)}  # fmt: skip


def test_a_candidate_behind_the_chosen_one_is_not_looked_at(record_program):
    def program(hub, nodes):
        hub.u = first(nodes, where=lambda v: v.index < 6.0 or v.color == "grey")
        yield "a"

    _, recording = record_program(program, nx.path_graph(12))
    columns = [c.text for c in recording.machine().groups["relation:nodes"].columns]
    assert columns == ["hub.phase", "6 vs src.index"]


def test_the_first_row_that_differs_from_another_write_is_refused(record_program):
    def program(hub, nodes):
        hub.u = first(nodes, where=lambda v: v.index == 9.0)
        yield "a"
        hub.u.label = 5.0
        for v in nodes:
            v.label = 5.0
        for v in nodes:
            if v.index > 5.0:
                v.label = v.index
        yield "b"

    with pytest.raises(AuthorError, match="writes label twice in one step"):
        record_program(program, nx.path_graph(12))


def test_one_loop_may_not_ask_what_another_asked(record_program):
    def program(hub, nodes):
        for v in nodes:
            v.parent = first(v.in_edges)
        for v in nodes:
            if v.index > 5.0 and first(v.in_edges):
                v.color = "grey"
        yield "a"

    with pytest.raises(AuthorError, match="selection 'in_edges' twice"):
        record_program(program, nx.path_graph(12))


def test_turns_take_what_is_left_of_earlier_ones():
    colors, seen = np.array([0, 1, 1, 2, 0, 1, 2, 2, 0, 0, 0]), []
    for turn in turns(1, Turn(1), len(colors)):
        at = turn.at
        if type(at) is not int:
            assert turn.agree(colors[at]) == colors[at[0]]
            assert turn.shrink(at, 0).tolist() == turn.at.tolist()
        seen.append(np.atleast_1d(turn.at).tolist())
    assert seen == [[0, 4, 8, 9, 10], [1, 2, 5], [3], [6], [7]]


def test_turns_pass_over_what_is_behind_the_stop():
    stop, seen = [11], []
    for turn in turns(1, Turn(1), 11, stop=stop):
        seen.append(np.atleast_1d(turn.at).tolist())
        if len(seen) == 1:
            assert turn.agree(turn.at % 4 == 0) is True
            stop[0] = 3
    assert seen == [list(range(11)), [1], [2]]
