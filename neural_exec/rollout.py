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

from algorithms.machine import FUNCTIONS, Group, Instance
from algorithms.terms import Const, Equal, FieldIs, NilTest
from neural_exec.policy import Policy

__all__ = ["Engine"]

_FEW = 12  # rows up to which a loop over single rows is faster than arrays


class _Rows:
    """The rows of a kind, or the edges of a relation: the kept parts of their contexts, counted by class."""

    def __init__(self, group: Group, members: np.ndarray, size: int, few: dict, many: dict):
        self.group, self.members, self.heads = group, members, [h for _, h in group.registers]
        local, hub, self.pointed = [], [], []
        for c, column in enumerate(group.columns):
            end = _pointed(column)
            if isinstance(column, FieldIs | NilTest) and column.path[:1] == ("hub",):
                hub.append(c)
            elif end is not None:
                self.pointed.append((*end, group.weights[c]))
            else:
                local.append(c)
        compile_ = lambda columns, names: eval(f"lambda r: {group.code_source(columns)}", names)
        self.local_few, self.local_many = compile_(local, few), compile_(local, many)
        self.hub_part = compile_(hub, few)
        self.local = [group.columns[c] for c in local]
        self.codes = np.full(size, -1)
        self.cells = memoryview(self.codes)
        self.inside = np.zeros(size, bool)
        self.inside[members] = True
        self.is_member = self.inside.tolist() if size < 1 << 20 else self.inside
        self.count: dict[int, int] = {}
        self.version = 0  # of the set of classes
        self.live: dict[int, tuple[int, list]] = {}  # hub part -> (version, classes whose decision is not keep)
        self.few: list[int] = []
        self.many: list[np.ndarray] = [members]

    def refresh(self) -> np.ndarray | list[int]:
        """Renew the kept part of the rows marked as dirty; returns those whose class changed."""
        if self.many or len(self.few) > 4 * _FEW:
            rows = np.unique(np.concatenate([*self.many, np.array(self.few, np.int64)]))
            rows = rows[self.inside[rows]]
            new = np.broadcast_to(self.local_many(rows), rows.shape)
            moved = new != self.codes[rows]
            rows, new = rows[moved], new[moved]
            for codes, sign in ((self.codes[rows], -1), (new, 1)):
                for code, n in zip(*(x.tolist() for x in np.unique(codes, return_counts=True))):
                    self._count(code, sign * n)
            self.codes[rows] = new
            self.many = []
        else:
            cells, local, is_member, rows = self.cells, self.local_few, self.is_member, []
            for r in self.few:
                if is_member[r]:
                    new, old = local(r), cells[r]
                    if new != old:
                        self._count(old, -1)
                        self._count(new, 1)
                        cells[r] = new
                        rows.append(r)
        self.few = []
        return rows

    def _count(self, code: int, n: int) -> None:
        if code >= 0:
            left = self.count.get(code, 0) + n
            if left:
                if code not in self.count:
                    self.version += 1
                self.count[code] = left
            else:
                del self.count[code]
                self.version += 1


def _pointed(column) -> tuple[str, str] | None:
    """(hub's pointer, which end) of a column "the hub points at me" (or at the edge's src or dst)."""
    if isinstance(column, Equal):
        for a, b in ((column.a, column.b), (column.b, column.a)):
            if len(a) == 2 and a[0] == "hub" and b in ((), ("src",), ("dst",)):
                return a[1], b[0] if b else "self"
    return None


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
        self.selected = {h: np.full(instance.size + 1, -1) for h in machine.heads}
        arrays = instance.namespace(self.selected)
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
                    self.relations[name] = _Relation(group, members, relation, self, machine)
            elif name != "hub" and len(instance.rows(name)):
                self.rows[name] = _Rows(group, instance.rows(name), instance.size, self.cells, self.arrays)
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
            for register, way in _reads(rows.local):
                add(register, self._marker(rows, way))
        for rows in self.relations.values():
            for register, way in _reads(rows.local):
                add(register, rows.marker(way))
            for key in rows.keys:
                for atom in key.atoms() if key is not None else ():
                    if atom.name != "weight" or atom.path != ("src",):
                        add(atom.name, rows.key_marker(atom.path[0]))

    def _marker(self, rows: _Rows, way: tuple) -> Callable:
        """A function of written rows that marks those of `rows` which see them along `way`."""
        if not way:
            return lambda few, many: (rows.few.extend(few), rows.many.extend(many))
        if way[0] == "hub":

            def mark(few, many):
                if self.hub in few or any((m == self.hub).any() for m in many):
                    rows.many.append(rows.members)

            return mark
        if way[0].startswith("@"):
            relation = self.relations.get("relation:" + way[0][1:].split("_by_")[0])

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

    def live_classes(self, name: str, rows: _Rows, hub_part: int, pointed: list[int]) -> list[tuple[int, object]]:
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

    def _decide(self, name: str, rows: _Rows, singles: list, arrays: list) -> None:
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
            if len(alike) <= _FEW:
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


def _reads(columns: list) -> set[tuple[str, tuple]]:
    """(register, along which path from the row) of everything that these columns read."""
    out = set()
    for c in columns:
        if isinstance(c, FieldIs):
            places = [(c.path, c.name)]
        elif isinstance(c, NilTest):
            places = [(c.path, None)]
        elif isinstance(c, Equal):
            places = [(c.a, None), (c.b, None)]
        else:
            places = [(a.path, a.name) for e in (c.a, c.b) for a in e.atoms()]
        for path, name in places:
            full = path if name is None or (name == "weight" and path and path[-1].startswith("@")) else (*path, name)
            for i, register in enumerate(full):
                if register not in ("src", "dst", "hub"):
                    out.add((register, full[:i]))
    return out


class _Relation(_Rows):
    """The edges of a relation, and what each receiver's heads select among them."""

    def __init__(self, group: Group, members: np.ndarray, relation, engine: Engine, machine):
        super().__init__(group, members, len(members), engine.cells, engine.arrays)
        self.src, self.dst, self.ptr = relation.src, relation.dst, relation.ptr
        self.by_src = np.argsort(self.src[:-1], kind="stable")
        self.src_ptr = np.searchsorted(self.src[:-1][self.by_src], np.arange(len(self.ptr)))
        self.receivers = np.unique(self.dst[:-1])
        self.selected = [engine.selected[h] for h in self.heads]
        self.keys = [machine.heads[h][1] for h in self.heads]
        self.key_many = [k and eval(f"lambda r: {k.source(group.relation)}", engine.arrays) for k in self.keys]
        self.active: list = []  # live classes at the last tick
        self.special: np.ndarray = np.zeros(0, np.int64)  # receivers of edges that the hub pointed at
        self.stale: list[np.ndarray] = []  # receivers whose keys changed
        self.readers = {h: [r for r in engine.rows.values() if _sees(r, h)] for h in self.heads}

    def edges_from(self, y: int) -> np.ndarray:
        return self.by_src[self.src_ptr[y] : self.src_ptr[y + 1]]

    def edges_from_all(self, rows: np.ndarray) -> np.ndarray:
        return self.by_src[_ranges(self.src_ptr[rows], self.src_ptr[rows + 1])]

    def marker(self, way: tuple) -> Callable:
        """Marks edges when rows at their src or dst are written; a column that also looks at the hub, all edges."""
        if way[0] == "hub":
            return lambda few, many: self.many.append(self.members)

        def mark(few, many):
            for y in few:
                self._mark(way[0], y)
            for m in many:
                ends = self.edges_from_all(m) if way[0] == "src" else _ranges(self.ptr[m], self.ptr[m + 1])
                self.many.append(ends)

        return mark

    def _mark(self, end: str, y: int) -> None:
        if end == "src":
            first, last = self.src_ptr[y], self.src_ptr[y + 1]
            edges = self.by_src[first:last]
        else:
            first, last = self.ptr[y], self.ptr[y + 1]
            edges = np.arange(first, last)
        if last - first <= 2:
            self.few.extend(edges.tolist())
        elif last > first:
            self.many.append(edges)

    def key_marker(self, end: str) -> Callable:
        """Marks receivers when a scalar that their keys are made of is written."""

        def mark(few, many):
            rows = np.concatenate([np.array(few, np.int64), *many])
            if end == "src":
                self.stale.append(self.dst[self.edges_from_all(rows)])
            else:
                self.stale.append(self.receivers if end == "hub" else rows)

        return mark

    def select(self, engine: Engine, name: str) -> None:
        """Bring the selections up to date."""
        moved = self.refresh()
        hub_part = self.hub_part(0)
        special, masks = self._pointed_edges(engine, name, hub_part)
        active = engine.live_classes(name, self, hub_part, self.codes[special].tolist())
        pointed_now = np.unique(self.dst[special]) if len(special) else special
        if active or self.active:
            if active == self.active and not engine.wake_all:
                changed = [self.dst[moved]] if len(moved) else []
                receivers = [*changed, *self.stale, self.special, pointed_now]
                receivers = np.unique(np.concatenate(receivers)) if len(receivers) > 0 else self.special
            else:
                receivers = self.receivers
        else:
            receivers = np.union1d(self.special, pointed_now) if len(self.special) else pointed_now
        self.active, self.special, self.stale = active, pointed_now, []
        if len(receivers):
            self._reselect(receivers, active, special, masks)

    def _pointed_edges(self, engine: Engine, name: str, hub_part: int) -> tuple[np.ndarray, np.ndarray]:
        """Edges at whose ends the hub points (ascending), and the heads that may select them."""
        found = []
        for pointer, end, weight in self.pointed:
            y = engine.cells[f"P_{pointer}"][engine.hub]
            if y >= 0:
                edges = self.edges_from(y) if end == "src" else np.arange(self.ptr[y], self.ptr[y + 1])
                found.append((edges, weight))
        if not found:
            return self.special[:0], self.special[:0]
        if len(found) == 1:
            edges, codes = found[0][0], self.codes[found[0][0]] + (hub_part + found[0][1])
        else:
            edges = np.unique(np.concatenate([e for e, _ in found]))
            codes = self.codes[edges] + hub_part
            for e, weight in found:
                codes[np.searchsorted(edges, e)] += weight
        if len(edges) <= 4 * _FEW:
            masks = np.array([engine.decision(name, c) for c in codes.tolist()], np.int64)
        else:
            kinds, which = np.unique(codes, return_inverse=True)
            masks = np.array([engine.decision(name, c) for c in kinds.tolist()], np.int64)[which]
        return edges, masks

    def _reselect(self, receivers: np.ndarray, active: list, special: np.ndarray, masks: np.ndarray) -> None:
        if not active:
            edges = special
        elif len(receivers) == len(self.receivers):
            edges = self.members
        else:
            edges = _ranges(self.ptr[receivers], self.ptr[receivers + 1])
        codes = self.codes[edges]
        for h, (head, selected) in enumerate(zip(self.heads, self.selected)):
            wanted = [c for c, mask in active if mask >> h & 1]
            eligible = np.isin(codes, wanted) if len(wanted) != 1 else codes == wanted[0]
            if len(special):
                at = np.searchsorted(edges, special) if active else slice(None)
                eligible[at] = masks >> h & 1 == 1
            chosen = edges[eligible]
            if len(chosen):
                into = self.dst[chosen]
                starts = np.flatnonzero(np.r_[True, into[1:] != into[:-1]])
                if self.key_many[h] is not None:
                    key = np.nan_to_num(self.key_many[h](chosen), nan=np.inf, posinf=np.inf, neginf=-np.inf)
                    best = np.minimum.reduceat(key, starts)
                    least = np.flatnonzero(key == np.repeat(best, np.diff(np.r_[starts, len(into)])))
                    chosen, into = chosen[least], into[least]
                    starts = np.flatnonzero(np.r_[True, into[1:] != into[:-1]])
                chosen, into = chosen[starts], into[starts]
            new = np.full(len(receivers), -1)
            if len(chosen):
                new[np.searchsorted(receivers, into)] = chosen
            moved = receivers[selected[receivers] != new]
            selected[receivers] = new
            if len(moved):
                for rows in self.readers[head]:
                    rows.many.append(moved)


def _sees(rows: _Rows, head: str) -> bool:
    return any(p == "@" + head for register, way in _reads(rows.local) for p in (*way, register))


def _ranges(starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """np.concatenate([np.arange(a, b) for a, b in zip(starts, stops)])"""
    sizes = stops - starts
    total = int(sizes.sum())
    if not total:
        return np.zeros(0, np.int64)
    first = np.cumsum(sizes) - sizes
    return np.repeat(starts - first, sizes) + np.arange(total)
