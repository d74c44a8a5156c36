"""A network's runs: those of the definition, and of the program; and how they end."""

import networkx as nx
import numpy as np
import pytest
import torch

from algorithms import registry
from algorithms.machine.definition import Definition
from algorithms.machine.engine import CAP, execute
from algorithms.machine.terms import Const, Keep
from algorithms.recording.record import Recording, record
from algorithms.trace import lay_out
from neural_exec.examples import rng_of
from neural_exec.network.decisions import Policy

pytestmark = [
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),  # of inf - inf, where a network does nonsense
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

FIVE = ["bfs", "dijkstra", "minimum", "insertion_sort", "heapsort"]
CORE = registry.suite("core")
EVERY = registry.names()
TICKS = 50  # of a network that does nonsense


def data_of(spec, size, family, *seed):
    return spec.sample(rng_of("test", spec.name, size, family, *seed), size, family)


def families_of(spec):
    return [*spec.families["training"], *spec.families["held_out"]]


@pytest.fixture(scope="module")
def networks(untrained):
    return [untrained(seed) for seed in range(3)]


def run_both(policy, spec, data, arguments, ticks):
    """The engine and the definition, tick by tick; returns the two at the end."""
    judge, states = Definition(policy, lay_out(spec, data, arguments)), []
    run = execute(policy, lay_out(spec, data, arguments), lambda t, x: states.append((x.ints.copy(), x.floats.copy())))
    for t, (ints, floats) in enumerate(states[: ticks + 1]):
        assert (judge.instance.ints == ints).all(), f"fields or pointers differ after tick {t} of {spec.name}"
        np.testing.assert_array_equal(judge.instance.floats, floats, err_msg=f"after tick {t} of {spec.name}")
        if t < min(ticks, run.ticks):
            judge.tick()
    return run, judge


@pytest.mark.parametrize("name", FIVE)
def test_the_engine_is_the_machine(trained, name):
    spec = registry.get(name)
    for i, family in enumerate(families_of(spec)):
        data, arguments = data_of(spec, (2, 5, 9)[i % 3], family, i)
        run, judge = run_both(trained.policy(name), spec, data, arguments, 5000)
        assert run.halted and judge.halted and run.ticks == judge.ticks
        assert all(met <= judge.met[g] for g, met in run.met.items()) and any(run.met.values())


@pytest.mark.parametrize("name", EVERY)
def test_a_network_that_does_nonsense_does_the_same_nonsense(networks, name):
    spec = registry.get(name)
    for i, family in enumerate(families_of(spec)[:: 2 if name in CORE else 5]):
        data, arguments = data_of(spec, (14, 5, 9)[i // 3 % 3], family, i)
        run_both(networks[i % 3].policy(name), spec, data, arguments, TICKS)


# ---------------------------------------------------------------- against the program
@pytest.mark.parametrize("name", FIVE)
def test_the_states_are_the_programs_own(trained, name):
    spec = registry.get(name)
    for i, family in enumerate(families_of(spec)):
        data, arguments = data_of(spec, (12, 25)[i % 2], family, "program")
        run = record(spec, lay_out(spec, data, arguments), Recording(spec))
        states = []
        watch = lambda t, x: states.append((x.ints.copy(), x.floats.copy()))
        engine = execute(trained.policy(name), lay_out(spec, data, arguments), watch)
        assert engine.ticks == run.ticks and len(states) == run.ticks + 1
        for ours, theirs in zip(states, run.states):
            np.testing.assert_array_equal(ours[0], theirs[0])
            np.testing.assert_array_equal(ours[1], theirs[1])


# ---------------------------------------------------------------- the end of a run
@pytest.fixture(scope="module")
def zeroed(untrained):
    """All operations score alike, the first is `keep`: nothing ever happens."""
    executor = untrained()
    with torch.no_grad():
        for p in executor.step.parameters():
            p.zero_()
    return executor


@pytest.mark.parametrize("name", EVERY)
def test_a_run_that_never_halts_stops_at_the_cap(zeroed, name):
    executor, spec = zeroed, registry.get(name)
    data, arguments = data_of(spec, 4, families_of(spec)[0])
    rollout = executor.run(name, data, **arguments)
    n, m = lay_out(spec, data, arguments).sizes[0]
    assert not rollout.halted and rollout.num_steps == CAP * spec.ticks(n, m) + 8
    assert "DID NOT HALT" in repr(rollout)
    assert set(rollout.outputs) == set(spec.outputs)
    assert rollout.trace.num_steps == rollout.num_steps


def test_the_cap_grows_with_the_graph_not_with_the_truth(zeroed):
    assert zeroed.run("bfs", nx.star_graph(49), source=0).num_steps == CAP * (50 + 3) + 8
    assert zeroed.run("bfs", nx.path_graph(50), source=0).num_steps == CAP * (50 + 3) + 8


def test_a_network_that_never_says_halt_but_works_is_cut_off(trained):
    """Of the trained network's answers only the one that halts is withheld."""
    spec, policy = registry.get("minimum"), trained.policy("minimum")
    values = [3.0, 1.0, 2.0]
    done = execute(policy, lay_out(spec, values, {}))
    group = policy.machine.groups["hub"]

    class Restless(Policy):
        def ask(self, name, codes):
            super().ask(name, codes)
            for code in codes if name == "hub" else ():
                self.answers[name][code] = tuple(
                    (r, o)
                    for r, o in self.answers[name][code]
                    if not (isinstance(group.operations[o], Const) and group.registers[r][1] == "phase"
                            and group.operations[o].value == policy.machine.halt())
                )  # fmt: skip

    restless = Restless(trained.step, policy.machine, policy.meanings, {})
    engine = execute(restless, lay_out(spec, values, {}))
    assert done.halted and not engine.halted
    assert engine.ticks == CAP * spec.ticks(3, 0) + 8 > done.ticks


def test_watch_sees_every_state_the_first_among_them(trained):
    spec, seen = registry.get("bfs"), []
    graph = nx.path_graph(6)
    engine = execute(trained.policy("bfs"), lay_out(spec, graph, {"source": 0}), lambda ticks, x: seen.append(ticks))
    assert seen == list(range(engine.ticks + 1))


# ---------------------------------------------------------------- the policy
def test_decisions_are_the_networks_best_operations(untrained):
    executor = untrained(2)
    for name in ("bfs", "mst_kruskal", "heapsort"):
        policy = executor.policy(name)
        policy.warm()
        for g, meaning in policy.meanings.items():
            codes = sorted(policy.trained[g])
            if not codes:
                continue
            with torch.no_grad():
                best = executor.step([(meaning, meaning.tokens(np.array(codes)))])[0].argmax(2).tolist()
            for code, row in zip(codes, best):
                if meaning.group.relation:
                    assert policy.answers[g][code] == sum(2**h for h, o in enumerate(row) if o == 1)
                else:
                    ops = meaning.group.operations
                    expected = tuple((r, o) for r, o in enumerate(row) if not isinstance(ops[o], Keep))
                    assert policy.answers[g][code] == expected


def test_a_context_is_evaluated_once(untrained):
    policy = untrained(1).policy("bfs")
    asked = []
    evaluate = policy._evaluate
    policy._evaluate = lambda group, codes: (asked.extend((group, c) for c in codes), evaluate(group, codes))
    spec = registry.get("bfs")
    for seed in range(4):
        graph, arguments = data_of(spec, 12, "erdos_renyi", seed)
        execute(policy, lay_out(spec, graph, arguments))
    assert len(asked) == len(set(asked)) == policy.evaluations == sum(map(len, policy.answers.values())) > 0
    policy.warm()
    assert len(asked) == len(set(asked)) == policy.evaluations
