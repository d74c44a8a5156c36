"""Runs that are hard on the kernel's memory: what the sanitizers look at. Each function prints how many ticks it ran."""

from contextlib import suppress
from copy import copy

import numpy as np
from dice import Dice, Rolled, data_of, families_of, hostile, machine_of, odd_machine, odd_spec

from algorithms import registry
from algorithms.errors import AuthorError
from algorithms.machine import compiled as made
from algorithms.machine import engine, many
from algorithms.machine.bytecode import Bytecode
from algorithms.machine.compiled import Program
from algorithms.machine.engine import Bound
from algorithms.trace import lay_out

NAMES = ("bfs", "dijkstra", "mst_prim", "insertion_sort", "graham_scan", "matrix_chain_order")
SLICES = (10**9, 1)


class Enough(Exception):
    """A run asks for ever more contexts."""


class Few(Dice):
    """Dice that answer so many times; codes may be any number."""

    def __init__(self, machine, seed, keep, times):
        super().__init__(machine, seed, keep)
        self.times = times

    def ask(self, group, codes):
        self.times -= 1
        if self.times < 0:
            raise Enough
        positive = [c & (2**63 - 1) for c in codes]
        super().ask(group, positive)
        self.answers[group].update({c: self.answers[group][p] for c, p in zip(codes, positive)})


def machines(names):
    yield odd_spec(), odd_machine()
    for name in names:
        yield registry.get(name), machine_of(name)


def states(bound, count, rng):
    """(count, registers, N + 1): fields and pointers at random."""
    ints, b = np.repeat(bound.ints[None], count, 0), bound.program.bytecode
    domains = bound.program.decisions.machine.domains
    for name, i in list(b.ints.items())[: b.written[0]]:
        at = ints[:, i, 1:]
        if b.tables.is_pointer[i]:
            at[:] = rng.integers(-1, at.shape[1], at.shape)
        else:
            at[:] = np.where(at >= 0, rng.integers(0, len(domains[name]), at.shape), at)
    return ints


def run(bound, rng, count, cap):
    """Random states, with versions and a log. Returns how many ticks they ran."""
    ints, scalars = states(bound, count, rng), np.repeat(bound.scalars[None], count, 0)
    weights = np.repeat(bound.weights[None], count, 0)
    versions = np.arange(scalars.size).reshape(scalars.shape), scalars.size + np.arange(weights.size).reshape(count, -1)
    inputs = scalars.size + weights.size
    ticks = bound.run(ints, scalars, weights, cap=cap, versions=(*versions, inputs), log=True, met=None)
    bound.log(), bound.terms(), bound.forget()
    bound.run(ints, scalars, weights, cap=cap)
    return int(ticks.sum())


def bounds(spec, program, sizes, seed):
    """The program on inputs of these sizes, the last of which has rows of many edges, where there are such inputs."""
    families = families_of(spec)
    for i, n in enumerate(sizes):
        family = "star" if n == sizes[-1] and "star" in families else families[(seed + i) % len(families)]
        yield Bound(program, lay_out(spec, *data_of(spec, n, family, seed, i)))


def random():
    ticks, rng = 0, np.random.default_rng(0)
    for spec, machine in machines(NAMES):
        sizes = (1, 4, 12) if spec.name == "matrix_chain_order" else (1, 6, 70)
        for seed in range(2):
            engine.SLICE = many.SLICE = SLICES[seed % 2]
            dice = Dice(machine, seed, (0.4, 0.8)[seed % 2])
            for bound in bounds(spec, Program(dice, spec), sizes, seed):
                ticks += run(bound, rng, 4, 15)
            rolled = Rolled(machine, 3, 0.5)
            program = Program(rolled.dice[0], spec)
            instances = [b.instance for b in bounds(spec, program, sizes, seed)]
            trials = many.Trials(program, instances, 3, [10] * len(instances))
            trials.run(many.Programs(program, 3), rolled)
            ticks += int(trials.ticks.sum())
    print(ticks)


def alter(bytecode, rng):
    """Some entries of the tables altered, of ten tries those that verify."""
    for _ in range(10):
        tables = copy(bytecode.tables)
        hostile(tables, rng)
        try:
            tables.verify()
        except AuthorError:
            continue
        bytecode.tables = tables
    return bytecode


def altered():
    rng, ticks, make = np.random.default_rng(1), 0, Bytecode
    for spec, machine in machines(NAMES[:5]):
        made.Bytecode = lambda *given: alter(make(*given), rng)
        for seed in range(40):
            engine.SLICE = SLICES[seed % 2]
            program = Program(Few(machine, seed, 0.5, 12), spec)
            for bound in bounds(spec, program, (5, 60) if seed % 4 == 0 else (5, 9), seed):
                with suppress(Enough):
                    ticks += run(bound, rng, 2, 12)
        made.Bytecode = make
    print(ticks)
