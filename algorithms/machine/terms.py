"""What one step can name: places, values, tests and operations, as plain data.

A *path* says where to look, seen from the row that is updated: `()` is the row itself, `("parent",)` the node its
pointer `parent` holds, `("parent", "next")` that node's pointer, `("hub",)` the hub, `("@in_edges_by_weight",)` the
neighbour that a selection chose. Seen from an edge a path starts with `src`, `dst` or `hub`.

What terms mean is said in `algorithms.machine.definition`. Each knows its *slots*: the names by which the network
knows it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

__all__ = [
    "MINUS",
    "PLUS",
    "UNDEFINED",
    "ZERO",
    "Atom",
    "Const",
    "Eligible",
    "Equal",
    "FieldIs",
    "Head",
    "Keep",
    "Nil",
    "NilTest",
    "Number",
    "Op",
    "Orientation",
    "Point",
    "Set",
    "Sign",
    "Write",
    "from_json",
    "path_text",
    "to_json",
]  # fmt: skip

Path = tuple[str, ...]
ZERO, PLUS, MINUS, UNDEFINED = range(4)  # what a Sign column holds


def path_text(path: Path, name: str = "") -> str:
    parts = [p.lstrip("@") for p in path] + ([name] if name else [])
    return ".".join(parts) or "self"


def _names(path: Path, name: str = "") -> list[str]:
    """The two slots `p.s` of a place: register s at pointer p's target (p empty: the row's own)."""
    parts = [*path, name] if name else [*path]
    parts = parts or ["self"]
    return [""] * (2 - len(parts)) + list(parts)


# ---------------------------------------------------------------- values: what a scalar register can be given
@dataclass(frozen=True)
class Atom:
    """Scalar `name` of the row at `path`; `weight` at the end of a selection is the chosen edge's; a name that begins
    with + is the total of a head."""

    path: Path
    name: str

    def atoms(self) -> list[Atom]:
        return [self]

    @property
    def text(self) -> str:
        return path_text(self.path, self.name)


@dataclass(frozen=True)
class Number:
    """A constant."""

    value: float

    def atoms(self) -> list[Atom]:
        return []

    @property
    def text(self) -> str:
        return f"{self.value:g}"


@dataclass(frozen=True)
class Op:
    """`a op b`, one of + - * min max; or abs(a), with b None."""

    op: str
    a: Atom | Number | Op
    b: Atom | Number | Op | None = None

    def atoms(self) -> list[Atom]:
        return self.a.atoms() + (self.b.atoms() if self.b is not None else [])

    @property
    def text(self) -> str:
        if self.b is None:
            return f"{self.op}({self.a.text})"
        if self.op in ("minimum", "maximum"):
            return f"{self.op}({self.a.text}, {self.b.text})"
        return f"({self.a.text} {self.op} {self.b.text})"


Expression = Atom | Number | Op


@dataclass(frozen=True)
class Head:
    """What rows may ask their neighbours along a relation for: the first eligible one (no key), the one with the least
    key, or, of all that are eligible, the `total` of the key."""

    relation: str
    key: Expression | None = None
    total: bool = False

    @property
    def name(self) -> str:
        """For people, and for the terms that refer to it; nothing is read out of it."""
        if self.key is None:
            return self.relation
        words = {"+": " plus ", "-": " minus ", "*": " times "}
        text = "".join(words.get(c, c) for c in self.key.text.replace("src.", ""))
        how = "total" if self.total else "by"
        return f"{self.relation}_{how}_{re.sub(r'[^A-Za-z0-9]+', '_', text).strip('_')}"

    def words(self) -> list[str]:
        """The names that it is made of."""
        atoms = self.key.atoms() if self.key is not None else []
        return [self.relation, *(w for a in atoms for w in (*a.path, a.name) if w not in ("src", "dst"))]


def _heads(path: Path, name: str = "") -> list[str]:
    return [p[1:] for p in (*path, name) if p[:1] in ("@", "+")]


def _value_slots(*expressions: Expression) -> list[str]:
    """At most three places."""
    slots = [x for e in expressions for atom in e.atoms() for x in _names(atom.path, atom.name)]
    return (slots + [""] * 6)[:6]


# ---------------------------------------------------------------- columns: what a context is made of
@dataclass(frozen=True)
class FieldIs:
    """A discrete field of the row at `path`; -1 is nil, so that column values start at 0 with nil."""

    path: Path
    name: str

    def slots(self) -> list[str]:
        return ["column:field" if self.path else "column:own", *_names(self.path, self.name), *[""] * 4]

    @property
    def text(self) -> str:
        return path_text(self.path, self.name)


@dataclass(frozen=True)
class NilTest:
    """Does the pointer at the end of `path` hold a node (1) or nil (0)?"""

    path: Path

    def slots(self) -> list[str]:
        return ["column:nil", *_names(self.path), *[""] * 4]

    @property
    def text(self) -> str:
        return f"{path_text(self.path)}?"


@dataclass(frozen=True)
class Equal:
    """Do two pointers hold the same node? `Equal(("hub", "u"), ())` is the back bit "the hub's u is me"."""

    a: Path
    b: Path

    def slots(self) -> list[str]:
        return ["column:equal", *_names(self.a), *_names(self.b), *[""] * 2]

    @property
    def text(self) -> str:
        return f"{path_text(self.a)} == {path_text(self.b)}"


@dataclass(frozen=True)
class Sign:
    """Sign of a - b: 0 zero, 1 plus, 2 minus, 3 undefined (a NaN, or a read through nil)."""

    a: Expression
    b: Expression

    def slots(self) -> list[str]:
        return ["column:sign", *_value_slots(self.a, self.b)]

    @property
    def text(self) -> str:
        return f"{self.a.text} vs {self.b.text}"


@dataclass(frozen=True)
class Orientation:
    """Which way do the points of three rows turn: 0 straight on (or back), 1 left, 2 right, 3 undefined (nil).

    Exact: `algorithms.machine.orientation.orientation` says how, and where a row's position is laid down."""

    a: Path
    b: Path
    c: Path

    @property
    def paths(self) -> tuple[Path, Path, Path]:
        return self.a, self.b, self.c

    def slots(self) -> list[str]:
        return ["column:orientation", *_names(self.a), *_names(self.b), *_names(self.c)]

    @property
    def text(self) -> str:
        return f"orientation of {', '.join(path_text(p) for p in self.paths)}"


Column = FieldIs | NilTest | Equal | Sign | Orientation


# ---------------------------------------------------------------- operations: what a register can be given
@dataclass(frozen=True)
class Keep:
    """Leave the register as it is."""

    def slots(self) -> list[str]:
        return ["op:keep", *[""] * 7]

    text = "keep"


@dataclass(frozen=True)
class Const:
    """Give a field one of its values."""

    name: str
    value: int

    def slots(self) -> list[str]:
        return ["op:const", "", self.name, *[""] * 4, f"={self.value}"]

    @property
    def text(self) -> str:
        return f"{self.name} = #{self.value}"


@dataclass(frozen=True)
class Nil:
    """Give a pointer nil."""

    def slots(self) -> list[str]:
        return ["op:nil", *[""] * 7]

    text = "nil"


@dataclass(frozen=True)
class Point:
    """Give a pointer the node at the end of a path (at most two pointers long)."""

    path: Path

    def heads(self) -> list[str]:
        """Selections and totals that it reads."""
        return _heads(self.path)

    def slots(self) -> list[str]:
        kind = "op:self" if not self.path else "op:pointer" if len(self.path) == 1 else "op:jump"
        return [kind, *_names(self.path), *[""] * 5]

    @property
    def text(self) -> str:
        return path_text(self.path)


@dataclass(frozen=True)
class Set:
    """Give a scalar the value of an expression. Zero has no sign in a register: a negative one is written as 0."""

    value: Expression

    def heads(self) -> list[str]:
        return [h for atom in self.value.atoms() for h in _heads(atom.path, atom.name)]

    def slots(self) -> list[str]:
        kinds = {"+": "op:add", "-": "op:sub", "*": "op:mul"}
        if isinstance(self.value, Op):
            kind = kinds.get(self.value.op, f"op:{self.value.op}")
        else:
            kind = "op:number" if isinstance(self.value, Number) else "op:copy"
        return [kind, *_value_slots(self.value), f"number:{self.value.text}" if kind == "op:number" else ""]

    @property
    def text(self) -> str:
        return self.value.text


@dataclass(frozen=True)
class Eligible:
    """May this edge be selected? (the two operations of a select head)"""

    yes: bool

    def slots(self) -> list[str]:
        return ["op:eligible" if self.yes else "op:not", *[""] * 7]

    @property
    def text(self) -> str:
        return "eligible" if self.yes else "not eligible"


Write = Const | Nil | Point | Set
Operation = Keep | Write | Eligible


# ---------------------------------------------------------------- as JSON
_CLASSES = {
    c.__name__: c
    for c in (
        Atom,
        Number,
        Op,
        Head,
        FieldIs,
        NilTest,
        Equal,
        Sign,
        Orientation,
        Keep,
        Const,
        Nil,
        Point,
        Set,
        Eligible,
    )
}


def to_json(term):
    """A term as nested lists, `["Atom", ["parent"], "key"]`."""
    if type(term).__name__ in _CLASSES:
        return [type(term).__name__, *(to_json(getattr(term, f)) for f in term.__dataclass_fields__)]
    if isinstance(term, float) and not math.isfinite(term):
        return str(term)  # JSON has no infinities
    return list(term) if isinstance(term, tuple) else term


def from_json(data):
    """The inverse of `to_json`."""
    if isinstance(data, list):
        if data and data[0] in _CLASSES:
            if data[0] == "Number":
                return Number(float(data[1]))
            return _CLASSES[data[0]](*(from_json(x) for x in data[1:]))
        return tuple(data)
    return data
