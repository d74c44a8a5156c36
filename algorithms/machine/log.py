"""What runs wrote: the kernel's log, and the same made of the states that the definition goes through."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from algorithms.machine.state import Instance

__all__ = ["Log", "log_of", "snapshot"]


@dataclass
class Log:
    """What a run wrote. rows, registers (W,) int32: of each write, a register of int type by its place, a scalar by
    -1 - its place; values (W,) int64, a scalar's bits; ends (T,) int64: where each tick's writes end."""

    rows: np.ndarray
    registers: np.ndarray
    values: np.ndarray
    ends: np.ndarray


def snapshot(x: Instance) -> tuple[np.ndarray, np.ndarray]:
    """The state, (ints, scalars) without nil, copied."""
    return x.ints[:, :-1].copy(), x.floats[:, :-1].copy()


def log_of(runs: list[list]) -> Log:
    """What changed between the states of each run, as `snapshot` has them."""
    rows, registers, values, ends = [], [], [], list[int]()
    for states in runs:
        for (ints, floats), (more, mores) in pairwise(states):
            bits = mores.view(np.int64)
            register, row = np.nonzero(ints != more)
            scalar, of = np.nonzero(floats.view(np.int64) != bits)
            rows += [row, of]
            registers += [register, -1 - scalar]
            values += [more[register, row], bits[scalar, of]]
            ends.append(len(row) + len(of) + (ends[-1] if ends else 0))
    whole = lambda parts, dtype: np.concatenate([np.zeros(0, dtype), *parts]).astype(dtype)
    return Log(whole(rows, np.int32), whole(registers, np.int32), whole(values, np.int64), np.array(ends, np.int64))
