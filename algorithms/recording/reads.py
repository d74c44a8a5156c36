"""What one run of a program reads and tests, each checked and noted. What it does is in `writes.py`."""

from __future__ import annotations

import linecache
import re

from algorithms.errors import did_you_mean
from algorithms.machine.terms import (
    Atom,
    Column,
    Equal,
    FieldIs,
    NilTest,
    Number,
    Op,
    Orientation,
    Sign,
    path_text,
)
from algorithms.recording.asking import instruction
from algorithms.recording.observer import Observer
from algorithms.recording.proxies import BASE, HUB, SRC, Ref
from algorithms.recording.views import View

__all__ = ["Reader"]


class Reader(Observer):
    """A run, and what its rows look at."""

    # -------------------------------------------------------- loops over rows
    def begins_loop(self, kind: str) -> tuple:
        """From now on the rows of a kind look, all of them at once; returns what `ends_loop` takes."""
        self.recording.columns.setdefault(kind, {})
        self.acts(kind)
        self.loops, self.answers = self.loops + 1, []
        return self.look_from("loop", kind)

    def ends_loop(self, outside: tuple) -> None:
        self.turn, self.terms, self.view = self.hub_turn, *outside

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
