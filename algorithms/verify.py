"""Is a machine one of its algorithm? Every place, value and name in it is looked up in what the algorithm declares.

A machine that was read from a file is executed only after this: its terms become source, and tables. What may stand in
it is known before: registers and phases from the spec; relations, static pointers and scalars from what the structure
lays out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from algorithms.errors import MachineError
from algorithms.machine.program import RELATION, Group, Machine
from algorithms.machine.terms import (
    Atom,
    Const,
    Eligible,
    Equal,
    FieldIs,
    Head,
    Keep,
    Nil,
    NilTest,
    Number,
    Op,
    Orientation,
    Point,
    Set,
    Sign,
)
from algorithms.spec import Spec

__all__ = ["verify"]

_DEEPEST = 16  # of expressions
_TYPES = ("field", "scalar", "pointer")
_POSITION = {"at_x", "at_y", "rest_x", "rest_y"}  # what `Orientation` reads


def verify(spec: Spec, machine: Machine) -> Machine:
    """The machine, where it is one of this algorithm: its places, arities, domains, registers, operations, heads and
    relations are.

    Raises MachineError, which names what is not.

    >>> import algorithms
    >>> from algorithms.recording.record import Recording
    >>> from algorithms.verify import verify
    >>> bfs = algorithms.get("bfs")
    >>> verify(bfs, Recording(bfs).machine()).name
    'bfs'
    """
    return _Verifier(spec, machine).run()


@dataclass
class _Seen:
    """Who looks: the kinds of rows at the places where a path may start, `""` the row itself."""

    where: str
    starts: dict[str, set[str]]
    relation: str = ""


class _Verifier:
    def __init__(self, spec: Spec, machine: Machine):
        self.spec, self.machine = spec, machine
        laid_out = spec.structure.examples(spec)
        self.kinds = spec.structure.kinds
        self.relations: dict[str, tuple[set[str], set[str]]] = {}
        for x in laid_out:
            for name, r in x.relations.items():
                ends = self.relations.setdefault(name, (set(), set()))
                for kinds, rows in zip(ends, (r.src[:-1], r.dst[:-1])):
                    kinds |= {x.kinds[k] for k in x.kind[rows].tolist()}
        probes = {register: {p.name: {p.kind} for p in spec.probes if p.register == register} for register in _TYPES}
        anywhere = set(self.kinds)
        self.fields = {**probes["field"], "phase": {"hub"}}
        self.scalars = {**dict.fromkeys((n for x in laid_out for n in x.constants), anywhere), **probes["scalar"]}
        self.pointers = {**dict.fromkeys((n for x in laid_out for n in x.static), anywhere), **probes["pointer"]}
        self.domains = {p.name: [str(v) for v in p.values] for p in spec.probes if p.register == "field"}
        self.domains["phase"] = list(spec.phases)

    def run(self) -> Machine:
        m = self.machine
        self.need(m.name == self.spec.name, "machine", f"is named {m.name!r}")
        self.need(m.domains == self.domains, "domains", "are not those of its registers and phases")
        self.need(isinstance(m.heads, dict) and "hub" in m.groups, "machine", "has no group of the hub")
        for name, head in m.heads.items():
            self.head(name, head)
        relations = {RELATION + head.relation for head in m.heads.values()}
        for name in relations | m.groups.keys():
            self.need(name in m.groups, name, "is selected from, and has no group")
            self.group(name, m.groups[name], name in relations)
        return m

    def need(self, true: bool, where: str, what: str) -> None:
        if not true:
            raise MachineError(f"{self.spec.name}: {where}: {what}")

    def head(self, name: str, head) -> None:
        where = f"head {name}"
        self.need(isinstance(head, Head) and isinstance(head.total, bool), where, "is no head")
        known = isinstance(head.relation, str) and head.relation in self.relations
        self.need(known, where, f"{head.relation!r} is no relation")
        if head.key is not None:
            self.expression(head.key, self.of_edges(where, head.relation))
        self.need(head.key is not None or not head.total, where, "is a total of nothing")
        self.need(name == head.name, where, f"is called {head.name}")

    def of_edges(self, where: str, relation: str) -> _Seen:
        senders, receivers = self.relations[relation]
        return _Seen(where, {"src": senders, "dst": receivers, "hub": {"hub"}}, relation)

    # -------------------------------------------------------- groups
    def group(self, name: str, group: Group, of_edges: bool) -> None:
        self.need(group.name == name, name, f"is named {group.name!r}")
        self.need(of_edges or name in self.kinds, name, "is no kind of its rows, and nothing is selected from it")
        seen = self.of_edges(name, name.removeprefix(RELATION)) if of_edges else _Seen(name, {"": {name}})
        phase = FieldIs(() if name == "hub" else ("hub",), "phase")
        self.need(group.columns[:1] == [phase], name, "does not read the phase first")
        for place, column in enumerate(group.columns):
            self.column(column, seen)
            self.need(column not in group.columns[:place], name, f"reads {column.text} twice")
        looks, every = group.looks, range(len(group.columns))
        self.need(
            looks is not None
            and len(looks) == len(self.spec.phases)
            and all(seen[:1] == (0,) and list(seen) == [c for c in every if c in seen] for seen in looks),
            name, "does not say of each phase what is looked at",
        )  # fmt: skip
        registers = set(group.registers)
        self.need(len(registers) == len(group.registers), name, "has a register twice")
        if of_edges:
            heads = {("select", h) for h, head in self.machine.heads.items() if head.relation == seen.relation}
            self.need(registers == heads, name, "does not select what its heads do")
            self.need(group.operations == [Eligible(False), Eligible(True)], name, "selects by other operations")
            return
        for register in group.registers:
            known = [(p.register, p.name) for p in self.spec.registers(name)]
            self.need(register in known or (name, register) == ("hub", ("phase", "phase")), name, f"writes {register}")
        self.need(name != "hub" or ("phase", "phase") in registers, name, "does not write the phase")
        self.operations(name, group, seen)

    def operations(self, name: str, group: Group, seen: _Seen) -> None:
        self.need(group.operations[:1] == [Keep()], name, "has no `keep` first")
        fields = [n for register, n in group.registers if register in ("field", "phase")]
        consts = {Const(n, i) for n in fields for i in range(len(self.domains[n]))}
        for place, op in enumerate(group.operations):
            if isinstance(op, Const):
                self.need(type(op.value) is int and op in consts, name, f"gives {op.name} the value {op.value}")
            elif isinstance(op, Point):
                self.path(op.path, seen)
            elif isinstance(op, Set):
                self.expression(op.value, seen)
            else:
                self.need(isinstance(op, Keep | Nil), name, f"{op!r} is no operation of rows")
            self.need(op not in group.operations[:place], name, f"has the operation {op.text} twice")
        self.need(consts <= set(group.operations), name, "cannot give a field each of its values")

    # -------------------------------------------------------- terms
    def column(self, column, seen: _Seen) -> None:
        if isinstance(column, FieldIs):
            self.place(column.path, column.name, self.fields, seen)
        elif isinstance(column, NilTest):
            self.path(column.path, seen)
        elif isinstance(column, Equal):
            self.path(column.a, seen)
            self.path(column.b, seen)
        elif isinstance(column, Sign):
            self.expression(column.a, seen)
            self.expression(column.b, seen)
        elif isinstance(column, Orientation):
            for path in column.paths:
                self.path(path, seen)
            self.need(self.scalars.keys() >= _POSITION, seen.where, "its rows have no position")
        else:
            self.need(False, seen.where, f"{column!r} is nothing that can be tested")

    def path(self, path, seen: _Seen, longest: int = 2) -> set[str]:
        """Raises where a path cannot be gone; the kinds of the row that it leads to."""
        right = isinstance(path, tuple) and all(isinstance(p, str) for p in path)
        self.need(right and len(path) <= longest, seen.where, f"{path!r} is no path of at most {longest} pointers")
        at, rest = ("", path) if "" in seen.starts else (path[:1] or ("",), path[1:])
        at = at if isinstance(at, str) else at[0]
        self.need(at in seen.starts, seen.where, f"{path!r} starts nowhere")
        kinds = seen.starts[at]
        for pointer in rest:
            if pointer.startswith("@"):
                senders, receivers = self.asked(pointer, False, seen)
                self.need(bool(kinds & receivers), seen.where, f"{path!r}: such a row selects nothing")
                kinds = senders
            else:
                self.need(pointer in self.pointers, seen.where, f"{pointer!r} is no pointer")
                self.need(bool(kinds & self.pointers[pointer]), seen.where, f"{path!r}: such a row has no {pointer}")
                kinds = {"hub"} if pointer == "hub" else set(self.kinds)
        return kinds

    def place(self, path, name, known: dict[str, set[str]], seen: _Seen) -> None:
        """A register or constant at the end of a path."""
        kinds = self.path(path, seen, 1)
        self.need(isinstance(name, str) and name in known, seen.where, f"nothing to read is called {name!r}")
        self.need(bool(kinds & known[name]), seen.where, f"{'.'.join((*path, name))} is on no row that is there")

    def expression(self, e, seen: _Seen, depth: int = 0) -> None:
        self.need(depth <= _DEEPEST, seen.where, "an expression is too deep")
        if isinstance(e, Atom):
            self.atom(e, seen)
        elif isinstance(e, Op):
            fits = e.op in ("+", "-", "*", "minimum", "maximum") if e.b is not None else e.op == "abs"
            self.need(fits, seen.where, f"{e.op!r} is no operation of {1 + (e.b is not None)} numbers")
            self.expression(e.a, seen, depth + 1)
            if e.b is not None:
                self.expression(e.b, seen, depth + 1)
        else:
            number = isinstance(e, Number) and type(e.value) is float and not math.isnan(e.value)
            self.need(number, seen.where, f"{e!r} is no number")

    def atom(self, atom: Atom, seen: _Seen) -> None:
        self.need(isinstance(atom.name, str), seen.where, f"{atom.name!r} is no name")
        if atom.name.startswith("+"):
            receivers = self.asked(atom.name, True, seen)[1]
            self.need(bool(self.path(atom.path, seen, 1) & receivers), seen.where, f"{atom.text}: on no row")
        elif atom.name == "weight" and (atom.path == ("src",) if seen.relation else "@" in "".join(atom.path[-1:])[:1]):
            self.path(atom.path, seen, 1)
        else:
            self.place(atom.path, atom.name, self.scalars, seen)

    def asked(self, name: str, total: bool, seen: _Seen) -> tuple[set[str], set[str]]:
        """The kinds of the rows at both ends of what a head, `@name` or `+name`, looks along."""
        head = self.machine.heads.get(name[1:])
        readable = head is not None and head.total == total and not seen.relation
        self.need(readable, seen.where, f"{name!r} is asked for by nothing that can be read here")
        return self.relations[self.machine.heads[name[1:]].relation]
