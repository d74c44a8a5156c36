"""What runs show of a machine: each context met, and which operations agree with what was then done.

A transition is a row (or edge) before and after a tick. Its *context* is the code of what the program tests there; an
operation is *consistent* where its result equals the register's next value exactly. Over many transitions a context
keeps the operations that were consistent every time. No operation left: a conflict; several: not yet decided.
An edge into a row that was asked to select is eligible if it was chosen, not if it came before the chosen one; of those
after it nothing is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from algorithms.machine import FUNCTIONS, Group, Instance, Machine, Relation
from algorithms.recorder import Recording, Run, record
from algorithms.spec import Spec
from algorithms.terms import Const, Keep
from algorithms.trace import lay_out

__all__ = ["Contexts", "Table", "collect", "draw", "tile"]


@dataclass
class Table:
    """The contexts of one group. codes (n,) int64; consistent (n, R, O) bool; counts (n,) transitions seen."""

    group: Group
    codes: np.ndarray
    consistent: np.ndarray
    counts: np.ndarray


@dataclass
class Contexts:
    """All transitions of some runs: group -> {(code, packed consistent operations): [count, (run, tick, row)]}."""

    machine: Machine
    seen: dict[str, dict] = field(default_factory=dict)

    def add(self, run: Run, number: int = 0) -> None:
        """Every transition of a run."""
        for name, (codes, masks, places) in transitions(self.machine, run).items():
            merged = self.seen.setdefault(name, {})
            packed = np.packbits(masks.reshape(len(masks), -1), axis=1)
            keys = np.concatenate([codes.view(np.uint8).reshape(-1, 8), packed], 1)
            _, first, counts = np.unique(_rows(keys), return_index=True, return_counts=True)
            for i, n in zip(first.tolist(), counts.tolist()):
                entry = merged.setdefault((int(codes[i]), packed[i].tobytes()), [0, (number, *places(i))])
                entry[0] += n

    def table(self, name: str) -> Table:
        group, merged = self.machine.groups[name], self.seen.get(name, {})
        r, o = group.valid.shape
        codes = np.array([c for c, _ in merged], np.int64)
        counts = np.array([n for n, _ in merged.values()], np.int64)
        if not len(codes):
            return Table(group, codes, np.zeros((0, r, o), bool), counts)
        masks = np.frombuffer(b"".join(m for _, m in merged), np.uint8).reshape(len(codes), -1)
        unique, where = np.unique(codes, return_inverse=True)
        order = np.argsort(where, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(where[order]) > 0])
        masks = np.unpackbits(masks[order], axis=1)[:, : r * o].reshape(-1, r, o).astype(bool)
        if group.relation:  # not asked means not eligible, but only where no such edge was ever asked for
            asked = np.logical_or.reduceat(masks, starts, 0).any(2)
            masks |= ~masks.any(2, keepdims=True)
            consistent = np.logical_and.reduceat(masks, starts, 0)
            consistent[~asked] = [True, False]
        else:
            consistent = np.logical_and.reduceat(masks, starts, 0)
        return Table(group, unique, consistent, np.add.reduceat(counts[order], starts))


def _rows(a: np.ndarray) -> np.ndarray:
    """Rows of bytes as single items, so that np.unique compares them whole."""
    return np.ascontiguousarray(a).view(np.dtype((np.void, a.shape[1]))).ravel()


def tile(instance: Instance, states: list) -> Instance:
    """One instance with T states, as T disjoint copies, copy t in state t."""
    t, n = len(states), instance.size
    shift = np.arange(t)[:, None] * n
    moved = lambda a, step: np.append(np.where(a[None, :-1] >= 0, a[None, :-1] + step, -1).ravel(), -1)
    out = object.__new__(Instance)
    out.__dict__.update(instance.__dict__)
    out.size = t * n
    out.kind = np.tile(instance.kind, t)
    out.graph = np.repeat(np.arange(t), n)
    out.hubs = (instance.hubs[None] + shift).ravel()
    is_pointer = np.array([x in instance.pointers for x in instance.int_names])[None, :, None]
    ints = np.stack([s[0] for s in states])[:, :, :-1]
    ints = np.where(is_pointer & (ints >= 0), ints + shift[:, :, None], ints)
    floats = np.stack([s[1] for s in states])[:, :, :-1]
    flat = lambda a, nil: np.concatenate(
        [a.transpose(1, 0, 2).reshape(a.shape[1], t * n), np.full((a.shape[1], 1), nil)], 1
    )
    out._blocks(flat(ints, -1), flat(floats, np.nan))
    out.static = {k: moved(a, shift) for k, a in instance.static.items()}
    out.constants = {k: np.append(np.tile(a[:-1], t), np.nan) for k, a in instance.constants.items()}
    out.relations = {}
    for k, r in instance.relations.items():
        ptr = (r.ptr[None, :-1] + np.arange(t)[:, None] * len(r)).ravel()
        weight = np.append(np.tile(r.weight[:-1], t), np.nan)
        out.relations[k] = Relation(moved(r.src, shift), moved(r.dst, shift), weight, np.append(ptr, t * len(r)))
    return out


def transitions(machine: Machine, run: Run) -> dict[str, tuple]:
    """group -> codes (n,), consistent operations (n, R, O), and a function from n to (tick, row)."""
    now, then = tile(run.instance, run.states[:-1]), tile(run.instance, run.states[1:])
    n, selected, labels = run.instance.size, {}, {}
    for head, (relation, _) in machine.heads.items():
        m = len(run.instance.relations[relation])
        chosen = np.full(run.ticks * n + 1, -1)
        label = np.zeros((run.ticks * m, 2), bool)  # not asked
        for t, asks in enumerate(run.asks):
            for ask in asks:
                if ask.head == head:
                    edges, before = ask.asked
                    label[t * m + edges] = True  # after the chosen one: unknown
                    label[t * m + edges[before], 1] = False
                    receivers, picked = ask.receivers, ask.chosen
                    some = picked >= 0
                    chosen[t * n + receivers[some]] = t * m + picked[some]
                    label[t * m + picked[some], 0] = False
        selected[head], labels[head] = chosen, label
    names = FUNCTIONS | now.namespace(selected)
    out = {}
    with np.errstate(invalid="ignore"):
        for name, group in machine.groups.items():
            if group.relation:
                size = len(run.instance.relations[group.relation])
                rows = np.arange(run.ticks * size)
                masks = np.stack([labels[h] for _, h in group.registers], 1)
            else:
                size, rows = n, now.rows(name)
                masks = np.stack([_consistent(group, r, now, then, rows, names) for r in group.registers], 1)
            if len(rows):
                codes = np.broadcast_to(eval(f"lambda r: {group.code_source()}", names)(rows), rows.shape)
                out[name] = codes.astype(np.int64), masks, lambda i, rows=rows, size=size: divmod(int(rows[i]), size)
    return out


def _consistent(group: Group, register: tuple, now: Instance, then: Instance, rows: np.ndarray, names: dict):
    """(rows, O): which operations give the register its next value."""
    old, new = now.register(register[1])[rows], then.register(register[1])[rows]
    out = np.zeros((len(rows), len(group.operations)), bool)
    for i, op in enumerate(group.operations):
        if not group.valid[group.registers.index(register), i]:
            continue
        if isinstance(op, Keep):
            value = old
        else:
            value = op.value if isinstance(op, Const) else eval(f"lambda r: {op.source()}", names)(rows)
        out[:, i] = (value == new) | ((value != value) & (new != new))
    return out


def draw(spec: Spec, recording: Recording, rng: np.random.Generator, n: int, family: str, states: bool = True):
    """One random input of about n nodes, run: (run, data, arguments)."""
    data, arguments = spec.sample(rng, n, family)
    return record(spec, lay_out(spec, data, arguments), recording, states), data, arguments


def collect(machine: Machine, runs: list[Run]) -> Contexts:
    """The contexts of some runs."""
    out = Contexts(machine)
    for i, run in enumerate(runs):
        out.add(run, i)
    return out
