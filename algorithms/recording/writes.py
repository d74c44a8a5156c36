"""What one run of a program writes and selects, each checked and noted.

A turn (`branches.py`) may lose rows at any test, so what it writes and asks is kept with it and counts, when it
is done, for the rows that are still there.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np

from algorithms.errors import did_you_mean
from algorithms.machine.definition import plain
from algorithms.machine.program import RELATION
from algorithms.machine.terms import Equal, Head, Nil, Operation, Point, Set, path_text
from algorithms.recording.branches import Turn
from algorithms.recording.observer import Written
from algorithms.recording.proxies import BASE, SRC, Ref, Scalar, number_of
from algorithms.recording.reads import Reader
from algorithms.recording.refusals import text_of
from algorithms.recording.selections import Ask, add_up, choose, edges_into
from algorithms.recording.views import relative

__all__ = ["Recorder"]


class Recorder(Reader):
    """The state of one run: which rows have their turn, what was tested, written and asked in this tick."""

    # -------------------------------------------------------- writes
    def writes(self, ref: Ref, name: str, value) -> None:
        self.tested()
        row, path, turn, line = ref._now(), ref._path, self.turn, sys._getframe(2).f_lineno
        group = self.view.group if len(path) == 1 or turn.depth else self.kind_of[row]
        kind, numbers = self.terms.get((path, name, group)) or self.may_write(path, name, row, group)
        rest, op = path[1:], None
        if rest:
            if row < 0:
                self.fail(f"writes {path_text(rest, name)} through nil; test the pointer first")
            self.acts(group, skip=rest)
        if kind == "field":
            try:
                number = numbers[None if isinstance(value, Scalar | Ref) else value]
            except (KeyError, TypeError):  # a list cannot be looked up at all
                what = {Scalar: " is given a number, ", Ref: " is given a row, "}.get(type(value))
                given = f"{what}{text_of(value)}" if what else f" = {value!r}"
                self.fail(f"{name}{given}; its values are {list(numbers)}")
        elif kind == "pointer":
            if not (value is None or isinstance(value, Ref)):
                self.fail(f"{name} = {value!r}; a pointer takes a row or None")
            number, to = (-1, "nil") if value is None else (value._now(), value._path)
            key: tuple = group, rest, to
            op = self.terms.get(key)
            if op is None:
                op = Nil() if value is None else Point(self.target(rest, value._path))
                self.terms[key] = self.does(group, op)
        else:
            value = number_of(self, value)
            number, key = plain(value._now()), (group, rest, id(value._expr))
            op = self.terms.get(key)
            if op is None:
                op = self.terms[key] = self.does(group, Set(self.placed(value._expr, self.sight(rest))))
        if self.writes_made or turn.writes:
            self.agrees_with_others(name, path, row, number)
        if turn.depth:
            turn.writes.append((name, len(turn.cuts), number, line, op))
        else:
            self.writes_made.append(Written(name, row, number, line, 0, op))

    def may_write(self, path: tuple, name: str, row, group: str) -> tuple:
        """The type of the register that is written, if the program may; of a field, its values' numbers."""
        target, rest = (), path[1:]
        if self.view.relation:
            self.fail("writes inside a selection; a predicate or key only reads")
        if self.view.base and (path[0] != BASE or rest):
            self.fail(
                f"a node writes {path_text(rest, name)} of another row; only the hub writes remotely. "
                "Let that row read the change itself, in its own turn of the loop"
            )
        if not self.view.base and len(rest) > 1:
            self.fail(
                f"writes {path_text(rest, name)}: load {path_text(rest)} into a register of the hub, `yield`, write"
            )
        if rest:
            target = rest
            if row < 0:
                self.fail(f"writes {path_text(rest, name)} through nil; test the pointer first")
            self.looks_at(group, Equal(("hub", *target), ()))
        kind, probe = self.types.get(name), self.spec.by_name.get(name)
        if probe is None or probe.kind != group:
            if probe is not None:
                where = f"a register of {probe.kind} rows"
            elif kind or name in self.instance.relations:
                where = "a fixed part of the input"
            else:
                where = f"not declared{did_you_mean(name, self.spec.by_name)}"
            self.fail(f"writes {name!r} of a {group} row, which is {where}")
        self.recording.writes.setdefault(group, {})[(kind, name)] = True
        what = self.terms[path, name, group] = kind, {v: i for i, v in enumerate(probe.values)}
        return what

    def sight(self, rest: tuple):
        """How the row that is written sees a path: at the hub's pointer `rest`, or the one that looks."""
        return (lambda path: relative(path[1:], rest, ())) if rest else self.view.local

    def target(self, rest: tuple, value: tuple) -> tuple:
        path = self.sight(rest)(value)
        if any(p.startswith("@") for p in path[1:]):
            self.fail(f"reads the selection of another row, {path_text(path)}; let that row store it, `yield`, read")
        return self.check_hops(path, 2)

    def does(self, group: str, op: Operation) -> Operation:
        self.recording.operations.setdefault(group, {}).setdefault(op, self.line())
        return op

    def agrees_with_others(self, name: str, path: tuple, row, number) -> None:
        """A register has one next value: what else wrote it in this tick wrote the same."""
        turn = self.turn
        for other, version, given, *_ in turn.writes:
            if other == name and not np.all(_same(turn.shrink(given, version), number)):
                self._twice(name, path)
        for other, rows, given, _, loop, _ in self.writes_made:
            if other != name or (turn.depth and loop == self.loops):
                continue
            if type(row) is int and type(rows) is int:
                if row == rows and not _same(given, number):
                    self._twice(name, path)
            else:
                mine, theirs = np.atleast_1d(row), np.atleast_1d(rows)
                _, i, j = np.intersect1d(mine, theirs, return_indices=True)
                if not _same(np.broadcast_to(number, mine.shape)[i], np.broadcast_to(given, theirs.shape)[j]).all():
                    self._twice(name, path)

    def _twice(self, name: str, path: tuple) -> None:
        self.fail(f"writes {path_text(path[1:], name)} twice in one step, with different values; `yield` in between")

    def done(self, turn: Turn, rows: np.ndarray) -> None:
        """A turn of a loop is over: what it did holds for those left in it."""
        rows = rows.item(turn.at) if type(turn.at) is int else rows[turn.at]
        for name, version, number, line, op in turn.writes:
            self.writes_made.append(Written(name, rows, turn.shrink(number, version), line, self.loops, op))
        for version, ask in turn.asks:
            self.asks.append(ask.of(turn, version))
            self.asks_from.append(self.loops)

    def commit(self) -> None:
        for name, row, value, line, *_ in self.writes_made:
            if self.types[name] == "scalar" and np.any(value != value):
                self.recording.undefined.add((name, line))
            if type(row) is int:
                self.cells[name][row] = value
            else:
                self.arrays[name][row] = value

    # -------------------------------------------------------- selections
    def select(self, relation: str, receiver: Ref, key, where) -> Ref:
        v, ask = self.question(relation, receiver, lambda path, v: self.ask(relation, path, v, key, where))
        chosen = ask.chosen if type(v) is not int else ask.chosen.item(0)
        src = self.instance.relations[relation].src
        row = src.item(chosen) if type(chosen) is int else src[chosen]
        return Ref(self, row, (*receiver._path, "@" + ask.head), self.turn, (relation, chosen))

    def total(self, relation: str, receiver: Ref, key, where) -> Scalar:
        v, ask = self.question(relation, receiver, lambda path, v: self.add(relation, path, v, key, where))
        value = ask.chosen if type(v) is not int else ask.chosen.item(0)
        return Scalar(self, value, self.atom(receiver._path, "+" + ask.head), self.turn)

    def question(self, relation: str, receiver: Ref, ask_anew) -> tuple:
        """The row(s) that ask along a relation, and the answer; `ask_anew(path, rows)` finds it."""
        path, v, turn = receiver._path[1:], receiver._now(), self.turn
        if self.view.relation:
            self.fail("selects inside a selection; select first, keep the row in a register, `yield`, then test it")
        if turn.depth and (receiver._path[0] != BASE or path):
            self.fail("a node selects among its own neighbours only; let that row, or the hub, select")
        if len(path) > 1:
            self.fail(f"asks {path_text(path)} to select: load it into a register of the hub, `yield`, then ask")
        group = RELATION + relation
        self.acts(group, own=bool(turn.depth))
        if path and (group, path) not in self.terms:
            self.looks_at(group, Equal(("hub", *path), ("dst",)))
            self.terms[group, path] = True
        ask = self.answered(turn) if turn.depth else None
        if ask is None:
            ask = ask_anew(path, v)
            self.ask_once(ask.head, v)
            if type(turn.at) is np.ndarray:  # a loop's: some of the rows may leave, and come back
                while len(self.answers) <= len(turn.asks):
                    self.answers.append([])
                self.answers[len(turn.asks)].append((turn.at, ask))
        if turn.depth:
            turn.asks.append((len(turn.cuts), ask))
        else:
            self.asks.append(ask)
            self.asks_from.append(0)
        return v, ask

    def answered(self, turn: Turn) -> Ask | None:
        """The answer to what an earlier turn of the loop asked: rows that left it after that went the same way until
        then, and so ask the same."""
        if len(turn.asks) < len(self.answers):
            first = turn.at if type(turn.at) is int else turn.at.item(0)
            for at, ask in self.answers[len(turn.asks)]:
                i = at.searchsorted(first)
                if i < len(at) and at[i] == first:
                    return replace(ask, kept=np.atleast_1d(at.searchsorted(turn.at)))
        return None

    def ask(self, relation: str, path: tuple, v, key, where) -> Ask:
        """What row(s) v, to which this path leads, select."""
        turn, base = self.turn, self.view.base
        edges, place, ends = edges_into(self.instance, relation, v)
        before = self.terms, self.view
        try:
            expression = None
            if key is not None:
                self.look_from("select", relation, path, base, True)
                keys, expression = self.keys(key, relation, edges, place)
                if type(keys) is np.ndarray:
                    edges = edges[np.argsort(keys, kind="stable") if place is None else np.lexsort((keys, place))]
            head = self.head(relation, expression)
            self.look_from("select", relation, path, base, False)
            test = None if where is None else lambda at: self.truth(where(self.candidate(relation, edges, at)))
            chosen, stop = choose(self, turn, edges, place, ends, test)
        finally:
            self.turn, self.terms, self.view = turn, *before
        return Ask(head, v, chosen, edges, place, stop)

    def add(self, relation: str, path: tuple, v, key, where) -> Ask:
        """What the edges into row(s) v, to which this path leads, add up to."""
        turn, base = self.turn, self.view.base
        edges, place, ends = edges_into(self.instance, relation, v)
        before = self.terms, self.view
        try:
            self.look_from("select", relation, path, base, True)
            keys, expression = self.keys(key, relation, edges, place)
            head = self.head(relation, expression, total=True)
            self.look_from("select", relation, path, base, False)
            test = None if where is None else lambda at: self.truth(where(self.candidate(relation, edges, at)))
            sums, summed = add_up(self, turn, keys, len(edges), place, len(ends), test)
        finally:
            self.turn, self.terms, self.view = turn, *before
        return Ask(head, v, sums, edges, place, [], summed=summed)

    def truth(self, answer) -> bool:
        """What a predicate says of a candidate."""
        if isinstance(answer, bool | np.bool_ | Ref) or answer is None:  # None: a field, read through nil
            return bool(answer)
        what = "a number" if isinstance(answer, Scalar) else repr(answer)
        self.fail(f"`where` gives {what}, which is no truth; compare, as in `lambda v: v.color == 'grey'`")

    def candidate(self, relation: str, edges: np.ndarray, at) -> Ref:
        """The row at the other end of these edges, in the present turn."""
        src = self.instance.relations[relation].src
        if type(at) is int:
            e = edges.item(at)
            return Ref(self, src.item(e), (SRC,), self.turn, (relation, e))
        e = edges[at]
        return Ref(self, src[e], (SRC,), self.turn, (relation, e))

    def keys(self, key, relation: str, edges: np.ndarray, place) -> tuple:
        """The edges' keys, and the expression that they are."""
        everything = slice(None)
        outer = self.turn
        self.turn = Turn(self.tick, outer, everything, place)
        number = number_of(self, key(self.candidate(relation, edges, everything)))
        keys, e = number._now(), id(number._expr)
        expression = self.terms.get(e)
        if expression is None:
            expression = self.terms[e] = self.placed(number._expr, self.view.local)
        self.turn = outer
        if len(edges) and np.any(keys != keys):
            self.fail(f"the key {expression.text} is undefined for some candidate{self.undefined_since(expression)}")
        return keys, expression

    def undefined_since(self, expression) -> str:
        """The lines that gave NaN to what an expression reads."""
        read = {atom.name for atom in expression.atoms()}
        lines = sorted((name, line) for name, line in self.recording.undefined if name in read)
        given = "".join(f"; line {line} gave NaN to {name}" for name, line in lines)
        return f"{given or '; a register that is read is undefined'} (what is read through nil is): test for nil first"

    def head(self, relation: str, expression, total: bool = False) -> str:
        """The selection's (or total's) name, which is its relation's and its key's."""
        name = self.recording.names.get((relation, id(expression), total))
        if name is None:
            head = Head(relation, expression, total)
            name = self.recording.names[relation, id(expression), total] = head.name
            if self.recording.heads.setdefault(name, head) != head:
                self.fail(f"two keys have the name {name!r}; put one of them in a register, or write it in another way")
        return name

    def ask_once(self, head: str, v) -> None:
        """One row has one answer to a selection in a tick."""
        turn = self.turn
        again = any(ask.head == head for _, ask in turn.asks)
        for ask, loop in zip(self.asks, self.asks_from):
            if ask.head == head and not (turn.depth and loop == self.loops):
                again |= bool(np.isin(v, ask.receivers).any())
        if again:
            self.fail(f"asks the same row for the selection {head!r} twice in one step; `yield` in between")


def _same(a, b):
    """Equal, or both undefined."""
    return (a == b) | ((a != a) & (b != b))
