"""What a machine's terms mean, and its step: every row and every edge, in every tick. All else is tested against this.

Time goes in ticks. In each, from the state before it: every edge's context decides which heads may select it; every
row selects, for each of its heads, the first of these edges with the least key, or adds their keys up, in order; every
row's context decides what it writes. Then all writes are done together. The run ends when the hub's phase is *halt*.

A scalar register holds one zero and one NaN: what is written, or laid out, is `plain`. Reading through nil gives the
nil row, which is the last one of every array: fields -1, scalars NaN, pointers -1. A key that is NaN is infinite.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np

from algorithms.machine.orientation import orientation
from algorithms.machine.program import Group, Machine
from algorithms.machine.state import Instance
from algorithms.machine.terms import (
    Atom,
    Column,
    Const,
    Equal,
    Expression,
    FieldIs,
    Head,
    Nil,
    NilTest,
    Number,
    Orientation,
    Path,
    Point,
    Write,
)

__all__ = ["ARITHMETIC", "Decisions", "Definition", "View", "plain"]

ARITHMETIC = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "abs": np.abs,
}


def plain(value):
    """Zero without a sign, and the one NaN; of a number or an array."""
    out = np.where(value != value, np.nan, value + 0.0)
    return out if out.ndim else out.item()


class Decisions(ABC):
    """What says, for every context, what is done: a network, a table, dice. To a context the same until `changed`.

    answers: group -> {context's code: decision}. Of a row a decision is a tuple of (place of a register, place of an
    operation), of the registers that it writes: what is kept is left out; of an edge, a bit mask of the heads that may
    select it. `ask` fills in what is missing.
    """

    machine: Machine
    answers: dict[str, dict[int, tuple | int]]
    _program: object  # what an engine has made of them (`algorithms.machine.compiled`), once

    @abstractmethod
    def ask(self, group: str, codes: list[int]) -> None:
        """Answer for contexts of a group."""

    def changed(self) -> None:
        """Answers are other ones now: what an engine has made of them counts no more."""
        self.__dict__.pop("_program", None)

    def __getstate__(self) -> dict:
        """Without the program that an engine has made of it."""
        return {k: v for k, v in self.__dict__.items() if k != "_program"}


class View:
    """The state of an instance, read as terms say. Places are rows (or, where a relation is named, its edges): a number
    or an array (n,), and so is what is read there. selected: head -> chosen edge of each row (N + 1,); totals: head ->
    sum of each row (N + 1,)."""

    def __init__(self, instance: Instance, heads: dict[str, Head], selected: dict | None = None, totals=None):
        self.instance, self.heads, self.selected, self.totals = instance, heads, selected or {}, totals or {}
        self.pointers = {**instance.static, **instance.pointers}
        self.scalars = {**instance.constants, **instance.scalars}

    def place(self, path: Path, at, relation: str = ""):
        """The row at the end of a path."""
        if relation:
            edges, root, path = self.instance.relations[relation], path[0], path[1:]
            at = self.pointers["hub"][edges.dst[at]] if root == "hub" else getattr(edges, root)[at]
        for step in path:
            if step.startswith("@"):
                at = self._edges(step[1:]).src[self.selected[step[1:]][at]]
            else:
                at = self.pointers[step][at]
        return at

    def _edges(self, head: str):
        return self.instance.relations[self.heads[head].relation]

    def value(self, e: Expression, at, relation: str = ""):
        """The value of an expression."""
        if isinstance(e, Number):
            return np.float64(e.value)
        if not isinstance(e, Atom):
            operands = [self.value(x, at, relation) for x in (e.a, e.b) if x is not None]
            return ARITHMETIC[e.op](*operands)
        if e.name == "weight" and e.path and e.path[-1].startswith("@"):
            head = e.path[-1][1:]
            return self._edges(head).weight[self.selected[head][self.place(e.path[:-1], at, relation)]]
        if e.name == "weight" and relation and e.path == ("src",):
            return self.instance.relations[relation].weight[at]
        values = self.totals[e.name[1:]] if e.name.startswith("+") else self.scalars[e.name]
        return values[self.place(e.path, at, relation)]

    def column(self, c: Column, at, relation: str = ""):
        """What a context's column holds."""
        if isinstance(c, FieldIs):
            return self.instance.fields[c.name][self.place(c.path, at, relation)] + 1
        if isinstance(c, NilTest):
            return 1 * (self.place(c.path, at, relation) >= 0)
        if isinstance(c, Equal):
            return 1 * (self.place(c.a, at, relation) == self.place(c.b, at, relation))
        if isinstance(c, Orientation):
            x = [self.scalars[name] for name in ("at_x", "at_y", "rest_x", "rest_y")]
            return orientation(*x, *(self.place(p, at, relation) for p in c.paths))
        a, b = self.value(c.a, at, relation), self.value(c.b, at, relation)
        return 1 * (a > b) + 2 * (a < b) + 3 * ((a != a) | (b != b))

    def codes(self, group: Group, at: np.ndarray, columns: list[int] | None = None) -> np.ndarray:
        """Context codes (n,) of rows or edges (n,); columns: the part that these make of them. A column that is not
        looked at in the phase counts as 0."""
        chosen = range(len(group.columns)) if columns is None else columns
        code = np.zeros(len(at), np.int64)
        phase = 0 if group.looks is None else self.column(group.columns[0], at, group.relation) - 1
        for c in chosen:
            if (shown := group.shown[phase, c]).any():
                code += group.weights[c] * shown * self.column(group.columns[c], at, group.relation)
        return code

    def result(self, op: Write, at):
        """What an operation gives a register."""
        if isinstance(op, Const):
            return op.value
        if isinstance(op, Nil):
            return -1
        return self.place(op.path, at) if isinstance(op, Point) else plain(self.value(op.value, at))


class Definition:
    """A run, as it is defined. ticks: done so far; met: group -> the context codes that were decided."""

    def __init__(self, decisions: Decisions, instance: Instance):
        self.decisions, self.machine, self.instance = decisions, decisions.machine, instance
        self.ticks = 0
        self.met: dict[str, set[int]] = {g: set() for g in self.machine.groups}
        self.selected = {h: np.full(instance.size + 1, -1) for h, head in self.machine.heads.items() if not head.total}
        self.totals = {h: np.zeros(instance.size + 1) for h, head in self.machine.heads.items() if head.total}

    @property
    def halted(self) -> bool:
        return self.instance.fields["phase"][self.instance.hubs[0]] == self.machine.halt()

    def decide(self, group: str, codes: np.ndarray) -> list:
        """The decision of each context."""
        answers, codes = self.decisions.answers[group], codes.tolist()
        if new := sorted({c for c in codes if c not in answers}):
            self.decisions.ask(group, new)
        self.met[group].update(codes)
        return [answers[c] for c in codes]

    def tick(self) -> None:
        """One step."""
        with np.errstate(all="ignore"):
            view = View(self.instance, self.machine.heads, self.selected, self.totals)
            for name, group in self.machine.groups.items():
                if group.relation:
                    self._select(view, name, group)
            self.commit(view, list(self._writes(view)))
        self.ticks += 1

    def _writes(self, view: View) -> Iterator[tuple[str, int, Write]]:
        """(register, row, operation) of all that is written in this tick."""
        for name, group in self.machine.groups.items():
            if not group.relation:
                rows = self.instance.rows(name)
                for row, decision in zip(rows.tolist(), self.decide(name, view.codes(group, rows))):
                    for register, op in decision:
                        yield group.registers[register][1], row, group.operations[op]

    def commit(self, view: View, writes: list[tuple[str, int, Write]]) -> None:
        """Do all writes together."""
        values = [view.result(op, row) for _, row, op in writes]
        for (register, row, _), value in zip(writes, values):
            self.instance.register(register)[row] = value

    def _select(self, view: View, name: str, group: Group) -> None:
        """Every row's selections along a relation."""
        edges = np.arange(len(self.instance.relations[group.relation]))
        receivers = self.instance.relations[group.relation].dst
        masks = self.decide(name, view.codes(group, edges))
        for bit, (_, head) in enumerate(group.registers):
            of, best = self.machine.heads[head], dict[int, tuple[float, int]]()
            if of.total:
                self.totals[head][:] = 0.0
            key_of = 0.0 if of.key is None else view.value(of.key, edges, of.relation)
            keys = np.broadcast_to(key_of, len(edges))
            for e, mask in enumerate(masks):
                if mask >> bit & 1:
                    key, row = keys[e], int(receivers[e])
                    if of.total:
                        self.totals[head][row] += key
                        continue
                    key = np.inf if np.isnan(key) else key
                    if row not in best or key < best[row][0]:
                        best[row] = key, e
            if not of.total:
                self.selected[head][:] = -1
            for row, (_, e) in best.items():
                self.selected[head][row] = e
