"""The kernel, which looks again only at what can have changed, against the definition, bit by bit."""

import dataclasses
import signal
import threading

import networkx as nx
import numpy as np
import pytest
from dice import Dice, data_of, families_of, hostile, machine_of, odd_machine, odd_spec
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms import registry
from algorithms.errors import AuthorError
from algorithms.machine import compiled as program
from algorithms.machine import engine
from algorithms.machine.bytecode import Bytecode
from algorithms.machine.compiled import Program, program_of
from algorithms.machine.definition import Definition
from algorithms.machine.derivatives import Growing, Versioned
from algorithms.machine.engine import Bound, execute
from algorithms.machine.library import load
from algorithms.machine.tables import Does, GroupRow, LookRow
from algorithms.recording.asking import first
from algorithms.recording.record import Recording, record
from algorithms.saturated import Saturated
from algorithms.trace import lay_out

EVERY, CORE = registry.names(), registry.suite("core")
pytestmark = pytest.mark.skipif(load() is None, reason="no kernel here")


@pytest.fixture(scope="module")
def machines():
    return {name: machine_of(name) for name in EVERY}


@pytest.fixture(scope="module")
def odd():
    machine = odd_machine()
    assert len(machine.heads) == 5 and len(machine.groups["node"].columns) >= 15
    return machine


def scramble(bound, y, rng):
    """Throw both into a random state: fields and pointers, the hub's often to the node of most edges."""
    x, machine = y, bound.program.decisions.machine
    nodes = np.flatnonzero(x.kind != x.kinds.index("hub"))
    busy = int(np.argmax(sum(np.diff(r.ptr) for r in x.relations.values())[nodes]))
    others = [i for i in range(len(machine.domains["phase"])) if i != machine.halt()]
    for i, name in enumerate(x.int_names):
        rows = np.flatnonzero(x.ints[i, :-1] >= 0)
        if name == "phase":
            x.ints[i, x.hubs] = rng.choice(others)
        elif name in x.pointers:
            x.ints[i, x.hubs] = rng.choice([-1, busy, busy, rng.choice(nodes)]) if name in hubs_of(x) else -1
        elif len(rows):
            x.ints[i, rows] = rng.integers(0, len(machine.domains[name]), len(rows))
    bound.ints[: len(x.int_names), 1:] = x.ints[:, :-1]


def hubs_of(x):
    return {p.name for p in x.spec.probes if p.kind == "hub"}


def run_both(decisions, spec, data, arguments, ticks, phases=None, scrambled=0):
    """Tick by tick. phases: a generator that throws both into a random phase before every tick; scrambled: into a
    random state before every so many. The kernel keeps what it knows from tick to tick, except where something was
    changed under it."""
    __tracebackhide__ = True
    x, y = lay_out(spec, data, arguments), lay_out(spec, data, arguments)
    bound, judge, hub = Bound(program_of(decisions, spec), x), Definition(decisions, y), int(x.hubs[0])
    others = [i for i in range(len(decisions.machine.domains["phase"])) if i != decisions.machine.halt()]
    done, met, states = np.zeros(1, np.int64), {g: set() for g in decisions.machine.groups}, set()
    for i in range(ticks):
        fresh = phases is not None or i == 0
        if scrambled and i % scrambled == 0:
            fresh = True
            scramble(bound, y, np.random.default_rng(i))
        if phases is not None:
            bound.ints[0, hub + 1] = y.fields["phase"][hub] = phases.choice(others)
        judge.tick()  # first, so that every answer is there: the kernel begins anew where one is lacking
        bound.run(cap=10**6, stop=i + 1, ticks=done, begin=fresh, met=met)
        bound.store()
        assert (x.ints == y.ints).all(), f"fields or pointers differ after tick {i + 1} of {spec.name} on {x.size} rows"
        assert (x.floats.view(np.int64) == y.floats.view(np.int64)).all(), f"scalars differ after tick {i + 1}"
        states.add(x.ints.tobytes() + x.floats.tobytes())
    for group, codes in met.items():
        assert codes <= judge.met[group]
    return judge, met, states


@pytest.mark.parametrize("name", EVERY)
@given(seed=st.integers(0, 2**20), keep=st.sampled_from([0.3, 0.7, 0.95]), n=st.integers(1, 12), data=st.data())
@settings(max_examples=6, deadline=None, derandomize=True)
def test_whatever_the_answers_the_kernel_is_the_definition(machines, name, seed, keep, n, data):
    spec = registry.get(name)
    family = data.draw(st.sampled_from(families_of(spec)))
    graph, arguments = data_of(spec, n if name in CORE else 1 + n // 3, family, seed)
    phases = np.random.default_rng(seed) if data.draw(st.booleans()) else None
    run_both(Dice(machines[name], seed, keep), spec, graph, arguments, 20, phases)


@pytest.mark.parametrize("name", EVERY)
def test_on_larger_graphs(machines, name):
    """Where receivers have many edges, and selections are kept in heaps."""
    spec = registry.get(name)
    for i, family in enumerate(families_of(spec)[:: 2 if name in CORE else 4]):
        graph, arguments = data_of(spec, 70 if name in CORE else 12, family, i)
        dice = Dice(machines[name], i, (0.5, 0.9)[i % 2])
        run_both(dice, spec, graph, arguments, 12, scrambled=3)


@pytest.mark.parametrize("name", ["bfs", "dijkstra", "dfs", "mst_prim", "topological_sort", "k_core"])
@pytest.mark.parametrize("family", ["star", "dense"])
def test_where_one_node_has_most_edges(machines, name, family):
    spec = registry.get(name)
    for seed in range(8):
        graph, arguments = data_of(spec, 60, family, seed)
        run_both(Dice(machines[name], seed, 0.7), spec, graph, arguments, 9, scrambled=3)


@given(seed=st.integers(0, 2**20), keep=st.sampled_from([0.2, 0.6, 0.9]), n=st.integers(1, 70), data=st.data())
@settings(max_examples=80, deadline=None, derandomize=True)
def test_whatever_the_machine_the_kernel_is_the_definition(odd, seed, keep, n, data):
    spec = odd_spec()
    graph, arguments = data_of(spec, n, data.draw(st.sampled_from(families_of(spec))), seed)
    phases = np.random.default_rng(seed) if data.draw(st.booleans()) else None
    run_both(Dice(odd, seed, keep), spec, graph, arguments, 20, phases)


def test_random_answers_do_write(machines):
    """The tests above compare something: runs move and meet many contexts."""
    for name in CORE:
        spec = registry.get(name)
        graph, arguments = data_of(spec, 8, families_of(spec)[0], 0)
        _, met, states = run_both(Dice(machines[name], 0, 0.3), spec, graph, arguments, 50, np.random.default_rng(0))
        assert len(states) >= 3 and sum(map(len, met.values())) >= 3, name


def test_slices_change_nothing(odd, monkeypatch):
    """A run that gives Python a say in between is the same run."""
    spec = odd_spec()
    for seed in range(20):
        graph, arguments = data_of(spec, 30, families_of(spec)[seed % 9], seed)
        runs, heard, logs = [], [], []
        for size in (10**9, 1):
            monkeypatch.setattr(engine, "SLICE", size)
            x = lay_out(spec, graph, arguments)
            runs.append((execute(Dice(odd, seed, 0.5), x, progress=heard.append, log=logs.append), x))
        (a, x), (b, y) = runs
        assert (x.ints == y.ints).all() and np.array_equal(x.floats, y.floats, equal_nan=True)
        assert heard and a.ticks == b.ticks and a.met == b.met and (logs[0].values == logs[1].values).all()


def blinking(hub, nodes):
    """Every edge may be selected in every other tick, and next to nothing is written."""
    while True:
        hub.v = None if hub.v else hub.source
        for v in nodes:
            u = first(v.in_edges, where=lambda u: not hub.v)
            if u.color == "black":
                v.p = u
        yield "blink"


def test_edges_that_are_offered_are_work():
    """Else such a run could not be interrupted."""
    spec = dataclasses.replace(odd_spec(), name="blinking", program=blinking)

    def lay(edges):
        star = nx.DiGraph((v + 1, 0) for v in range(edges))
        nx.set_edge_attributes(star, 1.0, "weight")
        return lay_out(spec, star, {"source": 1})

    recording, edges, heard = Recording(spec), engine.SLICE // 4, []
    runs = [record(spec, lay(3), recording, most=9)]
    x = lay(3)
    x.fields["color"][0] = 1  # so that the program writes, once
    runs.append(record(spec, x, recording, most=9))
    table = Saturated(spec, recording.machine())
    table.add(runs)
    ended = execute(table, lay(edges), progress=heard.append)
    assert not ended.halted and len(heard) >= ended.ticks * edges // engine.SLICE - 1 > 1


@pytest.mark.parametrize("name", [*CORE, "odd"])
def test_the_log_is_what_changed(machines, odd, name):
    spec, machine = (odd_spec(), odd) if name == "odd" else (registry.get(name), machines[name])
    graph, arguments = data_of(spec, 9, families_of(spec)[0], 1)
    dice, states, logs = Dice(machine, 3, 0.5), [], []
    run = execute(dice, lay_out(spec, graph, arguments), log=logs.append)
    watch = lambda t, x: states.append((x.ints[:, :-1].copy(), x.floats[:, :-1].copy()))
    execute(dice, lay_out(spec, graph, arguments), watch)
    (log,) = logs
    y = lay_out(spec, graph, arguments)
    ints, floats, start = y.ints[:, :-1], y.floats[:, :-1], 0
    for t, end in enumerate(log.ends.tolist()):
        for row, register, value in zip(*(a[start:end] for a in (log.rows, log.registers, log.values))):
            if register >= 0:
                assert ints[register, row] != value
                ints[register, row] = value
            else:
                floats[-1 - register, row] = np.int64(value).view(np.float64)
        start = end
        assert (ints == states[t + 1][0]).all() and np.array_equal(floats, states[t + 1][1], equal_nan=True)
    assert len(log.ends) == run.ticks == len(states) - 1 > 0


@pytest.mark.parametrize("name", ["bellman_ford", "matrix_chain_order", "odd"])
def test_versions_are_the_definitions(machines, odd, name):
    """What values are made of: the kernel's and the definition's derivatives of all scalars by all scalars."""
    spec, machine = (odd_spec(), odd) if name == "odd" else (registry.get(name), machines[name])
    for seed in range(6):
        graph, arguments = data_of(spec, 5, families_of(spec)[seed % 2], seed)
        dice, x = Dice(machine, seed, 0.4), lay_out(spec, graph, arguments)
        bound = Bound(program_of(dice, spec), x)
        size, inputs = bound.scalars.size, bound.scalars.size + bound.weights.size
        versions = 1 + np.arange(size).reshape(1, *bound.scalars.shape)
        weights = 1 + size + np.arange(bound.weights.size)[None]
        versions[:, :, 0] = weights[:, 0] = 0  # nil is a constant
        first = versions.copy(), weights.copy()
        bound.run(cap=12, versions=(versions, weights, inputs))
        judge = Versioned(
            dice, lay_out(spec, graph, arguments), bound.program.bytecode.scalars,
            dict(zip(bound.program.bytecode.relations, bound.layout["edge_start"].tolist())),
            first[0][0], first[1][0], inputs, terms := Growing(),
        )  # fmt: skip
        while judge.ticks < 12 and not judge.halted:
            judge.tick()
        ours = bound.terms().keep(versions.ravel(), inputs)
        theirs = terms.terms().keep(first[0].ravel(), inputs)
        for gradient in np.random.default_rng(seed).integers(-3, 4, (4, versions.size)).astype(float):
            np.testing.assert_allclose(ours.backward(gradient), theirs.backward(gradient), rtol=1e-12, atol=1e-12)
        tangent = np.random.default_rng(seed).random(inputs)
        np.testing.assert_allclose(ours.forward(tangent), theirs.forward(tangent), rtol=1e-12)
        assert ours.linear == theirs.linear


def test_several_threads_run_at_once(machines):
    """Each on a topology of its own, of one program whose decisions grow while they run."""
    spec = registry.get("dijkstra")
    dice = Dice(machines["dijkstra"], 5, 0.6)
    given = [data_of(spec, 30, families_of(spec)[i % 4], i) for i in range(24)]
    alone = []
    for data, arguments in given:
        x = lay_out(spec, data, arguments)
        alone.append((execute(Dice(machines["dijkstra"], 5, 0.6), x).ticks, x.ints.tobytes(), x.floats.tobytes()))
    together = [None] * len(given)

    def work(start):
        for i in range(start, len(given), 4):
            x = lay_out(spec, *given[i])
            together[i] = execute(dice, x).ticks, x.ints.tobytes(), x.floats.tobytes()

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert together == alone


def test_an_interrupt_ends_a_run(machines):
    """Ctrl-C in a run that would take hours: it comes through between two slices."""
    spec = registry.get("dijkstra")
    x = lay_out(spec, *data_of(spec, 400, families_of(spec)[0], 0))
    bound = Bound(program_of(Dice(machines["dijkstra"], 1, 0.5), spec), x)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs the tests may ignore it
    timer = threading.Timer(0.3, signal.raise_signal, [signal.SIGINT])
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            bound.run(cap=10**12)
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)


# ---------------------------------------------------------------- tables
def test_tables_are_verified(machines, odd):
    """An entry that leads out of its table is refused."""
    refused, rng = 0, np.random.default_rng(0)
    for name, machine in {**machines, "odd": odd}.items():
        spec = odd_spec() if name == "odd" else registry.get(name)
        for _ in range(25):
            bytecode = Bytecode(machine, spec)
            bytecode.tables.verify()
            hostile(bytecode.tables, rng)
            try:
                bytecode.tables.verify()
            except AuthorError as e:
                assert "do not verify" in str(e)
                refused += 1
    assert refused > 500


@pytest.mark.parametrize(
    "table, column, value, said",
    [
        ("groups", GroupRow._fields.index("eager"), 0, "that is read, and not eager"),
        ("groups", GroupRow._fields.index("pointeds"), 0, "pointed are more than its group's"),
        ("looks", LookRow._fields.index("hiddens"), 10**6, "a look's hidden"),
        ("hidden", 1, 0, "looks"),
    ],
)
def test_tables_that_lead_the_kernel_astray_are_refused(odd, table, column, value, said):
    tables = Bytecode(odd, odd_spec()).tables
    getattr(tables, table)[:, column] = value
    with pytest.raises(AuthorError, match=said):
        tables.verify()


def test_a_phase_that_there_is_not_is_refused(odd):
    tables = Bytecode(odd, odd_spec()).tables
    phases = (tables.operations[:, 0] == Does.CONSTANT) & (tables.operations[:, 1] == 0)
    assert phases.any()
    tables.operations[phases, 2] = tables.phases
    with pytest.raises(AuthorError, match="a phase"):
        tables.verify()


def test_a_program_is_made_once(machines):
    dice = Dice(machines["bfs"], 0, 0.5)
    assert program_of(dice, registry.get("bfs")) is program_of(dice, registry.get("bfs"))
    assert isinstance(program_of(dice, registry.get("bfs")), Program)


# ---------------------------------------------------------------- without a kernel
@pytest.mark.parametrize("name", ["bfs", "insertion_sort", "odd"])
def test_without_a_kernel_the_definition_runs(machines, odd, name, monkeypatch):
    spec, machine = (odd_spec(), odd) if name == "odd" else (registry.get(name), machines[name])
    graph, arguments = data_of(spec, 7, families_of(spec)[0], 2)
    runs = []
    for kernel in (True, False):
        if not kernel:
            monkeypatch.setattr(program, "load", lambda: None)
        x, seen, logs = lay_out(spec, graph, arguments), [], []
        run = execute(Dice(machine, 4, 0.5), x, lambda t, x: seen.append(x.ints.tobytes()), log=logs.append)
        runs.append((run.ticks, run.halted, seen, x.floats.tobytes(), [log.ends.tolist() for log in logs]))
        assert run.engine == ("kernel" if kernel else "definition")
    assert runs[0] == runs[1]
