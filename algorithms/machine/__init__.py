"""The graph machine: rows with registers, relations between them, and what a step may read and do.

State lives on *rows*: nodes, edge nodes, one hub per graph. A row holds fields (small finite sets), scalars (float64)
and pointers (a row or nil). Relations are static typed edges, sorted by receiver. Every array has one more entry than
rows: the last is the nil row, so that reading through nil (-1) gives field -1, scalar NaN, pointer -1.

`Group` describes the contexts of one kind of row (or of the edges of one relation): the columns that the program
tests, the registers it writes, the operations it uses. `Machine` is all groups of one algorithm. It knows no
algorithm: everything in it was recorded from one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from algorithms.errors import AuthorError
from algorithms.positions import ORIENTATIONS
from algorithms.spec import HALT, Spec
from algorithms.terms import (
    Column,
    Const,
    Equal,
    FieldIs,
    Head,
    Keep,
    NilTest,
    Operation,
    Orientation,
    Set,
    Sign,
    from_json,
    to_json,
)

__all__ = ["RELATION", "Group", "Instance", "Machine", "Relation"]

RELATION = "relation:"  # the name of an edge group is this and its relation's


@dataclass
class Relation:
    """Static edges src -> dst, sorted by dst and then src. Shapes (E + 1,), the last entry nil; `ptr` (rows + 1,)."""

    src: np.ndarray
    dst: np.ndarray
    weight: np.ndarray
    ptr: np.ndarray

    @classmethod
    def build(cls, src, dst, weight, size: int) -> Relation:
        src, dst = np.asarray(src, np.int64), np.asarray(dst, np.int64)
        weight = np.full(len(src), np.nan) if weight is None else np.asarray(weight, np.float64)
        key, ptr = dst * size + src, np.zeros(size + 1, np.int64)
        np.cumsum(np.bincount(dst, minlength=size), out=ptr[1:])
        if (key[1:] < key[:-1]).any():
            order = np.argsort(key)
            key = key[order]
            if (key[1:] == key[:-1]).any():  # parallel edges stay in their order
                order = np.argsort(dst * size + src, kind="stable")
            src, dst, weight = src[order], dst[order], weight[order]
        return cls(np.append(src, -1), np.append(dst, -1), np.append(weight, np.nan), ptr)

    def __len__(self) -> int:
        return len(self.src) - 1


class Instance:
    """One or several graphs laid out as rows.

    kind (N,) index into `kinds`; graph (N,) which graph; hubs (B,) the hub's row of each graph; labels: per graph the
    caller's names of its nodes, in row order. `fields`, `scalars`, `pointers`: name -> (N + 1,) array, all of them
    slices of two blocks (`ints`, `floats`) so that a snapshot is two copies. `static`: read-only pointers.
    `sizes`: per graph (n, m) for the author's bound. `directed`: is what was laid out a directed graph?
    """

    def __init__(self, spec: Spec, kinds: tuple[str, ...], kind: np.ndarray, labels: list, sizes=(0, 0)):
        self.spec, self.kinds, self.kind, self.labels = spec, kinds, np.asarray(kind), [labels]
        self.size = len(self.kind)
        self.graph = np.zeros(self.size, np.int64)
        self.hubs = np.flatnonzero(self.kind == kinds.index("hub"))
        self.sizes = [sizes]
        self.directed = False
        self.static: dict[str, np.ndarray] = {}
        self.constants: dict[str, np.ndarray] = {}
        self.relations: dict[str, Relation] = {}
        ints = [p.name for p in spec.probes if p.register != "scalar"]
        floats = [p.name for p in spec.probes if p.register == "scalar"]
        self.int_names, self.float_names = ["phase", *ints], floats
        self._blocks(np.full((len(ints) + 1, self.size + 1), -1), np.full((len(floats), self.size + 1), np.nan))
        self.fields["phase"][:-1] = 0
        for p in spec.probes:
            rows = np.flatnonzero(self.kind == kinds.index(p.kind)) if p.kind in kinds else np.zeros(0, int)
            if p.register == "field":
                self.fields[p.name][:-1] = 0
            self.register(p.name)[rows] = p.initial(rows)
        self.link("hub", np.arange(self.size), np.full(self.size, self.hubs[0]))

    def _blocks(self, ints: np.ndarray, floats: np.ndarray) -> None:
        self.ints, self.floats = ints, floats
        pointers = {p.name for p in self.spec.probes if p.register == "pointer"}
        self.fields = {n: ints[i] for i, n in enumerate(self.int_names) if n not in pointers}
        self.pointers = {n: ints[i] for i, n in enumerate(self.int_names) if n in pointers}
        self.scalars = {n: floats[i] for i, n in enumerate(self.float_names)}

    def __getstate__(self) -> dict:
        """Registers are slices of the blocks, also in a copy."""
        return {k: v for k, v in self.__dict__.items() if k not in ("fields", "pointers", "scalars")}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._blocks(self.ints, self.floats)

    def copy(self) -> Instance:
        """Its own state and numbers; the topology is shared."""
        out = object.__new__(Instance)
        out.__setstate__({**self.__getstate__(), "ints": self.ints.copy(), "floats": self.floats.copy()})
        out.constants = {n: a.copy() for n, a in self.constants.items()}
        out.relations = {n: Relation(r.src, r.dst, r.weight.copy(), r.ptr) for n, r in self.relations.items()}
        return out

    def register(self, name: str) -> np.ndarray:
        for registers in (self.fields, self.scalars, self.pointers):
            if name in registers:
                return registers[name]
        raise KeyError(name)

    def rows(self, kind: str) -> np.ndarray:
        return np.flatnonzero(self.kind == self.kinds.index(kind))

    def link(self, name: str, rows, targets) -> None:
        """A static pointer."""
        self.static.setdefault(name, np.full(self.size + 1, -1))[rows] = targets

    def constant(self, name: str, rows, values) -> None:
        """A static scalar."""
        self.constants.setdefault(name, np.full(self.size + 1, np.nan))[rows] = values

    def relate(self, name: str, src, dst, weight=None) -> None:
        self.relations[name] = Relation.build(src, dst, weight, self.size)

    def make_plain(self) -> None:
        """One zero and one NaN, in what a run starts from as in what it writes (`algorithms.machine.definition`)."""
        for a in (self.floats, *self.constants.values(), *(r.weight for r in self.relations.values())):
            a += 0.0
            a[a != a] = np.nan


@dataclass
class Group:
    """Contexts of the rows of one kind, or of the edges of one relation.

    columns: what is tested; a context's code is sum_c value_c * weight_c with `radix[c]` values per column.
    registers: what may be written, as (type, name), type one of phase, field, scalar, pointer, select.
    operations: what may be done; valid (R, O): which of them fit which register.
    """

    name: str
    columns: list[Column]
    registers: list[tuple[str, str]]
    operations: list[Operation]
    domains: dict[str, list[str]]
    radix: list[int] = field(init=False)
    weights: list[int] = field(init=False)
    valid: np.ndarray = field(init=False)

    def __post_init__(self):
        self.radix = [self._radix(c) for c in self.columns]
        self.weights, total = [], 1
        for radix in self.radix:
            self.weights.append(total)
            total *= radix
        if total >= 2**62:
            raise AuthorError(
                f"{self.name}: its programs test {len(self.columns)} things, more than one context can hold"
            )
        self.valid = np.array([[self._fits(o, *r) for o in self.operations] for r in self.registers], bool)

    def _radix(self, column: Column) -> int:
        if isinstance(column, FieldIs):
            return len(self.domains[column.name]) + 1
        return 4 if isinstance(column, Sign | Orientation) else 2

    @staticmethod
    def _fits(op: Operation, kind: str, name: str) -> bool:
        if isinstance(op, Keep):
            return True
        if isinstance(op, Const):
            return op.name == name
        return kind == ("scalar" if isinstance(op, Set) else "pointer") or kind == "select"

    @property
    def relation(self) -> str:
        """The relation whose edges these are, or nothing."""
        return self.name.removeprefix(RELATION) if self.name.startswith(RELATION) else ""

    def values(self, codes: np.ndarray) -> np.ndarray:
        """Column values (n, C) of context codes (n,)."""
        return np.asarray(codes)[:, None] // np.array(self.weights, np.int64) % np.array(self.radix, np.int64)

    def value_name(self, column: int, value: int) -> str:
        """A column's value in words."""
        c = self.columns[column]
        if isinstance(c, FieldIs):
            return "nil" if value == 0 else self.domains[c.name][value - 1]
        if isinstance(c, Sign):
            return ("equal", "greater", "smaller", "undefined")[value]
        if isinstance(c, Orientation):
            return ORIENTATIONS[value] or "undefined"
        return {NilTest: ("nil", "set"), Equal: ("no", "yes")}[type(c)][value]

    def describe(self, code: int) -> str:
        """A context in words."""
        row = self.values(np.array([code]))[0]
        return ", ".join(f"{c.text}: {self.value_name(i, int(v))}" for i, (c, v) in enumerate(zip(self.columns, row)))

    def operation_text(self, index: int) -> str:
        op = self.operations[index]
        return f"= {self.domains[op.name][op.value]}" if isinstance(op, Const) else op.text

    def to_dict(self) -> dict:
        return dict(
            name=self.name,
            columns=[to_json(c) for c in self.columns],
            registers=[list(r) for r in self.registers],
            operations=[to_json(o) for o in self.operations],
        )


@dataclass
class Machine:
    """All that a program reads, tests, selects and writes.

    domains: field -> its values in words (`phase` among them); heads: name -> `Head`.
    """

    name: str
    groups: dict[str, Group]
    domains: dict[str, list[str]]
    heads: dict[str, Head]

    def halt(self) -> int:
        return self.domains["phase"].index(HALT)

    def to_dict(self) -> dict:
        return dict(
            name=self.name,
            domains=self.domains,
            heads={h: to_json(head) for h, head in self.heads.items()},
            groups=[g.to_dict() for g in self.groups.values()],
        )

    @classmethod
    def from_dict(cls, data: dict) -> Machine:
        domains = {k: list(v) for k, v in data["domains"].items()}
        groups = {
            g["name"]: Group(
                g["name"],
                [from_json(c) for c in g["columns"]],
                [tuple(r) for r in g["registers"]],
                [from_json(o) for o in g["operations"]],
                domains,
            )
            for g in data["groups"]
        }
        return cls(data["name"], groups, domains, {h: from_json(head) for h, head in data["heads"].items()})
