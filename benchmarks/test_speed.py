"""Speed, in ratios within one run: `pytest benchmarks` (no test asserts a time).

Traces a second, updates a second, ticks a second against n, for the processor and for the MPNN baseline.
"""

from pathlib import Path

import pytest
import torch

import neural_exec
from algorithms import registry
from algorithms.contexts import draw
from algorithms.recorder import Recording
from neural_exec.baseline import Baseline
from neural_exec.training import Trainer
from neural_exec.transitions import draw_examples, rng_of

BASELINE = Path(neural_exec.__file__).parent / "baselines" / "mpnn"
RUN = ("bfs", "dijkstra", "mst_kruskal", "insertion_sort")


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def executor():
    return neural_exec.load("core")


@pytest.fixture(scope="session")
def mpnn():
    return Baseline.load(BASELINE)


@pytest.mark.parametrize("name", registry.suite("core"))
def test_traces(benchmark, name):
    """One trace of n = 16."""
    benchmark.group = "traces, n = 16"
    spec = registry.get(name)
    recording, rng = Recording(spec), rng_of("speed", name)
    benchmark(lambda: draw(spec, recording, rng, 16, spec.families["training"][0]))


@pytest.mark.parametrize("count", [1, 4, 14])
def test_updates(benchmark, count):
    """One update of a processor that learns `count` algorithms."""
    benchmark.group = "updates"
    trainer = Trainer([draw_examples(a, 0, 60, 15) for a in registry.suite("core")[:count]], 0)
    benchmark(trainer.update)


@pytest.mark.parametrize("n", [16, 64, 256])
@pytest.mark.parametrize("name", RUN)
def test_execution(benchmark, executor, name, n):
    """One execution."""
    benchmark.group = f"execution of {name}"
    spec = registry.get(name)
    data, arguments = spec.sample(rng_of("speed", name, n), n, spec.families["training"][0])
    ticks = benchmark(lambda: executor.run(name, data, **arguments).num_steps)
    benchmark.extra_info["ticks"] = ticks


@pytest.mark.parametrize("n", [16, 64])
@pytest.mark.parametrize("name", RUN)
def test_execution_by_mpnn(benchmark, mpnn, name, n):
    """One run of the baseline on the same input."""
    benchmark.group = f"execution of {name}"
    spec = registry.get(name)
    data, arguments = spec.sample(rng_of("speed", name, n), n, spec.families["training"][0])
    ticks = benchmark.pedantic(lambda: mpnn.run(name, data, **arguments).num_steps, rounds=2)
    benchmark.extra_info["ticks"] = ticks
