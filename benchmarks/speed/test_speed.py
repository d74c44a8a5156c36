"""Speed, in ratios within one run: `pytest benchmarks` (no test asserts a time).

Traces a second, updates a second, ticks a second against n, for the processor and for the MPNN baseline; a batch
through a ready-made chain, at once and one after another.
"""

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import torch

import neural_exec
from algorithms import registry, sampling
from algorithms.contexts import draw
from algorithms.recording.record import Recording
from neural_exec.chains.chain import Chain
from neural_exec.chains.ready_made import CLUSTERS, CRITICAL, NEAREST, TOUR
from neural_exec.examples import draw_examples, rng_of
from neural_exec.gnn.mpnn import Baseline
from neural_exec.training.trainer import Trainer

BASELINE = Path(neural_exec.__file__).parent / "baselines" / "mpnn"
RUN = ("bfs", "dijkstra", "mst_kruskal", "insertion_sort")
CHAINS = dict(tour=TOUR, single_linkage=CLUSTERS, critical_path=CRITICAL, nearest_facilities=NEAREST)
BATCH = 32


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


def graph_for(name: str, rng: np.random.Generator, n: int) -> nx.Graph:
    """As the chain of that name takes it."""
    if name == "tour":
        return sampling.weigh(rng, nx.complete_graph(n))
    if name != "critical_path":
        return sampling.weigh(rng, sampling.graph(rng, n, "erdos_renyi"))
    graph = sampling.weigh(rng, sampling.dag(rng, n, "erdos_renyi"))
    graph.add_weighted_edges_from(("start", v, 0.0) for v in list(graph))
    return graph


@pytest.mark.parametrize("way", ["at once", "one by one"])
@pytest.mark.parametrize("n", [16, 64])
@pytest.mark.parametrize("name", CHAINS)
def test_chains(benchmark, name, n, way):
    """A batch of graphs through a chain."""
    benchmark.group = f"{BATCH} graphs of n = {n} through {name}"
    chain, rng = Chain(CHAINS[name]), rng_of("speed", name, n)
    graphs = [graph_for(name, rng, n) for _ in range(BATCH)]
    inputs = dict(source=0, edges=n - 3, facilities=set(range(0, n, 2)), k=3)
    inputs = {k: v for k, v in inputs.items() if k in chain.takes}
    one_by_one = lambda: [chain.run(graph, **inputs) for graph in graphs]
    run = one_by_one if way == "one by one" else lambda: chain.run_batch(graphs, **inputs)
    runs = benchmark.pedantic(run, rounds=3, warmup_rounds=1)
    benchmark.extra_info["ticks"] = sum(r.num_steps for r in runs)
