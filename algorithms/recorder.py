"""Runs an author's program and records what it reads, tests, selects and writes.

The program is a generator over proxies: `hub` (a row), `nodes` and perhaps `edges` (all rows of a kind). Between two
`yield`s everything is simultaneous: reads see the state before, writes are kept back and done together. The position
in the generator is the hub's `phase`.

    def program(hub, nodes):
        hub.source.color = "grey"                # a remote write: that node sees "the hub's source is me"
        yield "start"                            # the clock edge; the word names the phase
        while first(nodes, where=lambda v: v.color == "grey"):    # a selection, by the hub among all nodes
            for v in nodes:                      # a parallel step: the body runs at every node at once
                ...
            yield "spread"

`first` takes the first eligible neighbour in index order, `argmin` the one with the least key. What is eligible is for
the network to learn: the predicate serves this recorder alone.
"""

from __future__ import annotations

import dis
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from algorithms import proxies
from algorithms.errors import AuthorError, did_you_mean
from algorithms.machine import FUNCTIONS, RELATION, Group, Instance, Machine
from algorithms.proxies import BASE, HUB, SRC, Ref, Rows, Scalar, number_of, text_of
from algorithms.spec import HALT, START, Spec
from algorithms.terms import (
    Atom,
    Const,
    Eligible,
    Equal,
    FieldIs,
    Keep,
    Nil,
    NilTest,
    Op,
    Point,
    Set,
    head_name,
    path_text,
)

__all__ = ["Recording", "Run", "record"]

_HERE = {__file__, proxies.__file__}


@cache
def _yields(code) -> list[int]:
    """Lines of a function that yield, in source order."""
    starts, lines, line = dict(dis.findlinestarts(code)), set(), 0
    for i in dis.get_instructions(code):
        line = starts.get(i.offset) or line
        if i.opname == "YIELD_VALUE":
            lines.add(line)
    return sorted(lines)


@dataclass
class Recording:
    """What all runs of one program so far have shown of it."""

    spec: Spec
    columns: dict[str, dict] = field(default_factory=dict)  # group -> {column: source line}
    operations: dict[str, dict] = field(default_factory=dict)
    writes: dict[str, dict] = field(default_factory=dict)
    heads: dict[str, tuple] = field(default_factory=dict)
    phases: dict[str, int] = field(default_factory=lambda: {START: 0, HALT: 1})

    def machine(self) -> Machine:
        """The recorded machine. Columns and operations are in the order of their text: runs in another order agree."""
        domains = {p.name: [str(v) for v in p.values] for p in self.spec.probes if p.register == "field"}
        domains["phase"] = list(self.phases)
        groups = {}
        by_text = lambda terms: sorted(terms, key=lambda t: (type(t).__name__, t.text))
        for kind in sorted(set(self.writes) | {"hub"}):
            phase = FieldIs(() if kind == "hub" else ("hub",), "phase")
            columns = [phase, *by_text(set(self.columns.get(kind, ())) - {phase})]
            writes = sorted(self.writes.get(kind, ())) + ([("phase", "phase")] if kind == "hub" else [])
            ops = [Keep()]
            for register, name in writes:
                if register in ("field", "phase"):
                    ops += [Const(name, i) for i in range(len(domains[name]))]
            recorded = set(self.operations.get(kind, ()))
            if any(register == "pointer" for register, _ in writes):
                recorded.add(Nil())
            groups[kind] = Group(kind, columns, writes, ops + by_text(recorded), domains)
        for relation in sorted({r for r, _ in self.heads.values()}):
            name, phase = RELATION + relation, FieldIs(("hub",), "phase")
            columns = [phase, *by_text(set(self.columns.get(name, ())) - {phase})]
            heads = [("select", h) for h in sorted(self.heads) if self.heads[h][0] == relation]
            groups[name] = Group(name, columns, heads, [Eligible(False), Eligible(True)], domains)
        return Machine(self.spec.name, groups, domains, dict(sorted(self.heads.items())))


@dataclass
class Run:
    """One run. states: T + 1 snapshots (ints, floats); asks[t]: (head, receiver, chosen edge or -1, edges before it);
    lines[t]: (register, row, source line) of every write."""

    instance: Instance
    ticks: int = 0
    states: list = field(default_factory=list)
    asks: list = field(default_factory=list)
    lines: list = field(default_factory=list)


def record(spec: Spec, instance: Instance, recording: Recording, states: bool = True) -> Run:
    """Run the program on an instance, whose state it leaves as the final one. `states=False` keeps no snapshots.

    Raises AuthorError where the program asks for what the machine cannot do in one step.
    """
    r = Recorder(spec, instance, recording)
    run, phase = Run(instance), instance.fields["phase"]
    if states:
        run.states.append((instance.ints.copy(), instance.floats.copy()))
    generator = r.start()
    limit = 100 + 20 * spec.ticks(*instance.sizes[0])
    while True:
        try:
            label = next(generator)
            done = False
        except StopIteration:
            done = True
        if r.left_early:
            raise AuthorError(
                f"{spec.name}, line {r.left_early}: leaves a loop over rows, which is one step of all of them at once; "
                "select a row with `first`, or skip the body by a test"
            )
        name = HALT if done else r.position(generator, label)
        r.commit()
        phase[instance.hubs[0]] = recording.phases.setdefault(name, len(recording.phases))
        run.ticks += 1
        run.asks.append(r.asks)
        if states:
            run.states.append((instance.ints.copy(), instance.floats.copy()))
            run.lines.append(r.lines)
        if done:
            return run
        if run.ticks > limit:
            raise AuthorError(
                f"{spec.name}, line {generator.gi_frame.f_lineno}: {limit} ticks and no end; does the program halt, "
                "is its bound `ticks` right?"
            )
        r.next_tick()


class Recorder:
    """The state of one run: where the base is, what was read and written in this tick."""

    def __init__(self, spec: Spec, instance: Instance, recording: Recording):
        self.spec, self.instance, self.recording = spec, instance, recording
        self.hub_row = int(instance.hubs[0])
        self.types = {n: "field" for n in instance.fields if n != "phase"}
        self.types |= {n: "scalar" for n in {**instance.scalars, **instance.constants}}
        self.types |= {n: "pointer" for n in {**instance.pointers, **instance.static}}
        arrays = {**instance.constants, **instance.scalars, **instance.static, **instance.pointers, **instance.fields}
        self.cells = {n: memoryview(a) for n, a in arrays.items()}
        self.values = {p.name: p.values for p in spec.probes if p.register == "field"}
        self.owner = {p.name: p.kind for p in spec.probes}
        self.kind_of = [instance.kinds[k] for k in instance.kind]
        self.tick, self.iteration, self.base, self.edge, self.left_early = 0, 0, None, None, 0
        self.in_key = False
        self.next_tick()

    def next_tick(self) -> None:
        self.tick += 1
        self.pending, self.lines, self.asks, self.control, self.own = {}, [], [], {}, {}
        self.asked: set[tuple[str, int]] = set()

    def start(self):
        rows = {"hub": Ref(self, self.hub_row, (HUB,), None)}
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
    def position(self, generator, label) -> str:
        """The phase: yield sites of the generator and of those it yields from, outermost first."""
        parts, frame = [], None
        while generator is not None:
            if not inspect.isgenerator(generator):
                raise AuthorError(
                    f"{self.spec.name}, line {frame.f_lineno}: `yield from` takes a sub-program, a generator's call"
                )
            frame, inner = generator.gi_frame, generator.gi_yieldfrom
            if self.base is not None and inner is None:
                raise AuthorError(
                    f"{self.spec.name}, line {frame.f_lineno}: a `yield` inside a loop over rows, which is one step; "
                    "put it after the loop"
                )
            self._no_locals(frame)
            parts.append(self._site(frame, label if inner is None else None))
            generator = inner
        return "/".join(parts)

    def _site(self, frame, label) -> str:
        return f"{frame.f_code.co_name}.{label or _yields(frame.f_code).index(frame.f_lineno)}"

    def _no_locals(self, frame) -> None:
        code = frame.f_code
        parameters = code.co_varnames[: code.co_argcount]
        for name, value in frame.f_locals.items():
            if name not in parameters and isinstance(value, bool | int | float | str):
                raise AuthorError(
                    f"{self.spec.name}, line {frame.f_lineno}: the local {name!r} = {value!r} is held across `yield`, "
                    "where the machine forgets all but its registers; keep it in a register, or test it again"
                )

    def line(self) -> int:
        frame = sys._getframe(1)
        while frame.f_code.co_filename in _HERE:
            frame = frame.f_back
        return frame.f_lineno

    def fresh(self, proxy: Ref | Scalar) -> None:
        """What was read holds for its tick and, in a loop over rows, for its turn."""
        stamp = proxy._stamp
        if stamp is None or stamp == (self.tick, stamp[1] and self.iteration):
            return
        what = text_of(proxy)
        if stamp[0] == self.tick:
            self.fail(f"uses {what} outside its own turn of the loop; all rows act at once, in no order")
        self.fail(f"uses {what}, read before the last `yield`; read it again, or keep it in a register")

    def fail(self, message: str):
        raise AuthorError(f"{self.spec.name}, line {self.line()}: {message}")

    # -------------------------------------------------------- which group looks, and along which path
    @property
    def group(self) -> str:
        if self.edge is not None:
            return RELATION + self.edge[0]
        return "hub" if self.base is None else self.kind_of[self.base]

    def local(self, path: tuple) -> tuple:
        """A rooted path, as the row that now looks sees it."""
        root, rest = path[0], path[1:]
        if self.edge is not None:
            if root == HUB:
                return self.relative(rest, self.edge[1], ("dst",))
            return ("src" if root == SRC else "dst", *rest)
        return ("hub", *rest) if root == HUB and self.base is not None else rest

    @staticmethod
    def relative(rest: tuple, target: tuple, here: tuple) -> tuple:
        """A path from the hub, as seen from the row at `target` (a path from the hub of length 1, or none)."""
        return (*here, *rest[1:]) if target and rest[:1] == target else ("hub", *rest)

    def check_hops(self, path: tuple, limit: int, name: str = "") -> tuple:
        if len(path) > limit:
            self.fail(
                f"reads {path_text(path, name)}, a read of a read: a step sees a row's own registers and "
                f"those of the rows that its pointers hold, no further. Load {path_text(path[:2])} into "
                "a register, `yield`, then read it"
            )
        return path

    def expression(self, e, place: Callable):
        """An expression with its rooted paths placed."""
        if isinstance(e, Atom):
            return Atom(self.check_hops(place(e.path), 1, e.name), e.name)
        if isinstance(e, Op):
            return Op(e.op, self.expression(e.a, place), None if e.b is None else self.expression(e.b, place))
        return e

    # -------------------------------------------------------- what is recorded
    def tests(self, column) -> None:
        """A column enters the context of the row that now looks."""
        if self.in_key:
            self.fail(f"tests {column.text} inside a key, which only computes a number; test in `where`")
        columns = self.recording.columns.setdefault(self.group, {})
        if column not in columns:
            columns[column] = self.line()
        if self.edge is None:
            (self.control if self.base is None else self.own)[column] = True

    def acts(self, group: str, skip: tuple = (), own: bool = False) -> None:
        """Rows of a group act on what the hub decides in this tick: they see what it tested of its own registers;
        edges also what their receiver tested of its own."""
        columns = self.recording.columns.setdefault(group, {})
        seen = []
        for c in self.control:
            if isinstance(c, FieldIs) and not c.path:
                seen.append(FieldIs(("hub",), c.name))
            elif isinstance(c, NilTest) and len(c.path) == 1 and c.path != skip and not c.path[0].startswith("@"):
                seen.append(NilTest(("hub", *c.path)))
        if own:
            seen += [FieldIs(("dst",), c.name) for c in self.own if isinstance(c, FieldIs) and not c.path]
            for c in self.own:
                if isinstance(c, Equal) and () in (c.a, c.b) and all(p[:1] in ((), ("hub",)) for p in (c.a, c.b)):
                    seen.append(Equal(*sorted((p or ("dst",) for p in (c.a, c.b)), reverse=True)))
        for c in seen:
            if c not in columns:
                columns[c] = self.line()

    def writes(self, ref: Ref, name: str, value) -> None:
        target, rest = (), ref._path[1:]
        if self.edge is not None:
            self.fail("writes inside a selection; a predicate or key only reads")
        if self.base is not None and (ref._path[0] != BASE or rest):
            self.fail(
                f"a node writes {path_text(rest, name)} of another row; only the hub writes remotely. "
                "Let that row read the change itself, in its own turn of the loop"
            )
        if self.base is None and len(rest) > 1:
            self.fail(
                f"writes {path_text(rest, name)}: load {path_text(rest)} into a register of the hub, `yield`, write"
            )
        if ref._row < 0:
            self.fail(f"writes {path_text(rest, name)} through nil; test the pointer first")
        group = self.group if not rest else self.kind_of[ref._row]
        place = self.local
        if rest:
            target = rest
            place = lambda path: self.relative(path[1:], target, ())
            self.acts(group, skip=target)
            self.recording.columns[group].setdefault(Equal(("hub", *target), ()), self.line())
        kind = self.types.get(name)
        probe = self.spec.by_name.get(name)
        if probe is None or probe.kind != group:
            if probe is not None:
                where = f"a register of {probe.kind} rows"
            elif kind or name in self.instance.relations:
                where = "a fixed part of the input"
            else:
                where = f"not declared{did_you_mean(name, self.spec.by_name)}"
            self.fail(f"writes {name!r} of a {group} row, which is {where}")
        if kind == "field":
            if isinstance(value, Scalar | Ref):
                what = "a number" if isinstance(value, Scalar) else "a row"
                self.fail(f"{name} is given {what}, {text_of(value)}; its values are {list(probe.values)}")
            if value not in probe.values:
                self.fail(f"{name} = {value!r}; its values are {list(probe.values)}")
            number = probe.values.index(value)
        elif kind == "pointer":
            op, number = Nil(), -1
            if value is not None:
                if not isinstance(value, Ref):
                    self.fail(f"{name} = {value!r}; a pointer takes a row or None")
                value._fresh()
                path = place(value._path)
                if any(p.startswith("@") for p in path[1:]):
                    self.fail(
                        f"reads the selection of another row, {path_text(path)}; let that row store it, `yield`, read"
                    )
                op, number = Point(self.check_hops(path, 2)), value._row
            self.recording.operations.setdefault(group, {}).setdefault(op, self.line())
        else:
            value = number_of(self, value)
            value._fresh()
            op, number = Set(self.expression(value._expr, place)), value._value
            self.recording.operations.setdefault(group, {}).setdefault(op, self.line())
        before = self.pending.get((name, ref._row), number)
        if before != number and (before == before or number == number):  # not both undefined
            self.fail(f"writes {path_text(rest, name)} twice in one step, with different values; `yield` in between")
        self.recording.writes.setdefault(group, {})[(kind, name)] = True
        self.pending[name, ref._row] = number
        self.lines.append((name, ref._row, self.line()))

    def commit(self) -> None:
        for (name, row), value in self.pending.items():
            self.cells[name][row] = value

    # -------------------------------------------------------- selections
    def select(self, relation: str, receiver: Ref, key, where) -> Ref:
        receiver._fresh()
        rows = self.instance.relations[relation]
        path, v = receiver._path[1:], receiver._row
        if self.edge is not None:
            self.fail("selects inside a selection; select first, keep the row in a register, `yield`, then test it")
        if self.base is not None and (receiver._path[0] != BASE or path):
            self.fail("a node selects among its own neighbours only; let that row, or the hub, select")
        if len(path) > 1:
            self.fail(f"asks {path_text(path)} to select: load it into a register of the hub, `yield`, then ask")
        self.acts(RELATION + relation, own=self.base is not None)
        edges = range(rows.ptr[v], rows.ptr[v + 1]) if v >= 0 else range(0)
        self.edge = (relation, path)
        try:
            if path:
                self.recording.columns[RELATION + relation].setdefault(Equal(("hub", *path), ("dst",)), self.line())
            expression, order = None, edges
            if key is not None:
                self.in_key = True
                expression = self.expression(number_of(self, key(self._candidate(relation, -1)))._expr, self.local)
                self.in_key = False
                source = f"lambda r: {expression.source(relation)}"
                ids = np.arange(edges.start, edges.stop)
                keys = eval(source, FUNCTIONS | self.instance.namespace({}))(ids) if len(ids) else ids
                keys = np.broadcast_to(keys, ids.shape)
                order = ids[np.argsort(keys, kind="stable")].tolist()
                if np.isnan(keys).any():
                    self.fail(f"the key {expression.text} is undefined for some candidate")
            head = head_name(relation, expression)
            if self.recording.heads.setdefault(head, (relation, expression)) != (relation, expression):
                self.fail(f"two keys have the name {head!r}; put one of them in a register, or write it in another way")
            chosen, before = -1, []
            for e in order:
                if where is None or where(self._candidate(relation, e)):
                    chosen = e
                    break
                before.append(e)
        finally:
            self.edge = None
        if (head, v) in self.asked:
            self.fail(f"asks the same row for the selection {head!r} twice in one step; `yield` in between")
        self.asked.add((head, v))
        self.asks.append((head, v, chosen, before))
        return Ref(self, int(rows.src[chosen]), (*receiver._path, "@" + head), self._stamp(), (relation, chosen))

    def _candidate(self, relation: str, e: int) -> Ref:
        return Ref(self, int(self.instance.relations[relation].src[e]), (SRC,), self._stamp(), (relation, e))

    def _stamp(self):
        return (self.tick, self.iteration if self.base is not None else 0)
