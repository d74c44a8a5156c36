"""Many programs at once do what each does alone."""

import numpy as np
import pytest
from dice import Dice, Rolled, data_of, families_of, machine_of, odd_machine, odd_spec

from algorithms import registry
from algorithms.machine.compiled import Program
from algorithms.machine.engine import cap_of, execute
from algorithms.machine.library import load
from algorithms.machine.many import Programs, Trials
from algorithms.trace import lay_out

pytestmark = pytest.mark.skipif(load() is None, reason="no kernel here")


@pytest.mark.parametrize("name", ["bfs", "dijkstra", "insertion_sort", "odd"])
@pytest.mark.parametrize("slices", [10**9, 1])
def test_each_program_runs_as_alone(name, slices, monkeypatch):
    """Instances alike and not, one of them with a row of many edges; also where runs are given back in between."""
    monkeypatch.setattr("algorithms.machine.many.SLICE", slices)
    spec, machine = (odd_spec(), odd_machine()) if name == "odd" else (registry.get(name), machine_of(name))
    sizes, families, count = (3, 6, 6, 1, 60), families_of(spec), 7
    given = [data_of(spec, n, families[i % len(families)], i) for i, n in enumerate(sizes)]
    lay = lambda: [lay_out(spec, data, arguments) for data, arguments in given]
    rolled = Rolled(machine, count, 0.4)
    program, instances = Program(rolled.dice[0], spec), lay()
    programs, trials = Programs(program, count), Trials(program, instances, count, [cap_of(x) for x in instances])
    for _again in range(2):
        trials.run(programs, rolled)
        met = programs.met
        for p in range(count):
            seen = {g: set() for g in machine.groups}
            for i, x in enumerate(lay()):
                run = execute(Dice(machine, p, 0.4), x)
                rows, of, code = np.arange(x.size), np.full(x.size, i), program.bytecode
                for place, expected in enumerate(x.ints[:, :-1]):
                    assert (trials.ints[trials.cells(place, of, rows, len(code.ints))[p]] == expected).all()
                for place, expected in enumerate(x.floats[:, :-1]):
                    found = trials.scalars[trials.cells(place, of, rows, len(code.scalars))[p]]
                    assert np.array_equal(found, expected, equal_nan=True)
                assert (trials.ticks[p, i], trials.halted[p, i]) == (run.ticks, run.halted)
                for g in seen:
                    seen[g] |= run.met[g]
            for g in seen:
                assert seen[g] <= set(programs.codes[g][met[g][p]].tolist())
    asked = rolled.asked
    programs.decide(programs.operations)
    assert not any(m.any() for m in programs.met.values())
    trials.run(programs, rolled)
    assert rolled.asked == asked > 1


def test_there_has_to_be_a_kernel(monkeypatch):
    monkeypatch.setattr("algorithms.machine.compiled.load", lambda: None)
    spec, machine = registry.get("bfs"), machine_of("bfs")
    x = lay_out(spec, *data_of(spec, 4, families_of(spec)[0], 0))
    with pytest.raises(RuntimeError, match="kernel"):
        Trials(Program(Dice(machine, 0, 0.5), spec), [x], 2, [9])
