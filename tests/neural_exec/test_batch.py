"""Many graphs at once come to what each comes to alone, bit by bit."""

import numpy as np
import pytest

from algorithms import get, registry
from algorithms.errors import ArgumentError
from algorithms.joining import join, split
from algorithms.trace import lay_out
from neural_exec.batch import BatchEngine
from neural_exec.batch_whole import WholeEdges
from neural_exec.executor import execute

EVERY = registry.names()


def draw(name, count, seed=0, n=14):
    """Inputs of sizes 1 to n, of all families."""
    spec, rng = get(name), np.random.default_rng(seed)
    families = [f for kind in spec.families.values() for f in kind]
    return [spec.sample(rng, int(rng.integers(1, n + 1)), families[i % len(families)]) for i in range(count)]


def same_runs(executor, name, items, whole=False, lay=lay_out):
    spec, policy = get(name), executor.policy(name)
    alone = [execute(policy, lay(spec, *item)) for item in items]
    instances = [lay(spec, *item) for item in items]
    joined = join(instances)
    start = joined.ints.copy(), joined.floats.copy()
    engine = BatchEngine(policy, joined, whole=whole)
    for _ in range(2):  # the second time on the same arrays
        joined.ints[:], joined.floats[:] = start
        engine.reset()
        engine.run()
        split(joined, instances)
        for i, (one, x) in enumerate(zip(alone, instances)):
            assert (one.ticks, one.halted) == (engine.ticks[i], engine.halted[i])
            assert (one.instance.ints == x.ints).all()
            assert np.array_equal(one.instance.floats, x.floats, equal_nan=True)
            if not whole:
                assert {g: set(m) for g, m in one.met.items()} == {g: set(m) for g, m in engine.met(i).items()}


@pytest.fixture(scope="module")
def executor():
    import neural_exec

    return neural_exec.load("all")


@pytest.mark.parametrize("whole", [False, True], ids=["where written", "whole"])
@pytest.mark.parametrize("name", EVERY)
def test_batch_equals_single_runs(executor, name, whole):
    same_runs(executor, name, draw(name, 8), whole)


@pytest.mark.parametrize("whole", [False, True], ids=["where written", "whole"])
@pytest.mark.parametrize("name", EVERY)
def test_batch_equals_single_runs_of_a_network_that_does_odd_things(untrained, name, whole):
    same_runs(untrained(1), name, draw(name, 3, n=4), whole)


def spoilt(spec, *item):
    """Edges' weights of which many are equal, or undefined, or infinite."""
    instance = lay_out(spec, *item)
    for relation in instance.relations.values():
        rng = np.random.default_rng(len(relation))
        relation.weight[:-1] = rng.choice([1.0, 1.0, 2.0, np.nan, np.inf], len(relation))
    return instance


@pytest.mark.parametrize("lay", [lay_out, spoilt])
@pytest.mark.parametrize("name", ["bellman_ford", "connected_components", "binary_search"])
def test_the_least_of_few_edges_beside_each_other(executor, name, lay, monkeypatch):
    seen, least = [], WholeEdges._least_of_slots
    monkeypatch.setattr(WholeEdges, "_least_of_slots", lambda self, h: seen.append(h) or least(self, h))
    for seed in range(4):
        same_runs(executor, name, draw(name, 6, seed, n=8), whole=True, lay=lay)
    assert seen


@pytest.mark.parametrize("name", ["dijkstra", "heapsort", "edit_distance"])
def test_rollouts_of_a_batch_are_those_of_single_runs(name):
    import neural_exec

    one, many = neural_exec.load("all"), neural_exec.load("all")
    items = draw(name, 6, seed=2)
    kw = {k: [a[k] for _, a in items] for k in items[0][1]}
    batch = many.run_batch(name, [d for d, _ in items], **kw)
    for (data, arguments), b in zip(items, batch):
        a = one.run(name, data, **arguments)
        assert a.outputs == b.outputs and (a.halted, a.num_steps) == (b.halted, b.num_steps)
        assert (a.contexts, a.unseen_contexts, a.evaluations) == (b.contexts, b.unseen_contexts, b.evaluations)
        assert a.trace.num_steps == b.trace.num_steps


def test_join_needs_instances_of_one_algorithm():
    import networkx as nx

    with pytest.raises(ArgumentError, match="at least one"):
        join([])
    x = lay_out(get("dfs"), nx.path_graph(3), {})
    with pytest.raises(ArgumentError, match="bfs, dfs"):
        join([x, lay_out(get("bfs"), nx.path_graph(3), {"source": 0})])
