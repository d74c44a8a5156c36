"""The proxies that an author's program runs on: rows and numbers that know where they come from.

In a loop over rows, or a predicate, a proxy stands for all rows of its turn (`branches.py`): what it holds is
an array then, else a plain number. Every read, test and write goes to the `Recorder` whose run this is.
"""

from __future__ import annotations

import dis
import numbers
import sys
from typing import NoReturn, Protocol

import numpy as np

from algorithms.errors import AuthorError
from algorithms.machine import orientation as exact_turns
from algorithms.machine.definition import ARITHMETIC
from algorithms.machine.state import Instance
from algorithms.machine.terms import Number, path_text
from algorithms.recording.branches import turns

__all__ = [
    "BASE",
    "HUB",
    "SRC",
    "Candidates",
    "Ref",
    "Rows",
    "Scalar",
    "argmin",
    "first",
    "maximum",
    "minimum",
    "number_of",
    "orientation",
    "text_of",
    "total",
]

HUB, BASE, SRC = "<hub>", "<base>", "<src>"  # where a proxy's path starts: the hub, the loop's row, a candidate


def instruction(frame) -> str:
    """What a function is doing: the name of its present instruction."""
    return dis.opname[frame.f_code.co_code[frame.f_lasti]]


def text_of(proxy: Ref | Scalar | Candidates) -> str:
    """A row or number, much as the author wrote it."""
    if isinstance(proxy, Candidates):
        return proxy.relation
    if isinstance(proxy, Scalar):
        return proxy._expr.text.replace(HUB, "hub").replace(BASE + ".", "").replace(SRC + ".", "")
    root, *rest = proxy._path
    if root == HUB:
        return path_text(("hub", *rest))
    return path_text(tuple(rest)) if rest else {BASE: "the loop's row", SRC: "the candidate"}[root]


class Recorder(Protocol):
    """Whose run a proxy is of: it answers every read, test and question (`reads.py`, `writes.py`)."""

    hub_row: int
    instance: Instance

    def fail(self, message: str) -> NoReturn: ...
    def number(self, value: float) -> Number: ...
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


def _refused(remedy: str):
    """A method that says what to write instead; {} is the proxy."""

    def refuse(self, *_, **__):
        self._r.fail(remedy.format(text_of(self)))

    return refuse


class _Proxy:
    """What neither a row nor a number can do in a step."""

    __slots__ = ()
    __array_ufunc__ = None  # so that numpy leaves operators to us

    __len__ = __getitem__ = __setitem__ = __delitem__ = __reversed__ = _refused(
        "takes the length, or an element, of {}, which is one and no list; a row's neighbours are its relations"
    )
    __iter__ = __next__ = _refused("loops over, or unpacks, {}, which is one and no list; loop over all rows of a kind")
    __contains__ = _refused("asks what is in {}, which is one and no list; compare with `==`")
    __call__ = _refused("calls {}, which is no function")
    __hash__ = _refused("keeps {} in a set or as a key; a step has no memory but registers: give it to one")
    __float__ = __int__ = __index__ = __complex__ = __round__ = __trunc__ = __floor__ = __ceil__ = _refused(
        "takes the plain value of {}, as float(), int(), round(), range() and math do; a step gives registers numbers "
        "made by + - * abs minimum maximum, and compares numbers"
    )
    __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = __invert__ = __lshift__ = __rlshift__ = _refused(
        "takes bits of {}; `and`, `or` and `not` join tests"
    )
    __rshift__ = __rrshift__ = __matmul__ = __rmatmul__ = __and__
    __enter__ = __exit__ = __await__ = _refused("uses {} in `with` or `await`; a step is done at `yield` alone")

    def __format__(self, spec):
        if spec:
            self._r.fail(f"formats {text_of(self)} by {spec!r}; print it as it is, it may stand for many rows")
        return repr(self)


class Scalar(_Proxy):
    """A real number with the expression that made it."""

    __slots__ = ("_expr", "_r", "_turn", "_value", "_version")
    __hash__ = _Proxy.__hash__

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

    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = _refused(
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


class Ref(_Proxy):
    """A row (or nil), with the path by which the program came to it."""

    __slots__ = ("_edge", "_path", "_r", "_row", "_turn", "_version")
    __hash__ = _Proxy.__hash__

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

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refused(
        "computes with a row, {}; take one of its scalars, or follow one of its pointers"
    )
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __divmod__ = __rdivmod__ = __add__
    __neg__ = __pos__ = __abs__ = __add__


# the slots themselves: `__setattr__` is the author's
_put_recorder, _put_row, _put_path = Ref._r.__set__, Ref._row.__set__, Ref._path.__set__
_put_turn, _put_version, _put_edge = Ref._turn.__set__, Ref._version.__set__, Ref._edge.__set__


class Candidates(_Proxy):
    """The neighbours of a row along a relation, to select from."""

    __slots__ = ("_r", "receiver", "relation")
    __len__ = _refused("counts {0}; add up instead: `total({0}, key=lambda v: 1.0)`, into a register")
    __getitem__ = _refused("takes one of {} by its place; select it with `first` or `argmin`, or follow a pointer")
    __contains__ = _refused("asks what is among {}; compare rows with `==`, or select with `first` and test for nil")

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


class Rows(Candidates):
    """All rows of a kind: looped over, a parallel step; selected from, the hub's candidates."""

    __slots__ = ("kind", "rows")

    def __init__(self, recorder, kind):
        super().__init__(recorder, kind + "s", Ref(recorder, recorder.hub_row, (HUB,), None))
        self.kind, self.rows = kind, recorder.instance.rows(kind)

    def __iter__(self):
        if instruction(sys._getframe(1)) not in ("GET_ITER", "FOR_ITER"):
            self._r.fail(
                f"makes a list of {self.relation}, counts, sorts or unpacks them; a step does not: select with `first` "
                "or `argmin`, add up with `total`, or let `for` run over all"
            )
        return self._turns()

    def _turns(self):
        r, complete = self._r, False
        if r.turn is not r.hub_turn:
            r.fail("a loop over rows inside another; select with `first` or `argmin`, or let one follow the other")
        r.recording.columns.setdefault(self.kind, {})
        r.acts(self.kind)
        r.loops, r.answers = r.loops + 1, []
        outside = r.look_from("loop", self.kind)
        alone = r.is_new(sys._getframe(1))  # so that what one turn leaves to the next is seen
        try:
            for turn in turns(r.tick, r.hub_turn, len(self.rows), alone=alone):
                r.turn = turn
                rows = self.rows.item(turn.at) if type(turn.at) is int else self.rows[turn.at]
                yield Ref(r, rows, (BASE,), turn)
                r.done(turn, self.rows)
            complete = True
        finally:
            r.turn, r.terms, r.view = r.hub_turn, *outside
            if not complete and sys.exc_info()[0] in (None, GeneratorExit):
                r.left_early = r.line()


def argmin(candidates: Candidates, key=None, where=None) -> Ref:
    """The eligible candidate with the least key, ties to the first in index order; nil where none is eligible.

    candidates: `nodes` or `edges` (all rows of a kind, asked by the hub) or a relation of a row (`v.in_edges`).
    key: `lambda u: …`, a scalar of u, of the edge (`u.weight`) or of the asking row. where: `lambda u: …`, a predicate.
    """
    return _asked(candidates, key, where).select(candidates.relation, candidates.receiver, key, where)


def first(candidates: Candidates, where=None) -> Ref:
    """The first eligible candidate in index order; nil where there is none."""
    return argmin(candidates, where=where)


def total(candidates: Candidates, key, where=None) -> Scalar:
    """The sum of the keys of all eligible candidates, in index order; 0 where none is eligible.

    candidates, key, where: as for `argmin`. It can be written into a register, in an expression; to test it, keep it
    in a register first.
    """
    return _asked(candidates, key, where).total(candidates.relation, candidates.receiver, key, where)


def _asked(candidates: Candidates, key, where) -> Recorder:
    """The recorder of a question that has its parts in place."""
    if not isinstance(candidates, Candidates):
        what = f"{candidates!r} is given" if isinstance(candidates, _Proxy) else f"a {type(candidates).__name__} is"
        raise AuthorError(f"selects among rows: `first(nodes, …)` or `first(v.in_edges, …)`, but {what}")
    for name, f in (("key", key), ("where", where)):
        if f is not None and not callable(f):
            candidates._r.fail(f"{name}={f!r} is no function; write `{name}=lambda v: …`")
    return candidates._r


def minimum(a: Scalar, b: Scalar) -> Scalar:
    """The smaller of two numbers, as one operation (the builtin `min` would be a test)."""
    return _extreme("minimum", a, b)


def maximum(a: Scalar, b: Scalar) -> Scalar:
    """The greater of two numbers, as one operation."""
    return _extreme("maximum", a, b)


def orientation(a: Ref, b: Ref, c: Ref) -> str | None:
    """Which way the points of three rows turn, from a by b to c: "left", "right" or "straight" (on, or back), exactly;
    None where one of them is nil. A test, of rows that have positions (`Points`)."""
    r = next((x._r for x in (a, b, c) if isinstance(x, Ref)), None)
    for x in (a, b, c):
        if not isinstance(x, Ref):
            said = f"orientation takes three rows, not {text_of(x) if isinstance(x, _Proxy) else repr(x)}"
            if r is None:
                raise AuthorError(said)
            r.fail(said)
    if "at_x" not in r.instance.constants:
        r.fail("orientation asks for the positions of rows that have none; the structure has to be `Points`")
    rows = [x._now() for x in (a, b, c)]
    r.tests_orientation(a._path, b._path, c._path)
    x = r.instance.constants
    outcome = exact_turns.orientation(x["at_x"], x["at_y"], x["rest_x"], x["rest_y"], *rows)
    return exact_turns.ORIENTATIONS[r.agree(outcome)]


def _extreme(op: str, a: Scalar, b: Scalar) -> Scalar:
    """As numpy has it: undefined where one of the two is."""
    owner = a if isinstance(a, _Proxy) else b
    if not isinstance(owner, _Proxy):
        raise AuthorError(f"{op} takes numbers of rows, as hub.x, not {a!r} and {b!r} alone")
    r, f = owner._r, ARITHMETIC[op]
    return number_of(r, a)._combine(op, b, lambda x, y: y if type(y := f(x, y)) is np.ndarray else float(y))
