"""Many programs of one machine at once: what a search over programs runs.

A program is here one operation for each register in each context. `Programs` holds the decisions of all of them as the
kernel takes them, `Trials` runs every instance under every program. All is filled by array operations.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence

import numpy as np

from algorithms.machine.compiled import DONE, NO_MEMORY, UNKNOWN, AnswerTable, Program, RunStruct, kernel
from algorithms.machine.engine import SLICE, Bound
from algorithms.machine.state import Instance

__all__ = ["Programs", "Trials"]

_ROOM = 4096  # contexts that are asked for together


class Programs:
    """Decisions of `count` programs in the contexts known so far.

    codes: group -> contexts (C,), in the order in which they became known; operations: group -> (count, C, R), places
    of operations (of edges, 1: may be selected); met: group -> (count, C) bool, the contexts that runs have met.
    """

    def __init__(self, program: Program, count: int):
        self.program, self.count = program, count
        self.machine = program.decisions.machine
        self._does = {g: self._ids(g) for g, group in self.machine.groups.items() if not group.relation}
        self.clear()

    def clear(self) -> None:
        """No context is known."""
        self.codes = {g: np.zeros(0, np.int64) for g in self.machine.groups}
        self._writes = {g: np.zeros((0, *ids.shape), np.int64) for g, ids in self._does.items()}
        shape = {g: (self.count, 0, len(group.registers)) for g, group in self.machine.groups.items()}
        self.operations = {g: np.zeros(s, np.int64) for g, s in shape.items()}
        self._index()
        self.decide(self.operations)

    def _ids(self, group: str) -> np.ndarray:
        """(R, O): the kernel's number of each operation on each register; -1 where nothing is written."""
        ids = np.full(self.machine.groups[group].valid.shape, -1, np.int64)
        for (name, register, op), number in self.program.bytecode.operation.items():
            if name == group:
                ids[register, op] = number
        return ids

    def _index(self) -> None:
        """Where each context stands in the tables; in them, contexts are counted from 1."""
        numbers, known = 1, []
        for codes in self.codes.values():
            known.append((codes, numbers + np.arange(len(codes))))
            numbers += len(codes)
        self.table = AnswerTable(known, np.zeros(1, np.int64), np.zeros(1, np.int64))
        held = np.flatnonzero(self.table.codes >= 0)
        self._slots = held[np.argsort(self.table.decisions[held])]

    def know(self, new: dict[str, np.ndarray], operations: dict[str, np.ndarray]) -> None:
        """More contexts (n,) of some groups, and what is done in them (count, n, R)."""
        met, known = self.met, {g: len(codes) for g, codes in self.codes.items()}
        for g, codes in new.items():
            self.codes[g] = np.concatenate([self.codes[g], codes])
            self.operations[g] = np.concatenate([self.operations[g], operations[g]], 1)
            if g in self._does:
                ids = np.repeat(self._does[g][None], len(codes), 0)
                for (register, op), test in self.program.idle[g].items():
                    ids[self.machine.groups[g].says(codes, *test), register, op] = -1  # the register holds this already
                self._writes[g] = np.concatenate([self._writes[g], ids])
        self._index()
        self.decide(self.operations)
        slots = iter(np.split(self._slots, np.cumsum([len(c) for c in self.codes.values()])))
        for (g, before), at in zip(known.items(), slots):
            self._seen[:, at[:before]] = met[g]

    def decide(self, operations: dict[str, np.ndarray]) -> None:
        """Other programs, in the contexts known; none has met any of them yet.

        The first program's decisions are numbered as the contexts are; of another program those alone have numbers of
        their own that differ from the first's.
        """
        self.operations, count = operations, self.count
        numbers, lists, next_number = [np.zeros((count, 1), np.int32)], [], 1
        for g, group in self.machine.groups.items():
            chosen = operations[g]
            program, context = np.nonzero((chosen != chosen[:1]).any(2))
            program = np.concatenate([np.zeros(chosen.shape[1], np.int64), program])
            context = np.concatenate([np.arange(chosen.shape[1]), context])
            registers = np.arange(chosen.shape[2])
            ops = chosen[program, context].astype(np.int64)
            if group.relation:
                found = (ops << registers).sum(1)
            else:
                lists.append(self._writes[g][context[:, None], registers, ops])
                found = np.where((lists[-1] >= 0).any(1), next_number + np.arange(len(ops)), 0)
                next_number += len(ops)
            of_group = np.tile(found[: chosen.shape[1]].astype(np.int32), (count, 1))
            of_group[program, context] = found
            numbers.append(of_group)
        sizes = np.concatenate([(ids >= 0).sum(1) for ids in lists])
        first = np.concatenate([np.zeros(2, np.int64), np.cumsum(sizes)])  # decision 0 writes nothing
        writes = np.concatenate([*(ids[ids >= 0] for ids in lists), np.zeros(1, np.int64)])
        decisions = np.concatenate(numbers, 1).take(self.table.decisions, 1)
        self._seen = np.zeros(decisions.shape, np.uint8)
        t, self._arrays = self.table, (decisions, first, writes)
        arrays = (t.codes, decisions, self._seen, t.base, t.mask, first, writes)
        self.answers = np.zeros((count, 7), np.int64)  # of each program the addresses that the kernel takes
        self.answers[:] = [a.ctypes.data for a in arrays]
        for column, a in ((1, decisions), (2, self._seen)):
            self.answers[:, column] += np.arange(count) * a.strides[0]

    @property
    def met(self) -> dict[str, np.ndarray]:
        """group -> (count, C): which contexts each program has met since it was decided."""
        seen = self._seen[:, self._slots] != 0
        return dict(zip(self.codes, np.split(seen, np.cumsum([len(c) for c in self.codes.values()])[:-1], 1)))


class Trials:
    """Instances of one graph each, every one under every program of as many as `count`.

    ints, scalars: all states, one after another, each register by register, as the program has them; `cells` says where
    a row's are. caps: of each instance, how many ticks it may take. ticks, halted (count, instances): of the last run.
    """

    def __init__(self, program: Program, instances: Sequence[Instance], count: int, caps: Sequence[int]):
        self.program, self.count, self._runs = program, count, []
        library = kernel()
        if library is None:
            raise RuntimeError("programs are run together by the kernel alone, and there is none")
        self._kernel = library
        layouts: dict[tuple, list[tuple[int, Bound]]] = {}
        for i, x in enumerate(instances):
            bound = Bound(program, x)
            key = tuple(a.tobytes() for a in bound.layout.values()) + (int(x.hubs[0]),)
            layouts.setdefault(key, []).append((i, bound))
        self._rows = np.array([x.size + 1 for x in instances])
        self._start = np.zeros((count, len(instances)), np.int64)  # rows, nil among them, of the states before
        ints, scalars, at, order = [], [], 0, []
        for alike in layouts.values():
            for i, bound in alike:
                self._start[:, i] = at + self._rows[i] * np.arange(count)
                ints.append(np.tile(bound.ints.ravel(), count))
                scalars.append(np.tile(bound.scalars.ravel(), count))
                order.append(i)
                at += self._rows[i] * count
        self._initial = np.concatenate(ints), np.concatenate(scalars)
        self.ints, self.scalars = self._initial[0].copy(), self._initial[1].copy()
        hubs = np.array([int(x.hubs[0]) for x in instances])
        self._hubs = self.cells(0, np.arange(len(instances)), hubs, program.struct.ints)
        self._order = np.argsort(order)
        self._ticks = np.zeros(len(instances) * count, np.int64)
        self._caps = np.repeat(np.asarray(caps, np.int64)[order], count)
        self._unknown = np.zeros((_ROOM, 2), np.int64)
        at = 0
        for alike in layouts.values():
            weights = np.repeat(np.stack([b.weights for _, b in alike]), count, 0)
            state, bound = int(self._start[0, alike[0][0]]), alike[0][1]
            many, first = len(alike) * count, lambda a, registers: a.ctypes.data + (state * registers + 1) * a.itemsize
            r = RunStruct(
                count=many, each=count, ints=first(self.ints, program.struct.ints),
                scalars=first(self.scalars, program.struct.scalars), weights=weights.ctypes.data + 8,
                weight_stride=weights.shape[1], ticks=self._ticks[at:].ctypes.data, caps=self._caps[at:].ctypes.data,
                stop=-1, budget=SLICE, unknown=self._unknown.ctypes.data, unknown_size=_ROOM,
            )  # fmt: skip
            self._runs.append((bound, r, weights))
            at += many

    def run(self, programs: Programs, ask: Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]) -> None:
        """Run all, from the instances' states on. `ask`, given new contexts (n,) of groups, says what is done in them
        (count, n, R); it is asked for all programs at once."""
        np.copyto(self.ints, self._initial[0])
        np.copyto(self.scalars, self._initial[1])
        self._ticks[:] = 0
        waiting = self._runs
        for _, r, _ in waiting:
            r.index, r.begin = 0, 1
        while waiting:
            answers, wait, found = programs.answers.ctypes.data, [], []
            for one in waiting:
                bound, r, _ = one
                r.unknowns, status = 0, -1
                while status not in (DONE, UNKNOWN):
                    status = self._kernel.run_many(bound.world, answers, ctypes.byref(r))
                    if status == NO_MEMORY:
                        raise MemoryError(f"no memory for runs on {bound.instance.size} rows")
                if status == UNKNOWN:
                    wait.append(one)
                    found.append(self._unknown[: min(r.unknowns, _ROOM)].copy())
            if wait:
                pairs = np.concatenate(found)
                names = self.program.groups
                new = {names[g]: np.unique(pairs[pairs[:, 0] == g, 1]) for g in np.unique(pairs[:, 0]).tolist()}
                programs.know(new, ask(new))
            waiting = wait

    def cells(self, place: int, instances: np.ndarray, rows: np.ndarray, registers: int) -> np.ndarray:
        """(count, Q): where rows (Q,) of instances (Q,) have the register of this place, of so many of its kind, in
        `ints` or `scalars`, under each program."""
        return self._start[:, instances] * registers + place * self._rows[instances] + 1 + rows

    @property
    def halted(self) -> np.ndarray:
        return self.ints[self._hubs] == self.program.struct.halt

    @property
    def ticks(self) -> np.ndarray:
        return self._ticks.reshape(-1, self.count).T[:, self._order]
