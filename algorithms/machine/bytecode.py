"""Terms to tables: a machine as the kernel takes it (`tables.py` says what the tables mean)."""

from __future__ import annotations

import numpy as np

from algorithms.errors import AuthorError
from algorithms.machine.probes import Declaration
from algorithms.machine.program import RELATION, Group, Machine
from algorithms.machine.tables import Does, End, GroupRow, HeadRow, Item, Key, LookRow, Seen, Step, Tables, Test
from algorithms.machine.terms import (
    Atom,
    Column,
    Const,
    Equal,
    Expression,
    FieldIs,
    Keep,
    Nil,
    NilTest,
    Number,
    Op,
    Orientation,
    Path,
    Point,
)

__all__ = ["Bytecode", "selections"]

_OPERATIONS = {"+": Item.ADD, "-": Item.SUB, "*": Item.MUL, "minimum": Item.MIN, "maximum": Item.MAX, "abs": Item.ABS}
_ENDS = {(): End.SELF, ("src",): End.SOURCES, ("dst",): End.TARGETS}
POSITIONS = ("at_x", "at_y", "rest_x", "rest_y")


class Bytecode:
    """A machine's tables, as they are made.

    ints, scalars: register -> its place, those of the spec's probes first, then static ones; heads, relations: name ->
    number; weighed: the relations whose weights the kernel needs (`Tables.weighed`); group_number: name -> number;
    operation: (group, place of a register, place of an operation) -> row of `operations`; always: groups of which all
    is looked at in every tick, because no list says who sees a write.
    """

    def __init__(self, machine: Machine, spec: Declaration):
        self.machine, self.kinds = machine, spec.kinds
        ints = ["phase", *(p.name for p in spec.probes if p.register != "scalar")]
        floats = [p.name for p in spec.probes if p.register == "scalar"]
        self.ints, self.scalars = ({n: i for i, n in enumerate(names)} for names in (ints, floats))
        self.written = len(ints), len(floats)
        self._pointers = {p.name for p in spec.probes if p.register == "pointer"}
        by_relation = [h for g in machine.groups.values() if g.relation for _, h in g.registers]
        self.heads = {h: i for i, h in enumerate(by_relation)}
        self.relations = {g.relation: i for i, g in enumerate(g for g in machine.groups.values() if g.relation)}
        self.group_number = {name: i for i, name in enumerate(machine.groups)}
        self._steps: list[tuple] = []
        self._items: list[tuple] = []
        self._numbers: list[float] = []
        self._columns: list[tuple] = []
        self._pointed: list[tuple] = []
        self._looks: list[tuple] = []
        self._hidden: list[tuple] = []
        self.operation: dict[tuple[str, int, int], int] = {}
        operations: list[tuple] = []
        groups: list[GroupRow] = []
        self._dependents: dict[tuple[bool, int], list] = {}
        self._readers = [0] * len(self.heads)
        self._eager: set[int] = set()
        self._tracked: list[int] = []
        self._changing = {n for g in machine.groups.values() if not g.relation for _, n in g.registers}
        self.phases = len(machine.domains["phase"])
        self.always = {name for name, g in machine.groups.items() if name != "hub" and not _near(g)}
        for name, group in machine.groups.items():
            groups.append(self._group(name, group))
            if not group.relation:
                for place, (_, register) in enumerate(group.registers):
                    for o in np.flatnonzero(group.valid[place]).tolist():
                        if not isinstance(group.operations[o], Keep):
                            self.operation[name, place, o] = len(operations)
                            operations.append(self._operation(group.operations[o], register))
        heads = [self._head(h) for h in self.heads]
        groups = [g._replace(eager=k in self._eager) for k, g in enumerate(groups)]
        turns = any(c[0] == Test.TURN for c in self._columns)
        at_x, at_y, rest_x, rest_y = (self._scalar(n) if turns else 0 for n in POSITIONS)
        rows: list[tuple] = []
        of_int, of_scalar = (
            self._slices(rows, is_int, n) for is_int, n in ((True, len(self.ints)), (False, len(self.scalars)))
        )
        track = np.full(len(self.ints), -1, np.int64)
        track[self._tracked] = np.arange(len(self._tracked))
        named = lambda x, width: np.array(x, np.int64).reshape(
            -1, width if isinstance(width, int) else len(width._fields)
        )
        self.tables = Tables(
            steps=named(self._steps, 2), items=named(self._items, 4), numbers=np.array(self._numbers, np.float64),
            columns=named(self._columns, 9), operations=named(operations, 4), groups=named(groups, GroupRow),
            looks=named(self._looks, LookRow), hidden=named(self._hidden, 2), heads=named(heads, HeadRow),
            pointed=named(self._pointed, 3), dependents=named(rows, 3),
            of_int=of_int, of_scalar=of_scalar,
            tracked=np.array(self._tracked, np.int64), track=track,
            is_pointer=np.array([n in self._pointers for n in self.ints], bool), scalars=len(self.scalars),
            written=self.written, relations=len(self.relations), kinds=len(self.kinds), phases=self.phases,
            hub_group=self.group_number["hub"], halt=machine.halt(), positions=(at_x, at_y, rest_x, rest_y),
        )  # fmt: skip
        self.tables.verify()
        self.weighed = list(self.relations)[: self.tables.weighed()]

    def _slices(self, rows: list[tuple], is_int: bool, count: int) -> np.ndarray:
        """Where the dependents of each of so many registers begin, which are put into `rows`, and where they end."""
        begins = []
        for i in range(count):
            begins.append(len(rows))
            rows += self._dependents.get((is_int, i), [])
        return np.array([*begins, len(rows)], np.int64)

    # -------------------------------------------------------- terms
    def _pointer(self, name: str) -> int:
        """A pointer that is no probe is static."""
        if name not in self.ints:
            self._pointers.add(name)
        return self.ints.setdefault(name, len(self.ints))

    def _scalar(self, name: str) -> int:
        return self.scalars.setdefault(name, len(self.scalars))

    def _path(self, path: Path, relation: str) -> tuple[int, int]:
        first, ends = len(self._steps), {"src": Step.SOURCE, "dst": Step.TARGET} if relation else {}
        for i, p in enumerate(path):
            if i == 0 and p in ends:
                self._steps.append((ends[p], 0))
            elif i == 0 and p == "hub":
                self._steps.append((Step.HUB, 0))
            elif p.startswith("@"):
                self._steps.append((Step.SELECTED, self.heads[p[1:]]))
            else:
                self._steps.append((Step.POINTER, self._pointer(p)))
        return first, len(path)

    def _expression(self, e: Expression, relation: str) -> tuple[int, int]:
        out = []

        def put(e: Expression) -> None:
            if isinstance(e, Number):
                out.append((Item.NUMBER, len(self._numbers), 0, 0))
                self._numbers.append(e.value)
            elif not isinstance(e, Atom):
                put(e.a)
                if e.b is not None:
                    put(e.b)
                out.append((_OPERATIONS[e.op], 0, 0, 0))
            elif e.name == "weight" and e.path and e.path[-1].startswith("@"):
                out.append((Item.COST, self.heads[e.path[-1][1:]], *self._path(e.path[:-1], relation)))
            elif e.name == "weight" and relation and e.path == ("src",):
                out.append((Item.WEIGHT, 0, 0, 0))
            elif e.name.startswith("+"):
                out.append((Item.TOTAL, self.heads[e.name[1:]], *self._path(e.path, relation)))
            else:
                out.append((Item.SCALAR, self._scalar(e.name), *self._path(e.path, relation)))

        put(e)
        self._items += out
        return len(self._items) - len(out), len(out)

    def _column(self, c: Column, weight: int, relation: str) -> tuple:
        none = 0, 0
        if isinstance(c, FieldIs):
            return Test.FIELD_IS, *self._path(c.path, relation), *none, *none, self.ints[c.name], weight
        if isinstance(c, NilTest):
            return Test.IS_SET, *self._path(c.path, relation), *none, *none, 0, weight
        if isinstance(c, Equal):
            return Test.SAME, *self._path(c.a, relation), *self._path(c.b, relation), *none, 0, weight
        if isinstance(c, Orientation):
            return Test.TURN, *(x for p in c.paths for x in self._path(p, relation)), 0, weight
        a, b = self._expression(c.a, relation), self._expression(c.b, relation)
        return Test.SIGN, *a, *b, *none, 0, weight

    def _operation(self, op, register: str) -> tuple:
        if isinstance(op, Const | Nil):
            return Does.CONSTANT, self.ints[register], op.value if isinstance(op, Const) else -1, 0
        if isinstance(op, Point):
            return Does.PLACE, self.ints[register], *self._path(op.path, "")
        return Does.VALUE, self.scalars[register], *self._expression(op.value, "")

    # -------------------------------------------------------- groups and heads
    def _group(self, name: str, group: Group) -> GroupRow:
        number, hub, own, pointed = self.group_number[name], {}, {}, {}  # the last three by a column's place
        for i, (c, weight) in enumerate(zip(group.columns, group.weights)):
            paths, end = [p for p, _ in _places(c)], _pointed_at(c)
            if name == "hub" or (paths and all(p[:1] == ("hub",) for p in paths) and not selections(c)):
                hub[i] = self._column(c, weight, group.relation)
            elif name not in self.always and end is not None and end[0] in self._pointers:
                pointed[i] = self.ints[end[0]], end[1], weight
            else:
                own[i] = self._column(c, weight, group.relation)
                self._sees(number, name, group, c)
        first, weights = len(self._columns), list(zip(group.weights, group.radix))
        self._columns += own.values()
        if group.looks is not None and len(group.looks) != self.phases:
            raise AuthorError(f"{name}: does not say of each phase what is looked at")
        for shown in np.broadcast_to(group.shown, (self.phases, len(group.columns))).tolist():
            seen = lambda of, shown=shown: [row for i, row in of.items() if shown[i]]
            hidden = [weights[i] for i in own if not shown[i]]
            look: list[int] = []
            for table, rows in ((self._columns, seen(hub)), (self._pointed, seen(pointed)), (self._hidden, hidden)):
                look += [len(table), len(rows)]
                table += rows
            self._looks.append(LookRow(*look))
        row = GroupRow(-1, -1, 0, 0, first, len(own), len(pointed), False, False, name in self.always)
        if not group.relation:
            return row._replace(kind=self.kinds.index(name))
        read = [place for i in own for place in _places(group.columns[i])]
        alone = all(p[:1] in (("src",), ("hub",)) and (p, n) != (("src",), "weight") for p, n in read)
        heads = [self.heads[h] for _, h in group.registers]
        return row._replace(relation=self.relations[group.relation], head=heads[0], heads=len(heads), by_source=alone)

    def _sees(self, number: int, name: str, group: Group, c: Column) -> None:
        """Note whose writes a column shows."""
        for register, way in _reads(c):
            if register[:1] in ("@", "+"):
                head = self.heads[register[1:]]
                self._eager.add(self.group_number[RELATION + self.machine.heads[register[1:]].relation])
                self._readers[head] |= 1 << number
            elif name in self.always:
                continue
            elif group.relation:
                ends = {"src": Seen.FROM_SOURCE, "dst": Seen.FROM_TARGET, "hub": Seen.BY_ALL}
                self._depend(register, ends[way[0]], number, 0)
            elif way == ():
                self._depend(register, Seen.HERE, number, 0)
            elif way == ("hub",):
                self._depend(register, Seen.BY_ALL, number, 0)
            elif way[0].startswith("@"):
                self._depend(register, Seen.BY_SELECTION, number, self.heads[way[0][1:]])
            elif register in self._changing:
                pointer = self._pointer(way[0])
                if pointer not in self._tracked:
                    self._tracked.append(pointer)
                self._depend(register, Seen.BY_POINTER, number, self._tracked.index(pointer))

    def _depend(self, register: str, *row: int) -> None:
        if register in self._changing:
            is_int = register in self.ints
            rows = self._dependents.setdefault((is_int, (self.ints if is_int else self.scalars)[register]), [])
            if row not in rows:
                rows.append(row)

    def _head(self, name: str) -> HeadRow:
        head, number = self.machine.heads[name], self.heads[name]
        group = self.group_number[RELATION + head.relation]
        bit = [h for _, h in self.machine.groups[RELATION + head.relation].registers].index(name)
        key, scan = (0, 0), head.total
        if head.key is not None:
            key = self._expression(head.key, head.relation)
            for atom in head.key.atoms():
                if (atom.path, atom.name) == (("src",), "weight"):
                    continue
                seen = {"src": Seen.KEY_OF_SOURCE, "dst": Seen.KEY_OF_TARGET, "hub": Seen.KEY_OF_HUB}[atom.path[0]]
                scan = scan or seen != Seen.KEY_OF_SOURCE
                self._depend(atom.name, seen, group, number if seen == Seen.KEY_OF_SOURCE else 0)
        shape, scalar = self._shape(head.key, head.total)
        return HeadRow(group, bit, *key, head.total, self._readers[number], shape, scalar, scan)

    def _shape(self, key: Expression | None, total: bool) -> tuple[int, int]:
        weight = Atom(("src",), "weight")
        if key is None:
            return Key.NONE, 0
        if total:
            return Key.ANY, 0
        if key == weight:
            return Key.WEIGHT, 0
        shape, scalar = Key.SCALAR, key
        if isinstance(key, Op) and key.op == "+" and key.b == weight:
            shape, scalar = Key.SUM, key.a
        if isinstance(scalar, Atom) and scalar.path == ("src",) and scalar != weight and scalar.name[:1] != "+":
            return shape, self._scalar(scalar.name)
        return Key.ANY, 0


# ---------------------------------------------------------------- what a column reads
def _places(c: Column) -> list[tuple[Path, str]]:
    """(path, register at its end or "") of all that a column reads."""
    if isinstance(c, FieldIs):
        return [(c.path, c.name)]
    if isinstance(c, NilTest):
        return [(c.path, "")]
    if isinstance(c, Equal):
        return [(c.a, ""), (c.b, "")]
    if isinstance(c, Orientation):  # positions do not change
        return [(p, "") for p in c.paths]
    return [(a.path, a.name) for e in (c.a, c.b) for a in e.atoms()]


def _reads(c: Column) -> list[tuple[str, Path]]:
    """(register, way to the row that holds it) of every register that a column reads, on its ways too."""
    out = []
    for path, name in _places(c):
        is_cost = name == "weight" and path and path[-1].startswith("@")
        full = path if not name or is_cost else (*path, name)
        out += [(register, full[:i]) for i, register in enumerate(full) if register not in ("src", "dst", "hub")]
    return out


def selections(c: Column) -> bool:
    """Does a column read a selection, or a total?"""
    return any(register[:1] in ("@", "+") for register, _ in _reads(c))


def _near(group: Group) -> bool:
    """Do lists say who sees a write? Of registers of the row itself, the hub, a pointer's target and a selection's, and
    of selections of the row itself."""
    roots = ("src", "dst", "hub")
    for c in group.columns:
        for register, way in _reads(c):
            if group.relation and not (len(way) == 1 and way[0] in roots):
                return False
            if len(way) > 1 or (register[:1] in ("@", "+") and way):
                return False
    return True


def _pointed_at(c: Column) -> tuple[str, int] | None:
    """(the hub's pointer, which end) of a column "the hub points at me" (or at an edge's source or target)."""
    if isinstance(c, Equal):
        for a, b in ((c.a, c.b), (c.b, c.a)):
            if len(a) == 2 and a[0] == "hub" and b in _ENDS:
                return a[1], _ENDS[b]
    return None
