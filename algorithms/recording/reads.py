"""What one run of a program reads and tests, each checked and noted. What it does is in `writes.py`."""

from __future__ import annotations

import inspect
import linecache
import re
import sys
import sysconfig
import traceback
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, NoReturn

import numpy as np

from algorithms.errors import AuthorError, did_you_mean
from algorithms.machine.state import Instance
from algorithms.machine.terms import (
    Atom,
    Column,
    Equal,
    FieldIs,
    NilTest,
    Number,
    Op,
    Operation,
    Orientation,
    Sign,
    path_text,
)
from algorithms.recording.asking import Rows, instruction
from algorithms.recording.branches import Turn
from algorithms.recording.memory import Memory
from algorithms.recording.proxies import BASE, HUB, SRC, Ref, Scalar
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
    for x in ("asking", "branches", "proxies", "reads", "refusals", "selections", "views", "writes")
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

    def begins_loop(self, kind: str) -> tuple:
        """From now on the rows of a kind look, all of them at once; returns what `ends_loop` takes."""
        self.recording.columns.setdefault(kind, {})
        self.acts(kind)
        self.loops, self.answers = self.loops + 1, []
        return self.look_from("loop", kind)

    def ends_loop(self, outside: tuple) -> None:
        self.turn, self.terms, self.view = self.hub_turn, *outside

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

    # -------------------------------------------------------- terms, each made once
    def number(self, value: float) -> Number:
        key = repr(value)
        return self.interned.get(key) or self.interned.setdefault(key, Number(value))

    def operation(self, op: str, a, b) -> Op:
        key = op, id(a), id(b)
        return self.interned.get(key) or self.interned.setdefault(key, Op(op, a, b))

    def atom(self, path: tuple, name: str) -> Atom:
        key = "atom", path, name
        return self.interned.get(key) or self.interned.setdefault(key, Atom(path, name))

    def reads(self, ref: Ref, name: str) -> tuple:
        """What a register or relation of a row is: (kind, what it is known by, kind of rows it must be of, is it a test
        of a row and not of an edge, which concerns no other)."""
        path, row, kind, owner = ref._path, ref._now(), self.types.get(name), self.owner.get(name)
        if name == "weight" and (path[-1] == SRC or path[-1].startswith("@")):
            what: tuple = "weight", self.atom(path, name), None
        else:
            if owner:
                self.strange(row, owner, path, name)
            if path in ((HUB,), (BASE,)):
                owner = None  # all of one kind
            if kind == "pointer":
                what = kind, (*path, name), owner
            elif kind == "scalar":
                what = kind, self.atom(path, name), owner
            elif kind == "field":
                what = kind, self.tests(FieldIs(self.check_hops(self.view.local(path), 1, name), name)), owner
            elif name in self.instance.relations:
                what = "relation", name, owner
            else:
                known = [*self.types, *self.instance.relations]
                self.fail(f"no register or relation {name!r}{did_you_mean(name, known)}")
        self.terms[path, name] = what = (*what, not self.view.relation)
        return what

    def check_hops(self, path: tuple, limit: int, name: str = "") -> tuple:
        if len(path) > limit:
            self.fail(
                f"reads {path_text(path, name)}, a read of a read: a step sees a row's own registers and "
                f"those of the rows that its pointers hold, no further. {self.load(path, name)}"
            )
        return path

    def load(self, path: tuple, name: str) -> str:
        """How to read in two steps what is too far for one; path: as the row sees it that now looks."""
        name = name or "…"
        if path[0] == "hub" and self.view.group != "hub":  # the hub's own pointer is a register already
            where = path_text(path, name)
            if self.types.get(name) == "field":
                return f"Let the hub test {where}, with a named `yield` in each branch"
            return f"Let the hub load it: `hub.y = {where}`, `yield`, then read hub.y"
        if path[0] in ("src", "dst"):
            kind = "the candidate" if path[0] == "src" else "the row that asks"
            return f"Let {kind} load it, in a loop over all rows: `v.y = {path_text(path[1:], name)}`, `yield`, read y"
        who = "hub" if self.view.group == "hub" else "v"
        return (
            f"Load {who}.{path_text(path[:2])} into a register, `{who}.y = {who}.{path_text(path[:2])}`, `yield`, "
            f"then read {who}.y.{path_text(path[2:], name)}"
        )

    def placed(self, e, place):
        """An expression with its rooted paths placed, none of them too long."""

        def checked(path: tuple, name: str) -> tuple:
            path = self.check_hops(place(path), 1, name)
            if path and name.startswith("+"):
                self.fail("uses a total of another row; let that row store it, `yield`, read")
            return path

        return View.expression(e, checked)

    # -------------------------------------------------------- tests
    def tests(self, column):
        """A column enters the context of the row that now looks."""
        if self.view.key:
            self.fail(f"tests {column.text} inside a key, which only computes a number; test in `where`")
        column = self.interned.setdefault(column, column)
        self.looks_at(self.view.group, column)
        return column

    def compares(self, a, b) -> None:
        self.tested()
        key = id(a), id(b)
        column = self.terms.get(key)
        if column is None:
            if any(atom.name.startswith("+") for atom in (*a.atoms(), *b.atoms())):
                self.fail("tests a total; store it in a register, `yield`, then test it")
            frame = self.frame()
            called = re.search(
                r"\b(min|max|sort|sorted)\(", linecache.getline(frame.f_code.co_filename, frame.f_lineno)
            )
            if called and instruction(frame).startswith("CALL"):
                self.fail(f"compares numbers within `{called[1]}`; use `minimum(a, b)`, `maximum(a, b)` or `argmin`")
            x, y = self.placed(a, self.view.local), self.placed(b, self.view.local)
            column = self.terms[key] = self.tests(Sign(x, y) if x.text <= y.text else Sign(y, x))
        if not self.view.relation:
            self.turn.own[id(column)] = column

    def tests_nil(self, path: tuple) -> None:
        self.tested()
        column = self.terms.get(path)
        if column is None:
            local = self.view.local(path)
            if not local:
                return
            column = self.terms[path] = self.tests(NilTest(self.check_hops(local, 2)))
        if not self.view.relation:
            self.turn.own[id(column)] = column

    def tests_equal(self, path: tuple, other: tuple) -> None:
        self.tested()
        key = path, other, "=="
        column = self.terms.get(key)
        if column is None:
            a, b = (self.check_hops(self.view.local(p), 2) for p in (path, other))
            column = self.terms[key] = self.tests(Equal(*sorted((a, b), reverse=True)))
        if not self.view.relation:
            self.turn.own[id(column)] = column

    def tests_orientation(self, *paths: tuple) -> None:
        key = *paths, "orientation"
        column = self.terms.get(key)
        if column is None:
            local = (self.check_hops(self.view.local(p), 2) for p in paths)
            column = self.terms[key] = self.tests(Orientation(*local))
        if not self.view.relation:
            self.turn.own[id(column)] = column

    def acts(self, group: str, skip: tuple = (), own: bool = False) -> None:
        """Rows of a group act on what the hub decides in this tick: they see what it tested of its own registers;
        edges also what their receiver tested of its own."""
        key = self.phase, group, skip, *self.control, own and tuple(self.turn.own)
        if key in self.recording.acted:
            return
        self.recording.columns.setdefault(group, {})
        seen: list[Column] = []
        for c in self.control.values():
            if isinstance(c, FieldIs) and not c.path:
                seen.append(FieldIs(("hub",), c.name))
            elif isinstance(c, NilTest) and len(c.path) == 1 and c.path != skip and not c.path[0].startswith("@"):
                seen.append(NilTest(("hub", *c.path)))
        if own:
            tested = self.turn.own.values()
            seen += [FieldIs(("dst",), c.name) for c in tested if isinstance(c, FieldIs) and not c.path]
            for c in tested:
                if isinstance(c, Equal) and () in (c.a, c.b) and all(p[:1] in ((), ("hub",)) for p in (c.a, c.b)):
                    seen.append(Equal(*sorted((p or ("dst",) for p in (c.a, c.b)), reverse=True)))
        for c in seen:
            self.looks_at(group, c)
        self.recording.acted.add(key)
