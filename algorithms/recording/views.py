"""Who looks, and along which path: a program's places as the row (or edge) sees them whose step this is.

A `View` is a place in a program that looks at rows: the hub, the body of a loop, a predicate or a key. It keeps what
it has once worked out of a path or an expression, for all runs that a `Recording` sees.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from algorithms.machine.program import RELATION
from algorithms.machine.terms import Atom, Op
from algorithms.recording.proxies import HUB, SRC

__all__ = ["View", "relative"]


def relative(rest: tuple, target: tuple, here: tuple) -> tuple:
    """A path from the hub, as seen from the row at `target` (a path from the hub of length 1, or none)."""
    return (*here, *rest[1:]) if target and rest[:1] == target else ("hub", *rest)


@dataclass(eq=False)
class View:
    """base: the kind of the rows of the loop around, if any. relation: of the edges that look, if any; asker: the path
    from the hub to the row that asks them to be selected. key: is it a key that looks (which must not test)?"""

    base: str = ""
    relation: str = ""
    asker: tuple = ()
    key: bool = False
    terms: dict = field(default_factory=dict)
    group: str = ""

    def __post_init__(self):
        self.group = RELATION + self.relation if self.relation else self.base or "hub"

    def local(self, path: tuple) -> tuple:
        """A rooted path, as the row that now looks sees it."""
        root, rest = path[0], path[1:]
        if self.relation:
            if root == HUB:
                return relative(rest, self.asker, ("dst",))
            return ("src" if root == SRC else "dst", *rest)
        return ("hub", *rest) if root == HUB and self.base else rest

    @staticmethod
    def expression(e, place):
        """An expression with its rooted paths placed."""
        if isinstance(e, Atom):
            return Atom(place(e.path, e.name), e.name)
        if isinstance(e, Op):
            return Op(e.op, View.expression(e.a, place), None if e.b is None else View.expression(e.b, place))
        return e
