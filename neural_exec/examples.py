"""Traces -> what the network is trained on: for each algorithm its machine and the tables of its contexts.

Training sees random inputs of size at most 16 (nodes, elements, or letters of each of two strings), of the training
families; a second, smaller set of traces is held out to decide when to stop. Both are drawn from the seed alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from algorithms import registry
from algorithms.contexts import Contexts, Table, draw
from algorithms.machine.program import Machine
from algorithms.recording.record import Recording
from algorithms.spec import Spec

__all__ = ["MAX_NODES", "Examples", "draw_examples", "rng_of"]

MAX_NODES = 16


@dataclass
class Examples:
    """An algorithm's training data. train, known: group -> Table of the training traces; of all traces (training and
    held out), by which the stopping rule judges. traces, transitions: how many were drawn for training."""

    algorithm: str
    machine: Machine
    train: dict[str, Table]
    known: dict[str, Table]
    traces: int
    ticks: int


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
) -> Examples:
    """Draw `traces` + `held_out` runs of at most `most` nodes, merge their transitions. `tick` is called after each."""
    spec = algorithm if isinstance(algorithm, Spec) else registry.get(algorithm)
    recording, rng = Recording(spec), rng_of("traces", spec.name, seed)
    families = spec.families["training"]
    runs = []
    for i in range(traces + held_out):
        n = int(rng.integers(1, most + 1))
        runs.append(draw(spec, recording, rng, n, families[i % len(families)])[0])
        tick()
    machine = recording.machine()
    contexts = Contexts(machine)
    contexts.add(runs[:traces])
    train = {g: contexts.table(g) for g in machine.groups}
    contexts.add(runs[traces:], traces)
    known = {g: contexts.table(g) for g in machine.groups} if held_out else train
    return Examples(spec.name, machine, train, known, traces, sum(r.ticks for r in runs[:traces]))
