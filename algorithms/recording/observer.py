"""Where one run of a program stands: its tick, whose turn it is, who looks, which line of the author's it is in."""

from __future__ import annotations

import inspect
import sys
import sysconfig
import traceback
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, NoReturn

import numpy as np

from algorithms.errors import AuthorError, did_you_mean
from algorithms.machine.state import Instance
from algorithms.machine.terms import Column, Operation
from algorithms.recording.asking import Rows
from algorithms.recording.branches import Turn
from algorithms.recording.memory import Memory
from algorithms.recording.proxies import HUB, Ref, Scalar
from algorithms.recording.refusals import text_of
from algorithms.recording.selections import Ask
from algorithms.recording.views import View
from algorithms.rooms import is_own
from algorithms.spec import Spec

__all__ = ["Observer", "Written"]

_MOST = 1000  # so many tests and writes are more than any turn has
_PYTHON = Path(sysconfig.get_path("stdlib"))
_HERE = {
    str(Path(__file__).with_name(f"{x}.py"))
    for x in ("asking", "branches", "observer", "proxies", "reads", "refusals", "selections", "views", "writes")
}


def _is_authors(file: str) -> bool:
    path = Path(file)
    return not is_own(file) and not path.is_relative_to(_PYTHON) and path.suffix == ".py"


class Written(NamedTuple):
    """A write of one step: register; row, or rows (k,); value, or values; source line; number of its loop, or 0;
    operation (None of a field)."""

    name: str
    rows: int | np.ndarray
    value: Any
    line: int
    loop: int
    operation: Operation | None


class Observer:
    """What is known of a run: which rows have their turn, what was tested, written and asked in this tick."""

    def __init__(self, spec: Spec, instance: Instance, recording):
        self.spec, self.instance, self.recording = spec, instance, recording
        self.hub_row = int(instance.hubs[0])
        self.types = {n: "field" for n in instance.fields if n != "phase"}
        self.types |= {n: "scalar" for n in {**instance.scalars, **instance.constants}}
        self.types |= {n: "pointer" for n in {**instance.pointers, **instance.static}}
        x = instance
        self.arrays = {**x.constants, **x.scalars, **x.static, **x.pointers, **x.fields}
        self.cells = {n: memoryview(a) for n, a in self.arrays.items()}
        self.values = {p.name: (*p.values, None) for p in spec.probes if p.register == "field"}  # the last: nil's
        self.owner = {p.name: p.kind for p in spec.probes}
        self.kind_of = [instance.kinds[k] for k in instance.kind.tolist()]
        self.belongs: dict[str, np.ndarray] = {}  # kind -> which rows are of it, or nil
        self.sound: dict[tuple, bool] = {}  # (what leads there, kind) -> are all targets of that kind, or nil?
        self.interned = recording.interned
        self.tick, self.loops, self.left_early = 0, 0, 0
        self.memory = Memory(recording.reached)
        self.failure: AuthorError | None = None  # the last, should the program catch it
        self.answers: list[list] = []  # of the loop's turns so far: of the i-th question, (rows' positions, ask)
        self.next_tick()

    def next_tick(self) -> None:
        self.tick += 1
        self.phase = self.instance.fields["phase"].item(self.hub_row)
        self.view = self.seen_by("hub")
        self.terms = self.view.terms
        self.turn = self.hub_turn = Turn(self.tick)
        self.control = self.hub_turn.own
        self.writes_made: list[Written] = []
        self.asks: list[Ask] = []
        self.asks_from: list[int] = []

    def tested(self) -> None:
        """One more test or write in this turn, which has an end."""
        self.turn.count += 1
        if self.turn.count > _MOST:
            self.fail(
                "goes on and on without a `yield`, until which registers keep what they hold; put one into the loop"
            )

    def start(self):
        rows: dict[str, Ref | Rows] = {"hub": Ref(self, self.hub_row, (HUB,), None)}
        for kind in self.instance.kinds:
            if kind != "hub":
                rows[kind + "s"] = Rows(self, kind)
        code = self.spec.program.__code__
        names = code.co_varnames[: code.co_argcount]
        unknown = [n for n in names if n not in rows]
        if unknown:
            raise AuthorError(
                f"{self.spec.name}: no rows {unknown[0]!r} for the program's parameter of that name"
                f"{did_you_mean(unknown[0], rows)}"
            )
        if not code.co_flags & inspect.CO_GENERATOR:
            raise AuthorError(f"{self.spec.name}: the program has no `yield`; put one where a step ends")
        return self.spec.program(**{n: rows[n] for n in names})

    # -------------------------------------------------------- where the program stands
    def frame(self) -> FrameType:
        """The author's."""
        frame = sys._getframe(1)
        while frame.f_code.co_filename in _HERE and frame.f_back is not None:
            frame = frame.f_back
        return frame

    def line(self) -> int:
        return self.frame().f_lineno

    def fail(self, message: str) -> NoReturn:
        frame = self.frame()
        self.failure = self.error(frame.f_code.co_filename, frame.f_lineno, message)
        raise self.failure

    def error(self, file: str, line: int | None, message: str) -> AuthorError:
        """With the line, and its file where that is not the program's own."""
        other = "" if file == self.spec.program.__code__.co_filename else f"{Path(file).name}, "
        return AuthorError(f"{self.spec.name}, {other}line {line}: {message}")

    def raised(self, e: Exception) -> AuthorError:
        """What a program raised that is none of ours."""
        theirs = [f for f in traceback.extract_tb(e.__traceback__) if _is_authors(f.filename)]
        if not theirs:
            return AuthorError(f"{self.spec.name}: {e}")
        message = str(e) if isinstance(e, AuthorError) else f"{type(e).__name__}: {e}"
        return self.error(theirs[-1].filename, theirs[-1].lineno, message)

    def fresh(self, proxy: Ref | Scalar) -> None:
        """What was read holds for its tick and, in a loop over rows, for its turn."""
        turn: Turn | None = self.turn
        while turn is not None:
            if turn is proxy._turn:
                return
            turn = turn.parent
        what = text_of(proxy)
        if proxy._turn.tick == self.tick:
            self.fail(f"uses {what} outside its own turn of the loop; all rows act at once, in no order")
        self.fail(f"uses {what}, read before the last `yield`; read it again, or keep it in a register")

    def seen_by(self, *who) -> View:
        """hub, loop and the kind of its rows, or select, relation, path of the asker, loop's kind, is it the key."""
        view = self.recording.views.get((self.phase, *who))
        if view is None:
            base, relation, asker, key = "", "", (), False
            if who[0] == "loop":
                base = who[1]
            elif who[0] == "select":
                relation, asker, base, key = who[1:]
            view = self.recording.views[self.phase, *who] = View(base, relation, asker, key)
        return view

    def look_from(self, *who) -> tuple:
        """From now on these look; returns the terms and view of before."""
        before = self.terms, self.view
        self.view = self.seen_by(*who)
        self.terms = self.view.terms
        return before

    def looks_at(self, group: str, column: Column) -> None:
        """A column is in the contexts of a group, in this phase."""
        self.recording.columns.setdefault(group, {}).setdefault(column, set()).add(self.phase)

    def is_new(self, frame) -> bool:
        """Is it the first time that the program gets here?"""
        key = frame.f_code, frame.f_lasti
        new = key not in self.recording.acted
        self.recording.acted.add(key)
        return new

    # -------------------------------------------------------- rows and numbers of a turn
    def lift(self, x: np.ndarray, turn: Turn | None, version: int):
        """An array of a turn, as the rows see it that now have theirs: those left of it, or the edges into them."""
        if turn is not None and turn.cuts:
            x = turn.shrink(x, version)
        if turn is not self.turn:
            place = self.turn.place
            return x[place] if type(place) is np.ndarray else x.item(place or 0)
        return x

    def inner(self, value, a: Turn | None, b: Turn | None) -> Turn | None:
        """The turn in which a value holds that was made of values of these two."""
        if type(value) is np.ndarray:
            return self.turn
        return a if b is None or (a is not None and a.depth >= b.depth) else b

    def agree(self, outcome):
        return self.turn.agree(outcome) if type(outcome) is np.ndarray else outcome

    def strange(self, row, owner: str, path: tuple, name: str) -> None:
        """No row may be, other than nil, of another kind than a register's owner."""
        if type(row) is int:
            if row < 0 or self.kind_of[row] == owner:
                return
        else:
            if owner not in self.belongs:
                self.belongs[owner] = np.append(self.instance.kind == self.instance.kinds.index(owner), True)
            belongs, last = self.belongs[owner], path[-1]
            if (last, owner) not in self.sound:  # of what is static it is known beforehand
                targets = self.instance.static.get(last)
                self.sound[last, owner] = targets is not None and bool(belongs[targets].all())
            if self.sound[last, owner] or not len(row):
                return
            fits = belongs[row]
            if fits.all() if self.view.key else self.turn.agree(fits):
                return
            row = int(row[0])
        self.fail(f"reads {name!r} of a {self.kind_of[row]} row, which is a register of {owner} rows")
