"""What the tests of the network's side share: a model trained once, the bundled one, and networks never trained."""

import pytest
import torch

import neural_exec
from algorithms import registry
from neural_exec.examples import draw_examples
from neural_exec.executor import Executor
from neural_exec.network.meaning import Names, meanings_of
from neural_exec.network.step import Step

torch.set_num_threads(1)

FIVE = ["bfs", "dijkstra", "minimum", "insertion_sort", "heapsort"]
EVERY = registry.names()


@pytest.fixture(scope="session")
def trained_dir(tmp_path_factory):
    """A directory that `train` wrote: five algorithms, exact. Read only; copy it to change it."""
    out = tmp_path_factory.mktemp("models") / "five"
    executor = neural_exec.train(algorithms=FIVE, seed=1, traces=60, out=out)
    assert executor.info["inexact"] == []
    return out


@pytest.fixture(scope="session")
def trained(trained_dir):
    """The executor in `trained_dir`. Shared: a test that counts evaluations, or changes it, loads its own."""
    return neural_exec.load(trained_dir)


@pytest.fixture(scope="session")
def core():
    """The bundled model of the core's fourteen."""
    if "core" not in neural_exec.bundled():
        pytest.skip("no bundled model 'core' yet: neural-exec train --out neural_exec/models/core makes it")
    return neural_exec.load("core")


@pytest.fixture(scope="session")
def everything():
    """The bundled model of all algorithms."""
    return neural_exec.load("all")


@pytest.fixture(scope="session")
def examples():
    """algorithm -> Examples of a few traces, of every algorithm that there is."""
    return {a: draw_examples(a, seed=0, traces=8, held_out=0, sought=0) for a in EVERY}


@pytest.fixture(scope="session")
def untrained(examples):
    """seed -> an executor of every algorithm with random weights: it does odd things."""

    def make(seed: int = 0) -> Executor:
        names = Names()
        for e in examples.values():
            meanings_of(e.machine, names)
        torch.manual_seed(seed)
        step = Step(names)
        with torch.no_grad():
            step.codes.normal_()
        trained = {a: {g: t.codes for g, t in e.train.items()} for a, e in examples.items()}
        return Executor(step, names, {a: e.machine for a, e in examples.items()}, trained, {})

    return make
