"""All states of several runs as one instance, so that what holds in each of them is computed at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from algorithms.machine.relations import Relation, Relations
from algorithms.machine.state import Instance
from algorithms.recording.record import Run

__all__ = ["Tiles"]


class Tiles:
    """Runs of one program, side by side: of each its graph T + 1 times, copy t in state t.

    instance: all of them, one graph a copy. run, tick: which state of which run a copy holds. first, sizes: a copy's
    first row, and its number of rows. edges: relation -> (a copy's first edge, its number of edges).
    """

    def __init__(self, runs: list[Run]):
        instances = [run.instance for run in runs]
        x, counts = instances[0], np.array([len(run.states) for run in runs])
        per_run = np.array([i.size for i in instances])
        self.run = np.arange(len(runs)).repeat(counts)
        self.tick = np.concatenate([np.arange(c) for c in counts])
        self.sizes = per_run.repeat(counts)
        self.first = np.cumsum(self.sizes) - self.sizes
        shifts = np.split(self.first[:, None], np.cumsum(counts)[:-1])  # of each run: (copies, 1)

        def moved(arrays: list) -> np.ndarray:
            """Pointers of one copy, of all copies."""
            return np.append(np.concatenate([np.where(a >= 0, a + s, -1).ravel() for a, s in zip(arrays, shifts)]), -1)

        def repeated(arrays: list) -> np.ndarray:
            return np.concatenate([a[None].repeat(c, 0).ravel() for a, c in zip(arrays, counts)])

        self.instance = out = object.__new__(Instance)
        out.__dict__.update(x.__dict__)
        out.size = int(self.sizes.sum())
        out.kind = repeated([i.kind for i in instances])
        out.graph = np.arange(len(self.sizes)).repeat(self.sizes)
        out.hubs = moved([i.hubs for i in instances])[:-1]
        is_pointer = np.array([name in x.pointers for name in x.int_names])[:, None, None]
        ints, floats = [], []
        for run, shift in zip(runs, shifts):
            a, b = (np.stack([s[i][:, :-1] for s in run.states], 1) for i in (0, 1))  # (registers, copies, rows)
            ints.append(np.where(is_pointer & (a >= 0), a + shift, a).reshape(len(a), a.shape[1] * a.shape[2]))
            floats.append(b.reshape(len(b), b.shape[1] * b.shape[2]))
        ints.append(np.full((len(x.int_names), 1), -1))
        floats.append(np.full((len(x.float_names), 1), np.nan))
        out._blocks(np.concatenate(ints, 1), np.concatenate(floats, 1))
        out.static = {k: moved([i.static[k][:-1] for i in instances]) for k in x.static}
        out.constants = {k: np.append(repeated([i.constants[k][:-1] for i in instances]), np.nan) for k in x.constants}
        out.relations, self.edges = Relations(), {}
        for k in x.relations:
            relations = [i.relations[k] for i in instances]
            lengths = np.array([len(r) for r in relations]).repeat(counts)
            starts = np.cumsum(lengths) - lengths
            self.edges[k] = starts, lengths
            src, dst = moved([r.src[:-1] for r in relations]), moved([r.dst[:-1] for r in relations])
            weight = np.append(repeated([r.weight[:-1] for r in relations]), np.nan)
            ptr = repeated([r.ptr[:-1] for r in relations]) + starts.repeat(self.sizes)
            out.relations[k] = Relation(src, dst, weight, np.append(ptr, lengths.sum()))

    def before(self, runs: Sequence[Run]) -> np.ndarray:
        """Which copies a tick starts from: all but the last of each run."""
        return self.tick < np.array([run.ticks for run in runs])[self.run]
