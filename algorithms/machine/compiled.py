"""A machine's program as the kernel takes it: its tables, and the decisions known so far."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from threading import Lock

import numpy as np

from algorithms.machine.bytecode import Bytecode
from algorithms.machine.definition import Decisions
from algorithms.machine.library import load
from algorithms.machine.terms import Const, FieldIs, Nil, NilTest

__all__ = [
    "AGAIN",
    "DONE",
    "NO_MEMORY",
    "UNKNOWN",
    "AnswerTable",
    "AnswersStruct",
    "LayoutStruct",
    "Program",
    "ProgramStruct",
    "RunStruct",
    "kernel",
    "program_of",
]  # fmt: skip

_I, _P = ctypes.c_int64, ctypes.c_void_p


def _fields(*fields: tuple[str, type]) -> list[tuple[str, type]]:
    """Of a structure of kernel.c's: (names, their type), in its order."""
    return [(name, kind) for names, kind in fields for name in names.split()]


_TABLES = (
    "steps items numbers columns operations groups looks hidden heads pointed dependents of_int of_scalar tracked track"
)
_COUNTS = "ints scalars group_count phases head_count tracked_count hub_group halt at_x at_y rest_x rest_y"


class ProgramStruct(ctypes.Structure):
    _fields_ = _fields((_TABLES, _P), (_COUNTS, _I))


class AnswersStruct(ctypes.Structure):
    _fields_ = _fields(("codes decisions met base mask first writes", _P))


class LayoutStruct(ctypes.Structure):
    _fields_ = _fields(("rows hub edges relations", _I), ("kind_start edge_start source target into", _P))


class RunStruct(ctypes.Structure):
    _fields_ = _fields(
        ("count index begin each", _I), ("ints scalars weights", _P), ("weight_stride", _I),
        ("versions weight_versions", _P), ("inputs", _I), ("ticks caps", _P), ("stop budget log", _I), ("unknown", _P),
        ("unknown_size unknowns", _I),
    )  # fmt: skip


DONE, AGAIN, UNKNOWN, NO_MEMORY = range(4)  # what run_many says


class AnswerTable:
    """The decisions of all groups at one moment, open-addressed."""

    def __init__(
        self, known: Sequence[tuple[list | np.ndarray, list | np.ndarray]], first: np.ndarray, writes: np.ndarray
    ):
        sizes = [max(8, 1 << (3 * len(codes)).bit_length()) for codes, _ in known]
        self.base = np.cumsum([0, *sizes[:-1]])
        self.mask = np.array(sizes) - 1
        self.codes, self.decisions = np.full(sum(sizes), -1, np.int64), np.zeros(sum(sizes), np.int32)
        for (codes, decisions), base, mask in zip(known, self.base.tolist(), self.mask.tolist()):
            self._insert(np.array(codes, np.int64), np.array(decisions, np.int32), base, mask)
        self.first, self.writes = first, writes

    def _insert(self, codes: np.ndarray, decisions: np.ndarray, base: int, mask: int) -> None:
        with np.errstate(over="ignore"):
            at = ((codes.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)).astype(np.int64) & mask
        while len(codes):
            free = self.codes[base + at] < 0
            self.codes[base + at[free]] = codes[free]  # of several the last one stays
            here = self.codes[base + at] == codes
            self.decisions[base + at[here]] = decisions[here]
            codes, decisions, at = codes[~here], decisions[~here], (at[~here] + 1) & mask


class Program:
    """A machine's tables, and the decisions known so far, as the kernel takes them. Several threads may share it.

    groups: their names, by number. idle: group -> (place of a register, of an operation) -> (place, value) of a column
    which, at that value, says that the register holds this already.
    """

    def __init__(self, decisions: Decisions, spec):
        self.decisions, self.bytecode = decisions, Bytecode(decisions.machine, spec)
        t = self.bytecode.tables
        self.groups = list(decisions.machine.groups)
        self._arrays = {n: np.ascontiguousarray(getattr(t, n)) for n in _TABLES.split()}
        counts = dict(
            ints=t.ints, scalars=t.scalars, group_count=len(t.groups), phases=t.phases, head_count=len(t.heads),
            tracked_count=len(t.tracked), hub_group=t.hub_group, halt=t.halt,
            **dict(zip(("at_x", "at_y", "rest_x", "rest_y"), t.positions)),
        )  # fmt: skip
        self.struct = ProgramStruct(**{n: a.ctypes.data for n, a in self._arrays.items()}, **counts)
        self._lock = Lock()
        self._numbers: dict[tuple[int, ...], int] = {(): 0}
        self._first, self._writes = [0, 0], list[int]()
        self._known: list[tuple[list, list]] = [([], []) for _ in self.groups]
        self.idle = {
            name: {
                (register, op): test
                for register, op in np.argwhere(group.valid).tolist()
                if (test := self._idle_test(group, register, op)) is not None
            }
            for name, group in decisions.machine.groups.items()
            if not group.relation
        }
        self._table: AnswerTable | None = None
        self._size = 0

    @staticmethod
    def _idle_test(group, register: int, op: int) -> tuple[int, int] | None:
        operation, (_, name) = group.operations[op], group.registers[register]
        for c, column in enumerate(group.columns):
            if isinstance(operation, Const) and column == FieldIs((), name):
                return c, operation.value + 1
            if isinstance(operation, Nil) and column == NilTest((name,)):
                return c, 0
        return None

    def number(self, name: str, code: int, decision: tuple | int) -> int:
        """A decision to the kernel: the same of two that do the same in this context, as it says itself."""
        if isinstance(decision, int):
            return decision
        idle, operation, kept = self.idle[name], self.bytecode.operation, []
        group = self.decisions.machine.groups[name]
        for place in decision:
            test = idle.get(place)
            if test is None or not group.says(code, *test):
                kept.append(operation[name, *place])
        ids = tuple(kept)
        if ids not in self._numbers:
            self._numbers[ids] = len(self._numbers)
            self._writes += ids
            self._first.append(len(self._writes))
        return self._numbers[ids]

    def table(self) -> AnswerTable:
        """All decisions that are known now."""
        answers = self.decisions.answers
        with self._lock:
            if self._table is None or sum(len(answers[name]) for name in self.groups) != self._size:
                for name, (codes, numbers) in zip(self.groups, self._known):
                    for code, decision in list(islice(answers[name].items(), len(codes), None)):
                        codes.append(code)
                        numbers.append(self.number(name, code, decision))
                self._size = sum(len(codes) for codes, _ in self._known)
                self._table = AnswerTable(self._known, np.array(self._first), np.array([*self._writes, 0]))
            return self._table

    @contextmanager
    def altered(self, group: str, code: int, decision: tuple | int) -> Iterator[bool]:
        """With another decision in one known context, while no other becomes known; is it another to the kernel? No
        thread may run the program meanwhile."""
        table, answers = self.table(), self.decisions.answers[group]
        g, before, known = self.groups.index(group), answers[code], len(self._numbers)
        number = self.number(group, code, decision)
        if len(self._numbers) > known:
            table.first, table.writes = np.array(self._first), np.array([*self._writes, 0])
        at = table.base[g] + np.flatnonzero(table.codes[table.base[g] :][: table.mask[g] + 1] == code)[0]
        was = table.decisions[at]
        try:
            answers[code], table.decisions[at] = decision, number
            yield bool(number != was)
        finally:
            answers[code], table.decisions[at] = before, was


def program_of(decisions: Decisions, spec) -> Program:
    """The decisions' program, made once."""
    program = decisions.__dict__.get("_program")
    if program is None:
        program = decisions.__dict__.setdefault("_program", Program(decisions, spec))
    return program


def kernel() -> ctypes.CDLL | None:
    """The library with the types of its functions; None where there is none."""
    library = load()
    if library is not None and library.world_new.restype is not _P:
        library.world_new.argtypes, library.world_free.argtypes = [_P, _P], [_P]
        library.run_many.argtypes, library.run_many.restype = [_P, _P, _P], _I
        library.world_log.argtypes = library.world_terms.argtypes = [_P] * 4
        library.world_log.restype = library.world_terms.restype = _I
        library.world_forget.argtypes = [_P]
        library.world_new.restype = _P
    return library
