"""A machine as small tables of whole numbers, and what is refused before the kernel runs them.

Each table is an int64 array, one entry a row; a slice of another table is its first row and how many there are. The
kernel checks nothing: `Tables.verify` does, on the tables alone, so that none it lets pass can make the kernel read or
write outside its arrays. `bytecode.py` makes them.

- steps, of a path: kind, register or head. A path starts at a row, or at an edge with SOURCE or TARGET.
- items, of an expression, operands before their operation: kind, argument, a slice of steps.
- columns, of contexts: kind, three slices of steps or items, register, weight.
- operations: kind, register, a value or a slice.
- groups: relation, kind; slices of heads, and of the columns that are kept, which read more than the hub (none of the
  hub's own group); room for "the hub points at me", in any phase; do the kept ones read the source alone, are
  selections kept up to date, is all looked at in every tick?
- looks, group * phases + phase, what the program looks at then: slices of the columns that read the hub alone (of the
  hub's group, of all), of pointed, and of hidden: weight and radix of each kept column that it does not look at.
- heads: group, bit; the key, a slice of items; is it a total; which groups read it; the key's shape and its scalar; may
  no heap be kept?
- pointed, the columns "the hub points at me": the hub's pointer, which end, weight.
- dependents, who sees a write: action, group, argument; those of register q are `of_int[q]` … `of_int[q + 1]`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from algorithms.errors import AuthorError

__all__ = ["Does", "End", "GroupRow", "HeadRow", "Item", "Key", "LookRow", "Seen", "Step", "Tables", "Test"]

# in the order of the kernel's enumerations
Step = IntEnum("Step", "POINTER HUB SELECTED SOURCE TARGET", start=0)
Item = IntEnum("Item", "SCALAR COST WEIGHT NUMBER TOTAL ADD SUB MUL MIN MAX ABS", start=0)
Test = IntEnum("Test", "FIELD_IS IS_SET SAME SIGN TURN", start=0)
Does = IntEnum("Does", "CONSTANT PLACE VALUE", start=0)
Key = IntEnum("Key", "NONE SCALAR SUM WEIGHT ANY", start=0)
End = IntEnum("End", "SELF SOURCES TARGETS", start=0)
Seen = IntEnum(
    "Seen",
    "HERE BY_ALL BY_POINTER BY_SELECTION FROM_SOURCE FROM_TARGET KEY_OF_SOURCE KEY_OF_TARGET KEY_OF_HUB",
    start=0,
)


class GroupRow(NamedTuple):
    relation: int
    kind: int
    head: int
    heads: int
    own: int
    owns: int
    pointeds: int
    by_source: int
    eager: int
    always: int


class LookRow(NamedTuple):
    hub: int
    hubs: int
    pointed: int
    pointeds: int
    hidden: int
    hiddens: int


class HeadRow(NamedTuple):
    group: int
    bit: int
    key: int
    key_size: int
    total: int
    readers: int
    shape: int
    scalar: int
    scan: int


_EAGER = GroupRow._fields.index("eager")
DEPTH, LEAVES, HEADS, GROUPS = 16, 8, 31, 62  # what the kernel has room for
_SLICES: dict[int, int] = {Test.SAME: 2, Test.SIGN: 2, Test.TURN: 3}  # that a column has; others have one


@dataclass
class Tables:
    """The tables, and how many registers there are. is_pointer (ints,): which of the int registers are pointers;
    written: how many of the ints, and of the scalars, come first and may be written."""

    steps: np.ndarray
    items: np.ndarray
    numbers: np.ndarray
    columns: np.ndarray
    operations: np.ndarray
    groups: np.ndarray
    looks: np.ndarray
    hidden: np.ndarray
    heads: np.ndarray
    pointed: np.ndarray
    dependents: np.ndarray
    of_int: np.ndarray
    of_scalar: np.ndarray
    tracked: np.ndarray
    track: np.ndarray
    is_pointer: np.ndarray
    scalars: int
    written: tuple[int, int]
    relations: int
    kinds: int
    phases: int
    hub_group: int
    halt: int
    positions: tuple[int, int, int, int]

    @property
    def ints(self) -> int:
        return len(self.is_pointer)

    def weighed(self) -> int:
        """Of how many relations, the first ones, the kernel needs weights: up to the last whose weights are read."""
        relation, (kind, argument, *_) = self.groups[:, 0], self.items.T
        read = relation[self.heads[argument[kind == Item.COST], 0]].tolist()
        keys = [(h.group, h.key, h.key_size) for h in map(HeadRow._make, self.heads.tolist())]
        for k, g in enumerate(map(GroupRow._make, self.groups.tolist())):
            for test, *slices in self.columns[g.own : g.own + g.owns, :5].tolist():
                keys += [(k, *slices[:2]), (k, *slices[2:])] if test == Test.SIGN else []
        read += [relation[k] for k, first, size in keys if (kind[first : first + size] == Item.WEIGHT).any()]
        shape = self.heads[:, HeadRow._fields.index("shape")]
        read += relation[self.heads[(shape == Key.SUM) | (shape == Key.WEIGHT), 0]].tolist()
        return 1 + max(read, default=-1)

    def verify(self) -> None:
        """Raises AuthorError for tables that no machine gives."""
        for what, holds in self._rules():
            if not np.all(holds):
                raise AuthorError(f"the machine's tables do not verify: {what}")

    def _rules(self):
        ints, scalars, heads = self.ints, self.scalars, len(self.heads)
        inside = lambda x, n: (x >= 0) & (x < n)
        kind, argument = self.steps.T
        yield "a step's kind", inside(kind, len(Step))
        yield "a step's pointer", inside(argument, ints)[kind == Step.POINTER]
        yield "a step's pointer is none", self.is_pointer[argument[kind == Step.POINTER]]
        yield "a step's head", inside(argument, heads)[kind == Step.SELECTED]
        kind, argument, path, size = self.items.T
        yield "an item's kind", inside(kind, len(Item))
        yield "an item's path", self._slice(path, size, len(self.steps))
        yield "an item's scalar", inside(argument, scalars)[kind == Item.SCALAR]
        yield "an item's number", inside(argument, len(self.numbers))[kind == Item.NUMBER]
        yield "an item's head", inside(argument, heads)[(kind == Item.COST) | (kind == Item.TOTAL)]
        yield "groups", 0 < len(self.groups) <= GROUPS and inside(self.hub_group, len(self.groups))
        yield "the hub's group", self.groups[self.hub_group, 0] < 0
        yield "the phase", ints > 0 and not self.is_pointer[0] and inside(self.halt, self.phases)
        yield from self._of_columns(inside)
        yield from self._of_groups(inside)
        kind, to, first, size = self.operations.T
        value, place = kind == Does.VALUE, kind == Does.PLACE
        yield "an operation's kind", inside(kind, len(Does))
        yield "an operation's register", inside(to, np.where(value, self.written[1], self.written[0]))
        yield "a place in a register that holds none", self.is_pointer[to[place]]
        yield (
            "a constant in a pointer",
            (first == -1)[(kind == Does.CONSTANT) & self.is_pointer[np.where(value, 0, to)]],
        )
        yield "a constant", (abs(first) < 2**31)[kind == Does.CONSTANT]
        yield "a phase", inside(first, self.phases)[(kind == Does.CONSTANT) & (to == 0)]
        yield "a place", self._slice(first, size, len(self.steps))[place]
        for i, j in zip(first[place].tolist(), size[place].tolist()):
            yield "a place's path", self._is_path(i, j, False)
        for i, j in zip(first[value].tolist(), size[value].tolist()):
            yield "a value", self._is_expression(i, j, False)
        yield from self._of_writes(inside)

    @staticmethod
    def _slice(first, size, n):
        return (first >= 0) & (size >= 0) & (size <= n) & (first <= n - size)

    def _of_columns(self, inside):
        kind, a, a_size, b, b_size, c, c_size, field, weight = self.columns.T
        sign, two, three = kind == Test.SIGN, kind == Test.SAME, kind == Test.TURN
        yield "a column's kind", inside(kind, len(Test))
        n = np.where(sign, len(self.items), len(self.steps))
        yield "a column's slice", self._slice(a, a_size, n)
        yield "a column's slice", self._slice(b, b_size, n)[sign | two | three]
        yield "a column's slice", self._slice(c, c_size, n)[three]
        yield "a column's field", inside(field, self.ints)[kind == Test.FIELD_IS]
        yield "a column's field is a pointer", ~self.is_pointer[field[kind == Test.FIELD_IS]]
        yield "a column's weight", weight > 0
        if three.any():
            yield "positions", inside(np.array(self.positions), self.scalars)

    def _of_groups(self, inside):
        heads, seen = len(self.heads), np.zeros(len(self.heads), int)
        for k, g in enumerate(map(GroupRow._make, self.groups.tolist())):
            edges = g.relation >= 0
            yield "a group's relation or kind", g.relation < self.relations if edges else 0 <= g.kind < self.kinds
            yield "a group's heads", self._slice(g.head, g.heads, heads) and g.heads <= (HEADS if edges else 0)
            mine = self.heads[g.head : g.head + g.heads]
            seen[g.head : g.head + g.heads] += 1
            yield "a head's group", (mine[:, 0] == k).all()
            yield "a head's bit", (mine[:, 1] == np.arange(g.heads)).all()
            yield "a group's columns", self._slice(g.own, g.owns, len(self.columns))
            for look in map(LookRow._make, self.looks[k * self.phases : (k + 1) * self.phases].tolist()):
                yield "a look's columns", self._slice(look.hub, look.hubs, len(self.columns))
                yield "a look's pointed", self._slice(look.pointed, look.pointeds, len(self.pointed))
                yield "a look's pointed are more than its group's", look.pointeds <= g.pointeds
                yield "a look's hidden", self._slice(look.hidden, look.hiddens, len(self.hidden))
                hidden = self.hidden[look.hidden : look.hidden + look.hiddens, 0].tolist()
                kept = self.columns[g.own : g.own + g.owns, -1].tolist()
                yield (
                    "a look's hidden are none of the kept",
                    sorted({*hidden}) == sorted(hidden) and {*hidden} <= {*kept},
                )
                for c in self.columns[look.hub : look.hub + look.hubs].tolist():
                    yield "a column of the hub", self._is_column(c, False, not edges)
            for c in self.columns[g.own : g.own + g.owns].tolist():
                yield "a column", self._is_column(c, edges, not edges)
        yield "a head of no group", seen == 1
        kinds = self.groups[self.groups[:, 0] < 0, 1].tolist()
        yield "two groups of one kind", len({*kinds}) == len(kinds)
        yield "looks", len(self.looks) == len(self.groups) * self.phases and (self.hidden > 0).all()
        group, _, key, size, total, readers, shape, scalar, _ = self.heads.T
        yield "a head's group", inside(group, len(self.groups))
        yield "a head's shape", inside(shape, len(Key))
        yield "a head's readers", (readers >= 0) & (readers < 1 << len(self.groups))
        rows = sum(1 << k for k, g in enumerate(self.groups.tolist()) if g[0] < 0)
        yield "a head's readers", (readers & ~rows) == 0
        yield "a head that is read, and not eager", self.groups[group[readers != 0], _EAGER]
        yield "a head's scalar", inside(scalar, self.scalars)[(shape == Key.SCALAR) | (shape == Key.SUM)]
        yield "a total without a key", (shape == Key.ANY)[total != 0]
        for h in np.flatnonzero((shape == Key.ANY) | (total != 0)).tolist():
            yield (
                "a key",
                self._slice(key[h], size[h], len(self.items)) and self._is_expression(key[h], size[h], True, False),
            )
        pointer, end, _ = self.pointed.T
        yield "what the hub points at", inside(pointer, self.ints) & inside(end, len(End))
        yield "what the hub points at is no pointer", self.is_pointer[pointer]

    def _of_writes(self, inside):
        action, group, argument = self.dependents.T
        yield "a dependent", inside(action, len(Seen)) & inside(group, len(self.groups))
        edges = self.groups[group, 0] >= 0
        along = (action == Seen.FROM_SOURCE) | (action == Seen.FROM_TARGET) | (action >= Seen.KEY_OF_SOURCE)
        yield "a dependent of edges", edges[along]
        here = (action == Seen.HERE) | (action == Seen.BY_POINTER) | (action == Seen.BY_SELECTION)
        yield "a dependent of rows", ~edges[here]
        yield "a dependent's list", inside(argument, len(self.tracked))[action == Seen.BY_POINTER]
        yield (
            "a dependent's head",
            inside(argument, len(self.heads))[(action == Seen.BY_SELECTION) | (action == Seen.KEY_OF_SOURCE)],
        )
        of = self.heads[argument[action == Seen.KEY_OF_SOURCE], 0] if len(self.heads) else np.zeros(0)
        yield "a dependent's key", of == group[action == Seen.KEY_OF_SOURCE]
        yield "a list's pointer", inside(self.tracked, self.ints)
        yield "a list's pointer is none", self.is_pointer[self.tracked]
        for of, n in ((self.of_int, self.ints), (self.of_scalar, self.scalars)):
            yield (
                "dependents",
                len(of) == n + 1 and of[0] >= 0 and (np.diff(of) >= 0).all() and of[-1] <= len(self.dependents),
            )
        yield "lists", len(self.track) == self.ints and (self.track < len(self.tracked)).all()
        at = np.flatnonzero(self.track >= 0)
        yield "lists", self.tracked[self.track[at]] == at
        lists = [q for q in self.tracked.tolist() if q < self.written[0]]
        yield "lists", self.track[lists] >= 0

    def _is_path(self, first: int, size: int, edges: bool) -> bool:
        kinds = self.steps[first : first + size, 0].tolist()
        ends = (Step.SOURCE, Step.TARGET)
        if edges and not (kinds and kinds[0] in (*ends, Step.HUB)):
            return False
        return not any(k in ends for k in (kinds[1:] if edges else kinds))

    def _is_expression(self, first: int, size: int, edges: bool, selects: bool = True) -> bool:
        depth = leaves = 0
        for kind, _, path, steps in self.items[first : first + size].tolist():
            if kind >= Item.ADD:
                depth -= kind != Item.ABS
                if depth < 1:
                    return False
                continue
            depth, leaves = depth + 1, leaves + 1
            if kind == Item.WEIGHT and not edges:
                return False
            if kind not in (Item.NUMBER, Item.WEIGHT) and not self._is_path(path, steps, edges):
                return False
            if not selects and (kind in (Item.COST, Item.TOTAL) or self._selects(path, steps)):
                return False
            if depth > DEPTH or leaves > LEAVES:
                return False
        return depth == 1

    def _selects(self, first: int, size: int) -> bool:
        return Step.SELECTED in self.steps[first : first + size, 0].tolist()

    def _is_column(self, c: list[int], edges: bool, selects: bool) -> bool:
        """May it be a column: of an edge, and does it read selections? (No edge's context does.)"""
        kind, *slices = c[:7]
        pairs = list(zip(slices[::2], slices[1::2]))[: _SLICES.get(kind, 1)]
        if kind == Test.SIGN:
            return all(self._is_expression(i, n, edges, selects) for i, n in pairs)
        return all(self._is_path(i, n, edges) and (selects or not self._selects(i, n)) for i, n in pairs)
