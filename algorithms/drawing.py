"""Traces of a program, drawn fast: the engine runs the program's own decisions, as its recorded runs show them.

The decisions are a table (`algorithms/saturated.py`), made once in a process. Inputs that are laid out alike are run in
one call. An input that leads to what no recorded run has met is recorded, and the table learns from it. Of every draw
some inputs are recorded as well and compared, change by change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from threading import Lock

import numpy as np

from algorithms import registry
from algorithms.contexts import draw as draw_run
from algorithms.course import Changes
from algorithms.errors import AuthorError
from algorithms.machine.compiled import program_of
from algorithms.machine.definition import Decisions
from algorithms.machine.engine import cap_of, execute
from algorithms.machine.log import Log
from algorithms.machine.state import Instance
from algorithms.machine.together import Together, alike
from algorithms.recording.record import Recording, record
from algorithms.saturated import Missing, Saturated, grown
from algorithms.spec import Spec
from algorithms.trace import Trace, lay_out

__all__ = ["EVERY", "Traces", "draw", "drawn", "ran", "trace"]

_RUNS = 60  # recorded for a table
_LONG = 20_000  # ticks of a run that is worth a table
_PROVED = 250_000  # rows and ticks of a run that are compared
EVERY = 1000  # of so many inputs one is compared
_AT_ONCE = 1 << 21  # ticks and numbers of states that are run together
_LEARNT = 3_000_000  # rows and edges in all states of a run that a table learns from


class Traces(Sequence):
    """Traces of one algorithm, each made when it is asked for; held are their writes. proven: which of them are known
    to be the recorder's."""

    def __init__(self, changes: list[Callable[[], Changes]], proven: list[int]):
        self._changes, self.proven = changes, proven

    def __len__(self) -> int:
        return len(self._changes)

    def __getitem__(self, i):
        if isinstance(i, slice):
            return [self[j] for j in range(len(self))[i]]
        return Trace.of(self.changes(i))

    def changes(self, i: int) -> Changes:
        """What one of the runs changed, and the state at its end."""
        return self._changes[i]()


def draw(name: str, count: int, n: int = 16, seed: int = 0, families: Iterable[str] | None = None) -> Traces:
    """Traces of so many random inputs of about n nodes, of its sampler's families in turn ("training" if not said).

    >>> import algorithms
    >>> traces = algorithms.draw("insertion_sort", 100, n=8)
    >>> len(traces), traces[3].outputs
    (100, {'item': item: output node pointer int64[8]})
    """
    spec, rng = registry.get(name), np.random.default_rng(seed)
    families = list(families or spec.families["training"])
    inputs = [spec.sample(rng, n, families[i % len(families)]) for i in range(count)]
    return drawn(spec, [lay_out(spec, data, arguments) for data, arguments in inputs])


def trace(name: str, data=None, **inputs) -> Trace:
    """The trace of the textbook program on a networkx graph or a list (None where all is given by name).
    Where an algorithm only compares numbers, and one of them is no float64, its probes hold their ranks.

    Raises UnknownAlgorithmError, and GraphError, InputError or ArgumentError for input outside the contract.
    """
    return Trace.of(ran(registry.get(name), data, inputs))


def ran(spec: Spec, data, arguments: dict) -> Changes:
    """What a run of the textbook program changed, and the state at its end. Raises what `trace` does."""
    instance = lay_out(spec, data, arguments)
    if spec.bound(instance) > _LONG:
        return drawn(spec, [instance]).changes(0)
    changes = Changes(instance)
    record(spec, instance, Recording(spec), states=False, watch=changes.see)
    return changes


def drawn(spec: Spec, instances: list[Instance]) -> Traces:
    """Traces of inputs that are laid out; they stay as they are. Raises AuthorError where what the recorded runs show
    is not what the program does."""
    with _LOCK:
        source = _SOURCES.get(spec.name)
        if source is None or source.spec is not spec:
            source = _SOURCES[spec.name] = _Source(spec)
        return source.draw(instances)


class _Source:
    """A program's table, and what it was recorded with."""

    def __init__(self, spec: Spec):
        self.spec, self.recording, self.judge = spec, Recording(spec), Recording(spec)
        rng, families = np.random.default_rng(0), spec.families["training"]
        self.runs = [
            draw_run(spec, self.recording, rng, 1 + i % 12, families[i % len(families)])[0] for i in range(_RUNS)
        ]
        self.tabulate()

    def tabulate(self) -> None:
        self.table = Saturated(self.spec, self.recording.machine())
        self.table.add(self.runs)

    def draw(self, instances: list[Instance]) -> Traces:
        changes: list = [None] * len(instances)
        while left := [i for i, found in enumerate(changes) if found is None]:
            table = self.table
            for places in self.together(instances, left):
                self.run(instances, places, changes)
                if self.table is not table:  # they may not be laid out alike to another machine
                    break
        proven = list(range(0, len(instances), EVERY))
        for i in proven:
            self.prove(instances[i], changes[i]())
        return Traces(changes, proven)

    def together(self, instances: list[Instance], left: list[int]) -> Iterator[list[int]]:
        """The places of instances that are laid out alike, few enough to be run together."""
        for group in alike([instances[i] for i in left], program_of(self.table, self.spec)):
            places = [left[b] for b in group]
            x = instances[places[0]]
            most = max(1, int(_AT_ONCE / (self.spec.ticks(*x.sizes[0]) + x.ints.size + x.floats.size)))
            yield from (places[i : i + most] for i in range(0, len(places), most))

    def run(self, instances: list[Instance], places: list[int], changes: list) -> None:
        """The changes of some instances that are laid out alike; where the table becomes one of another machine, of
        some of them."""
        table = self.table
        while places and self.table is table:
            batch = _Batch(table, [instances[i] for i in places])
            try:
                doubted = batch.run()
            except Missing:
                doubted = [batch.reached()]
            else:
                for b, i in enumerate(places):
                    changes[i] = partial(batch.changes, b)
            doubted = [places[b] for b in doubted]
            for i in doubted:
                changes[i] = partial(_as_is, self.record(instances[i]))
            places = [i for i in places if changes[i] is None]

    def record(self, instance: Instance) -> Changes:
        """By the recorder; the table learns from it."""
        x = instance.copy()
        changes, size = Changes(x), x.size + sum(map(len, x.relations.values()))
        learns = self.spec.bound(x) * size <= _LEARNT
        run = record(self.spec, x, self.recording, states=learns, watch=changes.see)
        if learns:
            self.table = grown(self.table, self.recording, [*self.runs, run])
        elif self.recording.machine().to_dict() != self.table.machine.to_dict():
            self.tabulate()
        return changes

    def prove(self, instance: Instance, changes: Changes) -> None:
        """Raises AuthorError where the recorder's run, or the first part of a long one, shows other changes."""
        x = instance.copy()
        told, most = Changes(x), max(100, _PROVED // x.size)
        record(self.spec, x, self.judge, states=False, most=most, watch=told.see)
        if other := told.differs(changes):
            raise AuthorError(f"{self.spec.name}: in a run of its recorded decisions {other} is not what it writes")


_SOURCES: dict[str, _Source] = {}
_LOCK = Lock()


def _as_is(changes: Changes) -> Changes:
    return changes


class _Batch:
    """Runs of a table on instances of one topology, whose own state is not touched."""

    def __init__(self, table: Saturated, instances: list[Instance], together: Together | None = None):
        self.table, self.instances, self.together, x = table, instances, together, instances[0]
        self.long = len(instances) == 1 and x.spec.ticks(*x.sizes[0]) > _LONG

    def run(self) -> list[int]:
        """Run all; those are told that may be other ones than the program's, since they turned on edges of which it is
        open whether one is eligible. Raises Missing, and AuthorError where one does not end."""
        met, halted = self._run(self.table)
        if not halted:
            x = self.instances[0]
            raise AuthorError(f"{x.spec.name}: its recorded decisions come to no end in {cap_of(x)} ticks")
        if not any(met[group] & codes for group, codes in self.table.open.items()):
            self.together = None
            return []
        other = type(self)(self.table, self.instances, self.together)
        other._run(self.table.generous)
        self.together = None
        return [b for b in range(len(self.instances)) if self._told(b) != other._told(b)]

    def _run(self, decisions: Decisions) -> tuple[dict, bool]:
        """What contexts were met; did all end?"""
        return self._one(decisions) if self.long else self._many(decisions)

    def _one(self, decisions: Decisions) -> tuple[dict, bool]:
        """A long run, whose writes are put together some ticks at a time."""
        x, self.digest = self.instances[0].copy(), sha256()
        self.whole = Changes(x)

        def log(writes: Log) -> None:
            self.whole.add(writes)
            for a in (writes.rows, writes.registers, writes.values, writes.ends):
                self.digest.update(a.tobytes())

        run = execute(decisions, x, log=log)
        return run.met, run.halted

    def _many(self, decisions: Decisions) -> tuple[dict, bool]:
        program = program_of(decisions, self.instances[0].spec)
        if self.together is None:
            self.together = Together(program, self.instances)
        else:
            self.together.again(program)
        runs, met = self.together, {g: set[int]() for g in decisions.machine.groups}
        runs.run(log=True, met=met)
        self.ints, self.scalars, self.ticks = runs.ints, runs.scalars, runs.ticks
        self.written, self.until, self.log = program.bytecode.written, np.cumsum(runs.ticks), runs.bound.log()
        return met, bool(runs.halted.all())

    def _told(self, b: int) -> bytes:
        """What one of the runs wrote, to compare it."""
        if self.long:
            return self.digest.digest()
        return b"".join(a.tobytes() for a in vars(self._log(b)).values())

    def reached(self) -> int:
        """Whose run met what is missing."""
        return 0 if self.together is None else int(np.argmin(self.together.halted))

    def changes(self, b: int) -> Changes:
        """Of one of the runs."""
        if self.long:
            return self.whole
        x, (ints, scalars) = self.instances[b].copy(), self.written
        changes = Changes(x)
        changes.add(self._log(b))
        x.ints[:, :-1], x.floats[:, :-1] = self.ints[b, :ints, 1:], self.scalars[b, :scalars, 1:]
        return changes

    def _log(self, b: int) -> Log:
        """What one of the runs wrote."""
        ticks, log = slice(self.until[b] - self.ticks[b], self.until[b]), self.log
        start = int(log.ends[ticks.start - 1]) if ticks.start else 0
        ends = log.ends[ticks] - start
        writes = slice(start, start + int(ends[-1]) if len(ends) else start)
        return Log(log.rows[writes], log.registers[writes], log.values[writes], ends)
