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

`first` takes the first eligible neighbour in index order, `argmin` the one with the least key; `total` adds up a key
over all that are eligible. What is eligible is for the network to learn: the predicate serves this recorder alone.

A loop's body, and a predicate, is run not for every row but once for all rows that go the same way through it
(`algorithms/recording/branches.py`): what it does beside the machine (a print, say) happens once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from algorithms.errors import AuthorError
from algorithms.machine.probes import HALT
from algorithms.machine.program import RELATION, Group, Machine
from algorithms.machine.state import Instance
from algorithms.machine.terms import Column, Const, Eligible, FieldIs, Head, Keep, Nil, Operation
from algorithms.phases import site_of
from algorithms.recording.memory import reached
from algorithms.recording.observer import Written
from algorithms.recording.writes import Recorder
from algorithms.spec import Spec

__all__ = ["Recording", "Run", "record"]


@dataclass
class Recording:
    """What all runs of one program so far have shown of it."""

    spec: Spec
    columns: dict[str, dict] = field(default_factory=dict)  # group -> {column: phases in which it was looked at}
    operations: dict[str, dict] = field(default_factory=dict)
    writes: dict[str, dict] = field(default_factory=dict)
    heads: dict[str, Head] = field(default_factory=dict)
    # what runs have worked out of the program's text, kept for the next ones (`algorithms/recording/reads.py`)
    interned: dict = field(default_factory=dict, repr=False)  # expressions and columns, each made once
    views: dict = field(default_factory=dict, repr=False)
    acted: set = field(default_factory=set, repr=False)
    names: dict = field(default_factory=dict, repr=False)
    undefined: set = field(default_factory=set, repr=False)  # (register, line) that gave it NaN

    def __post_init__(self):
        self.reached = reached(self.spec.program)
        self.phases = {name: i for i, name in enumerate(self.spec.phases)}

    def machine(self) -> Machine:
        """The recorded machine. Columns and operations are in the order of their text: runs in another order agree."""
        domains = {p.name: [str(v) for v in p.values] for p in self.spec.probes if p.register == "field"}
        domains["phase"] = list(self.spec.phases)
        groups = {}
        by_text = lambda terms: sorted(terms, key=lambda t: (type(t).__name__, t.text))
        for kind in sorted(set(self.writes) | {"hub"}):
            phase = FieldIs(() if kind == "hub" else ("hub",), "phase")
            columns = [phase, *by_text(set(self.columns.get(kind, ())) - {phase})]
            looks = self._looks(kind, columns)
            writes = sorted(self.writes.get(kind, ())) + ([("phase", "phase")] if kind == "hub" else [])
            ops: list[Operation] = [Keep()]
            for register, name in writes:
                if register in ("field", "phase"):
                    ops += [Const(name, i) for i in range(len(domains[name]))]
            recorded = set(self.operations.get(kind, ()))
            if any(register == "pointer" for register, _ in writes):
                recorded.add(Nil())
            groups[kind] = Group(kind, columns, writes, ops + by_text(recorded), domains, looks)
        for relation in sorted({head.relation for head in self.heads.values()}):
            name, phase = RELATION + relation, FieldIs(("hub",), "phase")
            columns = [phase, *by_text(set(self.columns.get(name, ())) - {phase})]
            heads = [("select", h) for h in sorted(self.heads) if self.heads[h].relation == relation]
            looks = self._looks(name, columns)
            groups[name] = Group(name, columns, heads, [Eligible(False), Eligible(True)], domains, looks)
        return Machine(self.spec.name, groups, domains, dict(sorted(self.heads.items())))

    def _looks(self, group: str, columns: list[Column]) -> list[tuple[int, ...]]:
        """Of each phase, the places of the columns that a group was seen to look at; the first, the phase, always."""
        phases = [self.columns.get(group, {}).get(c, ()) for c in columns]
        return [tuple(i for i, p in enumerate(phases) if not i or at in p) for at in range(len(self.phases))]


@dataclass
class Run:
    """One run. states: T + 1 snapshots (ints, floats); asks[t]: what rows selected (`selections.py`); lines[t]: every
    write."""

    instance: Instance
    ticks: int = 0
    states: list = field(default_factory=list)
    asks: list = field(default_factory=list)
    lines: list[list[Written]] = field(default_factory=list)


def record(
    spec: Spec,
    instance: Instance,
    recording: Recording,
    states: bool = True,
    most: int | None = None,
    watch: Callable[[Instance], None] | None = None,
) -> Run:
    """Run the program on an instance, whose state it leaves as the final one. `states=False` keeps no snapshots; it is
    left after `most` ticks, where it has not ended before. `watch(instance)` sees the state after every tick.

    Raises AuthorError where the program asks for what the machine cannot do in one step.
    """
    with np.errstate(all="ignore"):  # numbers are as Python's, which say nothing of what is undefined
        return _record(Recorder(spec, instance, recording), states, most, watch)


def _record(r: Recorder, states: bool, most: int | None, watch: Callable[[Instance], None] | None) -> Run:
    spec, instance, recording = r.spec, r.instance, r.recording
    run, phase = Run(instance), instance.fields["phase"]
    if states:
        run.states.append((instance.ints.copy(), instance.floats.copy()))
    generator = r.start()
    limit = 100 + 20 * spec.bound(instance)
    while True:
        try:
            next(generator)
            done = False
        except StopIteration as end:
            done = True
            if end.value is not None:
                raise AuthorError(
                    f"{spec.name}: returns {end.value!r}; an answer is read off registers, `outputs`"
                ) from None
        except Exception as e:
            raise (r.failure if e is r.failure else r.raised(e)) from (None if e is r.failure else e)
        if r.failure:  # the program caught it
            raise r.failure
        if r.left_early:
            raise AuthorError(
                f"{spec.name}, line {r.left_early}: leaves a loop over rows, which is one step of all of them at once; "
                "select a row with `first`, or skip the body by a test"
            )
        name = HALT if done else _position(r, generator)
        r.commit()
        phase[r.hub_row] = recording.phases[name]
        run.ticks += 1
        if watch is not None:
            watch(instance)
        run.asks.append(r.asks)
        if states:
            run.states.append((instance.ints.copy(), instance.floats.copy()))
            run.lines.append(r.writes_made)
        if done or run.ticks == most:
            return run
        if run.ticks > limit:
            raise AuthorError(
                f"{spec.name}, line {generator.gi_frame.f_lineno}: {limit} ticks and no end; does the program halt, "
                "is its bound `ticks` right?"
            )
        r.next_tick()


# ---------------------------------------------------------------- where the program stands
def _position(r: Recorder, generator) -> str:
    """The phase: yield sites of the generator and of those it yields from, outermost first."""
    parts, frames = [], []
    while generator is not None:
        frame, inner = generator.gi_frame, generator.gi_yieldfrom
        if r.turn.depth and inner is None:
            raise AuthorError(
                f"{r.spec.name}, line {frame.f_lineno}: a `yield` inside a loop over rows, which is one step; "
                "put it after the loop"
            )
        frames.append(frame)
        parts.append(f"{frame.f_code.co_name}.{site_of(frame.f_code, frame.f_lineno)}")
        generator = inner
    if remembered := r.memory.look(frames):
        frame, what = remembered
        raise r.error(frame.f_code.co_filename, frame.f_lineno, what)
    phase = "/".join(parts)
    if phase not in r.recording.phases:
        raise AuthorError(f"{r.spec.name}, line {frame.f_lineno}: the text does not show how the program comes here")
    return phase
