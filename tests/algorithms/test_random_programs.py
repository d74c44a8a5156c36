"""Random programs: a seed says all, every one halts, no context is in conflict, and they cover the machine."""

import subprocess
import sys

import numpy as np
import pytest

import algorithms
from algorithms.checking.checker import check
from algorithms.contexts import draw
from algorithms.random_programs import random_program
from algorithms.recording.record import Recording
from algorithms.vocabulary import VOCABULARY

SEEDS = range(40)


def test_a_seed_says_all():
    code = "import algorithms; print([algorithms.random_program(s).doc for s in (0, 1, 2)])"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert other.strip() == str([random_program(s).doc for s in (0, 1, 2)])
    assert len({random_program(s).doc.split("\n", 1)[1] for s in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("seed", range(8))
def test_the_checker_finds_no_conflict(seed):
    verdict = check(random_program(seed), runs=20, sizes=())
    assert not verdict.conflicts and not verdict.wrong and verdict.ticks


def test_they_cover_what_a_step_can_do():
    rng, columns, operations, kinds, ticks = np.random.default_rng(0), set(), set(), set(), []
    for seed in SEEDS:
        spec = random_program(seed)
        recording = Recording(spec)
        ticks.append(draw(spec, recording, rng, 6, "path" if "origin" in spec.inputs else "uniform")[0].ticks)
        machine = recording.machine()
        for group in machine.groups.values():
            columns |= {type(c).__name__ for c in group.columns}
            operations |= {o.slots()[0] for o in group.operations}
            kinds.add(group.name)
        assert not {p.name for p in spec.probes if p.name not in ("key", "origin")} & VOCABULARY.keys()
    assert columns == {"FieldIs", "NilTest", "Equal", "Sign"}
    assert operations >= {
        *("op:keep", "op:const", "op:nil", "op:self", "op:pointer", "op:jump", "op:copy", "op:add", "op:sub", "op:abs"),
        *("op:minimum", "op:maximum", "op:eligible", "op:not"),
    }
    assert kinds == {"hub", "node", "relation:nodes", "relation:in_edges"}
    assert min(ticks) >= 2 and max(ticks) > 50


def test_they_run_as_algorithms_do():
    spec = random_program(0)
    assert algorithms.random_program(0) is spec and repr(spec).startswith("Spec('random_0'")
    assert "random_0" not in algorithms.names()
