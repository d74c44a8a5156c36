"""The learned step, iterated on one graph until the network halts it.

Only what can have changed is looked at again. The code of a row's context is a sum of three parts: what the row reads
of itself and its neighbours (kept, and renewed when one of those registers is written), what it reads of the hub (the
same for all rows, found anew each tick), and the bits "the hub points at me" (of the few rows it points at). Rows with
the same kept part form a class; a class whose decision is *keep* is passed over whole. Edges are treated as rows are.

The sources of contexts and operations are those that traces are read with (`algorithms.terms`), evaluated on single
rows or on arrays of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from algorithms.machine import FUNCTIONS, RELATION, Group, Instance
from algorithms.terms import Const
from neural_exec.policy import Policy
from neural_exec.wake import FEW, EdgeRows, Rows, reads

__all__ = ["CAP", "Engine", "cap_of", "execute"]

CAP = 2  # a run may take this many times the author's bound on ticks, and a few


def cap_of(instance: Instance, graph: int = 0) -> int:
    """How many ticks a graph's run may take."""
    return CAP * instance.spec.ticks(*instance.sizes[graph]) + 8


class Engine:
    """Executes a policy on an instance of one graph, in place.

    met: group -> the contexts met in this run, with the network's decisions. wake_all: look at everything at every
    tick (slow; the results are the same).
    """

    def __init__(self, policy: Policy, instance: Instance, wake_all: bool = False):
        self.policy, self.instance, self.wake_all = policy, instance, wake_all
        machine, self.hub = policy.machine, int(instance.hubs[0])
        self.phase = memoryview(instance.fields["phase"])
        self.ticks = 0
        self.halt = machine.halt()
        self.selected = {h: np.full(instance.size + 1, -1) for h, head in machine.heads.items() if not head.total}
        self.totals = {h: np.zeros(instance.size + 1) for h, head in machine.heads.items() if head.total}
        arrays = instance.namespace(machine.heads, self.selected, self.totals)
        self.arrays = FUNCTIONS | arrays
        self.cells = FUNCTIONS | {n: memoryview(a) for n, a in arrays.items()}
        self.met: dict[str, dict] = {g: {} for g in machine.groups}
        self.kind = instance.kind.tolist()
        self.rows, self.relations = {}, {}
        for name, group in machine.groups.items():
            if group.relation:
                relation = instance.relations[group.relation]
                if len(relation):
                    members = np.arange(len(relation))
                    self.relations[name] = EdgeRows(group, members, relation, self, machine)
            elif name != "hub" and len(instance.rows(name)):
                self.rows[name] = Rows(group, instance.rows(name), instance.size, self.cells, self.arrays)
        self.hub_code = eval(f"lambda r: {machine.groups['hub'].code_source()}", self.cells)
        self.operations = {g: self._operations(group) for g, group in machine.groups.items() if not group.relation}
        self.dependents: dict[str, list[Callable]] = {}
        self._depend()

    def _operations(self, group: Group) -> dict:
        """(register, operation) places -> (register name, its cells, its array, value for a row, value for rows)."""
        out = {}
        for r, (_, name) in enumerate(group.registers):
            array = self.instance.register(name)
            for o in np.flatnonzero(group.valid[r]).tolist():
                op = group.operations[o]
                source = str(op.value) if isinstance(op, Const) else getattr(op, "source", lambda: "None")()
                few, many = (eval(f"lambda r: {source}", names) for names in (self.cells, self.arrays))
                out[r, o] = (name, memoryview(array), array, few, many)
        return out

    # -------------------------------------------------------- who has to be looked at again after which write
    def _depend(self) -> None:
        add = lambda register, mark: self.dependents.setdefault(register, []).append(mark)
        for rows in self.rows.values():
            for register, way in reads(rows.local):
                add(register, self._marker(rows, way))
        for rows in self.relations.values():
            for register, way in reads(rows.local):
                add(register, rows.marker(way))
            for key in rows.keys:
                for atom in key.atoms() if key is not None else ():
                    if atom.name != "weight" or atom.path != ("src",):
                        add(atom.name, rows.key_marker(atom.path[0]))

    def _marker(self, rows: Rows, way: tuple) -> Callable:
        """A function of written rows that marks those of `rows` which see them along `way`."""
        if not way:
            return lambda few, many: (rows.few.extend(few), rows.many.extend(many))
        if way[0] == "hub":

            def mark(few, many):
                if self.hub in few or any((m == self.hub).any() for m in many):
                    rows.many.append(rows.members)

            return mark
        if way[0].startswith("@"):
            relation = self.relations.get(RELATION + self.policy.machine.heads[way[0][1:]].relation)

            def mark(few, many):
                if relation is not None:
                    for y in few:
                        rows.many.append(relation.dst[relation.edges_from(y)])
                    rows.many.extend(relation.dst[relation.edges_from_all(m)] for m in many)

            return mark
        pointer = self.arrays[f"P_{way[0]}"]

        def mark(few, many):
            for y in few:
                rows.many.append(np.flatnonzero(pointer[:-1] == y))
            rows.many.extend(np.flatnonzero(np.isin(pointer[:-1], m)) for m in many)

        return mark

    # -------------------------------------------------------- one tick
    def tick(self) -> None:
        """One step of the machine, as the network decides it."""
        if self.wake_all:
            for rows in (*self.rows.values(), *self.relations.values()):
                rows.many.append(rows.members)
        for name, relation in self.relations.items():
            relation.select(self, name)
        singles, arrays = [], []
        for name, rows in self.rows.items():
            self._decide(name, rows, singles, arrays)
        self._apply("hub", self.hub, self.decision("hub", self.hub_code(self.hub)), singles)
        self._commit(singles, arrays)
        self.ticks += 1

    @property
    def halted(self) -> bool:
        return self.phase[self.hub] == self.halt

    def decision(self, group: str, code: int):
        """The network's decision for a context."""
        met = self.met[group]
        if code not in met:
            answers = self.policy.answers[group]
            if code not in answers:
                self.policy.ask(group, [code])
            met[code] = answers[code]
        return met[code]

    def live_classes(self, name: str, rows: Rows, hub_part: int, pointed: list[int]) -> list[tuple[int, object]]:
        """Classes of rows that do something (or of edges that may be selected) where the hub does not point at them.

        pointed: the classes of the rows it points at; a class that holds no others is left out."""
        here = rows.count
        if pointed:
            left = dict(here)
            for code in pointed:
                left[code] -= 1
            here = {code: n for code, n in left.items() if n}
        if len(here) == len(rows.count):
            version, live = rows.live.get(hub_part, (-1, None))
            if version == rows.version:
                return live
        live = [(code, d) for code in here if (d := self.decision(name, code + hub_part))]
        if len(here) == len(rows.count):
            rows.live[hub_part] = (rows.version, live)
        return live

    def _decide(self, name: str, rows: Rows, singles: list, arrays: list) -> None:
        rows.refresh()
        hub_part = rows.hub_part(int(rows.members[0]))
        pointed: dict[int, int] = {}
        for pointer, _, weight in rows.pointed:
            r = self.cells[f"P_{pointer}"][self.hub]
            if r >= 0 and rows.is_member[r]:
                pointed[r] = pointed.get(r, 0) + weight
        for code, decision in self.live_classes(name, rows, hub_part, [rows.cells[r] for r in pointed]):
            alike = np.flatnonzero(rows.codes == code)
            if pointed:
                alike = alike[~np.isin(alike, list(pointed))]
            if len(alike) <= FEW:
                for r in alike.tolist():
                    self._apply(name, r, decision, singles)
            else:
                for register, _, array, _, value in map(self.operations[name].__getitem__, decision):
                    arrays.append((register, array, alike, value(alike)))
        for r, bits in pointed.items():
            self._apply(name, r, self.decision(name, rows.cells[r] + hub_part + bits), singles)

    def _apply(self, name: str, r: int, decision: tuple, singles: list) -> None:
        operations = self.operations[name]
        for place in decision:
            register, cells, _, value, _ = operations[place]
            singles.append((register, cells, r, value(r)))

    def _commit(self, singles: list, arrays: list) -> None:
        """Do all writes of a tick together, and mark who has to be looked at again."""
        few: dict[str, list] = {}
        many: dict[str, list] = {}
        for register, array, rows, value in arrays:
            old = array[rows]
            moved = ~((old == value) | ((old != old) & (value != value)))
            array[rows] = value
            if moved.any():
                many.setdefault(register, []).append(rows[moved])
        for register, cells, r, value in singles:
            if cells[r] != value:
                cells[r] = value
                few.setdefault(register, []).append(r)
        for register in few.keys() | many.keys():
            for mark in self.dependents.get(register, ()):
                mark(few.get(register, ()), many.get(register, ()))


def execute(policy: Policy, instance: Instance, watch: Callable | None = None, wake_all: bool = False) -> Engine:
    """Iterate the learned step on an instance, until it halts or meets the cap; `watch(engine)` sees every state."""
    engine = Engine(policy, instance, wake_all)
    cap = cap_of(instance)
    if watch:
        watch(engine)
    while not engine.halted and engine.ticks < cap:
        engine.tick()
        if watch:
            watch(engine)
    return engine
