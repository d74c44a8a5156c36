import numpy as np
import pytest

from algorithms import registry
from algorithms.contexts import draw
from algorithms.errors import AuthorError
from algorithms.machine.compiled import program_of
from algorithms.machine.engine import execute
from algorithms.machine.terms import Const
from algorithms.recording.record import Recording, record
from algorithms.saturated import Missing, Saturated
from algorithms.trace import lay_out


@pytest.fixture(scope="module")
def table():
    spec, recording = registry.get("insertion_sort"), Recording(registry.get("insertion_sort"))
    for seed in range(5):
        draw(spec, recording, np.random.default_rng(seed), 9, "ties")
    return Saturated(spec, recording.machine(), 40)


def test_its_runs_are_the_recorders(table):
    for values in ([2.0, 1.0, 3.0, 1.0], [1.0], [3.0, 2.0, 1.0, 0.0, 0.0]):
        run = record(table.spec, lay_out(table.spec, values, {}), Recording(table.spec))
        states = []
        ended = execute(
            table, lay_out(table.spec, values, {}), lambda t, x: states.append((x.ints.copy(), x.floats.copy()))
        )
        assert ended.halted and ended.ticks == run.ticks
        for (ints, floats), (more, mores) in zip(states, run.states, strict=True):
            assert (ints == more).all() and np.array_equal(floats, mores, equal_nan=True)


def test_what_no_run_has_met_is_no_guess(table):
    empty = Saturated(table.spec, table.machine)
    with pytest.raises(Missing, match="no run has met"):
        execute(empty, lay_out(table.spec, [2.0, 1.0], {}))
    empty.add([record(table.spec, lay_out(table.spec, [2.0, 1.0], {}), empty.recording)])
    assert execute(empty, lay_out(table.spec, [2.0, 1.0], {})).halted


def test_runs_that_contradict_each_other_are_said(table):
    run = record(table.spec, lay_out(table.spec, [2.0, 1.0], {}), Recording(table.spec))
    ints, floats = run.states[-1]
    item = run.instance.int_names.index("item")
    ints[item, 0] = ints[item, 1]
    other = Saturated(table.spec, table.machine, 40)
    with pytest.raises(AuthorError, match="no one decision fits all runs"):
        other.add([run])


def test_an_altered_decision_is_run_and_put_back(table):
    program, start = program_of(table, table.spec), lambda: lay_out(table.spec, [2.0, 1.0, 3.0], {})
    right = execute(table, start())
    hub = table.machine.groups["hub"]
    halt = hub.registers.index(("phase", "phase")), hub.operations.index(Const("phase", table.machine.halt()))
    code = next(c for c in sorted(right.met["hub"]) if halt not in table.answers["hub"][c])
    before = table.answers["hub"][code]
    with program.altered("hub", code, (halt,)) as other:
        assert other and execute(table, start()).ticks < right.ticks
    with program.altered("hub", code, before) as other:
        assert not other
    assert table.answers["hub"][code] == before and execute(table, start()).ticks == right.ticks
