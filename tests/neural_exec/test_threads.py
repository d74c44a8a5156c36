"""Every public object is called from several threads at once: the same answers as from one."""

import copy
import sys
import threading
from pathlib import Path

import networkx as nx
import pytest
import torch
from torch_geometric.data import Data

import algorithms
import neural_exec
from neural_exec import checkpoint
from neural_exec.chains.adapters import tree
from neural_exec.nn import EditDistance, ExecutorLayer, Rank, ShortestPath, Sort, SpanningTree, losses

THREADS, CALLS = 4, 6
GRID = torch.tensor(list(nx.convert_node_labels_to_integers(nx.grid_2d_graph(3, 3)).edges())).T
M = GRID.shape[1]


@pytest.fixture(autouse=True)
def often():
    """Threads change places every few operations."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def together(work, threads=THREADS):
    """work(i) in as many threads, which begin at once; what each came to."""
    out, barrier = [None] * threads, threading.Barrier(threads)

    def go(i):
        barrier.wait()
        try:
            out[i] = work(i)
        except BaseException as e:
            out[i] = e

    pool = [threading.Thread(target=go, args=(i,)) for i in range(threads)]
    for t in pool:
        t.start()
    for t in pool:
        t.join()
    for x in out:
        if isinstance(x, BaseException):
            raise x
    return out


def same(f, make):
    """f(x) on many inputs, in threads and alone."""
    inputs = [[make(10 * i + k) for k in range(CALLS)] for i in range(THREADS)]
    found = together(lambda i: [f(x) for x in inputs[i]])
    assert found == [[f(x) for x in xs] for xs in inputs]


def weights(*shape):
    return lambda seed: torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + 0.1


LAYERS = {
    "path": (lambda: ShortestPath(GRID, 0, 8, weights="undirected"), weights(3, M)),
    "tree": (lambda: SpanningTree(GRID), weights(3, M)),
    "flow": (lambda: ExecutorLayer("max_flow", GRID, source=0, sink=8), weights(3, M)),
    "Sort": (Sort, weights(3, 6)),
    "Rank": (Rank, weights(3, 6)),
    "minimum": (lambda: ExecutorLayer("minimum"), weights(3, 6)),
    "edits": (lambda: EditDistance(2, 2), weights(3, 2, 2)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name):
    make, numbers = LAYERS[name]
    layer = make()

    def f(x):
        x = x.clone().requires_grad_()
        w = layer.pack(x) if name == "edits" else x
        out = layer(x) if name != "Rank" else layer.value(w)
        parts = [out, layer.solution(w), torch.autograd.grad(out.sum(), x)[0]]
        if layer.sense and name not in ("Sort", "Rank"):
            parts.append(losses.perceptron(layer, w, torch.ones_like(w)))
        return [p.tolist() for p in parts]

    same(f, numbers)


def test_executors_and_chains():
    executor = neural_exec.load("all")  # with no answer yet
    graph = lambda seed: nx.gnp_random_graph(9, 0.4, seed=seed)
    chain = neural_exec.Chain(["bfs", tree("parent"), "bridges"], executor)

    def f(g):
        run = executor.run("dfs", g)
        batch = executor.run_batch("bfs", [g] * 5, source=[0, 1, 2, 3, 4])
        return (
            run.outputs, run.num_steps, run.contexts, run.trace.num_steps, [r.outputs for r in batch],
            chain.run(g, source=0).outputs, executor("heapsort", [3.0, float(g.size()), 4.0])["order"].tolist(),
        )  # fmt: skip

    same(f, graph)


def test_calls_on_tensors():
    executor = neural_exec.load("all")

    def f(w):
        w = w.clone().requires_grad_()
        out = executor("dijkstra", Data(edge_index=GRID, weight=w, num_nodes=9), source=torch.tensor(0))["distance"]
        return out.tolist(), torch.autograd.grad(out.sum(), w)[0].tolist()

    same(f, weights(M))


def test_a_policy_counts_each_context_once(untrained):
    """However many ask: every context is evaluated once, and every thread counts what was evaluated for it."""
    executor = untrained(0)
    runs = together(
        lambda i: [executor.run("quicksort", [float((7 * i + k * k) % 11) for k in range(9)]) for _ in range(3)]
    )
    policy = executor.policy("quicksort")
    assert policy.evaluations == sum(map(len, policy.answers.values()))
    known = sum(map(len, policy.trained.values()))  # evaluated before the first run
    assert known + sum(r.evaluations for one in runs for r in one) == policy.evaluations
    assert len({*map(id, together(lambda i: executor.policy("bfs")))}) == 1


def test_algorithms_are_recorded_and_registered_in_threads(tmp_path):
    graph = lambda seed: nx.gnp_random_graph(8, 0.4, seed=seed)

    def f(g):
        trace = algorithms.trace("dfs", g)
        return algorithms.run("bfs", g, source=0), trace.num_steps, {k: v.data.tolist() for k, v in trace.hints.items()}

    same(f, graph)
    source = (Path(algorithms.__path__[0]) / "sorting" / "bubble_sort.py").read_text()
    for i in range(THREADS):
        (tmp_path / f"sort_{i}.py").write_text(source.replace("bubble_sort", f"sort_{i}"))
    names = together(lambda i: algorithms.register(tmp_path / f"sort_{i}.py"))
    assert names == [f"sort_{i}" for i in range(THREADS)]
    assert all(algorithms.run(n, [2.0, 1.0]) == algorithms.run("bubble_sort", [2.0, 1.0]) for n in names)


def test_adding_while_others_run_and_add(tmp_path):
    executor = neural_exec.load("core")
    fresh = ["bubble_sort", "merge_sort", "mst_boruvka"]
    before = {n: executor.run(n, [3.0, 1.0, 2.0]).outputs for n in ("heapsort", "minimum")}

    def work(i):
        if i < len(fresh):
            return executor.add(fresh[i], traces=40, sizes=[8], graphs=2).ok
        for _ in range(40):
            neural_exec.save(executor, tmp_path / "saved")
            assert {n: executor.run(n, [3.0, 1.0, 2.0]).outputs for n in before} == before
        return True

    together(work)
    assert executor.algorithms[-3:] == sorted(fresh, key=executor.algorithms.index) and len(executor.algorithms) == 17
    alone = copy.deepcopy(executor)
    for name in ("bubble_sort", "merge_sort"):
        assert executor.run(name, [3.0, 1.0, 2.0]).outputs == {"order": [1, 2, 0]}
        assert alone.run(name, [3.0, 1.0, 2.0]).outputs == {"order": [1, 2, 0]}
    assert len(executor.step.codes) == len(executor.names)


def test_the_bundled_executor_is_loaded_once(monkeypatch):
    checkpoint._everything.cache_clear()
    assert len({*map(id, together(lambda i: checkpoint.everything()))}) == 1
