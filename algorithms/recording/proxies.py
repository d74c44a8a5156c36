"""The proxies that an author's program runs on: rows and numbers that know where they come from.

In a loop over rows, or a predicate, a proxy stands for all rows of its turn (`branches.py`): what it holds is
an array then, else a plain number. Every read, test and write goes to the `Recorder` whose run this is.
"""

from __future__ import annotations

import numbers
from types import FrameType
from typing import NoReturn, Protocol

import numpy as np

from algorithms.machine.state import Instance
from algorithms.machine.terms import Expression, Number, Op, path_text
from algorithms.recording.branches import Turn
from algorithms.recording.refusals import Proxy, refused, text_of

__all__ = [
    "BASE",
    "HUB",
    "SRC",
    "Candidates",
    "Recorder",
    "Ref",
    "Scalar",
    "number_of",
]

HUB, BASE, SRC = "<hub>", "<base>", "<src>"  # where a proxy's path starts: the hub, the loop's row, a candidate


class Recorder(Protocol):
    """Whose run a proxy is of: it answers every read, test and question (`reads.py`, `writes.py`)."""

    instance: Instance
    hub_row: int
    kind_of: list[str]
    arrays: dict[str, np.ndarray]
    cells: dict[str, memoryview]
    values: dict[str, tuple]
    terms: dict
    tick: int
    turn: Turn
    hub_turn: Turn
    left_early: int

    def fail(self, message: str) -> NoReturn: ...
    def line(self) -> int: ...
    def is_new(self, frame: FrameType) -> bool: ...
    # rows and numbers of a turn
    def fresh(self, proxy: Ref | Scalar) -> None: ...
    def lift(self, x: np.ndarray, turn: Turn | None, version: int): ...
    def inner(self, value, a: Turn | None, b: Turn | None) -> Turn | None: ...
    def agree(self, outcome): ...
    def strange(self, row, owner: str, path: tuple, name: str) -> None: ...
    def done(self, turn: Turn, rows: np.ndarray) -> None: ...
    # reads and terms
    def reads(self, ref: Ref, name: str) -> tuple: ...
    def number(self, value: float) -> Number: ...
    def operation(self, op: str, a: Expression, b: Expression | None) -> Op: ...
    # tests
    def tested(self) -> None: ...
    def compares(self, a: Expression, b: Expression) -> None: ...
    def tests_nil(self, path: tuple) -> None: ...
    def tests_equal(self, path: tuple, other: tuple) -> None: ...
    def tests_orientation(self, *paths: tuple) -> None: ...
    # what is done
    def begins_loop(self, kind: str) -> tuple: ...
    def ends_loop(self, outside: tuple) -> None: ...
    def writes(self, ref: Ref, name: str, value) -> None: ...
    def select(self, relation: str, receiver: Ref, key, where) -> Ref: ...
    def total(self, relation: str, receiver: Ref, key, where) -> Scalar: ...


def number_of(recorder: Recorder, value) -> Scalar:
    if isinstance(value, Scalar):
        return value
    if isinstance(value, Ref):
        recorder.fail(f"a row, {text_of(value)}, is no number; take one of its scalars")
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        recorder.fail(f"{value!r} is no number")
    return Scalar(recorder, float(value), recorder.number(float(value)), None)


class Scalar(Proxy):
    """A real number with the expression that made it."""

    __slots__ = ("_expr", "_r", "_turn", "_value", "_version")
    __hash__ = Proxy.__hash__

    _r: Recorder

    def _text(self) -> str:
        return self._expr.text.replace(HUB, "hub").replace(BASE + ".", "").replace(SRC + ".", "")

    def __repr__(self):
        return f"<{text_of(self)} = {self._value}>"

    def __init__(self, recorder, value, expr, turn):
        self._r, self._value, self._expr, self._turn = recorder, value, expr, turn
        if type(value) is np.ndarray:
            self._version = len(turn.cuts)

    def _now(self):
        """The number, or the numbers of the rows that are left in the turn."""
        r, turn, value = self._r, self._turn, self._value
        if turn is not r.turn and turn is not None:
            r.fresh(self)
        return r.lift(value, turn, self._version) if type(value) is np.ndarray else value

    def _combine(self, op, other, f):
        r = self._r
        if type(other) is not Scalar:
            other = number_of(r, other)
        value = f(self._now(), other._now())
        return Scalar(r, value, r.operation(op, self._expr, other._expr), r.inner(value, self._turn, other._turn))

    def __add__(self, other):
        return self._combine("+", other, lambda a, b: a + b)

    def __sub__(self, other):
        return self._combine("-", other, lambda a, b: a - b)

    def __mul__(self, other):
        return self._combine("*", other, lambda a, b: a * b)

    def __radd__(self, other):
        return number_of(self._r, other) + self

    def __rsub__(self, other):
        return number_of(self._r, other) - self

    def __rmul__(self, other):
        return number_of(self._r, other) * self

    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = refused(
        "divides, or takes a power, with {}; a step knows + - * abs minimum maximum alone"
    )
    __divmod__ = __rdivmod__ = __truediv__

    def __pos__(self):
        return self

    def __neg__(self):
        return 0.0 - self

    def __abs__(self):
        r, value = self._r, abs(self._now())
        return Scalar(r, value, r.operation("abs", self._expr, None), r.inner(value, self._turn, None))

    def _compare(self, other):
        r = self._r
        if type(other) is not Scalar:
            other = number_of(r, other)
        a, b = self._now(), other._now()
        r.compares(self._expr, other._expr)
        return a, b

    def __lt__(self, other):
        a, b = self._compare(other)
        return self._r.agree(a < b)

    def __le__(self, other):
        a, b = self._compare(other)
        return self._r.agree(a <= b)

    def __gt__(self, other):
        a, b = self._compare(other)
        return self._r.agree(a > b)

    def __ge__(self, other):
        a, b = self._compare(other)
        return self._r.agree(a >= b)

    def __eq__(self, other):
        a, b = self._compare(other)
        return self._r.agree(a == b)

    def __ne__(self, other):
        a, b = self._compare(other)
        return self._r.agree(a != b)

    def __bool__(self):
        self._r.fail(f"a number, {text_of(self)}, has no truth value; compare it")


class Ref(Proxy):
    """A row (or nil), with the path by which the program came to it."""

    __slots__ = ("_edge", "_path", "_r", "_row", "_turn", "_version")
    __hash__ = Proxy.__hash__

    _r: Recorder

    def _text(self) -> str:
        root, rest = self._path[0], self._path[1:]
        if root == HUB:
            return path_text(("hub", *rest))
        return path_text(rest) if rest else {BASE: "the loop's row", SRC: "the candidate"}[root]

    def __repr__(self):
        return f"<{text_of(self)} = row {self._row}>"

    def __init__(self, recorder, row, path, turn, edge=None):
        _put_recorder(self, recorder)
        _put_row(self, row)
        _put_path(self, path)
        _put_turn(self, turn)
        if type(row) is not int:
            _put_version(self, len(turn.cuts))
        if edge is not None:
            _put_edge(self, edge)

    def _now(self):
        """The row, or those that are left in the turn."""
        r, turn, row = self._r, self._turn, self._row
        if turn is not r.turn and turn is not None:
            r.fresh(self)
        return row if type(row) is int else r.lift(row, turn, self._version)

    def __getattr__(self, name):
        r, row, turn = self._r, self._row, self._turn
        if type(row) is not int:
            return self._of_all(name)
        if turn is not r.turn:
            if turn is None:
                turn = r.hub_turn
            else:
                r.fresh(self)
        kind, term, owner, group = r.terms.get((self._path, name)) or r.reads(self, name)
        if owner and r.kind_of[row] != owner and row >= 0:
            r.strange(row, owner, self._path, name)
        if kind == "pointer":
            return Ref(r, r.cells[name][row], term, turn)
        if kind == "scalar":
            return Scalar(r, r.cells[name][row], term, turn)
        if kind == "field":
            r.tested()
            if group:
                r.turn.own[id(term)] = term
            return r.values[name][r.cells[name][row]]
        if kind == "weight":
            return Scalar(r, r.instance.relations[self._edge[0]].weight.item(self._edge[1]), term, turn)
        return Candidates(r, name, self)

    def _of_all(self, name):
        """The same of many rows at once."""
        r, row = self._r, self._now()
        turn = r.turn
        kind, term, owner, group = r.terms.get((self._path, name)) or r.reads(self, name)
        if owner:
            r.strange(row, owner, self._path, name)
            row = self._now()  # some may have left
        if kind == "pointer":
            return Ref(r, r.arrays[name][row], term, turn)
        if kind == "scalar":
            return Scalar(r, r.arrays[name][row], term, turn)
        if kind == "field":
            if group:
                turn.own[id(term)] = term
            return r.values[name][r.agree(r.arrays[name][row])]
        if kind == "weight":
            relation, e = self._edge
            weight = r.instance.relations[relation].weight
            e = r.lift(e, self._turn, self._version)
            return Scalar(r, weight.item(e) if type(e) is int else weight[e], term, turn)
        return Candidates(r, name, self)

    def __setattr__(self, name, value):
        self._r.writes(self, name, value)

    def __bool__(self):
        r, row = self._r, self._now()
        r.tests_nil(self._path)
        return row >= 0 if type(row) is int else r.agree(row >= 0)

    def __eq__(self, other):
        if other is None:
            return not self
        if not isinstance(other, Ref):
            self._r.fail(f"compares a row with {other!r}; it takes a row or None")
        a, b = self._now(), other._now()
        self._r.tests_equal(self._path, other._path)
        return self._r.agree(a == b)

    def __ne__(self, other):
        return not self == other

    def __lt__(self, other):
        self._r.fail(f"compares rows, {text_of(self)}, by order; compare one of their scalars, as their index")

    __le__ = __gt__ = __ge__ = __lt__

    def __delattr__(self, name):
        self._r.fail(f"deletes {name}; a register always holds something: give it None, or another of its values")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = refused(
        "computes with a row, {}; take one of its scalars, or follow one of its pointers"
    )
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __divmod__ = __rdivmod__ = __add__
    __neg__ = __pos__ = __abs__ = __add__


# the slots themselves: `__setattr__` is the author's
_put_recorder, _put_row, _put_path, _put_turn, _put_version, _put_edge = (
    Ref.__dict__[name].__set__ for name in ("_r", "_row", "_path", "_turn", "_version", "_edge")
)


class Candidates(Proxy):
    """The neighbours of a row along a relation, to select from."""

    __slots__ = ("_r", "receiver", "relation")
    __len__ = refused("counts {0}; add up instead: `total({0}, key=lambda v: 1.0)`, into a register")
    __getitem__ = refused("takes one of {} by its place; select it with `first` or `argmin`, or follow a pointer")
    __contains__ = refused("asks what is among {}; compare rows with `==`, or select with `first` and test for nil")

    _r: Recorder

    def _text(self) -> str:
        return self.relation

    def __init__(self, recorder, relation, receiver):
        self._r, self.relation, self.receiver = recorder, relation, receiver

    def __iter__(self):
        self._r.fail(f"loops over {self.relation}; select one with `first` or `argmin`, or loop over all rows")

    def __bool__(self):
        self._r.fail(f"the relation {self.relation} has no truth value; ask for `first` of it")

    def __repr__(self):
        return f"<{text_of(self)}>"

    def __getattr__(self, name):
        self._r.fail(f"reads {name!r} of {self.relation}, which are many; loop over all rows, or select one")
