"""Random answers, and a machine of every form of term: what the engine is tested with."""

import zlib

import numpy as np

from algorithms import registry, sampling
from algorithms.answers import Pointers
from algorithms.inputs.graphs import Graph
from algorithms.machine.definition import Decisions
from algorithms.machine.probes import CATEGORICAL, GRAPH, HINT, INPUT, MASK_ONE, NODE, OUTPUT, POINTER, SCALAR, Probe
from algorithms.machine.terms import Const, Keep
from algorithms.recording.asking import argmin, first, minimum
from algorithms.recording.record import Recording, record
from algorithms.spec import Spec
from algorithms.trace import lay_out


class Dice(Decisions):
    """Answers at random, but to a context always the same: any operation that fits, any selection, `keep` with some
    probability. It never halts."""

    def __init__(self, machine, seed, keep):
        self.machine, self.seed, self.keep = machine, seed, keep
        self.answers = {g: {} for g in machine.groups}

    def ask(self, group, codes):
        g = self.machine.groups[group]
        for code in codes:
            rng = np.random.default_rng([self.seed, zlib.crc32(group.encode()), code])
            if g.relation:
                self.answers[group][code] = int(rng.integers(2 ** len(g.registers)))
                continue
            decision = []
            for r in range(len(g.registers)):
                halt = Const("phase", self.machine.halt())
                fitting = [o for o in np.flatnonzero(g.valid[r]).tolist() if g.operations[o] not in (Keep(), halt)]
                if fitting and rng.random() > self.keep:
                    decision.append((r, int(rng.choice(fitting))))
            self.answers[group][code] = tuple(decision)


class Rolled:
    """Programs by dice, one seed each: the operations of contexts that are asked for."""

    def __init__(self, machine, count, keep):
        self.machine, self.dice = machine, [Dice(machine, seed, keep) for seed in range(count)]
        self.asked = 0

    def __call__(self, new):
        self.asked += 1
        return {g: np.stack([self.one(dice, g, codes) for dice in self.dice]) for g, codes in new.items()}

    def one(self, dice, name, codes):
        group = self.machine.groups[name]
        dice.ask(name, codes.tolist())
        out = np.zeros((len(codes), len(group.registers)), np.int64)  # operation 0 is keep
        for row, code in zip(out, codes.tolist()):
            decision = dice.answers[name][code]
            if group.relation:
                row[:] = decision >> np.arange(len(row)) & 1
            else:
                for register, op in decision:
                    row[register] = op
        return out


def families_of(spec):
    return [*spec.families["training"], *spec.families["held_out"]]


def data_of(spec, size, family, *seed):
    given = [zlib.crc32(str(x).encode()) for x in ("test", spec.name, size, family, *seed)]
    return spec.sample(np.random.default_rng(given), size, family)


def machine_of(name, runs=6):
    """An algorithm's machine, recorded from a few runs."""
    spec = registry.get(name)
    recording = Recording(spec)
    for i in range(runs):
        data, arguments = data_of(spec, 2 + 2 * i, families_of(spec)[i % len(families_of(spec))], i)
        record(spec, lay_out(spec, data, arguments), recording, states=False)
    return recording.machine()


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


def odd_machine(runs=150):
    """Recorded from the program, from states at random so that all of its branches are taken."""
    spec = odd_spec()
    recording, rng = Recording(spec), np.random.default_rng(0)
    for i in range(runs):
        data, arguments = data_of(spec, 8, families_of(spec)[i % 9], i)
        x = lay_out(spec, data, arguments)
        n, rows = len(data), np.arange(len(data))
        x.scalars["x"][rows] = rng.integers(-3, 4, n)
        x.fields["color"][rows] = rng.integers(0, 2, n)
        x.pointers["p"][rows] = rng.integers(-1, n, n)
        x.pointers["v"][x.hubs] = rng.integers(-1, n)
        record(spec, x, recording)
    return recording.machine()


def hostile(tables, rng):
    """One entry of one table, altered."""
    names = [
        n
        for n, a in vars(tables).items()
        if isinstance(a, np.ndarray) and a.size and n not in ("numbers", "is_pointer")
    ]
    name = names[rng.integers(len(names))]
    array = getattr(tables, name).copy()
    at = int(rng.integers(array.size))
    array.flat[at] = rng.choice(
        [-1, 0, 1, 2, 5, 11, 40, 10**6, -(10**6), 2**40, array.flat[at] + 1, array.flat[at] - 1]
    )
    setattr(tables, name, array)
    return name
