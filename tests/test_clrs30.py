"""CLRS-30's own instances (two of each, of its validation split) through the executor, in the benchmark's own probes."""

import sys
from pathlib import Path

import numpy as np
import pytest

import neural_exec
from algorithms import registry
from algorithms.machine.engine import execute
from neural_exec.files import digest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks" / "clrs"))
from tasks import TASKS, original

PAGES = {"clrs/CLRS30.md": "clrs30", "clrs/SALSA.md": "all", "generalisation/LARGE.md": "all"}
DATA = Path(__file__).parent / "data" / "clrs30.npz"


@pytest.fixture(scope="module")
def executor():
    return neural_exec.load("clrs30")


@pytest.fixture(scope="module")
def data():
    with np.load(DATA) as arrays:
        return dict(arrays)


def test_one_processor_knows_all_thirty_and_only_them(executor):
    assert sorted(executor.algorithms) == sorted(registry.SUITES["clrs30"]) == sorted(TASKS)
    assert executor.info["inexact"] == []


@pytest.mark.parametrize("name", registry.SUITES["clrs30"])
def test_outputs_are_the_benchmarks_own(executor, data, name):
    task = TASKS[name]
    part = lambda stage, i: {
        k.removeprefix(f"{original(name)}/{stage}/"): v[i]
        for k, v in data.items()
        if k.startswith(f"{original(name)}/{stage}/")
    }
    for i in range(2):
        x, truth = part("in", i), part("out", i)
        engine = execute(executor.policy(name), task.lay_out(name, x))
        assert engine.halted
        ours = task.put(task.read(engine.instance), x)
        assert ours.keys() == truth.keys()
        for probe, right in truth.items():
            scored = (right != -1).all(-1, keepdims=True) if right.ndim == 3 else right != -1  # -1: masked
            assert np.array_equal(np.where(scored, ours[probe], 0), np.where(scored, right, 0)), probe


@pytest.mark.parametrize("page", PAGES)
def test_pages_were_made_with_the_bundled_weights(page):
    text = (Path(__file__).parents[1] / "benchmarks" / page).read_text()
    assert f"({digest(PAGES[page])[:16]}…" in text, (
        f"make it again: python benchmarks/{page.lower().replace('.md', '.py')}"
    )
