"""The proxies that an author's program runs on: rows and numbers that know where they come from.

Every read, test and write goes to the `Recorder` whose run this is.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from algorithms.errors import did_you_mean
from algorithms.machine import FUNCTIONS
from algorithms.terms import Atom, Equal, FieldIs, NilTest, Number, Op, Sign, path_text

if TYPE_CHECKING:
    from algorithms.recorder import Recorder

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
    "text_of",
]

HUB, BASE, SRC = "<hub>", "<base>", "<src>"  # where a proxy's path starts: the hub, the loop's row, a candidate


def text_of(proxy: Ref | Scalar) -> str:
    """A row or number, much as the author wrote it."""
    if isinstance(proxy, Scalar):
        return proxy._expr.text.replace(HUB, "hub").replace(BASE + ".", "").replace(SRC + ".", "")
    root, *rest = proxy._path
    if root == HUB:
        return path_text(("hub", *rest))
    return path_text(tuple(rest)) if rest else {BASE: "the loop's row", SRC: "the candidate"}[root]


def number_of(recorder: Recorder, value) -> Scalar:
    if isinstance(value, Scalar):
        return value
    if isinstance(value, Ref):
        recorder.fail(f"a row, {text_of(value)}, is no number; take one of its scalars")
    if isinstance(value, bool) or not isinstance(value, int | float):
        recorder.fail(f"{value!r} is no number")
    return Scalar(recorder, float(value), Number(float(value)), None)


class Scalar:
    """A real number with the expression that made it."""

    __slots__ = ("_expr", "_r", "_stamp", "_value")
    __hash__ = None

    def __init__(self, recorder, value, expr, stamp):
        self._r, self._value, self._expr, self._stamp = recorder, value, expr, stamp

    def _fresh(self):
        self._r.fresh(self)

    def _combine(self, op, other, f):
        other = number_of(self._r, other)
        self._fresh(), other._fresh()
        stamp = max((s for s in (self._stamp, other._stamp) if s), default=None)
        return Scalar(self._r, f(self._value, other._value), Op(op, self._expr, other._expr), stamp)

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

    def __truediv__(self, other):
        self._r.fail(f"divides, or takes a power, with {text_of(self)}; a step knows + - * abs minimum maximum alone")

    __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __truediv__

    def __neg__(self):
        return 0.0 - self

    def __abs__(self):
        return Scalar(self._r, abs(self._value), Op("abs", self._expr), self._stamp)

    def _compare(self, other):
        r, other = self._r, number_of(self._r, other)
        self._fresh(), other._fresh()
        a, b = (r.expression(x._expr, r.local) for x in (self, other))
        r.tests(Sign(a, b) if a.text <= b.text else Sign(b, a))
        return self._value, other._value

    def __lt__(self, other):
        a, b = self._compare(other)
        return a < b

    def __le__(self, other):
        a, b = self._compare(other)
        return a <= b

    def __gt__(self, other):
        a, b = self._compare(other)
        return a > b

    def __ge__(self, other):
        a, b = self._compare(other)
        return a >= b

    def __eq__(self, other):
        a, b = self._compare(other)
        return a == b

    def __ne__(self, other):
        a, b = self._compare(other)
        return a != b

    def __bool__(self):
        self._r.fail(f"a number, {text_of(self)}, has no truth value; compare it")


class Ref:
    """A row (or nil), with the path by which the program came to it."""

    __slots__ = ("_edge", "_path", "_r", "_row", "_stamp")
    __hash__ = None

    def __init__(self, recorder, row, path, stamp, edge=None):
        for name, value in (("_r", recorder), ("_row", row), ("_path", path), ("_stamp", stamp), ("_edge", edge)):
            object.__setattr__(self, name, value)

    def _fresh(self):
        self._r.fresh(self)

    def __getattr__(self, name):
        r = self._r
        self._fresh()
        kind = r.types.get(name)
        stamp = self._stamp or (r.tick, 0)
        if name == "weight" and self._edge is not None:
            relation, e = self._edge
            return Scalar(r, float(r.instance.relations[relation].weight[e]), Atom(self._path, name), stamp)
        if self._row >= 0 and r.owner.get(name, r.kind_of[self._row]) != r.kind_of[self._row]:
            r.fail(f"reads {name!r} of a {r.kind_of[self._row]} row, which is a register of {r.owner[name]} rows")
        if kind == "pointer":
            return Ref(r, r.cells[name][self._row], (*self._path, name), stamp)
        if kind == "scalar":
            return Scalar(r, r.cells[name][self._row], Atom(self._path, name), stamp)
        if kind == "field":
            path = r.local(self._path)
            r.tests(FieldIs(r.check_hops(path, 1, name), name))
            value = r.cells[name][self._row]
            return None if value < 0 else r.values[name][value]
        if name in r.instance.relations:
            return Candidates(r, name, self)
        known = [*r.types, *r.instance.relations]
        r.fail(f"no register or relation {name!r}{did_you_mean(name, known)}")

    def __setattr__(self, name, value):
        self._fresh()
        self._r.writes(self, name, value)

    def __bool__(self):
        self._fresh()
        path = self._r.local(self._path)
        if path:
            self._r.tests(NilTest(self._r.check_hops(path, 2)))
        return self._row >= 0

    def __eq__(self, other):
        if other is None:
            return not self
        if not isinstance(other, Ref):
            self._r.fail(f"compares a row with {other!r}; it takes a row or None")
        self._fresh(), other._fresh()
        r = self._r
        a, b = (r.check_hops(r.local(x._path), 2) for x in (self, other))
        r.tests(Equal(*sorted((a, b), reverse=True)))
        return self._row == other._row

    def __ne__(self, other):
        return not self == other

    def __lt__(self, other):
        self._r.fail(f"compares rows, {text_of(self)}, by order; compare one of their scalars, as their index")

    __le__ = __gt__ = __ge__ = __lt__


class Candidates:
    """The neighbours of a row along a relation, to select from."""

    def __init__(self, recorder, relation, receiver):
        self.recorder, self.relation, self.receiver = recorder, relation, receiver

    def __iter__(self):
        self.recorder.fail(f"loops over {self.relation}; select one with `first` or `argmin`, or loop over all rows")

    def __bool__(self):
        self.recorder.fail(f"the relation {self.relation} has no truth value; ask for `first` of it")


class Rows(Candidates):
    """All rows of a kind: looped over, a parallel step; selected from, the hub's candidates."""

    def __init__(self, recorder, kind):
        super().__init__(recorder, kind + "s", Ref(recorder, recorder.hub_row, (HUB,), None))
        self.kind = kind

    def __iter__(self):
        r, complete = self.recorder, False
        if r.base is not None:
            r.fail("a loop over rows inside another; select with `first` or `argmin`, or let one follow the other")
        r.recording.columns.setdefault(self.kind, {})
        r.acts(self.kind)
        try:
            for row in r.instance.rows(self.kind).tolist():
                r.base, r.iteration, r.own = row, r.iteration + 1, {}
                yield Ref(r, row, (BASE,), (r.tick, r.iteration))
            complete = True
        finally:
            r.base, r.own, r.iteration = None, {}, r.iteration + 1
            if not complete and sys.exc_info()[0] in (None, GeneratorExit):
                r.left_early = r.line()


def argmin(candidates: Candidates, key=None, where=None) -> Ref:
    """The eligible candidate with the least key, ties to the first in index order; nil where none is eligible.

    candidates: `nodes` or `edges` (all rows of a kind, asked by the hub) or a relation of a row (`v.in_edges`).
    key: `lambda u: …`, a scalar of u, of the edge (`u.weight`) or of the asking row. where: `lambda u: …`, a predicate.
    """
    return candidates.recorder.select(candidates.relation, candidates.receiver, key, where)


def first(candidates: Candidates, where=None) -> Ref:
    """The first eligible candidate in index order; nil where there is none."""
    return argmin(candidates, where=where)


def minimum(a: Scalar, b: Scalar) -> Scalar:
    """The smaller of two numbers, as one operation (the builtin `min` would be a test)."""
    return _extreme("minimum", a, b)


def maximum(a: Scalar, b: Scalar) -> Scalar:
    """The greater of two numbers, as one operation."""
    return _extreme("maximum", a, b)


def _extreme(op: str, a: Scalar, b: Scalar) -> Scalar:
    """As numpy has it: undefined where one of the two is."""
    r = (a if isinstance(a, Scalar) else b)._r
    return number_of(r, a)._combine(op, b, lambda x, y: float(FUNCTIONS[op](x, y)))
