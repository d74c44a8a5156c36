"""Traces that the engine makes of a program's own decisions are the recorder's, change by change."""

import importlib

import networkx as nx
import numpy as np
import pytest

import algorithms
from algorithms import registry
from algorithms.course import Changes
from algorithms.drawing import Traces, drawn
from algorithms.errors import AuthorError
from algorithms.machine.definition import Definition
from algorithms.machine.engine import execute
from algorithms.recording.record import Recording, record
from algorithms.saturated import Saturated
from algorithms.trace import Trace, lay_out

drawing = importlib.import_module("algorithms.drawing")


@pytest.fixture
def anew(monkeypatch):
    """As in a process that has drawn nothing."""
    monkeypatch.setattr(drawing, "_SOURCES", {})


def inputs_of(spec, count, n, seed):
    rng, families = np.random.default_rng(seed), [f for kind in spec.families.values() for f in kind]
    return [spec.sample(rng, n, families[i % len(families)]) for i in range(count)]


def recorded(spec, data, arguments) -> Trace:
    instance = lay_out(spec, data, arguments)
    changes = Changes(instance)
    record(spec, instance, Recording(spec), states=False, watch=changes.see)
    return Trace.of(changes)


@pytest.mark.parametrize("name", registry.names())
def test_a_drawn_trace_is_the_recorders(name):
    spec = registry.get(name)
    inputs = inputs_of(spec, 9, 11, 4)
    traces = drawn(spec, [lay_out(spec, data, arguments) for data, arguments in inputs])
    assert len(traces) == 9 and traces.proven == [0]
    for trace, (data, arguments) in zip(traces, inputs):
        assert trace == recorded(spec, data, arguments)


@pytest.mark.parametrize("name", registry.names())
def test_a_table_writes_where_the_program_writes(name):
    """Not its changes alone: each decision writes the registers that the program's lines write in that tick."""
    spec, recording = registry.get(name), Recording(registry.get(name))
    runs = [record(spec, lay_out(spec, data, arguments), recording) for data, arguments in inputs_of(spec, 4, 5, 2)]
    table = Saturated(spec, recording.machine())
    table.add(runs)
    for run, (data, arguments) in zip(runs, inputs_of(spec, 4, 5, 2)):
        x, wrote = lay_out(spec, data, arguments), []
        definition = Definition(table, x)
        commit = definition.commit
        definition.commit = lambda view, writes: (wrote.append({w[:2] for w in writes}), commit(view, writes))
        while not definition.halted:
            definition.tick()
        told = [{(n, int(row)) for n, rows, *_ in lines for row in np.atleast_1d(rows)} for lines in run.lines]
        assert [{w for w in writes if w[0] != "phase"} for writes in wrote] == told
        assert (x.ints == run.instance.ints).all()


def test_traces_are_made_when_asked_and_slices_are_lists():
    traces = algorithms.draw("bfs", 5, n=6)
    assert isinstance(traces, Traces) and [t.algorithm for t in traces] == ["bfs"] * 5
    assert traces[-1] == traces[4] == traces[3:][1] and traces[0] == algorithms.draw("bfs", 5, n=6)[0]
    assert traces[1] != algorithms.draw("bfs", 5, n=6, seed=1)[1]
    with pytest.raises(IndexError):
        traces[5]
    assert len(algorithms.draw("bfs", 0)) == 0


def test_inputs_stay_as_they_are():
    spec = registry.get("heapsort")
    instances = [lay_out(spec, values, {}) for values in ([3.0, 1.0, 2.0], [1.0, 2.0, 0.0], [5.0])]
    before = [(x.ints.copy(), x.floats.copy()) for x in instances]
    assert [t.outputs["item"].data.tolist() for t in drawn(spec, instances)] == [[1, 2, 0], [2, 0, 1], [0]]
    for x, (ints, floats) in zip(instances, before):
        assert (x.ints == ints).all() and np.array_equal(x.floats, floats, equal_nan=True)


def test_what_no_run_has_met_is_recorded_and_learnt(anew, monkeypatch):
    monkeypatch.setattr(drawing, "_RUNS", 1)
    spec = registry.get("insertion_sort")
    instance = lay_out(spec, [2.0, 1.0, 3.0], {})
    seen = []
    monkeypatch.setattr(
        drawing._Source, "record", lambda self, x, f=drawing._Source.record: (seen.append(x), f(self, x))[1]
    )
    first = drawn(spec, [instance])[0]
    assert len(seen) == 1 and first == recorded(spec, [2.0, 1.0, 3.0], {})
    assert drawn(spec, [instance])[0] == first and len(seen) == 1


def test_a_table_that_is_not_the_programs_is_refused(anew):
    spec = registry.get("insertion_sort")
    instances = [lay_out(spec, [3.0, 1.0, 2.0], {})]
    drawn(spec, instances)
    table = drawing._SOURCES["insertion_sort"].table
    register = table.machine.groups["node"].registers.index(("pointer", "item"))
    for code, decision in table.answers["node"].items():  # it forgets whose numbers they are
        table.answers["node"][code] = tuple(d for d in decision if d[0] != register)
    table.changed()
    with pytest.raises(AuthorError, match="in a run of its recorded decisions item is not what it writes"):
        drawn(spec, instances)


def test_a_long_run_is_drawn_from_the_table_and_is_the_recorders(monkeypatch):
    values = np.random.default_rng(0).permutation(30).astype(float).tolist()
    whole = algorithms.trace("insertion_sort", values)
    monkeypatch.setattr(drawing, "_LONG", 10)
    monkeypatch.setattr(drawing, "_PROVED", 0)
    monkeypatch.setattr("algorithms.machine.engine._LOGGED", 64)
    assert algorithms.trace("insertion_sort", values) == whole


def test_what_edges_leave_open_is_doubted():
    """Of two neighbours that both run toward it a row chooses the first: nothing is told of the other."""
    spec, recording = registry.get("bfs"), Recording(registry.get("bfs"))
    run = record(spec, lay_out(spec, nx.path_graph(3), {"source": 0}), recording)
    table = Saturated(spec, recording.machine())
    table.add([run])
    open_codes = {g: codes for g, codes in table.open.items() if codes}
    for g, codes in open_codes.items():
        for code in codes:
            assert table.answers[g][code] < table.generous.answers[g][code]
    x, y = (lay_out(spec, nx.path_graph(3), {"source": 0}) for _ in range(2))
    assert execute(table, x).ticks == execute(table.generous, y).ticks and (x.ints == y.ints).all()
