"""The learned step, iterated on many graphs at once until the network halts each of them.

The graphs stand side by side in one instance (`algorithms.joining`). Every tick is what `neural_exec.rollout` does
on one graph, bit by bit, done on arrays of all graphs' rows: the network's decisions are looked up per distinct
context, and asked of the network where one is new. A graph that has halted, or met its cap, is left alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from algorithms.machine import FUNCTIONS, RELATION, Instance, signs
from algorithms.terms import Const, Set, locate
from neural_exec.batch_edges import BatchEdges
from neural_exec.batch_rows import BatchRows
from neural_exec.batch_whole import WholeEdges, WholeRows
from neural_exec.policy import Policy
from neural_exec.rollout import cap_of
from neural_exec.wake import reads

__all__ = ["BatchEngine", "together"]


def together(instance: Instance, count: int, whole: bool = False) -> bool:
    """Are so many graphs like this one done sooner at once than one after another? From 4 on; from 32 where a run has
    many more ticks than rows, so that little happens in each of them; where they are run whole, from a quarter of that.
    (Both come to the same.)"""
    sequential = instance.spec.ticks(*instance.sizes[0]) > 6 * instance.size
    return count * (4 if whole else 1) >= (32 if sequential else 4)


class BatchEngine:
    """Executes a policy on a joined instance, in place.

    log: told of every write to a scalar (`neural_exec.gradients.Log`), or None. whole: look at everything in each tick
    (`neural_exec.batch_whole`; what contexts were `met` is then not known). ticks, running, halted: (B,), of each
    graph. `reset` takes the state that the instance has then for a new run; the topology stays.

    >>> import networkx as nx, neural_exec
    >>> from algorithms import get
    >>> from algorithms.joining import join
    >>> from algorithms.trace import lay_out
    >>> graphs = join([lay_out(get("bfs"), nx.path_graph(n), {"source": 0}) for n in (3, 5)])
    >>> BatchEngine(neural_exec.load().policy("bfs"), graphs).run().ticks.tolist()
    [5, 7]
    """

    def __init__(self, policy: Policy, instance: Instance, log=None, whole: bool = False):
        self.policy, self.instance, self.log, self.whole = policy, instance, log, whole
        machine, self.count = policy.machine, len(instance.hubs)
        self.phase, self.halt = instance.fields["phase"], machine.halt()
        self.caps = np.array([cap_of(instance, g) for g in range(self.count)])
        self.selected = {h: np.full(instance.size + 1, -1) for h, head in machine.heads.items() if not head.total}
        self.totals = {h: np.zeros(instance.size + 1) for h, head in machine.heads.items() if head.total}
        self.arrays = instance.namespace(machine.heads, self.selected, self.totals)
        self.names = FUNCTIONS | {"sign": signs} | self.arrays
        self.asked: dict[str, set[int]] = {}
        self._start()
        self.relations, self.rows = {}, {}
        edges_kind, rows_kind = (WholeEdges, WholeRows) if whole else (BatchEdges, BatchRows)
        for name, group in machine.groups.items():
            if group.relation:
                if len(instance.relations[group.relation]):
                    self.relations[name] = edges_kind(group, instance.relations[group.relation], self, machine.heads)
            elif len(members := instance.rows(name)):
                self.rows[name] = rows_kind(group, members, instance.graph, instance.size, self)
        self.decisions = {name: [()] for name in self.rows}  # of rows, by number; 0 does nothing
        self._numbers = {name: {(): 0} for name in self.rows}
        self.operations = {name: self._operations(rows.group) for name, rows in self.rows.items()}
        self.flag = np.zeros(instance.size + 1, bool)
        self.dependents: dict[str, list[Callable]] = {}
        self.readers: dict[str, list[BatchRows]] = {}
        if not whole:
            self._depend()

    def _start(self) -> None:
        self.ticks = np.zeros(self.count, np.int64)
        self.running = self.phase[self.instance.hubs] != self.halt
        self.running_hubs = self.instance.hubs[self.running]

    def reset(self) -> None:
        """Begin again, from the state that the instance has now."""
        self._start()
        for selected in self.selected.values():
            selected[:] = -1
        for totals in self.totals.values():
            totals[:] = 0.0
        for rows in (*self.rows.values(), *self.relations.values()):
            rows.reset()
        self.asked = {}

    def compiled(self, source: str) -> Callable:
        return eval(f"lambda r: {source}", self.names)

    def _operations(self, group) -> dict:
        """(register, operation) places -> (register's name, its array, value for rows, what the log makes of it)."""
        out = {}
        for r, (_, name) in enumerate(group.registers):
            for o in np.flatnonzero(group.valid[r]).tolist():
                op = group.operations[o]
                source = str(op.value) if isinstance(op, Const) else getattr(op, "source", lambda: "None")()
                logged = self.log.compile(op.value, self) if self.log and isinstance(op, Set) else None
                out[r, o] = (name, self.instance.register(name), self.compiled(source), logged)
        return out

    # -------------------------------------------------------- who has to be looked at again after which write
    def _depend(self) -> None:
        add = lambda register, mark: self.dependents.setdefault(register, []).append(mark)
        for rows in self.rows.values():
            for register, way in sorted(reads(rows.local)):
                if register.startswith("@"):
                    self.readers.setdefault(register[1:], []).append(rows)
                else:
                    add(register, self._row_marker(rows, way))
        for edges in self.relations.values():
            for register, way in sorted(reads(edges.local)):
                add(register, self._edge_marker(edges, way))
            for key in edges.keys:
                for atom in key.atoms() if key is not None else ():
                    if atom.name != "weight" or atom.path != ("src",):
                        add(atom.name, self._key_marker(edges, atom.path))

    def _row_marker(self, rows: BatchRows, way: tuple) -> Callable:
        """A function of written rows that marks those of `rows` which see them along `way`."""
        if not way:
            return rows.dirty_add
        if len(way) == 1 and way[0].startswith("@"):
            edges = self.relations.get(RELATION + self.policy.machine.heads[way[0][1:]].relation)
            if edges is None:
                return lambda written: None
            return lambda written: rows.dirty_add(edges.selectors(way[0][1:], written))
        seen = self.compiled(locate(way))
        return lambda written: rows.dirty_add(rows.members[self._hits(seen(rows.members), written)])

    def _edge_marker(self, edges: BatchEdges, way: tuple) -> Callable:
        if way == ("src",):
            return lambda written: edges.dirty_add(edges.edges_from(written))
        if way == ("dst",):
            return lambda written: edges.dirty_add(edges.edges_into(written))
        seen = self.compiled(locate(way, edges.group.relation))
        return lambda written: edges.dirty_add(np.flatnonzero(self._hits(seen(edges.members), written)))

    def _key_marker(self, edges: BatchEdges, path: tuple) -> Callable:
        """Marks edges when a scalar that their keys are made of is written."""
        if path == ("src",):
            return lambda written: edges.stale.append(edges.edges_from(written))
        seen = self.compiled(locate(path, edges.group.relation))
        return lambda written: edges.stale.append(np.flatnonzero(self._hits(seen(edges.members), written)))

    def _hits(self, seen: np.ndarray, written: np.ndarray) -> np.ndarray:
        """Which of the rows seen (n,) were written, as booleans (n,)."""
        self.flag[written] = True
        out = self.flag[seen]
        self.flag[written] = False
        return out

    def _selection_changed(self, head: str, receivers: np.ndarray) -> None:
        for rows in self.readers.get(head, ()):
            rows.dirty_add(receivers)

    # -------------------------------------------------------- one tick
    def decide(self, group: str, codes: list[int]) -> list[int]:
        """The network's decisions for contexts, as numbers: of an edge its bit mask, of a row its place in
        `decisions`."""
        answers = self.policy.answers[group]
        new = sorted({c for c in codes if c not in answers})
        if new:
            self.policy.ask(group, new)
            self.asked.setdefault(group, set()).update(new)
        found = [answers[c] for c in codes]
        if group not in self.rows:
            return found
        numbers, decisions = self._numbers[group], self.decisions[group]
        for decision in found:
            if decision not in numbers:
                numbers[decision] = len(decisions)
                decisions.append(decision)
        return [numbers[d] for d in found]

    def tick(self) -> None:
        """One step of every running graph, as the network decides it."""
        for edges in self.relations.values():
            edges.select(self._selection_changed)
        writes = []
        for name, rows in self.rows.items():
            acting, does = rows.act()
            if len(acting):
                self._apply(name, acting, does, writes)
        written: dict[str, list] = {}
        for register, array, rows, value, versions in writes:
            if register in self.dependents:
                old = array[rows]
                moved = old != value
                if array.dtype == np.float64:
                    moved &= (old == old) | (value == value)
                if moved.any():
                    written.setdefault(register, []).append(rows[moved])
            array[rows] = value
            if versions is not None:
                self.log.versions[register][rows] = versions
        for register, parts in written.items():
            for rows in parts:
                for mark in self.dependents[register]:
                    mark(rows)
        self.ticks += self.running
        self.running &= (self.phase[self.instance.hubs] != self.halt) & (self.ticks < self.caps)
        if len(self.running_hubs) != np.count_nonzero(self.running):
            self.running_hubs = self.instance.hubs[self.running]

    def _apply(self, name: str, rows: np.ndarray, does: np.ndarray, writes: list) -> None:
        """The writes of rows that do something, gathered by operation."""
        decisions, operations = self.decisions[name], self.operations[name]
        present = np.flatnonzero(np.bincount(does)).tolist()
        by_place: dict[tuple, list[int]] = {}
        for d in present:
            for place in decisions[d]:
                by_place.setdefault(place, []).append(d)
        for place, who in by_place.items():
            if len(who) == len(present):
                alike = rows
            elif len(who) == 1:
                alike = rows[does == who[0]]
            else:
                these = np.zeros(len(decisions), bool)
                these[who] = True
                alike = rows[these[does]]
            register, array, value, logged = operations[place]
            writes.append((register, array, alike, value(alike), logged(alike) if logged else None))

    def run(self, watch: Callable | None = None) -> BatchEngine:
        """Tick until all graphs have halted or met their caps; `watch(engine)` sees every state."""
        with np.errstate(all="ignore"):
            if watch:
                watch(self)
            while self.running.any():
                self.tick()
                if watch:
                    watch(self)
        return self

    @property
    def halted(self) -> np.ndarray:
        """(B,) bool: did the network end the run?"""
        return self.phase[self.instance.hubs] == self.halt

    def met(self, graph: int) -> dict[str, dict[int, None]]:
        """group -> the context codes that one graph met in this run."""
        every = {**self.rows, **self.relations}
        return {
            g: dict.fromkeys(sorted(every[g].codes_met(graph)) if g in every else ())
            for g in self.policy.machine.groups
        }
