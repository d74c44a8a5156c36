"""The engine, which looks again only at what can have changed, against one that looks at everything, row by row."""

import zlib

import networkx as nx
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms import registry, sampling
from algorithms.answers import Pointers
from algorithms.machine import FUNCTIONS
from algorithms.proxies import argmin, first, minimum
from algorithms.recorder import Recording, record
from algorithms.spec import CATEGORICAL, GRAPH, HINT, INPUT, MASK_ONE, NODE, OUTPUT, POINTER, SCALAR, Probe, Spec
from algorithms.structures import Graph
from algorithms.terms import Const, Keep
from algorithms.trace import lay_out
from neural_exec.executor import CAP, execute
from neural_exec.policy import Policy
from neural_exec.rollout import Engine
from neural_exec.transitions import rng_of

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


class Slow:
    """The machine as its definition says: every row, every edge, every tick, one at a time; nothing is kept."""

    def __init__(self, policy, instance):
        self.policy, self.machine, self.instance = policy, policy.machine, instance
        self.hub, self.ticks, self.met = int(instance.hubs[0]), 0, {g: set() for g in self.machine.groups}
        self.selected = {h: np.full(instance.size + 1, -1) for h, of in self.machine.heads.items() if not of.total}
        self.totals = {h: np.zeros(instance.size + 1) for h, of in self.machine.heads.items() if of.total}

    @property
    def halted(self):
        return self.instance.fields["phase"][self.hub] == self.machine.halt()

    def decide(self, name, code):
        self.met[name].add(code)
        if code not in self.policy.answers[name]:
            self.policy.ask(name, [code])
        return self.policy.answers[name][code]

    def tick(self):
        x = self.instance
        for name, group in self.machine.groups.items():
            if group.relation:
                self.select(name, group, x.relations[group.relation])
        names, writes = FUNCTIONS | x.namespace(self.machine.heads, self.selected, self.totals), []
        for name, group in self.machine.groups.items():
            if not group.relation:
                for r in x.rows(name).tolist():
                    for place, o in self.decide(name, int(eval(group.code_source(), names, {"r": r}))):
                        op, register = group.operations[o], group.registers[place][1]
                        value = op.value if isinstance(op, Const) else eval(op.source(), names, {"r": r})
                        writes.append((register, r, value))
        for register, r, value in writes:
            x.register(register)[r] = value
        self.ticks += 1

    def select(self, name, group, relation):
        names = FUNCTIONS | self.instance.namespace()
        for h, (_, head) in enumerate(group.registers):
            key, total = self.machine.heads[head].key, self.machine.heads[head].total
            best: dict[int, tuple] = {}
            if total:
                self.totals[head][:] = 0.0
            for e in range(len(relation)):
                if self.decide(name, int(eval(group.code_source(), names, {"r": e}))) >> h & 1:
                    k = 0.0 if key is None else float(eval(key.source(group.relation), names, {"r": e}))
                    v = int(relation.dst[e])
                    if total:
                        self.totals[head][v] += k
                        continue
                    k = np.inf if np.isnan(k) else k
                    if v not in best or k < best[v][0]:
                        best[v] = (k, e)
            if not total:
                self.selected[head][:] = -1
            for v, (_, e) in best.items():
                self.selected[head][v] = e


def assert_same(a, b, heads, what):
    __tracebackhide__ = True
    assert (a.instance.ints == b.instance.ints).all(), f"fields or pointers differ after {what}"
    np.testing.assert_array_equal(a.instance.floats, b.instance.floats, err_msg=f"scalars differ after {what}")
    for h in heads:
        one, other = ((x.selected | x.totals)[h] for x in (a, b))
        np.testing.assert_array_equal(one, other, err_msg=f"selection or total {h} differs after {what}")


def run_both(policy, spec, data, arguments, other, ticks, phases=None):
    """Tick by tick, `Engine` and another; returns the two at the end. phases: a generator that throws both into a
    random phase before every tick (which all rows look at anew in every tick)."""
    __tracebackhide__ = True
    engine, other = Engine(policy, lay_out(spec, data, arguments)), other(policy, lay_out(spec, data, arguments))
    while not engine.halted and engine.ticks < ticks:
        if phases is not None:
            phase = phases.choice(
                [i for i in range(len(policy.machine.domains["phase"])) if i != policy.machine.halt()]
            )
            engine.instance.fields["phase"][engine.hub] = other.instance.fields["phase"][engine.hub] = phase
        engine.tick()
        other.tick()
        assert_same(
            engine, other, policy.machine.heads, f"tick {engine.ticks} of {spec.name} on {engine.instance.size} rows"
        )
        assert engine.halted == other.halted
    return engine, other


@pytest.fixture(scope="module")
def networks(untrained):
    return [untrained(seed) for seed in range(3)]


def slow_engine(policy, instance):
    return Engine(policy, instance, wake_all=True)


def exact_cases():
    out = []
    for name in FIVE:
        spec = registry.get(name)
        for i, family in enumerate(families_of(spec)):
            out.append(pytest.param(name, family, (1, 7, 17, 40)[i % 4 :: 2], id=f"{name}-{family}"))
    return out


@pytest.mark.parametrize("name, family, sizes", exact_cases())
def test_looking_only_at_what_changed_is_looking_at_everything(trained, name, family, sizes):
    spec = registry.get(name)
    for n in sizes:
        data, arguments = data_of(spec, n, family)
        engine, _ = run_both(trained.policy(name), spec, data, arguments, slow_engine, 5000)
        assert engine.halted


@pytest.mark.parametrize("name", FIVE)
def test_the_engine_is_the_machine(trained, name):
    spec = registry.get(name)
    for i, family in enumerate(families_of(spec)):
        data, arguments = data_of(spec, (2, 5, 9)[i % 3], family, i)
        engine, slow = run_both(trained.policy(name), spec, data, arguments, Slow, 5000)
        assert engine.halted
        assert {g: set(met) for g, met in engine.met.items() if met} == {g: m for g, m in slow.met.items() if m}


@pytest.mark.parametrize("name", EVERY)
def test_a_network_that_does_nonsense_does_the_same_nonsense(networks, name):
    spec = registry.get(name)
    for i, family in enumerate(families_of(spec)[:: 1 if name in CORE else 3]):
        data, arguments = data_of(spec, (14, 5, 9)[i // 3 % 3], family, i)
        run_both(networks[i % 3].policy(name), spec, data, arguments, slow_engine, TICKS)


class Dice(Policy):
    """Answers at random, but to a context always the same: any operation that fits, any selection, `keep` with some
    probability. It never halts."""

    def __init__(self, machine, seed, keep):
        super().__init__(None, machine, {}, {})
        self.seed, self.keep = seed, keep

    def ask(self, group, codes):
        g = self.machine.groups[group]
        for code in codes:
            rng = np.random.default_rng([self.seed, zlib.crc32(group.encode()), code])
            if g.relation:
                self.answers[group][code] = int(rng.integers(2 ** len(g.registers)))
                continue
            decision = []
            for r, (register, _) in enumerate(g.registers):
                fitting = [o for o in np.flatnonzero(g.valid[r]).tolist() if not isinstance(g.operations[o], Keep)]
                if register != "phase" and fitting and rng.random() > self.keep:
                    decision.append((r, int(rng.choice(fitting))))
            self.answers[group][code] = tuple(decision)


@pytest.mark.parametrize("name", EVERY)
@given(seed=st.integers(0, 2**20), keep=st.sampled_from([0.3, 0.7, 0.95]), n=st.integers(1, 12), data=st.data())
@settings(max_examples=8, deadline=None, derandomize=True)
def test_whatever_the_answers_the_engine_is_the_machine(examples, name, seed, keep, n, data):
    spec = registry.get(name)
    family = data.draw(st.sampled_from(families_of(spec)))
    graph, arguments = data_of(spec, n if name in CORE else 1 + n // 3, family, seed)
    engine, slow = run_both(
        Dice(examples[name].machine, seed, keep), spec, graph, arguments, Slow, 25, np.random.default_rng(seed)
    )
    assert {g: set(met) for g, met in engine.met.items() if met} == {g: m for g, m in slow.met.items() if m}


@pytest.mark.parametrize("name", EVERY)
def test_whatever_the_answers_on_larger_graphs(examples, name):
    """Where arrays of rows take the place of single ones."""
    spec = registry.get(name)
    for i, family in enumerate(families_of(spec)[:: 1 if name in CORE else 3]):
        graph, arguments = data_of(spec, 40 if name in CORE else 12, family, i)
        policy = Dice(examples[name].machine, i, (0.5, 0.9)[i % 2])
        run_both(policy, spec, graph, arguments, slow_engine, TICKS, np.random.default_rng(i))


def test_random_answers_do_write(examples):
    """The tests above compare something: runs move and meet many contexts."""
    for name in CORE:
        spec = registry.get(name)
        graph, arguments = data_of(spec, 8, families_of(spec)[0], 0)
        policy, states = Dice(examples[name].machine, 0, 0.3), set()

        class Watched(Slow):
            def tick(self):
                super().tick()
                states.add(self.instance.ints.tobytes() + self.instance.floats.tobytes())

        engine, _ = run_both(policy, spec, graph, arguments, Watched, TICKS, np.random.default_rng(0))
        assert len(states) >= 3 and sum(map(len, engine.met.values())) >= 3, name


# ---------------------------------------------------------------- what none of the core's programs does
def odd(hub, nodes):
    """Every form of test, key, value and pointer that the machine has, to no purpose."""
    hub.u = hub.source
    hub.y = 2.0
    yield "begin"
    for v in nodes:
        near = argmin(v.in_edges, key=lambda u: abs(u.x - v.x), where=lambda u: u.color != v.color)
        far = argmin(v.out_edges, key=lambda u: u.x + u.weight + hub.y, where=lambda u: u == v.p or u.p == v)
        if near and near.color == "white" and near.p:
            v.p = near
        elif far and far.x < v.x:
            v.x = far.x + far.weight
        elif v.p.p:
            v.p = v.p.p
        elif v.p == hub.u or v.p.color == "black":
            v.color = "white"
        elif v.p and v.x < hub.y:
            v.x = minimum(v.p.x, hub.y) - v.index
            v.p = hub.v
        elif v.p.x > v.x:
            v.p = v
        else:
            v.p = None
    yield "nodes"
    w = argmin(hub.u.in_edges, key=lambda w: w.x * w.weight, where=lambda w: w != hub.v and w.color == "white")
    z = first(nodes, where=lambda z: z.x > hub.y or z.p == hub.u)
    if w:
        hub.v = hub.u.p
    elif z == hub.u or z.p:
        hub.v = z.p
    if z and hub.u:
        hub.y = z.x + hub.u.x
    yield "hub"
    for v in nodes:
        u = first(v.in_edges, where=lambda u: u == hub.u)
        if v == hub.v:
            v.color = "black"
        elif u and v != hub.u:
            v.x = u.x + 1.0
            v.p = u.p
    yield "both"
    if hub.v:
        hub.v.color = "black"
        hub.u.p = hub.v
        hub.u = hub.v.p
        hub.y = 0.0 - hub.y
    yield "remote"


def odd_spec():
    def sample(rng, n, family):
        graph = sampling.weigh(rng, sampling.graph(rng, n, family, directed=rng.random() < 0.5), low=-1.0)
        return graph, {"source": sampling.node(rng, graph)}

    return Spec(
        name="odd",
        chapter="",
        source="",
        structure=Graph(weighted=True),
        probes=(
            Probe("source", INPUT, NODE, MASK_ONE),
            Probe("u", HINT, NODE, MASK_ONE),
            Probe("v", HINT, NODE, MASK_ONE),
            Probe("y", HINT, GRAPH, SCALAR),
            Probe("x", HINT, NODE, SCALAR, init=1.0),
            Probe("color", HINT, NODE, CATEGORICAL, ("white", "black")),
            Probe("p", OUTPUT, NODE, POINTER, init="self"),
        ),
        outputs={"p": Pointers("p")},
        ticks=lambda n, m: 10,
        families=sampling.GRAPHS,
        sample=sample,
        check=None,
        program=odd,
    )


@pytest.fixture(scope="module")
def odd_machine():
    """Recorded from the program, from states at random so that all of its branches are taken."""
    spec = odd_spec()
    recording, rng = Recording(spec), np.random.default_rng(0)
    for i in range(150):
        data, arguments = data_of(spec, 8, families_of(spec)[i % 9], i)
        x = lay_out(spec, data, arguments)
        n, rows = len(data), np.arange(len(data))
        x.scalars["x"][rows] = rng.integers(-3, 4, n)
        x.fields["color"][rows] = rng.integers(0, 2, n)
        x.pointers["p"][rows] = rng.integers(-1, n, n)
        x.pointers["v"][x.hubs] = rng.integers(-1, n)
        record(spec, x, recording)
    machine = recording.machine()
    assert len(machine.heads) == 5 and len(machine.groups["node"].columns) >= 15
    return machine


@given(seed=st.integers(0, 2**20), keep=st.sampled_from([0.2, 0.6, 0.9]), n=st.integers(1, 40), data=st.data())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_whatever_the_machine_the_engine_is_the_machine(odd_machine, seed, keep, n, data):
    spec = odd_spec()
    graph, arguments = data_of(spec, n, data.draw(st.sampled_from(families_of(spec))), seed)
    phases = np.random.default_rng(seed)
    run_both(Dice(odd_machine, seed, keep), spec, graph, arguments, Slow if n < 10 else slow_engine, 20, phases)


# ---------------------------------------------------------------- against the program
@pytest.mark.parametrize("name", FIVE)
def test_the_states_are_the_programs_own(trained, name):
    spec = registry.get(name)
    for i, family in enumerate(families_of(spec)):
        data, arguments = data_of(spec, (12, 25)[i % 2], family, "program")
        run = record(spec, lay_out(spec, data, arguments), Recording(spec))
        states = []
        watch = lambda e: states.append((e.instance.ints.copy(), e.instance.floats.copy()))
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
    engine = execute(trained.policy("bfs"), lay_out(spec, graph, {"source": 0}), lambda e: seen.append(e.ticks))
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
