"""Decisions in, runs out: the kernel on a program's tables, or, where there is no kernel, the definition.

`Bound` is a program (`algorithms.machine.compiled`) on one topology, ready to run on any number of states. A context
that has no decision ends the tick before any write: it is asked for, and the tick begins again.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from algorithms.errors import ArgumentError
from algorithms.machine.compiled import (
    AGAIN,
    NO_MEMORY,
    UNKNOWN,
    AnswersStruct,
    AnswerTable,
    LayoutStruct,
    Program,
    RunStruct,
    kernel,
    program_of,
)
from algorithms.machine.definition import Decisions, Definition
from algorithms.machine.derivatives import Growing, Terms, Versioned
from algorithms.machine.log import Log, log_of, snapshot
from algorithms.machine.relations import Block
from algorithms.machine.state import Instance

__all__ = ["CAP", "SLICE", "Bound", "Execution", "cap_of", "execute"]

CAP = 2  # a run may take this many times the author's bound on ticks, and a few
SLICE = 3_000_000  # rows and writes looked at before Python has a say: some tenths of a second
_ASKED = 256  # contexts that are asked for together
_LOGGED = 1 << 16  # ticks whose writes are handed over together
_LARGE = 1 << 15  # rows of which the memory is given back


def cap_of(instance: Instance) -> int:
    """How many ticks a run may take."""
    return CAP * instance.spec.ticks(*instance.sizes[0]) + 8


@dataclass
class Execution:
    """What a run came to. met: group -> the context codes (n,) whose decisions it was given; engine: kernel or
    definition."""

    decisions: Decisions
    instance: Instance
    halted: bool
    ticks: int
    met: dict[str, set[int]]
    engine: str


# ---------------------------------------------------------------- a topology
class Bound:
    """A program on one topology, that of an instance of one graph. One thread at a time.

    ints (registers, N + 1) int32, scalars (scalars, N + 1) and weights (W + 1,) float64, each with its nil entry before
    the first: the instance's state, as the kernel takes it. Edges are those of a `Block`, which the instance's
    relations become part of.
    """

    kernel: ctypes.CDLL | None = None
    world: int | None = None  # the kernel's, where there is one

    def __init__(self, program: Program, instance: Instance):
        if len(instance.hubs) != 1:
            raise ArgumentError("an instance of one graph is needed")
        self.program, self.instance = program, instance
        self._laid = program  # whose tables the kernel's world holds, whatever `program` becomes
        self.forget()
        b, n, x = program.bytecode, instance.size, instance
        kind = x.kind
        starts = np.searchsorted(kind, np.arange(len(b.kinds) + 1)).astype(np.int64)
        edges = sum(len(x.relations.held(r)) + 1 for r in b.relations)
        if (np.diff(kind) < 0).any() or max(n, edges) + n >= 2**31:
            raise ArgumentError(f"{n} rows and {edges} edges are more than can be run")
        self._block = Block(x.relations, b.relations, len(b.weighed), n)
        self.weights, source, target = self._block.weights, self._block.source, self._block.target
        self.ints, self.scalars = np.empty((len(b.ints), n + 1), np.int32), np.empty((len(b.scalars), n + 1))
        for names, to, fixed, nil in (
            (b.ints, self.ints, x.static, -1),
            (b.scalars, self.scalars, x.constants, np.nan),
        ):
            for name, i in list(names.items())[b.written[to.dtype == np.float64] :]:
                to[i, 1:] = fixed[name][:-1] if name in fixed else nil
            to[:, 0] = nil
        self.load()
        pointers = self.ints[b.tables.is_pointer]
        if pointers.size and (pointers.min() < -1 or pointers.max() >= n):
            raise ArgumentError("a pointer leads out of the instance")
        self._check_phases(self.ints[None])
        if len(source) > 1 and (min(source.min(), target[1:].min()) < -1 or max(source.max(), target.max()) >= n):
            raise ArgumentError("an edge leads out of the instance")
        self.layout = dict(
            kind_start=starts, edge_start=self._block.start, source=source, target=target, into=self._block.into
        )
        self.kernel = kernel()
        if self.kernel is not None:
            at = {k: a.ctypes.data + (4 if k in ("source", "target") else 0) for k, a in self.layout.items()}
            self._struct = LayoutStruct(n, int(x.hubs[0]), edges, len(b.relations), **at)
            self.world = self.kernel.world_new(ctypes.byref(program.struct), ctypes.byref(self._struct))
            if not self.world:
                raise MemoryError(f"no memory for {n} rows and {edges} edges")

    def __del__(self):
        self._free()

    def _free(self) -> None:
        if self.kernel is not None and self.world:
            self.kernel.world_free(self.world)
            self.world = None

    def close(self) -> None:
        """The last call: the instance holds its relations itself, as it did before."""
        self._free()
        self._block.release(self.instance.relations)

    def load(self) -> None:
        """Take the state that the instance has now."""
        x, (ints, scalars) = self.instance, self.program.bytecode.written
        self.ints[:ints, 1:] = x.ints[:, :-1]
        self.scalars[:scalars, 1:] = x.floats[:, :-1]

    def store(self) -> None:
        """Give the instance the state reached."""
        x, (ints, scalars) = self.instance, self.program.bytecode.written
        x.ints[:, :-1] = self.ints[:ints, 1:]
        x.floats[:, :-1] = self.scalars[:scalars, 1:]

    def _check_phases(self, ints: np.ndarray) -> None:
        """Raises ArgumentError where states (B, registers, N + 1) are in a phase that there is not."""
        phase = ints[:, 0, int(self.instance.hubs[0]) + 1]
        if phase.size and not 0 <= phase.min() <= phase.max() < self.program.bytecode.tables.phases:
            raise ArgumentError("a state is in none of the program's phases")

    def run(
        self,
        ints: np.ndarray | None = None,
        scalars: np.ndarray | None = None,
        weights: np.ndarray | None = None,
        *,
        cap: int | None = None,
        stop: int = -1,
        ticks: np.ndarray | None = None,
        versions: tuple[np.ndarray, np.ndarray, int] | None = None,
        log: bool = False,
        met: dict[str, set[int]] | None = None,
        begin: bool = True,
        progress: Callable[[int], None] = lambda ticks: None,
    ) -> np.ndarray:
        """Run states of this topology in place, one after another: ints (B, registers, N + 1), scalars and weights
        likewise (or weights (W + 1,), the same for all); without them the one state that is here. Returns the ticks
        (B,) that each has done. stop: of one state, return before this tick; then go on with `ticks` and begin=False.
        versions: of scalars and weights, and how many inputs there are, for `terms`. met: filled with the contexts."""
        ints, scalars = self.ints[None] if ints is None else ints, self.scalars[None] if scalars is None else scalars
        weights = self.weights if weights is None else weights
        count = len(ints)
        ticks = np.zeros(count, np.int64) if ticks is None else ticks
        self._check_phases(ints)
        caps = np.full(count, cap_of(self.instance) if cap is None else cap, np.int64)
        if self.kernel is None:
            self._run_as_defined(ints, scalars, weights, caps, stop, ticks, versions, log, met)
            return ticks
        unknown = np.zeros((_ASKED, 2), np.int64)
        after = lambda a, size: a.ctypes.data + size
        r = RunStruct(
            count=count, begin=begin,
            ints=after(ints, 4), scalars=after(scalars, 8),
            weights=after(weights, 8), weight_stride=weights.shape[-1] if weights.ndim > 1 else 0,
            ticks=ticks.ctypes.data, caps=caps.ctypes.data, stop=stop, budget=SLICE, log=log,
            unknown=unknown.ctypes.data, unknown_size=_ASKED,
        )  # fmt: skip
        if versions is not None:
            r.versions, r.weight_versions = after(versions[0], 8), after(versions[1], 8)
            r.inputs = versions[2]
        self._run(self.kernel, r, unknown, met, progress, ticks, stop)
        return ticks

    def _run(
        self,
        kernel: ctypes.CDLL,
        r: RunStruct,
        unknown: np.ndarray,
        met: dict | None,
        progress: Callable,
        ticks,
        stop: int,
    ) -> None:
        program = self.program
        while True:
            table = program.table()
            seen = np.zeros(len(table.codes), np.uint8)
            answers = AnswersStruct(
                *(
                    a.ctypes.data
                    for a in (table.codes, table.decisions, seen, table.base, table.mask, table.first, table.writes)
                )
            )
            status = AGAIN
            while status == AGAIN:
                status = kernel.run_many(self.world, ctypes.byref(answers), ctypes.byref(r))
                if status == AGAIN:
                    progress(int(ticks[r.index]))
                    if ticks[r.index] == stop:
                        break
            if met is not None:
                self._gather(table, seen, met)
            if status == NO_MEMORY:
                raise MemoryError(f"no memory for a run on {self.instance.size} rows")
            if status != UNKNOWN:
                return
            asked = unknown[: min(r.unknowns, _ASKED)]
            for g in np.unique(asked[:, 0]).tolist():
                program.decisions.ask(program.groups[g], np.unique(asked[asked[:, 0] == g, 1]).tolist())
            r.unknowns = 0

    def _run_as_defined(self, ints, scalars, weights, caps, stop, ticks, versions, log, met) -> None:
        b, x = self.program.bytecode, self.instance.copy()
        names = list(b.scalars)[b.written[1] :]
        for i in range(len(ints)):
            x.ints[:, :-1] = ints[i, : b.written[0], 1:]
            x.floats[:, :-1] = scalars[i, : b.written[1], 1:]
            for name, a in zip(names, scalars[i, b.written[1] :, 1:]):
                x.constants[name] = np.append(a, np.nan)
            for name, first in zip(b.weighed, self.layout["edge_start"].tolist()):
                own, r = weights[i] if weights.ndim > 1 else weights, x.relations[name]
                r.weight[:-1] = own[1 + first : 1 + first + len(r)]
            run, states = Definition(self.program.decisions, x), [snapshot(x)]
            if versions is not None:
                own = versions[0][i], versions[1][i] if weights.ndim > 1 else versions[1]
                firsts = dict(zip(b.relations, self.layout["edge_start"].tolist()))
                run = Versioned(self.program.decisions, x, b.scalars, firsts, *own, versions[2], self._terms)
            run.ticks = int(ticks[i])
            while not run.halted and run.ticks < caps[i] and run.ticks != stop:
                run.tick()
                if log:
                    states.append(snapshot(x))
            ticks[i] = run.ticks
            ints[i, : b.written[0], 1:], scalars[i, : b.written[1], 1:] = x.ints[:, :-1], x.floats[:, :-1]
            if log:
                self._states.append(states)
            if met is not None:
                for g, codes in run.met.items():
                    met[g].update(codes)

    def _gather(self, table: AnswerTable, seen: np.ndarray, met: dict[str, set[int]]) -> None:
        for name, base, mask in zip(self.program.groups, table.base.tolist(), table.mask.tolist()):
            at = slice(base, base + mask + 1)
            met[name].update(table.codes[at][seen[at] != 0].tolist())

    def log(self) -> Log:
        """The writes of the runs since the last `forget`."""
        if self.kernel is None:
            return log_of(self._states)
        at_writes, at_ends, ticks = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_int64()
        count = self.kernel.world_log(self.world, *map(ctypes.byref, (at_writes, at_ends, ticks)))
        dtype = np.dtype([("row", np.int32), ("register", np.int32), ("value", np.int64)])
        writes = _copied(at_writes, count, dtype)
        rows, registers, values = (np.ascontiguousarray(writes[n]) for n in ("row", "register", "value"))
        return Log(rows, registers, values, _copied(at_ends, ticks.value, np.dtype(np.int64)))

    def terms(self) -> Terms:
        """What versions were made of in the runs since the last `forget`."""
        if self.kernel is None:
            return self._terms.terms()
        parts = [ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()]
        count = self.kernel.world_terms(self.world, *map(ctypes.byref, parts))
        ends = _copied(parts[1], count, np.dtype(np.int64))
        terms = _copied(parts[0], int(ends[-1]) if count else 0, np.dtype([("id", np.int64), ("factor", np.float64)]))
        ids, factors = (np.ascontiguousarray(terms[n]) for n in ("id", "factor"))
        return Terms(ends, ids, factors, _copied(parts[2], count, np.dtype(bool)))

    def forget(self) -> None:
        """Forget writes and terms."""
        self._states: list[list[tuple[np.ndarray, np.ndarray]]] = []  # these where there is no kernel
        self._terms = Growing()
        if self.kernel is not None:
            self.kernel.world_forget(self.world)


def _copied(pointer: ctypes.c_void_p, count: int, dtype: np.dtype) -> np.ndarray:
    out = np.empty(count, dtype)
    ctypes.memmove(out.ctypes.data, pointer, out.nbytes)
    return out


# ---------------------------------------------------------------- runs
def execute(
    decisions: Decisions,
    instance: Instance,
    watch: Callable[[int, Instance], None] | None = None,
    log: Callable[[Log], None] | None = None,
    progress: Callable[[int], None] = lambda ticks: None,
    bound: Bound | None = None,
) -> Execution:
    """Run a machine on an instance of one graph, in place, until its hub halts or the cap is met. `watch(ticks,
    instance)` sees every state; `log(writes)` is given what changed, some ticks at a time; `progress(ticks)` is called
    now and then. bound: the program on the instance's topology, where it is laid there already.

    >>> import networkx as nx, neural_exec
    >>> from algorithms import get
    >>> from algorithms.trace import lay_out
    >>> run = execute(neural_exec.load().policy("bfs"), lay_out(get("bfs"), nx.path_graph(3), {"source": 0}))
    >>> run.halted, run.ticks
    (True, 5)
    """
    own = bound is None
    if bound is None:
        bound = Bound(program_of(decisions, instance.spec), instance)
    elif bound.instance is not instance:
        bound.instance = instance
        bound.load()
    met: dict[str, set[int]] = {g: set() for g in decisions.machine.groups}
    ticks, hub, halt = np.zeros(1, np.int64), int(instance.hubs[0]), decisions.machine.halt()
    library = bound.kernel
    try:
        if watch is not None:
            watch(0, instance)
        while bound.ints[0, hub + 1] != halt and ticks[0] < cap_of(instance):
            stop = -1 if watch is None and log is None else int(ticks[0]) + (_LOGGED if watch is None else 1)
            bound.run(stop=stop, ticks=ticks, log=log is not None, met=met, begin=not ticks[0], progress=progress)
            if log is not None:
                log(bound.log())
                bound.forget()
            if watch is not None:
                bound.store()
                watch(int(ticks[0]), instance)
        bound.store()
    finally:
        if own:
            bound.close()
    halted = bool(instance.fields["phase"][hub] == halt)
    engine = "definition" if library is None else "kernel"
    if own and library is not None and instance.size > _LARGE:
        bound = None  # with all that it holds
        library.give_back()
    return Execution(decisions, instance, halted, int(ticks[0]), met, engine)
