"""Traces -> what the network is trained on: for each algorithm its machine and the tables of its contexts.

Training sees random inputs of size at most 16 (nodes, elements, or letters of each of two strings), of the training
families; a second, smaller set of traces is held out to decide when to stop. What these leave out is sought: many more
inputs are run by the decisions that they show (`algorithms/saturated.py`), which is fast, and those that meet a context
that none has met are traced, and trained on, too. All are drawn from the seed alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from algorithms import registry
from algorithms.contexts import Contexts, Table, draw
from algorithms.machine.program import Machine
from algorithms.machine.state import Instance
from algorithms.recording.record import Recording, Run, record
from algorithms.saturated import Saturated, grown
from algorithms.spec import Spec
from algorithms.trace import lay_out

__all__ = ["MAX_NODES", "Examples", "draw_examples", "rng_of"]

MAX_NODES = 16
_FEW, _MANY = 16, 512  # inputs that are looked through together: few where what is new is found often


@dataclass
class Examples:
    """An algorithm's training data. train, known: group -> Table of the training traces; of all traces (training and
    held out), by which the stopping rule judges. traces: how many were drawn for training; rare: how many more of
    inputs that met what these had not; ticks: of all these."""

    algorithm: str
    machine: Machine
    train: dict[str, Table]
    known: dict[str, Table]
    traces: int
    ticks: int
    rare: int = 0


def rng_of(*key: object) -> np.random.Generator:
    """A generator that depends on its key alone."""
    return np.random.default_rng([zlib.crc32(str(k).encode()) for k in key])


def draw_examples(
    algorithm: str | Spec,
    seed: int,
    traces: int = 200,
    held_out: int = 60,
    tick: Callable[[], None] = lambda: None,
    most: int = MAX_NODES,
    sought: int = 25,
) -> Examples:
    """Draw `traces` + `held_out` runs of at most `most` nodes, merge their transitions. `tick` is called after each.
    sought: so many further inputs for every trace are looked through for contexts that no trace has met."""
    spec = algorithm if isinstance(algorithm, Spec) else registry.get(algorithm)
    recording, rng = Recording(spec), rng_of("traces", spec.name, seed)
    families = spec.families["training"]
    runs = []
    for i in range(traces + held_out):
        n = int(rng.integers(1, most + 1))
        runs.append(draw(spec, recording, rng, n, families[i % len(families)])[0])
        tick()
    rare = list(_rare(spec, recording, runs[:traces], rng, sought * traces, most, tick))
    machine, contexts = recording.machine(), Contexts(recording.machine())
    contexts.add(runs[:traces] + rare)
    train = {g: contexts.table(g) for g in machine.groups}
    contexts.add(runs[traces:], traces + len(rare))
    known = {g: contexts.table(g) for g in machine.groups} if held_out else train
    ticks = sum(r.ticks for r in runs[:traces] + rare)
    return Examples(spec.name, machine, train, known, traces, ticks, len(rare))


def _rare(
    spec: Spec, recording: Recording, runs: list[Run], rng: np.random.Generator, count: int, most: int, tick: Callable
) -> Iterator[Run]:
    """Of so many further inputs the runs of those that meet a context that none has met before."""
    table, families = Saturated(spec, recording.machine()), spec.families["training"]
    table.add(runs)
    done, at_once = 0, _FEW
    while done < count:
        drawn, fresh = list[Instance](), 0
        for i in range(done, min(done + at_once, count)):
            n = int(rng.integers(1, most + 1))
            data, arguments = spec.sample(rng, n, families[i % len(families)])
            drawn.append(lay_out(spec, data, arguments))
            tick()
        done += len(drawn)
        while (place := table.unmet(drawn)) is not None:
            runs, fresh = [*runs, record(spec, drawn[place], recording)], fresh + 1
            table = grown(table, recording, runs)
            yield runs[-1]
            drawn = drawn[place + 1 :]
        at_once = _FEW if fresh else min(2 * at_once, _MANY)
