"""What an author's program asks: all rows, selections, totals, and what one operation makes of two numbers."""

from __future__ import annotations

import dis
import sys
from types import FrameType

import numpy as np

from algorithms.errors import AuthorError
from algorithms.machine import orientation as exact_turns
from algorithms.machine.definition import ARITHMETIC
from algorithms.recording.branches import turns
from algorithms.recording.proxies import BASE, HUB, Candidates, Recorder, Ref, Scalar, number_of
from algorithms.recording.refusals import Proxy, text_of

__all__ = ["Rows", "argmin", "first", "instruction", "maximum", "minimum", "orientation", "total"]


def instruction(frame: FrameType) -> str:
    """What a function is doing: the name of its present instruction."""
    return dis.opname[frame.f_code.co_code[frame.f_lasti]]


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
        outside = r.begins_loop(self.kind)
        alone = r.is_new(sys._getframe(1))  # so that what one turn leaves to the next is seen
        try:
            for turn in turns(r.tick, r.hub_turn, len(self.rows), alone=alone):
                r.turn = turn
                rows = self.rows.item(turn.at) if type(turn.at) is int else self.rows[turn.at]
                yield Ref(r, rows, (BASE,), turn)
                r.done(turn, self.rows)
            complete = True
        finally:
            r.ends_loop(outside)
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
        what = f"{candidates!r} is given" if isinstance(candidates, Proxy) else f"a {type(candidates).__name__} is"
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
    known = next((x._r for x in (a, b, c) if isinstance(x, Ref)), None)
    for x in (a, b, c):
        if not isinstance(x, Ref):
            said = f"orientation takes three rows, not {text_of(x) if isinstance(x, Proxy) else repr(x)}"
            if known is None:
                raise AuthorError(said)
            known.fail(said)
    r = a._r
    if "at_x" not in r.instance.constants:
        r.fail("orientation asks for the positions of rows that have none; the structure has to be `Points`")
    rows = [x._now() for x in (a, b, c)]
    r.tests_orientation(a._path, b._path, c._path)
    at = r.instance.constants
    outcome = exact_turns.orientation(at["at_x"], at["at_y"], at["rest_x"], at["rest_y"], *rows)
    return exact_turns.ORIENTATIONS[r.agree(outcome)]


def _extreme(op: str, a: Scalar, b: Scalar) -> Scalar:
    """As numpy has it: undefined where one of the two is."""
    owner = a if isinstance(a, Proxy) else b
    if not isinstance(owner, Proxy):
        raise AuthorError(f"{op} takes numbers of rows, as hub.x, not {a!r} and {b!r} alone")
    r, f = owner._r, ARITHMETIC[op]
    return number_of(r, a)._combine(op, b, lambda x, y: y if type(y := f(x, y)) is np.ndarray else float(y))
