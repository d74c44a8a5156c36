"""Executors, what they answer, chains and what these answer travel to other processes, and back."""

import copy
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

import algorithms
import neural_exec
from algorithms import registry
from algorithms.errors import AuthorError
from algorithms.trace import lay_out
from neural_exec import Chain
from neural_exec.chains.adapters import keys

GRAPH = nx.path_graph(4)


@pytest.fixture(scope="module")
def executor(trained_dir):
    return neural_exec.load(trained_dir)


def same(a, b):
    """Two rollouts."""
    assert (a.outputs, repr(a), a.num_steps) == (b.outputs, repr(b), b.num_steps)
    assert a.trace == b.trace
    np.testing.assert_array_equal(a.instance.ints, b.instance.ints)


@pytest.mark.parametrize("name", algorithms.names())
def test_what_is_laid_out_is_copied_whole(name):
    """Registers stay slices of the blocks that snapshots are made of."""
    spec = algorithms.get(name)
    data, arguments = spec.sample(np.random.default_rng(0), 5, spec.families["training"][0])
    x = lay_out(spec, data, arguments)
    for again in (pickle.loads(pickle.dumps(x)), copy.deepcopy(x)):
        assert again.spec is spec and again.labels == x.labels
        np.testing.assert_array_equal(again.ints, x.ints)
        again.ints[:], again.floats[:] = 7, 0.5
        assert all((a == 7).all() for a in (*again.fields.values(), *again.pointers.values()))
        assert all((a == 0.5).all() for a in again.scalars.values()) and not (x.ints == 7).all()


def test_rollouts_come_back(executor):
    one = executor.run("bfs", GRAPH, source=1)
    many = executor.run_batch("insertion_sort", [[3.0, 1.0], [2.0, 5.0, 4.0]])
    for rollout in (one, *many):
        same(rollout, pickle.loads(pickle.dumps(rollout)))  # its trace is found there
        same(rollout, again := pickle.loads(pickle.dumps(rollout)))  # its trace goes with it
        assert again.evaluations == rollout.evaluations


def test_a_trace_is_of_what_was_run_not_of_what_became_of_it(executor):
    graph = nx.path_graph(4)
    alone, (batched, _) = executor.run("bfs", graph, source=1), executor.run_batch("bfs", [graph, graph], source=1)
    graph.remove_node(3)
    for rollout in (alone, batched):
        assert len(rollout.trace.labels) == 4 and rollout.trace.num_steps == rollout.num_steps


def chained(executor):
    return Chain(["dijkstra", keys("distance"), "heapsort"], executor)


def test_another_process_runs_them(executor):
    graph = nx.Graph([("a", "b", {"km": 2.0}), ("b", "c", {"km": 1.0})])
    chain = chained(executor)
    run = chain.run(graph, source="c", weight="km")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = pool.submit(executor.run, "bfs", GRAPH, source=1)
        chained_there = pool.submit(chain.run, graph, source="c", weight="km")
        same(there.result(), executor.run("bfs", GRAPH, source=1))
        back = chained_there.result()
    assert back.outputs == run.outputs and back.labels == run.labels and back.traces == run.traces
    again = pickle.loads(pickle.dumps(chain))
    assert repr(again) == repr(chain) and again.run(graph, source="c", weight="km").outputs == run.outputs


def test_an_algorithm_of_a_file_goes_along(trained_dir, tmp_path):
    path, executor = tmp_path / "least.py", neural_exec.load(trained_dir)
    path.write_text(Path(algorithms.searching.minimum.__file__).read_text().replace("def minimum(", "def least("))
    executor.add(path, traces=20, sizes=[])
    try:
        right = executor.run("least", [3.0, 1.0, 2.0]).outputs
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            assert pool.submit(executor.run, "least", [3.0, 1.0, 2.0]).result().outputs == right
    finally:
        registry._REGISTERED.pop("least")


def test_an_algorithm_that_nobody_can_find_is_refused():
    spec = algorithms.random_program(0)
    with pytest.raises(AuthorError, match="random_0 is pickled by its name, and not registered"):
        pickle.dumps(spec)
    registry.register(spec)
    try:
        assert pickle.loads(pickle.dumps(spec)) is spec
    finally:
        registry._REGISTERED.pop("random_0")
