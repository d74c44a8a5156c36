"""A run as its changes: whatever is asked of it is what the states would say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import algorithms
from algorithms import registry
from algorithms.course import Changes, Course
from algorithms.errors import InputError
from algorithms.recording.record import Recording, record
from algorithms.trace import Trace, lay_out

STATES = array_shapes(min_dims=2, max_dims=2, max_side=6).flatmap(
    lambda shape: st.one_of(
        arrays(np.int64, shape, elements=st.integers(-1, 2)),
        arrays(np.bool_, shape),
        arrays(np.float64, shape, elements=st.sampled_from([0.0, 1.0, np.inf, np.nan])),
    )
)


@given(STATES)
def test_a_course_is_its_states(states):
    course = Course.of_states(states)
    assert course.shape == states.shape and course.states().dtype == states.dtype
    assert np.array_equal(course.states(), states, equal_nan=states.dtype.kind == "f")
    for t in (*range(len(states)), -1):
        assert np.array_equal(course.at(t), states[t], equal_nan=states.dtype.kind == "f")
    assert course == Course.of_states(states.copy())
    course.verify("x")


@given(STATES, st.data())
def test_another_state_is_another_course(states, data):
    t, row = (data.draw(st.integers(0, k - 1)) for k in states.shape)
    other = states.copy()
    other[t, row] = data.draw(st.sampled_from([x for x in (0, 1, 2) if states.dtype != bool or x < 2]))
    same = np.array_equal(states, other, equal_nan=states.dtype.kind == "f")
    assert (Course.of_states(states) == Course.of_states(other)) == same


def test_rows_that_do_not_exist_have_a_course_too():
    assert Course.of_states(np.zeros((4, 0))).states().shape == (4, 0)
    with pytest.raises(IndexError):
        Course.of_states(np.zeros((4, 1))).at(4)


@pytest.mark.parametrize("name", registry.names())
def test_a_traces_states_are_the_recorders(name):
    spec = algorithms.get(name)
    data, arguments = spec.sample(np.random.default_rng(1), 7, spec.families["training"][1])
    run, trace = (
        record(spec, lay_out(spec, data, arguments), Recording(spec)),
        algorithms.trace(name, data, **arguments),
    )
    x = run.instance
    for p in trace.hints.values():
        kind = next((q.kind for q in spec.probes if q.name == p.name), "hub")
        block, names = (1, x.float_names) if p.type == "scalar" else (0, x.int_names)
        states = np.stack([s[block][names.index(p.name), x.rows(kind)] for s in run.states])
        assert np.array_equal(p.data, states, equal_nan=block == 1), p


def test_looks_become_changes_some_at_a_time(monkeypatch):
    whole = algorithms.trace("insertion_sort", [3.0, 1.0, 2.0, 0.0])
    monkeypatch.setattr("algorithms.course._HELD", 100)
    assert algorithms.trace("insertion_sort", [3.0, 1.0, 2.0, 0.0]) == whole


def test_what_a_trace_holds_grows_with_its_writes():
    """Not with the product of ticks and rows: states of 24 numbers would be 100 kB, of 96 more than 5 MB."""
    per_tick = []
    for n in (24, 96):
        trace = algorithms.trace("insertion_sort", list(range(n, 0, -1)))
        per_tick.append(trace.nbytes / trace.num_steps)
    assert per_tick[1] < 80 and per_tick[1] < 1.1 * per_tick[0]


def test_a_file_holds_what_the_trace_does(tmp_path):
    trace = algorithms.trace("bfs", algorithms.get("bfs").sample(np.random.default_rng(0), 8, "tree")[0], source=0)
    trace.save(tmp_path / "t.npz")
    with np.load(tmp_path / "t.npz") as f:
        assert f["hints/color/values"].tolist() == trace.hints["color"].course.values.tolist()
        np.savez(tmp_path / "t.npz", **{k: f[k] for k in f.files if k != "hints/color/first"})
    with pytest.raises(InputError, match="no trace saved"):
        Trace.load(tmp_path / "t.npz")


def test_changes_are_noted_from_where_they_begin():
    spec = algorithms.get("minimum")
    x = lay_out(spec, [3.0, 1.0], {})
    changes = Changes(x)
    record(spec, x, Recording(spec), watch=changes.see)
    assert Trace.of(changes) == algorithms.trace("minimum", [3.0, 1.0])
    assert changes.start("key")[:2].tolist() == [3.0, 1.0] and changes.start("min").tolist()[-1] == -1
