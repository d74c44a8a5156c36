"""Many graphs at once come to what each comes to alone, bit by bit."""

import numpy as np
import pytest

from algorithms import get, registry
from algorithms.errors import ArgumentError
from algorithms.machine.compiled import program_of
from algorithms.machine.engine import Bound, execute
from algorithms.machine.joining import join
from algorithms.trace import lay_out

EVERY = registry.names()


def draw(name, count, seed=0, n=14):
    """Inputs of sizes 1 to n, of all families."""
    spec, rng = get(name), np.random.default_rng(seed)
    families = [f for kind in spec.families.values() for f in kind]
    return [spec.sample(rng, int(rng.integers(1, n + 1)), families[i % len(families)]) for i in range(count)]


@pytest.fixture(scope="module")
def executor():
    import neural_exec

    return neural_exec.load("all")


@pytest.mark.parametrize("odd", [False, True], ids=["trained", "odd"])
@pytest.mark.parametrize("name", EVERY)
def test_states_of_one_topology_are_those_of_single_runs(executor, untrained, name, odd):
    """Several states in one call, some of them begun further on, each as it is alone."""
    policy, spec = (untrained(1) if odd else executor).policy(name), get(name)
    for item in draw(name, 2, n=4 if odd else 9):
        alone, starts = execute(policy, lay_out(spec, *item)), []
        execute(policy, lay_out(spec, *item), lambda t, x: starts.append((x.ints.copy(), x.floats.copy())))
        bound, picked = Bound(program_of(policy, spec), lay_out(spec, *item)), starts[:: 1 + len(starts) // 5]
        ints, scalars = (np.repeat(a[None], len(picked), 0) for a in (bound.ints, bound.scalars))
        for i, (some, floats) in enumerate(picked):
            ints[i, : len(some), 1:], scalars[i, : len(floats), 1:] = some[:, :-1], floats[:, :-1]
        ticks = bound.run(ints, scalars)
        for i, t in enumerate(ticks.tolist()):
            if alone.halted:
                assert t == alone.ticks - i * (1 + len(starts) // 5)
                assert (ints[i, : len(some), 1:] == alone.instance.ints[:, :-1]).all()
                assert np.array_equal(scalars[i, : len(floats), 1:], alone.instance.floats[:, :-1], equal_nan=True)


@pytest.mark.parametrize("name", EVERY)
def test_join_lays_states_side_by_side(name):
    spec = get(name)
    instances = [lay_out(spec, *item) for item in draw(name, 4)]
    joined, start = join(instances), 0
    is_pointer = np.array([n in joined.pointers for n in joined.int_names])[:, None]
    for x in instances:
        ints = joined.ints[:, start : start + x.size]
        assert (x.ints[:, :-1] == np.where(is_pointer & (ints >= 0), ints - start, ints)).all()
        assert np.array_equal(x.floats[:, :-1], joined.floats[:, start : start + x.size], equal_nan=True)
        start += x.size
    assert start == joined.size


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
