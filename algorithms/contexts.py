"""What runs show of a machine: each context met, and which operations agree with what was then done.

A transition is a row (or edge) before and after a tick. Its *context* is the code of what the program tests there; an
operation is *consistent* where its result equals the register's next value exactly, and where it writes just if the
program wrote: an equal value written again leaves the same state, but another derivative. Over many transitions a
context keeps the operations that were consistent every time. No operation left: a conflict; several: not yet decided.
An edge into a row that was asked to select is eligible if it was chosen, not if it came before the chosen one; of those
after it nothing is known. What a row would have selected that was not asked is not known either: an operation that
reads it is not consistent there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from algorithms.machine.definition import View
from algorithms.machine.program import Group, Machine
from algorithms.machine.state import Instance
from algorithms.machine.terms import Const, Eligible, Keep, Point, Set
from algorithms.recording.record import Recording, Run, record
from algorithms.spec import Spec
from algorithms.tiles import Tiles
from algorithms.trace import lay_out

__all__ = ["Contexts", "Table", "collect", "draw", "transitions"]

_AT_ONCE = 30_000  # so many rows and edges, in all states, are looked at together


@dataclass
class Table:
    """The contexts of one group. codes (n,) int64; consistent (n, R, O) bool; counts (n,) transitions seen."""

    group: Group
    codes: np.ndarray
    consistent: np.ndarray
    counts: np.ndarray


@dataclass
class Contexts:
    """All transitions of some runs: group -> {(code, packed consistent operations): [count, (run, tick, row)]}.

    meant: consistent is that operation alone by which the program wrote.
    """

    machine: Machine
    seen: dict[str, dict] = field(default_factory=dict)
    meant: bool = False

    def add(self, runs: list[Run], number: int = 0) -> None:
        """Every transition of some runs, which are counted from `number` on."""
        start, size = 0, 0
        for i, run in enumerate(runs, 1):
            x = run.instance
            size += len(run.states) * (x.size + sum(map(len, x.relations.values())))
            if size > _AT_ONCE or i == len(runs):
                self._add(runs[start:i], number + start)
                start, size = i, 0

    def _add(self, runs: list[Run], number: int) -> None:
        for name, (codes, masks, place) in transitions(self.machine, *runs, meant=self.meant).items():
            merged = self.seen.setdefault(name, {})
            packed = np.packbits(masks.transpose(1, 2, 0).reshape(-1, len(codes)), axis=0).T
            keys = _rows(np.concatenate([codes.view(np.uint8).reshape(-1, 8), packed], 1)).tolist()
            counts = Counter(keys)
            first = dict(zip(reversed(keys), range(len(keys) - 1, -1, -1)))
            for key, n in sorted(counts.items()):
                i = first[key]
                entry = merged.get(known := (int(codes[i]), key[8:]))
                if entry is None:
                    run, *where = place(i)
                    entry = merged[known] = [0, (number + run, *where)]
                entry[0] += n

    def table(self, name: str) -> Table:
        group, merged = self.machine.groups[name], self.seen.get(name, {})
        r, o = group.valid.shape
        codes = np.array([c for c, _ in merged], np.int64)
        counts = np.array([n for n, _ in merged.values()], np.int64)
        if not len(codes):
            return Table(group, codes, np.zeros((0, r, o), bool), counts)
        packed = np.frombuffer(b"".join(m for _, m in merged), np.uint8).reshape(len(codes), -1)
        unique, where = np.unique(codes, return_inverse=True)
        order = np.argsort(where, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(where[order]) > 0])
        masks = np.unpackbits(packed[order], axis=1)[:, : r * o].reshape(-1, r, o).astype(bool)
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


def transitions(machine: Machine, *runs: Run, meant: bool = False) -> dict[str, tuple]:
    """group -> codes (n,), consistent operations (n, R, O), and a function from n to (which run, tick, row)."""
    tiles = Tiles(list(runs))
    now, before = tiles.instance, tiles.before(runs)
    selected, labels, asked = _selections(machine, runs, tiles)
    written = _written(runs, tiles, machine if meant else None)
    view = View(now, machine.heads, selected, _totals(machine, now, labels))
    out = {}
    with np.errstate(invalid="ignore"):
        for name, group in machine.groups.items():
            if group.relation:
                first, sizes = tiles.edges[group.relation]
                copy = np.arange(len(sizes)).repeat(sizes)
                rows = before[copy].nonzero()[0]
                masks = np.stack([labels[h][rows].T for _, h in group.registers])
            else:
                first, copy = tiles.first, now.graph
                rows = (before[copy] & (now.kind == now.kinds.index(name))).nonzero()[0]
                masks = _consistent(group, now, rows, tiles.sizes[copy[rows]], view, asked, written)
            if len(rows):
                codes = view.codes(group, rows)

                def place(i: int, rows=rows, copy=copy, first=first) -> tuple[int, int, int]:
                    c = copy[rows[i]]
                    return int(tiles.run[c]), int(tiles.tick[c]), int(rows[i] - first[c])

                out[name] = codes, masks.transpose(2, 0, 1), place
    return out


def _written(runs: tuple[Run, ...], tiles: Tiles, machine: Machine | None) -> dict[str, np.ndarray]:
    """register -> of each row, how the program writes it, a tick later: 0 not; 1 by any operation; where a machine is
    given, 1 + the place of the operation that the program meant."""
    out = {p.name: np.zeros(tiles.instance.size, np.int64) for p in tiles.instance.spec.probes}
    places: dict[str, dict] = {}
    for group in machine.groups.values() if machine else ():
        at = {op: 1 + o for o, op in enumerate(group.operations)}
        for kind, name in group.registers:
            given = [at[Const(name, i)] for i in range(len(group.domains[name]))] if kind == "field" else ()
            places[name] = at | {None: np.array(given)}
    copy = 0
    for run in runs:
        for t, lines in enumerate(run.lines):
            for name, rows, value, *_, op in lines:
                place = places[name].get(op, 1) if name in places else 1
                out[name][rows + tiles.first[copy + t]] = place[value] if isinstance(place, np.ndarray) else place
        copy += len(run.states)
    return out


def _selections(machine: Machine, runs: tuple[Run, ...], tiles: Tiles) -> tuple[dict, dict, dict]:
    """head -> the chosen edge of each row; head -> of each edge, may it have been (not eligible, eligible)?; head ->
    which rows asked."""
    asks: dict[str, list] = {head: [] for head in machine.heads}
    copy = 0
    for run in runs:
        for t, asked in enumerate(run.asks):
            for ask in asked:
                asks[ask.head].append((copy + t, ask))
        copy += len(run.states)
    selected, labels, asked = {}, {}, {}
    for head, of in machine.heads.items():
        first, sizes = tiles.edges[of.relation]
        chosen = np.full(tiles.instance.size + 1, -1)
        label = np.zeros((int(sizes.sum()), 2), bool)  # not asked
        asked[head] = np.zeros(tiles.instance.size + 1, bool)
        if asks[head]:
            copies = np.array([c for c, _ in asks[head]])
            candidates = [ask.asked for _, ask in asks[head]]
            edges = np.concatenate([e for e, _ in candidates]) + first[copies].repeat([len(e) for e, _ in candidates])
            label[edges] = True  # after the chosen one: unknown
            before = np.concatenate([b for _, b in candidates])
            label[edges[before], 1] = False
            receivers = [a.receivers for _, a in asks[head]]
            copies = copies.repeat([len(r) for r in receivers])
            receivers = np.concatenate(receivers) + tiles.first[copies]
            asked[head][receivers] = True
            if of.total:
                label[edges[~before], 0] = False
                selected[head], labels[head] = chosen, label
                continue
            picked = np.concatenate([a.chosen for _, a in asks[head]])
            some = picked >= 0
            picked = (picked + first[copies])[some]
            chosen[receivers[some]] = picked
            label[picked, 0] = False
        selected[head], labels[head] = chosen, label
    return selected, labels, asked


def _totals(machine: Machine, now: Instance, labels: dict) -> dict[str, np.ndarray]:
    """Total -> the sum of each row that asked, over the edges that are in it."""
    out = {}
    for head, of in machine.heads.items():
        if of.total:
            assert of.key is not None
            relation = now.relations[of.relation]
            edges = (labels[head] == [False, True]).all(1).nonzero()[0]
            keys = np.broadcast_to(View(now, machine.heads).value(of.key, edges, of.relation), edges.shape)
            out[head] = np.bincount(relation.dst[edges], keys, minlength=now.size + 1)
    return out


def _consistent(
    group: Group,
    now: Instance,
    rows: np.ndarray,
    step: np.ndarray,
    view: View,
    asked: dict[str, np.ndarray],
    written: dict[str, np.ndarray],
) -> np.ndarray:
    """(R, O, rows): which operations give a register its next value. step: how far a row's next state is."""
    out = np.zeros((*group.valid.shape, len(rows)), bool)
    values: dict[int, object] = {}
    for i, (_, name) in enumerate(group.registers):
        register = now.register(name)
        old, new = register[rows], register[rows + step]
        if name in now.pointers:
            new = np.where(new >= 0, new - step, -1)
        undefined = new != new if name in now.scalars else None
        for o in np.flatnonzero(group.valid[i]).tolist():
            op = group.operations[o]
            if isinstance(op, Keep | Const):
                value = old if isinstance(op, Keep) else op.value
            else:
                assert not isinstance(op, Eligible)  # that is of edges
                if o not in values:
                    values[o] = view.result(op, rows)
                value = values[o]
            out[i, o] = value == new
            if undefined is not None:
                out[i, o] |= (value != value) & undefined
            for head in op.heads() if isinstance(op, Point | Set) else ():
                out[i, o] &= asked[head][rows]
            if name in written:  # the phase is none of the program's registers
                place = written[name][rows]
                out[i, o] &= (place == 0) if isinstance(op, Keep) else ((place == 1) | (place == 1 + o))
    return out


def draw(spec: Spec, recording: Recording, rng: np.random.Generator, n: int, family: str, states: bool = True):
    """One random input of about n nodes, run: (run, data, arguments)."""
    data, arguments = spec.sample(rng, n, family)
    return record(spec, lay_out(spec, data, arguments), recording, states), data, arguments


def collect(machine: Machine, runs: list[Run]) -> Contexts:
    """The contexts of some runs."""
    out = Contexts(machine)
    out.add(runs)
    return out
